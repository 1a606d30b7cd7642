//! Git itself, run as a program: for what libgit2 cannot do, or does otherwise.
//!
//! Decides what Git sees of the environment: nothing that makes it look at another repository, show replaced objects,
//! fetch what is missing, or ask a question. Must not interpret what it prints.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// What ties Git to a repository (`git rev-parse --local-env-vars`).
const LOCAL: [&str; 17] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Git in a folder.
#[derive(Debug, Clone)]
pub struct Git {
    dir: PathBuf,
    /// Whether what a hook's caller has set stays: the repository it means, and its quarantine.
    in_hook: bool,
}

/// Why Git gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It cannot be run.
    #[error("git cannot be run: {0}")]
    NotRun(#[source] io::Error),
    /// It failed.
    #[error("git {what} failed ({status}): {}", told(stderr))]
    Failed {
        /// What it was asked for.
        what: String,
        /// How it ended.
        status: ExitStatus,
        /// What it printed, bounded and without control characters.
        stderr: String,
    },
}

impl Git {
    /// Git in a folder, whatever repository the environment names.
    #[must_use]
    pub fn at(dir: &Path) -> Self {
        Self { dir: dir.to_path_buf(), in_hook: false }
    }

    /// Git as it called a hook: in the repository that the environment names.
    #[must_use]
    pub fn in_hook(dir: &Path) -> Self {
        Self { dir: dir.to_path_buf(), in_hook: true }
    }

    /// A command that is yet to be run; its standard input is empty.
    #[must_use]
    pub fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new("git");
        if !self.in_hook {
            LOCAL.iter().for_each(|name| {
                command.env_remove(name);
            });
        }
        command
            .current_dir(&self.dir)
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .args(args);
        command
    }

    /// What Git prints.
    ///
    /// # Errors
    /// It cannot be run, or fails.
    pub fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Result<Vec<u8>, GitError> {
        let mut command = self.command(args);
        let output = command.output().map_err(GitError::NotRun)?;
        answer(&command, output)
    }

    /// What Git prints, given this on its standard input.
    ///
    /// # Errors
    /// It cannot be run, or fails.
    pub fn run_with<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Result<Vec<u8>, GitError> {
        self.begin(args)?.finish(input)
    }

    /// Git, started while there is something else to do, and yet to be told what on its standard input.
    ///
    /// # Errors
    /// It cannot be run.
    pub fn begin<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Result<Begun, GitError> {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(GitError::NotRun)?;
        Ok(Begun { command, child })
    }

    /// What Git prints, without the line end; `None` if it ends with 1, which it does where there is nothing to print.
    ///
    /// # Errors
    /// It cannot be run, or fails otherwise.
    pub fn ask<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Option<Vec<u8>>, GitError> {
        let mut command = self.command(args);
        let output = command.output().map_err(GitError::NotRun)?;
        if output.status.code() == Some(1) {
            return Ok(None);
        }
        let mut text = answer(&command, output)?;
        if text.last() == Some(&b'\n') {
            text.pop();
        }
        Ok(Some(text))
    }
}

/// Git, waiting for its standard input. If it is dropped, that ends with nothing on it.
#[derive(Debug)]
pub struct Begun {
    command: Command,
    child: Child,
}

impl Begun {
    /// What Git prints, given this on its standard input.
    ///
    /// # Errors
    /// It fails.
    pub fn finish(mut self, input: &[u8]) -> Result<Vec<u8>, GitError> {
        let stdin = self.child.stdin.take();
        // Written beside, so that neither side waits for the other.
        let output = std::thread::scope(|scope| {
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
            self.child.wait_with_output()
        });
        answer(&self.command, output.map_err(GitError::NotRun)?)
    }
}

fn answer(command: &Command, output: Output) -> Result<Vec<u8>, GitError> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(GitError::Failed { what: words.join(" "), status: output.status, stderr })
}

/// So much of what Git says is shown.
const MOST_TOLD: usize = 2000;

/// What may be shown on a terminal.
fn told(text: &str) -> String {
    let shown = text.trim_end().chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c });
    shown.take(MOST_TOLD).collect()
}

/// A path as Git prints it: bytes.
#[cfg(unix)]
#[must_use]
pub fn path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes).into()
}

/// A path as Git prints it.
#[cfg(not(unix))]
#[must_use]
pub fn path(bytes: Vec<u8>) -> PathBuf {
    OsString::from(String::from_utf8_lossy(&bytes).into_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ties_git_to_a_repository_is_known() {
        let git = Git::at(Path::new("."));
        let listed = git.run(["rev-parse", "--local-env-vars"]).unwrap();
        for name in String::from_utf8(listed).unwrap().lines() {
            assert!(LOCAL.contains(&name), "{name}");
        }
    }

    #[test]
    fn a_failure_tells_what_git_said_and_no_answer_is_not_a_failure() {
        let git = Git::at(Path::new("."));
        assert_eq!(git.ask(["config", "--get", "withhold.no-such-key"]).unwrap(), None);
        let error = git.run(["no-such-command"]).unwrap_err().to_string();
        assert!(error.contains("no-such-command") && error.contains("not a git command"), "{error}");
    }

    #[test]
    fn much_can_be_said_at_once() {
        let input = "x".repeat(1 << 20);
        let id = Git::at(Path::new(".")).run_with(["hash-object", "--stdin"], input.as_bytes()).unwrap();
        assert_eq!(id.len(), 41);
    }

    #[test]
    fn what_is_shown_cannot_move_the_cursor() {
        assert_eq!(told("a\x1b[2Jb\n"), "a\u{fffd}[2Jb");
    }
}
