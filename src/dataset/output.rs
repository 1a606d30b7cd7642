//! Files that come into being whole, or not at all.
//!
//! Decides how: written beside their place under a hidden name, synced, and renamed; and what tells what was written.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use walkdir::WalkDir;

use super::DatasetError;
use super::partial::{self, is_partial};
use super::resume::UNFINISHED;
use super::shards::io as cannot;

#[cfg(test)]
mod tests;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// How many bytes.
    pub length: u64,
    /// SHA-256 of them, in lower-case hex.
    pub sha256: String,
}

impl Written {
    /// What these bytes are.
    #[must_use]
    pub fn by(bytes: &[u8]) -> Self {
        Self { length: bytes.len() as u64, sha256: HEXLOWER.encode(&Sha256::digest(bytes)) }
    }

    /// What stands in a file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(path: &Path) -> Result<Self, DatasetError> {
        let mut file = File::open(path).map_err(cannot("open", path))?;
        let mut hasher = Hashing::new(io::sink());
        let mut buffer = vec![0; 256 << 10];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(hasher.written()),
                Ok(read) => hasher.write_all(&buffer[..read]).map_err(cannot("read", path))?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(cannot("read", path)(error)),
            }
        }
    }
}

/// Hashes what passes through.
#[derive(Debug)]
pub struct Hashing<W> {
    out: W,
    length: u64,
    sha256: Sha256,
}

impl<W: Write> Hashing<W> {
    /// What is written to `out` from now on.
    pub fn new(out: W) -> Self {
        Self { out, length: 0, sha256: Sha256::new() }
    }

