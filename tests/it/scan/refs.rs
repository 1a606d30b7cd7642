//! `--all-refs`: every branch and tag in one pass; and `--history`: every version of every file.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;

use super::case::{ADA, Found, HEAD, Scan, by_ada, by_bob, history, set, text};
use crate::support::{Repo, random};

fn scan(repo: &Repo, args: &[&str]) -> Found {
    Scan::of(repo, ADA).args(args).found_in(&format!("manifest{}", args.concat()))
}

/// Main is Bob's; on a side branch and in an old version Ada had a part.
fn repo() -> Repo {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("a.txt", text("bob", 8)));
        let ada = script.add(by_ada([bob]).file("a.txt", text("bob", 8) + "ada\n").file("b.txt", "ada\n"));
        script.add(by_bob([ada]).file("a.txt", text("bob", 8) + "bob\n").delete("b.txt"));
    });
    repo.git(["branch", "side", "main~1"]);
    repo.git(["tag", "light", "main~2"]);
    repo.git(["tag", "-a", "-m", "one", "v1", "main~1"]);
    repo.git(["tag", "-a", "-m", "again", "again", "v1"]);
    repo
}

#[test]
fn every_branch_and_tag_has_its_row() {
    let repo = repo();
    repo.git(["update-ref", "refs/remotes/origin/topic", "main~1"]);
    repo.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone"]);
    repo.git(["update-ref", "refs/exclusions/main", "main~1"]);
    repo.git(["tag", "a-blob", "main:a.txt"]);
    repo.git(["tag", "a-tree", "main^{tree}"]);
    let found = scan(&repo, &["--all-refs"]);
    let refs: BTreeSet<(&str, u64, u64, u64)> = found
        .coverage
        .iter()
        .filter(|row| row["unit"] == "ref")
        .map(|row| {
            let number = |field: &str| row[field].as_u64().unwrap();
            (row["ref"].as_str().unwrap(), number("files"), number("lines"), number("commits"))
        })
        .collect();
    let expected = [
        ("refs/heads/main", 1, 9, 3),
        ("refs/heads/side", 2, 10, 2),
        ("refs/remotes/origin/topic", 2, 10, 2),
        ("refs/tags/again", 2, 10, 2),
        ("refs/tags/light", 1, 8, 1),
        ("refs/tags/v1", 2, 10, 2),
    ];
    assert_eq!(refs, expected.into());
    assert_eq!(found.files(), set(["a.txt", "b.txt"]));
    assert_eq!(found.lines("a.txt"), [9].into());
    let blobs = |rev: &str| repo.id(&format!("{rev}:a.txt"));
    for rev in ["main", "side", "light"] {
        assert!(found.covers(&blobs(rev)), "{rev}");
    }
    let excluded = found.unit("blob");
    let of_a: BTreeSet<&str> = excluded
        .iter()
        .filter(|entry| entry["path"] == "a.txt")
        .map(|entry| entry["git_sha1"].as_str().unwrap())
        .collect();
    assert_eq!(of_a, set([&blobs("side")]), "the versions that are Bob's alone are in");
    assert_eq!(found.summary["refs"], 6);
    assert_eq!(found.summary["files"]["all"], 4, "three versions of a.txt, one of b.txt");
    assert_eq!(found.summary["ref"], Value::Null);
}

#[test]
fn no_version_is_left_out_of_the_history() {
    let repo = repo();
    let alone = scan(&repo, &[]);
    assert_eq!((alone.files(), alone.covers(&repo.id("main~1:b.txt"))), (set([]), false));
    let found = scan(&repo, &["--history"]);
    assert_eq!(found.files(), set(["a.txt", "b.txt"]));
    for blob in ["main:a.txt", "main~1:a.txt", "main~2:a.txt", "main~1:b.txt"] {
        assert!(found.covers(&repo.id(blob)), "{blob}");
    }
    assert_eq!(found.reference("refs/heads/main")["files"], 1, "what stands there is what stands there");
    assert_eq!((&found.summary["history"], &found.summary["files"]["all"]), (&true.into(), &4.into()));
    let row = found.unit("blob").into_iter().find(|entry| entry["path"] == "b.txt").unwrap();
    assert_eq!(row["commit"], repo.id("main~1").as_str());
}

#[test]
fn all_refs_and_a_revision_contradict_each_other() {
    let said = Scan::of(&repo(), ADA).args(["--all-refs", "--rev", "HEAD"]).fails(2);
    assert!(said.contains("--rev"), "{said}");
}

#[test]
fn without_a_head_the_branches_are_scanned_all_the_same() {
    let repo = repo();
    repo.git(["symbolic-ref", "HEAD", "refs/heads/unborn"]);
    assert_eq!(scan(&repo, &["--all-refs"]).files(), set(["a.txt", "b.txt"]));
    Scan::of(&repo, ADA).fails(4);
    let empty = Repo::bare();
    assert!(Scan::of(&empty, ADA).args(["--all-refs"]).fails(4).contains("no branch or tag"));
}

