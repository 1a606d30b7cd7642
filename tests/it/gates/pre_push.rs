//! What the engineer's hook lets go out.

use super::{Place, accepted, executable, refused};

const BLOCK: &str = "[policy]\n[[policy.remote]]\nname = \"**\"\ngate = \"block\"\n";
const WARN: &str = "[policy]\n[[policy.remote]]\nname = \"**\"\ngate = \"warn\"\n";

#[test]
fn nothing_excluded_goes_to_a_remote_that_blocks() {
    let place = Place::new(BLOCK);
    let first = place.commit("bob", "src/bob.rs", "bob's\n");
    accepted(&place.push(&["origin", "main"]));
    let ada = place.commit("ada", "src/ada.rs", "one\ntwo\n");
    let pushed = place.push(&["origin", "main"]);
    refused(&pushed, "this push brings 2 things that are excluded, and may not go to 'origin'");
    refused(&pushed, &format!("commit {ada}"));
    refused(&pushed, "src/ada.rs, lines 1-2 of 2, and with them the whole file: s-ada (author) in corp/all");
    refused(&pushed, "hint: why, for each: withhold explain");
    assert!(!pushed.stderr.contains("example.org"), "{}", pushed.stderr);
    assert_eq!(place.remote_ref("main"), Some(first));
}

#[test]
fn only_what_the_push_adds_is_looked_at() {
    let place = Place::new(BLOCK);
    place.commit("ada", "old.rs", "hers, and there already\n");
    accepted(&place.push(&["--no-verify", "origin", "main"]));
    place.commit("bob", "new.rs", "his\n");
    let pushed = place.push(&["origin", "main", "main:other"]);
    accepted(&pushed);
    assert!(pushed.stderr.contains("1 new commit, 1 version of a file"), "{}", pushed.stderr);
    // A file of hers that he changes still has her lines in it.
    place.commit("bob", "old.rs", "hers, and there already\nand his\n");
    refused(&place.push(&["origin", "main"]), "old.rs, lines 1 of 2");
}

#[test]
fn what_a_later_commit_of_the_push_takes_away_goes_out_all_the_same() {
    let place = Place::new(BLOCK);
    place.commit("bob", "a.rs", "his\n");
    accepted(&place.push(&["origin", "main"]));
    place.commit("ada", "a.rs", "hers\n");
    place.commit("bob", "a.rs", "his again\n");
    refused(&place.push(&["origin", "main"]), "a.rs, lines 1 of 1");
}

#[test]
fn every_ref_of_a_push_is_looked_at() {
    let place = Place::new(BLOCK);
    place.commit("bob", "a.rs", "his\n");
    place.repo.git(["checkout", "--quiet", "-b", "hers"]);
    let hers = place.commit("ada", "b.rs", "hers\n");
    place.repo.git(["checkout", "--quiet", "main"]);
    place.commit("bob", "c.rs", "his, too\n");
    // pre-commit hands only the first ref of a push to its hooks (pre-commit#1908).
    let pushed = place.push(&["origin", "main", "hers"]);
    refused(&pushed, &format!("commit {hers}"));
    assert_eq!((place.remote_ref("main"), place.remote_ref("hers")), (None, None));
    accepted(&place.push(&["origin", "main"]));
}

#[test]
fn an_up_to_date_push_and_a_deletion_pass() {
    let place = Place::new(BLOCK);
    place.commit("bob", "a.rs", "his\n");
    accepted(&place.push(&["origin", "main", "main:gone"]));
    accepted(&place.push(&["origin", "main"]));
    accepted(&place.push(&["origin", "--delete", "gone"]));
    assert_eq!(place.remote_ref("gone"), None);
}

#[test]
fn the_remote_may_have_what_was_never_here() {
    let place = Place::new(BLOCK);
    place.commit("bob", "a.rs", "his\n");
    accepted(&place.push(&["origin", "main"]));
    // Somebody else has pushed; the tracking ref is gone, so only git's own word tells of it.
    let other = place.repo.beside("other");
    place.repo.git(["clone", "--quiet", &super::shown(&place.remote), &super::shown(&other)]);
    let mut git = place.repo.command("git");
    git.current_dir(&other).args(["commit", "--quiet", "--allow-empty", "-m", "elsewhere"]);
    assert_eq!(super::run(&mut git, b"").status, 0);
    let mut git = place.repo.command("git");
    assert_eq!(
        super::run(git.current_dir(&other).args(["push", "--quiet", "--no-verify", "origin", "main"]), b"")
            .status,
        0
    );
    place.repo.git(["update-ref", "-d", "refs/remotes/origin/main"]);
    place.commit("bob", "b.rs", "his, too\n");
    accepted(&place.push(&["--force", "origin", "main"]));
}

