//! The files in which a scan is kept for the next one: all of one scan, and beside it what came since.
//!
//! Decides where they lie, and whether they can be trusted to be whole and of this repository as it is: else they
//! are dropped and all is worked out anew. Each is replaced in one step, so that two scans at once do each other
//! no harm; what came since says which file it belongs to, and is passed over beside any other. Never follows a
//! link, and never writes into a repository of another user.
//! Cost: what is new is written, until it is a quarter of all; then all is.

mod file;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::saved::{Before, SavedScan};
use crate::repo::{Repository, Store};
use file::{FileId, Parts};

/// The folder in a repository.
const FOLDER: &str = "withhold";
/// The file in that folder.
const FILE: &str = "index";
/// The ending of what came since.
const SINCE: &str = ".since";
/// What came since is put to the rest when it is more than this part of it.
const SHARE: u64 = 4;

/// Where a repository's index is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
    file: PathBuf,
    since: PathBuf,
}

/// The file that was read: what is kept next belongs to it.
#[derive(Debug)]
pub struct Read {
    parts: Parts,
}

/// Why an index was dropped.
#[derive(Debug, thiserror::Error)]
pub enum Dropped {
    /// It is cut off, or its bytes are not those that were written.
    #[error("it is damaged")]
    Damaged,
    /// Another version wrote it.
    #[error("another version of withhold wrote it")]
    OtherVersion,
    /// Objects were repacked or removed since it was written.
    #[error("the repository's objects were repacked or removed since")]
    Repacked,
    /// It is there and cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

impl Cache {
    /// The index of a repository: in the folder given, or in the repository itself; none if that belongs to
    /// another user, or has something else in its place.
    #[must_use]
    pub fn of(repository: &Repository, folder: Option<&Path>) -> Option<Self> {
        let common = repository.common_dir();
        if let Some(folder) = folder {
            let whole = common.canonicalize().unwrap_or_else(|_| common.to_path_buf());
            let name = Sha256::digest(whole.as_os_str().as_encoded_bytes());
            let name = format!("{}.{FILE}", data_encoding::HEXLOWER.encode(&name[..16]));
            return Some(Self::at(folder, &name));
        }
        let folder = common.join(FOLDER);
        let in_place = match fs::symlink_metadata(&folder) {
            Ok(found) => found.is_dir(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        (in_place && is_own(common)).then(|| Self::at(&folder, FILE))
    }

    fn at(folder: &Path, name: &str) -> Self {
        let since = folder.join(format!("{name}{SINCE}"));
        Self { folder: folder.to_path_buf(), file: folder.join(name), since }
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What was kept, and in which file; nothing, if nothing was.
    ///
    /// # Errors
    /// See [`Dropped`]: go on with nothing, and say so.
    pub fn load(&self, repository: &Repository) -> Result<(Before, Option<Read>), Dropped> {
        let Some((parts, since)) = self.read()? else { return Ok((Before::default(), None)) };
        let newest = since.as_ref().unwrap_or(&parts);
        if !repository.still_has(&newest.contents().store) {
            return Err(Dropped::Repacked);
        }
        let since = since.map(|since| decode(&since)).transpose()?;
        let before = Before::new(&parts, since).ok_or(Dropped::Damaged)?;
        Ok((before, Some(Read { parts })))
    }

    /// The size of the files, and how many commits, changes and files are kept in them; none if there is no file.
    ///
    /// # Errors
    /// See [`Dropped`].
    pub fn counts(&self) -> Result<Option<(u64, [usize; 3])>, Dropped> {
        let Some((parts, since)) = self.read()? else { return Ok(None) };
        let (mut size, mut counts) = (0, [0; 3]);
        for parts in std::iter::once(parts).chain(since) {
            let SavedScan { index, files, .. } = decode(&parts)?;
            size += parts.size();
            let extent = index.extent();
            counts = [counts[0] + extent.commits, counts[1] + extent.changes, counts[2] + files.len()];
        }
        Ok(Some((size, counts)))
    }

    /// Both files, the second if it belongs to the first.
    fn read(&self) -> Result<Option<(Parts, Option<Parts>)>, Dropped> {
        let Some(parts) = Parts::open(&self.file)? else { return Ok(None) };
        let since = Parts::open(&self.since)?.filter(|since| since.contents().since == Some(parts.id()));
        Ok(Some((parts, since)))
    }

    /// Keeps a scan for the next one: what came since `read` beside that, or all in its place.
    ///
    /// # Errors
    /// The folder cannot be made or written to; what was kept before is still there.
    pub fn store(&self, repository: &Repository, read: Option<&Read>, scan: SavedScan) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let store = repository.store();
        let Some(Read { parts }) = read else { return self.write_all(store, &scan) };
        let since = scan.encode();
        let size: u64 = since.iter().map(|part| part.len() as u64).sum();
        if size <= parts.size() / SHARE {
            return self.write(&self.since, store, Some(parts.id()), &since);
        }
        drop(since);
        let mut all = decode(parts).map_err(io::Error::other)?;
        all.extend(scan);
        self.write_all(store, &all)
    }

    fn write_all(&self, store: Store, scan: &SavedScan) -> io::Result<()> {
        self.write(&self.file, store, None, &scan.encode())?;
        // It would be passed over, too.
        let _ = fs::remove_file(&self.since);
        Ok(())
    }

    fn write(&self, path: &Path, store: Store, since: Option<FileId>, parts: &[Vec<u8>]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        let mut out = io::BufWriter::new(&mut file);
        Parts::write(&mut out, store, since, parts)?;
        out.flush()?;
        drop(out);
        // Not synced: a file that a crash has cut off is found out by its checksums.
        file.persist(path)?;
        Ok(())
    }

    /// Removes what was kept; whether there was anything.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn clear(&self) -> io::Result<bool> {
        let mut found = false;
        for file in [&self.file, &self.since] {
            match fs::remove_file(file) {
                Ok(()) => found = true,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }
}

fn decode(parts: &Parts) -> Result<SavedScan, Dropped> {
    SavedScan::decode(parts).ok_or(Dropped::Damaged)
}

/// Whether a folder belongs to the user who runs this.
#[cfg(unix)]
fn is_own(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(folder).is_ok_and(|found| found.uid() == rustix::process::geteuid().as_raw())
}

/// Whether a folder belongs to the user who runs this: libgit2 has looked when it opened the repository.
#[cfg(not(unix))]
fn is_own(_: &Path) -> bool {
    true
}
