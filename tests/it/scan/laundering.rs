//! Work changes hands, place and shape, and stays whose it was.

use std::collections::BTreeSet;

use super::case::{ADA, Found, Scan, by_ada, by_bob, history, set, text};
use crate::support::Repo;

fn scan(repo: &Repo) -> Found {
    Scan::of(repo, ADA).found()
}

fn lines(range: std::ops::RangeInclusive<u64>) -> BTreeSet<u64> {
    range.collect()
}

/// Bob copies Ada's file and commits the copy as his; the original is still there.
#[test]
fn a_copy_of_a_file() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("ada.txt", text("ada", 10)).file("bob.txt", "bob\n"));
        script.add(by_bob([ada]).file("copy.txt", text("ada", 10)));
    });
    let found = scan(&repo);
    assert_eq!(found.lines("copy.txt"), lines(1..=10));
    assert_eq!(found.files(), set(["ada.txt", "bob.txt", "copy.txt"]));
}

/// The copy is excluded although nobody but Bob ever touched its path, and what is only Bob's is not.
#[test]
fn a_copy_beside_work_of_ones_own() {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("bob.txt", text("bob", 10)));
        let ada = script.add(by_ada([bob]).file("ada.txt", text("ada", 10)));
        script
            .add(by_bob([ada]).file("lib/mine.txt", text("ada", 10)).file("lib/more.txt", text("more", 10)));
    });
    assert_eq!(scan(&repo).files(), set(["ada.txt", "lib/mine.txt"]));
}

#[test]
fn a_move() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("old/ada.txt", text("ada", 10)));
        script.add(by_bob([ada]).rename("old/ada.txt", "new/bob.txt"));
    });
    assert_eq!(scan(&repo).lines("new/bob.txt"), lines(1..=10));
}

#[test]
fn a_move_with_an_edit() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("ada.txt", text("ada", 10)));
        let edited = text("ada", 10) + "bob says this\n";
        script.add(by_bob([ada]).delete("ada.txt").file("bob.txt", edited));
    });
    assert_eq!(scan(&repo).lines("bob.txt"), lines(1..=10));
}

/// Deleted, and later brought back by another: the history in between does not wash.
#[test]
fn deleted_and_brought_back() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("ada.txt", text("ada", 10)).file("keep.txt", "bob\n"));
        let gone = script.add(by_bob([ada]).delete("ada.txt"));
        let between = script.add(by_bob([gone]).file("other.txt", text("other", 5)));
        script.add(by_bob([between]).file("ada.txt", text("ada", 10)));
    });
    assert_eq!(scan(&repo).lines("ada.txt"), lines(1..=10));
}

/// The same at another path, so that not even the path remembers.
#[test]
fn deleted_and_brought_back_elsewhere() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("ada.txt", text("ada", 10)).file("keep.txt", "keep\n"));
        let gone = script.add(by_bob([ada]).delete("ada.txt"));
        let between = script.add(by_bob([gone]).file("other.txt", text("other", 5)));
        script.add(by_bob([between]).file("bob.txt", text("ada", 10)));
    });
    let found = scan(&repo);
    assert_eq!(found.lines("bob.txt"), lines(1..=10));
    assert!(!found.files().contains("other.txt"));
}

/// Bob undoes Ada's work, and undoes the undoing.
#[test]
fn a_revert_of_a_revert() {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("a.txt", "first\nlast\n"));
        let ada = script.add(by_ada([bob]).file("a.txt", "first\nada wrote this\nlast\n"));
        let undone = script.add(by_bob([ada]).file("a.txt", "first\nlast\n"));
        script.add(by_bob([undone]).file("a.txt", "first\nada wrote this\nlast\n"));
    });
    assert_eq!(scan(&repo).lines("a.txt"), lines(2..=2));
}

