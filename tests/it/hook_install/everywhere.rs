//! For all repositories at once: in the folder of a global core.hooksPath, without a hook stopping to run.

use std::fs;

use super::{Stage, picture, script, text};
use crate::support::repo::run;

fn config(stage: &Stage) -> std::path::PathBuf {
    stage.home().join(".gitconfig")
}

#[test]
fn a_folder_of_someone_else_is_refused_with_the_ways_out() {
    let stage = Stage::new();
    let theirs = stage.home().join("their hooks");
    script(&theirs.join("pre-push"), "#!/bin/sh\nexit 0\n");
    stage.git(["config", "--global", "core.hooksPath", &text(&theirs)]);
    let before = (picture(&theirs), picture(&stage.hooks()));
    let refused = stage.hook(&["install"]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("(global, file:"), "{}", refused.stderr);
    assert_eq!((picture(&theirs), picture(&stage.hooks())), before, "nothing was touched");

    // Each way out is what it says.
    let hints: Vec<_> = refused.stderr.lines().filter(|line| line.starts_with("hint: ")).collect();
    assert_eq!(hints.len(), 3, "{}", refused.stderr);
    assert!(hints[0].ends_with("withhold hook install pre-push --global"), "{}", hints[0]);
    assert!(hints[2].contains("Git 2.54"), "{}", hints[2]);
    let command = hints[1].split_once("folder: ").unwrap().1;
    let mut shell = stage.command("sh");
    let program = env!("CARGO_BIN_EXE_withhold");
    shell.arg("-c").arg(command.replace("; withhold ", &format!("; '{program}' ")));
    let output = run(&mut shell, b"");
    assert_eq!(output.status, 0, "{command}: {}", output.stderr);
    stage.assert_gate();
}

#[test]
fn in_the_folder_that_is_there() {
    let stage = Stage::new();
    let theirs = stage.home().join("their hooks");
    let log = stage.beside("earlier");
    script(&theirs.join("pre-push"), &format!("#!/bin/sh\ncat >>'{}'\n", log.display()));
    fs::write(config(&stage), "# mine\n[core]\n\thooksPath = ~/their hooks\n\teditor = ed\n").unwrap();
    let before = (picture(&theirs), fs::read(config(&stage)).unwrap());
    stage.done(&["install", "--global"]);
    stage.assert_gate();
    assert!(log.exists());
    stage.done(&["doctor"]);
    assert!(stage.done(&["install"]).contains("was installed already"), "for this repository, too");
    stage.done(&["uninstall", "--global"]);
    assert_eq!((picture(&theirs), fs::read(config(&stage)).unwrap()), before);
    assert_eq!(
        stage.done(&["uninstall", "--global"]),
        "pre-push: was not installed".to_owned()
            + &format!("\n  {} is not ours, and stays", theirs.join("pre-push").display())
    );
}

