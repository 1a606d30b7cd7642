//! `filter` and `verify`, by real scans of real repositories.
//!
//! Ada has opted out. Bob has not. Files `ada-N` are hers, `bob-N` his, `both-N` has lines of both.

mod archives;
mod attested;
mod columns;
mod doubts;
mod faults;
mod forms;
mod heavy;
#[cfg(feature = "parquet")]
mod hostile;
mod killed;
#[cfg(unix)]
mod left;
mod lists;
mod paths;
mod people;
mod places;
mod receipts;
mod rows;
mod same_files;
#[cfg(feature = "parquet")]
mod shapes;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::repo::{Output, run};
use crate::support::script::{Commit, Script};
use crate::support::{Repo, repo};

const LIST: &str = "schema = 1\nlist = \"corp/all\"\nserial = 7\n\
                    [[subject]]\nid = \"s-ada\"\n[[subject.identity]]\nemail = \"ada@example.org\"\n";
const PLAIN: &str = "[policy]\nunit = \"lines\"\n";

/// A repository, its manifest, and a place for data sets.
struct Place {
    repo: Repo,
}

impl Place {
    fn new() -> Self {
        Self::with(LIST, &[])
    }

    /// With this list, scanned with these arguments.
    fn with(list: &str, args: &[&str]) -> Self {
        let mut script = Script::default();
        let mut ada = Commit::root().author("Ada", "ada@example.org");
        for n in 0..4 {
            ada = ada.file(format!("ada-{n}"), format!("ada wrote {n}\nand this\n"));
            ada = ada.file(format!("both-{n}"), format!("ada began {n}\n"));
        }
        let first = script.add(ada);
        let mut bob = Commit::on([first]).author("Bob", "bob@example.org");
        for n in 0..4 {
            bob = bob.file(format!("bob-{n}"), format!("bob wrote {n}\nand that\n"));
            bob = bob.file(format!("both-{n}"), format!("ada began {n}\nbob went on {n}\n"));
        }
        script.add(bob);
        let place = Self { repo: Repo::of(&script) };
        place.scan_to(list, "m", args);
        place
    }

    /// Scans the repository with this list and these arguments, to a folder of that name.
    fn scan_to(&self, list: &str, name: &str, args: &[&str]) {
        fs::write(self.at("list.toml"), list).unwrap();
        let (list, out) = (self.arg("list.toml"), self.arg(name));
        let all = ["scan", "--repo", "corp/engine", "--no-cache", "-q", "-l", &list, "-o", &out];
        let scanned = self.repo.withhold(all.iter().copied().chain(args.iter().copied()));
        assert_eq!(scanned.status, 0, "{}", scanned.stderr);
    }

    fn at(&self, name: &str) -> PathBuf {
        self.repo.beside(name)
    }

    fn arg(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    /// A row for a file of the repository.
    fn row(&self, path: &str) -> Value {
        let content =
            String::from_utf8(self.repo.git(["cat-file", "blob", &format!("main:{path}")]).stdout).unwrap();
        json!({
            "repo": "corp/engine",
            "path": path,
            "id": self.repo.id(&format!("main:{path}")),
            "content": content,
        })
    }

    /// Rows for files of the repository.
    fn rows(&self, paths: &[&str]) -> Vec<Value> {
        paths.iter().map(|path| self.row(path)).collect()
    }

    /// Writes rows as JSON Lines.
    fn write(&self, name: &str, rows: &[Value]) -> String {
        let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        self.arg(name)
    }

    /// Runs a command of the program with the manifest.
    fn run(&self, command: &str, args: &[&str]) -> Output {
        let manifest = self.arg("m");
        self.repo.withhold([command, "-m", &manifest].iter().copied().chain(args.iter().copied()))
    }

    /// As [`Place::run`]; what it says in JSON.
    #[track_caller]
    fn json(&self, command: &str, status: i32, args: &[&str]) -> Value {
        let output = self.run(command, &[args, &["--format", "json"]].concat());
        assert_eq!(output.status, status, "{}", output.stderr);
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The paths in the rows of a file of JSON Lines.
    fn paths(&self, name: &str) -> Vec<String> {
        paths(&fs::read_to_string(self.at(name)).unwrap())
    }
}

fn paths(text: &str) -> Vec<String> {
    let path = |line| serde_json::from_str::<Value>(line).unwrap()["path"].as_str().unwrap().to_owned();
    text.lines().map(path).collect()
}

/// Rows, clear, excluded, uncovered.
fn counts(found: &Value) -> [u64; 4] {
    ["rows", "clear", "excluded", "uncovered"].map(|name| found[name].as_u64().unwrap())
}

const KEY: [&str; 4] = ["--key", "id=git_sha1", "--content", "content"];

#[track_caller]
fn ended(output: &Output, status: i32, said: &str) {
    assert_eq!(output.status, status, "{}", output.stderr);
    assert!(output.stderr.contains(said), "{said:?} is not in:\n{}", output.stderr);
}
