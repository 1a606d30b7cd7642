//! The keys of exclusion manifests, ready to be asked about billions of rows.
//!
//! Decides what manifests say of a key: of several, what any of them says. Must not decide what becomes of a row, nor
//! whether a manifest is fresh, signed, or of the right list: the headers are in [`Keys::sources`].
//!
//! A manifest is read in full, held against its header, and refused if anything about it is wrong: there are never fewer
//! keys than it has. It is read row by row, in the same memory whatever its size.
//!
//! Memory: 20 bytes for each key of each kind that is wanted, a path that was looked at being one; 33 for each range of lines.

mod collect;
mod error;
mod file;
mod kept;
mod memory;
mod names;
mod open;
mod sort;
mod standing;
mod table;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

pub use error::KeysError;
pub use standing::{Place, Standing};

use self::collect::RANGE;
use self::table::{KEY, Key, Table};
use super::digest::Digest;
use super::entry::EntryUnit;
use super::header::Header;
use crate::policy::Purposes;

/// A record of a key and what is said of it.
const STANDING: usize = KEY + 2;

/// The hashes by which data sets know a file version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HashKind {
    /// Git's id of the blob, which is also its SWHID.
    GitSha1,
    /// SHA-1 of the raw bytes.
    Sha1,
    /// SHA-256 of the raw bytes. Files in LFS have no other.
    Sha256,
}

impl HashKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::GitSha1, Self::Sha1, Self::Sha256];

    /// Its name in manifests and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GitSha1 => "git_sha1",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }
}

/// What will be asked for. The less it is, the less memory it takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Wanted {
    /// File versions, by these hashes.
    pub hashes: Vec<HashKind>,
    /// Commits.
    pub commits: bool,
    /// Which lines of a file version are excluded. Whether some are can be told without.
    pub lines: bool,
    /// Repositories, paths in them, and commits at the tips of refs.
    pub names: bool,
    /// With names, also which paths were looked at: a key for each, where rows are known by nothing else.
    pub paths: Paths,
}

/// By which manifests a path is covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Paths {
    /// By none: nobody asks.
    #[default]
    None,
    /// By any that looked at a file there.
    Any,
    /// By any that looked at all versions there: it covers the history of the one repository that it speaks of.
    Histories,
}

/// A manifest whose keys are asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its folder.
    pub path: PathBuf,
    /// Its header.
    pub header: Header,
    /// Its digest: that of `manifest.json` as it was read here. Whoever has verified a signature compares it with the
    /// digest of what was signed, so that nothing can be exchanged in between.
    pub digest: Digest,
}

/// Hears how far it is, and can end it.
pub trait Watch: Sync {
    /// So many rows are going to be read. Not called if everything is known from before.
    fn begin(&self, _rows: u64) {}

    /// So many more of them are read.
    fn advance(&self, _rows: u64) {}

    /// Whether somebody wants it to end now.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Nobody watches.
impl Watch for () {}

/// The keys of one or more manifests. Answers take the same time whatever the number of manifests, and may be asked for
/// from any number of threads.
#[derive(Debug)]
pub struct Keys {
    sources: Vec<Source>,
    /// Whether repositories, and paths, are excluded whatever is in them.
    has: [bool; 2],
    tables: Tables,
}

/// What was made of the rows of all manifests.
#[derive(Debug)]
struct Tables {
    /// By each kind of hash.
    blobs: [Table<STANDING, 2>; HashKind::ALL.len()],
    commits: Table<STANDING, 2>,
    names: Table<STANDING, 2>,
    ranges: Table<RANGE, 1>,
}

impl Keys {
    /// Reads the keys that are wanted of the manifests in these folders, with so many threads.
    ///
    /// With a folder `cache`, which is made if it is not there, sorted keys are kept in it, and not read from the manifests
    /// again as long as their headers stay the same, which bind their rows, and their files of rows are there and as long as
    /// they were. So a manifest in whose rows bytes were exchanged since is still used, by what was made of them when they
    /// were sound. What is kept is held against its checksums each time, and made anew if anything is wrong with it; the folder must be one that nobody else writes to. The keys of the 16 sets of
    /// manifests that were read last are kept.
    ///
    /// While rows are read, keys that do not fit into memory are sorted on the disk of `cache`, without it of the system's
    /// folder for temporary files: 18 bytes a key twice, for a while.
    ///
    /// # Errors
    /// [`KeysError`]: no manifest, one that cannot be read or is not sound, or no room on the disk.
    pub fn open(
        manifests: &[PathBuf],
        wanted: &Wanted,
        cache: Option<&Path>,
        threads: usize,
        watch: &dyn Watch,
    ) -> Result<Self, KeysError> {
        let sources = open::sources(manifests)?;
        let tables = open::tables(&sources, wanted, cache, threads, watch)?;
        let counts = |unit: EntryUnit| {
            sources
                .iter()
                .any(|source| source.header.counts.entries.get(&unit).is_some_and(|&count| count > 0))
        };
        let has = [EntryUnit::Repo, EntryUnit::Path].map(counts);
        Ok(Self { sources, has, tables })
    }

    /// The manifests, in the order in which they were given.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What is said of the file version with this hash: 20 bytes, or 32 of a SHA-256. Nothing is said, so that it is
    /// uncovered, of a hash of another length, and of every hash of a kind that was not wanted.
    #[must_use]
    pub fn blob(&self, kind: HashKind, hash: &[u8]) -> Standing {
        key_of(kind, hash).map(|key| standing(self.tables.blobs[kind as usize].get(&key))).unwrap_or_default()
    }

