//! Whatever goes wrong ends the push, with the code that says so.

use super::{LIST, Place, accepted, executable, refused, run};
use crate::support::repo::Output;

const BLOCK: &str = "[policy]\n[[policy.remote]]\nname = \"**\"\ngate = \"block\"\n";

/// A place with one commit of Bob's, which nothing stands in the way of.
fn place() -> Place {
    let place = Place::new(BLOCK);
    place.commit("bob", "a.rs", "his\n");
    place
}

/// The hook, told this.
fn told(place: &Place, event: &str, input: &[u8]) -> Output {
    run(
        place.repo.command(env!("CARGO_BIN_EXE_withhold")).args(["hook", "run", event, "origin", "url"]),
        input,
    )
}

#[test]
fn no_list_a_broken_one_and_one_that_has_expired_end_the_push() {
    let place = place();
    let expired = LIST.replace("serial = 1\n", "serial = 1\nnot-after = 2001-01-01T00:00:00Z\n");
    for (list, because) in [("broken", "is not TOML"), (&expired, "expired")] {
        place.list(list);
        refused(&place.push(&["origin", "main"]), because);
    }
    std::fs::remove_file(place.repo.beside("optout.toml")).unwrap();
    refused(&place.push(&["origin", "main"]), "optout.toml");
    place.repo.git(["config", "--global", "--unset", "withhold.list"]);
    refused(&place.push(&["origin", "main"]), "no list");
    assert_eq!(place.remote_ref("main"), None);
    place.list(LIST);
    accepted(&place.push(&["origin", "main"]));
}

#[test]
fn a_list_that_is_older_than_one_seen_ends_the_push() {
    let place = place();
    let newer = format!("{LIST}{BLOCK}").replace("serial = 1", "serial = 2");
    place.list(&newer);
    accepted(&place.push(&["origin", "main"]));
    place.commit("bob", "b.rs", "his\n");
    place.list(&format!("{LIST}{BLOCK}"));
    refused(&place.push(&["origin", "main"]), "has serial 1, and this repository knows serial 2");
    place.list(&newer.replace("s-ada", "s-eve"));
    refused(&place.push(&["origin", "main"]), "is not the one that this repository knows with serial 2");
    place.list(&newer);
    accepted(&place.push(&["origin", "main"]));
}

#[test]
fn a_missing_program_ends_the_push() {
    let place = place();
    let hook = place.repo.path().join(".git/hooks/pre-push");
    executable(&hook, "#!/bin/sh\nexec /nowhere/withhold hook run pre-push \"$@\"\n");
    assert_ne!(place.push(&["origin", "main"]).status, 0);
    assert_eq!(place.remote_ref("main"), None);
}

#[test]
fn what_git_says_may_be_cut_off_or_junk() {
    let place = place();
    let id = place.repo.id("HEAD");
    let zero = "0".repeat(40);
    let line = format!("refs/heads/main {id} refs/heads/main {zero}");
    for (input, because) in [
        (line.clone(), "cut off in line 1"),
        (format!("{line}\n{}", &line[..20]), "cut off in line 2"),
        ("junk\n".to_owned(), "line 1 of what git says it pushes cannot be understood"),
        (format!("x {} refs/heads/main {zero}\n", "f".repeat(64)), "SHA-256"),
    ] {
        let output = told(&place, "pre-push", input.as_bytes());
        assert_eq!(output.status, 4, "{}", output.stderr);
        refused(&output, because);
    }
    assert_eq!(told(&place, "pre-receive", b"").status, 4, "a server is always told something");
    assert_eq!(told(&place, "pre-push", b"").status, 0, "everything is up to date");
    // What is pushed is not here.
    let output =
        told(&place, "pre-push", format!("x {} refs/heads/main {zero}\n", "1".repeat(40)).as_bytes());
    assert_eq!(output.status, 5, "{}", output.stderr);
}

