//! `evidence = "touched"`: whoever ever changed a file counts, along its renames and merges.

use super::case::{ADA, Found, Scan, by_ada, by_bob, history, set, text};
use crate::support::Repo;

const TOUCHED: &str = "[policy]\nevidence = \"touched\"\n";

fn with(policy: &str, repo: &Repo) -> Found {
    Scan::of(repo, &format!("{ADA}{policy}")).found_in(&format!("manifest{}", policy.len()))
}

/// Without the policy nothing of `path` is excluded; with it the whole file is, though no line of it is Ada's.
#[track_caller]
fn only_if_touched(repo: &Repo, path: &str) {
    assert!(!with("", repo).files().contains(path), "lines of hers still stand there");
    let found = with(TOUCHED, repo);
    assert!(found.files().contains(path), "{:?}", found.files());
    assert_eq!(found.lines(path), [].into(), "the exact lines are told all the same");
}

#[test]
fn lines_that_are_all_gone_again() {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("a.txt", text("bob", 8)).file("b.txt", "bob\n"));
        let ada = script.add(by_ada([bob]).file("a.txt", text("bob", 8) + "ada\n"));
        script.add(by_bob([ada]).file("a.txt", text("bob", 8) + "bob again\n"));
    });
    only_if_touched(&repo, "a.txt");
    assert_eq!(with(TOUCHED, &repo).files(), set(["a.txt"]), "what she never touched is in");
}

/// Not because the bytes stood before she came, and not because they stand again.
#[test]
fn a_revert() {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("a.txt", text("bob", 8)));
        let ada = script.add(by_ada([bob]).file("a.txt", text("bob", 8) + "ada\n"));
        script.add(by_bob([ada]).file("a.txt", text("bob", 8)));
    });
    only_if_touched(&repo, "a.txt");
}

#[test]
fn a_chain_of_renames() {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("a.txt", text("bob", 8)));
        let ada = script.add(by_ada([bob]).file("a.txt", text("bob", 8) + "ada\n"));
        let gone = script.add(by_bob([ada]).file("a.txt", text("bob", 8) + "bob again\n"));
        let moved = script.add(by_bob([gone]).rename("a.txt", "lib/b.txt"));
        let edited = text("bob", 8) + "bob again, and again\n";
        script.add(by_bob([moved]).delete("lib/b.txt").file("c.txt", edited));
    });
    only_if_touched(&repo, "c.txt");
}

#[test]
fn the_side_branch_of_a_merge() {
    let repo = history(|script| {
        let base = script.add(by_bob([]).file("a.txt", text("bob", 8)));
        let side = script.add(by_ada([base]).file("a.txt", text("bob", 8) + "ada\n"));
        let side = script.add(by_bob([side]).file("a.txt", text("bob", 8) + "side\n"));
        let main = script.add(by_bob([base]).file("a.txt", "main\n".to_owned() + &text("bob", 8)));
        let both = "main\n".to_owned() + &text("bob", 8) + "side\n";
        script.add(by_bob([main, side]).file("a.txt", both));
    });
    only_if_touched(&repo, "a.txt");
}

/// A file without lines has nobody whose lines stand.
#[test]
fn an_empty_file() {
    let repo = history(|script| {
        script.add(by_ada([]).file("a/__init__.py", "").file("b.txt", "ada\n"));
    });
    only_if_touched(&repo, "a/__init__.py");
}

/// The unit says how much goes with an excluded line; a file that counts as a whole goes as a whole.
#[test]
fn whatever_the_unit_the_file_goes_and_the_lines_that_stand_are_told() {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("a.txt", text("bob", 8)));
        script.add(by_ada([bob]).file("a.txt", text("bob", 8) + &text("ada", 2)));
    });
    let found = with("[policy]\nunit = \"lines\"\nevidence = \"touched\"\n", &repo);
    assert_eq!((found.files(), found.lines("a.txt")), (set(["a.txt"]), [9, 10].into()));
}

/// Kept from one scan to the next, and never mixed with what another policy asks for.
#[test]
fn an_index_of_the_other_kind_changes_nothing() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("a.txt", "ada\n"));
        script.add(by_bob([ada]).file("a.txt", "bob\n"));
    });
    for (policy, files) in
        [("", set([])), (TOUCHED, set(["a.txt"])), (TOUCHED, set(["a.txt"])), ("", set([]))]
    {
        assert_eq!(with(policy, &repo).files(), files);
    }
}

#[test]
fn a_repository_may_ask_for_it_and_not_against_it() {
    let own = |policy: &str| {
        let list = format!("schema = 1\nlist = \"own.example\"\nserial = 1\n{policy}");
        history(|script| {
            let ada = script.add(by_ada([]).file("a.txt", "ada\n").file(".withhold/optout.toml", list));
            script.add(by_bob([ada]).file("a.txt", "bob\n"));
        })
    };
    assert!(with("", &own(TOUCHED)).files().contains("a.txt"));
    let surviving = own("[policy]\nevidence = \"surviving\"\n");
    let said = Scan::of(&surviving, &format!("{ADA}{TOUCHED}")).fails(3);
    assert!(said.contains("layer-loosens"), "{said}");
}

/// `explain` shows the change that counts.
#[test]
fn it_is_explained() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("a.txt", "ada\n"));
        script.add(by_bob([ada]).file("a.txt", "bob\n"));
    });
    let list = repo.beside("optout.toml");
    std::fs::write(&list, format!("{}{ADA}{TOUCHED}", super::case::HEAD)).unwrap();
    let list = list.to_str().unwrap();
    let said = repo.withhold(["explain", "a.txt", "--list", list]);
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(text.starts_with("a.txt: excluded for every purpose\n0 of 1 lines are excluded\n"), "{text}");
    assert!(text.contains(&format!("changed in commit {} at a.txt", repo.id("HEAD~1"))), "{text}");
    let said = repo.withhold(["explain", "a.txt:1", "--list", list]);
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(text.contains("the line itself is not; it goes with its file, as the policy says"), "{text}");
}