#[test]
fn in_a_folder_of_our_own_nothing_stops_to_run() {
    let stage = Stage::new();
    let log = stage.beside("earlier");
    for event in ["pre-commit", "commit-msg", "post-commit", "reference-transaction", "pre-push"] {
        let text = format!(
            "#!/bin/sh\necho \"{event} $1\" >>'{0}'\n[ {event} != pre-push ] || cat >>'{0}'\n",
            log.display()
        );
        script(&stage.hooks().join(event), &text);
    }
    let ran = || {
        let _ = fs::remove_file(&log);
        stage.git(["commit", "--quiet", "--allow-empty", "-m", "Checked"]);
        assert_eq!(stage.push().status, 0);
        let text = fs::read_to_string(&log).unwrap();
        text.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = ran();
    assert!(
        before.iter().any(|event| event == "pre-commit") && before.iter().any(|event| event == "pre-push")
    );
    fs::write(config(&stage), "# mine\n[core]\n\teditor = ed\n[user]\n\tname = Ada\n").unwrap();
    let (home, hooks) = (picture(&stage.home()), picture(&stage.hooks()));

    let said = stage.done(&["install", "--global"]);
    let folder = stage.home().join("data/withhold/hooks");
    assert!(said.contains(&text(&folder)), "{said}");
    assert_eq!(ran(), before);
    stage.done(&["doctor"]);
    stage.assert_gate();
    stage.done(&["install", "--global"]);
    assert_eq!(ran(), before);
    assert_eq!(picture(&stage.hooks()), hooks, "the repository's own were not touched");

    stage.done(&["uninstall", "--global"]);
    let mut after = picture(&stage.home());
    after.retain(|(name, _, _)| name != "data");
    assert_eq!(after, home, "the configuration is as it was, to the byte");
    assert_eq!(ran(), before);
    stage.asked();
    stage.push();
    assert_eq!(stage.asked().len(), 0);
}

#[test]
fn a_repository_without_hooks() {
    let stage = Stage::new();
    stage.done(&["install", "--global"]);
    stage.assert_gate();
    // In a linked work tree and in a bare repository as well.
    let other = stage.beside("other");
    stage.git(["worktree", "add", "--quiet", &text(&other)]);
    let remote = text(&stage.remote());
    stage.asked();
    stage.git(["-C", &text(&other), "push", "--quiet", &remote, "HEAD:elsewhere"]);
    assert_eq!(stage.asked().len(), 1);
    stage.git(["--git-dir", &remote, "push", "--quiet", &text(stage.repo.path()), "main:copied"]);
    assert_eq!(stage.asked().len(), 1);
}

/// Git brings the work tree along itself, unless there is a hook for that.
#[test]
fn a_work_tree_that_is_pushed_to_follows() {
    let stage = Stage::new();
    let other = stage.beside("other");
    stage.git(["clone", "--quiet", &text(stage.repo.path()), &text(&other)]);
    stage.git(["-C", &text(&other), "config", "receive.denyCurrentBranch", "updateInstead"]);
    stage.done(&["install", "--global"]);
    let push = |content: &str| {
        fs::write(stage.repo.path().join("file"), content).unwrap();
        stage.git(["add", "file"]);
        stage.git(["commit", "--quiet", "-m", content]);
        let mut push = stage.command("git");
        run(push.args(["push", "--quiet", &text(&other), "main"]), b"")
    };
    let pushed = push("one");
    assert_eq!(pushed.status, 0, "{}", pushed.stderr);
    assert_eq!(fs::read_to_string(other.join("file")).unwrap(), "one");
    fs::write(other.join("file"), "changed there").unwrap();
    assert_ne!(push("two").status, 0);
    assert_eq!(fs::read_to_string(other.join("file")).unwrap(), "changed there");

    // An own one is still run.
    script(&other.join(".git/hooks/push-to-checkout"), "#!/bin/sh\nexec git read-tree -u --reset \"$1\"\n");
    let pushed = push("three");
    assert_eq!(pushed.status, 0, "{}", pushed.stderr);
    assert_eq!(fs::read_to_string(other.join("file")).unwrap(), "three");
}

#[test]
fn both_everywhere_and_here_hand_on_without_a_circle() {
    let stage = Stage::new();
    stage.done(&["install", "--global"]);
    let folder = stage.home().join("data/withhold/hooks");
    fs::remove_dir_all(stage.hooks()).unwrap();
    std::os::unix::fs::symlink(&folder, stage.hooks()).unwrap();
    stage.assert_gate();
    stage.git(["commit", "--quiet", "--allow-empty", "-m", "x"]);
}

#[test]
fn both_everywhere_and_here_is_worth_a_word() {
    let stage = Stage::new();
    stage.done(&["install"]);
    stage.done(&["install", "--global"]);
    assert!(stage.done(&["doctor"]).contains("note: it is there twice"));
    stage.done(&["uninstall"]);
    assert!(!stage.done(&["doctor"]).contains("note"));
    stage.assert_gate();
}

/// The folder for all repositories hands on what it is not installed for, so it is no obstacle.
#[test]
fn another_hook_in_one_repository() {
    let stage = Stage::new();
    stage.done(&["install", "--global"]);
    let remote = stage.remote();
    let output = stage.hook_in(&remote, &["install"]);
    assert_eq!(output.status, 0, "{}", output.stderr);
    assert!(remote.join("hooks/pre-receive").is_file());
    assert_eq!(stage.hook_in(&remote, &["doctor"]).status, 0);
    stage.push();
    assert_eq!(stage.asked().len(), 3);
    assert_eq!(stage.hook_in(&remote, &["uninstall"]).status, 0);
    stage.push();
    assert_eq!(stage.asked().len(), 1);
}

#[test]
fn several_hooks_go_one_by_one() {
    let stage = Stage::new();
    stage.done(&["install", "pre-push", "pre-receive", "--global"]);
    stage.push();
    assert_eq!(stage.asked().len(), 2);
    stage.done(&["uninstall", "pre-receive", "--global"]);
    stage.push();
    assert_eq!(stage.asked().len(), 1);
    stage.done(&["uninstall", "--global"]);
    assert!(!stage.home().join("data/withhold").exists());
    stage.assert_no_gate();
}

#[test]
fn what_someone_put_into_the_folder_stays() {
    let stage = Stage::new();
    stage.done(&["install", "--global"]);
    let mine = stage.home().join("data/withhold/hooks/pre-commit");
    fs::write(&mine, "#!/bin/sh\n").unwrap();
    stage.done(&["uninstall", "--global"]);
    assert_eq!(fs::read_to_string(mine).unwrap(), "#!/bin/sh\n");
}

#[test]
fn the_system_s_folder_is_not_ours_to_shadow() {
    let stage = Stage::new();
    let system = stage.beside("system");
    fs::write(&system, "[core]\n\thooksPath = /etc/hooks\n").unwrap();
    let hook = |args: &[&str]| {
        let mut command = stage.command(env!("CARGO_BIN_EXE_withhold"));
        command.env_remove("GIT_CONFIG_NOSYSTEM").env("GIT_CONFIG_SYSTEM", &system);
        run(command.arg("hook").args(args), b"")
    };
    for args in [&["install"][..], &["install", "--global"]] {
        let refused = hook(args);
        assert_eq!(refused.status, 2, "{}", refused.stderr);
        assert!(refused.stderr.contains("/etc/hooks"), "{}", refused.stderr);
        assert!(!refused.stderr.contains("pre-push --global"), "{}", refused.stderr);
    }
    assert!(!config(&stage).exists());
}

#[test]
fn without_a_home_there_is_no_place() {
    let stage = Stage::new();
    let mut command = stage.command(env!("CARGO_BIN_EXE_withhold"));
    command.env_remove("XDG_DATA_HOME").env_remove("HOME").args(["hook", "install", "--global"]);
    let refused = run(&mut command, b"");
    assert_eq!(refused.status, 5, "{}", refused.stderr);
    assert!(refused.stderr.contains("HOME"), "{}", refused.stderr);
}