#[test]
fn a_detached_head_is_one_of_them() {
    let repo = repo();
    repo.git(["update-ref", "--no-deref", "HEAD", "main~2"]);
    assert_eq!(scan(&repo, &["--all-refs"]).reference("HEAD")["lines"], 8);
}

/// What a scan of that ref alone would heed, counts: a list that was there once goes on excluding.
#[test]
fn the_lists_and_mailmaps_of_all_refs_are_added() {
    let list = HEAD.replace("corp.example", "own.example");
    let old =
        format!("not-after = 2001-01-01\n{ADA}").replace("ada@", "bob@").replace("7q4kx2mn", "8r5mw3pd");
    let repo = history(|script| {
        let old =
            script.add(by_bob([]).file("bob", "bob\n").file(".withhold/optout.toml", list.clone() + &old));
        let map = script.add(
            by_bob([old]).delete(".withhold/optout.toml").file(".mailmap", "<ada@example.org> <old@x>\n"),
        );
        let eve = script.add(by_bob([map]).author("Eve", "old@x").delete(".mailmap").file("eve", "eve\n"));
        script.add(by_bob([eve]).author("Cleo", "cleo@x").file("cleo", "cleo\n"));
    });
    assert_eq!(scan(&repo, &[]).files(), set([]));
    repo.git(["tag", "mapped", "main~2"]);
    assert_eq!(scan(&repo, &["--all-refs"]).files(), set(["eve"]));
    repo.git(["tag", "listed", "main~3"]);
    let found = scan(&repo, &["--all-refs"]);
    assert_eq!(found.files(), set([".mailmap", ".withhold/optout.toml", "bob", "eve"]));
    assert_eq!(found.header.get("not_after"), None, "an old list sets no limit");
    repo.git(["update-ref", "HEAD", "main~3"]);
    let said = Scan::of(&repo, ADA).args(["--all-refs"]).output().stderr;
    assert!(said.contains("expired"), "the one in force does: {said}");
}

#[test]
fn a_broken_list_on_any_ref_ends_the_scan() {
    let repo = history(|script| {
        let broken = script.add(by_bob([]).file(".withhold/optout.toml", "nonsense"));
        script.add(by_bob([broken]).file(".withhold/optout.toml", HEAD));
    });
    repo.git(["tag", "broken", "main~1"]);
    let said = Scan::of(&repo, ADA).args(["--all-refs"]).fails(3);
    assert!(said.contains("refs/tags/broken:.withhold/optout.toml"), "{said}");
}

/// A block that went to another file is Ada's in every version since, also where parts of it are gone.
#[test]
fn lines_that_moved_stay_whose_they_were_in_every_version() {
    let (block, bob, rest) = (text("ada", 6), text("bob", 6), text("rest", 6));
    let repo = history(|script| {
        let both = script.add(by_bob([]).file("a.txt", &rest).file("b.txt", &bob));
        let ada = script.add(by_ada([both]).file("a.txt", rest.clone() + &block));
        let moved = script.add(by_bob([ada]).file("a.txt", &rest).file("b.txt", bob.clone() + &block));
        let shorter: String = block.lines().take(4).map(|line| format!("{line}\n")).collect();
        script.add(by_bob([moved]).file("b.txt", bob.clone() + &shorter));
    });
    let found = scan(&repo, &["--history"]);
    let lines = |rev: &str, path: &str| -> BTreeSet<u64> {
        let blob = repo.id(&format!("{rev}:{path}"));
        let rows = found.unit("lines").into_iter().filter(|row| row["git_sha1"] == blob.as_str());
        let rows = rows.filter(|row| row["commit"] == repo.id("main~2").as_str());
        rows.flat_map(|row| row["line_start"].as_u64().unwrap()..=row["line_end"].as_u64().unwrap()).collect()
    };
    assert_eq!(lines("main~2", "a.txt"), (7..=12).collect());
    assert_eq!(lines("main~1", "b.txt"), (7..=12).collect());
    assert_eq!(lines("main", "b.txt"), (7..=10).collect());
    assert_eq!(lines("main~1", "a.txt"), [].into());
}

/// Where lines are found depends on what else of a block is left: of the newest version they are Ada's, and of the
/// one before it Bob's, as `git blame -C` says of each. A scan of both must not take the one's word for the other.
#[test]
fn every_version_is_looked_at_as_if_it_stood_alone() {
    let line = |letter: &str, weight| format!("{}\n", letter.repeat(weight));
    let (p, q, r, own) = (line("p", 30), line("q", 30), line("r", 20), text("bob", 6));
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("ada.txt", [&*q, &r].concat()));
        let bob = script.add(by_bob([ada]).file("bob.txt", [&*p, &q].concat()));
        let all = by_bob([bob])
            .file("ada.txt", [&*q, &r, "x\n"].concat())
            .file("bob.txt", [&*p, &q, "x\n"].concat());
        let all = script.add(all.file("c.txt", [&*own, &p, &q, &r].concat()));
        script.add(by_bob([all]).file("c.txt", [&*own, &q, &r].concat()));
    });
    repo.git(["branch", "before", "main~1"]);
    let lines = |args: &[&str], rev: &str| -> BTreeSet<u64> {
        let blob = repo.id(&format!("{rev}:c.txt"));
        let rows = scan(&repo, args).entries;
        let rows = rows.iter().filter(|row| row["unit"] == "lines" && row["git_sha1"] == blob.as_str());
        rows.flat_map(|row| row["line_start"].as_u64().unwrap()..=row["line_end"].as_u64().unwrap()).collect()
    };
    assert_eq!(lines(&[], "main"), [7, 8].into());
    assert_eq!(lines(&["--rev", "before"], "before"), [].into());
    for args in [&["--all-refs"][..], &["--history"], &["--all-refs", "--history"]] {
        assert_eq!((lines(args, "main"), lines(args, "before")), ([7, 8].into(), [].into()), "{args:?}");
    }
}

