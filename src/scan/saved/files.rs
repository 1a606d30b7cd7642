//! Attributed files, as they are kept.
//!
//! Decides when an attribution can be used again: for the same version of a file, brought by the same commit,
//! its bytes having appeared first in the same places, and lines being followed in the same way.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use bitcode::{Decode, Encode};
use foldhash::fast::RandomState;

use crate::attribution::change_index::PathNo;
use crate::attribution::history::CommitNo;
use crate::attribution::saved::{ends_at, range, starts};
use crate::manifest::Hashes;
use crate::repo::ObjectId;
use crate::scan::known::{Known, Piece};
use crate::scan::lfs::Pointer;

/// The columns that are written.
#[derive(Debug, Default, Encode, Decode)]
pub struct FileColumns {
    /// How lines were followed.
    options: String,
    /// The commits that were looked through, in order.
    looked_through: Vec<CommitNo>,
    paths: Vec<PathNo>,
    introduced: Vec<CommitNo>,
    lines: Vec<u32>,
    git_sha1: Vec<[u8; 20]>,
    sha1: Vec<[u8; 20]>,
    sha256: Vec<[u8; 32]>,
    sizes: Vec<u64>,
    lfs: Vec<Option<([u8; 32], u64)>>,
    first_counts: Vec<u32>,
    first: Vec<(CommitNo, PathNo)>,
    change_counts: Vec<u32>,
    changes: Vec<(CommitNo, PathNo)>,
    piece_counts: Vec<u32>,
    piece_lines: Vec<u32>,
    piece_lengths: Vec<u32>,
    piece_starts: Vec<u32>,
    piece_sizes: Vec<u32>,
    piece_commits: Vec<CommitNo>,
    piece_paths: Vec<PathNo>,
}

impl FileColumns {
    /// How many files there are.
    #[must_use]
    pub(in crate::scan) fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether they speak of so many commits and paths only.
    pub(super) fn fit(&self, commits: usize, paths: usize) -> bool {
        let places = self.first.iter().chain(&self.changes);
        let all_commits =
            self.introduced.iter().chain(&self.piece_commits).chain(places.clone().map(|(commit, _)| commit));
        let all_paths = self.paths.iter().chain(&self.piece_paths).chain(places.map(|(_, path)| path));
        all_commits.into_iter().all(|commit| (*commit as usize) < commits)
            && all_paths.into_iter().all(|path| (*path as usize) < paths)
    }

    /// Files whose lines were followed with these options and through these commits, each at its path.
    pub(in crate::scan) fn of<'k>(
        options: String,
        looked_through: Vec<CommitNo>,
        files: impl Iterator<Item = (PathNo, &'k Known)>,
    ) -> Self {
        let mut columns = Self { options, looked_through, ..Self::default() };
        for (path, known) in files {
            columns.paths.push(path);
            columns.introduced.push(known.introduced);
            columns.lines.push(known.lines);
            columns.git_sha1.push(*known.hashes.git_sha1.as_bytes());
            columns.sha1.push(known.hashes.sha1);
            columns.sha256.push(known.hashes.sha256);
            columns.sizes.push(known.hashes.size);
            columns.lfs.push(known.lfs.map(|pointer| (pointer.sha256, pointer.size)));
            columns.first_counts.push(known.first.len() as u32);
            columns.first.extend_from_slice(&known.first);
            columns.change_counts.push(known.changes.len() as u32);
            columns.changes.extend_from_slice(&known.changes);
            columns.piece_counts.push(known.pieces.len() as u32);
            for piece in &known.pieces {
                columns.piece_lines.push(piece.line);
                columns.piece_lengths.push(piece.len);
                columns.piece_starts.push(piece.start);
                columns.piece_sizes.push(piece.end - piece.start);
                columns.piece_commits.push(piece.commit);
                columns.piece_paths.push(piece.path);
            }
        }
        columns
    }
}

