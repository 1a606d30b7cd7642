//! A manifest of all refs is held against a scan of all refs, and one of the whole history against that; whichever it is,
//! is found out. Refs that have moved make it stale.

use withhold::manifest::CoverageRow;

use super::case::{
    ADA, Checked, by_ada, by_bob, check, command, fails, forge, head, history, list, scan, text,
};
use super::published::publish;
use crate::support::Repo;
use crate::support::repo::run;

/// Main is Bob's; on `side`, and at the tag `old`, Ada had a part, and then took it back.
fn repo() -> Repo {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("a", text("bob", 8)));
        let ada = script.add(by_ada([bob]).file("a", text("bob", 8) + "ada\n").file("b", text("ada", 5)));
        script.add(by_bob([ada]).file("a", text("bob", 8) + "bob\n").delete("b"));
    });
    repo.git(["branch", "side", "main~1"]);
    repo.git(["tag", "-a", "-m", "one", "old", "main~2"]);
    list(&repo, 7, ADA);
    repo
}

/// It is stale, and this is told.
#[track_caller]
fn is_stale(found: Checked, told: &str) {
    let found = found.ended(4, &["manifest-stale"]);
    assert!(found.notes().contains(told), "{}", found.notes());
}

#[test]
fn a_manifest_of_all_refs_is_right_for_each_of_them_in_any_profile() {
    let repo = repo();
    let key = repo.beside("key");
    std::fs::write(&key, "0123456789abcdef").unwrap();
    let key = ["--key-file", key.to_str().unwrap()];
    for profile in ["keys", "paths", "audit"] {
        for history in [&[][..], &["--history"]] {
            let args = [&["--all-refs", "--profile", profile][..], history, &key].concat();
            let manifest = scan(&repo, &args);
            for rev in ["HEAD", "side", "old", &repo.id("side")] {
                check(&repo, &[&[rev, "--manifest", &manifest][..], &key].concat()).ended(0, &[]);
            }
        }
    }
}

#[test]
fn a_manifest_of_the_history_is_known_by_what_it_covers() {
    let repo = repo();
    let manifest = scan(&repo, &["--history"]);
    check(&repo, &["--manifest", &manifest]).ended(0, &[]);
    let forged = forge(&repo, |entries, _| entries.retain(|entry| entry.path.as_deref() != Some("b")));
    let found = check(&repo, &["--manifest", &forged]).ended(1, &["manifest-differs"]);
    assert!(found.notes().contains("lacks lines b:1-5 ("), "{}", found.notes());
    assert!(!found.notes().contains("coverage"), "the old versions are rightly there: {}", found.notes());
    // Who asks for all of it is not content with less.
    let manifest = scan(&repo, &[]);
    check(&repo, &["--manifest", &manifest, "--history"]).ended(1, &["manifest-differs"]);
}

/// Nothing but paths tells such a history from what stands: no content is gone.
#[test]
fn a_history_in_which_a_file_was_only_renamed_is_known_too() {
    let repo = history(|script| {
        let one = script.add(by_ada([]).file("a", text("a", 5)));
        script.add(by_bob([one]).delete("a").file("b", text("a", 5)));
    });
    list(&repo, 7, ADA);
    let manifest = scan(&repo, &["--history"]);
    check(&repo, &["--manifest", &manifest]).ended(0, &[]);
}

#[test]
fn rows_that_someone_took_from_it_are_missed() {
    let repo = repo();
    scan(&repo, &["--all-refs"]);
    let forged = forge(&repo, |entries, _| entries.retain(|entry| entry.path.as_deref() != Some("b")));
    let found = check(&repo, &["--manifest", &forged]).ended(1, &["manifest-differs"]);
    assert!(found.notes().contains("lacks blob b ("), "{}", found.notes());
    scan(&repo, &["--all-refs"]);
    let side = repo.id("side:b");
    let forged = forge(&repo, |_, coverage| {
        coverage.retain(
            |row| !matches!(row, CoverageRow::Blob(blob) if blob.git_sha1.unwrap().to_string() == side),
        );
    });
    let found = check(&repo, &["--manifest", &forged]).ended(1, &["manifest-differs"]);
    assert!(found.notes().contains(&format!("lacks coverage of blob {side}")), "{}", found.notes());
}

