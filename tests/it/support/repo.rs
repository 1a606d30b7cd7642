//! A repository in a folder of its own, and programs run on it.
//!
//! Decides the environment: everything named `GIT_*` is taken away, home and configuration are empty folders
//! of the test's own, dates and languages are fixed, and no lazy fetch can start.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::Script;

/// A repository, and the home of whoever works in it. Both go when it is dropped.
pub struct Repo {
    folder: TempDir,
    path: PathBuf,
}

/// How a program ended, and what it said.
pub struct Output {
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Output {
    /// Standard output without the line's end.
    pub fn line(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap().trim_end().to_owned()
    }
}

impl Repo {
    /// An empty bare repository whose branch is `main`. Bare, because paths need not exist in this
    /// platform's file system.
    pub fn bare() -> Self {
        let repo = Self::nothing("repo.git");
        repo.git(["init", "--quiet", "--bare", "--initial-branch=main", "."]);
        repo
    }

    /// An empty repository with a work tree.
    pub fn with_work_tree() -> Self {
        let repo = Self::nothing("repo");
        repo.git(["init", "--quiet", "--initial-branch=main", "."]);
        repo
    }

    /// A bare repository with the history of `script`.
    pub fn of(script: &Script) -> Self {
        let repo = Self::bare();
        repo.import(script);
        repo
    }

    /// An empty folder called `name`, which is no repository yet.
    pub fn nothing(name: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("withhold-").tempdir().unwrap();
        // The real path, so that it can be compared with what programs print. Windows has a spelling for
        // that which git does not read.
        let real =
            if cfg!(windows) { folder.path().to_owned() } else { folder.path().canonicalize().unwrap() };
        for sub in ["home", name] {
            std::fs::create_dir(real.join(sub)).unwrap();
        }
        Self { path: real.join(name), folder }
    }

    /// The repository's folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A place beside the repository.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.path.parent().unwrap().join(name)
    }

    /// From here on, this is the repository; it lies beside the first one.
    pub fn move_to(&mut self, path: PathBuf) {
        self.path = path;
    }

    /// A command in the repository, in an environment that nothing from outside reaches.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().to_ascii_uppercase().starts_with("GIT_") {
                command.env_remove(name);
            }
        }
        let home = self.beside("home");
        command
            .current_dir(&self.path)
            .env("HOME", &home)
            .env("USERPROFILE", &home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("GIT_CONFIG_GLOBAL", home.join(".gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "ada@example.org")
            .env("GIT_AUTHOR_DATE", "1700000000 +0000")
            .env("GIT_COMMITTER_NAME", "Ada")
            .env("GIT_COMMITTER_EMAIL", "ada@example.org")
            .env("GIT_COMMITTER_DATE", "1700000000 +0000")
            .env("LC_ALL", "C")
            .env("LANGUAGE", "C")
            .env("TZ", "UTC")
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE");
        command
    }

    /// Runs git, which must succeed.
    #[track_caller]
    pub fn git(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
        self.git_with(args, b"")
    }

    /// Runs git with something on its standard input; it must succeed.
    #[track_caller]
    pub fn git_with(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>, input: &[u8]) -> Output {
        let args: Vec<OsString> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        let output = run(self.command("git").args(&args), input);
        assert_eq!(output.status, 0, "git {args:?}: {}", output.stderr);
        output
    }

    /// Runs the program.
    pub fn withhold(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
        run(self.command(env!("CARGO_BIN_EXE_withhold")).args(args), b"")
    }

    /// Reads `script` by `git fast-import`; HEAD is its last commit.
    #[track_caller]
    pub fn import(&self, script: &Script) {
        self.git_with(["fast-import", "--quiet", "--force", "--date-format=raw-permissive"], &script.bytes());
    }

    /// The id of what `rev` names.
    #[track_caller]
    pub fn id(&self, rev: &str) -> String {
        self.git(["rev-parse", "--verify", "--end-of-options", rev]).line()
    }

    /// Writes an object as it is, however odd, and says its id.
    #[track_caller]
    pub fn write_object(&self, kind: &str, bytes: &[u8]) -> String {
        self.git_with(["hash-object", "-t", kind, "-w", "--stdin", "--literally"], bytes).line()
    }

    /// Makes `main` point at this commit.
    #[track_caller]
    pub fn point_main_at(&self, commit: &str) {
        self.git(["update-ref", "refs/heads/main", commit]);
    }

    /// The file of a loose object.
    pub fn loose(&self, id: &str) -> PathBuf {
        let objects = self.git(["rev-parse", "--git-path", "objects"]).line();
        self.path.join(objects).join(&id[..2]).join(&id[2..])
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that reads nothing closes its end: that is its own business.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Output {
        status: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Writes a script that can be run. A process of its own writes it: while this one has a file open for writing, another
/// test may start a program, which inherits it, and the system runs no file that somebody can write to.
#[track_caller]
pub fn executable(path: &Path, content: &str) {
    let mut sh = Command::new("sh");
    let written = run(sh.args(["-c", "cat >\"$1\" && chmod 755 \"$1\"", "sh"]).arg(path), content.as_bytes());
    assert_eq!(written.status, 0, "{}", written.stderr);
}

/// Copies a file that can be run, likewise.
#[track_caller]
pub fn copy_executable(from: &Path, to: &Path) {
    let copied = run(Command::new("cp").arg("--").arg(from).arg(to), b"");
    assert_eq!(copied.status, 0, "{}", copied.stderr);
}

/// A path of Git's as an argument.
#[cfg(unix)]
pub fn argument(path: &[u8]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(path.to_vec())
}

/// A path of Git's as an argument. Where paths are not bytes, only UTF-8 can be one.
#[cfg(not(unix))]
pub fn argument(path: &[u8]) -> OsString {
    String::from_utf8(path.to_vec()).unwrap().into()
}
