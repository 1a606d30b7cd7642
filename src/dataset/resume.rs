//! The journal of a run, by which a later one goes on where it ended.
//!
//! Decides which shards are done: those that this very run (same digest of all that decides the outcome) wrote from an input
//! that has not changed since, and whose output, hashed again, is still what was written. The input is not hashed: that would
//! take as long as reading it; its length and the times at which it changed tell.
//!
//! Until all shards are done, and somebody trusts the run as a whole, they wait in a folder of their own, hidden in the one
//! that is written to. So nobody takes a part for the whole. A complete run leaves neither that nor a journal.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::DatasetError;
use super::output::{Written, make_folder, parent, sweep, sync_folder};
use super::shards::io as cannot;

#[cfg(test)]
mod tests;

/// The name of the journal, in the folder that is written to.
pub const JOURNAL: &str = ".withhold-journal.jsonl";

/// The name of the folder, in that which is written to, in which shards are that are done before all are.
pub const UNFINISHED: &str = ".withhold-unfinished";

/// It may be so long.
const LONGEST: u64 = 1 << 30;

/// By what it is told whether a file has changed.
///
/// A change is missed that leaves the length and both times as they were: one within the same tick of the file system's
/// clock (some milliseconds on Linux, up to two seconds elsewhere), one through a mapping of the file into memory that the
/// system has not noted yet, or one by somebody who sets the machine's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// How many bytes.
    pub length: u64,
    /// When its content was last written, in nanoseconds since 1970.
    pub modified: i128,
    /// When it was last changed in any way, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<i128>,
}

impl Stamp {
    /// The stamp of a file, to be taken before it is read.
    ///
    /// # Errors
    /// It cannot be looked at.
    pub fn of(path: &Path) -> Result<Self, DatasetError> {
        let there = fs::metadata(path).map_err(cannot("look at", path))?;
        let modified = there.modified().map_err(cannot("look at", path))?;
        let modified = match modified.duration_since(std::time::UNIX_EPOCH) {
            Ok(after) => after.as_nanos().cast_signed(),
            Err(before) => -before.duration().as_nanos().cast_signed(),
        };
        #[cfg(unix)]
        let changed = {
            use std::os::unix::fs::MetadataExt;
            Some(i128::from(there.ctime()) * 1_000_000_000 + i128::from(there.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let changed = None;
        Ok(Self { length: there.len(), modified, changed })
    }

    /// Nothing has happened to the file since: to be asked once it is read, before what is written of it takes its place.
    ///
    /// # Errors
    /// Something has; or it cannot be looked at.
    pub fn still(&self, path: &Path) -> Result<(), DatasetError> {
        if Self::of(path)? == *self {
            return Ok(());
        }
        let why = format!("`{}` changed while it was read", path.display());
        Err(DatasetError::Malformed { row: None, why })
    }
}

/// A shard that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Its name.
    pub name: String,
    /// Its input, as it was before it was read.
    pub input: Stamp,
    /// Its output.
    pub output: Written,
    /// Whatever the caller counts.
    pub counts: serde_json::Value,
}

/// The first line.
#[derive(Serialize, Deserialize, PartialEq)]
struct Head {
    /// The version of the journal.
    journal: u32,
    /// The digest of all that decides the outcome.
    run: String,
}

/// The journal of a run. While it is open no other run can write to the folder (where the system has locks).
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    done: BTreeMap<String, Done>,
}

impl Journal {
    /// Opens the journal of a folder, which comes into being if it is not there. `run` is a digest of all that decides the
    /// outcome; what runs with another one did counts for nothing. Removes what killed runs left unfinished.
    ///
    /// # Errors
    /// Another run writes there, or the system refuses.
    pub fn open(folder: &Path, run: &str) -> Result<Self, DatasetError> {
        make_folder(folder)?;
        let path = folder.join(JOURNAL);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(cannot("open", &path))?;
        lock(&file, &path)?;
        sweep(folder)?;
        let mut text = Vec::new();
        (&mut file).take(LONGEST).read_to_end(&mut text).map_err(cannot("read", &path))?;
        let head = Head { journal: 1, run: run.to_owned() };
        let (done, good) = parse(&text, &head);
        let mut new = Self { file, path, done };
        new.file.set_len(good).map_err(cannot("write", &new.path))?;
        new.file.seek(SeekFrom::Start(good)).map_err(cannot("write", &new.path))?;
        if good == 0 {
            // What another run left.
            new.forget()?;
            new.append(&head)?;
        }
        sync_folder(folder)?;
        Ok(new)
    }

