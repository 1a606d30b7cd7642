//! What may be pushed to the logs of exclusions, `refs/exclusions/*`: manifests alone, and none is taken back.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::{Place, accepted, refused, run};

const BLOCK: &str = "[policy]\n[[policy.remote]]\nname = \"**\"\ngate = \"block\"\n";
const WARN: &str = "[policy]\n[[policy.remote]]\nname = \"**\"\ngate = \"warn\"\n";

/// A client that publishes, and a server that blocks. Bob's first commit is there, with its manifest.
fn both() -> Place {
    let place = Place::new("");
    place.hook(&place.remote, "pre-receive");
    place.commit("bob", "a.rs", "his\n");
    accepted(&place.push(&["origin", "main"]));
    place
}

#[test]
fn a_server_that_blocks_takes_the_manifests_of_clients() {
    let place = both();
    let first = place.remote_ref("refs/exclusions/main").unwrap();
    place.commit("bob", "b.rs", "his\n");
    accepted(&place.push(&["origin", "main"]));
    assert_eq!(place.remote_ref("refs/exclusions/main^"), Some(first));
    // By hand, and under another name.
    accepted(&place.push(&["origin", "refs/exclusions/main:refs/exclusions/other"]));
}

#[test]
fn work_cannot_hide_in_a_log() {
    let place = both();
    let ada = place.commit("ada", "b.rs", "hers\n");
    for to in ["main:refs/exclusions/x", "main:refs/exclusions/main"] {
        let pushed = place.push(&["--force", "origin", to]);
        refused(&pushed, "refs/exclusions/");
    }
    refused(
        &place.push(&["origin", "main:refs/exclusions/x"]),
        &format!("takes manifests alone, and commit {ada} is none: a.rs cannot be read"),
    );
    assert_eq!(place.remote_ref("refs/exclusions/x"), None);
}

#[test]
fn nor_behind_a_manifest_or_beside_it() {
    let place = both();
    place.commit("ada", "b.rs", "hers\n");
    let tree = place.repo.id("refs/exclusions/main^{tree}");
    // A manifest whose parent is work.
    let behind = place.repo.git(["commit-tree", &tree, "-p", "main", "-m", "manifest"]).line();
    refused(&place.push(&["origin", &format!("{behind}:refs/exclusions/x")]), "takes manifests alone");
    // A file beside a manifest, also one that other forms of it would have.
    let blob = place.repo.id("main:b.rs");
    for name in ["b.rs", "entries.jsonl.zst", "coverage/b.rs", "manifest.json/b.rs"] {
        place.repo.git(["read-tree", &tree]);
        let entry = format!("100644,{blob},{name}");
        place.repo.git(["update-index", "--add", "--replace", "--cacheinfo", &entry]);
        let beside = place.repo.git(["write-tree"]).line();
        let commit = place.repo.git(["commit-tree", &beside, "-m", "manifest"]).line();
        let pushed = place.push(&["origin", &format!("{commit}:refs/exclusions/x")]);
        refused(&pushed, "takes manifests alone");
    }
    // What is no commit.
    place.repo.git(["tag", "--annotate", "-m", "hers", "v1", "refs/exclusions/main"]);
    for what in ["v1", "main:b.rs", "main^{tree}"] {
        let what = place.repo.id(what);
        let pushed = place.push(&["origin", &format!("{what}:refs/exclusions/x")]);
        refused(&pushed, "has to name a commit, with a manifest");
    }
    assert_eq!(place.remote_ref("refs/exclusions/x"), None);
}

#[test]
fn what_stands_in_a_log_does_not_count_as_there_already() {
    let place = both();
    // It came there while nobody looked.
    place.commit("ada", "b.rs", "hers\n");
    std::fs::rename(place.remote.join("hooks/pre-receive"), place.remote.join("aside")).unwrap();
    accepted(&place.push(&["--no-verify", "origin", "main:refs/exclusions/x"]));
    std::fs::rename(place.remote.join("aside"), place.remote.join("hooks/pre-receive")).unwrap();
    refused(&place.push(&["--no-verify", "origin", "main"]), "b.rs");
    // Nor if the same push sets the log to a sound manifest that follows it.
    let tree = place.repo.id("refs/exclusions/main^{tree}");
    let after = place.repo.git(["commit-tree", &tree, "-p", "main", "-m", "manifest"]).line();
    let to = format!("{after}:refs/exclusions/x");
    refused(&place.push(&["--no-verify", "origin", "main", &to]), "b.rs");
    accepted(&place.push(&["--no-verify", "origin", &to]));
}

