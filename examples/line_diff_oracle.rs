//! Holds the line diff against libgit2's, and against `git diff`, on pairs of blobs.
//!
//!     scripts/line_diff_oracle.py REPOSITORY [-w] [--git N]
//!     line_diff_oracle REPOSITORY [-w] [--git N] < pairs
//!
//! Reads lines `OLD NEW`, ids of blobs; binary ones are passed over. Every pair is held against libgit2. With
//! git itself it takes a process a pair, so that only each N-th (1,000) is held against it, and each that has a
//! byte which only libgit2 takes for white space (`\v`, `\f`). Prints pairs that differ, and at the end one
//! line of counts and the CPU seconds of each. Ends with 1 if a pair differs, or if there was none.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a measurement")]

use std::error::Error;
use std::io::BufRead as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use withhold::attribution::line_diff::{Hunk, LineDiff, WhiteSpace, common_tail};
use withhold::attribution::text::is_binary;
use withhold::repo::{Kind, ObjectId, Objects, Repository, xdiff};

#[path = "../tests/it/support/lines.rs"]
#[allow(unreachable_pub, reason = "shared with the tests")]
mod lines;

use lines::Numbers;

/// So many bytes are read before they are compared, so that the clock is not read too often.
const BATCH: usize = 32 << 20;

/// Two versions, without the common tail.
struct Pair {
    names: String,
    old: Vec<u8>,
    new: Vec<u8>,
}

#[derive(Default)]
struct Totals {
    pairs: u64,
    binary: u64,
    bytes: u64,
    different: u64,
    /// Held against git itself.
    with_git: u64,
    different_from_git: u64,
    /// git and libgit2 differ, since they differ about white space.
    disputed: u64,
    /// CPU time.
    theirs: Duration,
    numbering: Duration,
    ours: Duration,
}

struct Oracle {
    repository: String,
    objects: Objects,
    ignore: bool,
    each: u64,
    like_libgit2: LineDiff,
    like_git: LineDiff,
    totals: Totals,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let repository = args.next().ok_or("usage: line_diff_oracle REPOSITORY [-w] [--git N] < pairs")?;
    let (mut ignore, mut each) = (false, 1000);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-w" => ignore = true,
            "--git" => each = args.next().ok_or("--git takes a number")?.parse()?,
            other => return Err(format!("unknown argument: {other}").into()),
        }
    }
    let objects = Repository::open(Path::new(&repository))?.objects();
    let mut oracle = Oracle {
        repository,
        objects,
        ignore,
        each,
        like_libgit2: LineDiff::with_white_space(WhiteSpace::Libgit2),
        like_git: LineDiff::new(),
        totals: Totals::default(),
    };
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for line in std::io::stdin().lock().lines() {
        let Some(pair) = oracle.read(&line?)? else { continue };
        bytes += pair.old.len() + pair.new.len();
        batch.push(pair);
        if bytes > BATCH {
            oracle.compare(&batch)?;
            (batch, bytes) = (Vec::new(), 0);
        }
    }
    oracle.compare(&batch)?;
    Ok(oracle.finish())
}

impl Oracle {
    fn read(&mut self, line: &str) -> Result<Option<Pair>, Box<dyn Error>> {
        let mut ids = line.split(' ').map(|id| ObjectId::from_hex(id.as_bytes()));
        let (Some(Some(old)), Some(Some(new)), None) = (ids.next(), ids.next(), ids.next()) else {
            return Err(format!("not a pair of ids: {line}").into());
        };
        let mut old = self.objects.read(old, Kind::Blob)?.to_vec();
        let mut new = self.objects.read(new, Kind::Blob)?.to_vec();
        if is_binary(&old) || is_binary(&new) {
            self.totals.binary += 1;
            return Ok(None);
        }
        self.totals.pairs += 1;
        self.totals.bytes += (old.len() + new.len()) as u64;
        let tail = common_tail(&old, &new);
        old.truncate(old.len() - tail);
        new.truncate(new.len() - tail);
        Ok(Some(Pair { names: line.to_owned(), old, new }))
    }

