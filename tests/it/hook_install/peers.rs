//! Beside the real lefthook, husky, pre-commit and git-lfs, installed before and after ours. `just hook-peers` fetches
//! them into a folder that WITHHOLD_PEERS names, and runs these, which nobody else asks for.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Stage, picture, script, text};
use crate::support::repo::run;

/// A stage on which the tools are at hand, and the folder that they are in.
#[track_caller]
fn stage() -> (Stage, PathBuf) {
    let peers =
        std::env::var_os("WITHHOLD_PEERS").expect("WITHHOLD_PEERS names no folder: run `just hook-peers`");
    (Stage::new(), PathBuf::from(peers))
}

impl Stage {
    #[track_caller]
    fn tool(&self, mut command: Command) {
        let output = run(&mut command, b"");
        assert_eq!(output.status, 0, "{command:?}: {}{}", output.line(), output.stderr);
    }

    /// What their hook wrote since the last time.
    fn theirs(&self) -> String {
        let log = self.beside("theirs");
        let text = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(&log);
        text
    }

    /// Theirs and ours both run, and both can say no; a missing program is a no.
    #[track_caller]
    fn assert_both(&self) {
        self.theirs();
        self.assert_gate();
        assert!(self.theirs().contains("theirs"), "theirs did not run");
        assert_eq!(self.push_with(&[("THEIRS", "1")]).status, 1, "theirs says no");
        self.asked();
        let said = self.done(&["doctor"]);
        assert!(said.contains("pre-push: runs"), "{said}");
    }

    /// Only theirs runs.
    #[track_caller]
    fn assert_only_theirs(&self) {
        self.theirs();
        self.assert_no_gate();
        assert!(self.theirs().contains("theirs"), "theirs did not run");
        assert_eq!(self.push_with(&[("THEIRS", "1")]).status, 1);
    }
}

fn lefthook(stage: &Stage, peers: &std::path::Path, args: &[&str]) -> Command {
    let mut command = stage.command(peers.join("node_modules/.bin/lefthook"));
    command.args(args);
    command
}

fn lefthook_config(stage: &Stage, extra: &str) {
    let log = stage.beside("theirs");
    let text = format!(
        "pre-push:\n  commands:\n    x:\n      run: echo theirs >>'{}'; exit ${{THEIRS:-0}}\n{extra}",
        log.display()
    );
    fs::write(stage.repo.path().join("lefthook.yml"), text).unwrap();
}

#[test]
#[ignore = "needs lefthook, husky and pre-commit: just hook-peers"]
fn lefthook_before() {
    let (stage, peers) = stage();
    lefthook_config(&stage, "");
    stage.tool(lefthook(&stage, &peers, &["install"]));
    let before = picture(&stage.hooks());
    stage.done(&["install"]);
    stage.assert_both();
    stage.done(&["install"]);
    stage.assert_both();
    stage.done(&["uninstall"]);
    assert_eq!(picture(&stage.hooks()), before);
    stage.assert_only_theirs();
}

#[test]
#[ignore = "needs lefthook, husky and pre-commit: just hook-peers"]
fn lefthook_after() {
    let (stage, peers) = stage();
    stage.done(&["install"]);
    lefthook_config(&stage, "");
    stage.tool(lefthook(&stage, &peers, &["install"]));
    stage.assert_only_theirs();
    let ill = stage.hook(&["doctor"]);
    assert_eq!(ill.status, 4);
    assert!(ill.line().contains("lefthook has written its own hook over it"), "{}", ill.line());
    stage.done(&["install"]);
    stage.assert_both();
    stage.done(&["uninstall"]);
    stage.assert_only_theirs();
}

