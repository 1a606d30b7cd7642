//! A hook that was there before goes on to run, as if nothing had happened to it; and comes back as it was.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::{Stage, picture, script, text};

/// A hook that writes down, in a file of its own, what it gets.
fn recorder(stage: &Stage) -> String {
    let log = stage.beside("earlier");
    format!("#!/bin/sh\n{{ printf '%s\\n' \"$@\"; cat; }} >>'{}'\nexit ${{EARLIER:-0}}\n", log.display())
}

/// What it got since the last time.
fn recorded(stage: &Stage) -> String {
    let log = stage.beside("earlier");
    let text = fs::read_to_string(&log).unwrap_or_default();
    let _ = fs::remove_file(&log);
    text
}

#[test]
fn both_get_the_same_and_both_must_pass() {
    let stage = Stage::new();
    script(&stage.hooks().join("pre-push"), &recorder(&stage));
    let said = stage.done(&["install"]);
    assert!(said.contains("kept as") && said.contains("runs after it"), "{said}");
    assert_eq!(stage.push().status, 0);
    let asked = stage.asked();
    let (args, stdin) = &asked[0];
    let expected = format!("{}\n{}", args[3..].join("\n"), "");
    assert_eq!(recorded(&stage), expected + &String::from_utf8_lossy(stdin));

    assert_eq!(stage.push_with(&[("EARLIER", "1")]).status, 1, "the earlier hook says no");
    assert_eq!((stage.asked().len(), recorded(&stage).is_empty()), (1, false));
    assert_eq!(stage.push_with(&[("ANSWER", "1")]).status, 1, "ours says no");
    assert_eq!(stage.asked().len(), 1);
    assert_eq!(recorded(&stage), "", "ours is first: the other may send something itself");
}

#[test]
fn uninstalling_puts_back_bytes_and_modes() {
    for (content, mode) in [
        (&b"#!/bin/sh\nexit 0"[..], 0o755),
        (b"#!/bin/sh\r\nexit 0\r\n", 0o700),
        (b"\x7fELF\x00\xff\n", 0o511),
        (b"", 0o644),
        (b"#!/bin/sh\n# calls withhold-hook 1 pre-push:\n", 0o4755),
    ] {
        let stage = Stage::new();
        let hook = stage.hooks().join("pre-push");
        fs::write(&hook, content).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(mode)).unwrap();
        let before = picture(&stage.hooks());
        stage.done(&["install"]);
        let kept = stage.hooks().join("pre-push.withhold-chained");
        assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o7777, mode);
        stage.done(&["install"]);
        assert!(stage.done(&["uninstall"]).contains("is back"));
        assert_eq!(picture(&stage.hooks()), before);
    }
}

#[test]
fn a_link_is_kept_as_a_link_and_never_written_through() {
    let stage = Stage::new();
    let target = stage.repo.path().join("tools/hook.sh");
    script(&target, &recorder(&stage));
    let content = fs::read(&target).unwrap();
    symlink("../../tools/hook.sh", stage.hooks().join("pre-push")).unwrap();
    let before = picture(&stage.hooks());
    stage.done(&["install"]);
    assert_eq!(fs::read(&target).unwrap(), content);
    stage.assert_gate();
    assert_ne!(recorded(&stage), "");
    stage.done(&["uninstall"]);
    assert_eq!(picture(&stage.hooks()), before);
    assert_eq!(fs::read(&target).unwrap(), content);
}

/// Also where the link is ours by what it points at, or points at nothing.
#[test]
fn a_link_that_leads_nowhere_stops_nothing() {
    let stage = Stage::new();
    symlink("nowhere", stage.hooks().join("pre-push")).unwrap();
    let before = picture(&stage.hooks());
    stage.done(&["install"]);
    stage.assert_gate();
    stage.done(&["doctor"]);
    stage.done(&["uninstall"]);
    assert_eq!(picture(&stage.hooks()), before);

    let ours = stage.beside("ours");
    stage.done(&["install"]);
    fs::rename(stage.hooks().join("pre-push"), &ours).unwrap();
    fs::write(&ours, fs::read_to_string(&ours).unwrap().replace("hook 1", "hook 0")).unwrap();
    let old = fs::read(&ours).unwrap();
    symlink(&ours, stage.hooks().join("pre-push")).unwrap();
    stage.done(&["install"]);
    assert_eq!(fs::read(&ours).unwrap(), old, "it lies outside of the hooks folder");
    assert!(!fs::symlink_metadata(stage.hooks().join("pre-push")).unwrap().is_symlink());
    stage.assert_gate();
}

