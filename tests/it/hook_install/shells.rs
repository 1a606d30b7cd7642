//! The hook itself: in every shell, with any path, and without its program.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::{STAND_IN, Stage, script, text};
use crate::support::repo::run;

/// Those of these shells that are there; `sh` always is.
fn shells() -> Vec<Vec<&'static str>> {
    let all =
        [vec!["sh"], vec!["dash"], vec!["bash"], vec!["bash", "--posix"], vec!["busybox", "sh"], vec!["ksh"]];
    let is_there = |shell: &Vec<&str>| {
        Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", ":"])
            .status()
            .is_ok_and(|status| status.success())
    };
    all.into_iter().filter(is_there).collect()
}

#[test]
fn every_shell_hands_on_arguments_and_bytes() {
    let input: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    for event in ["pre-push", "pre-receive", "post-receive"] {
        for earlier in [None, Some("#!/bin/sh\n"), Some("#!/bin/sh\n: $0\n")] {
            let stage = Stage::new();
            let hook = stage.hooks().join(event);
            let log = stage.beside("earlier");
            if let Some(begin) = earlier {
                let log = text(&log);
                script(&hook, &format!("{begin}printf '%s|' \"$@\" >>'{log}'; cat >>'{log}'; exit 3\n"));
            }
            stage.done(&["install", event, "--force"]);
            for shell in shells() {
                let mut command = stage.command(shell[0]);
                command.args(&shell[1..]).arg(&hook).args(["a b", "$HOME*", ""]);
                let output = run(&mut command, &input);
                let asked = stage.asked();
                assert_eq!(asked.len(), 1, "{shell:?}: {}", output.stderr);
                assert_eq!(asked[0].0, ["hook", "run", event, "a b", "$HOME*", ""], "{shell:?}");
                assert!(asked[0].1 == input, "{shell:?}");
                assert_eq!(output.status, if earlier.is_some() { 3 } else { 0 }, "{shell:?}");
                if earlier.is_some() {
                    let mut expected = b"a b|$HOME*||".to_vec();
                    expected.extend(&input);
                    assert!(fs::read(&log).unwrap() == expected, "{shell:?}");
                    fs::remove_file(&log).unwrap();
                }
            }
        }
    }
}

#[test]
fn the_path_of_the_program_is_frozen_whatever_it_is() {
    for folder in ["a b", "it's \"$HOME\" `x` \\ é", "new\nline", "-n"] {
        let stage = Stage::new();
        let program = stage.beside(folder).join("withhold");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        crate::support::repo::copy_executable(env!("CARGO_BIN_EXE_withhold").as_ref(), &program);
        let mut install = stage.command(&program);
        let output = run(install.env_remove("WITHHOLD").args(["hook", "install"]), b"");
        assert_eq!(output.status, 0, "{}", output.stderr);
        assert_eq!(stage.hook(&["doctor"]).status, 0);
        fs::remove_file(&program).unwrap();
        script(&program, STAND_IN);
        let pushed = stage.push_with(&[("WITHHOLD", "")]);
        assert_eq!((pushed.status, stage.asked().len()), (0, 1), "{folder:?}: {}", pushed.stderr);
    }
}

/// A GUI that knows no PATH runs the hook, too.
#[test]
fn the_program_need_not_be_on_the_path() {
    let stage = Stage::new();
    stage.done(&["install"]);
    let hook = fs::read_to_string(stage.hooks().join("pre-push")).unwrap();
    assert!(hook.contains(&format!("withhold='{}'", env!("CARGO_BIN_EXE_withhold"))), "{hook}");
}

/// An upgrade changes what a link on the path points at; what is frozen is the link.
#[test]
fn a_link_on_the_path_is_frozen_as_it_is() {
    let stage = Stage::new();
    let link = stage.beside("bin").join("withhold");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_withhold"), &link).unwrap();
    stage.done(&["install"]);
    let hook = fs::read_to_string(stage.hooks().join("pre-push")).unwrap();
    assert!(hook.contains(&format!("withhold='{}'", link.display())), "{hook}");
}

#[test]
fn a_missing_program_is_no_permission() {
    let stage = Stage::new();
    stage.done(&["install"]);
    let refused = stage.push_with(&[("WITHHOLD", "/nowhere/withhold")]);
    assert_eq!(refused.status, 1, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("'/nowhere/withhold' is not there, so nothing is pushed"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("hint: install it, or say where it is"), "{}", refused.stderr);

    let stage = Stage::new();
    stage.hook_in(&stage.remote(), &["install"]);
    let refused = stage.push_with(&[("WITHHOLD", "/nowhere/withhold")]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("so nothing is taken"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("GL-HOOK-ERR"), "{}", refused.stderr);
    let on_gitlab = stage.push_with(&[("WITHHOLD", "/nowhere/withhold"), ("GL_ID", "key-1")]);
    assert!(on_gitlab.stderr.contains("GL-HOOK-ERR: withhold: "), "{}", on_gitlab.stderr);
}

#[test]
fn a_program_that_cannot_be_run_is_no_permission() {
    let stage = Stage::new();
    stage.done(&["install"]);
    let broken = stage.beside("broken");
    for (content, mode) in [("#!/nowhere/sh\n", 0o755), ("", 0o644), ("#!/bin/sh\nkill -9 $$\n", 0o755)] {
        fs::write(&broken, content).unwrap();
        fs::set_permissions(&broken, fs::Permissions::from_mode(mode)).unwrap();
        let refused = stage.push_with(&[("WITHHOLD", &text(&broken))]);
        assert_eq!(refused.status, 1, "{content:?}: {}", refused.stderr);
    }
}

/// The program goes its way without reading what it is given: that is no failure of the push.
#[test]
fn nobody_has_to_read() {
    let stage = Stage::new();
    script(&stage.hooks().join("pre-push"), "#!/bin/sh\nexit 0\n");
    stage.done(&["install"]);
    let silent = stage.beside("silent");
    script(&silent, "#!/bin/sh\nexit 0\n");
    assert_eq!(stage.push_with(&[("WITHHOLD", &text(&silent))]).status, 0);
}

#[test]
fn no_room_for_what_is_read_is_no_permission() {
    let stage = Stage::new();
    script(&stage.hooks().join("pre-push"), "#!/bin/sh\nexit 0\n");
    stage.done(&["install"]);
    let refused = stage.push_with(&[("TMPDIR", "/nowhere")]);
    assert_eq!(refused.status, 1, "{}", refused.stderr);
    assert!(stage.asked().is_empty());
}

#[test]
fn nothing_is_left_in_the_folder_for_what_is_temporary() {
    let stage = Stage::new();
    script(&stage.hooks().join("pre-push"), "#!/bin/sh\nexit 0\n");
    stage.done(&["install"]);
    let temporary = stage.beside("tmp");
    fs::create_dir(&temporary).unwrap();
    for answer in ["0", "1"] {
        stage.push_with(&[("TMPDIR", &text(&temporary)), ("ANSWER", answer)]);
        assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
    }
}