/// lefthook installs its hooks anew when its configuration has changed, in the midst of a push.
#[test]
#[ignore = "needs lefthook, husky and pre-commit: just hook-peers"]
fn lefthook_again() {
    let (stage, peers) = stage();
    lefthook_config(&stage, "");
    stage.tool(lefthook(&stage, &peers, &["install"]));
    stage.done(&["install"]);
    stage.assert_both();
    for round in 0..3 {
        lefthook_config(&stage, &format!("pre-commit:\n  commands:\n    y{round}:\n      run: 'true'\n"));
        stage.asked();
        assert_eq!(stage.push().status, 0);
        assert_eq!(stage.asked().len(), 1, "this push was asked for");
        let after = stage.hook(&["doctor"]);
        if after.status == 4 {
            assert!(after.line().contains("lefthook has written"), "{}", after.line());
            stage.done(&["install"]);
        }
        stage.assert_both();
    }
}

fn husky(stage: &Stage, peers: &std::path::Path) -> Command {
    let mut command = stage.command(peers.join("node_modules/.bin/husky"));
    command.env_remove("HUSKY");
    command
}

fn husky_config(stage: &Stage) {
    let log = stage.beside("theirs");
    let text = format!("cat >>'{0}'; echo theirs >>'{0}'; exit ${{THEIRS:-0}}\n", log.display());
    script(&stage.repo.path().join(".husky/pre-push"), &text);
}

#[test]
#[ignore = "needs lefthook, husky and pre-commit: just hook-peers"]
fn husky_before() {
    let (stage, peers) = stage();
    stage.tool(husky(&stage, &peers));
    husky_config(&stage);
    let before = picture(&stage.repo.path().join(".husky"));
    stage.done(&["install"]);
    stage.assert_both();
    assert!(
        stage.push().status == 0 && stage.theirs().contains("refs/heads/main"),
        "with the standard input"
    );
    // `npm install` runs it again.
    stage.tool(husky(&stage, &peers));
    stage.assert_only_theirs();
    let ill = stage.hook(&["doctor"]);
    assert_eq!(ill.status, 4);
    assert!(ill.line().contains("husky has written its own hook over it"), "{}", ill.line());
    stage.done(&["install"]);
    stage.assert_both();
    stage.done(&["uninstall"]);
    assert_eq!(picture(&stage.repo.path().join(".husky")), before);
    stage.assert_only_theirs();
}

#[test]
#[ignore = "needs lefthook, husky and pre-commit: just hook-peers"]
fn husky_after() {
    let (stage, peers) = stage();
    stage.done(&["install"]);
    stage.tool(husky(&stage, &peers));
    husky_config(&stage);
    stage.assert_only_theirs();
    let ill = stage.hook(&["doctor"]);
    assert_eq!(ill.status, 4);
    assert!(ill.line().contains("core.hooksPath leads Git to .husky/_"), "{}", ill.line());
    stage.done(&["install"]);
    stage.assert_both();
    stage.done(&["uninstall"]);
    stage.assert_only_theirs();
    assert!(!stage.hooks().join("pre-push").exists(), "the one that was shadowed went as well");
}

fn pre_commit(stage: &Stage, peers: &std::path::Path, args: &[&str]) -> Command {
    let log = stage.beside("theirs");
    // It stashes what is not committed, and runs nothing for a push without a change.
    let entry = format!("sh -c \"echo theirs >>'{}'; exit ${{THEIRS:-0}}\"", log.display());
    let config = format!(
        "repos:\n- repo: local\n  hooks:\n  - id: x\n    name: x\n    entry: {}\n    language: system\n    stages: [pre-push]\n    always_run: true\n    pass_filenames: false\n",
        serde_json::to_string(&entry).unwrap()
    );
    let path = stage.repo.path().join(".pre-commit-config.yaml");
    if !path.exists() {
        fs::write(path, config).unwrap();
        stage.git(["add", ".pre-commit-config.yaml"]);
        stage.git(["commit", "--quiet", "--no-verify", "-m", "Configure"]);
    }
    let mut command = stage.command(peers.join("venv/bin/pre-commit"));
    command.args(args);
    command
}

