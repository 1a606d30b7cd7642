//! A manifest's folder, replaced in one step.
//!
//! Decides how the files come to stand where they should: what is there afterwards is the old manifest or the new
//! one, never a mixture, however the run ends. Nothing is ever deleted that is not a manifest's.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::build::Manifest;
use super::canonical;
use super::coverage::CoverageRow;
use super::encode::Encoding;
use super::entry::Entry;
use super::error::{ManifestError, shown};
use super::row::Row;

/// The name of the header's file.
pub(crate) const HEADER_FILE: &str = "manifest.json";
/// The name of the file beside it that signs it, if one does: it is no part of the manifest, and goes with it.
pub(crate) const SIGNATURE_FILE: &str = "manifest.json.sig";
/// The names of the files of rows, without their endings.
pub(crate) const ROWS: [&str; 2] = [Entry::FILE, CoverageRow::FILE];
/// How the names of folders begin that are not finished yet, or were just replaced.
const UNFINISHED: &str = ".withhold-";

/// Writes the manifest to the folder `out`, whose parent must be there.
///
/// It is written and synced beside `out`, and put in its place in one step. Where the system cannot exchange two
/// folders (Windows, some network file systems), the old one is renamed away first: for that moment there is no
/// manifest, which every reader takes for an error. A run that is killed may leave a folder `.withhold-…` beside it.
///
/// # Errors
/// [`ManifestError::InTheWay`] if something stands there that is not a manifest, [`ManifestError::Io`] if the
/// system fails, [`ManifestError::NoZstd`] or [`ManifestError::NoParquet`] in a build without. Then `out` is as it was.
pub fn write(manifest: &Manifest, out: &Path, encoding: Encoding) -> Result<(), ManifestError> {
    encoding.check()?;
    let header = canonical::header(manifest.header())?;
    let unfinished = Unfinished::begin(out)?;
    let fill = || -> io::Result<()> {
        let entries = unfinished.create(&encoding.file_name::<Entry>())?;
        let coverage = unfinished.create(&encoding.file_name::<CoverageRow>())?;
        // Each takes its time to be on the disk.
        std::thread::scope(|scope| {
            let coverage = scope.spawn(|| encoding.write(manifest.coverage(), coverage));
            encoding.write(manifest.entries(), entries)?;
            coverage.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    };
    fill().map_err(|error| unfinished.failed(error))?;
    unfinished.finish(&header)
}

/// A folder that is written beside its place, until it is whole.
pub(super) struct Unfinished {
    parent: PathBuf,
    target: PathBuf,
    /// Whether something stands there.
    there: bool,
    folder: TempDir,
}

impl Unfinished {
    /// Begins one that goes to `out`.
    pub(super) fn begin(out: &Path) -> Result<Self, ManifestError> {
        let (parent, target) = resolve(out)?;
        let there = look(&target)?;
        let folder = unfinished_folder(&parent).map_err(io_error("make a folder in", &parent))?;
        Ok(Self { parent, target, there, folder })
    }

    /// The folder that it will stand in.
    pub(super) fn parent(&self) -> &Path {
        &self.parent
    }

    /// Makes a file in it, which whoever writes it syncs.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        File::create_new(self.folder.path().join(name))
    }

    /// That something could not be written there.
    pub(super) fn failed(&self, error: io::Error) -> ManifestError {
        io_error("write the manifest beside", &self.target)(error)
    }

    /// Adds a small file.
    pub(super) fn add(&self, name: &str, bytes: &[u8]) -> Result<(), ManifestError> {
        let add = || {
            let mut file = self.create(name)?;
            io::Write::write_all(&mut file, bytes)?;
            file.sync_all()
        };
        add().map_err(|error| self.failed(error))
    }

    /// Adds the header, and puts the folder in its place.
    pub(super) fn finish(self, header: &[u8]) -> Result<(), ManifestError> {
        self.add(HEADER_FILE, header)?;
        sync_folder(self.folder.path()).map_err(|error| self.failed(error))?;
        let Self { parent, target, there, folder } = self;
        let old = if there {
            Some(replace(folder, &target).map_err(io_error("replace", &target))?)
        } else {
            fs::rename(folder.path(), &target).map_err(io_error("put the manifest at", &target))?;
            // It has another name now, under which it stays.
            let _ = folder.keep();
            None
        };
        // The old one takes its time to go, if it is large. What remains of it harms nobody.
        std::thread::scope(|scope| {
            scope.spawn(|| old.as_deref().map(remove));
            sync_folder(&parent).map_err(io_error("sync", &parent))
        })
    }
}

fn io_error<'p>(action: &'static str, path: &'p Path) -> impl FnOnce(io::Error) -> ManifestError + use<'p> {
    move |source| ManifestError::Io { action, path: path.to_owned(), source }
}

/// The folder's parent and its own place, links resolved, so that a link to a manifest stays a link.
fn resolve(out: &Path) -> Result<(PathBuf, PathBuf), ManifestError> {
    if out.symlink_metadata().is_ok() {
        let target = out.canonicalize().map_err(io_error("find what stands at", out))?;
        let parent = target.parent().map(Path::to_owned);
        return parent
            .map(|parent| (parent, target))
            .ok_or_else(|| in_the_way(out, "it has no parent folder"));
    }
    let name = out.file_name().ok_or_else(|| in_the_way(out, "it names no folder"))?;
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent = parent.canonicalize().map_err(io_error("find the folder", parent))?;
    let target = parent.join(name);
    Ok((parent, target))
}

fn in_the_way(out: &Path, found: impl Into<String>) -> ManifestError {
    ManifestError::InTheWay { out: out.to_owned(), found: found.into() }
}

/// Whether something stands there. Fails if it is neither an empty folder nor a whole manifest and nothing else.
fn look(target: &Path) -> Result<bool, ManifestError> {
    match target.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(io_error("look at", target)(error)),
        Ok(there) if !there.is_dir() => return Err(in_the_way(target, "it is not a folder")),
        Ok(_) => {}
    }
    let files = fs::read_dir(target)
        .and_then(Iterator::collect::<io::Result<Vec<_>>>)
        .map_err(io_error("look into", target))?;
    for file in &files {
        let is_file = file.file_type().map_err(io_error("look into", target))?.is_file();
        let name = file.file_name();
        if !is_file || !file_names().any(|known| name == *known) {
            let name = shown(&name.to_string_lossy());
            return Err(in_the_way(target, format!("it holds {name}, which is no part of a manifest")));
        }
    }
    // A lone `manifest.json` may be anything's.
    let holds = |known: &String| files.iter().any(|file| file.file_name() == **known);
    let whole = [names_of::<Entry>(), names_of::<CoverageRow>(), vec![HEADER_FILE.to_owned()]];
    if !files.is_empty() && !whole.iter().all(|names| names.iter().any(holds)) {
        return Err(in_the_way(target, "it holds a part of a manifest only"));
    }
    Ok(true)
}

