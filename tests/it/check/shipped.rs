//! What is shipped for CI: the script that the GitHub Action calls, run as it would be there.

#![cfg(unix)]

use std::path::Path;

use super::case::{ADA, by_ada, history, list, text};
use crate::support::Repo;
use crate::support::repo::{Output, run};

/// A file of Ada's, where `main` is a training source.
fn repo() -> Repo {
    let repo = history(|script| {
        script.add(by_ada([]).file("a", text("a", 3)));
    });
    list(&repo, 1, &format!("{ADA}[[policy.training]]\nbranches = \"main\"\n"));
    repo
}

fn script(repo: &Repo, env: &[(&str, &str)]) -> Output {
    let mut command = repo.command(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/ci/check.sh"));
    let inputs = ["BRANCH", "BASELINE", "FORMAT", "OUTPUT", "MANIFEST", "ALLOWED_SIGNERS", "SIGNER"];
    for name in ["WITHHOLD_LIST", "WITHHOLD_KEY"].iter().chain(&inputs) {
        command.env_remove(name);
    }
    let list = repo.beside("optout.toml");
    command.env("WITHHOLD_PROGRAM", env!("CARGO_BIN_EXE_withhold")).env("LIST", list);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GITHUB_")) {
        command.env_remove(name);
    }
    command.envs(env.iter().copied());
    run(&mut command, b"")
}

const PUSH: (&str, &str) = ("GITHUB_REF_TYPE", "branch");
const NONE: (&str, &str) = ("MANIFEST", "none");

#[test]
fn a_push_is_for_its_branch_and_a_pull_request_for_the_one_that_it_goes_into() {
    let repo = repo();
    let main = script(&repo, &[PUSH, NONE, ("GITHUB_REF_NAME", "main")]);
    assert_eq!(main.status, 1, "{}", main.stderr);
    assert!(
        main.line().starts_with("::error file=a,line=1,endLine=3,title=training-excluded::"),
        "{}",
        main.line()
    );
    assert_eq!(script(&repo, &[PUSH, NONE, ("GITHUB_REF_NAME", "topic")]).status, 0);
    let request = [PUSH, NONE, ("GITHUB_REF_NAME", "7/merge"), ("GITHUB_BASE_REF", "main")];
    assert_eq!(script(&repo, &request).status, 1);
}

#[test]
fn without_more_a_manifest_is_asked_for() {
    let repo = repo();
    let missing = script(&repo, &[PUSH, ("GITHUB_REF_NAME", "topic")]);
    assert_eq!(missing.status, 4, "{}", missing.stderr);
    assert!(missing.line().contains("title=manifest-missing"), "{}", missing.line());
    assert_eq!(script(&repo, &[PUSH, ("GITHUB_REF_NAME", "topic"), ("MANIFEST", "no")]).status, 2);
}

#[test]
fn a_signature_is_asked_for_where_somebody_may_sign() {
    let desk = crate::signature::desk::Desk::new();
    let key = desk.ed25519("key");
    let public = crate::signature::desk::Desk::public(&key);
    let allowed = desk.file("allowed signers", format!("keeper@corp.example {public}\n"));
    let allowed = ("ALLOWED_SIGNERS", allowed.to_str().unwrap());
    let signer = |name| ("SIGNER", name);
    let repo = super::manifests::tracking();
    assert_eq!(script(&repo, &[]).status, 0);
    assert_eq!(script(&repo, &[allowed]).status, 5);
    let manifest = repo.path().join(".withhold/manifest");
    let args = ["manifest", "sign", "--key", key.to_str().unwrap(), manifest.to_str().unwrap()];
    assert_eq!(repo.withhold(args).status, 0);
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "-m", "sign"]);
    assert_eq!(script(&repo, &[allowed]).status, 0);
    assert_eq!(script(&repo, &[allowed, signer("keeper@corp.example")]).status, 0);
    assert_eq!(script(&repo, &[allowed, signer("ada@corp.example")]).status, 5);
    assert_eq!(script(&repo, &[signer("keeper@corp.example")]).status, 2);
    assert_eq!(script(&repo, &[allowed, NONE]).status, 2);
}

#[test]
fn a_branch_may_be_called_anything() {
    let repo = repo();
    for name in ["--no-manifest", "$(touch owned)", "`touch owned`", "a b;touch owned", "ü", "-"] {
        let output = script(&repo, &[PUSH, NONE, ("GITHUB_REF_NAME", name), ("FORMAT", "json")]);
        assert_eq!(output.status, 0, "{name}: {}", output.stderr);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["looked_at"][0]["branch"], *name);
        assert!(!repo.path().join("owned").exists());
    }
}

#[test]
fn a_missing_program_is_no_pass() {
    let repo = repo();
    let output = script(&repo, &[PUSH, NONE, ("WITHHOLD_PROGRAM", "/nowhere/withhold")]);
    assert_ne!(output.status, 0);
}