#[test]
fn nor_does_it_at_the_client() {
    for fetch in ["+refs/exclusions/*:refs/remotes/origin/exclusions/*", "+refs/*:refs/remotes/origin/*"] {
        let place = Place::new(BLOCK);
        place.commit("bob", "a.rs", "his\n");
        accepted(&place.push(&["origin", "main"]));
        place.commit("ada", "b.rs", "hers\n");
        accepted(&place.push(&["--no-verify", "origin", "main:refs/exclusions/x"]));
        place.repo.git(["config", "remote.origin.fetch", fetch]);
        place.repo.git(["fetch", "--quiet", "origin"]);
        refused(&place.push(&["origin", "main"]), "b.rs");
    }
}

#[test]
fn a_remote_that_blocks_is_sent_manifests_alone() {
    let place = both();
    place.list(&format!("{}{BLOCK}", super::LIST.replace("serial = 1", "serial = 2")));
    std::fs::remove_file(place.remote.join("hooks/pre-receive")).unwrap();
    accepted(&place.push(&["origin", "refs/exclusions/main:refs/exclusions/other"]));
    place.commit("ada", "b.rs", "hers\n");
    refused(&place.push(&["origin", "main:refs/exclusions/x"]), "takes manifests alone");
    refused(&place.push(&["--force", "origin", "main:refs/exclusions/main"]), "not taken back");
    place.list(&format!("{}{WARN}", super::LIST.replace("serial = 1", "serial = 3")));
    let pushed = place.push(&["origin", "main:refs/exclusions/x"]);
    accepted(&pushed);
    assert!(pushed.stderr.contains("warning: refs/exclusions/x is the log"), "{}", pushed.stderr);
}

#[test]
fn none_is_taken_back() {
    let place = both();
    refused(&place.push(&["origin", ":refs/exclusions/main"]), "can be added to, not taken back");
    let tree = place.repo.id("refs/exclusions/main^{tree}");
    let alone = place.repo.git(["commit-tree", &tree, "-m", "manifest"]).line();
    refused(
        &place.push(&["--force", "origin", &format!("{alone}:refs/exclusions/main")]),
        "can be added to, not taken back",
    );
    place.commit("bob", "b.rs", "his\n");
    accepted(&place.push(&["origin", "main", "main:gone"]));
    accepted(&place.push(&["origin", "--delete", "gone"]));
    assert!(place.remote_ref("refs/exclusions/gone").is_some());
}

#[test]
fn a_look_at_them_takes_from_the_time_that_there_is() {
    let place = both();
    place.repo.git(["config", "--global", "withhold.time", "0"]);
    let tree = place.repo.id("refs/exclusions/main^{tree}");
    let alone = place.repo.git(["commit-tree", &tree, "-m", "manifest"]).line();
    let pushed = place.push(&["--no-verify", "origin", &format!("{alone}:refs/exclusions/x")]);
    refused(&pushed, "the time for it is over");
}

#[test]
fn a_branch_that_has_no_utf8_name_has_no_log() {
    let place = both();
    let mut git = place.repo.command("git");
    let to = OsStr::from_bytes(b"main:refs/heads/caf\xe9");
    let pushed = run(git.args(["push", "origin"]).arg(to), b"");
    refused(&pushed, "is not UTF-8, so no manifest can be published for it");
    refused(&pushed, "hint: give the branch another name");
}

#[test]
fn a_remote_that_warns_is_sent_what_is_no_commit() {
    let place = Place::new(WARN);
    place.commit("ada", "a.rs", "hers\n");
    let pushed = place.push(&["origin", &format!("{}:refs/tags/file", place.repo.id("main:a.rs"))]);
    accepted(&pushed);
    assert!(pushed.stderr.contains("warning: refs/tags/file names no commit"), "{}", pushed.stderr);
}

#[test]
fn the_log_of_a_branch_that_is_gone_can_be_in_the_way_of_another() {
    let place = both();
    accepted(&place.push(&["origin", "main:fix"]));
    accepted(&place.push(&["origin", "--delete", "fix"]));
    let pushed = place.push(&["origin", "main:fix/1"]);
    refused(&pushed, "refs/exclusions/fix/1");
    refused(&pushed, "hint: a log of exclusions stays when its branch is deleted");
    assert_eq!(place.remote_ref("refs/heads/fix/1"), None);
    // The other way round, where the log is known at the remote alone.
    accepted(&place.push(&["origin", "main:area/2"]));
    accepted(&place.push(&["origin", "--delete", "area/2"]));
    place.repo.git(["update-ref", "-d", "refs/exclusions/area/2"]);
    refused(&place.push(&["origin", "main:area"]), "hint: a log of exclusions stays");
}