#[test]
fn a_tag_has_a_tagger_and_may_name_no_commit() {
    let place = Place::new(BLOCK);
    place.commit("bob", "a.rs", "his\n");
    accepted(&place.push(&["origin", "main"]));
    // The tagger is Ada, by the environment of the tests.
    place.repo.git(["tag", "-a", "-m", "hers", "v1"]);
    let pushed = place.push(&["origin", "v1"]);
    refused(&pushed, &format!("tag {}", place.repo.id("v1")));
    let blob = place.repo.write_object("blob", b"whose?\n");
    place.repo.git(["tag", "blob", &blob]);
    refused(&place.push(&["origin", "blob"]), "refs/tags/blob names a file or a folder, not a commit");
    accepted(&place.push(&["origin", "main:refs/tags/plain"]));
}

#[test]
fn a_push_by_url_or_of_an_expression_is_looked_at_too() {
    let place = Place::new(BLOCK);
    place.commit("ada", "a.rs", "hers\n");
    let url = super::shown(&place.remote);
    refused(&place.push(&[&url, "HEAD:refs/heads/x"]), "a.rs");
    place.commit("bob", "b.rs", "his\n");
    refused(&place.push(&[&url, "HEAD~1:refs/heads/x"]), "a.rs");
    assert_eq!(place.remote_ref("x"), None);
}

#[test]
fn a_warning_lets_it_through() {
    let place = Place::new(WARN);
    let ada = place.commit("ada", "a.rs", "hers\n");
    let pushed = place.push(&["origin", "main"]);
    accepted(&pushed);
    assert!(
        pushed.stderr.contains("warning: this push to 'origin' brings excluded work"),
        "{}",
        pushed.stderr
    );
    assert_eq!(place.remote_ref("main"), Some(ada));
}

#[test]
fn manifests_are_published_before_the_code() {
    let place = Place::new("");
    place.commit("ada", "a.rs", "hers\n");
    let pushed = place.push(&["origin", "main"]);
    accepted(&pushed);
    let log = place.remote_ref("refs/exclusions/main").unwrap();
    assert_eq!(place.repo.id("refs/exclusions/main"), log);
    let tip = place.remote_ref("main").unwrap();
    let coverage = place.remote_file("refs/exclusions/main:coverage.jsonl");
    assert!(coverage.contains(&format!("\"tip\":\"{tip}\"")), "{coverage}");
    assert!(place.remote_file("refs/exclusions/main:entries.jsonl").contains("a.rs"));
    // What was published is a manifest as any other.
    let folder = place.repo.beside("manifest");
    std::fs::create_dir(&folder).unwrap();
    for file in ["manifest.json", "entries.jsonl", "coverage.jsonl"] {
        std::fs::write(folder.join(file), place.remote_file(&format!("refs/exclusions/main:{file}")))
            .unwrap();
    }
    let valid = place.repo.withhold(["manifest", "validate", &super::shown(&folder)]);
    assert_eq!(valid.status, 0, "{}", valid.stderr);
    // The next one follows it.
    place.commit("bob", "b.rs", "his\n");
    accepted(&place.push(&["origin", "main"]));
    let next = place.remote_ref("refs/exclusions/main").unwrap();
    assert_eq!(place.repo.git(["rev-parse", &format!("{next}^")]).line(), log);
    // And a branch that is deleted leaves its manifests.
    accepted(&place.push(&["origin", "main:side"]));
    accepted(&place.push(&["origin", "--delete", "side"]));
    assert!(place.remote_ref("side").is_none() && place.remote_ref("refs/exclusions/side").is_some());
}

#[test]
fn without_its_manifest_no_code_goes_out() {
    let place = Place::new("");
    place.commit("bob", "a.rs", "his\n");
    let update = place.remote.join("hooks/update");
    executable(&update, "#!/bin/sh\ncase $1 in refs/exclusions/*) exit 1;; esac\n");
    let pushed = place.push(&["origin", "main"]);
    refused(&pushed, "refs/exclusions/main cannot be pushed to origin, so the push is stopped");
    refused(&pushed, "hint: the remote has to accept refs/exclusions/*");
    assert_eq!(place.remote_ref("main"), None);
    let here = super::run(
        place.repo.command("git").args(["rev-parse", "--verify", "--quiet", "refs/exclusions/main"]),
        b"",
    );
    assert_ne!(here.status, 0, "what was not published is not kept here either");
}

#[test]
fn the_manifest_goes_out_even_if_pushes_are_set_to_go_to_submodules_only() {
    let place = Place::new("");
    place.commit("bob", "a.rs", "his\n");
    place.repo.git(["config", "push.recurseSubmodules", "only"]);
    accepted(&place.push(&["--no-recurse-submodules", "origin", "main"]));
    assert_eq!(place.remote_ref("main"), Some(place.repo.git(["rev-parse", "main"]).line()));
    let log = Some(place.repo.git(["rev-parse", "refs/exclusions/main"]).line());
    assert_eq!(place.remote_ref("refs/exclusions/main"), log);
    let told = place.repo.git(["reflog", "show", "--format=%gs", "refs/exclusions/main"]).line();
    assert_eq!(told, "withhold");
}

