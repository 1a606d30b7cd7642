//! A run over the shards of a data set: each is judged, and written again without what goes.
//!
//! Decides the order of things: nothing takes its place before all of it is whole and the run can be trusted, and what a run
//! that was stopped has done is not done again. A stream alone cannot be taken back. Must not decide what goes.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::error::RunError;
use super::judge::RowJudge;
use super::rules::Rules;
use crate::dataset::files::Hashed;
use crate::dataset::output::{Written, strangers};
use crate::dataset::partial::sweep_beside;
use crate::dataset::resume::Journal;
use crate::dataset::shards::{Shard, Shards, Targets};
use crate::dataset::{DatasetError, Watch, shards};
use look::{Shown, Waiting};

mod look;

/// Where what is written goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: the data set is only looked at.
    None,
    /// To a folder, each shard under its name.
    Folder(PathBuf),
    /// To one file, as there is one shard.
    File(PathBuf),
    /// To standard output, as there is one shard.
    Stream,
}

/// A stream that is read.
pub type Stream = Mutex<Box<dyn Read + Send>>;

/// A run.
pub struct Run<'r> {
    /// By what rows are judged.
    pub rules: &'r Rules<'r>,
    /// The shards.
    pub shards: &'r Shards,
    /// Where what is written goes.
    pub place: Place,
    /// A digest of all that decides the outcome: another run goes on only where one with the same ended.
    pub digest: String,
    /// How many shards are looked at at once, at least one.
    pub threads: usize,
    /// Whether a receipt is to speak of the files: then they are hashed, those that are only looked at, too.
    pub hash: bool,
    /// What is read of the shard that has no path.
    pub stdin: Option<&'r Stream>,
    /// Where [`Place::Stream`] is.
    pub stream: Option<Mutex<Box<dyn Write + Send>>>,
}

/// A shard that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Its name.
    pub name: String,
    /// The file that a receipt speaks of: what was written, or what was looked at. None where nothing was hashed.
    pub file: Option<Written>,
    /// Of a folder of files, those that it speaks of.
    pub files: Vec<Hashed>,
    /// What was found.
    pub found: Found,
    /// Whether an earlier run did it.
    pub before: bool,
}

/// What was found in a shard.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Rows read.
    pub read: u64,
    /// Rows written; of a shard that is only looked at, those that would be.
    pub written: u64,
    /// What they were.
    pub counts: Counts,
}

/// A run that can be trusted, of which nothing has taken its place yet.
#[must_use = "nothing has taken its place yet"]
pub struct Done {
    /// What was found of each shard, in their order.
    pub looked: Vec<Looked>,
    waiting: Vec<Waiting>,
    journal: Option<Mutex<Journal>>,
    /// The names of the shards.
    names: Vec<String>,
    targets: Vec<PathBuf>,
}

impl Done {
    /// Puts what was written in its place; gives what was found of each shard.
    ///
    /// # Errors
    /// The system says no. What is in its place by then is whole.
    pub fn place(self) -> Result<Vec<Looked>, RunError> {
        let mut noted = Vec::new();
        for (at, waiting) in self.waiting.into_iter().enumerate() {
            match waiting {
                Waiting::Nothing => {}
                Waiting::Noted => noted.push((self.names[at].as_str(), self.targets[at].as_path())),
                Waiting::File(output) => output.finish()?,
                Waiting::Folder(output) => output.finish()?,
            }
        }
        if let Some(journal) = self.journal {
            let journal = journal.into_inner();
            journal
                .map_err(|_| DatasetError::Bug("a thread that wrote the journal ended as a bug"))?
                .finish(noted)?;
        }
        Ok(self.looked)
    }
}

