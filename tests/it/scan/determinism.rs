//! The same input gives the same bytes, wherever, whenever and however it is scanned.

use std::collections::BTreeMap;
use std::path::Path;

use super::case::{ADA, Scan, by_ada, by_bob, history, text};
use crate::support::Repo;

/// Several authors, folders, branches, a tag.
fn repo() -> Repo {
    let mut repo = history(|script| {
        let mut last = None;
        for round in 0..8_usize {
            let commit = if round % 3 == 0 { by_ada(last) } else { by_bob(last) };
            let commit =
                commit.file(format!("dir{}/file{round}.txt", round % 2), text("shared", 5 + round / 2));
            last = Some(
                script
                    .add(commit.file("main.txt", text("main", 10 + round)).file("bin", format!("\0{round}"))),
            );
        }
        let side = script.add(by_ada(last).file("side.txt", text("side", 4)));
        let other = script.add(by_bob(last).rename("main.txt", "moved.txt"));
        script.add(by_bob([other, side]).file("side.txt", text("side", 4)));
    });
    repo.git(["tag", "-a", "-m", "ada's", "v1", "main"]);
    let clone = repo.beside("clone");
    repo.git(["clone", "--quiet", repo.path().to_str().unwrap(), clone.to_str().unwrap()]);
    repo.move_to(clone);
    repo
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |file: std::fs::DirEntry| {
        (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())
    };
    std::fs::read_dir(folder).unwrap().map(|file| read(file.unwrap())).collect()
}

/// A scan under a fixed name.
fn scan(repo: &Repo) -> Scan<'_> {
    Scan::of(repo, ADA).args(["--repo", "corp/engine", "--rev", "main"])
}

/// The files of a manifest made by `scan`.
fn made(repo: &Repo, scan: Scan<'_>, args: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let mut command = scan.args(args).command("again");
    let output = crate::support::repo::run(&mut command, b"");
    assert_eq!(output.status, 0, "{}", output.stderr);
    files(&repo.beside("again"))
}

#[test]
fn with_any_number_of_threads() {
    let repo = repo();
    let one = made(&repo, scan(&repo), &["--threads", "1"]);
    assert_eq!(one.keys().collect::<Vec<_>>(), ["coverage.jsonl", "entries.jsonl", "manifest.json"]);
    assert!(one["entries.jsonl"].iter().filter(|byte| **byte == b'\n').count() > 15);
    for threads in ["2", "5"] {
        assert!(made(&repo, scan(&repo), &["--threads", threads]) == one, "{threads} threads");
    }
}

#[test]
fn in_another_place_or_language_or_time_zone() {
    let repo = repo();
    let here = made(&repo, scan(&repo), &[]);
    let elsewhere = scan(&repo)
        .env("LC_ALL", "de_DE.UTF-8")
        .env("LANG", "tr_TR.UTF-8")
        .env("TZ", "Asia/Kathmandu")
        .env("USER", "eve");
    assert!(made(&repo, elsewhere, &[]) == here);
    let bare = repo.beside("repo.git");
    assert!(made(&repo, scan(&repo), &[bare.to_str().unwrap()]) == here, "bare");
    let folder = repo.path().join("dir1");
    assert!(made(&repo, scan(&repo), &[folder.to_str().unwrap()]) == here, "a folder in it");
    let tree = repo.beside("tree");
    repo.git(["worktree", "add", "--quiet", "-b", "other", tree.to_str().unwrap()]);
    assert!(made(&repo, scan(&repo), &[tree.to_str().unwrap()]) == here, "a linked work tree");
    repo.git(["repack", "-a", "-d", "-q"]);
    repo.git(["pack-refs", "--all"]);
    assert!(made(&repo, scan(&repo), &[]) == here, "repacked");
}

/// What somebody left in the work tree or the index is not what is scanned.
#[test]
fn whatever_lies_about_in_the_work_tree() {
    let repo = repo();
    let clean = made(&repo, scan(&repo), &[]);
    std::fs::write(repo.path().join("main.txt"), "changed\n").unwrap();
    std::fs::write(repo.path().join(".mailmap"), "X <x@example.org> <bob@example.org>\n").unwrap();
    std::fs::write(repo.path().join(".gitattributes"), "* binary\n").unwrap();
    repo.git(["add", "--all"]);
    assert!(made(&repo, scan(&repo), &[]) == clean);
}

/// No clock: the newest committer's date, or the time that is given.
#[test]
fn the_time_is_the_historys_or_is_given() {
    let repo = repo();
    let created = |scan: Scan<'_>| {
        let files = made(&repo, scan, &[]);
        let header: serde_json::Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        header["created_at"].as_str().unwrap().to_owned()
    };
    assert_eq!(created(scan(&repo)), "2023-11-14T22:24:20Z");
    assert_eq!(created(scan(&repo).env("SOURCE_DATE_EPOCH", "1800000000")), "2027-01-15T08:00:00Z");
    let at = ["--at", "2026-01-31T13:00:00+01:00"];
    assert_eq!(created(scan(&repo).env("SOURCE_DATE_EPOCH", "1800000000").args(at)), "2026-01-31T12:00:00Z");
    let said = Scan::of(&repo, ADA).env("SOURCE_DATE_EPOCH", "today").fails(2);
    assert!(said.contains("SOURCE_DATE_EPOCH"), "{said}");
}

#[cfg(feature = "zstd")]
#[test]
fn rows_are_the_same_when_compressed() {
    let repo = repo();
    let plain = made(&repo, scan(&repo), &[]);
    let packed = made(&repo, scan(&repo), &["--encoding", "jsonl.zst"]);
    assert_eq!(
        packed.keys().collect::<Vec<_>>(),
        ["coverage.jsonl.zst", "entries.jsonl.zst", "manifest.json"]
    );
    for name in ["entries", "coverage"] {
        let unpacked = zstd::decode_all(&*packed[&format!("{name}.jsonl.zst")]).unwrap();
        assert!(unpacked == plain[&format!("{name}.jsonl")], "{name}");
    }
    assert_eq!(packed["manifest.json"], plain["manifest.json"]);
}

#[test]
fn rows_are_the_same_in_a_stream() {
    let repo = repo();
    let plain = made(&repo, scan(&repo), &[]);
    let stream = scan(&repo).stream().output().stdout;
    let stream = String::from_utf8(stream).unwrap();
    let rows = |kind: &str| -> Vec<u8> {
        let lines = stream.lines().filter_map(|line| line.strip_prefix(&format!("{{\"{kind}\":")));
        lines.flat_map(|line| format!("{}\n", &line[..line.len() - 1]).into_bytes()).collect()
    };
    assert!(rows("entry") == plain["entries.jsonl"] && rows("coverage") == plain["coverage.jsonl"]);
    assert_eq!(rows("header").trim_ascii_end(), plain["manifest.json"].trim_ascii_end());
}
