//! Repositories that do not hold all that is needed: exit code 4.

use super::{assert_refused, blame, follow_the_hint, two_commits, url};
use crate::support::{Commit, Repo, Script};

#[test]
fn a_shallow_clone_until_it_is_deepened() {
    let mut repo = two_commits();
    let clone = repo.beside("it's shallow");
    repo.git(["clone", "--quiet", "--depth=1", &url(&repo), clone.to_str().unwrap()]);
    repo.move_to(clone);
    for args in [&["attribute"][..], &["attribute", "--porcelain", "HEAD", "--", "src"]] {
        let refused = repo.withhold(args);
        assert_refused(&refused, 4, &["shallow clone", "it's shallow", "fetch --unshallow"]);
    }
    if cfg!(unix) {
        follow_the_hint(&repo, &repo.withhold(["attribute"]));
        let whole = repo.withhold(["attribute", "--porcelain"]);
        assert_eq!(whole.status, 0, "{}", whole.stderr);
        assert_eq!(whole.stdout, blame(&repo));
    }
}

#[test]
fn a_shallow_clone_seen_from_a_worktree_of_it() {
    let mut repo = two_commits();
    let (clone, tree) = (repo.beside("shallow"), repo.beside("tree"));
    repo.git(["clone", "--quiet", "--depth=1", &url(&repo), clone.to_str().unwrap()]);
    repo.move_to(clone);
    repo.git(["worktree", "add", "--quiet", "--detach", tree.to_str().unwrap()]);
    repo.move_to(tree);
    assert_refused(&repo.withhold(["attribute"]), 4, &["shallow clone", "fetch --unshallow"]);
}

#[test]
fn a_partial_clone_until_everything_is_fetched() {
    for filter in ["blob:none", "tree:0"] {
        let mut repo = two_commits();
        repo.git(["config", "uploadpack.allowFilter", "true"]);
        let clone = repo.beside("partial");
        let filter = format!("--filter={filter}");
        repo.git(["clone", "--quiet", "--no-checkout", &filter, &url(&repo), clone.to_str().unwrap()]);
        repo.move_to(clone);
        let refused = repo.withhold(["attribute", "--porcelain"]);
        assert_refused(&refused, 4, &["object ", "is missing", "partial clone", "--refetch"]);
        if cfg!(unix) {
            follow_the_hint(&repo, &refused);
            let whole = repo.withhold(["attribute", "--porcelain"]);
            assert_eq!(whole.status, 0, "{}", whole.stderr);
            assert_eq!(whole.stdout, blame(&repo));
        }
    }
}

#[test]
fn a_repository_without_a_commit() {
    for repo in [Repo::bare(), Repo::with_work_tree()] {
        let refused = repo.withhold(["attribute"]);
        assert_refused(&refused, 4, &["nothing to look at", "no commit yet", "name a revision"]);
    }
}

#[test]
fn an_unborn_branch_beside_others() {
    let with_work_tree = two_commits();
    let bare = Repo::bare();
    bare.git(["fetch", "--quiet", &url(&with_work_tree), "main:main"]);
    for repo in [with_work_tree, bare] {
        repo.git(["symbolic-ref", "HEAD", "refs/heads/unborn"]);
        for args in [&["attribute"][..], &["attribute", "HEAD"], &["attribute", "--porcelain", "--", "src"]] {
            assert_refused(&repo.withhold(args), 4, &["no commit yet", "name a revision"]);
        }
        // The way out: name one.
        let named = repo.withhold(["attribute", "--porcelain", "main"]);
        assert_eq!(named.status, 0, "{}", named.stderr);
    }
}

#[test]
fn a_revision_without_a_file_is_an_answer_without_lines() {
    let mut script = Script::default();
    script.add(Commit::root());
    let answer = Repo::of(&script).withhold(["attribute", "--porcelain"]);
    assert_eq!((answer.status, answer.stdout, answer.stderr.as_str()), (0, Vec::new(), ""));
}
