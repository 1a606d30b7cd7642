//! Where hooks live: whatever Git says, and nowhere else.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{Stage, picture, script, text};
use crate::support::Repo;
use crate::support::repo::run;

#[test]
fn a_plain_clone() {
    let stage = Stage::new();
    let before = picture(&stage.repo.path().join(".git"));
    let said = stage.done(&["install"]);
    assert_eq!(said, format!("pre-push: installed: {}/pre-push", stage.hooks().display()));
    let mode = fs::metadata(stage.hooks().join("pre-push")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    stage.assert_gate();
    stage.done(&["uninstall"]);
    stage.assert_no_gate();
    let stage = Stage::new();
    stage.done(&["install"]);
    stage.done(&["uninstall"]);
    let names = |picture: &[(String, u32, Vec<u8>)]| -> Vec<String> {
        picture.iter().map(|(name, _, _)| name.clone()).filter(|name| name.starts_with("hooks")).collect()
    };
    assert_eq!(names(&before), names(&picture(&stage.repo.path().join(".git"))));
}

#[test]
fn an_empty_push_and_a_trial_ask_too() {
    let stage = Stage::new();
    stage.done(&["install"]);
    assert_eq!(stage.push().status, 0);
    stage.asked();
    let remote = text(&stage.remote());
    stage.git(["push", "--quiet", &remote, "HEAD:main"]);
    assert_eq!(stage.asked()[0].1, b"");
    stage.git(["commit", "--quiet", "--allow-empty", "-m", "More"]);
    stage.git(["push", "--quiet", "--dry-run", &remote, "HEAD:main"]);
    assert!(!stage.asked()[0].1.is_empty());
}

#[test]
fn a_folder_below() {
    let stage = Stage::new();
    let below = stage.repo.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    assert_eq!(stage.hook_in(&below, &["install"]).status, 0);
    assert_eq!(stage.hook_in(&below, &["doctor"]).status, 0);
    stage.assert_gate();
}

#[test]
fn a_linked_worktree() {
    let mut stage = Stage::new();
    let other = stage.beside("other");
    stage.git(["worktree", "add", "--quiet", &text(&other)]);
    let main = stage.hooks();
    assert_eq!(stage.hook_in(&other, &["install"]).status, 0);
    assert!(main.join("pre-push").is_file(), "all work trees share their hooks");
    stage.assert_gate();
    stage.repo.move_to(other);
    stage.assert_gate();
    stage.done(&["doctor"]);
    stage.done(&["uninstall"]);
    assert!(!main.join("pre-push").exists());
}

#[test]
fn a_submodule() {
    let mut stage = Stage::new();
    let source = stage.beside("source");
    stage.git(["init", "--quiet", &text(&source)]);
    stage.git(["-C", &text(&source), "commit", "--quiet", "--allow-empty", "-m", "x"]);
    let allow = "protocol.file.allow=always";
    stage.git(["-c", allow, "submodule", "--quiet", "add", &text(&source), "sub"]);
    let outer = stage.hooks();
    let inner = stage.repo.path().join(".git/modules/sub/hooks/pre-push");
    stage.repo.move_to(stage.repo.path().join("sub"));
    stage.done(&["install"]);
    assert!(inner.is_file() && !outer.join("pre-push").exists());
    stage.assert_gate();
    stage.done(&["doctor"]);
}

#[test]
fn a_bare_repository_receives() {
    let stage = Stage::new();
    let remote = stage.remote();
    let said = stage.hook_in(&remote, &["install"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(remote.join("hooks/pre-receive").is_file() && remote.join("hooks/post-receive").is_file());
    assert!(!remote.join("hooks/pre-push").exists());
    assert_eq!(stage.hook_in(&remote, &["doctor"]).status, 0);

    let pushed = stage.push();
    assert_eq!(pushed.status, 0, "{}", pushed.stderr);
    let id = stage.git(["rev-parse", "HEAD"]).line();
    let line = format!("{} {id} refs/heads/main\n", super::ZERO).into_bytes();
    let args = |event: &str| ["hook", "run", event].map(str::to_owned).to_vec();
    assert_eq!(stage.asked(), [(args("pre-receive"), line.clone()), (args("post-receive"), line)]);
    let refused = stage.push_with(&[("ANSWER", "1")]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("pre-receive hook declined"), "{}", refused.stderr);
    assert_eq!(stage.asked().len(), 1, "what is refused is not published");

    assert_eq!(stage.hook_in(&remote, &["uninstall"]).status, 0);
    assert!(!remote.join("hooks/pre-receive").exists() && !remote.join("hooks/post-receive").exists());
}

#[test]
fn a_bare_repository_that_pushes_on() {
    let stage = Stage::with(Repo::bare(), "2.53.0");
    stage.done(&["install", "pre-push"]);
    assert!(stage.repo.path().join("hooks/pre-push").is_file());
    let id = stage.git(["commit-tree", "-m", "x", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"]).line();
    let mut push = stage.command("git");
    push.args(["push", "--quiet", &text(&stage.remote()), &format!("{id}:refs/heads/main")]);
    assert_eq!(run(&mut push, b"").status, 0);
    assert_eq!(stage.asked().len(), 1);
}

#[test]
fn receiving_is_for_repositories_that_others_push_to() {
    let stage = Stage::new();
    let before = picture(stage.repo.path());
    let refused = stage.hook(&["install", "pre-receive"]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(picture(stage.repo.path()), before);
    stage.done(&["install", "pre-receive", "--force"]);
    assert!(stage.hooks().join("pre-receive").is_file());
}

#[test]
fn a_folder_inside_the_repository() {
    let stage = Stage::new();
    stage.git(["config", "core.hooksPath", ".githooks"]);
    fs::create_dir_all(stage.repo.path().join("below")).unwrap();
    let said = stage.hook_in(&stage.repo.path().join("below"), &["install"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.line().contains("do not commit the hook"), "{}", said.line());
    assert!(stage.repo.path().join(".githooks/pre-push").is_file());
    stage.assert_gate();
    fs::write(stage.repo.path().join(".gitignore"), "/.githooks\n").unwrap();
    assert!(!stage.done(&["install"]).contains("do not commit"));
}

/// Hooks that receive run in the repository's folder, also where there is a work tree.
#[test]
fn a_relative_folder_counts_from_where_the_hook_runs() {
    let stage = Stage::new();
    stage.git(["config", "core.hooksPath", "shared"]);
    stage.done(&["install", "pre-receive", "pre-push", "--force"]);
    assert!(stage.repo.path().join("shared/pre-push").is_file());
    assert!(stage.repo.path().join(".git/shared/pre-receive").is_file());
    stage.git(["config", "receive.denyCurrentBranch", "ignore"]);
    stage.asked();
    let here = text(stage.repo.path());
    stage.git(["push", "--quiet", &here, "HEAD:other"]);
    let asked: Vec<_> = stage.asked().into_iter().map(|(args, _)| args[2].clone()).collect();
    assert_eq!(asked, ["pre-push", "pre-receive"]);
}

#[test]
fn a_folder_outside_may_be_someone_else_s() {
    let stage = Stage::new();
    let outside = stage.beside("outside");
    stage.git(["config", "core.hooksPath", &text(&outside)]);
    let refused = stage.hook(&["install"]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("--force") && !outside.exists(), "{}", refused.stderr);
    stage.done(&["install", "--force"]);
    stage.assert_gate();
}

#[test]
fn what_is_no_folder_is_said() {
    let stage = Stage::new();
    for (value, expected) in [("/dev/null", "is no folder"), ("/dev/null/hooks", "cannot")] {
        stage.git(["config", "core.hooksPath", value]);
        let refused = stage.hook(&["install", "--force"]);
        assert_eq!(refused.status, 5, "{value}: {}", refused.stderr);
        assert!(refused.stderr.contains(expected), "{value}: {}", refused.stderr);
    }
    // Git takes an empty one for the root of all.
    stage.git(["config", "core.hooksPath", ""]);
    let refused = stage.hook(&["install"]);
    assert_eq!(refused.status, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("out of the repository, to /:"), "{}", refused.stderr);
    let nowhere = stage.hook_in(&stage.home(), &["install"]);
    assert_eq!(nowhere.status, 5);
    assert!(nowhere.stderr.contains("not a git repository"), "{}", nowhere.stderr);
}

#[test]
fn a_folder_that_cannot_be_written_to() {
    let stage = Stage::new();
    let hooks = stage.hooks();
    let mode = |mode| fs::set_permissions(&hooks, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o555);
    // Nothing is read-only to root.
    if fs::write(hooks.join("trial"), "").is_err() {
        let refused = stage.hook(&["install"]);
        assert_eq!(refused.status, 5);
        assert!(refused.stderr.contains("cannot write"), "{}", refused.stderr);
    }
    mode(0o755);
    fs::create_dir(hooks.join("pre-push")).unwrap();
    let refused = stage.hook(&["install"]);
    assert_eq!(refused.status, 5);
    assert!(refused.stderr.contains("is not a file"), "{}", refused.stderr);
}

#[test]
fn no_template_no_folder() {
    let stage = Stage::new();
    fs::remove_dir_all(stage.hooks()).unwrap();
    stage.done(&["install"]);
    stage.assert_gate();
}

#[test]
fn installing_twice_changes_nothing() {
    let stage = Stage::new();
    script(&stage.hooks().join("pre-push"), "#!/bin/sh\nexit 0\n");
    stage.done(&["install"]);
    let once = picture(&stage.hooks());
    assert!(stage.done(&["install"]).starts_with("pre-push: was installed already"));
    assert_eq!(picture(&stage.hooks()), once);
    stage.assert_gate();
}

#[test]
fn an_outdated_hook_is_renewed() {
    let stage = Stage::new();
    stage.done(&["install"]);
    let hook = stage.hooks().join("pre-push");
    let current = fs::read_to_string(&hook).unwrap();
    for old in [
        current.replace("withhold-hook 1", "withhold-hook 0"),
        current.replace("exec", "true ||"),
        current.replace(env!("CARGO_BIN_EXE_withhold"), "/nowhere"),
    ] {
        assert_ne!(old, current);
        fs::write(&hook, old).unwrap();
        assert!(stage.done(&["install"]).starts_with("pre-push: renewed"));
        assert_eq!(fs::read_to_string(&hook).unwrap(), current);
    }
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(stage.done(&["install"]).starts_with("pre-push: renewed"));
    stage.assert_gate();
}

#[test]
fn quiet_says_nothing() {
    let stage = Stage::new();
    for args in [["install", "--quiet"], ["doctor", "--quiet"], ["uninstall", "--quiet"]] {
        let output = stage.hook(&args);
        assert_eq!(
            (output.status, output.line(), output.stderr),
            (0, String::new(), String::new()),
            "{args:?}"
        );
    }
    assert_eq!(stage.hook(&["doctor", "--quiet"]).status, 4);
}

#[test]
fn uninstalling_nothing_is_no_mistake() {
    let stage = Stage::new();
    assert_eq!(stage.done(&["uninstall"]), "pre-push: was not installed");
    let hook = stage.hooks().join("pre-push");
    script(&hook, "#!/bin/sh\nexit 0\n");
    let before = picture(&stage.hooks());
    assert!(stage.done(&["uninstall"]).contains("is not ours, and stays"));
    assert_eq!(picture(&stage.hooks()), before);
}
