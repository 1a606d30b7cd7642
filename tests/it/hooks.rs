//! The pre-commit hook that is shipped: no commit brings a broken list. Run by real commits.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::Repo;
use crate::support::repo::{Output, copy_executable, run};

const LIST: &str = "schema = 1\nlist = \"corp/engine\"\nserial = 1\n";

/// A repository with the hook in place.
fn with_hook() -> Repo {
    let repo = Repo::with_work_tree();
    let hooks = repo.git(["rev-parse", "--git-path", "hooks"]).line();
    let hook = repo.path().join(hooks).join("pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    copy_executable(concat!(env!("CARGO_MANIFEST_DIR"), "/hooks/pre-commit").as_ref(), &hook);
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(repo.path().join(".withhold")).unwrap();
    repo
}

fn commit(repo: &Repo, withhold: &str) -> Output {
    let mut git = repo.command("git");
    git.args(["commit", "--quiet", "--allow-empty", "-m", "x"]).env("WITHHOLD", withhold);
    run(&mut git, b"")
}

fn stage(repo: &Repo, text: &str) {
    fs::write(repo.path().join(".withhold/optout.toml"), text).unwrap();
    repo.git(["add", ".withhold/optout.toml"]);
}

const WITHHOLD: &str = env!("CARGO_BIN_EXE_withhold");

#[test]
fn a_valid_list_can_be_committed_and_a_broken_one_cannot() {
    let repo = with_hook();
    stage(&repo, LIST);
    assert_eq!(commit(&repo, WITHHOLD).status, 0);
    stage(&repo, &LIST.replace("serial", "cereal"));
    let refused = commit(&repo, WITHHOLD);
    assert_eq!(refused.status, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("error[unknown-key]"), "{}", refused.stderr);
    assert!(refused.stderr.contains("is not valid"), "{}", refused.stderr);
}

#[test]
fn what_is_staged_counts_and_not_what_lies_in_the_work_tree() {
    let repo = with_hook();
    stage(&repo, "broken");
    fs::write(repo.path().join(".withhold/optout.toml"), LIST).unwrap();
    assert_eq!(commit(&repo, WITHHOLD).status, 1);
    stage(&repo, LIST);
    fs::write(repo.path().join(".withhold/optout.toml"), "broken").unwrap();
    assert_eq!(commit(&repo, WITHHOLD).status, 0);
}

#[test]
fn a_missing_program_is_no_permission() {
    let repo = with_hook();
    stage(&repo, LIST);
    let refused = commit(&repo, "/nowhere/withhold");
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("hint: install it"), "{}", refused.stderr);
}

#[test]
fn other_commits_do_not_need_the_program() {
    let repo = with_hook();
    assert_eq!(commit(&repo, "/nowhere/withhold").status, 0);
    stage(&repo, LIST);
    assert_eq!(commit(&repo, WITHHOLD).status, 0);
    repo.git(["rm", "--quiet", ".withhold/optout.toml"]);
    assert_eq!(commit(&repo, "/nowhere/withhold").status, 0, "taking the list away is no broken list");
}