    /// Compares each pair in both ways, and reads the clock in between.
    fn compare(&mut self, batch: &[Pair]) -> Result<(), Box<dyn Error>> {
        let begin = cpu();
        let mut theirs = Vec::new();
        for pair in batch {
            theirs.push(xdiff::hunks(&pair.old, &pair.new, self.ignore)?);
        }
        let numbering = cpu();
        let mut numbers = Numbers::new(self.ignore.then_some(WhiteSpace::Libgit2));
        let versions: Vec<_> =
            batch.iter().map(|pair| (numbers.version(&pair.old), numbers.version(&pair.new))).collect();
        let comparing = cpu();
        let mut ours = Vec::new();
        for (old, new) in &versions {
            let mut hunks = Vec::new();
            self.like_libgit2.hunks(old.side(), new.side(), &mut hunks);
            ours.push(hunks);
        }
        let end = cpu();
        self.totals.theirs += numbering - begin;
        self.totals.numbering += comparing - numbering;
        self.totals.ours += end - comparing;
        let first = self.totals.pairs - batch.len() as u64;
        for (number, ((pair, ours), theirs)) in (first..).zip(batch.iter().zip(&ours).zip(theirs)) {
            let theirs: Vec<_> = theirs.into_iter().map(|[old, new]| Hunk { old, new }).collect();
            if *ours != theirs {
                println!("{}: libgit2 says {theirs:?}, we say {ours:?}", pair.names);
                self.totals.different += 1;
            }
            let doubtful = |bytes: &[u8]| bytes.iter().any(|byte| [0x0b, 0x0c].contains(byte));
            if number % self.each == 0 || doubtful(&pair.old) || doubtful(&pair.new) {
                self.ask_git(pair, &theirs)?;
            }
        }
        Ok(())
    }

    fn ask_git(&mut self, pair: &Pair, libgit2: &[Hunk]) -> Result<(), Box<dyn Error>> {
        let mut numbers = Numbers::new(self.ignore.then_some(WhiteSpace::Git));
        let (old, new) = (numbers.version(&pair.old), numbers.version(&pair.new));
        let mut ours = Vec::new();
        self.like_git.hunks(old.side(), new.side(), &mut ours);
        let git = git_hunks(&self.repository, &pair.names, self.ignore)?;
        self.totals.with_git += 1;
        self.totals.disputed += u64::from(git != libgit2);
        if ours != git {
            println!("{}: git says {git:?}, we say {ours:?}", pair.names);
            self.totals.different_from_git += 1;
        }
        Ok(())
    }

    fn finish(self) -> ExitCode {
        let Totals { pairs, binary, bytes, different, with_git, different_from_git, disputed, .. } =
            self.totals;
        let Totals { theirs, numbering, ours, .. } = self.totals;
        let shortcuts = self.like_libgit2.shortcuts();
        println!(
            "{pairs} pairs, {bytes} bytes ({binary} binary pairs passed over): {different} differ from libgit2; \
             of {with_git} {different_from_git} differ from git, where libgit2 itself differs in {disputed}. \
             CPU: libgit2 {:.2} s; we {:.2} s, after {:.2} s for numbering the lines in the plainest way. \
             Shortcuts: {} at long runs, {} at the limit.",
            theirs.as_secs_f64(),
            ours.as_secs_f64(),
            numbering.as_secs_f64(),
            shortcuts.long_run,
            shortcuts.limit,
        );
        if pairs == 0 || different + different_from_git > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// What `git diff` says, with nothing of the machine's configuration.
fn git_hunks(repository: &str, names: &str, ignore: bool) -> Result<Vec<Hunk>, Box<dyn Error>> {
    let mut command = Command::new("git");
    command.args(["-c", "safe.directory=*", "-C", repository, "diff", "--no-color", "--no-ext-diff"]);
    command.args(["--no-textconv", "--diff-algorithm=myers", "--indent-heuristic", "--text", "-U0"]);
    command.args(["--inter-hunk-context=0"]).args(ignore.then_some("-w")).args(names.split(' '));
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C");
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("git diff {names}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let lines = output.stdout.split(|byte| *byte == b'\n');
    lines
        .filter_map(|line| line.strip_prefix(b"@@ -"))
        .map(|header| hunk(header).ok_or("no hunk".into()))
        .collect()
}

/// `1,2 +3,4 @@`, where a count of 1 may be left out, and the line before is named where there are none.
fn hunk(header: &[u8]) -> Option<Hunk> {
    let header = std::str::from_utf8(header.split(|byte| *byte == b'@').next()?).ok()?;
    let (old, new) = header.trim_end().split_once(" +")?;
    let range = |text: &str| {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        let (start, count): (u32, u32) = (start.parse().ok()?, count.parse().ok()?);
        let start = if count == 0 { start } else { start - 1 };
        Some(start..start + count)
    };
    Some(Hunk { old: range(old)?, new: range(new)? })
}

/// This process's CPU time.
fn cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}