#[test]
fn two_who_push_to_one_branch_make_one_log() {
    let place = Place::new("");
    place.commit("bob", "a.rs", "his\n");
    accepted(&place.push(&["origin", "main"]));
    let first = place.remote_ref("refs/exclusions/main").unwrap();
    // A second clone that has not fetched the log.
    let other = place.repo.beside("other");
    place.repo.git(["clone", "--quiet", &super::shown(&place.remote), &super::shown(&other)]);
    place.hook(&other.join(".git"), "pre-push");
    let there = |args: &[&str]| super::run(place.repo.command("git").current_dir(&other).args(args), b"");
    accepted(&there(&["commit", "--quiet", "--allow-empty", "-m", "hers"]));
    accepted(&there(&["push", "--quiet", "origin", "main"]));
    let second = place.remote_ref("refs/exclusions/main").unwrap();
    assert_eq!(there(&["rev-parse", &format!("{second}^")]).line(), first);
}

#[test]
fn what_is_published_is_signed_if_git_signs() {
    let place = Place::new("");
    place.commit("bob", "a.rs", "his\n");
    let signer = place.repo.beside("signer");
    let text = "#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED D' >&2\n\
                printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n'\n";
    executable(&signer, text);
    place.repo.git(["config", "gpg.program", &super::shown(&signer)]);
    place.repo.git(["config", "commit.gpgSign", "yes"]);
    accepted(&place.push(&["origin", "main"]));
    let commit = place.repo.git(["cat-file", "commit", "refs/exclusions/main"]).line();
    assert!(commit.contains("gpgsig -----BEGIN PGP SIGNATURE-----"), "{commit}");
    // Who is to sign and cannot does not push.
    executable(&signer, "#!/bin/sh\nexit 1\n");
    place.commit("bob", "b.rs", "his\n");
    refused(&place.push(&["origin", "main"]), "git commit-tree");
}

#[test]
fn what_is_published_already_is_not_committed_again() {
    let place = Place::new("");
    place.commit("bob", "a.rs", "his\n");
    accepted(&place.push(&["origin", "main"]));
    let log = place.remote_ref("refs/exclusions/main");
    // The remote has lost the branch, and gets it again.
    super::run(
        place.repo.command("git").arg("--git-dir").arg(&place.remote).args([
            "update-ref",
            "-d",
            "refs/heads/main",
        ]),
        b"",
    );
    accepted(&place.push(&["origin", "main"]));
    assert_eq!(place.remote_ref("refs/exclusions/main"), log);
}

#[test]
fn a_long_manifest_is_published_in_parts_and_read_again() {
    let place = Place::new("");
    place.commit("ada", "hers.rs", "hers\n");
    for at in 0..6_500 {
        std::fs::write(place.repo.path().join(format!("{at}.txt")), format!("{at}\n")).unwrap();
    }
    place.repo.git(["add", "."]);
    place.commit_staged("bob", "many files");
    accepted(&place.push(&["origin", "main"]));
    let parts = |rev: &str| {
        let listed = place.repo.git(["ls-tree", "-r", "--name-only", rev, "coverage/"]).line();
        listed.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = parts("refs/exclusions/main");
    assert!(all.len() > 200, "{}", all.len());
    // In the order of their names they are the file again.
    let folder = place.repo.beside("manifest");
    let scanned = place.repo.withhold([
        "scan",
        "--rev",
        "main",
        "--repo",
        "remote",
        "-q",
        "-o",
        &super::shown(&folder),
    ]);
    assert_eq!(scanned.status, 0, "{}", scanned.stderr);
    let text: String =
        all.iter().map(|part| place.remote_file(&format!("refs/exclusions/main:{part}"))).collect();
    assert_eq!(text, std::fs::read_to_string(folder.join("coverage.jsonl")).unwrap());
    let checked = place.repo.withhold(["check", "main", "--published"]);
    assert_eq!(checked.status, 0, "{}", checked.stderr);
    // A small change makes few new parts.
    place.commit("bob", "one.txt", "one more\n");
    accepted(&place.push(&["origin", "main"]));
    let changed =
        place.repo.git(["diff-tree", "-r", "--name-only", "refs/exclusions/main^", "refs/exclusions/main"]);
    assert!(changed.line().lines().count() <= 5, "{}", changed.line());
    assert_eq!(place.repo.withhold(["check", "main", "--published"]).status, 0);
}
