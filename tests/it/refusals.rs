//! What cannot be answered for is refused: with its exit code, nothing on standard output, and the cause and
//! the way out on standard error. Where the way out is a command, it is run, and must work.

mod incomplete;
mod unreadable;
mod usage;

use crate::support::repo::{Output, Repo, run};
use crate::support::{Commit, Script};

/// A repository with two commits and a work tree that is not checked out.
fn two_commits() -> Repo {
    let repo = Repo::with_work_tree();
    let mut script = Script::default();
    let first = script.add(Commit::root().file("src/a.txt", "one\n"));
    script.add(Commit::on([first]).file("src/a.txt", "one\ntwo\n"));
    repo.import(&script);
    repo
}

/// That it ended with `status`, gave no half answer, and says all of this.
#[track_caller]
fn assert_refused(output: &Output, status: i32, says: &[&str]) {
    assert_eq!(output.status, status, "{}", output.stderr);
    assert_eq!(output.stdout.escape_ascii().to_string(), "");
    assert!(output.stderr.starts_with("error: "), "{}", output.stderr);
    for words in says {
        assert!(output.stderr.contains(words), "{words:?} is not in\n{}", output.stderr);
    }
}

/// What `git blame` says of the only file.
fn blame(repo: &Repo) -> Vec<u8> {
    repo.git(["blame", "--porcelain", "HEAD", "--", "src/a.txt"]).stdout
}

/// Runs the command that the hint gives, as a reader would paste it.
#[track_caller]
fn follow_the_hint(repo: &Repo, output: &Output) {
    let hint = output.stderr.lines().find_map(|line| line.strip_prefix("hint: ")).expect("a hint");
    let (_, command) = hint.split_once(": git ").expect("a command");
    let command = format!("git {command}");
    let done = run(repo.command("sh").args(["-c", &command]), b"");
    assert_eq!(done.status, 0, "{command}: {}", done.stderr);
}

/// The repository as a URL, so that git does not take a shortcut.
fn url(repo: &Repo) -> String {
    let path = repo.path().display().to_string().replace('\\', "/");
    format!("file://{}{path}", if path.starts_with('/') { "" } else { "/" })
}
