//! Config hooks, which Git 2.54 and newer run beside all others. How they are set is tested with any Git; that they run,
//! with a new one, which WITHHOLD_NEW_GIT names: `just new-git` runs these, which nobody else asks for.

use std::fs;
use std::path::Path;

use super::{Stage, picture, script, text};
use crate::support::Repo;
use crate::support::repo::run;

fn newer() -> Stage {
    Stage::with(Repo::with_work_tree(), "2.54.0")
}

#[test]
fn it_is_set_and_the_hooks_folder_is_left_alone() {
    let stage = newer();
    let (hooks, config) = (picture(&stage.hooks()), stage.repo.path().join(".git/config"));
    let before = fs::read(&config).unwrap();
    assert_eq!(stage.done(&["install"]), "pre-push: installed: config hook withhold-pre-push");
    assert_eq!(stage.git(["config", "hook.withhold-pre-push.event"]).line(), "pre-push");
    assert_eq!(picture(&stage.hooks()), hooks);
    let once = fs::read(&config).unwrap();
    assert!(stage.done(&["install"]).starts_with("pre-push: was installed already"));
    assert_eq!(fs::read(&config).unwrap(), once);
    assert!(stage.done(&["doctor"]).starts_with("pre-push: runs: config hook"));
    stage.done(&["uninstall"]);
    assert_eq!(fs::read(&config).unwrap(), before, "the configuration is as it was, to the byte");
}

#[test]
fn once_is_enough() {
    let stage = newer();
    script(&stage.hooks().join("pre-push"), "#!/bin/sh\nexit 0\n");
    let before = picture(&stage.hooks());
    stage.done(&["install", "--as-file"]);
    stage.done(&["install"]);
    assert_eq!(picture(&stage.hooks()), before, "the file has gone, and the earlier hook is back");
    stage.done(&["install", "--as-file"]);
    let set = run(stage.command("git").args(["config", "--get-regexp", "^hook"]), b"");
    assert_eq!(set.status, 1, "{}", set.line());
    stage.assert_gate();
}

#[test]
fn for_all_repositories() {
    let stage = newer();
    let config = stage.home().join(".gitconfig");
    fs::write(&config, "# mine\n[core]\n\thooksPath = ~/theirs\n").unwrap();
    let before = fs::read(&config).unwrap();
    stage.done(&["install", "--global"]);
    stage.done(&["doctor"]);
    stage.done(&["uninstall", "--global"]);
    assert_eq!(fs::read(&config).unwrap(), before);
    // A folder of someone else is no obstacle.
    stage.done(&["install"]);
    stage.done(&["doctor"]);
}

