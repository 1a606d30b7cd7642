//! The file in which a scan is kept for the next one.
//!
//! Decides where it lies, and whether it can be trusted to be whole and of this repository as it is: else it
//! is dropped and all is worked out anew. It is replaced in one step, so that two scans at once do each other
//! no harm. Never follows a link, and never writes into a repository of another user.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use bitcode::{Decode, Encode};
use sha2::{Digest, Sha256};

use super::saved::{Before, SavedScan};
use crate::repo::{Repository, Store};

/// Grows with every change of what is written.
const FORMAT: u32 = 2;
const MAGIC: &[u8; 8] = b"withhold";
/// Magic, format, checksum and length.
const HEADER: usize = 24;
/// A larger file is not read.
const LARGEST: u64 = 4 << 30;
/// The folder in a repository.
const FOLDER: &str = "withhold";
/// The file in that folder.
const FILE: &str = "index";

/// Where a repository's index is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
    file: PathBuf,
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

/// All that is written.
#[derive(Encode, Decode)]
struct Kept {
    version: String,
    store: Store,
    scan: SavedScan,
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
            return Some(Self { folder: folder.to_path_buf(), file: folder.join(name) });
        }
        let folder = common.join(FOLDER);
        let in_place = match fs::symlink_metadata(&folder) {
            Ok(found) => found.is_dir(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        (in_place && is_own(common)).then(|| Self { file: folder.join(FILE), folder })
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What was kept; nothing, if nothing was.
    ///
    /// # Errors
    /// See [`Dropped`]: go on with nothing, and say so.
    pub fn load(&self, repository: &Repository) -> Result<Before, Dropped> {
        let Some(kept) = self.read()? else { return Ok(Before::default()) };
        if !repository.still_has(&kept.store) {
            return Err(Dropped::Repacked);
        }
        Before::new(kept.scan).ok_or(Dropped::Damaged)
    }

    /// The size of the file, and how many commits, changes and files are kept in it; none if there is no file.
    ///
    /// # Errors
    /// See [`Dropped`].
    pub fn counts(&self) -> Result<Option<(u64, [usize; 3])>, Dropped> {
        let Some(kept) = self.read()? else { return Ok(None) };
        let size = fs::metadata(&self.file)?.len();
        let SavedScan { index, files, .. } = &kept.scan;
        Ok(Some((size, [index.commits(), index.changes(), files.len()])))
    }

    fn read(&self) -> Result<Option<Kept>, Dropped> {
        let found = match fs::symlink_metadata(&self.file) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if !found.is_file() || found.len() > LARGEST {
            return Err(Dropped::Damaged);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default());
        fs::File::open(&self.file)?.take(LARGEST).read_to_end(&mut bytes)?;
        let (header, payload) = bytes.split_at_checked(HEADER).ok_or(Dropped::Damaged)?;
        if header[..8] != MAGIC[..] {
            return Err(Dropped::Damaged);
        }
        if header[8..12] != FORMAT.to_le_bytes() {
            return Err(Dropped::OtherVersion);
        }
        if header[12..16] != crc32fast::hash(payload).to_le_bytes()
            || header[16..] != (payload.len() as u64).to_le_bytes()
        {
            return Err(Dropped::Damaged);
        }
        let kept: Kept = bitcode::decode(payload).map_err(|_| Dropped::Damaged)?;
        if kept.version != env!("CARGO_PKG_VERSION") {
            return Err(Dropped::OtherVersion);
        }
        Ok(Some(kept))
    }

    /// Keeps a scan for the next one, in place of what was kept before.
    ///
    /// # Errors
    /// The folder cannot be made or written to; what was kept before is still there.
    pub fn store(&self, repository: &Repository, scan: SavedScan) -> io::Result<()> {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let payload = bitcode::encode(&Kept { version, store: repository.store(), scan });
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(MAGIC)?;
        file.write_all(&FORMAT.to_le_bytes())?;
        file.write_all(&crc32fast::hash(&payload).to_le_bytes())?;
        file.write_all(&(payload.len() as u64).to_le_bytes())?;
        file.write_all(&payload)?;
        // Not synced: a file that a crash has cut off is found out by its checksum.
        file.persist(&self.file)?;
        Ok(())
    }

    /// Removes what was kept; whether there was anything.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn clear(&self) -> io::Result<bool> {
        match fs::remove_file(&self.file) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
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
