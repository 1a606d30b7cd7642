//! What stands in a manifest: keys, ranges, paths and coverage, held against other tools.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::case::{ADA, Found, Scan, by_ada, by_bob, history, set, text};
use crate::support::blame::blame;
use crate::support::{Repo, repo};

/// What a tool that reads standard input prints first.
fn sum(repo: &Repo, tool: &str, content: &[u8]) -> String {
    let output = repo::run(&mut repo.command(tool), content);
    assert_eq!(output.status, 0, "{tool}: {}", output.stderr);
    output.line().split(' ').next().unwrap().to_owned()
}

fn blob<'f>(found: &'f Found, path: &str) -> &'f Value {
    found.unit("blob").into_iter().find(|entry| entry["path"] == path).unwrap()
}

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\n\
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

/// Every kind of content, all of Ada's.
fn kinds() -> Repo {
    history(|script| {
        let all = script.add(
            by_ada([])
                .file("text", "one\ntwo\n")
                .file("crlf", "one\r\ntwo\r\n")
                .file("open-end", "one\ntwo")
                .file("latin1", b"caf\xe9\n\xff\n")
                .file("binary", b"\0\x01\x02")
                .executable("run", "#!/bin/sh\n")
                .symlink("link", "text")
                .file("lfs", POINTER)
                .file("empty", "")
                .submodule("module", "1234567890123456789012345678901234567890"),
        );
        script.add(by_bob([all]).file("bob", "bob\n"));
    })
}

/// The keys are those that Git and the tools of the system give, on the raw bytes.
#[cfg(target_os = "linux")]
#[test]
fn keys_are_what_other_tools_say() {
    let repo = kinds();
    let found = Scan::of(&repo, ADA).found();
    let expected = set(["text", "crlf", "open-end", "latin1", "binary", "run", "link", "lfs"]);
    assert_eq!(found.files(), expected, "of an empty file there is nothing that anybody wrote");
    for path in expected {
        let content = repo.git(["cat-file", "blob", &format!("main:{path}")]).stdout;
        let row = found
            .unit("blob")
            .into_iter()
            .find(|row| row["path"] == path && row["git_sha1"].is_string())
            .unwrap();
        assert_eq!(
            row["git_sha1"],
            json!(repo.git_with(["hash-object", "--stdin"], &content).line()),
            "{path}"
        );
        assert_eq!(row["sha1"], json!(sum(&repo, "sha1sum", &content)), "{path}");
        assert_eq!(row["sha256"], json!(sum(&repo, "sha256sum", &content)), "{path}");
        assert_eq!(row["size"], json!(content.len()), "{path}");
    }
    // Commits and tags: of the body, as `git cat-file` prints it.
    let body = repo.git(["cat-file", "commit", "main~1"]).stdout;
    let commit = found.unit("commit")[0];
    assert_eq!(commit["git_sha1"], json!(repo.id("main~1")));
    assert_eq!(commit["sha1"], json!(sum(&repo, "sha1sum", &body)));
    assert_eq!(commit["sha256"], json!(sum(&repo, "sha256sum", &body)));
}

/// The large file that a pointer stands for is known by its SHA-256 alone.
#[test]
fn what_an_lfs_pointer_points_at_is_excluded_with_it() {
    let repo = kinds();
    for (name, unit) in [("one", "\"file\""), ("two", "\"lines\"")] {
        let found = Scan::of(&repo, &format!("{ADA}[policy]\nunit = {unit}\n")).found_in(name);
        let target = found.unit("blob").into_iter().find(|row| row["git_sha1"].is_null()).unwrap();
        assert_eq!(target["sha256"], "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393");
        assert_eq!((&target["size"], &target["path"]), (&json!(12345), &json!("lfs")));
        assert!(
            found.coverage.iter().any(|row| row["sha256"] == target["sha256"] && row["git_sha1"].is_null())
        );
    }
}

