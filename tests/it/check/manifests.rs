//! The manifest is there, complete, for this revision, and what a scan finds.

use serde_json::json;

use super::case::{ADA, by_ada, by_bob, check, fails, forge, history, list, scan, text};
use crate::support::Repo;
use crate::support::repo::run;

/// A file of Ada's, in a bare repository.
fn repo() -> Repo {
    let repo = history(|script| {
        let one = script.add(by_bob([]).file("b", text("b", 5)));
        script.add(by_ada([one]).file("a", text("a", 5)));
    });
    list(&repo, 7, ADA);
    repo
}

#[test]
fn the_manifest_of_a_scan_is_right_whatever_its_profile_and_encoding() {
    let repo = repo();
    let key = repo.beside("key");
    std::fs::write(&key, "0123456789abcdef").unwrap();
    let key = ["--key-file", key.to_str().unwrap()];
    for args in [
        ["--profile", "keys", "--encoding", "jsonl"],
        #[cfg(feature = "zstd")]
        ["--profile", "paths", "--encoding", "jsonl.zst"],
        #[cfg(feature = "parquet")]
        ["--profile", "audit", "--encoding", "parquet"],
        ["--profile", "audit", "--encoding", "jsonl"],
    ] {
        let manifest = scan(&repo, &[&args[..], &key].concat());
        let found = check(&repo, &[&["--manifest", &manifest][..], &key].concat()).ended(0, &[]);
        assert!(found.said.contains("the manifest in "), "{}", found.said);
    }
}

#[test]
fn without_a_manifest_nothing_is_clean() {
    let repo = repo();
    check(&repo, &[]).ended(4, &["manifest-missing"]);
    let nowhere = repo.beside("nowhere");
    check(&repo, &["--manifest", nowhere.to_str().unwrap()]).ended(4, &["manifest-missing"]);
}

#[test]
fn a_manifest_that_is_damaged_is_not_read() {
    let repo = repo();
    let manifest = scan(&repo, &[]);
    let entries = repo.beside("manifest").join("entries.jsonl");
    let text = std::fs::read_to_string(&entries).unwrap();
    for damaged in [text.replace("\"line_end\":5", "\"line_end\":4"), String::new(), "{}\n".to_owned()] {
        std::fs::write(&entries, damaged).unwrap();
        check(&repo, &["--manifest", &manifest]).ended(5, &["manifest-invalid"]);
    }
}

#[test]
fn a_manifest_for_another_commit_is_stale() {
    let repo = repo();
    let manifest = scan(&repo, &["--rev", "main~1"]);
    let found = check(&repo, &["--manifest", &manifest]).ended(4, &["manifest-stale"]);
    assert!(found.notes().contains(&repo.id("main~1")), "{}", found.notes());
    check(&repo, &["main~1", "--manifest", &manifest]).ended(0, &[]);
}

#[test]
fn a_manifest_under_another_list_or_policy_is_stale() {
    let repo = repo();
    let manifest = scan(&repo, &[]);
    let policy = repo.beside("policy.toml");
    std::fs::write(&policy, "schema = 1\n[policy]\nunit = \"lines\"\n").unwrap();
    let found = check(&repo, &["--manifest", &manifest, "--policy", policy.to_str().unwrap()]);
    assert!(found.ended(4, &["manifest-stale"]).notes().contains("another policy"));
    list(&repo, 8, ADA);
    let found = check(&repo, &["--manifest", &manifest]).ended(4, &["manifest-stale"]);
    assert!(found.notes().contains("serial 7"), "{}", found.notes());
}

#[test]
fn a_manifest_from_which_someone_took_rows_differs() {
    let repo = repo();
    scan(&repo, &[]);
    let forged = forge(&repo, |entries, _| entries.retain(|entry| entry.path.as_deref() != Some("a")));
    let validate = repo.withhold(["manifest", "validate", &forged]);
    assert_eq!(validate.status, 0, "nothing is wrong with it by itself: {}", validate.stderr);
    let found = check(&repo, &["--manifest", &forged]).ended(1, &["manifest-differs"]);
    assert!(found.notes().contains("lacks blob a ("), "{}", found.notes());
    assert!(found.notes().contains("lacks lines a:1-5 ("), "{}", found.notes());
}

