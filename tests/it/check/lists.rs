//! The list that a check works with is valid, in date, and not older than one seen before.

use super::case::{ADA, EVERYTHING, by_bob, check, fails, history, list, scan};
use crate::support::Repo;

const NO_MANIFEST: &[&str] = &["--no-manifest"];

fn repo() -> Repo {
    history(|script| {
        script.add(by_bob([]).file("b", "b\n"));
    })
}

#[test]
fn a_list_that_is_missing_invalid_or_expired_ends_the_check() {
    let repo = repo();
    fails(&repo, 3, NO_MANIFEST);
    list(&repo, 1, "regimee = \"opt-in\"\n");
    fails(&repo, 3, NO_MANIFEST);
    list(&repo, 1, &format!("not-after = 2001-01-01\n{EVERYTHING}"));
    fails(&repo, 4, NO_MANIFEST);
}

#[test]
fn an_older_list_than_one_seen_here_is_refused() {
    let repo = repo();
    let rest = format!("{ADA}{EVERYTHING}");
    list(&repo, 7, &rest);
    check(&repo, NO_MANIFEST).ended(0, &[]);
    list(&repo, 6, &rest);
    let found = check(&repo, NO_MANIFEST).ended(4, &["list-rolled-back"]);
    assert!(found.said.contains("no revision was looked at"), "{}", found.said);
    // It is not seen thereby.
    check(&repo, NO_MANIFEST).ended(4, &["list-rolled-back"]);
    // To clear what speeds things up is not to forget.
    repo.withhold(["cache", "clear"]);
    check(&repo, &["--no-manifest", "--no-cache"]).ended(4, &["list-rolled-back"]);
    list(&repo, 8, &rest);
    check(&repo, NO_MANIFEST).ended(0, &[]);
}

#[test]
fn another_list_of_the_same_serial_is_refused() {
    let repo = repo();
    list(&repo, 7, &format!("{ADA}{EVERYTHING}"));
    check(&repo, NO_MANIFEST).ended(0, &[]);
    list(&repo, 7, EVERYTHING);
    check(&repo, NO_MANIFEST).ended(3, &["list-serial-reused"]);
}

#[test]
fn what_was_seen_can_be_kept_elsewhere() {
    let repo = repo();
    let elsewhere = repo.beside("seen").to_str().unwrap().to_owned();
    list(&repo, 7, EVERYTHING);
    check(&repo, &["--no-manifest", "--cache", &elsewhere]).ended(0, &[]);
    list(&repo, 6, EVERYTHING);
    check(&repo, &["--no-manifest", "--cache", &elsewhere]).ended(4, &["list-rolled-back"]);
    check(&repo, NO_MANIFEST).ended(0, &[]);
}

#[test]
fn where_it_cannot_be_read_what_was_seen_there_is_no_verdict() {
    let repo = repo();
    list(&repo, 7, EVERYTHING);
    check(&repo, NO_MANIFEST).ended(0, &[]);
    let file = repo.path().join("withhold/lists");
    std::fs::write(&file, "{").unwrap();
    let said = fails(&repo, 4, NO_MANIFEST);
    assert!(said.contains("withhold/lists"), "{said}");
}

#[test]
fn a_manifest_that_knows_a_newer_list_is_as_good_as_having_seen_it() {
    let repo = repo();
    list(&repo, 9, EVERYTHING);
    let manifest = scan(&repo, &[]);
    list(&repo, 8, EVERYTHING);
    check(&repo, &["--manifest", &manifest]).ended(4, &["list-rolled-back"]);
    // What a manifest claims is not remembered: anyone could write one.
    check(&repo, NO_MANIFEST).ended(0, &[]);
}

#[test]
fn the_newest_of_the_lists_of_one_name_counts() {
    // The repository's own list may be an older copy of the one that is given.
    let own = super::case::head(6) + ADA;
    let repo = history(|script| {
        script.add(by_bob([]).file("b", "b\n").file(".withhold/optout.toml", own));
    });
    list(&repo, 7, EVERYTHING);
    check(&repo, NO_MANIFEST).ended(0, &[]);
    check(&repo, NO_MANIFEST).ended(0, &[]);
}

/// Whoever can push can write any list into the repository.
#[test]
fn a_revisions_own_list_neither_hides_a_rollback_nor_makes_one() {
    let own = |serial| super::case::head(serial) + ADA;
    let repo = history(|script| {
        let one = script.add(by_bob([]).file("b", "b\n"));
        script.add(by_bob([one]).file(".withhold/optout.toml", own(99)));
    });
    list(&repo, 7, EVERYTHING);
    check(&repo, &["main~1", "--no-manifest"]).ended(0, &[]);
    list(&repo, 6, EVERYTHING);
    check(&repo, NO_MANIFEST).ended(4, &["list-rolled-back"]);
    list(&repo, 8, EVERYTHING);
    check(&repo, NO_MANIFEST).ended(0, &[]);
    list(&repo, 9, EVERYTHING);
    check(&repo, NO_MANIFEST).ended(0, &[]);
}

/// Nor does it, where a manifest names it.
#[test]
fn a_carried_list_in_a_manifest_neither_hides_a_rollback_nor_makes_one() {
    let own = super::case::head(99) + ADA;
    let repo = history(|script| {
        let one = script.add(by_bob([]).file("b", "b\n"));
        script.add(by_bob([one]).file(".withhold/optout.toml", own));
    });
    list(&repo, 9, EVERYTHING);
    let manifest = scan(&repo, &[]);
    check(&repo, &["--manifest", &manifest]).ended(0, &[]);
    let fresh = repo.beside("fresh").to_str().unwrap().to_owned();
    list(&repo, 8, EVERYTHING);
    check(&repo, &["--manifest", &manifest, "--cache", &fresh]).ended(4, &["list-rolled-back"]);
    // What is carried no longer is no list that was given.
    list(&repo, 10, EVERYTHING);
    let found =
        check(&repo, &["main~1", "--manifest", &manifest]).ended(4, &["manifest-stale", "manifest-stale"]);
    assert_eq!(found.report["lists"].as_array().unwrap().len(), 1);
    let found = check(&repo, &["--manifest", &manifest]).ended(4, &["manifest-stale"]);
    assert_eq!(found.report["lists"][1]["origin"], "revision");
    assert!(found.notes().contains("with serial 99 (carried by a revision)"), "{}", found.notes());
    assert!(found.said.contains("serial 99 (carried by a revision)\n"), "{}", found.said);
}

#[test]
fn an_older_own_list_than_that_of_head_is_refused_and_a_pushed_one_is_not_remembered() {
    let own = |serial: u32| super::case::head(serial).replace("engineering", "own") + ADA;
    let repo = history(|script| {
        let one = script.add(by_bob([]).file("b", "b\n").file(".withhold/optout.toml", own(4)));
        let two = script.add(by_bob([one]).file(".withhold/optout.toml", own(5)));
        script.add(by_bob([two]).file(".withhold/optout.toml", own(1_000)));
    });
    list(&repo, 7, EVERYTHING);
    repo.git(["branch", "pushed", "main"]);
    repo.git(["update-ref", "refs/heads/main", "main~1"]);
    check(&repo, &["pushed", "--no-manifest"]).ended(0, &[]);
    check(&repo, NO_MANIFEST).ended(0, &[]);
    check(&repo, &["main~1", "--no-manifest"]).ended(4, &["list-rolled-back"]);
}
