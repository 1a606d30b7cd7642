//! Hooks as Git runs them: installed wherever Git says, beside whatever was there, and taken away without a trace. Every
//! case is a real `git push`; what the hook calls is a stand-in that writes down what it was asked.

#![cfg(unix)]

mod beside;
mod doctor;
mod everywhere;
mod peers;
mod places;
mod setting;
mod shells;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::Repo;
use crate::support::repo::{Output, run};

const ZERO: &str = "0000000000000000000000000000000000000000";

/// A repository with a commit, one that it pushes to, and the stand-in.
pub(crate) struct Stage {
    pub(crate) repo: Repo,
    /// The folder of all that is made here.
    root: PathBuf,
    /// The Git that everything here is run with.
    path: String,
}

/// Writes down each time it is called: its arguments, and the bytes of its standard input.
const STAND_IN: &str = r#"#!/bin/sh
printf '%s\n' "$@" >"$ASKED.args.$$"
cat >"$ASKED.stdin.$$"
printf '%s\n' "$$" >>"$ASKED"
echo "asked: $*" >&2
exit "${ANSWER:-0}"
"#;

impl Stage {
    /// With a work tree, and the Git of this machine as if it did not know config hooks.
    pub(crate) fn new() -> Self {
        Self::with(Repo::with_work_tree(), "2.53.0")
    }

    /// With a Git that says it is this version.
    pub(crate) fn with(repo: Repo, version: &str) -> Self {
        let bin = repo.beside("bin");
        fs::create_dir(&bin).unwrap();
        let real = run(Command::new("sh").args(["-c", "command -v git"]), b"").line();
        let pretends = format!(
            "#!/bin/sh\n[ \"$*\" != version ] || {{ echo 'git version {version}'; exit; }}\nexec '{real}' \"$@\"\n"
        );
        script(&bin.join("git"), &pretends);
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        Self::on(repo, path)
    }

    /// With the programs of `path`.
    pub(crate) fn on(repo: Repo, path: String) -> Self {
        let root = repo.path().parent().unwrap().to_owned();
        let stage = Self { repo, root, path };
        script(&stage.stand_in(), STAND_IN);
        stage.git(["init", "--quiet", "--bare", &text(&stage.remote())]);
        if !stage.repo.path().join("HEAD").exists() {
            stage.git(["commit", "--quiet", "--allow-empty", "-m", "Begin"]);
        }
        stage
    }