#[test]
fn every_file_is_covered_and_submodules_are_counted() {
    let repo = kinds();
    let found = Scan::of(&repo, ADA).found();
    for path in ["text", "crlf", "open-end", "latin1", "binary", "run", "link", "lfs", "empty", "bob"] {
        assert!(found.covers(&repo.id(&format!("main:{path}"))), "{path}");
    }
    assert!(found.covers(&repo.id("main")) && found.covers(&repo.id("main~1")));
    assert!(!found.covers("1234567890123456789012345678901234567890"));
    let main = found.reference("refs/heads/main");
    let counts = ["files", "lines", "commits", "submodules", "complete"].map(|key| main[key].clone());
    assert_eq!(counts, [json!(10), json!(13), json!(2), json!(1), json!(true)]);
    assert_eq!(found.summary["submodules"], 1);
}

/// The bytes of a range are exactly its lines.
#[test]
fn byte_ranges_cut_out_the_lines() {
    let repo = kinds();
    let found = Scan::of(&repo, ADA).found();
    assert_eq!(found.unit("lines").len(), 6);
    for row in found.unit("lines") {
        let content = repo.git(["cat-file", "blob", row["git_sha1"].as_str().unwrap()]).stdout;
        let number = |key: &str| usize::try_from(row[key].as_u64().unwrap()).unwrap();
        let lines: Vec<_> = content.split_inclusive(|byte| *byte == b'\n').collect();
        let named = lines[number("line_start") - 1..number("line_end")].concat();
        assert_eq!(content[number("byte_start")..number("byte_end")], named, "{row}");
        assert_eq!(number("line_end"), lines.len(), "{row}");
    }
}

/// A file in which Ada's lines alternate with Bob's, with odd line ends.
#[test]
fn byte_ranges_between_the_lines_of_others() {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("a", b"b1\r\nb2\nb\xff3"));
        let ada = script.add(by_ada([bob]).file("a", b"a1\nb1\r\na\xe92\r\n\r\nb2\nb\xff3\na3"));
        script.add(by_bob([ada]).file("b", "b\n"));
    });
    let found = Scan::of(&repo, &format!("{ADA}[policy]\nwhitespace = \"exact\"\n")).found();
    let ranges: Vec<_> = found
        .unit("lines")
        .into_iter()
        .map(|row| ["line_start", "line_end", "byte_start", "byte_end"].map(|key| row[key].as_u64().unwrap()))
        .collect();
    assert_eq!(ranges, [[1, 1, 0, 3], [3, 4, 7, 14], [6, 7, 17, 23]]);
}

/// The lines that are named are those that `git blame -w` gives to Ada.
#[test]
fn the_lines_are_those_of_git_blame() {
    let repo = history(|script| {
        let mut last = None;
        for round in 0..12_usize {
            let mut lines: Vec<String> = (0..30)
                .map(|line| format!("line {line} of round {}\n", (line * 7 % 12).min(round)))
                .collect();
            if round % 3 == 2 {
                lines.rotate_left(4);
            }
            if round % 4 == 3 {
                lines.iter_mut().for_each(|line| line.insert(0, '\t'));
            }
            let commit = if round % 2 == 0 { by_ada(last) } else { by_bob(last) };
            last = Some(script.add(commit.file("a.txt", lines.concat())));
        }
    });
    let found = Scan::of(&repo, ADA).found();
    let blame = blame(&repo, &["-w", "-M", "-C"], b"a.txt");
    let blame = String::from_utf8(blame).unwrap();
    let (mut of_ada, mut hers, mut expected) = (BTreeSet::new(), String::new(), BTreeSet::new());
    let mut number = 0;
    for line in blame.lines() {
        let words: Vec<_> = line.split(' ').collect();
        if words[0].len() == 40 && words.len() >= 3 {
            hers = words[0].to_owned();
            number = words[2].parse().unwrap();
        } else if line == "author-mail <ada@example.org>" {
            of_ada.insert(hers.clone());
        } else if line.starts_with('\t') && of_ada.contains(&hers) {
            expected.insert(number);
        }
    }
    assert!(expected.len() > 5 && expected.len() < 25, "{expected:?}");
    assert_eq!(found.lines("a.txt"), expected);
}

