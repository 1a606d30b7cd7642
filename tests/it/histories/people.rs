//! Who a commit says it is from: encodings, and lines that say it badly.

use super::lines;
use crate::support::{Commit, Repo, Script, assert_same_as_blame};

/// Commits with headers as they are given, one file each, and a last one from Ada.
fn of_headers(commits: &[(&[u8], &[u8])]) -> Repo {
    let repo = Repo::bare();
    let mut parent = String::new();
    let mut tree = Vec::new();
    for (number, (headers, message)) in commits.iter().enumerate() {
        let blob = repo.write_object("blob", lines(number % 3 + 1).as_bytes());
        tree.extend_from_slice(format!("100644 blob {blob}\tfile{number:03}\n").as_bytes());
        let tree = repo.git_with(["mktree"], &tree).line();
        let mut commit = format!("tree {tree}\n{parent}").into_bytes();
        commit.extend_from_slice(headers);
        commit.push(b'\n');
        commit.extend_from_slice(message);
        let id = repo.write_object("commit", &commit);
        parent = format!("parent {id}\n");
        repo.point_main_at(&id);
    }
    repo
}

/// One commit for each line that stands behind `author` and `committer`.
fn of_idents(idents: &[&[u8]]) -> Repo {
    let headers: Vec<Vec<u8>> =
        idents.iter().map(|ident| [b"author ", *ident, b"\ncommitter ", ident, b"\n"].concat()).collect();
    of_headers(
        &headers.iter().map(|headers| (headers.as_slice(), b"message\n".as_slice())).collect::<Vec<_>>(),
    )
}

#[test]
fn names_in_other_encodings() {
    let mut script = Script::default();
    let mut last = None;
    for (number, (encoding, name)) in (0..).zip([
        (Some("ISO-8859-1"), b"Ren\xe9 \x80\x9f".as_slice()),
        (Some("latin1"), b"Ren\xe9"),
        (Some("ISO-8859-15"), b"\xa4uro"),
        (Some("windows-1252"), b"\x80uro"),
        (Some("EUC-JP"), b"\xc6\xfc\xcb\xdc"),
        (Some("UTF-8"), b"Ren\xc3\xa9"),
        (Some("utf8"), b"not utf8: \xe9"),
        (None, b"Ren\xe9"),
        (None, b"Ren\xc3\xa9"),
        (Some("x-no-such-encoding"), b"Ren\xe9"),
        // Wrong: the bytes mean nothing in that encoding.
        (Some("EUC-JP"), b"Ren\xe9"),
        (Some("US-ASCII"), b"Ren\xe9"),
        (Some("ASCII"), b"Ren\xc3\xa9"),
        (Some(""), b"Ren\xe9"),
    ]) {
        let mut commit = Commit::on(last)
            .author(name, [name, b"@example.org"].concat())
            .message([b"from ", name, b"\n"].concat())
            .file(format!("{number:02}"), "x\n");
        if let Some(encoding) = encoding {
            commit = commit.encoding(encoding);
        }
        last = Some(script.add(commit));
    }
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("author Ren\u{e9} \u{80}\u{9f}\n"), "Latin-1 is shown in UTF-8");
}

#[test]
fn lines_that_name_nobody_properly() {
    let repo = of_idents(&[
        b"A U Thor <a@example.org> 1700000000 +0000",
        b"No Email <> 1700000000 +0000",
        b" <> 1700000000 +0000",
        b"<> 1700000000 +0000",
        b"<only@example.org> 1700000000 +0000",
        b"Extra <a@example.org>> 1700000000 +0000",
        b"Two <a@example.org> <b@example.org> 1700000000 +0000",
        b"Nested <a <b@example.org>> 1700000000 +0000",
        b"No Brackets a@example.org 1700000000 +0000",
        b"Not Closed <a@example.org 1700000000 +0000",
        b"Not Opened a@example.org> 1700000000 +0000",
        b"Wrong >Way< 1700000000 +0000",
        b"Spaces   <  a@example.org  > 1700000000 +0000",
        b"  Spaces before <a@example.org> 1700000000 +0000",
        b"Tab\t<a@example.org>\t1700000000\t+0000",
        b"Form feed\x0c<a@example.org> \x0c1700000000 \x0c+0000",
        b"Vertical tab\x0b <a@example.org>\x0b1700000000\x0b+0000",
        b"Control \x01\x1b[31m <a@example.org> 1700000000 +0000",
        b"",
        b"Name alone",
    ]);
    let blame = assert_same_as_blame(&repo);
    assert!(blame.contains("author (unknown)\nauthor-mail (unknown)\n"));
}

