//! The paths that a manifest covers: those of git.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use super::case::{ADA, Found, Scan, by_bob, history};
use crate::support::{Repo, random};

/// The paths that are covered, as the manifest spells them.
fn covered(found: &Found) -> Vec<String> {
    paths(found, false)
}

/// The paths at which something stood that was not followed.
fn not_followed(found: &Found) -> Vec<String> {
    paths(found, true)
}

fn paths(found: &Found, why: bool) -> Vec<String> {
    let rows = found.coverage.iter().filter(|row| row["unit"] == "path" && row["why"].is_string() == why);
    rows.map(|row| {
        assert_eq!(row["repo"], found.coverage[0]["repo"]);
        row["path"].as_str().unwrap().to_owned()
    })
    .collect()
}

/// What git lists: the paths of regular files, and those of links and submodules.
fn listed(repo: &Repo, revs: &[String]) -> [BTreeSet<String>; 2] {
    let mut listed = [BTreeSet::new(), BTreeSet::new()];
    for rev in revs {
        let list = String::from_utf8(repo.git(["ls-tree", "-r", "-z", rev]).stdout).unwrap();
        for (meta, path) in list.split_terminator('\0').map(|entry| entry.split_once('\t').unwrap()) {
            listed[usize::from(!meta.starts_with("100"))].insert(path.to_owned());
        }
    }
    listed
}

/// Regular files, but for those that are reached by way of something else in one of the revisions.
fn expected(repo: &Repo, revs: &[String]) -> Vec<String> {
    let [files, others] = listed(repo, revs);
    let through =
        |path: &str| others.iter().any(|other| path == other || path.starts_with(&format!("{other}/")));
    files.into_iter().filter(|path| !through(path)).collect()
}

/// What stands at a path.
#[derive(Debug, Clone, Copy)]
enum Kind {
    File,
    Executable,
    Link,
    Submodule,
}

/// Folders in one revision, something else in another.
const PATHS: [&str; 7] = ["a", "a/b", "a/c", "a/c/d", "b", "b/e", "bb/e"];

/// A commit for each of these trees, one after the other; of two paths of which one leads through the other, the shorter.
fn repository(trees: &[BTreeMap<&str, Kind>]) -> Repo {
    history(|script| {
        let mut parent = None;
        for (number, tree) in trees.iter().enumerate() {
            let mut commit = by_bob(parent).delete_all().file("always", format!("{number}\n"));
            let is_free = |path: &str| !tree.keys().any(|other| path.starts_with(&format!("{other}/")));
            for (path, kind) in tree.iter().filter(|(path, _)| is_free(path)) {
                commit = match kind {
                    Kind::File => commit.file(path, "file\n"),
                    Kind::Executable => commit.executable(path, "file\n"),
                    Kind::Link => commit.symlink(path, "always"),
                    Kind::Submodule => commit.submodule(path, &"1".repeat(40)),
                };
            }
            parent = Some(script.add(commit));
        }
    })
}

proptest! {
    #![proptest_config(random::config(12))]

    #[test]
    fn they_are_the_files_that_git_lists(
        trees in vec(btree_map(select(&PATHS[..]), select(&[Kind::File, Kind::File, Kind::Executable, Kind::Link, Kind::Submodule][..]), 0..6), 1..6),
        branches in vec(0..6_usize, 2),
    ) {
        let repo = repository(&trees);
        let all = repo.git(["rev-list", "HEAD"]).line();
        let all: Vec<String> = all.lines().map(str::to_owned).collect();
        let mut tips = vec![all[0].clone()];
        for (number, at) in branches.iter().enumerate() {
            let tip = &all[at % all.len()];
            repo.git(["branch", &format!("b{number}"), tip]);
            tips.push(tip.clone());
        }
        for (args, revs) in
            [(&[][..], &tips[..1]), (&["--all-refs"], &tips), (&["--history"], &all), (&["--all-refs", "--history"], &all)]
        {
            let name = format!("manifest{}", args.concat());
            let found = Scan::of(&repo, ADA).args(args.iter().copied()).found_in(&name);
            prop_assert_eq!(covered(&found), expected(&repo, revs), "{:?}", args);
            let [_, others] = listed(&repo, revs);
            prop_assert_eq!(not_followed(&found), Vec::from_iter(others), "{:?}", args);
        }
    }
}

#[test]
fn they_are_spelled_as_those_of_entries_are() {
    let repo = history(|script| {
        let lfs =
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 5\n", "ab".repeat(32));
        let first = by_bob([])
            .file(b"caf\xe9.rs", "a\n")
            .file("gr\u{f6}\u{df}e 100%.rs", "b\n")
            .executable("run.sh", "c\n")
            .file("empty", "")
            .file("binary", b"\0\0")
            .file("model.bin", lfs)
            .symlink("link", "run.sh")
            .submodule("sub", &"1".repeat(40));
        script.add(first);
    });
    let paths = ["binary", "caf%E9.rs", "empty", "gr\u{f6}\u{df}e 100%25.rs", "model.bin", "run.sh"];
    for profile in ["paths", "audit"] {
        let key = repo.beside("key");
        std::fs::write(&key, "k".repeat(64)).unwrap();
        let args = ["--profile".into(), profile.into(), "--key-file".into(), key.into_os_string()];
        assert_eq!(covered(&Scan::of(&repo, ADA).args(args).found_in(profile)), paths);
    }
    let found = Scan::of(&repo, ADA).args(["--profile", "keys"]).found_in("keys");
    assert_eq!((covered(&found), &found.header["counts"]["coverage"]["path"]), (Vec::new(), &0.into()));
}

/// What was kept of a scan does not change which paths the next one covers.
#[test]
fn they_are_the_same_from_the_cache() {
    let repo = history(|script| {
        let first = script.add(by_bob([]).file("a", "a\n").file("b/c", "c\n").symlink("l", "a"));
        script.add(by_bob([first]).rename("b/c", "b/d").delete("l").file("l/e", "e\n"));
    });
    for args in [&[][..], &["--all-refs"], &["--history"]] {
        let scan = |name: &str| {
            covered(
                &Scan::of(&repo, ADA)
                    .args(args.iter().copied())
                    .found_in(&format!("{name}{}", args.concat())),
            )
        };
        let first = scan("first");
        assert_eq!(first, scan("second"));
        let expected: &[&str] =
            if args == ["--history"] { &["a", "b/c", "b/d"] } else { &["a", "b/d", "l/e"] };
        assert_eq!(first, expected, "{args:?}");
    }
}