#[test]
fn a_manifest_with_more_rows_than_there_are_differs() {
    let repo = repo();
    scan(&repo, &[]);
    let forged = forge(&repo, |entries, _| {
        let mut more = entries[0].clone();
        more.path = Some("b".into());
        entries.push(more);
    });
    let found = check(&repo, &["--manifest", &forged]).ended(1, &["manifest-differs"]);
    assert!(found.notes().contains("has blob b ("), "{}", found.notes());
}

#[test]
fn only_so_many_rows_are_told() {
    let repo = history(|script| {
        let files =
            (0..40).fold(by_ada([]), |commit, at| commit.file(format!("f{at}"), text(&at.to_string(), 3)));
        script.add(files);
    });
    list(&repo, 7, ADA);
    scan(&repo, &[]);
    let forged = forge(&repo, |entries, _| entries.clear());
    let found = check(&repo, &["--manifest", &forged]).ended(1, &["manifest-differs"]);
    assert_eq!(found.findings()[0]["notes"].as_array().unwrap().len(), 11);
    assert!(found.notes().contains("lacks 71 more"), "{}", found.notes());
}

#[test]
fn another_name_of_the_repository_is_told_apart_from_a_forgery() {
    let repo = repo();
    let manifest = scan(&repo, &["--repo", "corp/engine"]);
    let found = check(&repo, &["--manifest", &manifest]).ended(1, &["manifest-differs"]);
    assert!(found.notes().contains("see --repo"), "{}", found.notes());
    check(&repo, &["--manifest", &manifest, "--repo", "corp/engine"]).ended(0, &[]);
}

#[test]
fn a_manifest_of_the_whole_history_is_held_against_a_scan_of_it() {
    let repo = repo();
    let manifest = scan(&repo, &["--history"]);
    check(&repo, &["--manifest", &manifest, "--history"]).ended(0, &[]);
}

/// Gives `main` an annotated tag of Ada's, and says its id.
fn tag(repo: &Repo) -> String {
    repo.git(["tag", "-a", "-m", "m", "v1", "main"]);
    repo.id("v1")
}

/// In CI there is often no branch, only a commit; and not every tag.
#[test]
fn a_detached_head_and_missing_tags_are_no_difference() {
    let repo = repo();
    let tag = tag(&repo);
    let manifest = scan(&repo, &[]);
    let commit = repo.id("main");
    check(&repo, &[&commit, "--manifest", &manifest]).ended(0, &[]);
    repo.git(["update-ref", "-d", "refs/tags/v1"]);
    check(&repo, &["--manifest", &manifest]).ended(0, &[]);
    let without = scan(&repo, &[]);
    repo.git(["update-ref", "refs/tags/v1", &tag]);
    check(&repo, &["--manifest", &without]).ended(0, &[]);
}

/// But a tag that the manifest has looked at, it must be right about.
#[test]
fn a_manifest_that_calls_an_excluded_tag_clear_differs() {
    let repo = repo();
    let tag = tag(&repo);
    scan(&repo, &[]);
    let forged = forge(&repo, |entries, _| entries.retain(|entry| entry.unit.as_str() != "tag"));
    let found = check(&repo, &["--manifest", &forged]).ended(1, &["manifest-differs"]);
    assert!(found.notes().contains(&tag), "{}", found.notes());
}

/// A file of Ada's, in a repository with a work tree.
pub(super) fn with_work_tree() -> Repo {
    let repo = Repo::with_work_tree();
    repo.import(&{
        let mut script = crate::support::Script::default();
        let one = script.add(by_bob([]).file("b", text("b", 5)));
        script.add(by_ada([one]).file("a", text("a", 5)));
        script
    });
    repo.git(["reset", "--quiet", "--hard"]);
    list(&repo, 7, ADA);
    std::fs::create_dir(repo.path().join(".withhold")).unwrap();
    repo
}

/// One that tracks its manifest.
pub(super) fn tracking() -> Repo {
    let repo = with_work_tree();
    track(&repo, &[]);
    repo
}

