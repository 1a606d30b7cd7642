//! Attributed files, as they are kept.
//!
//! Decides when an attribution can be used again: for the same version of a file, brought by the same commit,
//! its bytes having appeared first in the same places, and lines being followed in the same way.

use std::collections::HashMap;

use bitcode::{Decode, Encode};
use foldhash::fast::RandomState;

use super::pieces;
use crate::attribution::change_index::PathNo;
use crate::attribution::history::CommitNo;
use crate::attribution::saved::{Extent, ends_at, range, starts};
use crate::manifest::Hashes;
use crate::repo::ObjectId;
use crate::scan::known::{Known, Piece};
use crate::scan::lfs::Pointer;

/// A version of a file: its path, and the commit that brought it there.
pub(in crate::scan) type FileVersion = (PathNo, CommitNo);

/// The columns that are written.
#[derive(Debug, Clone, Default, Encode, Decode)]
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
    /// How many bytes the pieces of each file have.
    piece_lengths: Vec<u32>,
    /// The pieces, packed.
    pieces: Vec<u8>,
}

impl FileColumns {
    /// How many files there are.
    #[must_use]
    pub(in crate::scan) fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether they speak of so many commits and paths only; their pieces are held against that when they are
    /// unpacked.
    pub(super) fn fit(&self, extent: Extent) -> bool {
        let places = self.first.iter().chain(&self.changes);
        let all_commits = self.introduced.iter().chain(places.clone().map(|(commit, _)| commit));
        let all_paths = self.paths.iter().chain(places.map(|(_, path)| path));
        all_commits.into_iter().all(|commit| (*commit as usize) < extent.commits)
            && all_paths.into_iter().all(|path| (*path as usize) < extent.paths)
    }

    /// Adds files attributed since; these, attributed when so many commits were known, go if lines were followed
    /// otherwise then.
    pub(in crate::scan) fn extend(&mut self, more: Self, commits: usize) {
        if !self.like(&more.options, &more.looked_through, commits) {
            *self = more;
            return;
        }
        self.looked_through = more.looked_through;
        self.paths.extend(more.paths);
        self.introduced.extend(more.introduced);
        self.lines.extend(more.lines);
        self.git_sha1.extend(more.git_sha1);
        self.sha1.extend(more.sha1);
        self.sha256.extend(more.sha256);
        self.sizes.extend(more.sizes);
        self.lfs.extend(more.lfs);
        self.first_counts.extend(more.first_counts);
        self.first.extend(more.first);
        self.change_counts.extend(more.change_counts);
        self.changes.extend(more.changes);
        self.piece_lengths.extend(more.piece_lengths);
        self.pieces.extend(more.pieces);
    }

    /// Those of the files that are wanted, of each version the one attributed last.
    pub(super) fn only(&self, wanted: impl Fn(FileVersion) -> bool) -> Self {
        let (options, looked_through) = (self.options.clone(), self.looked_through.clone());
        let all = Extent { commits: usize::MAX, paths: usize::MAX, ..Extent::default() };
        let Some(files) = Layer::new(self, all) else { return Self::default() };
        let mut keys: Vec<_> = files.files.iter().filter(|(key, _)| wanted(**key)).collect();
        keys.sort_unstable();
        let mut only = Self::new(options, looked_through);
        for (key, at) in keys {
            files.known(*at, *key).iter().for_each(|known| only.push(key.0, known));
        }
        only
    }

    /// Whether lines were followed so, and through these commits as far as there were those when `commits` were
    /// known.
    fn like(&self, options: &str, looked_through: &[CommitNo], commits: usize) -> bool {
        let then = looked_through.iter().filter(|commit| (**commit as usize) < commits);
        self.options == options && then.eq(&self.looked_through)
    }

    /// For files whose lines were followed with these options and through these commits.
    pub(in crate::scan) fn new(options: String, looked_through: Vec<CommitNo>) -> Self {
        Self { options, looked_through, ..Self::default() }
    }

    /// How many bytes the pieces of all files have.
    #[must_use]
    pub(in crate::scan) fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// Adds the file at a path.
    pub(in crate::scan) fn push(&mut self, path: PathNo, known: &Known) {
        self.paths.push(path);
        self.introduced.push(known.introduced);
        self.lines.push(known.lines);
        self.git_sha1.push(*known.hashes.git_sha1.as_bytes());
        self.sha1.push(known.hashes.sha1);
        self.sha256.push(known.hashes.sha256);
        self.sizes.push(known.hashes.size);
        self.lfs.push(known.lfs.map(|pointer| (pointer.sha256, pointer.size)));
        self.first_counts.push(known.first.len() as u32);
        self.first.extend_from_slice(&known.first);
        self.change_counts.push(known.changes.len() as u32);
        self.changes.extend_from_slice(&known.changes);
        let before = self.pieces.len();
        pieces::pack(&known.pieces, path, &mut self.pieces);
        self.piece_lengths.push((self.pieces.len() - before) as u32);
    }
}