    /// What was noted of a shard, if it is done: if neither its input nor its output has changed since.
    ///
    /// # Errors
    /// The input cannot be looked at. An output that cannot be read is not done.
    pub fn done(&self, name: &str, input: &Path, target: &Path) -> Result<Option<&Done>, DatasetError> {
        let stamp = Stamp::of(input)?;
        let Some(done) = self.done.get(name).filter(|done| done.input == stamp) else { return Ok(None) };
        // A run that was killed at its very end has put some in their places already.
        Ok((self.is_at(name, &self.waits(name)) || self.is_at(name, target)).then_some(done))
    }

    /// Whether the output that was noted of a shard is there.
    fn is_at(&self, name: &str, place: &Path) -> bool {
        let regular = fs::symlink_metadata(place).is_ok_and(|there| there.is_file());
        let noted = self.done.get(name).map(|done| &done.output);
        regular && Written::of(place).is_ok_and(|written| Some(&written) == noted)
    }

    /// Where a shard is to be written, and waits until all are done.
    #[must_use]
    pub fn waits(&self, name: &str) -> PathBuf {
        self.unfinished().join(name)
    }

    fn unfinished(&self) -> PathBuf {
        self.path.with_file_name(UNFINISHED)
    }

    /// Notes that a shard is done, once its output is in its place.
    ///
    /// # Errors
    /// The input has changed since its stamp was taken; or the journal cannot be written.
    pub fn note(&mut self, input: &Path, done: Done) -> Result<(), DatasetError> {
        done.input.still(input)?;
        self.append(&done)?;
        self.done.insert(done.name.clone(), done);
        Ok(())
    }

    /// Ends the run: these shards, by name, are put in their places, and the journal goes.
    ///
    /// # Errors
    /// The system refuses. The next run goes on with what is missing.
    pub fn finish<'s>(
        self,
        shards: impl IntoIterator<Item = (&'s str, &'s Path)>,
    ) -> Result<(), DatasetError> {
        let mut folders = BTreeSet::new();
        for (name, target) in shards {
            make_folder(parent(target))?;
            match fs::rename(self.waits(name), target) {
                Err(error) if error.kind() == ErrorKind::NotFound && self.is_at(name, target) => {}
                done => done.map_err(cannot("put in its place", target))?,
            }
            folders.insert(parent(target));
        }
        folders.into_iter().try_for_each(sync_folder)?;
        self.forget()?;
        fs::remove_file(&self.path).map_err(cannot("remove", &self.path))?;
        self.path.parent().map_or(Ok(()), sync_folder)
    }

    fn forget(&self) -> Result<(), DatasetError> {
        let unfinished = self.unfinished();
        match fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(cannot("remove", &unfinished)(error)),
            _ => Ok(()),
        }
    }

    fn append(&mut self, line: &impl Serialize) -> Result<(), DatasetError> {
        let mut text =
            serde_json::to_vec(line).map_err(|_| DatasetError::Bug("a journal cannot be written"))?;
        text.push(b'\n');
        self.file.write_all(&text).and_then(|()| self.file.sync_data()).map_err(cannot("write", &self.path))
    }
}

/// What the journal of such a run says, and how much of it is good: what follows was cut off or damaged, and is done again.
fn parse(text: &[u8], head: &Head) -> (BTreeMap<String, Done>, u64) {
    let mut done = BTreeMap::new();
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let Some(first) =
        lines.next().filter(|first| serde_json::from_slice(first).is_ok_and(|first: Head| first == *head))
    else {
        return (done, 0);
    };
    let mut good = first.len();
    for line in lines {
        let Ok(shard) = serde_json::from_slice::<Done>(line) else { break };
        done.insert(shard.name.clone(), shard);
        good += line.len();
    }
    (done, good as u64)
}

#[cfg(unix)]
fn lock(file: &File, path: &Path) -> Result<(), DatasetError> {
    use rustix::fs::{FlockOperation, flock};
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        // The run that held the lock may have ended, and the journal with it.
        Ok(()) if same(file, path) => Ok(()),
        Ok(()) => Err(taken(path)),
        Err(error) if std::io::Error::from(error).kind() == std::io::ErrorKind::WouldBlock => {
            Err(taken(path))
        }
        Err(error) => Err(cannot("lock", path)(error.into())),
    }
}

/// Whether what was opened is what stands there now.
#[cfg(unix)]
pub(super) fn same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let both = (file.metadata(), fs::symlink_metadata(path));
    matches!(both, (Ok(one), Ok(other)) if (one.dev(), one.ino()) == (other.dev(), other.ino()))
}

#[cfg(unix)]
fn taken(path: &Path) -> DatasetError {
    let folder = path.parent().unwrap_or(path).display();
    DatasetError::Unsupported(format!("another run is writing to `{folder}`"))
}

#[cfg(not(unix))]
fn lock(_: &File, _: &Path) -> Result<(), DatasetError> {
    Ok(())
}
