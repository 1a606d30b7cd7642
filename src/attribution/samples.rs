//! Repositories for the tests of this folder: written by git, in an environment that nothing from outside reaches.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Follow;
use super::engine::Options;
use crate::repo::{ObjectId, Repository};

/// What git says.
fn git(folder: &Path, args: &[&str], input: &str) -> String {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"GIT_")) {
        command.env_remove(name);
    }
    command.env("HOME", folder).env("XDG_CONFIG_HOME", folder).env("GIT_CONFIG_NOSYSTEM", "1");
    command.args(args).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap();
    assert!(said.status.success());
    String::from_utf8(said.stdout).unwrap()
}

/// A bare repository in the folder, with the history that `git fast-import` reads.
pub(super) fn repository(folder: &Path, script: &str) -> Repository {
    git(folder, &["init", "--quiet", "--bare", "."], "");
    git(folder, &["fast-import", "--quiet"], script);
    Repository::open(folder).unwrap()
}

/// The commit that a branch of the repository in the folder names.
pub(super) fn branch(folder: &Path, name: &str) -> ObjectId {
    let id = git(folder, &["rev-parse", &format!("refs/heads/{name}")], "");
    ObjectId::from_hex(id.trim().as_bytes()).unwrap()
}

/// Everything is followed, and nothing left out.
pub(super) fn options() -> Options {
    Options {
        ignore_whitespace: false,
        follow: Follow { moves: Some(Follow::MOVES), copies: Some(Follow::COPIES) },
        earlier_appearances: true,
        touched: false,
        remember: true,
        as_written: false,
        threads: 2,
    }
}