#[test]
fn ten_thousand_refs_are_all_looked_at() {
    let place = place();
    let bob = place.repo.id("HEAD");
    let ada = place.commit("ada", "b.rs", "hers\n");
    let zero = "0".repeat(40);
    let refs = |last: &str| {
        let mut input: String = (0..9_999).map(|at| format!("x {bob} refs/heads/b{at} {zero}\n")).collect();
        input += &format!("x {last} refs/heads/last {zero}\n");
        told(&place, "pre-push", input.as_bytes())
    };
    assert_eq!(refs(&bob).status, 0);
    let output = refs(&ada);
    assert_eq!(output.status, 1, "{}", output.stderr);
}

#[test]
fn a_shallow_clone_is_no_clean_one() {
    let place = place();
    place.commit("bob", "b.rs", "his\n");
    accepted(&place.push(&["--no-verify", "origin", "main"]));
    let shallow = place.repo.beside("shallow");
    let url = format!("file://{}", super::shown(&place.remote));
    place.repo.git(["clone", "--quiet", "--depth=1", &url, &super::shown(&shallow)]);
    place.hook(&shallow.join(".git"), "pre-push");
    let there = |args: &[&str]| run(place.repo.command("git").current_dir(&shallow).args(args), b"");
    accepted(&there(&["commit", "--quiet", "--allow-empty", "-m", "x"]));
    refused(&there(&["push", "origin", "main"]), "shallow clone");
}

#[test]
fn nothing_in_the_pushed_tree_hides_anyone() {
    let place = place();
    place.commit("ada", "hers.rs", "hers\n");
    place.commit("bob", ".mailmap", "Bob <bob@example.org> Ada <ada@example.org>\n");
    place.commit("bob", ".gitattributes", "*.rs binary -diff\n");
    place.commit("bob", ".withhold/optout.toml", "schema = 1\nlist = \"own\"\nserial = 1\n");
    let replaced = place.repo.id("HEAD~3");
    let other = place
        .repo
        .git(["commit-tree", &format!("{replaced}^{{tree}}"), "-p", &format!("{replaced}^"), "-m", "x"])
        .line();
    place.repo.git(["replace", &replaced, &other]);
    place.repo.git(["config", "mailmap.file", ".mailmap"]);
    refused(&place.push(&["origin", "main"]), "hers.rs, lines 1 of 1");
}

#[test]
fn whoever_is_named_falsely_is_excluded_all_the_same() {
    let place = place();
    std::fs::write(place.repo.path().join("b.rs"), "his\n").unwrap();
    place.repo.git(["add", "b.rs"]);
    place.commit_staged("bob", "his\n\nCo-authored-by: Ada <ada@example.org>");
    refused(&place.push(&["origin", "main"]), "s-ada (co-author) in corp/all");
}

#[test]
fn branches_have_odd_names() {
    let place = Place::new("");
    place.commit("ada", "a.rs", "hers\n");
    for name in ["$(touch x)", "a'b\"c;d", "caf\u{e9}/\u{1f600}", "-x"] {
        let to = format!("HEAD:refs/heads/{}", name.replace(' ', "_"));
        accepted(&place.push(&["origin", &to]));
        let log = format!("refs/exclusions/{}", name.replace(' ', "_"));
        assert!(place.remote_ref(&log).is_some(), "{log}");
    }
    assert!(!place.repo.path().join("x").exists());
}