/// Looked through, and as it is written: both count, in every version.
#[test]
fn what_a_bot_did_is_looked_through_in_every_version() {
    let ada = "compute(first, second);\nreturn_result(first);\n";
    let bot = "compute(first,second);\nreturn_result( first );;\n";
    let repo = history(|script| {
        let first = script.add(by_ada([]).file("a.c", ada));
        let bot = script.add(by_bob([first]).author("Bot", "bot@example.org").file("a.c", bot));
        script.add(by_bob([bot]).file("a.c", "bob();\n"));
    });
    let list = format!("{ADA}[[bot]]\nemail = \"bot@example.org\"\n");
    let lines = |list: &str, out: &str| {
        let found = Scan::of(&repo, list).args(["--history"]).found_in(out);
        let blob = repo.id("main~1:a.c");
        found.unit("lines").iter().filter(|row| row["git_sha1"] == blob.as_str()).count()
    };
    assert_eq!((lines(ADA, "one"), lines(&list, "two")), (1, 1));
    let both = list + &ADA.replace("ada@", "bot@").replace("7q4kx2mn", "8r5mw3pd");
    assert_eq!(lines(&both, "three"), 2, "Ada's, by way of the bot, and the bot's own");
}

/// Everything of `rows` but the range, line by line.
fn lines_of(rows: &[Value]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for row in rows {
        let mut rest = row.clone();
        let fields = rest.as_object_mut().unwrap();
        let range = ["line_start", "line_end", "byte_start", "byte_end"].map(|name| fields.remove(name));
        let number = |at: usize| range[at].as_ref().and_then(Value::as_u64).unwrap_or_default();
        all.extend((number(0)..=number(1)).map(|line| format!("{line} {rest}")));
    }
    all
}

proptest! {
    #![proptest_config(random::config(8))]

    /// All refs are at least each of them, and a history is at least what stands at its tip. What an
    /// earlier scan has kept change nothing.
    #[test]
    fn a_wider_scan_finds_all_that_a_narrower_one_finds(
        steps in random::history(8),
        tags in prop::collection::vec(0..8_usize, 3),
        (touched, followed, heavy) in any::<(bool, bool, bool)>(),
    ) {
        let script = if heavy { random::heavy_script(&steps) } else { random::light_script(&steps) };
        let repo = Repo::of(&script);
        let all = repo.git(["cat-file", "--batch-all-objects", "--batch-check"]).line();
        let all: Vec<&str> = all.lines().filter_map(|line| Some(line.split_once(" commit ")?.0)).collect();
        for (number, at) in tags.iter().enumerate() {
            repo.git(["update-ref", &format!("refs/heads/b{number}"), all[at % all.len()]]);
        }
        let evidence = if touched { "touched" } else { "surviving" };
        let policy = format!("[policy]\nmoves = {followed}\ncopies = {followed}\nevidence = \"{evidence}\"\n");
        let scan = |args: &[&str]| {
            Scan::of(&repo, &format!("{ADA}{policy}")).args(args).args(["--at", "2024-01-01T00:00:00Z"]).found()
        };
        let every = scan(&["--all-refs"]);
        let whole = scan(&["--all-refs", "--history"]);
        prop_assert_eq!(&scan(&["--all-refs", "--no-cache"]).header, &every.header);
        prop_assert_eq!(&scan(&["--all-refs", "--history", "--no-cache"]).header, &whole.header);
        for rev in ["main", "b0", "b1", "b2"] {
            let one = scan(&["--rev", rev]);
            let history = scan(&["--rev", rev, "--history"]);
            for (narrow, wide) in [(&one, &every), (&one, &history), (&history, &whole), (&every, &whole)] {
                prop_assert!(lines_of(&narrow.entries).is_subset(&lines_of(&wide.entries)));
                let rows = |found: &Found| found.coverage.iter().map(Value::to_string).collect::<BTreeSet<_>>();
                // How many tags were read, and whether the history was, differs with how much was asked for.
                let asked_apart = |rows: BTreeSet<String>| -> BTreeSet<String> {
                    rows.into_iter()
                        .map(|row| row.replace("\"tags\":0,", "").replace("\"history\":true,", ""))
                        .collect()
                };
                prop_assert!(asked_apart(rows(narrow)).is_subset(&asked_apart(rows(wide))));
            }
        }
    }
}