#[test]
fn a_section_that_is_not_ours_is_not_touched() {
    let stage = newer();
    stage.git(["config", "hook.withhold-pre-push.command", "make check"]);
    let config = stage.repo.path().join(".git/config");
    let before = fs::read(&config).unwrap();
    for command in ["install", "uninstall"] {
        let refused = stage.hook(&[command]);
        assert_eq!(refused.status, 2);
        assert!(
            refused.stderr.contains("git config --remove-section hook.withhold-pre-push"),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(fs::read(&config).unwrap(), before);
}

#[test]
fn what_keeps_it_from_running_is_found() {
    for (key, value, why) in [
        ("hook.withhold-pre-push.enabled", "false", "hook.withhold-pre-push.enabled is false"),
        ("hook.pre-push.enabled", "off", "hook.pre-push.enabled is false"),
        ("hook.withhold-pre-push.command", "true", "is not as withhold writes it"),
        ("hook.withhold-pre-push.event", "pre-commit", "is not as withhold writes it"),
    ] {
        let stage = newer();
        stage.done(&["install"]);
        stage.git(["config", key, value]);
        let output = stage.hook(&["doctor"]);
        assert_eq!(output.status, 4, "{key}");
        assert!(output.line().contains(why), "{key}: {}", output.line());
    }
    // Installing where it is switched off does not claim to have done it.
    let stage = newer();
    stage.git(["config", "--global", "hook.withhold-pre-push.enabled", "false"]);
    let output = stage.hook(&["install"]);
    assert_eq!(output.status, 4);
    assert!(output.stderr.contains("enabled is false"), "{}", output.stderr);
}

#[test]
fn an_outdated_one_is_renewed_and_a_missing_program_is_found() {
    let stage = newer();
    stage.done(&["install"]);
    let key = "hook.withhold-pre-push.command";
    let command = stage.git(["config", key]).line();
    stage.git(["config", key, &command.replace("; install it", "")]);
    assert!(stage.done(&["doctor"]).contains("note: another version"));
    assert!(stage.done(&["install"]).starts_with("pre-push: renewed"));
    stage.git(["config", key, &command.replace(env!("CARGO_BIN_EXE_withhold"), "/nowhere")]);
    let output = stage.hook(&["doctor"]);
    assert_eq!(output.status, 4);
    assert!(output.line().contains("the program is not there: /nowhere"), "{}", output.line());
}

/// Git runs every other hook whatever a config hook says, and git-lfs's sends content.
#[test]
fn it_goes_in_front_of_what_sends() {
    let lfs = "#!/bin/sh\ngit lfs pre-push \"$@\"\n";
    let stage = newer();
    let hook = stage.hooks().join("pre-push");
    script(&hook, lfs);
    for _ in 0..2 {
        assert!(stage.done(&["install"]).contains("runs after it"));
    }
    stage.done(&["uninstall"]);
    assert_eq!(fs::read_to_string(&hook).unwrap(), lfs);

    let stage = newer();
    stage.done(&["install"]);
    script(&stage.hooks().join("pre-push"), lfs);
    assert!(stage.done(&["doctor"]).contains("note: a push that is refused still runs git-lfs"));
    stage.done(&["install"]);
    assert!(!stage.done(&["doctor"]).contains("note: "));
}

/// Two Gits may work on one repository, and the older one does not know config hooks.
#[test]
fn an_older_git_does_not_run_it() {
    let stage = Stage::new();
    let newer = "#!/bin/sh\n[ \"$*\" != version ] || { echo 'git version 2.54.0'; exit; }\n";
    let wrapper = stage.beside("bin/git");
    let older = fs::read_to_string(&wrapper).unwrap();
    script(&wrapper, &(newer.to_owned() + older.lines().last().unwrap() + "\n"));
    stage.done(&["install"]);
    script(&wrapper, &older);
    let output = stage.hook(&["doctor"]);
    assert_eq!(output.status, 4);
    assert!(
        output.line().contains("it is a config hook, and Git 2.53 does not know those"),
        "{}",
        output.line()
    );
    stage.done(&["install"]);
    stage.assert_gate();
}

/// With the real thing.
#[track_caller]
fn real() -> Stage {
    let git =
        std::env::var_os("WITHHOLD_NEW_GIT").expect("WITHHOLD_NEW_GIT names no git: run `just new-git GIT`");
    let folder = Path::new(&git).parent().unwrap().display().to_string();
    let stage = Stage::on(Repo::with_work_tree(), format!("{folder}:{}", std::env::var("PATH").unwrap()));
    let version = stage.git(["version"]).line();
    let mut numbers = version.split(|char: char| !char.is_ascii_digit()).filter_map(|part| part.parse().ok());
    let (major, minor): (u32, u32) = (numbers.next().unwrap(), numbers.next().unwrap());
    assert!((major, minor) >= (2, 54), "{version} does not know config hooks");
    stage
}

#[test]
#[ignore = "needs Git 2.54 or newer: just new-git"]
fn a_new_git_runs_it() {
    let stage = real();
    assert!(stage.done(&["install"]).contains("config hook"));
    stage.assert_gate();
    let refused = stage.push_with(&[("WITHHOLD", "/nowhere/withhold")]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("'/nowhere/withhold' is not there"), "{}", refused.stderr);
    stage.git(["config", "hook.withhold-pre-push.enabled", "false"]);
    stage.assert_no_gate();
    assert_eq!(stage.hook(&["doctor"]).status, 4);
    stage.git(["config", "--unset", "hook.withhold-pre-push.enabled"]);
    stage.git(["config", "hook.pre-push.enabled", "false"]);
    stage.assert_no_gate();
    assert_eq!(stage.hook(&["doctor"]).status, 4);
    stage.git(["config", "--remove-section", "hook.pre-push"]);
    stage.done(&["doctor"]);
    stage.done(&["uninstall"]);
    stage.assert_no_gate();
}

#[test]
#[ignore = "needs Git 2.54 or newer: just new-git"]
fn a_new_git_runs_it_beside_every_other_hook() {
    let stage = real();
    let theirs = stage.home().join("theirs");
    let log = stage.beside("earlier");
    script(&theirs.join("pre-push"), &format!("#!/bin/sh\ncat >>'{}'\n", log.display()));
    stage.git(["config", "--global", "core.hooksPath", &text(&theirs)]);
    stage.done(&["install"]);
    stage.assert_gate();
    assert!(log.exists());
    stage.done(&["uninstall"]);
    stage.done(&["install", "--global"]);
    stage.assert_gate();
    // Here and everywhere is still once.
    stage.done(&["install"]);
    stage.assert_gate();
}

/// What the rule for git-lfs rests on.
#[test]
#[ignore = "needs Git 2.54 or newer: just new-git"]
fn a_new_git_runs_other_hooks_whatever_ours_says() {
    let stage = real();
    let log = stage.beside("earlier");
    script(&stage.hooks().join("pre-push"), &format!("#!/bin/sh\ncat >>'{}'\n", log.display()));
    for (args, ran) in [(&["install"][..], true), (&["install", "--as-file"], false)] {
        stage.done(args);
        let _ = fs::remove_file(&log);
        assert_eq!(stage.push_with(&[("ANSWER", "1")]).status, 1);
        assert_eq!(log.exists(), ran, "{args:?}");
    }
}

#[test]
#[ignore = "needs Git 2.54 or newer: just new-git"]
fn a_new_git_runs_it_where_it_receives() {
    let stage = real();
    let remote = stage.remote();
    assert_eq!(stage.hook_in(&remote, &["install"]).status, 0);
    assert_eq!(stage.push().status, 0);
    let events: Vec<_> = stage.asked().into_iter().map(|(args, _)| args[2].clone()).collect();
    assert_eq!(events, ["pre-receive", "post-receive"]);
    assert_eq!(stage.push_with(&[("ANSWER", "1")]).status, 1);
}

#[test]
#[ignore = "needs Git 2.54 or newer: just new-git"]
fn a_new_git_finds_the_program_by_any_path() {
    let stage = real();
    let program = stage.beside("it's \"$HOME\" `x` \\ é;\nnew").join("withhold");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    crate::support::repo::copy_executable(env!("CARGO_BIN_EXE_withhold").as_ref(), &program);
    let mut install = stage.command(&program);
    assert_eq!(run(install.env_remove("WITHHOLD").args(["hook", "install"]), b"").status, 0);
    assert_eq!(stage.hook(&["doctor"]).status, 0);
    fs::remove_file(&program).unwrap();
    script(&program, super::STAND_IN);
    let pushed = stage.push_with(&[("WITHHOLD", "")]);
    assert_eq!((pushed.status, stage.asked().len()), (0, 1), "{}", pushed.stderr);
}