/// Scans, and commits the manifest with nothing else.
pub(super) fn track(repo: &Repo, args: &[&str]) {
    let out = repo.path().join(".withhold/manifest");
    let args = [&["scan", "-q", "-o", out.to_str().unwrap()], args].concat();
    assert_eq!(run(&mut super::case::command(repo, &args), b"").status, 0);
    repo.git(["add", "--all"]);
    repo.git([
        "-c",
        "user.name=Bob",
        "commit",
        "--quiet",
        "--author",
        "Bob <bob@example.org>",
        "-m",
        "manifest",
    ]);
}

#[test]
fn a_tracked_manifest_is_for_the_commit_before_it() {
    let repo = tracking();
    let found = check(&repo, &[]).ended(0, &[]);
    assert_eq!(found.report["looked_at"][0]["manifest"], "tracked in .withhold/manifest");
    check(&repo, &["--manifest-path", ".withhold/manifest/"]).ended(0, &[]);
    check(&repo, &["--manifest-path", "elsewhere"]).ended(4, &["manifest-missing"]);
    check(&repo, &["--manifest-path", "a"]).ended(5, &["manifest-invalid"]);
}

#[test]
fn a_tracked_manifest_can_be_in_any_encoding() {
    let encodings =
        [("jsonl", true), ("jsonl.zst", cfg!(feature = "zstd")), ("parquet", cfg!(feature = "parquet"))];
    for (encoding, built) in encodings {
        if built {
            let repo = tracking();
            track(&repo, &["--encoding", encoding]);
            let entries = repo.path().join(format!(".withhold/manifest/entries.{encoding}"));
            assert!(entries.exists());
            check(&repo, &[]).ended(0, &[]);
            let bytes = std::fs::read(&entries).unwrap();
            std::fs::write(&entries, &bytes[..bytes.len() / 2]).unwrap();
            repo.git(["commit", "--quiet", "--all", "-m", "cut off"]);
            let found = check(&repo, &[]).ended(5, &["manifest-invalid"]);
            assert!(found.report.to_string().contains(&format!("entries.{encoding}")), "{}", found.report);
        }
    }
}

#[test]
fn a_tracked_manifest_is_stale_once_anything_else_changes() {
    let repo = tracking();
    std::fs::write(repo.path().join("c"), "c\n").unwrap();
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "-m", "more"]);
    check(&repo, &[]).ended(4, &["manifest-stale"]);
    track(&repo, &[]);
    check(&repo, &[]).ended(0, &[]);
}

#[test]
fn nothing_hides_beside_a_tracked_manifest() {
    let repo = tracking();
    std::fs::write(repo.path().join(".withhold/manifest/more.rs"), "more\n").unwrap();
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "-m", "more"]);
    check(&repo, &[]).ended(4, &["manifest-stale"]);
}