/// Every name that a manifest's file can have, or the signature's.
pub(crate) fn file_names() -> impl Iterator<Item = String> {
    [HEADER_FILE.to_owned(), SIGNATURE_FILE.to_owned()]
        .into_iter()
        .chain(names_of::<Entry>())
        .chain(names_of::<CoverageRow>())
}

fn names_of<T: Row>() -> Vec<String> {
    Encoding::ALL.iter().map(|encoding| encoding.file_name::<T>()).collect()
}

fn unfinished_folder(parent: &Path) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    // A manifest is for others to read: as any new folder, it has the rights that the umask leaves.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    builder.tempdir_in(parent)
}

/// Puts `new` in the place of `target`, and tells where that is now.
fn replace(new: TempDir, target: &Path) -> io::Result<PathBuf> {
    // It may hold the old manifest soon, or what someone put there meanwhile: never to be deleted blindly.
    let new = new.keep();
    let replaced = exchange(&new, target).or_else(|error| match error.kind() {
        io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput => exchange_by_renames(&new, target),
        _ => Err(error),
    });
    if replaced.is_err() {
        // The new one, which has no place to go.
        let _ = remove(&new);
    }
    replaced.map(|()| new)
}

/// Exchanges two folders in one step.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(new: &Path, target: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, new, CWD, target, RenameFlags::EXCHANGE).map_err(io::Error::from)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Exchanges two folders in three steps. Fails with `target` as it was.
fn exchange_by_renames(new: &Path, target: &Path) -> io::Result<()> {
    let elsewhere = new.with_extension("old");
    fs::rename(target, &elsewhere)?;
    if let Err(error) = fs::rename(new, target) {
        fs::rename(&elsewhere, target)?;
        return Err(error);
    }
    fs::rename(&elsewhere, new)
}

/// Removes a manifest's folder: its files by their names, and the folder if that leaves it empty.
fn remove(folder: &Path) -> io::Result<()> {
    for name in file_names() {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::remove_dir(folder)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Only Unix lets a folder be opened and synced.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