    /// What was written.
    #[must_use]
    pub fn written(&self) -> Written {
        Written { length: self.length, sha256: HEXLOWER.encode(&self.sha256.clone().finalize()) }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A file that is being written. Dropped, it leaves what stood at its place as it was.
#[derive(Debug)]
pub struct Output {
    file: NamedTempFile,
    /// By it others know that it is being written.
    _lock: Option<File>,
    folder: PathBuf,
    target: PathBuf,
}

impl Output {
    /// Begins a file. Its folder comes into being if it is not there.
    ///
    /// # Errors
    /// Its folder cannot be made or written to, or something stands at its place that is no regular file.
    pub fn create(target: &Path) -> Result<Self, DatasetError> {
        let folder = parent(target).to_owned();
        make_folder(&folder)?;
        replaceable(target)?;
        let begun = partial::begin(target, |builder, folder| builder.tempfile_in(folder), 0o666);
        let (file, lock) = begun.map_err(cannot("make a file in", &folder))?;
        Ok(Self { file, _lock: lock, folder, target: target.to_owned() })
    }

    /// Gives the file rights.
    ///
    /// # Errors
    /// The system refuses.
    pub fn set_permissions(&self, permissions: fs::Permissions) -> Result<(), DatasetError> {
        self.file.as_file().set_permissions(permissions).map_err(cannot("set the rights of", &self.target))
    }

    /// Puts it in its place, whole and on the disk.
    ///
    /// # Errors
    /// The system refuses; then what stood there is as it was.
    pub fn finish(self) -> Result<(), DatasetError> {
        let (mut file, target) = (self.file, &self.target);
        file.flush().and_then(|()| file.as_file().sync_all()).map_err(cannot("write", target))?;
        file.persist(target).map_err(|error| cannot("put in its place", target)(error.error))?;
        sync_folder(&self.folder)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Whether a file may take that place: what stands there, if anything does, is a regular file.
///
/// # Errors
/// It is not; or it cannot be looked at.
pub fn replaceable(target: &Path) -> Result<(), DatasetError> {
    match fs::symlink_metadata(target) {
        Ok(there) if !there.is_file() => {
            let why = format!("`{}` stands there, and is no regular file", target.display());
            Err(DatasetError::Unsupported(why))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot("look at", target)(error)),
        _ => Ok(()),
    }
}

/// A folder that is being written. Dropped, it is gone, and what stood at its place is as it was.
#[derive(Debug)]
pub struct OutputFolder {
    folder: tempfile::TempDir,
    /// By it others know that it is being written.
    _lock: Option<File>,
    target: PathBuf,
}

impl OutputFolder {
    /// Begins a folder. What stands at its place must not be there, or be empty: nothing that another run left there may
    /// pass for what this one wrote.
    ///
    /// # Errors
    /// Something stands there, or it cannot be made.
    pub fn create(target: &Path) -> Result<Self, DatasetError> {
        match fs::read_dir(target).and_then(|mut entries| entries.next().transpose()) {
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(Some(_)) => {
                let why = format!("`{}` is not empty; a folder of files is written anew", target.display());
                return Err(DatasetError::Unsupported(why));
            }
            Err(error) => return Err(cannot("look at", target)(error)),
        }
        let parent = parent(target);
        make_folder(parent)?;
        let begun = partial::begin(target, |builder, folder| builder.tempdir_in(folder), 0o777);
        let (folder, lock) = begun.map_err(cannot("make a folder in", parent))?;
        Ok(Self { folder, _lock: lock, target: target.to_owned() })
    }

    /// Where it is until it is in its place.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts it in its place, whole and on the disk.
    ///
    /// # Errors
    /// The system refuses; then what stood there is as it was.
    pub fn finish(self) -> Result<(), DatasetError> {
        sync_all_below(self.path())?;
        fs::rename(self.path(), &self.target).map_err(cannot("put in its place", &self.target))?;
        // It has another name now, under which it stays.
        let _ = self.folder.keep();
        sync_folder(parent(&self.target))
    }
}

/// The folder in which a file or folder lies.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Everything in a folder is on the disk.
fn sync_all_below(folder: &Path) -> Result<(), DatasetError> {
    // At once, rather than file by file.
    #[cfg(target_os = "linux")]
    let done = File::open(folder).and_then(|folder| rustix::fs::syncfs(folder).map_err(io::Error::from));
    #[cfg(not(target_os = "linux"))]
    let done = files(folder)?.iter().try_for_each(|path| File::open(path)?.sync_all());
    done.map_err(cannot("sync", folder))
}

/// Removes what killed runs left unfinished in a folder and below it.
///
/// # Errors
/// It cannot be looked at, or removed.
pub fn sweep(folder: &Path) -> Result<(), DatasetError> {
    if absent(folder) {
        return Ok(());
    }
    let mut walk = WalkDir::new(folder).into_iter();
    while let Some(entry) = walk.next() {
        let entry = entry.map_err(|error| cannot("look at", folder)(error.into()))?;
        let (path, folder) = (entry.path(), entry.file_type().is_dir());
        if entry.depth() > 0 && is_partial(path) {
            partial::remove_left(path).map_err(cannot("remove", path))?;
            if folder {
                walk.skip_current_dir();
            }
        }
    }
    Ok(())
}

/// The files in a folder and below it that are none of these: of another run, perhaps, with another manifest.
///
/// # Errors
/// It cannot be looked at.
pub fn strangers(folder: &Path, targets: &[PathBuf]) -> Result<Vec<PathBuf>, DatasetError> {
    let files = files(folder)?;
    let ours = |path: &Path| {
        path.ancestors().any(|path| is_partial(path) || path.ends_with(UNFINISHED))
            || path.file_name().is_some_and(|name| name == super::resume::JOURNAL)
            || targets.iter().any(|target| target == path)
    };
    Ok(files.into_iter().filter(|path| !ours(path)).collect())
}

fn absent(folder: &Path) -> bool {
    matches!(fs::symlink_metadata(folder), Err(error) if error.kind() == io::ErrorKind::NotFound)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    if absent(folder) {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| cannot("look at", folder)(error.into()))?;
        if !entry.file_type().is_dir() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Makes a folder and those around it, and sees to it that they stay.
///
/// # Errors
/// The system refuses.
pub fn make_folder(folder: &Path) -> Result<(), DatasetError> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = parent(folder);
    if parent != folder {
        make_folder(parent)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !folder.is_dir() => {
            Err(cannot("make the folder", folder)(error))
        }
        _ => sync_folder(parent),
    }
}

/// Names are on the disk once their folder is.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> Result<(), DatasetError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(cannot("sync", folder))
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> Result<(), DatasetError> {
    Ok(())
}