#[test]
fn a_partial_clone_and_one_of_another_format_give_no_verdict() {
    let place = place();
    place.commit("bob", "a.rs", "his\nand more\n");
    accepted(&place.push(&["--no-verify", "origin", "main"]));
    let mut git = place.repo.command("git");
    git.arg("--git-dir").arg(&place.remote).args(["config", "uploadpack.allowFilter", "true"]);
    assert_eq!(run(&mut git, b"").status, 0);
    let partial = place.repo.beside("partial");
    let url = format!("file://{}", super::shown(&place.remote));
    let mut git = place.repo.command("git");
    git.env_remove("GIT_NO_LAZY_FETCH").args(["clone", "--quiet", "--filter=blob:none", &url]).arg(&partial);
    assert_eq!(run(&mut git, b"").status, 0);
    place.hook(&partial.join(".git"), "pre-push");
    let there = |args: &[&str]| run(place.repo.command("git").current_dir(&partial).args(args), b"");
    std::fs::write(partial.join("a.rs"), "his\nand more\nand more\n").unwrap();
    accepted(&there(&["commit", "--quiet", "-a", "-m", "x"]));
    refused(&there(&["push", "origin", "main"]), "is a partial clone");

    let other = place.repo.beside("sha256");
    place.repo.git(["init", "--quiet", "--object-format=sha256", &super::shown(&other)]);
    let there = |args: &[&str]| run(place.repo.command("git").current_dir(&other).args(args), b"");
    accepted(&there(&["commit", "--quiet", "--allow-empty", "-m", "x"]));
    place.repo.git([
        "init",
        "--quiet",
        "--bare",
        "--object-format=sha256",
        &super::shown(&place.repo.beside("r256")),
    ]);
    place.hook(&other.join(".git"), "pre-push");
    refused(&there(&["push", &super::shown(&place.repo.beside("r256")), "HEAD:refs/heads/main"]), "SHA-256");
}

#[test]
fn a_hook_that_is_killed_or_finds_no_room_ends_the_push() {
    let place = Place::new("");
    place.commit("ada", "a.rs", &"hers\n".repeat(2000));
    let hook = place.repo.path().join(".git/hooks/pre-push");
    let text = std::fs::read_to_string(&hook).unwrap();
    // No file may be larger than 512 bytes: not even the manifest's.
    executable(&hook, &text.replace("exec ", "ulimit -f 1\nexec "));
    assert_ne!(place.push(&["origin", "main"]).status, 0);
    executable(&hook, "#!/bin/sh\nkill -9 $$\n");
    assert_ne!(place.push(&["origin", "main"]).status, 0);
    assert_eq!((place.remote_ref("main"), place.remote_ref("refs/exclusions/main")), (None, None));
    executable(&hook, &text);
    accepted(&place.push(&["origin", "main"]));
}

#[test]
fn pushes_at_once_do_each_other_no_harm() {
    let place = Place::new("");
    place.commit("ada", "a.rs", "hers\n");
    let done: Vec<Output> = std::thread::scope(|scope| {
        let place = &place;
        let pushes: Vec<_> =
            (0..4).map(|at| scope.spawn(move || place.push(&["origin", &format!("main:b{at}")]))).collect();
        pushes.into_iter().map(|push| push.join().unwrap()).collect()
    });
    for (at, push) in done.iter().enumerate() {
        accepted(push);
        assert!(place.remote_ref(&format!("refs/exclusions/b{at}")).is_some());
    }
    // Several to the same branch: each that goes through has its manifest in the one log.
    let tips: Vec<String> = (0..3)
        .map(|at| {
            place.repo.git(["checkout", "--quiet", "-B", &format!("w{at}"), "main"]);
            place.commit("bob", &format!("{at}.rs"), "his\n")
        })
        .collect();
    let done: Vec<Output> = std::thread::scope(|scope| {
        let (place, tips) = (&place, &tips);
        let push = |tip: &String| place.push(&["--force", "origin", &format!("{tip}:refs/heads/same")]);
        let pushes: Vec<_> = tips.iter().map(|tip| scope.spawn(move || push(tip))).collect();
        pushes.into_iter().map(|push| push.join().unwrap()).collect()
    });
    let log = run(
        place.repo.command("git").arg("--git-dir").arg(&place.remote).args([
            "log",
            "--format=%B",
            "refs/exclusions/same",
        ]),
        b"",
    );
    assert!(done.iter().any(|push| push.status == 0));
    for (tip, push) in tips.iter().zip(&done) {
        let logged = String::from_utf8_lossy(&log.stdout).contains(tip.as_str());
        assert!(push.status != 0 || logged, "{tip} went through without its manifest");
    }
}