#[test]
fn refs_that_have_moved_come_or_gone_make_it_stale() {
    let repo = repo();
    let (main, side, old) = (repo.id("main"), repo.id("side"), repo.id("old^{commit}"));
    for profile in ["keys", "paths"] {
        let named = |told: String| if profile == "keys" { String::new() } else { told };
        let manifest = scan(&repo, &["--all-refs", "--profile", profile]);
        let given = ["--manifest", manifest.as_str()];
        check(&repo, &given).ended(0, &[]);
        // The same commit under another name is nothing new.
        repo.git(["branch", "again", &side]);
        check(&repo, &given).ended(0, &[]);
        repo.git(["branch", "-D", "again"]);

        repo.git(["branch", "new", &orphan(&repo, "old")]);
        is_stale(check(&repo, &given), "it does not cover refs/heads/new at ");
        repo.git(["branch", "-D", "new"]);

        repo.git(["branch", "-f", "side", &old]);
        is_stale(check(&repo, &given), &named(format!("refs/heads/side at {side}, which is at {old} now")));
        repo.git(["branch", "-D", "side"]);
        is_stale(check(&repo, &given), &format!("{side}, which no ref here names"));
        // What is asked about by its id needs no name.
        check(&repo, &[&[side.as_str()], &given[..]].concat()).ended(0, &[]);
        repo.git(["branch", "side", &side]);
        check(&repo, &given).ended(0, &[]);
    }
    // The same commits, but not where it says.
    let manifest = scan(&repo, &["--all-refs"]);
    repo.git(["update-ref", "refs/heads/main", &side]);
    repo.git(["update-ref", "refs/heads/side", &main]);
    is_stale(
        check(&repo, &["--manifest", &manifest]),
        &format!("refs/heads/side at {side}, which is at {main} now"),
    );
}

/// A commit without history, with the files of another.
fn orphan(repo: &Repo, of: &str) -> String {
    repo.git(["commit-tree", "-m", "new", &repo.id(&format!("{of}^{{tree}}"))]).line()
}

#[test]
fn a_revision_that_it_does_not_cover_is_not_its_own() {
    let repo = repo();
    let manifest = scan(&repo, &["--all-refs"]);
    let new = orphan(&repo, "old");
    let found = check(&repo, &[&new, "--manifest", &manifest]).ended(4, &["manifest-stale"]);
    assert!(found.findings()[0]["message"].as_str().unwrap().contains("is not for commit"), "{found:?}");
    // A commit that somebody has checked out is no ref, if nobody asks about it.
    repo.git(["update-ref", "--no-deref", "HEAD", &new]);
    check(&repo, &["main", "--manifest", &manifest]).ended(0, &[]);
    check(&repo, &["--manifest", &manifest]).ended(4, &["manifest-stale"]);
    // Nor is it one that has moved, if it is somewhere else now.
    for at in ["side", "main~2"] {
        repo.git(["update-ref", "--no-deref", "HEAD", at]);
        let manifest = scan(&repo, &["--all-refs"]);
        repo.git(["update-ref", "--no-deref", "HEAD", "main"]);
        check(&repo, &["--manifest", &manifest]).ended(0, &[]);
    }
}

/// A clone has the branches as remote-tracking ones, and HEAD is often detached in CI.
#[test]
fn a_clone_may_call_the_refs_by_other_names() {
    let repo = repo();
    let manifest = scan(&repo, &["--all-refs", "--repo", "r"]);
    let clone = repo.beside("clone").to_str().unwrap().to_owned();
    repo.git(["clone", "--quiet", &format!("file://{}", repo.path().display()), &clone]);
    repo.git(["-C", &clone, "checkout", "--quiet", "--detach"]);
    let args = ["-C", &clone, "check", "--repo", "r", "--manifest", &manifest];
    let output = run(&mut command(&repo, &args), b"");
    assert_eq!(output.status, 0, "{}{}", output.line(), output.stderr);
    repo.git(["-C", &clone, "tag", "-d", "old"]);
    let output = run(&mut command(&repo, &args), b"");
    assert_eq!(output.status, 4, "{}", output.stderr);
    assert!(output.line().contains("which no ref here names"), "{}", output.line());
}

#[test]
fn notes_that_have_moved_make_any_manifest_stale() {
    let repo = repo();
    for args in [&[][..], &["--all-refs"]] {
        let manifest = scan(&repo, args);
        repo.git(["notes", "add", "-m", "one", "main"]);
        is_stale(check(&repo, &["--manifest", &manifest]), "it does not cover refs/notes/commits at ");
        let manifest = scan(&repo, args);
        check(&repo, &["--manifest", &manifest]).ended(0, &[]);
        let keys = scan(&repo, &[args, &["--profile", "keys"]].concat());
        check(&repo, &["--manifest", &keys]).ended(0, &[]);
        let manifest = scan(&repo, args);
        let notes = repo.id("refs/notes/commits");
        repo.git(["notes", "add", "-f", "-m", "two", "main"]);
        is_stale(check(&repo, &["--manifest", &manifest]), &format!("refs/notes/commits at {notes}"));
        repo.git(["update-ref", "-d", "refs/notes/commits"]);
        is_stale(check(&repo, &["--manifest", &manifest]), "which no ref here names");
    }
}

