//! What the server accepts.

use super::{Place, accepted, refused, run};

/// A server that blocks, and a client without a hook.
fn server() -> Place {
    let place = Place::new("");
    std::fs::remove_file(place.repo.path().join(".git/hooks/pre-push")).unwrap();
    place.hook(&place.remote, "pre-receive");
    place
}

#[test]
fn nothing_excluded_is_accepted() {
    let place = server();
    place.commit("bob", "a.rs", "his\n");
    accepted(&place.push(&["origin", "main"]));
    let ada = place.commit("ada", "b.rs", "hers\n");
    let pushed = place.push(&["--no-verify", "origin", "main", "main:other"]);
    refused(&pushed, &format!("commit {ada}"));
    refused(&pushed, "b.rs, lines 1 of 1");
    assert!(!pushed.stderr.contains("ada@"), "{}", pushed.stderr);
    // The quarantine keeps what was refused out of the repository.
    let there = run(
        place.repo.command("git").arg("--git-dir").arg(&place.remote).args(["cat-file", "-e", &ada]),
        b"",
    );
    assert_ne!(there.status, 0);
    assert_eq!(place.remote_ref("other"), None);
}

#[test]
fn a_server_whose_folder_has_a_colon_sees_the_old_objects_too() {
    let mut place = server();
    place.commit("bob", "a.rs", "his\n");
    accepted(&place.push(&["origin", "main"]));
    let colon = place.repo.beside("a:b \"c\".git");
    std::fs::rename(&place.remote, &colon).unwrap();
    place.repo.git(["remote", "set-url", "origin", &super::shown(&colon)]);
    place.remote = colon;
    place.commit("bob", "a.rs", "his\nand more\n");
    accepted(&place.push(&["origin", "main"]));
    place.commit("ada", "b.rs", "hers\n");
    refused(&place.push(&["origin", "main"]), "b.rs");
}

#[test]
fn deletions_pass() {
    let place = server();
    place.commit("bob", "a.rs", "his\n");
    accepted(&place.push(&["origin", "main", "main:gone"]));
    accepted(&place.push(&["origin", "--delete", "gone"]));
}

#[test]
fn work_that_takes_too_long_is_refused() {
    let place = server();
    place.commit("bob", "a.rs", "his\n");
    place.repo.git(["config", "--global", "withhold.time", "0"]);
    refused(&place.push(&["origin", "main"]), "the time for it is over");
    place.repo.git(["config", "--global", "withhold.time", "soon"]);
    refused(&place.push(&["origin", "main"]), "not a number of seconds");
    place.repo.git(["config", "--global", "withhold.time", "600"]);
    accepted(&place.push(&["origin", "main"]));
}

#[test]
fn gitlab_shows_its_users_what_stands_in_the_way() {
    let place = server();
    place.commit("ada", "a.rs", "hers\n");
    let pushed = run(place.repo.command("git").env("GL_ID", "key-1").args(["push", "origin", "main"]), b"");
    refused(&pushed, "GL-HOOK-ERR:   commit ");
    for line in pushed.stderr.lines().filter(|line| line.contains("this push brings")) {
        assert!(line.contains("GL-HOOK-ERR"), "{}", pushed.stderr);
    }
}

#[test]
fn after_the_push_the_server_publishes_its_own_manifest() {
    let place = server();
    std::fs::remove_file(place.remote.join("hooks/pre-receive")).unwrap();
    place.hook(&place.remote, "post-receive");
    place.commit("ada", "a.rs", "hers\n");
    accepted(&place.push(&["origin", "main"]));
    let first = place.remote_ref("refs/exclusions/main").unwrap();
    assert!(place.remote_file("refs/exclusions/main:entries.jsonl").contains("a.rs"));
    place.commit("bob", "b.rs", "his\n");
    accepted(&place.push(&["origin", "main"]));
    assert_eq!(place.remote_ref("refs/exclusions/main^"), Some(first));
}

#[test]
fn what_a_fork_borrows_is_there_already() {
    let mut place = server();
    place.commit("ada", "a.rs", "hers, and there already\n");
    std::fs::remove_file(place.remote.join("hooks/pre-receive")).unwrap();
    accepted(&place.push(&["origin", "main"]));
    // A fork without refs of its own, as forges make them.
    let fork = place.repo.beside("fork.git");
    place.repo.git(["init", "--quiet", "--bare", "--initial-branch=main", &super::shown(&fork)]);
    let borrowed = format!("{}\n", super::shown(&place.remote.join("objects")));
    std::fs::write(fork.join("objects/info/alternates"), borrowed).unwrap();
    place.hook(&fork, "pre-receive");
    place.repo.git(["remote", "set-url", "origin", &super::shown(&fork)]);
    place.remote = fork;
    place.commit("bob", "b.rs", "his\n");
    let pushed = place.push(&["origin", "main"]);
    accepted(&pushed);
    assert!(pushed.stderr.contains("1 new commit"), "{}", pushed.stderr);
    place.commit("ada", "c.rs", "hers, and new\n");
    refused(&place.push(&["origin", "main"]), "c.rs");
}