#[test]
fn dates_of_every_kind() {
    let dates: [&[u8]; 22] = [
        b"",
        b" ",
        b" 0 +0000",
        b" -1 +0000",
        b" -86400 -0500",
        b" 1700000000",
        b" 1700000000 ",
        b" 1700000000 0100",
        b" 1700000000 +1",
        b" 1700000000 +01:00",
        b" 1700000000 -1400",
        b" 1700000000 +99999",
        b" 1700000000 UTC",
        b" 4294967295 +0000",
        b" 4294967296 +0000",
        b" 9223372036854775808 +0000",
        b" 99999999999999999999999 +0000",
        b" 007 +0000",
        b" 1700000000.5 +0000",
        b" 1700000000 +0000 more",
        b"1700000000+0000",
        b" today",
    ];
    let idents: Vec<Vec<u8>> = dates.iter().map(|date| [b"Ada <ada@example.org>", *date].concat()).collect();
    let repo = of_idents(&idents.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let blame = assert_same_as_blame(&repo);
    assert!(blame.contains("author-time 4294967296\n"), "beyond 2106");
}

#[test]
fn messages_of_every_kind() {
    let ada: &[u8] = b"author Ada <ada@example.org> 1 +0000\ncommitter Ada <ada@example.org> 2 +0000\n";
    let messages: [&[u8]; 13] = [
        b"", b"\n", b"\n\n\n", b"\n\n  \n\t\nafter blank lines\nmore\n", b"no newline", b"  indented\n",
        b"trailing space  \nmore", b"\r\nafter CRLF\r\n", b"\x0c\nafter a form feed\n", b"\x0b\nafter a vertical tab\n",
        b"bytes \xff\xfe \x01 \x1b[31m\n", b"author Eve <eve@example.org> 3 +0000\n\nbody\n",
        b"a very long line: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
    ];
    let repo = of_headers(&messages.map(|message| (ada, message)));
    let blame = assert_same_as_blame(&repo);
    assert!(blame.contains("summary after blank lines\n"));
}

#[test]
fn headers_of_every_kind() {
    let person: &[u8] = b" Ada <ada@example.org> 1 +0000\n";
    let join = |parts: &[&[u8]]| parts.concat();
    let headers: Vec<Vec<u8>> = vec![
        join(&[b"author", person, b"committer", person]),
        join(&[b"committer", person, b"author", person]),
        join(&[b"author", person]),
        join(&[b"committer", person]),
        vec![],
        join(&[b"author", person, b"author Eve <eve@example.org> 2 +0000\ncommitter", person]),
        join(&[
            b"author",
            person,
            b"committer",
            person,
            b"gpgsig -----BEGIN\n \n author Eve <e@x> 1 +0000\n -----END\n",
        ]),
        join(&[
            b"author",
            person,
            b"committer",
            person,
            b"mergetag object 1\n type commit\n tagger Eve <e@x> 1 +0\n \n x\n",
        ]),
        join(&[b"author", person, b"committer", person, b"HG:extra x\nencoding ISO-8859-1\n"]),
        join(&[b"author", person, b"committer", person, b"encoding  ISO-8859-1\n"]),
        join(&[b"author", person, b"committer", person, b"encoding ISO-8859-1\nencoding UTF-8\n"]),
    ];
    let message: &[u8] = b"r\xe9sum\xe9\n";
    assert_same_as_blame(&of_headers(
        &headers.iter().map(|headers| (headers.as_slice(), message)).collect::<Vec<_>>(),
    ));
}

#[test]
fn a_commit_ends_where_a_c_string_ends() {
    let ada: &[u8] = b"author Ada <ada@example.org> 1 +0000\ncommitter Ada <ada@example.org> 2 +0000\n";
    assert_same_as_blame(&of_headers(&[
        (ada, b"before\0after\n"),
        (b"author A\0da <ada@example.org> 1 +0000\ncommitter Ada <ada@example.org> 2 +0000\n", b"message\n"),
    ]));
}

/// A mailmap that renames Ada and Bob, whatever the case of their addresses.
const MAILMAP: &str = "# people\n\
    Ada Byron <ada@new.example> <ADA@old.example>\n\
    <bob@new.example> <bob@old.example>\n\
    Cleo <cleo@example.org> Typo <shared@example.org>\n";

fn of_mailmap() -> Script {
    let mut script = Script::default();
    let first = script.add(Commit::root().author("ada", "Ada@Old.example").file("a.txt", "1\n"));
    let second = script.add(Commit::on([first]).author("Bob", "bob@old.example").file("a.txt", "1\n2\n"));
    let third =
        script.add(Commit::on([second]).author("typo", "shared@example.org").file("a.txt", "1\n2\n3\n"));
    let fourth =
        script.add(Commit::on([third]).author("Eve", "shared@example.org").file("a.txt", "1\n2\n3\n4\n"));
    script.add(Commit::on([fourth]).author("Eve", "eve@example.org").file(".mailmap", MAILMAP));
    script
}

#[test]
fn a_mailmap_of_head_where_there_is_no_work_tree() {
    let blame = assert_same_as_blame(&Repo::of(&of_mailmap()));
    for name in
        ["Ada Byron\nauthor-mail <ada@new.example>", "Bob\nauthor-mail <bob@new.example>", "Cleo\n", "Eve\n"]
    {
        assert!(blame.contains(&format!("\nauthor {name}")), "{name}");
    }
}

#[test]
fn a_mailmap_of_the_work_tree() {
    let repo = Repo::with_work_tree();
    repo.import(&of_mailmap());
    // It is not checked out: git looks at the work tree alone.
    assert!(!assert_same_as_blame(&repo).contains("author Ada Byron"));
    std::fs::write(repo.path().join(".mailmap"), MAILMAP.replace("Byron", "Lovelace")).unwrap();
    assert!(assert_same_as_blame(&repo).contains("author Ada Lovelace\n"));
}

#[test]
fn a_mailmap_named_by_the_configuration_is_the_users_own_and_changes_nothing() {
    let repo = Repo::of(&of_mailmap());
    let before = assert_same_as_blame(&repo);
    let file = repo.beside("mailmap");
    std::fs::write(&file, "Ada of the file <ada@file.example> <ada@old.example>\n").unwrap();
    let blob = repo.write_object("blob", b"Bob of the blob <bob@old.example>\n");
    repo.git(["config", "mailmap.file", file.to_str().unwrap()]);
    repo.git(["config", "mailmap.blob", &blob]);
    let after = repo.withhold(["attribute", "--porcelain"]);
    assert_eq!(String::from_utf8(after.stdout).unwrap(), before);
}
