//! What the rows of manifests say, as records to be sorted.
//!
//! Decides which rows say what of which key. Must not decide whether rows are sound: they are when they come here.

use std::io;
use std::path::Path;

use super::names;
use super::sort::Sorter;
use super::standing::Standing;
use super::table::{KEY, Key};
use super::{HashKind, Paths, STANDING, Wanted, short};
use crate::manifest::coverage::{CoverageRow, ObjectCoverage, PathCoverage};
use crate::manifest::entry::{Entry, EntryUnit};
use crate::manifest::path;
use crate::policy::Purposes;
use crate::repo::ObjectId;

/// A line's number takes seven bytes: none is larger than 2^53.
const NUMBER: usize = 7;
/// A range of lines: key, first and last line, purposes.
pub(super) const RANGE: usize = KEY + 2 * NUMBER + 1;

/// Records of keys and what is said of them.
pub(super) type Standings<'c> = Sorter<'c, STANDING, 2>;

/// Takes rows.
pub(super) struct Collector<'c> {
    wanted: &'c Wanted,
    /// The purposes that the manifest being read has decided.
    decided: Purposes,
    /// Whose history it covers; its refs come first.
    history: History,
    /// By each kind of hash.
    pub(super) blobs: [Standings<'c>; HashKind::ALL.len()],
    pub(super) commits: Standings<'c>,
    pub(super) names: Standings<'c>,
    pub(super) ranges: Sorter<'c, RANGE, 1>,
}

impl<'c> Collector<'c> {
    /// Nothing so far; what does not fit into memory goes to the disk that `folder` is on.
    pub(super) fn new(wanted: &'c Wanted, folder: &'c Path) -> Self {
        Self {
            wanted,
            decided: Purposes::NONE,
            history: History::Unknown,
            blobs: HashKind::ALL.map(|_| Sorter::new(folder)),
            commits: Sorter::new(folder),
            names: Sorter::new(folder),
            ranges: Sorter::new(folder),
        }
    }

    /// The rows of a manifest that has decided these purposes follow.
    pub(super) fn begin(&mut self, decided: Purposes) {
        (self.decided, self.history) = (decided, History::Unknown);
    }

    /// Takes a row of what is excluded.
    pub(super) fn entry(&mut self, row: &Entry) -> io::Result<()> {
        let standing = match row.unit {
            EntryUnit::Lines => Standing::lines(row.purposes),
            _ => Standing::whole(row.purposes),
        };
        match row.unit {
            EntryUnit::Blob | EntryUnit::Lines => {
                self.blob(row.git_sha1, row.sha1, row.sha256, standing)?;
            }
            EntryUnit::Commit => self.commit(row.git_sha1, standing)?,
            EntryUnit::Tag | EntryUnit::Path | EntryUnit::Repo => {}
        }
        if self.wanted.lines
            && let (Some(id), Some(first), Some(last)) = (row.git_sha1, row.line_start, row.line_end)
        {
            self.ranges.push(range(&short(id.as_bytes()), first, last, row.purposes))?;
        }
        if !self.wanted.names {
            return Ok(());
        }
        let decoded = |name: &Option<_>| name.as_deref().and_then(path::decode).map(Vec::from);
        match (row.unit, decoded(&row.repo), decoded(&row.path)) {
            (EntryUnit::Repo, Some(repo), _) => self.names.push(record(names::repo(&repo), standing)),
            (EntryUnit::Path, Some(repo), Some(path)) => {
                self.names.push(record(names::path(&repo, &path), standing))
            }
            (EntryUnit::Blob | EntryUnit::Lines, Some(repo), Some(path)) => {
                // Of this version alone: other versions at the same path may be clear.
                let some = Standing::lines(row.purposes);
                self.names.push(record(names::path(&repo, &path), some))
            }
            _ => Ok(()),
        }
    }

