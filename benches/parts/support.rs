//! What is measured with: numbers that are the same everywhere, versions of a file, and a repository of them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use tempfile::TempDir;
use withhold::repo::{ObjectId, Repository, set_options};

/// Numbers that are the same on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as u32 % limit
    }
}

/// The text of a line of a program, by its number.
pub(crate) fn line(id: u32) -> String {
    format!("{}line {id} of a program that says {id}\n", "    ".repeat(id as usize % 4))
}

/// So many versions of a file of `lines` lines, each with a few lines changed against the one before.
pub(crate) fn versions(count: u32, lines: u32) -> Vec<Vec<u8>> {
    let mut random = Random(1);
    let mut ids: Vec<u32> = (0..lines).collect();
    let version = |number| {
        let at = random.below(lines) as usize;
        ids.splice(at..at, (0..3).map(|line| 1_000_000 + 3 * number + line));
        let gone = random.below(lines) as usize;
        ids.drain(gone..gone + 2);
        ids.iter().map(|id| line(*id)).collect::<String>().into_bytes()
    };
    (0..count).map(version).collect()
}

/// A repository whose commits each change one large file and one of a thousand small ones.
pub(crate) struct History {
    _folder: TempDir,
    pub(crate) repository: Repository,
    /// The trees of its commits, the newest first.
    pub(crate) trees: Vec<ObjectId>,
    /// The versions of the large file, the newest first.
    pub(crate) blobs: Vec<ObjectId>,
}

/// It is made once, and packed as `git repack` does.
pub(crate) static HISTORY: LazyLock<History> = LazyLock::new(History::make);

const COMMITS: u32 = 200;
const LARGE: &str = "src/large.c";

impl History {
    fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        git(here, &["init", "--quiet", "--bare"], b"");
        git(here, &["fast-import", "--quiet"], &script());
        git(here, &["symbolic-ref", "HEAD", "refs/heads/main"], b"");
        git(here, &["repack", "-adfq", "--window=10", "--depth=50"], b"");
        let ids = |text: &str| {
            text.lines().map(|id| ObjectId::from_hex(id.as_bytes()).unwrap()).collect::<Vec<ObjectId>>()
        };
        let trees = ids(&git(here, &["log", "--format=%T"], b""));
        let raw = git(here, &["log", "--format=", "--raw", "--no-abbrev", "--", LARGE], b"");
        let new: Vec<&str> = raw.lines().filter_map(|line| line.split(' ').nth(3)).collect();
        let blobs = ids(&new.join("\n"));
        assert_eq!((trees.len(), blobs.len()), (COMMITS as usize, COMMITS as usize));
        set_options(false).unwrap();
        Self { repository: Repository::open(here).unwrap(), _folder: folder, trees, blobs }
    }
}

/// What `git fast-import` reads.
fn script() -> Vec<u8> {
    let mut random = Random(2);
    let mut script = Vec::new();
    let file = |script: &mut Vec<u8>, path: &str, bytes: &[u8]| {
        script.extend_from_slice(format!("M 100644 inline {path}\ndata {}\n", bytes.len()).as_bytes());
        script.extend_from_slice(bytes);
        script.push(b'\n');
    };
    for (number, large) in (0..).zip(versions(COMMITS, 4000)) {
        let mut commit = String::from("commit refs/heads/main\n");
        write!(commit, "committer Ada <ada@corp.example> {} +0000\ndata 2\nc\n\n", 1_000_000_000 + number)
            .unwrap();
        script.extend_from_slice(commit.as_bytes());
        file(&mut script, LARGE, &large);
        let small = |at: u32| format!("src/part{}/file{}.c", at / 25, at % 25);
        if number == 0 {
            (0..1000).for_each(|at| file(&mut script, &small(at), line(at).as_bytes()));
        } else {
            file(&mut script, &small(random.below(1000)), line(2_000_000 + number).as_bytes());
        }
    }
    script
}

/// What git says, whoever runs this.
fn git(folder: &Path, args: &[&str], given: &[u8]) -> String {
    let mut git = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(args)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("LC_ALL", "C")])
        .env_remove("GIT_DIR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    git.stdin.take().unwrap().write_all(given).unwrap();
    let done = git.wait_with_output().unwrap();
    assert!(done.status.success(), "git {args:?} failed");
    String::from_utf8(done.stdout).unwrap()
}