#[test]
#[ignore = "needs lefthook, husky and pre-commit: just hook-peers"]
fn pre_commit_before() {
    let (stage, peers) = stage();
    let install = ["install", "--hook-type", "pre-push"];
    stage.tool(pre_commit(&stage, &peers, &install));
    let before = picture(&stage.hooks());
    stage.done(&["install"]);
    stage.assert_both();
    stage.done(&["uninstall"]);
    assert_eq!(picture(&stage.hooks()), before);
    stage.assert_only_theirs();
    // Installed again on top of ours, it would be called by the hook that it calls.
    stage.done(&["install"]);
    stage.tool(pre_commit(&stage, &peers, &install));
    assert_eq!(stage.push().status, 1, "pre-commit sees it, and refuses");
    assert!(stage.hook(&["doctor"]).line().contains("call each other"));
    stage.done(&["install"]);
    stage.assert_both();
}

#[test]
#[ignore = "needs lefthook, husky and pre-commit: just hook-peers"]
fn pre_commit_after() {
    let (stage, peers) = stage();
    stage.done(&["install"]);
    stage.tool(pre_commit(&stage, &peers, &["install", "--hook-type", "pre-push"]));
    stage.assert_both();
    let before = picture(&stage.hooks());
    assert!(stage.done(&["install"]).contains("run by pre-commit"));
    assert_eq!(picture(&stage.hooks()), before);
    stage.done(&["uninstall"]);
    stage.assert_only_theirs();
    stage.done(&["install"]);
    stage.assert_both();
    stage.tool(pre_commit(&stage, &peers, &["uninstall", "--hook-type", "pre-push"]));
    assert_eq!(stage.hook(&["doctor"]).status, 0, "pre-commit gives ours its place back, or it still has it");
    stage.assert_gate();
}

/// The real git-lfs: its objects go out only after ours has agreed, and they do go out.
#[test]
#[ignore = "needs git-lfs: just hook-peers"]
fn git_lfs_before_and_after() {
    for before in [true, false] {
        let stage = Stage::new();
        let objects = stage.remote().join("lfs/objects");
        let count = || {
            walkdir::WalkDir::new(&objects)
                .into_iter()
                .flatten()
                .filter(|file| file.file_type().is_file())
                .count()
        };
        let big = |content: &str| {
            fs::write(stage.repo.path().join("a.big"), content).unwrap();
            stage.git(["add", "."]);
            stage.git(["commit", "--quiet", "--no-verify", "-m", content]);
        };
        let lfs = |args: &[&str]| {
            let mut command = stage.command("git");
            command.arg("lfs").args(args);
            stage.tool(command);
        };
        stage.git(["remote", "add", "origin", &format!("file://{}", text(&stage.remote()))]);
        let push = |answer: &str| {
            let mut command = stage.command("git");
            run(command.env("ANSWER", answer).args(["push", "--quiet", "origin", "HEAD:main"]), b"")
        };
        if before {
            lfs(&["install", "--local"]);
            stage.done(&["install"]);
        } else {
            stage.done(&["install"]);
            let mut command = stage.command("git");
            let said = run(command.args(["lfs", "install", "--local"]), b"");
            assert_ne!(said.status, 0, "git-lfs overwrites nobody");
            lfs(&["update", "--force"]);
            assert_eq!(stage.hook(&["doctor"]).status, 4, "unless it is told to");
            stage.done(&["install"]);
        }
        lfs(&["track", "*.big"]);
        big("one");
        let pushed = push("1");
        assert_eq!((pushed.status, count()), (1, 0), "nothing goes out: {}", pushed.stderr);
        let pushed = push("0");
        assert_eq!((pushed.status, count()), (0, 1), "{}", pushed.stderr);
        stage.done(&["uninstall"]);
        big("two");
        assert_eq!((push("1").status, count()), (0, 2));
    }
}
