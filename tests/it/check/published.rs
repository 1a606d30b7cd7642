//! Branches whose published manifest is missing or forged: a client's hook can be left out, and lied with.

use super::case::{ADA, by_ada, by_bob, check, fails, history, list, scan, text};
use crate::support::Repo;

/// Two branches of which one has Ada's work.
fn repo() -> Repo {
    let repo = history(|script| {
        let one = script.add(by_bob([]).file("b", text("b", 5)));
        script.add(by_ada([one]).file("a", text("a", 5)));
    });
    repo.git(["branch", "fix/ü-1", "main~1"]);
    list(&repo, 7, ADA);
    repo
}

/// Publishes the manifest in the folder beside the repository for a branch.
pub(super) fn publish(repo: &Repo, branch: &str) {
    let mut tree = String::new();
    for name in ["coverage.jsonl", "entries.jsonl", "manifest.json"] {
        let file = repo.beside("manifest").join(name);
        let blob = repo.git(["hash-object".as_ref(), "-w".as_ref(), file.as_os_str()]).line();
        tree += &format!("100644 blob {blob}\t{name}\n");
    }
    let tree = repo.git_with(["mktree"], tree.as_bytes()).line();
    let commit = repo.git(["commit-tree", &tree, "-m", "manifest"]).line();
    repo.git(["update-ref", &format!("refs/exclusions/{branch}"), &commit]);
}

#[test]
fn every_branch_is_checked() {
    let repo = repo();
    let found = check(&repo, &["--published"]).ended(4, &["manifest-missing", "manifest-missing"]);
    assert_eq!(found.findings()[0]["ref"], "refs/heads/main");
    assert_eq!(found.findings()[1]["ref"], "refs/heads/fix/ü-1");
    for branch in ["main", "fix/ü-1"] {
        scan(&repo, &["--rev", branch]);
        publish(&repo, branch);
    }
    let found = check(&repo, &["--published"]).ended(0, &[]);
    assert_eq!(found.report["looked_at"].as_array().unwrap().len(), 2);
    assert_eq!(found.report["looked_at"][1]["manifest"], "at refs/exclusions/fix/ü-1");
}

#[test]
fn a_tip_that_came_in_without_a_manifest_is_found() {
    let repo = repo();
    scan(&repo, &["--rev", "main~1"]);
    publish(&repo, "main");
    check(&repo, &["main", "--published"]).ended(4, &["manifest-stale"]);
}

#[test]
fn the_manifest_of_another_branch_is_not_for_this_one() {
    let repo = repo();
    scan(&repo, &["--rev", "fix/ü-1"]);
    publish(&repo, "main");
    publish(&repo, "fix/ü-1");
    let found = check(&repo, &["--published"]).ended(4, &["manifest-stale"]);
    assert_eq!(found.findings()[0]["ref"], "refs/heads/main");
}

#[test]
fn a_commit_needs_the_name_of_its_branch() {
    let repo = repo();
    scan(&repo, &[]);
    publish(&repo, "main");
    let commit = repo.id("main");
    let said = fails(&repo, 4, &[&commit, "--published"]);
    assert!(said.contains("--branch NAME"), "{said}");
    check(&repo, &[&commit, "--published", "--branch", "main"]).ended(0, &[]);
    check(&repo, &["--published", "--branch", "main"]).ended(0, &[]);
}

#[test]
fn no_other_ref_is_taken_for_the_published_one() {
    let repo = repo();
    scan(&repo, &[]);
    publish(&repo, "main");
    repo.git(["update-ref", "refs/heads/refs/exclusions/main", "refs/exclusions/main"]);
    repo.git(["update-ref", "-d", "refs/exclusions/main"]);
    check(&repo, &["main", "--published"]).ended(4, &["manifest-missing"]);
}

/// Whoever damages one keeps nobody from hearing of the others.
#[test]
fn a_published_commit_without_a_manifest_is_one_finding_among_others() {
    let repo = repo();
    repo.git(["update-ref", "refs/exclusions/main", "main"]);
    check(&repo, &["--published"]).ended(5, &["manifest-invalid", "manifest-missing"]);
}