impl Run<'_> {
    /// Looks at all shards, in any order. What is written of them waits until [`Done::place`] puts it in its place, but for
    /// what goes down a stream.
    ///
    /// # Errors
    /// See [`RunError`]. In a folder, shards that were done by then wait for the next run, which goes on behind them.
    pub fn run(&self, watch: &dyn Watch) -> Result<Done, RunError> {
        let (folder, targets) = match &self.place {
            Place::Folder(out) => {
                let Targets { folder, each } = self.shards.targets(out)?;
                alone(&folder, &each)?;
                (Some(folder), each)
            }
            Place::File(out) => {
                let real = out.canonicalize().ok();
                let inputs =
                    self.shards.shards.iter().filter_map(|shard| shard.path.as_ref()?.canonicalize().ok());
                if real.is_some_and(|real| inputs.into_iter().any(|input| input == real)) {
                    let what = format!("the output `{}` is an input", out.display());
                    return Err(DatasetError::Unsupported(what).into());
                }
                (None, vec![out.clone()])
            }
            Place::None | Place::Stream => (None, Vec::new()),
        };
        // A folder of files is written whole, and has no room for a journal.
        let journal = match folder.filter(|folder| !targets.contains(folder)) {
            Some(folder) => Some(Mutex::new(Journal::open(&folder, &self.digest)?)),
            None => {
                targets.iter().for_each(|target| sweep_beside(target));
                None
            }
        };
        let (looked, waiting): (Vec<_>, Vec<_>) =
            self.each(&targets, journal.as_ref(), watch)?.into_iter().unzip();
        self.trusted(&looked)?;
        let names = self.shards.shards.iter().map(|shard| shard.name.clone()).collect();
        Ok(Done { looked, waiting, journal, names, targets })
    }

    fn each(
        &self,
        targets: &[PathBuf],
        journal: Option<&Mutex<Journal>>,
        watch: &dyn Watch,
    ) -> Result<Vec<Shown>, RunError> {
        let shards = &self.shards.shards;
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let results: Mutex<Vec<Option<Result<Shown, RunError>>>> =
            Mutex::new(shards.iter().map(|_| None).collect());
        let watch = Stopping { watch, failed: &failed };
        std::thread::scope(|scope| {
            for _ in 0..self.threads.clamp(1, shards.len().max(1)) {
                scope.spawn(|| {
                    while !failed.load(Ordering::Relaxed) {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(shard) = shards.get(at) else { break };
                        let done = self.shard(shard, targets.get(at).map(PathBuf::as_path), journal, &watch);
                        failed.fetch_or(done.is_err(), Ordering::Relaxed);
                        if let Ok(mut results) = results.lock() {
                            results[at] = Some(done);
                        }
                    }
                });
            }
        });
        let results = results.into_inner().map_err(|_| DatasetError::Bug("a thread ended as a bug"))?;
        let is_why =
            |error: &RunError| !matches!(error, RunError::Shard { source: DatasetError::Interrupted, .. });
        let (mut looked, mut errors) = (Vec::new(), Vec::new());
        for result in results.into_iter().flatten() {
            match result {
                Ok(shard) => looked.push(shard),
                Err(error) => errors.push(error),
            }
        }
        // What the others were stopped by is what went wrong.
        errors.sort_by_key(|error| !is_why(error));
        match errors.into_iter().next() {
            Some(error) => Err(error),
            None if looked.len() == shards.len() => Ok(looked),
            None => Err(DatasetError::Bug("not all shards were looked at").into()),
        }
    }

    fn shard(
        &self,
        shard: &Shard,
        target: Option<&Path>,
        journal: Option<&Mutex<Journal>>,
        watch: &dyn Watch,
    ) -> Result<Shown, RunError> {
        let mut judge = RowJudge::new(self.rules);
        let failed = |judge: &RowJudge<'_, '_>, source| {
            let why = matches!(source, DatasetError::Stopped { .. }).then(|| judge.why()).flatten();
            RunError::Shard { shard: shard.shown(), source, why }
        };
        let done = self.look(shard, target, journal, watch, &mut judge);
        done.map_err(|source| failed(&judge, source))
    }

    /// Whether the run as a whole can be trusted.
    fn trusted(&self, looked: &[Looked]) -> Result<(), RunError> {
        let counts = total(looked);
        // Of one that is only looked at, whoever asked says so.
        if self.place != Place::None && counts.rows == 0 {
            return Err(RunError::NoRow);
        }
        for (at, column) in self.rules.columns.iter().enumerate() {
            let is_key = super::key::kind(column.meaning).is_some()
                || matches!(column.meaning, crate::dataset::Meaning::Commit);
            // Where another column excluded every row, nothing is known of this one.
            let asked = counts.asked.get(at).copied().unwrap_or(0);
            if is_key && asked > 0 && counts.matched.get(at) == Some(&0) {
                return Err(RunError::Nothing { column: column.name.clone(), rows: asked });
            }
        }
        if let Some(column) = self.rules.unmatched(&counts) {
            return Err(RunError::Nothing { column: column.name.clone(), rows: counts.looked });
        }
        let (all, found) = (self.rules.canaries.len(), counts.canaries.len());
        if found < all {
            return Err(RunError::Canaries { missed: all - found, all });
        }
        Ok(())
    }
}

/// What was found in all shards together.
#[must_use]
pub fn total(looked: &[Looked]) -> Counts {
    let mut counts = Counts::default();
    for shard in looked {
        counts.add(&shard.found.counts);
    }
    counts
}

/// Whether nothing lies where a run writes that could pass for a shard of its.
fn alone(out: &Path, targets: &[PathBuf]) -> Result<(), DatasetError> {
    let others = strangers(out, targets)?;
    match others.iter().find(|path| shards::may_be_shard(path)) {
        None => Ok(()),
        Some(other) => {
            let (other, out) = (other.display(), out.display());
            Err(DatasetError::Unsupported(format!(
                "`{other}` lies in `{out}`, and is not of this run: write to a folder of its own"
            )))
        }
    }
}

/// Somebody else's watch, until a shard fails.
struct Stopping<'w> {
    watch: &'w dyn Watch,
    failed: &'w AtomicBool,
}

impl Watch for Stopping<'_> {
    fn advance(&self, bytes: u64, rows: u64) {
        self.watch.advance(bytes, rows);
    }

    fn interrupted(&self) -> bool {
        self.failed.load(Ordering::Relaxed) || self.watch.interrupted()
    }
}