/// Each ref can carry a list of its own: all of them were heeded, and an old one on an old tag is no step back.
#[test]
fn the_lists_of_all_refs_are_those_that_it_was_made_with() {
    let own = |serial: u32, rest: &str| head(serial).replace("engineering", "own") + rest;
    let path = ".withhold/optout.toml";
    let repo = history(|script| {
        let one = script.add(by_bob([]).file("b", "b\n").file(path, own(1, "")));
        script.add(by_bob([one]).file(path, own(2, ADA)));
    });
    repo.git(["tag", "old", "main~1"]);
    list(&repo, 7, "");
    let manifest = scan(&repo, &["--all-refs"]);
    check(&repo, &["--manifest", &manifest]).ended(0, &[]);
    // Where nothing was seen before, as in a fresh clone.
    let fresh = repo.beside("fresh");
    check(&repo, &["old", "--manifest", &manifest, "--cache", fresh.to_str().unwrap()]).ended(0, &[]);
    repo.git(["branch", "broken", &{
        let blob = repo.write_object("blob", b"nonsense");
        let folder =
            repo.git_with(["mktree"], format!("100644 blob {blob}\toptout.toml\n").as_bytes()).line();
        let tree = repo.git_with(["mktree"], format!("040000 tree {folder}\t.withhold\n").as_bytes()).line();
        repo.git(["commit-tree", "-m", "broken", &tree]).line()
    }]);
    let said = fails(&repo, 3, &["--manifest", &manifest]);
    assert!(said.contains("refs/heads/broken:.withhold/optout.toml"), "{said}");
}

/// Of the lists that refs carry, that of the revision alone sets a limit of time.
#[test]
fn the_list_of_another_branch_may_have_expired() {
    let own = head(1).replace("engineering", "own") + "not-after = 2001-01-01\n";
    let repo = history(|script| {
        let one = script.add(by_bob([]).file("b", "b\n"));
        script.add(by_bob([one]).file(".withhold/optout.toml", own));
    });
    repo.git(["branch", "side", "main~1"]);
    list(&repo, 7, ADA);
    repo.git(["symbolic-ref", "HEAD", "refs/heads/side"]);
    let manifest = scan(&repo, &["--all-refs"]);
    repo.git(["symbolic-ref", "HEAD", "refs/heads/main"]);
    check(&repo, &["side", "--manifest", &manifest]).ended(0, &[]);
    assert!(fails(&repo, 4, &["--manifest", &manifest]).contains("expired"));
}

#[test]
fn the_list_or_policy_of_all_refs_may_have_changed() {
    let repo = repo();
    let manifest = scan(&repo, &["--all-refs"]);
    list(&repo, 8, ADA);
    is_stale(check(&repo, &["--manifest", &manifest]), "serial 7");
    list(&repo, 6, ADA);
    let fresh = repo.beside("fresh");
    let found = check(&repo, &["--manifest", &manifest, "--cache", fresh.to_str().unwrap()]);
    found.ended(4, &["list-rolled-back"]);
}

#[test]
fn a_tracked_manifest_of_all_refs_is_for_the_refs_before_the_commit_that_brings_it() {
    let repo = super::manifests::with_work_tree();
    repo.git(["branch", "side", "main~1"]);
    for history in [&[][..], &["--history"]] {
        super::manifests::track(&repo, &[&["--all-refs"][..], history].concat());
        check(&repo, &[]).ended(0, &[]);
    }
    let side = repo.id("side");
    repo.git(["branch", "-f", "side", &orphan(&repo, "main~1")]);
    is_stale(check(&repo, &[]), &format!("refs/heads/side at {side}, which is at "));
}

#[test]
fn a_published_manifest_can_be_of_all_refs() {
    let repo = repo();
    scan(&repo, &["--all-refs"]);
    publish(&repo, "main");
    publish(&repo, "side");
    let found = check(&repo, &["--published"]).ended(0, &[]);
    assert_eq!(found.report["looked_at"].as_array().unwrap().len(), 2);
    repo.git(["branch", "new", &orphan(&repo, "old")]);
    publish(&repo, "new");
    let found = check(&repo, &["--published"]);
    found.ended(4, &["manifest-stale", "manifest-stale", "manifest-stale"]);
}

/// No scan of this repository alone gives what was put together from several.
#[test]
fn a_manifest_that_was_merged_is_refused_with_the_reason() {
    use withhold::manifest::{self, Digest, Encoding, HeaderParts, Manifest};
    let repo = repo();
    let path = scan(&repo, &[]);
    let (header, entries, coverage) = manifest::read(path.as_ref()).unwrap().into_parts();
    let parts = HeaderParts { merged_from: vec![Digest::of(b"one"), Digest::of(b"other")], ..header.into() };
    let merged = Manifest::build(parts, entries, coverage, manifest::Profile::Paths, 1).unwrap();
    manifest::write(&merged, path.as_ref(), Encoding::JsonLines).unwrap();
    let found = check(&repo, &["--manifest", &path]).ended(4, &["manifest-stale"]);
    assert!(found.findings()[0]["message"].as_str().unwrap().contains("merged"), "{found:?}");
}