/// Git passes over what is not executable; so does ours.
#[test]
fn what_did_not_run_does_not_begin_to() {
    let stage = Stage::new();
    let hook = stage.hooks().join("pre-push");
    fs::write(&hook, recorder(&stage)).unwrap();
    stage.done(&["install"]);
    stage.assert_gate();
    assert_eq!(recorded(&stage), "");
    assert!(stage.done(&["doctor"]).contains("is not executable, and does not run"));
    // It is its owner who decides, also later.
    let kept = stage.hooks().join("pre-push.withhold-chained");
    fs::set_permissions(kept, fs::Permissions::from_mode(0o755)).unwrap();
    stage.push();
    assert_ne!(recorded(&stage), "");
}

/// Dispatchers find their event and their folder by the name that they are called by.
#[test]
fn a_script_keeps_its_name() {
    for shell in ["/bin/sh", "/usr/bin/env sh", "/bin/bash -e"] {
        let stage = Stage::new();
        let log = stage.beside("earlier");
        let text =
            format!("#!{shell}\nn=$(basename \"$0\") d=$(dirname \"$0\")\n. \"$d/$n.d/part\" \"$@\"\n");
        script(&stage.hooks().join("pre-push"), &text);
        script(
            &stage.hooks().join("pre-push.d/part"),
            &format!("cat >>'{}'; echo \"$2\" >>'{0}'\n", log.display()),
        );
        stage.push();
        let without = recorded(&stage);
        assert_ne!(without, "");
        stage.done(&["install"]);
        stage.push();
        assert_eq!(recorded(&stage).lines().count(), without.lines().count(), "{shell}");
        stage.assert_gate();
    }
}

#[test]
fn a_script_that_is_not_of_a_shell_is_run_as_it_is() {
    let stage = Stage::new();
    let log = stage.beside("earlier");
    let text = format!(
        "#!/usr/bin/env python3\nimport sys\nopen({:?}, 'w').write(str(sys.argv[1:]) + sys.stdin.read())\n",
        text(&log)
    );
    script(&stage.hooks().join("pre-push"), &text);
    stage.done(&["install"]);
    assert_eq!(stage.push().status, 0);
    let (args, stdin) = stage.asked().remove(0);
    let expected = format!("['{}', '{}']{}", args[3], args[4], String::from_utf8(stdin).unwrap());
    assert_eq!(recorded(&stage), expected);
}

/// A hook that has vanished may have been git-lfs's: without it, data would be lost.
#[test]
fn an_earlier_hook_that_is_gone_is_missed() {
    let stage = Stage::new();
    script(&stage.hooks().join("pre-push"), &recorder(&stage));
    stage.done(&["install"]);
    let kept = stage.hooks().join("pre-push.withhold-chained");
    fs::remove_file(&kept).unwrap();
    let refused = stage.push();
    assert_eq!(refused.status, 1);
    assert!(
        refused.stderr.contains("is gone") && refused.stderr.contains("hook install"),
        "{}",
        refused.stderr
    );
    stage.done(&["install"]);
    stage.assert_gate();
    stage.done(&["uninstall"]);
    assert!(!stage.hooks().join("pre-push").exists());
}

/// Killed between its two steps, installing has kept the hook, and it is found again.
#[test]
fn nothing_is_lost_between_two_steps() {
    let stage = Stage::new();
    let hook = stage.hooks().join("pre-push");
    let kept = stage.hooks().join("pre-push.withhold-chained");
    script(&hook, &recorder(&stage));
    let before = picture(&stage.hooks());
    fs::hard_link(&hook, &kept).unwrap();
    stage.done(&["install"]);
    stage.assert_gate();
    assert_ne!(recorded(&stage), "");
    stage.done(&["uninstall"]);
    assert_eq!(picture(&stage.hooks()), before);
    // Where a file has no second name, it is renamed first.
    fs::rename(&hook, &kept).unwrap();
    stage.done(&["install"]);
    stage.done(&["uninstall"]);
    assert_eq!(picture(&stage.hooks()), before);
}