/// The files that were kept, ready to be asked.
#[derive(Debug, Default)]
pub struct SavedFiles<'s> {
    columns: Option<&'s FileColumns>,
    /// By path and the commit that introduced the version.
    files: HashMap<(PathNo, CommitNo), usize, RandomState>,
    firsts: Vec<u32>,
    changes: Vec<u32>,
    pieces: Vec<u32>,
    /// How many were asked for and found.
    found: AtomicUsize,
}

impl<'s> SavedFiles<'s> {
    /// The files kept, if their lines were followed with the same options and through the same commits, as far as
    /// there were those when `commits` were known; none if they do not hold together.
    #[must_use]
    pub fn new(columns: &'s FileColumns, options: &str, looked_through: &[CommitNo], commits: usize) -> Self {
        let then = looked_through.iter().filter(|commit| (**commit as usize) < commits);
        if columns.options != options || !then.eq(&columns.looked_through) {
            return Self::default();
        }
        Self::checked(columns).unwrap_or_default()
    }

    fn checked(columns: &'s FileColumns) -> Option<Self> {
        let count = columns.paths.len();
        let firsts = starts(&columns.first_counts)?;
        let changes = starts(&columns.change_counts)?;
        let pieces = starts(&columns.piece_counts)?;
        let lengths = [
            columns.introduced.len(),
            columns.lines.len(),
            columns.git_sha1.len(),
            columns.sha1.len(),
            columns.sha256.len(),
            columns.sizes.len(),
            columns.lfs.len(),
            columns.first_counts.len(),
            columns.change_counts.len(),
            columns.piece_counts.len(),
        ];
        let piece_lengths = [
            columns.piece_lines.len(),
            columns.piece_lengths.len(),
            columns.piece_starts.len(),
            columns.piece_sizes.len(),
            columns.piece_commits.len(),
            columns.piece_paths.len(),
        ];
        let sound = lengths.iter().all(|length| *length == count)
            && ends_at(&firsts, columns.first.len())
            && ends_at(&changes, columns.changes.len())
            && piece_lengths.iter().all(|length| ends_at(&pieces, *length));
        if !sound {
            return None;
        }
        let keys = columns.paths.iter().copied().zip(columns.introduced.iter().copied());
        let files = keys.zip(0..).collect();
        Some(Self { columns: Some(columns), files, firsts, changes, pieces, ..Self::default() })
    }

    /// Whether all of `files` files, and no others, were kept and have been asked for.
    #[must_use]
    pub(in crate::scan) fn served(&self, files: usize) -> bool {
        self.files.len() == files && self.found.load(Ordering::Relaxed) == files
    }

    /// What is known of the version that `introduced` brought to `path`, whose bytes appeared first at `first`.
    #[must_use]
    pub fn find(&self, path: PathNo, introduced: CommitNo, first: &[(CommitNo, PathNo)]) -> Option<Known> {
        let columns = self.columns?;
        let at = *self.files.get(&(path, introduced))?;
        if columns.first[range(&self.firsts, at)] != *first {
            return None;
        }
        let pieces = range(&self.pieces, at).map(|at| {
            let start = columns.piece_starts[at];
            Piece {
                line: columns.piece_lines[at],
                len: columns.piece_lengths[at],
                start,
                end: start.wrapping_add(columns.piece_sizes[at]),
                commit: columns.piece_commits[at],
                path: columns.piece_paths[at],
            }
        });
        let known = Known {
            introduced,
            first: first.to_vec(),
            lines: columns.lines[at],
            pieces: pieces.collect(),
            changes: columns.changes[range(&self.changes, at)].to_vec(),
            hashes: Hashes {
                git_sha1: ObjectId::from_bytes(columns.git_sha1[at]),
                sha1: columns.sha1[at],
                sha256: columns.sha256[at],
                size: columns.sizes[at],
            },
            lfs: columns.lfs[at].map(|(sha256, size)| Pointer { sha256, size }),
        };
        self.found.fetch_add(1, Ordering::Relaxed);
        Some(known)
    }
}
