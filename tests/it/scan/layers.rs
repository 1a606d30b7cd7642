//! Where lists come from, and that a later one only adds.

use super::case::{ADA, HEAD, Scan, by_ada, by_bob, history, set};
use crate::support::Repo;

/// A repository with a list of its own.
fn with_own_list(own: &str) -> Repo {
    let own = HEAD.replace("corp.example", "own.example") + own;
    history(|script| {
        let ada = script.add(by_ada([]).file("ada", "ada\n"));
        script.add(by_bob([ada]).file("bob", "bob\n").file(".withhold/optout.toml", own));
    })
}

const BOB: &str = "[[subject]]\nid = \"s-8r5mw3pd\"\n[[subject.identity]]\nemail = \"bob@example.org\"\n";

#[test]
fn the_repositorys_own_list_is_added() {
    let found = Scan::of(&with_own_list(BOB), ADA).found();
    assert_eq!(found.files(), set([".withhold/optout.toml", "ada", "bob"]));
    let names: Vec<_> =
        found.header["lists"].as_array().unwrap().iter().map(|list| list["name"].clone()).collect();
    assert_eq!(names, ["corp.example/engineering", "own.example/engineering"]);
}

/// It can allow what it likes: it speaks for itself alone.
#[test]
fn the_repositorys_own_list_frees_nobody() {
    let allow = format!("on-unattributed = \"include\"\n{ADA}[[subject.preference]]\ndecision = \"allow\"\n");
    assert_eq!(Scan::of(&with_own_list(&allow), ADA).found().files(), set(["ada"]));
}

#[test]
fn the_repositorys_own_policy_may_only_be_stricter() {
    let lines = format!("{ADA}[policy]\nunit = \"lines\"\n");
    let file = format!("{BOB}[policy]\nunit = \"file\"\n");
    let stricter = Scan::of(&with_own_list(&file), &lines).found();
    assert!(stricter.files().contains("ada"));

    let said = Scan::of(&with_own_list(&lines.replace("7q4kx2mn", "9t6nx4qe")), ADA).fails(3);
    assert!(
        said.contains("layer-loosens") && said.contains("refs/heads/main:.withhold/optout.toml"),
        "{said}"
    );
}

/// Also where it is the only list: what is in force then is the default, and it may not loosen that.
#[test]
fn the_repositorys_own_policy_may_not_loosen_the_defaults() {
    let lines = format!("{ADA}[policy]\nunit = \"lines\"\n");
    let repo = with_own_list(&lines);
    let said = Scan::without_list(&repo).fails(3);
    assert!(said.contains("layer-loosens"), "{said}");
    // Who gives it on the command line, means it.
    let own = HEAD.replace("corp.example", "own.example") + &lines;
    let found = Scan::without_list(&repo).list("same.toml", &own).found();
    assert_eq!((found.files(), found.lines("ada")), (set([]), [1].into()));
}

/// A list that cannot be read is no list to pass over.
#[test]
fn an_own_list_that_is_a_link_or_broken_ends_the_scan() {
    let link = history(|script| {
        script.add(by_bob([]).file("real.toml", HEAD).symlink(".withhold/optout.toml", "../real.toml"));
    });
    assert!(Scan::of(&link, ADA).fails(5).contains(".withhold/optout.toml"));
    let elsewhere = history(|script| {
        script.add(by_bob([]).file("real/optout.toml", HEAD).symlink(".withhold", "real"));
    });
    assert!(Scan::of(&elsewhere, ADA).fails(5).contains(".withhold"));
    let folder = history(|script| {
        script.add(by_bob([]).file(".withhold/optout.toml/list.toml", HEAD));
    });
    assert!(Scan::of(&folder, ADA).fails(5).contains(".withhold/optout.toml"));
    let broken = Scan::of(&with_own_list("regimee = \"opt-in\"\n"), ADA).fails(3);
    assert!(broken.contains("unknown-key") && broken.contains(".withhold/optout.toml:4:1"), "{broken}");
}

/// The revision's list counts, not the one in the work tree.
#[test]
fn the_own_list_is_the_scanned_revisions() {
    let repo = with_own_list(BOB);
    let before = Scan::of(&repo, ADA).args(["--rev", "main~1"]).found();
    assert_eq!((before.files(), before.header["lists"].as_array().unwrap().len()), (set(["ada"]), 1));
}

#[test]
fn from_the_environment_or_the_configuration() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("ada", "ada\n"));
        script.add(by_bob([ada]).file("bob", "bob\n"));
    });
    let (ada, bob) = (repo.beside("ada.toml"), repo.beside("bob.toml"));
    std::fs::write(&ada, format!("{HEAD}{ADA}")).unwrap();
    std::fs::write(&bob, HEAD.replace("corp", "other") + BOB).unwrap();

    assert!(Scan::without_list(&repo).fails(3).contains("no-list"));
    let both = std::env::join_paths([&ada, &bob]).unwrap();
    let both = Scan::without_list(&repo).env("WITHHOLD_LIST", both.to_str().unwrap()).found_in("one");
    assert_eq!(both.files(), set(["ada", "bob"]));
    repo.git(["config".as_ref(), "withhold.list".as_ref(), bob.as_os_str()]);
    assert_eq!(Scan::without_list(&repo).found_in("two").files(), set(["bob"]));
    // The nearer one counts alone.
    let near = Scan::without_list(&repo).env("WITHHOLD_LIST", ada.to_str().unwrap()).found_in("three");
    assert_eq!(near.files(), set(["ada"]));
    assert_eq!(
        Scan::of(&repo, ADA).env("WITHHOLD_LIST", bob.to_str().unwrap()).found_in("four").files(),
        set(["ada"])
    );
    // One that is not there is an error, wherever it was named.
    assert!(
        Scan::without_list(&repo).env("WITHHOLD_LIST", "/nowhere.toml").fails(3).contains("/nowhere.toml")
    );
}

/// One run tells what is wrong with both.
#[test]
fn mistakes_in_two_lists_are_shown_together() {
    let repo = with_own_list("serial2 = 1\n");
    let said = Scan::of(&repo, "regimee = 1\n").list("third.toml", "schema = 2\n").fails(3);
    for place in ["optout.toml:4:1", "third.toml:1:10", ".withhold/optout.toml:4:1"] {
        assert!(said.contains(place), "{place}: {said}");
    }
}