    /// A place beside the repository.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn remote(&self) -> PathBuf {
        self.beside("remote.git")
    }

    pub(crate) fn stand_in(&self) -> PathBuf {
        self.beside("stand-in")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.beside("home")
    }

    pub(crate) fn hooks(&self) -> PathBuf {
        self.repo.path().join(".git/hooks")
    }

    /// A command in the repository, with the stand-in for the program that hooks call.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.repo.command(program);
        command
            .env("PATH", &self.path)
            .env("XDG_DATA_HOME", self.home().join("data"))
            .env("WITHHOLD", self.stand_in())
            .env("ASKED", self.beside("asked"));
        command
    }

    #[track_caller]
    pub(crate) fn git<const N: usize>(&self, args: [&str; N]) -> Output {
        let output = run(self.command("git").args(args), b"");
        assert_eq!(output.status, 0, "git {args:?}: {}", output.stderr);
        output
    }

    /// `withhold hook …`, here.
    pub(crate) fn hook(&self, args: &[&str]) -> Output {
        self.hook_in(self.repo.path(), args)
    }

    /// `withhold hook …`, in a folder.
    pub(crate) fn hook_in(&self, folder: &Path, args: &[&str]) -> Output {
        let mut command = self.command(env!("CARGO_BIN_EXE_withhold"));
        run(command.env_remove("WITHHOLD").current_dir(folder).arg("hook").args(args), b"")
    }

    /// It must succeed; what it says comes back.
    #[track_caller]
    pub(crate) fn done(&self, args: &[&str]) -> String {
        let output = self.hook(args);
        assert_eq!(output.status, 0, "{args:?}: {}{}", output.line(), output.stderr);
        output.line()
    }

    /// Pushes a new commit.
    pub(crate) fn push(&self) -> Output {
        self.push_with(&[])
    }

    /// Pushes a new commit, with something in the environment.
    pub(crate) fn push_with(&self, env: &[(&str, &str)]) -> Output {
        // Each is another one, though dates are fixed.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let message = format!("More {}", COUNT.fetch_add(1, Ordering::Relaxed));
        // Some tools run nothing where no file has changed.
        fs::write(self.repo.path().join("pushed"), &message).unwrap();
        self.git(["add", "pushed"]);
        self.git(["commit", "--quiet", "--no-verify", "-m", &message]);
        let mut push = self.command("git");
        push.args(["push", "--quiet", &text(&self.remote()), "+HEAD:main"]).envs(env.iter().copied());
        run(&mut push, b"")
    }

    /// What the stand-in was asked since the last time: arguments, standard input.
    pub(crate) fn asked(&self) -> Vec<(Vec<String>, Vec<u8>)> {
        let log = self.beside("asked");
        let calls = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(&log);
        let read = |what: &str, id: &str| fs::read(self.beside(&format!("asked.{what}.{id}"))).unwrap();
        let call = |id: &str| {
            let args = String::from_utf8(read("args", id)).unwrap();
            (args.lines().map(str::to_owned).collect(), read("stdin", id))
        };
        calls.lines().map(call).collect()
    }

    /// A push is asked for once, with what Git gives its hooks; it passes, and a "no" stops it.
    #[track_caller]
    pub(crate) fn assert_gate(&self) {
        self.asked();
        let had = self.at_remote();
        let pushed = self.push();
        assert_eq!(pushed.status, 0, "{}", pushed.stderr);
        let asked = self.asked();
        assert_eq!(asked.len(), 1, "{}", pushed.stderr);
        let (args, stdin) = &asked[0];
        let remote = text(&self.remote());
        assert_eq!(args, &["hook", "run", "pre-push", &remote, &remote]);
        let now = self.at_remote().unwrap();
        let had = had.unwrap_or_else(|| ZERO.into());
        assert_eq!(String::from_utf8_lossy(stdin), format!("HEAD {now} refs/heads/main {had}\n"));
        let refused = self.push_with(&[("ANSWER", "1")]);
        assert_eq!(refused.status, 1, "{}", refused.stderr);
        assert_eq!(self.at_remote().unwrap(), now, "nothing went out");
        assert_eq!(self.asked().len(), 1);
    }

    /// A push asks nobody.
    #[track_caller]
    pub(crate) fn assert_no_gate(&self) {
        self.asked();
        let pushed = self.push_with(&[("ANSWER", "1")]);
        assert_eq!((pushed.status, self.asked().len()), (0, 0), "{}", pushed.stderr);
    }

    fn at_remote(&self) -> Option<String> {
        let mut git = self.command("git");
        let remote = text(&self.remote());
        let output = run(git.args(["--git-dir", &remote, "rev-parse", "-q", "--verify", "main"]), b"");
        (output.status == 0).then(|| output.line())
    }
}

/// Writes a script that can be run.
pub(crate) fn script(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    crate::support::repo::executable(path, content);
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Everything in a folder: names, modes, what links point at, bytes.
pub(crate) fn picture(folder: &Path) -> Vec<(String, u32, Vec<u8>)> {
    let mut files: Vec<_> = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .map(|file| {
            let meta = fs::symlink_metadata(file.path()).unwrap();
            let bytes = if meta.is_symlink() {
                text(&fs::read_link(file.path()).unwrap()).into_bytes()
            } else if meta.is_file() {
                fs::read(file.path()).unwrap()
            } else {
                Vec::new()
            };
            let name = file.path().strip_prefix(folder).unwrap().display().to_string();
            (name, meta.permissions().mode(), bytes)
        })
        .collect();
    // The folder itself may be new.
    files.retain(|(name, _, _)| !name.is_empty());
    files
}