#[test]
fn re_indenting() {
    let body = "if x {\nfirst();\nsecond();\n}\n";
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("a.c", body));
        let indented: String = body.lines().map(|line| format!("\t{line}  \r\n")).collect();
        script.add(by_bob([ada]).file("a.c", indented));
    });
    assert_eq!(scan(&repo).lines("a.c"), lines(1..=4));
}

/// A copy made on another branch, merged later.
#[test]
fn a_copy_on_a_parallel_branch() {
    let repo = history(|script| {
        let base = script.add(by_bob([]).file("base.txt", "base\n"));
        let side = script.add(by_bob([base]).file("copy.txt", text("ada", 10)).date("1700000900 +0000"));
        let ada = script.add(by_ada([base]).file("ada.txt", text("ada", 10)).date("1700000100 +0000"));
        script.add(by_bob([side, ada]).file("ada.txt", text("ada", 10)));
    });
    let found = scan(&repo);
    // Which of them was first, history does not tell: both are credited with both.
    assert_eq!(found.files(), set(["ada.txt", "copy.txt"]));
    assert_eq!(found.lines("copy.txt"), lines(1..=10));
}

/// The same bytes give the same keys, in whatever repository, so that a copy elsewhere is found by them.
#[test]
fn a_copy_in_another_repository() {
    let origin = history(|script| {
        script.add(by_ada([]).file("ada.txt", text("ada", 10)));
    });
    let fork = history(|script| {
        script.add(by_bob([]).file("vendor/copy.txt", text("ada", 10)));
    });
    let excluded = scan(&origin);
    let key = |found: &Found, path: &str| {
        let row = found.unit("blob").into_iter().find(|entry| entry["path"] == path).cloned().unwrap();
        ["git_sha1", "sha1", "sha256", "size"].map(|key| row[key].clone())
    };
    let everyone = "[[rule]]\nid = \"r-everything\"\n";
    let there = Scan::of(&fork, everyone).found();
    assert_eq!(key(&excluded, "ada.txt"), key(&there, "vendor/copy.txt"));
}

/// Bob goes over the file line by line: what he leaves of it stays Ada's.
#[test]
fn an_edit_here_and_there() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("a.txt", text("ada", 6)));
        let edited = text("ada", 6).replace("says 2", "shouts 2").replace("says 5", "shouts 5");
        script.add(by_bob([ada]).file("a.txt", edited));
    });
    let found = scan(&repo);
    assert_eq!(found.lines("a.txt"), [1, 3, 4, 6].into());
    assert_eq!(found.summary["lines"], serde_json::json!({"all": 6, "excluded": 4, "unknown": 0}));
}

/// A binary file has no lines: whoever ever changed it has a part in it.
#[test]
fn binary_files_and_links() {
    let repo = history(|script| {
        let ada = script
            .add(by_ada([]).file("logo.bin", b"\0ada").symlink("link", "ada.txt").file("own.bin", b"\0"));
        let moved = script.add(by_bob([ada]).rename("logo.bin", "img/logo.bin").rename("link", "img/link"));
        script.add(
            by_bob([moved])
                .file("img/logo.bin", b"\0ada and bob")
                .file("bob.bin", b"\0bob")
                .delete("own.bin"),
        );
    });
    assert_eq!(scan(&repo).files(), set(["img/link", "img/logo.bin"]));
}

/// Who only moved, or only merged, has written nothing.
#[test]
fn the_mover_has_written_nothing() {
    let repo = history(|script| {
        let base = script.add(by_bob([]).file("a.txt", text("bob", 10)).file("link", "x"));
        let moved = script.add(by_ada([base]).rename("a.txt", "b.txt").message("move\n"));
        let side = script.add(by_bob([base]).file("c.txt", text("side", 3)));
        script.add(by_ada([moved, side]).file("c.txt", text("side", 3)).message("merge\n"));
    });
    let found = scan(&repo);
    assert_eq!(found.files(), set([]));
    assert_eq!(found.ids("commit").len(), 2);
}