    /// What [`Keys::blob`] says of each of many file versions; of those that have no hash, nothing. Where there are millions
    /// of keys it takes less time than to ask for each, as the looks into memory overlap.
    pub fn blobs<H: AsRef<[u8]>>(
        &self,
        kind: HashKind,
        hashes: impl ExactSizeIterator<Item = Option<H>>,
    ) -> Vec<Option<Standing>> {
        let (mut keys, mut said) = (Vec::with_capacity(hashes.len()), Vec::with_capacity(hashes.len()));
        for hash in hashes {
            // A hash of another length has no key, and nothing is said of it.
            let key = hash.as_ref().and_then(|hash| key_of(kind, hash.as_ref()));
            keys.extend(key);
            said.push((hash.is_some(), key.is_some()));
        }
        let mut found = self.tables.blobs[kind as usize].each(&keys).map(standing);
        let mut next = |has_key| if has_key { found.next() } else { None }.unwrap_or_default();
        said.into_iter().map(|(has_hash, has_key)| has_hash.then(|| next(has_key))).collect()
    }

    /// What is said of a commit: its message and its diff. Uncovered if commits were not wanted.
    #[must_use]
    pub fn commit(&self, id: &[u8; 20]) -> Standing {
        standing(self.tables.commits.get(&short(id)))
    }

    /// The lines of a file version that are excluded: ranges, the first line being 1, sorted; those of different purposes
    /// or manifests may overlap. Empty if lines were not wanted.
    #[must_use]
    pub fn lines(&self, git_sha1: &[u8; 20]) -> Vec<(RangeInclusive<u64>, Purposes)> {
        self.tables.ranges.get(&short(git_sha1)).iter().map(collect::lines_of).collect()
    }

    /// What is said of a repository, or of a path in it; with the path, what is said of the whole repository holds, too.
    ///
    /// Names are bytes, not percent-encoded. The case of ASCII letters of a repository's name does not count, nor `.git`
    /// and slashes behind or before it, nor slashes before a path. Nothing is said if names were not wanted, or the
    /// manifests name none (profile `keys`).
    #[must_use]
    pub fn place(&self, repo: &[u8], path: Option<&[u8]>) -> Place {
        let said = |key| {
            let found = standing(self.tables.names.get(&key));
            Place { any_version: found.whole, some_version: found.lines, covered: found.covered }
        };
        // Without names, hashing them would be for nothing.
        if self.tables.names.len() == 0 {
            return Place::default();
        }
        let whole = said(names::repo(repo));
        let Some(path) = path else { return whole };
        let mut there = said(names::path(repo, path));
        if !there.covered.is_empty() && self.leads_elsewhere(repo, path) {
            there.covered = Purposes::NONE;
        }
        whole.union(there)
    }

    /// Whether a manifest met something at a path, or on the way to it, that it did not follow.
    fn leads_elsewhere(&self, repo: &[u8], path: &[u8]) -> bool {
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        let mut ends = slashes.chain([path.len()]);
        ends.any(|end| !self.tables.names.get(&names::not_followed(repo, &path[..end])).is_empty())
    }

    /// The purposes for which a commit is covered as a tip of a repository: all files of it were looked at, none left
    /// out. So a row that tells only repository, commit and path is covered if [`Keys::place`] covers the path, too, and
    /// excluded if it says anything else of it. None if names were not wanted.
    #[must_use]
    pub fn tip(&self, repo: &[u8], commit: &[u8; 20]) -> Purposes {
        if self.tables.names.len() == 0 {
            return Purposes::NONE;
        }
        standing(self.tables.names.get(&names::tip(repo, commit))).covered
    }

    /// The purposes for which a commit is covered together with all versions of files in the history that it is in, in this
    /// repository; the paths of those that are excluded are named. None if names were not wanted, or the manifests name none
    /// (profile `keys`), are not of whole histories, or were merged from several repositories.
    #[must_use]
    pub fn history(&self, repo: &[u8], commit: &[u8; 20]) -> Purposes {
        if self.tables.names.len() == 0 {
            return Purposes::NONE;
        }
        standing(self.tables.names.get(&names::commit(repo, commit))).covered
    }

    /// Whether any manifest excludes a repository whatever is in it. Data sets without names of repositories cannot
    /// honour that.
    #[must_use]
    pub fn has_repos(&self) -> bool {
        self.has[0]
    }

    /// Whether any manifest excludes a path whatever stands there. Data sets without names of paths cannot honour that.
    #[must_use]
    pub fn has_paths(&self) -> bool {
        self.has[1]
    }

    /// How many keys can be asked for: those of file versions by each kind of hash, of commits and of names.
    #[must_use]
    pub fn len(&self) -> u64 {
        let tables = self.tables.blobs.iter().chain([&self.tables.commits, &self.tables.names]);
        tables.map(|table| table.len() as u64).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What the records of a key say.
fn standing(records: &[[u8; STANDING]]) -> Standing {
    match records {
        [record, ..] => Standing::unpack([record[KEY], record[KEY + 1]]),
        [] => Standing::default(),
    }
}

/// The key of a hash; none if it has another length.
fn key_of(kind: HashKind, hash: &[u8]) -> Option<Key> {
    match kind {
        HashKind::GitSha1 | HashKind::Sha1 => hash.try_into().ok().map(short::<20>),
        HashKind::Sha256 => hash.try_into().ok().map(short::<32>),
    }
}

/// As much of a hash as is kept.
fn short<const N: usize>(hash: &[u8; N]) -> Key {
    const { assert!(N >= KEY) };
    let mut key = [0; KEY];
    key.copy_from_slice(&hash[..KEY]);
    key
}

#[cfg(test)]
mod tests;
