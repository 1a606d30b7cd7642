//! A baseline lets an old repository begin, and forgets nothing.

use super::case::{ADA, EVERYTHING, by_ada, by_bob, check, command, fails, history, list, text};
use crate::support::Repo;
use crate::support::repo::run;

fn repo() -> Repo {
    let repo = history(|script| {
        let one = script.add(by_ada([]).file("a", text("a", 5)));
        script.add(by_bob([one]).file("b", text("b", 5)));
    });
    list(&repo, 1, &format!("{ADA}{EVERYTHING}"));
    repo
}

fn path(repo: &Repo) -> String {
    repo.beside("baseline.toml").to_str().unwrap().to_owned()
}

fn update(repo: &Repo, until: &str) {
    let args = ["--no-manifest", "--update-baseline", &path(repo), "--reason", "old work", "--until", until];
    check(repo, &args).ended(0, &[]);
}

fn with(repo: &Repo) -> super::case::Checked {
    check(repo, &["--no-manifest", "--baseline", &path(repo)])
}

#[test]
fn what_is_accepted_is_counted_and_what_is_new_is_found() {
    let repo = repo();
    update(&repo, "2999-12-31");
    assert_eq!(with(&repo).ended(0, &[]).report["accepted"], 1);
    let head = repo.id("main");
    let mut script = crate::support::Script::default();
    script.add(by_ada([]).file("a", text("a", 5)));
    let two = script.add(by_bob([]).file("b", text("b", 5)));
    // Elsewhere, in other commits, with lines of Bob's before: it is the same content.
    let moved = "Bob before\n".to_owned() + &text("a", 5);
    let one = script.add(by_ada([two]).file("moved", text("a", 5)));
    script.add(by_bob([one]).file("moved", moved));
    repo.import(&script);
    assert_ne!(repo.id("main"), head);
    assert_eq!(with(&repo).ended(0, &[]).report["accepted"], 1);
    script.add(by_ada([one]).file("new", text("new", 3)));
    repo.import(&script);
    let found = with(&repo).ended(1, &["training-excluded"]);
    assert_eq!(found.findings()[0]["path"], "new");
}

#[test]
fn an_entry_that_has_expired_counts_again() {
    let repo = repo();
    update(&repo, "2999-12-31");
    let text = std::fs::read_to_string(path(&repo)).unwrap();
    std::fs::write(path(&repo), text.replace("2999-12-31", "2001-01-01")).unwrap();
    let found = with(&repo).ended(1, &["training-excluded"]);
    assert!(found.notes().contains("accepted it until 2001-01-01"), "{}", found.notes());
}

#[test]
fn an_entry_for_nothing_is_a_warning() {
    let repo = repo();
    update(&repo, "2999-12-31");
    list(&repo, 2, EVERYTHING);
    let found = with(&repo).ended(0, &["baseline-unused"]);
    assert_eq!(found.findings()[0]["level"], "warning");
    update(&repo, "2999-12-31");
    with(&repo).ended(0, &[]);
}

#[test]
fn a_baseline_that_cannot_be_used_ends_the_check() {
    let repo = repo();
    fails(&repo, 3, &["--no-manifest", "--baseline", &path(&repo)]);
    std::fs::write(path(&repo), "schema = 1\n[[accepted]]\n").unwrap();
    let said = fails(&repo, 3, &["--no-manifest", "--baseline", &path(&repo)]);
    assert!(said.contains("baseline.toml"), "{said}");
}

#[test]
fn a_baseline_needs_a_reason_and_an_end() {
    let repo = repo();
    let path = path(&repo);
    fails(&repo, 2, &["--no-manifest", "--update-baseline", &path, "--reason", "r"]);
    fails(&repo, 2, &["--no-manifest", "--update-baseline", &path, "--until", "2999-12-31"]);
    fails(&repo, 2, &["--no-manifest", "--update-baseline", &path, "--reason", "", "--until", "2999-12-31"]);
    fails(&repo, 2, &["--no-manifest", "--update-baseline", &path, "--reason", "r", "--until", "soon"]);
    assert!(!std::path::Path::new(&path).exists());
}

#[test]
fn no_baseline_accepts_a_missing_manifest() {
    let repo = repo();
    let path = path(&repo);
    check(&repo, &["--update-baseline", &path, "--reason", "r", "--until", "2999-12-31"])
        .ended(4, &["manifest-missing"]);
}

#[test]
fn a_list_that_is_refused_leaves_the_baseline_as_it_was() {
    let repo = repo();
    update(&repo, "2999-12-31");
    let before = std::fs::read_to_string(path(&repo)).unwrap();
    list(&repo, 1, EVERYTHING);
    let args = ["--no-manifest", "--update-baseline", &path(&repo), "--reason", "r", "--until", "2999-12-31"];
    check(&repo, &args).ended(3, &["list-serial-reused"]);
    assert_eq!(std::fs::read_to_string(path(&repo)).unwrap(), before);
}

#[test]
fn a_report_goes_to_a_file_without_colours() {
    let repo = repo();
    let out = repo.beside("report.txt");
    let args = ["check", "--no-manifest", "--output", out.to_str().unwrap()];
    let output = run(&mut command(&repo, &args), b"");
    assert_eq!((output.status, output.stdout.len()), (1, 0));
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.starts_with("error[training-excluded]: ") && !text.contains('\u{1b}'), "{text}");
    let nowhere = repo.beside("no/such/folder").to_str().unwrap().to_owned();
    fails(&repo, 5, &["--no-manifest", "-o", &nowhere]);
}

/// A job that is run as another user reads the report; what is no file is not replaced by one.
#[cfg(unix)]
#[test]
fn a_report_has_the_rights_of_any_new_file_and_takes_no_others_place() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    let repo = repo();
    let (out, link) = (repo.beside("report"), repo.beside("link"));
    std::os::unix::fs::symlink(&out, &link).unwrap();
    for path in [&out, &link] {
        fails(&repo, 1, &["--no-manifest", "-o", path.to_str().unwrap()]);
    }
    assert!(link.is_symlink());
    let umask = std::fs::metadata(repo.beside("optout.toml")).unwrap().permissions().mode();
    assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode(), umask);
    let socket = repo.beside("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    fails(&repo, 5, &["--no-manifest", "-o", socket.to_str().unwrap()]);
    assert!(std::fs::metadata(&socket).unwrap().file_type().is_socket());
}
