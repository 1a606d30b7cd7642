//! What files are made of: no lines, one line, very many or very long ones, odd ends, bytes that are no text.

use super::{edited, lines};
use crate::support::{Commit, Repo, Script, assert_same_as_blame, blame};

#[test]
fn empty_files() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("always", "").file("emptied", lines(3)).file("filled", ""));
    let second = script.add(Commit::on([first]).file("emptied", "").file("filled", lines(3)));
    script.add(Commit::on([second]).file("emptied", lines(3)));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn a_file_that_is_empty_in_all_of_head() {
    let mut script = Script::default();
    script.versions("a", [lines(2), String::new()]);
    assert_eq!(assert_same_as_blame(&Repo::of(&script)), "");
}

#[test]
fn no_newline_at_the_end() {
    let mut script = Script::default();
    script.versions(
        "a",
        ["1\n2\n3", "1\n2\n3\n", "1\n2\n3\n4", "1\n2\n3\n4\n5", "1\n2\n3\n4\n5\n\n", "1\n2\n3\n4\n5\n"],
    );
    assert_same_as_blame(&Repo::of(&script));
    let mut script = Script::default();
    script.versions("a", ["1\n2\n3", "1\n2\n3\n3", "1\n2\n3"]);
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn white_space() {
    let mut script = Script::default();
    script.versions(
        "a.c",
        [
            "if (x) {\nrun();\n}\n\nend();\n",
            "if (x) {\n\trun();\n}\n\n\nend();\n",
            "if (x) {\n        run ();\n}\n \nend();  \n",
            "if(x){\n    run();\n}\n\t\n\nend();\r\n",
            "loop {\n  if (x) {\n      run();\n  }\n}\nend();",
        ],
    );
    let repo = Repo::of(&script);
    assert_same_as_blame(&repo);
    let [with, without] = [["-w"].as_slice(), &[]]
        .map(|option| repo.withhold(["attribute", "--porcelain"].iter().chain(option)).stdout);
    assert_ne!(with, without, "-w makes a difference here");
}

#[test]
fn crlf_comes_and_goes() {
    let mut script = Script::default();
    let dos = |text: String| text.replace('\n', "\r\n");
    script.versions(
        "a.txt",
        [
            lines(9),
            dos(lines(9)),
            dos(edited(9, &[3], "x")),
            edited(9, &[3, 4], "x"),
            "lone\rcr\r\r\n".into(),
        ],
    );
    let mixed = lines(3) + &dos(lines(3)) + "\r\n\n\r";
    script.versions("b.txt", [lines(6), mixed.clone(), mixed + "end\r"]);
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn a_rename_together_with_new_line_ends() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("unix.txt", lines(30)));
    script.add(Commit::on([first]).delete("unix.txt").file("dos.txt", lines(30).replace('\n', "\r\n")));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("previous"), "the rename is seen: the CR of CRLF does not count");
}

#[test]
fn a_hundred_thousand_lines() {
    let mut script = Script::default();
    let every = |step: usize| (1..=100_000).step_by(step).collect::<Vec<_>>();
    let mut version = lines(100_000);
    let first = script.add(Commit::root().file("big.txt", &version));
    version = edited(100_000, &every(997), "x");
    let second = script.add(Commit::on([first]).file("big.txt", &version));
    // A block moves from the middle to the front.
    let (front, back) = version.split_at(version.len() / 2);
    script.add(Commit::on([second]).file("big.txt", format!("new\n{back}{front}")));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn one_line_of_fifty_megabytes() {
    let mut script = Script::default();
    let mut line = vec![b'x'; 50 << 20];
    let first = script.add(Commit::root().file("a.min.js", &line));
    *line.last_mut().unwrap() = b'y';
    script.add(Commit::on([first]).file("a.min.js", &line));
    let repo = Repo::bare();
    repo.git(["config", "core.compression", "1"]);
    repo.import(&script);
    let blame = blame::compare(&repo, &[(&[], "2"), (&["-w"], "1")]).unwrap();
    assert!(blame.len() > 50 << 20 && blame[..1000].contains("summary commit 2"));
}

#[test]
fn one_more_of_many_equal_lines_is_not_the_last_one() {
    // git leaves the common tail out of the comparison, so the new line stands where that begins.
    let mut script = Script::default();
    script.versions("a.txt", [2_000, 2_001, 1_990, 2_100].map(|count| "x\n".repeat(count)));
    let blame = assert_same_as_blame(&Repo::of(&script));
    let last = blame.lines().rev().find(|line| !line.starts_with('\t')).unwrap();
    assert!(last.ends_with(" 2100") && !last.contains(" 2100 2100"), "{last}");
}

#[test]
fn the_common_tail_is_longer_than_the_blocks_in_which_git_trims_it() {
    let mut script = Script::default();
    let tail = "}\n\n".repeat(800);
    script.versions(
        "a.c",
        [
            format!("a\n}}\n\n{tail}"),
            format!("a\n}}\n\nb\n}}\n\n{tail}"),
            format!("a\n}}\n\n}}\n\nb\n}}\n\n{tail}}}\n"),
            format!("b\n}}\n\n{tail}"),
        ],
    );
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn bytes_that_are_no_utf8() {
    let mut script = Script::default();
    let latin = b"caf\xe9\nna\xefve\n\xff\xfe\n\xc3\x28\nend\n";
    let first = script.add(Commit::root().file(b"caf\xe9.txt", latin));
    script.add(Commit::on([first]).rename(b"caf\xe9.txt", b"d\xff/\xfe\x80.txt").file("ok.txt", "\u{e9}\n"));
    // Where paths are not bytes, this one cannot be asked for.
    if cfg!(not(unix)) {
        script = Script::default();
        script.versions("a.txt", [latin.as_slice(), b"caf\xe9\n", b"caf\xc3\xa9\n"]);
    }
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn paths_that_git_quotes() {
    let mut script = Script::default();
    let mut odd: Vec<&[u8]> = vec![
        b"a b.txt",
        b"tab\there",
        b"line\nfeed",
        b"quote\"d",
        b"back\\slash",
        b"\x01\x07\x08\x0b\x0c\r\x7f",
        "\u{e4}/\u{65e5}\u{672c}.txt".as_bytes(),
        b"-w",
        b":(top)x",
        b"*?[a]",
        b" ",
        b"'",
    ];
    if cfg!(windows) {
        // There a backslash is a slash, and these cannot stand on a command line.
        odd.retain(|path| !path.iter().any(|byte| *byte < b' ' || b"\"\\:*?\x7f".contains(byte)));
    }
    let mut commit = Commit::root();
    for path in &odd {
        commit = commit.file(path, lines(5));
    }
    let first = script.add(commit);
    let mut commit = Commit::on([first]);
    for path in &odd {
        let target = [b"moved/", *path].concat();
        commit = commit.delete(path).file(target, edited(5, &[2], &path.escape_ascii().to_string()));
    }
    script.add(commit);
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(cfg!(windows) || blame.contains(r#"filename "line\nfeed""#));
}
