//! The gates, by real pushes: of a client to a bare repository, and of a server to whoever pushes.
//!
//! Ada has opted out. Bob has not.

#![cfg(unix)]

mod faults;
mod logs;
mod pre_push;
mod server;
mod transports;

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Repo;
use crate::support::repo::{Output, executable, run};

const LIST: &str = "schema = 1\nlist = \"corp/all\"\nserial = 1\n\
                    [[subject]]\nid = \"s-ada\"\n[[subject.identity]]\nemail = \"ada@example.org\"\n";

/// A clone, and the bare repository that it pushes to.
struct Place {
    repo: Repo,
    remote: PathBuf,
}

impl Place {
    /// Nothing in either. The list is configured, with this policy; the hook calls the program.
    fn new(policy: &str) -> Self {
        let repo = Repo::with_work_tree();
        let remote = repo.beside("remote.git");
        repo.git(
            ["init", "--quiet", "--bare", "--initial-branch=main"]
                .map(str::to_owned)
                .iter()
                .chain([&shown(&remote)]),
        );
        repo.git(["remote", "add", "origin", &shown(&remote)]);
        // No housekeeping in the background.
        repo.git(["config", "--global", "gc.auto", "0"]);
        let place = Self { repo, remote };
        place.list(&format!("{LIST}{policy}"));
        place.hook(&place.repo.path().join(".git"), "pre-push");
        place
    }

    /// Writes the list that both sides are configured to use.
    fn list(&self, text: &str) {
        let list = self.repo.beside("optout.toml");
        fs::write(&list, text).unwrap();
        self.repo.git(["config", "--global", "withhold.list", &shown(&list)]);
    }

    /// Puts a hook into a repository.
    fn hook(&self, git_dir: &Path, event: &str) {
        let hook = git_dir.join("hooks").join(event);
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        let text = format!("#!/bin/sh\nexec '{}' hook run {event} \"$@\"\n", env!("CARGO_BIN_EXE_withhold"));
        executable(&hook, &text);
    }

    /// A commit by somebody that changes one file; its id.
    fn commit(&self, who: &str, path: &str, text: &str) -> String {
        let file = self.repo.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        self.repo.git(["add", "--", path]);
        self.commit_staged(who, path)
    }

    fn commit_staged(&self, who: &str, message: &str) -> String {
        let mut git = self.repo.command("git");
        let email = format!("{who}@example.org");
        git.args(["-c", "commit.gpgSign=false", "commit", "--quiet", "--allow-empty", "-m", message]);
        for role in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{role}_NAME"), who).env(format!("GIT_{role}_EMAIL"), &email);
        }
        let done = run(&mut git, b"");
        assert_eq!(done.status, 0, "{}", done.stderr);
        self.repo.id("HEAD")
    }

    /// A real push.
    fn push(&self, args: &[&str]) -> Output {
        run(self.repo.command("git").arg("push").args(args), b"")
    }

    /// What a ref of the remote names; nothing if it is not there.
    fn remote_ref(&self, name: &str) -> Option<String> {
        let mut git = self.repo.command("git");
        let found =
            run(git.arg("--git-dir").arg(&self.remote).args(["rev-parse", "--verify", "--quiet", name]), b"");
        (found.status == 0).then(|| found.line())
    }

    /// A file of a commit of the remote.
    fn remote_file(&self, what: &str) -> String {
        let mut git = self.repo.command("git");
        let shown = run(git.arg("--git-dir").arg(&self.remote).args(["cat-file", "blob", what]), b"");
        assert_eq!(shown.status, 0, "{}", shown.stderr);
        String::from_utf8(shown.stdout).unwrap()
    }
}

fn shown(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[track_caller]
fn refused(output: &Output, because: &str) {
    assert_ne!(output.status, 0, "{}", output.stderr);
    assert!(output.stderr.contains(because), "{because:?} is not in:\n{}", output.stderr);
}

#[track_caller]
fn accepted(output: &Output) {
    assert_eq!(output.status, 0, "{}", output.stderr);
}
