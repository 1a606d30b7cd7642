//! How strictly: by file, by lines, by share; with or without white space.

use super::case::{ADA, Found, Scan, by_ada, by_bob, history, set, text};
use crate::support::Repo;

fn with(unit: &str, repo: &Repo) -> Found {
    Scan::of(repo, &format!("{ADA}[policy]\nunit = {unit}\n")).found_in(&format!("manifest{}", unit.len()))
}

/// Of `a.txt` Ada wrote 2 lines of 10; of `b.bin` a part that nobody can tell.
fn repo() -> Repo {
    history(|script| {
        let bob = script.add(by_bob([]).file("a.txt", text("bob", 8)).file("b.bin", b"\0bob"));
        script.add(
            by_ada([bob]).file("a.txt", text("bob", 8) + &text("ada", 2)).file("b.bin", b"\0bob and ada"),
        );
    })
}

#[test]
fn by_file_the_lines_are_told_as_well() {
    let found = with("\"file\"", &repo());
    assert_eq!(found.files(), set(["a.txt", "b.bin"]));
    assert_eq!(found.lines("a.txt"), [9, 10].into());
}

#[test]
fn by_lines_the_rest_of_a_text_is_in() {
    let found = with("\"lines\"", &repo());
    assert_eq!(found.files(), set(["b.bin"]), "what has no lines goes whole");
    assert_eq!(found.lines("a.txt"), [9, 10].into());
}

#[test]
fn by_share_a_file_goes_when_it_is_reached() {
    assert_eq!(with("{ share = 0.2 }", &repo()).files(), set(["a.txt", "b.bin"]));
    assert_eq!(with("{ share = 0.21 }", &repo()).files(), set(["b.bin"]));
    let lines = with("{ share = 0.21 }", &repo()).lines("a.txt");
    assert_eq!(lines, [9, 10].into());
}

/// 55 of 100 lines are 0.55 of them, although 0.55 times 100 is a little more than 55 in floating point.
#[test]
fn a_share_that_is_reached_exactly_is_reached() {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("a.txt", text("bob", 45)));
        script.add(by_ada([bob]).file("a.txt", text("bob", 45) + &text("ada", 55)));
    });
    assert_eq!(with("{ share = 0.55 }", &repo).files(), set(["a.txt"]));
}

/// A copy at another path, of which another policy than "file" would let the rest in, has its row too.
#[test]
fn every_path_of_an_excluded_content_has_its_row() {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("own.txt", "shared\n"));
        let ada = script.add(by_ada([bob]).file("docs/a.txt", "hers\n"));
        script.add(by_bob([ada]).file("x/1.txt", "hers\n").file("y/2.txt", "hers\n"));
    });
    let only_docs = format!("{ADA}[[subject.preference]]\ndecision = \"disallow\"\npaths = [\"docs/**\"]\n");
    assert_eq!(Scan::of(&repo, &only_docs).found().files(), set(["docs/a.txt", "x/1.txt", "y/2.txt"]));
}

#[test]
fn white_space_is_looked_at_only_if_asked() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("a.c", "one();\ntwo();\n"));
        script.add(by_bob([ada]).file("a.c", "one();\n\ttwo();\n"));
    });
    assert_eq!(Scan::of(&repo, ADA).found_in("one").lines("a.c"), [1, 2].into());
    let exact = format!("{ADA}[policy]\nwhitespace = \"exact\"\n");
    assert_eq!(Scan::of(&repo, &exact).found_in("two").lines("a.c"), [1].into());
    let file = repo.beside("policy.toml");
    std::fs::write(&file, "schema = 1\n[policy]\nwhitespace = \"exact\"\nunit = \"lines\"\n").unwrap();
    let found = Scan::of(&repo, ADA).args(["--policy".as_ref(), file.as_os_str()]).found_in("three");
    assert_eq!((found.lines("a.c"), found.files()), ([1].into(), set([])));
}

/// The header says which policy was in force, by its digest.
#[test]
fn the_policy_is_in_the_header() {
    let repo = repo();
    let digest = |unit: &str| with(unit, &repo).header["policy_digest"].clone();
    assert_ne!(digest("\"file\""), digest("\"lines\""));
    assert_eq!(digest("\"file\""), Scan::of(&repo, ADA).found_in("bare").header["policy_digest"]);
}

/// What this version cannot do, it does not pretend to.
#[test]
fn what_is_not_yet_supported_is_refused() {
    let asked = format!("require-verified = true\n{ADA}");
    assert!(Scan::of(&repo(), &asked).fails(3).contains("not-yet-supported"));
}
