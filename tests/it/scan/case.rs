//! A scan to be run, and what it found.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::repo::{Output, run};
use crate::support::{Commit, Mark, Repo, Script};

/// Ada has opted out, of everything.
pub const ADA: &str = "[[subject]]\nid = \"s-7q4kx2mn\"\n[[subject.identity]]\nemail = \"ada@example.org\"\n";

/// What every list begins with.
pub const HEAD: &str = "schema = 1\nlist = \"corp.example/engineering\"\nserial = 7\n";

/// A commit by somebody who is on no list.
pub fn by_bob(parents: impl IntoIterator<Item = Mark>) -> Commit {
    Commit::on(parents).author("Bob", "bob@example.org")
}

/// A commit by Ada.
pub fn by_ada(parents: impl IntoIterator<Item = Mark>) -> Commit {
    Commit::on(parents)
}

/// A history told in one go.
pub fn history(tell: impl FnOnce(&mut Script)) -> Repo {
    let mut script = Script::default();
    tell(&mut script);
    Repo::of(&script)
}

/// A list of so many different lines that nobody takes one file for another.
pub fn text(topic: &str, lines: usize) -> String {
    (1..=lines).map(|line| format!("{topic} says {line} times {}\n", line * line)).collect()
}

/// A scan in the making.
pub struct Scan<'r> {
    repo: &'r Repo,
    command: Command,
    to_folder: bool,
}

/// What a scan found.
#[derive(Debug)]
pub struct Found {
    pub out: PathBuf,
    pub header: Value,
    pub entries: Vec<Value>,
    pub coverage: Vec<Value>,
    /// Standard error.
    pub said: String,
    /// The summary for programs.
    pub summary: Value,
}

impl<'r> Scan<'r> {
    /// A scan of `repo` with a list that begins as every list does, and goes on with `rest`.
    pub fn of(repo: &'r Repo, rest: &str) -> Self {
        Self::without_list(repo).list("optout.toml", &format!("{HEAD}{rest}"))
    }

    pub fn without_list(repo: &'r Repo) -> Self {
        let mut command = repo.command(env!("CARGO_BIN_EXE_withhold"));
        for name in ["WITHHOLD_LIST", "WITHHOLD_KEY", "SOURCE_DATE_EPOCH"] {
            command.env_remove(name);
        }
        command.arg("scan");
        Self { repo, command, to_folder: true }
    }

    /// One more list.
    pub fn list(self, name: &str, text: &str) -> Self {
        let path = self.repo.beside(name);
        std::fs::write(&path, text).unwrap();
        self.args(["--list".into(), path.into_os_string()])
    }

    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.command.args(args.into_iter().map(Into::into));
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn stream(mut self) -> Self {
        self.to_folder = false;
        self
    }

    /// The command, its output going to a folder called `out` beside the repository.
    pub fn command(mut self, out: &str) -> Command {
        self.command.arg("-o").arg(self.repo.beside(out));
        self.command
    }

    /// The command as it is so far.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Runs it; it must succeed.
    #[track_caller]
    pub fn found(self) -> Found {
        self.found_in("manifest")
    }

    /// Runs it into a folder of that name; it must succeed, and the manifest must be sound.
    #[track_caller]
    pub fn found_in(self, name: &str) -> Found {
        let repo = self.repo;
        let out = repo.beside(name);
        let output = run(self.args(["--format", "json"]).command(name).arg("--threads").arg("2"), b"");
        assert_eq!(output.status, 0, "{}", output.stderr);
        let valid = repo.withhold(["manifest".as_ref(), "validate".as_ref(), out.as_os_str()]);
        assert_eq!(valid.status, 0, "{}", valid.stderr);
        let read = |file: &str| std::fs::read_to_string(out.join(file)).unwrap();
        let rows = |file| read(file).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Found {
            header: serde_json::from_str(&read("manifest.json")).unwrap(),
            entries: rows("entries.jsonl"),
            coverage: rows("coverage.jsonl"),
            said: output.stderr,
            summary: serde_json::from_slice(&output.stdout).unwrap(),
            out,
        }
    }

    /// Runs it; it must fail with that code, and leave no manifest.
    #[track_caller]
    pub fn fails(self, code: i32) -> String {
        let repo = self.repo;
        let output = self.output();
        assert_eq!(output.status, code, "{}", output.stderr);
        assert!(!repo.beside("manifest").exists(), "a manifest was left");
        assert!(!output.stderr.is_empty(), "it failed without a word");
        output.stderr
    }

    /// Runs it to its end, whatever that is.
    pub fn output(self) -> Output {
        if self.to_folder {
            run(&mut self.command("manifest"), b"")
        } else {
            run(self.args(["-o", "-"]).command.arg("--quiet"), b"")
        }
    }
}

impl Found {
    /// The entries of a unit.
    pub fn unit(&self, unit: &str) -> Vec<&Value> {
        self.entries.iter().filter(|entry| entry["unit"] == unit).collect()
    }

    /// The paths of the files that are excluded whole.
    pub fn files(&self) -> BTreeSet<&str> {
        self.unit("blob").iter().filter_map(|entry| entry["path"].as_str()).collect()
    }

    /// The numbers of the excluded lines, by path.
    pub fn all_lines(&self) -> BTreeMap<String, BTreeSet<u64>> {
        let mut lines: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        for entry in self.unit("lines") {
            let range = entry["line_start"].as_u64().unwrap()..=entry["line_end"].as_u64().unwrap();
            lines.entry(entry["path"].as_str().unwrap().to_owned()).or_default().extend(range);
        }
        lines
    }

    /// The numbers of the excluded lines of a file.
    pub fn lines(&self, path: &str) -> BTreeSet<u64> {
        self.all_lines().remove(path).unwrap_or_default()
    }

    /// The ids of excluded objects of a unit.
    pub fn ids(&self, unit: &str) -> BTreeSet<&str> {
        self.unit(unit).iter().filter_map(|entry| entry["git_sha1"].as_str()).collect()
    }

    /// The purposes for which the file at `path` is excluded.
    pub fn purposes(&self, path: &str) -> Vec<&str> {
        let entry = self.unit("blob").into_iter().find(|entry| entry["path"] == path);
        entry.map_or(Vec::new(), |entry| {
            entry["purposes"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect()
        })
    }

    /// The coverage of a ref.
    pub fn reference(&self, name: &str) -> &Value {
        self.coverage.iter().find(|row| row["ref"] == name).unwrap()
    }

    /// Whether the object was looked at.
    pub fn covers(&self, id: &str) -> bool {
        self.coverage.iter().any(|row| row["git_sha1"] == id)
    }
}

/// A set of strings.
pub fn set<const N: usize>(names: [&str; N]) -> BTreeSet<&str> {
    names.into_iter().collect()
}
