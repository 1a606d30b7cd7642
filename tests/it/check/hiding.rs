//! What a pusher can write into a repository hides nobody.

use super::case::{ADA, EVERYTHING, by_ada, by_bob, check, command, history, list, text};
use crate::support::repo::run;
use crate::support::{Commit, Mark, Repo};

fn found(repo: &Repo) -> Vec<String> {
    list(repo, 1, &format!("{ADA}{EVERYTHING}"));
    let found = check(repo, &["--no-manifest"]);
    found.paths().into_iter().map(str::to_owned).collect()
}

/// Ada's file, and a commit on top of it.
fn with(hide: impl FnOnce(Mark) -> Commit) -> Repo {
    history(|script| {
        let one = script.add(by_ada([]).file("a", text("a", 5)));
        script.add(hide(one));
    })
}

#[test]
fn neither_a_mailmap_nor_attributes_nor_ignored_commits_hide_anyone() {
    let mailmap = "Bob <bob@example.org> <ada@example.org>\nBob <bob@example.org> Ada <ada@example.org>\n";
    let repo = with(|one| {
        by_bob([one])
            .file(".mailmap", mailmap)
            .file(".gitattributes", "* binary -diff linguist-generated export-ignore\n")
            .file(".git-blame-ignore-revs", "")
    });
    assert_eq!(found(&repo), ["a"]);
    repo.git(["config", "blame.ignoreRevsFile", ".git-blame-ignore-revs"]);
    repo.git(["config", "diff.algorithm", "patience"]);
    assert_eq!(found(&repo), ["a"]);
}

#[test]
fn a_replace_ref_hides_nobody() {
    let repo = with(|one| by_bob([one]).file("b", "b\n"));
    let ada = repo.id("main~1");
    let tree = repo.id("main~1^{tree}");
    let other = format!(
        "tree {tree}\nauthor Bob <bob@example.org> 1 +0000\ncommitter Bob <bob@example.org> 1 +0000\n\nm\n"
    );
    let other = repo.write_object("commit", other.as_bytes());
    repo.git(["update-ref", &format!("refs/replace/{ada}"), &other]);
    assert_eq!(found(&repo), ["a"]);
}

#[test]
fn the_repositorys_own_list_takes_nobody_off() {
    let allow = super::case::head(9).replace("engineering", "own")
        + "[[subject]]\nid = \"s-9\"\n[[subject.identity]]\nemail = \"ada@example.org\"\n\
           [[subject.preference]]\ndecision = \"allow\"\n";
    let repo = with(|one| by_bob([one]).file(".withhold/optout.toml", allow));
    assert_eq!(found(&repo), ["a"]);
}

/// Anyone can write a name into a message: the claim excludes, and who looks into it sees what it rests on.
#[test]
fn one_who_is_falsely_named_as_co_author_is_excluded_and_explain_tells_it_apart() {
    let repo = history(|script| {
        script
            .add(by_bob([]).file("b", text("b", 5)).message("m\n\nCo-authored-by: Ada <ada@example.org>\n"));
    });
    assert_eq!(found(&repo), ["b"]);
    let explained = run(&mut command(&repo, &["explain", "b"]), b"");
    let told = String::from_utf8_lossy(&explained.stdout).into_owned();
    assert!(told.contains("the co-author is s-7q4kx2mn"), "{told}");
    assert!(!told.contains("the author is"), "{told}");
}

#[test]
fn a_path_of_any_bytes_is_found_and_named() {
    let repo = history(|script| {
        script.add(by_ada([]).file(b"caf\xe9\n::error,%", "x\n"));
    });
    assert_eq!(found(&repo), ["caf%E9%0A::error,%25"]);
    for format in ["human", "sarif", "junit", "github", "gitlab"] {
        let output = run(&mut command(&repo, &["check", "--no-manifest", "--format", format]), b"");
        assert_eq!(output.status, 1, "{format}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains("\n::error,"), "{text}");
    }
}

/// A report is read by more people than the list.
#[test]
fn no_report_names_anybody() {
    let repo = with(|one| {
        by_bob([one]).file("c", text("c", 3)).message("m\n\nCo-authored-by: Ada <ada@example.org>\n")
    });
    list(&repo, 1, &format!("{ADA}{EVERYTHING}"));
    let commit = repo.id("main");
    for format in ["human", "json", "sarif", "junit", "github", "gitlab"] {
        let output = run(&mut command(&repo, &["check", &commit, "--no-manifest", "--format", format]), b"");
        let all = String::from_utf8(output.stdout).unwrap() + &output.stderr;
        assert!(all.contains("training-excluded"), "{all}");
        for secret in ["ada@", "Ada", "s-7q4kx2mn", "co-author", "example.org"] {
            assert!(!all.contains(secret), "{format} tells {secret}: {all}");
        }
    }
    let shown = run(&mut command(&repo, &["check", "--no-manifest", "--show-list"]), b"");
    assert!(String::from_utf8(shown.stdout).unwrap().contains("ada@example.org"));
}

#[test]
fn a_shallow_clone_has_no_verdict() {
    let repo = with(|one| by_bob([one]).file("b", "b\n"));
    list(&repo, 1, &format!("{ADA}{EVERYTHING}"));
    let url = format!("file://{}", repo.path().display());
    let clone = repo.beside("clone").to_str().unwrap().to_owned();
    repo.git(["clone", "--quiet", "--depth", "1", &url, &clone]);
    let output = run(&mut command(&repo, &["-C", &clone, "check", "--no-manifest"]), b"");
    assert_eq!(output.status, 4, "{}", output.stderr);
}
