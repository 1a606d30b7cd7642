//! Nothing excluded stands where training data is taken from.

use serde_json::json;

use super::case::{ADA, EVERYTHING, by_ada, by_bob, check, fails, history, list, set, text};
use crate::support::Repo;

/// Bob's `src/b`, Ada's `src/a` and `docs/a`, and a file in which she has two lines.
fn repo() -> Repo {
    history(|script| {
        let one = script.add(by_bob([]).file("src/b", text("b", 9)).file("src/both", text("both", 9)));
        let both = text("both", 4) + "of Ada, one\nof Ada, two\n" + &text("both", 9)[text("both", 4).len()..];
        script.add(
            by_ada([one]).file("src/a", text("a", 5)).file("docs/a", text("docs", 5)).file("src/both", both),
        );
    })
}

const NO_MANIFEST: &[&str] = &["--no-manifest"];

#[test]
fn excluded_files_below_the_paths_are_found_with_their_lines() {
    let repo = repo();
    list(&repo, 1, &format!("{ADA}[[policy.training]]\npaths = \"src/**\"\n"));
    let found = check(&repo, NO_MANIFEST).ended(1, &["training-excluded", "training-excluded"]);
    assert_eq!(found.paths(), set(["src/a", "src/both"]));
    let both = &found.findings()[1];
    let commit = repo.id("main");
    assert_eq!(both["lines"], json!([{ "line_start": 5, "line_end": 6, "commit": commit }]));
    assert_eq!(both["lists"], json!(["corp.example/engineering"]));
    assert_eq!(found.report["looked_at"][0]["training_files"], 3);
    assert!(found.said.contains("training data is taken from 3 of the files"), "{}", found.said);
}

#[test]
fn excluded_files_on_the_branches_are_found() {
    let repo = repo();
    list(&repo, 1, &format!("{ADA}[[policy.training]]\nbranches = \"main\"\n"));
    assert_eq!(check(&repo, NO_MANIFEST).paths(), set(["docs/a", "src/a", "src/both"]));
    repo.git(["branch", "topic"]);
    check(&repo, &["topic", "--no-manifest"]).ended(0, &[]);
    // The name of the branch is what counts, wherever the commit comes from.
    assert_eq!(check(&repo, &["topic", "--branch", "main", "--no-manifest"]).status, 1);
}

#[test]
fn where_the_branch_decides_and_is_not_known_there_is_no_verdict() {
    let repo = repo();
    list(&repo, 1, &format!("{ADA}[[policy.training]]\nbranches = \"release\"\n"));
    let commit = repo.id("main");
    let said = fails(&repo, 4, &[&commit, "--no-manifest"]);
    assert!(said.contains("--branch NAME"), "{said}");
    check(&repo, &[&commit, "--no-manifest", "--branch", "main"]).ended(0, &[]);
}

#[test]
fn with_nothing_to_check_nothing_is_clean() {
    let repo = repo();
    list(&repo, 1, ADA);
    let said = fails(&repo, 4, NO_MANIFEST);
    assert!(said.contains("nothing to check"), "{said}");
}

#[test]
fn a_policy_of_its_own_and_that_of_the_list_add_up() {
    let repo = repo();
    list(&repo, 1, &format!("{ADA}[[policy.training]]\npaths = \"docs/**\"\n"));
    let policy = repo.beside("policy.toml");
    std::fs::write(&policy, "schema = 1\n[policy]\n[[policy.training]]\npaths = \"src/a\"\n").unwrap();
    let found = check(&repo, &["--no-manifest", "--policy", policy.to_str().unwrap()]);
    assert_eq!(found.paths(), set(["docs/a", "src/a"]));
}

#[test]
fn by_lines_a_file_is_found_for_its_lines_alone() {
    let repo = repo();
    list(&repo, 1, &format!("[policy]\nunit = \"lines\"\n{EVERYTHING}{ADA}"));
    let found = check(&repo, NO_MANIFEST);
    let message = found.findings()[2]["message"].as_str().unwrap();
    assert!(message.starts_with("2 lines are excluded"), "{message}");
    assert_eq!(found.findings()[2]["content"]["of"], "lines");
}

#[test]
fn binary_files_rules_and_copies_are_found_by_their_content() {
    let repo = history(|script| {
        let one = script.add(by_ada([]).file("bin", b"\0by Ada\n").file("far/a", text("a", 9)));
        script.add(by_bob([one]).file("held", text("held", 3)).file("copy", text("a", 9)));
    });
    let rest = "[[rule]]\nid = \"r-held\"\npaths = [\"held\"]\n";
    list(&repo, 1, &format!("{EVERYTHING}{ADA}{rest}"));
    let found = check(&repo, NO_MANIFEST);
    assert_eq!(found.paths(), set(["bin", "copy", "far/a", "held"]));
    let of = |at: usize| found.findings()[at]["content"]["of"].as_str().unwrap();
    assert_eq!((of(0), of(1), of(2), of(3)), ("blob", "lines", "lines", "lines"));
}

#[test]
fn content_that_is_excluded_at_another_path_is_said_to_be() {
    let repo = history(|script| {
        let one = script.add(by_bob([]).file("lib/b", text("b", 9)));
        script.add(by_bob([one]).file("held/b", text("b", 9)));
    });
    let rule = "[[rule]]\nid = \"r-1\"\npaths = [\"held/**\"]\n";
    list(&repo, 1, &format!("[[policy.training]]\npaths = \"lib/**\"\n{ADA}{rule}"));
    let found = check(&repo, NO_MANIFEST).ended(1, &["training-excluded"]);
    assert_eq!(found.paths(), set(["lib/b"]));
    assert!(found.notes().contains("at another"), "{}", found.notes());
    assert_eq!(found.findings()[0]["lists"], json!(["corp.example/engineering"]));
}

#[test]
fn a_history_of_nothing_is_not_clean() {
    let repo = Repo::bare();
    list(&repo, 1, &format!("{ADA}{EVERYTHING}"));
    fails(&repo, 4, NO_MANIFEST);
    let repo = history(|script| {
        script.add(by_bob([]));
    });
    list(&repo, 1, &format!("{ADA}{EVERYTHING}"));
    fails(&repo, 4, NO_MANIFEST);
}

/// Line numbers, commits and their number change; the lines and their path do not.
#[test]
fn a_squash_and_a_rebase_leave_the_fingerprints_as_they_are() {
    let squashed = history(|script| {
        let one = script.add(by_bob([]).file("f", text("f", 9)));
        script.add(by_ada([one]).file("f", "Ada one\nAda two\n".to_owned() + &text("f", 9)));
    });
    let in_two_steps = history(|script| {
        let one = script.add(by_bob([]).file("f", text("f", 9)));
        let two = script.add(by_ada([one]).file("f", "Ada one\n".to_owned() + &text("f", 9)));
        script.add(by_ada([two]).file("f", "Ada one\nAda two\n".to_owned() + &text("f", 9)));
    });
    let rebased = history(|script| {
        let one = script.add(by_bob([]).file("f", text("f", 9)).file("other", "other\n"));
        let two = script.add(by_bob([one]).file("f", "Bob before\n".to_owned() + &text("f", 9)));
        script.add(by_ada([two]).file("f", "Bob before\nAda one\nAda two\n".to_owned() + &text("f", 9)));
    });
    let prints = |repo: &Repo| {
        list(repo, 1, &format!("{ADA}{EVERYTHING}"));
        let found = check(repo, NO_MANIFEST).ended(1, &["training-excluded"]);
        found.fingerprints().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(prints(&in_two_steps), prints(&squashed));
    assert_eq!(prints(&rebased), prints(&squashed));
}