/// Each range names the commit that wrote it; a file's row the commit that brought it there.
#[test]
fn rows_name_their_commits() {
    let repo = history(|script| {
        let first = script.add(by_ada([]).file("a.txt", text("one", 3)));
        let second = script.add(by_ada([first]).file("a.txt", text("one", 3) + &text("two", 2)));
        script.add(by_bob([second]).rename("a.txt", "b.txt"));
    });
    let found = Scan::of(&repo, ADA).found();
    let by: Vec<_> = found.unit("lines").into_iter().map(|row| row["commit"].clone()).collect();
    assert_eq!(by, [json!(repo.id("main~2")), json!(repo.id("main~1"))]);
    assert_eq!(blob(&found, "b.txt")["commit"], json!(repo.id("main")));
}

#[test]
fn paths_that_are_not_utf8_or_odd_are_spelled() {
    let repo = history(|script| {
        script.add(
            by_ada([])
                .file(b"caf\xe9/100%\n", "one\n")
                .file("sp ace/\u{e4}\"\\'", "two\n")
                .file("-dash", "three\n"),
        );
    });
    let found = Scan::of(&repo, ADA).found();
    assert_eq!(found.files(), set(["caf%E9/100%25%0A", "sp ace/\u{e4}\"\\'", "-dash"]));
}

/// What a profile leaves out, and what it keeps.
#[test]
fn profiles() {
    let repo = kinds();
    let keys = |found: &Found| -> BTreeSet<String> {
        found.entries.iter().flat_map(|row| row.as_object().unwrap().keys().cloned()).collect()
    };
    let least = [
        "byte_end",
        "byte_start",
        "git_sha1",
        "line_end",
        "line_start",
        "purposes",
        "sha1",
        "sha256",
        "size",
        "unit",
    ];
    let bare = Scan::of(&repo, ADA).args(["--profile", "keys"]).found_in("keys");
    assert_eq!(keys(&bare), least.map(String::from).into());
    let paths = Scan::of(&repo, ADA).found_in("paths");
    let also = [&least[..], &["commit", "path", "repo"]].concat();
    assert_eq!(keys(&paths), also.iter().map(|key| (*key).to_owned()).collect());
    let said = Scan::of(&repo, ADA).args(["--profile", "audit"]).fails(3);
    assert!(said.contains("key"), "{said}");
    let audit = Scan::of(&repo, ADA)
        .args(["--profile", "audit"])
        .env("WITHHOLD_KEY", "0123456789abcdef")
        .found_in("audit");
    let more = [&also[..], &["basis", "rule", "strength"]].concat();
    assert_eq!(keys(&audit), more.iter().map(|key| (*key).to_owned()).collect());
    assert!(audit.entries.iter().all(|row| row["basis"] == "author" && row["strength"] == "asserted"));
    assert_eq!(audit.files(), paths.files());
}

/// Other than Git's own blob ids: the ids that Software Heritage publishes are the same hash.
#[test]
fn the_id_is_the_swhid() {
    let repo = history(|script| {
        script.add(by_ada([]).file("hello", "hello world\n").file("gpl", ""));
    });
    let found = Scan::of(&repo, ADA).found();
    assert_eq!(found.ids("blob"), set(["3b18e512dba79e4c8300dd08aeb37f8e728b8dad"]));
    assert!(found.covers("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"));
}

/// A later manifest names the one before by its digest.
#[test]
fn a_manifest_follows_another() {
    let repo = kinds();
    let first = Scan::of(&repo, ADA).args(["--at", "2026-01-31T12:00:00Z"]).found_in("one");
    let second = Scan::of(&repo, ADA).args(["--previous".as_ref(), first.out.as_os_str()]).found_in("two");
    assert_eq!(second.header["previous"], first.summary["manifest"]);
    assert_eq!(first.header["created_at"], "2026-01-31T12:00:00Z");
    Scan::of(&repo, ADA).args(["--previous", "/nowhere"]).fails(5);
}