    /// Takes a row of what was looked at.
    pub(super) fn coverage(&mut self, row: &CoverageRow) -> io::Result<()> {
        let covered = Standing::covered(self.decided);
        match row {
            CoverageRow::Blob(ObjectCoverage { git_sha1, sha1, sha256, .. }) => {
                self.blob(*git_sha1, *sha1, *sha256, covered)
            }
            CoverageRow::Commit(commit) => {
                if let (History::Of(repo), Some(id), true) =
                    (&self.history, commit.git_sha1, self.wanted.commits)
                {
                    self.names.push(record(names::commit(repo, id.as_bytes()), covered))?;
                }
                self.commit(commit.git_sha1, covered)
            }
            CoverageRow::Tag(_) => Ok(()),
            CoverageRow::Path(row) => self.path(row, covered),
            CoverageRow::Ref(tip) => {
                let repo = tip.repo.as_deref().and_then(path::decode).map(Vec::from);
                let repo = repo.filter(|_| self.wanted.names && tip.incomplete.is_none());
                self.history.and(repo.clone().filter(|_| tip.history));
                match repo {
                    Some(repo) => self.names.push(record(names::tip(&repo, tip.tip.as_bytes()), covered)),
                    None => Ok(()),
                }
            }
        }
    }

    fn path(&mut self, row: &PathCoverage, covered: Standing) -> io::Result<()> {
        if !self.wanted.names || self.wanted.paths == Paths::None {
            return Ok(());
        }
        let (Some(repo), Some(path)) = (path::decode(&row.repo), path::decode(&row.path)) else {
            return Ok(());
        };
        if row.incomplete.is_some() {
            return self
                .names
                .push(record(names::not_followed(&repo, &path), Standing::whole(Purposes::ALL)));
        }
        let whole = matches!(&self.history, History::Of(known) if known[..] == *repo);
        match self.wanted.paths {
            Paths::Histories if !whole => Ok(()),
            _ => self.names.push(record(names::path(&repo, &path), covered)),
        }
    }

    fn blob(
        &mut self,
        git_sha1: Option<ObjectId>,
        sha1: Option<[u8; 20]>,
        sha256: Option<[u8; 32]>,
        standing: Standing,
    ) -> io::Result<()> {
        for &kind in &self.wanted.hashes {
            let key = match kind {
                HashKind::GitSha1 => git_sha1.map(|id| short(id.as_bytes())),
                HashKind::Sha1 => sha1.map(|hash| short(&hash)),
                HashKind::Sha256 => sha256.map(|hash| short(&hash)),
            };
            if let Some(key) = key {
                self.blobs[kind as usize].push(record(key, standing))?;
            }
        }
        Ok(())
    }

    fn commit(&mut self, id: Option<ObjectId>, standing: Standing) -> io::Result<()> {
        match id {
            Some(id) if self.wanted.commits => self.commits.push(record(short(id.as_bytes()), standing)),
            _ => Ok(()),
        }
    }
}

/// Whose history a manifest covers.
enum History {
    /// No ref was seen yet.
    Unknown,
    /// That of this repository: every ref is of it, and was read completely, with its history.
    Of(Vec<u8>),
    /// Not all that is in it, or that of several, so that a commit does not tell whose it is.
    Mixed,
}

impl History {
    /// One more ref, of this repository, if its history is covered.
    fn and(&mut self, repo: Option<Vec<u8>>) {
        *self = match (std::mem::replace(self, Self::Mixed), repo) {
            (Self::Unknown, Some(repo)) => Self::Of(repo),
            (Self::Of(known), Some(repo)) if known == repo => Self::Of(repo),
            _ => Self::Mixed,
        };
    }
}

fn record(key: Key, standing: Standing) -> [u8; STANDING] {
    let mut record = [0; STANDING];
    record[..KEY].copy_from_slice(&key);
    record[KEY..].copy_from_slice(&standing.pack());
    record
}

fn range(key: &Key, first: u64, last: u64, purposes: Purposes) -> [u8; RANGE] {
    let mut record = [0; RANGE];
    record[..KEY].copy_from_slice(key);
    for (number, at) in [(first, KEY), (last, KEY + NUMBER)] {
        record[at..at + NUMBER].copy_from_slice(&number.to_be_bytes()[8 - NUMBER..]);
    }
    record[RANGE - 1] = purposes.bits();
    record
}

/// The lines of a range, and the purposes for which they are excluded.
pub(super) fn lines_of(record: &[u8; RANGE]) -> (std::ops::RangeInclusive<u64>, Purposes) {
    let number = |at: usize| {
        let mut bytes = [0; 8];
        bytes[8 - NUMBER..].copy_from_slice(&record[at..at + NUMBER]);
        u64::from_be_bytes(bytes)
    };
    (number(KEY)..=number(KEY + NUMBER), Purposes::from_bits(record[RANGE - 1]))
}