/// Many at once: the hook that was there is never lost, whoever wins.
#[test]
fn nothing_is_lost_when_several_install_at_once() {
    for _ in 0..5 {
        let stage = Stage::new();
        script(&stage.hooks().join("pre-push"), &recorder(&stage));
        let before = picture(&stage.hooks());
        let all: Vec<_> = std::thread::scope(|scope| {
            let each: Vec<_> = (0..8).map(|_| scope.spawn(|| stage.hook(&["install"]))).collect();
            each.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(all.iter().any(|output| output.status == 0));
        stage.done(&["install"]);
        stage.assert_gate();
        assert_ne!(recorded(&stage), "");
        stage.done(&["uninstall"]);
        assert_eq!(picture(&stage.hooks()), before);
    }
}

#[test]
fn of_two_that_want_to_be_kept_none_is_dropped() {
    let stage = Stage::new();
    let hook = stage.hooks().join("pre-push");
    script(&hook, "#!/bin/sh\nexit 0\n");
    stage.done(&["install"]);
    fs::remove_file(&hook).unwrap();
    script(&hook, "#!/bin/sh\nexit 1\n");
    let before = picture(&stage.hooks());
    for command in ["install", "uninstall"] {
        let refused = stage.hook(&[command]);
        assert_eq!(refused.status, 2);
        assert!(
            refused.stderr.contains("hint: if the kept one is no longer wanted: rm "),
            "{}",
            refused.stderr
        );
        assert_eq!(picture(&stage.hooks()), before);
    }
    // The same again is no other.
    crate::support::repo::copy_executable(&stage.hooks().join("pre-push.withhold-chained"), &hook);
    stage.done(&["install"]);
    stage.assert_gate();
}

#[test]
fn what_came_in_is_told_to_both() {
    for answer in [("ANSWER", "1"), ("WITHHOLD", "/nowhere"), ("EARLIER", "1")] {
        let stage = Stage::new();
        let remote = stage.remote();
        let log = recorder(&stage);
        script(&remote.join("hooks/post-receive"), &log);
        assert_eq!(stage.hook_in(&remote, &["install", "post-receive"]).status, 0);
        let pushed = stage.push_with(&[answer]);
        assert_eq!(pushed.status, 0, "it is in already: {}", pushed.stderr);
        assert_ne!(recorded(&stage), "", "{answer:?}");
        assert_eq!(stage.asked().len(), usize::from(answer.0 != "WITHHOLD"));
    }
}

#[test]
fn before_anything_comes_in_both_must_pass() {
    let stage = Stage::new();
    let remote = stage.remote();
    script(&remote.join("hooks/pre-receive"), &recorder(&stage));
    assert_eq!(stage.hook_in(&remote, &["install", "pre-receive"]).status, 0);
    assert_eq!(stage.push().status, 0);
    assert_eq!(String::from_utf8(stage.asked().remove(0).1).unwrap(), recorded(&stage).trim_start());
    for answer in ["ANSWER", "EARLIER"] {
        assert_eq!(stage.push_with(&[(answer, "1")]).status, 1, "{answer}");
    }
}

/// What pre-commit writes puts ours aside, and runs it.
const PRE_COMMIT: &str = "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n\
    exec \"$(dirname \"$0\")/pre-push.legacy\" \"$@\"\n";

#[test]
fn behind_pre_commit_it_stays_where_it_is() {
    let stage = Stage::new();
    let hooks = stage.hooks();
    script(&hooks.join("pre-push"), &recorder(&stage));
    stage.done(&["install"]);
    fs::rename(hooks.join("pre-push"), hooks.join("pre-push.legacy")).unwrap();
    script(&hooks.join("pre-push"), PRE_COMMIT);
    stage.assert_gate();
    assert_ne!(recorded(&stage), "");
    assert!(stage.done(&["doctor"]).contains("run by pre-commit"));
    let before = picture(&hooks);
    assert!(stage.done(&["install"]).contains("was installed already"));
    assert_eq!(picture(&hooks), before);
    stage.done(&["uninstall"]);
    let (pre_commit, legacy) = (hooks.join("pre-push"), hooks.join("pre-push.legacy"));
    assert_eq!(fs::read_to_string(pre_commit).unwrap(), PRE_COMMIT);
    assert_eq!(fs::read_to_string(legacy).unwrap(), recorder(&stage));
    assert!(!hooks.join("pre-push.withhold-chained").exists());
}

#[test]
fn ours_and_pre_commit_do_not_call_each_other_for_ever() {
    let stage = Stage::new();
    let hooks = stage.hooks();
    script(&hooks.join("pre-push"), PRE_COMMIT);
    stage.done(&["install"]);
    fs::rename(hooks.join("pre-push"), hooks.join("pre-push.legacy")).unwrap();
    script(&hooks.join("pre-push"), PRE_COMMIT);
    let ill = stage.hook(&["doctor"]);
    assert_eq!(ill.status, 4);
    assert!(ill.line().contains("call each other"), "{}", ill.line());
    stage.done(&["install"]);
    stage.done(&["doctor"]);
    stage.assert_gate();
}