/// Its signature is made after it, and can stand beside it; but nothing else in that place.
#[test]
fn a_tracked_manifest_can_be_signed() {
    let repo = tracking();
    let desk = crate::signature::desk::Desk::new();
    let key = desk.ed25519("key");
    let manifest = repo.path().join(".withhold/manifest");
    let args = ["manifest", "sign", "--key", key.to_str().unwrap(), manifest.to_str().unwrap()];
    let signed = repo.withhold(args);
    assert_eq!(signed.status, 0, "{}", signed.stderr);
    let commit = |message| {
        repo.git(["add", "--all"]);
        repo.git(["commit", "--quiet", "-m", message]);
    };
    let allowed = |name: &str, key: &std::path::Path| {
        let path =
            desk.file(name, format!("keeper@corp.example {}\n", crate::signature::desk::Desk::public(key)));
        path.to_str().unwrap().to_owned()
    };
    let (ours, theirs) = (allowed("ours", &key), allowed("theirs", &desk.ed25519("other")));
    let asked = ["--allowed-signers", &ours, "--signer", "keeper@corp.example"];
    let unsigned = check(&repo, &asked).ended(5, &["manifest-invalid"]);
    assert!(unsigned.report.to_string().contains("there is no manifest.json.sig"), "{}", unsigned.report);
    // What is not committed is not tracked.
    let given = [&asked[..], &["--manifest", manifest.to_str().unwrap()]].concat();
    check(&repo, &given).ended(4, &["manifest-stale"]);
    commit("sign");
    check(&repo, &[]).ended(0, &[]);
    check(&repo, &asked).ended(0, &[]);
    check(&repo, &["--allowed-signers", &theirs]).ended(5, &["manifest-invalid"]);
    check(&repo, &["--allowed-signers", &ours, "--signer", "ada@corp.example"])
        .ended(5, &["manifest-invalid"]);
    let given = ["--allowed-signers", &theirs, "--manifest", manifest.to_str().unwrap()];
    check(&repo, &given).ended(5, &["manifest-invalid"]);
    for without in ["--published", "--no-manifest"] {
        fails(&repo, 2, &["--allowed-signers", &ours, without]);
    }
    fails(&repo, 5, &["--allowed-signers", "nowhere"]);
    let path = manifest.join("manifest.json.sig");
    let signature = std::fs::read_to_string(&path).unwrap();
    let header = std::fs::read(manifest.join("manifest.json")).unwrap();
    let other = String::from_utf8(desk.signs(&key, "git", &header, &[])).unwrap();
    for hidden in [format!("{signature}more\n"), "more\n".to_owned(), other] {
        std::fs::write(&path, hidden).unwrap();
        commit("hide");
        check(&repo, &[]).ended(5, &["manifest-invalid"]);
    }
}

/// The files are those that the manifest was made for, but since then they have become Ada's.
#[test]
fn a_tracked_manifest_is_wrong_once_the_same_files_are_somebody_elses() {
    let repo = tracking();
    let before = repo.id("HEAD");
    let commit = |content: &str| {
        std::fs::write(repo.path().join("b"), content).unwrap();
        repo.git(["commit", "--quiet", "--all", "-m", "by Ada"]);
    };
    commit("nothing\n");
    commit(&text("b", 5));
    repo.git(["branch", "side", &format!("{before}~1")]);
    for args in
        [&[][..], &["--profile", "keys"], &["--history"], &["--all-refs"], &["--all-refs", "--history"]]
    {
        let now = repo.id("main");
        repo.point_main_at(&before);
        let out = repo.path().join(".withhold/manifest");
        let args = [&["scan", "-q", "-o", out.to_str().unwrap()], args].concat();
        assert_eq!(run(&mut super::case::command(&repo, &args), b"").status, 0);
        repo.point_main_at(&now);
        repo.git(["commit", "--quiet", "--all", "--allow-empty", "-m", "manifest"]);
        let found = check(&repo, &[]).ended(1, &["manifest-differs"]);
        let blob = format!("({})", repo.id("HEAD:b"));
        assert!(found.notes().contains("lacks blob") && found.notes().contains(&blob), "{}", found.notes());
    }
}

#[test]
fn a_tracked_manifest_is_no_other_historys() {
    let repo = tracking();
    // The same files, but nobody knows who wrote them.
    let tree = repo.id("HEAD^{tree}");
    let commit = repo.git(["commit-tree", &tree, "-m", "squashed"]).line();
    check(&repo, &[&commit]).ended(4, &["manifest-stale"]);
}

#[test]
fn a_link_is_no_manifest() {
    let repo = history(|script| {
        script.add(by_bob([]).file("b", "b\n").symlink(".withhold/manifest/manifest.json", "/etc/passwd"));
    });
    list(&repo, 7, ADA);
    check(&repo, &[]).ended(5, &["manifest-invalid"]);
}

#[test]
fn what_it_looked_at_is_said_unless_nobody_wants_to_hear_it() {
    let repo = repo();
    let manifest = scan(&repo, &[]);
    let found = check(&repo, &["--manifest", &manifest]);
    let tip = format!("checked refs/heads/main at {}: 2 files, 10 lines, 2 commits", repo.id("main"));
    assert!(found.said.contains(&tip) && found.said.contains("no finding"), "{}", found.said);
    assert_eq!(check(&repo, &["--manifest", &manifest, "--quiet"]).said, "");
    assert_eq!(found.report["looked_at"][0]["files"], json!(2));
}