/// The files that were kept, ready to be asked.
#[derive(Debug, Default)]
pub struct SavedFiles<'s> {
    /// Those kept last come first.
    layers: Vec<Layer<'s>>,
}

/// Files that were kept together.
#[derive(Debug)]
struct Layer<'s> {
    columns: &'s FileColumns,
    /// Commits and paths that they can speak of.
    extent: Extent,
    files: HashMap<FileVersion, usize, RandomState>,
    firsts: Vec<u32>,
    changes: Vec<u32>,
    pieces: Vec<u32>,
}

impl<'s> SavedFiles<'s> {
    /// The files kept, if their lines were followed with the same options and through the same commits, as far as
    /// there were those when so many commits were known, and if they hold together. Of those kept together and those
    /// kept since, the latter count.
    #[must_use]
    pub fn new(kept: [(&'s FileColumns, Extent); 2], options: &str, looked_through: &[CommitNo]) -> Self {
        let fits = |(columns, extent): &(&FileColumns, Extent)| {
            columns.like(options, looked_through, extent.commits)
        };
        let layers = kept.into_iter().filter(fits);
        Self { layers: layers.filter_map(|(columns, extent)| Layer::new(columns, extent)).rev().collect() }
    }

    /// How many bytes the pieces of the files have.
    #[must_use]
    pub(in crate::scan) fn pieces(&self) -> usize {
        self.layers.iter().map(|layer| layer.columns.pieces()).sum()
    }

    /// What is known of the version that `introduced` brought to `path`, whose bytes appeared first at `first`.
    #[must_use]
    pub fn find(&self, path: PathNo, introduced: CommitNo, first: &[(CommitNo, PathNo)]) -> Option<Known> {
        let found = |layer: &Layer<'_>| {
            let at = *layer.files.get(&(path, introduced))?;
            if layer.appeared(at, first) { layer.known(at, (path, introduced)) } else { None }
        };
        self.layers.iter().find_map(found)
    }
}

impl<'s> Layer<'s> {
    fn new(columns: &'s FileColumns, extent: Extent) -> Option<Self> {
        let count = columns.paths.len();
        let firsts = starts(&columns.first_counts)?;
        let changes = starts(&columns.change_counts)?;
        let pieces = starts(&columns.piece_lengths)?;
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
            columns.piece_lengths.len(),
        ];
        let sound = lengths.iter().all(|length| *length == count)
            && ends_at(&firsts, columns.first.len())
            && ends_at(&changes, columns.changes.len())
            && ends_at(&pieces, columns.pieces.len());
        // Of the same version, the one that was attributed last counts.
        let files =
            || columns.paths.iter().copied().zip(columns.introduced.iter().copied()).zip(0..).collect();
        sound.then(|| Self { columns, extent, files: files(), firsts, changes, pieces })
    }

    fn appeared(&self, at: usize, first: &[(CommitNo, PathNo)]) -> bool {
        self.columns.first[range(&self.firsts, at)] == *first
    }

    /// What is known of the version with that number; nothing if it speaks of commits or paths that are not there.
    fn known(&self, at: usize, (path, introduced): FileVersion) -> Option<Known> {
        let columns = self.columns;
        let fits = |piece: &Piece| {
            (piece.commit as usize) < self.extent.commits && (piece.path as usize) < self.extent.paths
        };
        let pieces = pieces::unpack(&columns.pieces[range(&self.pieces, at)], path);
        let pieces = pieces.map(|piece| Some(piece).filter(fits)).collect::<Option<_>>()?;
        Some(Known {
            introduced,
            first: columns.first[range(&self.firsts, at)].to_vec(),
            lines: columns.lines[at],
            pieces,
            changes: columns.changes[range(&self.changes, at)].to_vec(),
            hashes: Hashes {
                git_sha1: ObjectId::from_bytes(columns.git_sha1[at]),
                sha1: columns.sha1[at],
                sha256: columns.sha256[at],
                size: columns.sizes[at],
            },
            lfs: columns.lfs[at].map(|(sha256, size)| Pointer { sha256, size }),
        })
    }
}
