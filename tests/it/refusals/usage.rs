//! Questions that make no sense: exit code 2.

use super::{assert_refused, blame, two_commits};

#[test]
fn a_revision_that_does_not_exist() {
    let repo = two_commits();
    let zero = "0".repeat(40);
    for rev in ["nowhere", "HEAD~7", "HEAD^2", &zero, "refs/heads/nowhere", "", "main:src/a.txt", "HEAD:src"]
    {
        let refused = repo.withhold(["attribute", rev, "--", "src"]);
        assert_refused(&refused, 2, &[&format!("'{rev}' names no commit in"), "git show-ref"]);
    }
}

#[test]
fn a_path_that_does_not_exist() {
    let repo = two_commits();
    for args in [
        &["attribute", "--", "nowhere.txt"][..],
        &["attribute", "HEAD", "--", "nowhere.txt"],
        &["attribute", "HEAD", "nowhere.txt"],
        &["attribute", "nowhere.txt"],
        &["attribute", "HEAD", "--", "src/a.txt", "nowhere.txt"],
    ] {
        let refused = repo.withhold(args);
        assert_refused(&refused, 2, &["'nowhere.txt' is neither a revision nor a path in", "'--'"]);
    }
    let refused = repo.withhold(["attribute", "--", "src/a"]);
    assert_refused(&refused, 2, &["'src/a' is neither"]);
    let refused = repo.withhold(["attribute", "--", "../outside"]);
    assert_refused(&refused, 2, &["'../outside' is outside the repository"]);
}

#[test]
fn too_many_revisions() {
    let refused = two_commits().withhold(["attribute", "HEAD", "HEAD~1", "--", "src"]);
    assert_refused(&refused, 2, &["more than one revision before '--'"]);
}

#[test]
fn options_that_do_not_exist() {
    let refused = two_commits().withhold(["attribute", "--no-such-option"]);
    assert_refused(&refused, 2, &["--no-such-option", "Usage:"]);
    assert_eq!(two_commits().withhold(["attribute", "--threads", "0"]).status, 2);
}

#[test]
fn revisions_in_every_spelling() {
    let repo = two_commits();
    repo.git(["tag", "light"]);
    repo.git(["tag", "-a", "-m", "note", "heavy"]);
    repo.git(["tag", "-a", "-m", "note", "heavier", "heavy"]);
    let id = repo.id("HEAD");
    let expected = blame(&repo);
    for rev in [
        "HEAD",
        "main",
        "refs/heads/main",
        "heads/main",
        "light",
        "heavy",
        "heavier",
        "@",
        &id,
        &id[..9],
        "HEAD~0",
    ] {
        let answer = repo.withhold(["attribute", "--porcelain", rev, "--", "src/a.txt"]);
        assert_eq!((answer.status, answer.stdout), (0, expected.clone()), "{rev}: {}", answer.stderr);
    }
    let older = repo.git(["blame", "--porcelain", "HEAD~1", "--", "src/a.txt"]).stdout;
    assert_eq!(repo.withhold(["attribute", "--porcelain", "heavier~1"]).stdout, older);
}
