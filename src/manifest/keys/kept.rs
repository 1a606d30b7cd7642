//! The files of keys that are kept.
//!
//! Decides which of them may be used, and how many there are: each is as large as the keys of its manifests. Must not know
//! what is in them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::NamedTempFile;

/// So many are kept: those that were made last.
pub(super) const MOST: usize = 16;
const ENDING: &str = "keys";

/// Where the keys with this id are kept in a folder.
pub(super) fn place(folder: &Path, id: &[u8; 32]) -> PathBuf {
    folder.join(data_encoding::HEXLOWER.encode(id)).with_extension(ENDING)
}

/// Puts a file into its place. Older ones go, if they are too many.
///
/// It is not synced: a file that a crash has cut off is found out by its digests.
pub(super) fn keep(file: NamedTempFile, place: &Path) -> io::Result<()> {
    file.persist(place).map_err(|error| error.error)?;
    prune(place);
    Ok(())
}

/// Removes those that are too many in the folder of `place`, which stays.
///
/// The keys are in their place by now: nothing that fails here makes them wrong, and nobody here could be told. What stays
/// takes room, and harms nobody.
fn prune(place: &Path) {
    let Some(Ok(folder)) = place.parent().map(fs::read_dir) else { return };
    let others = folder.flatten().map(|entry| entry.path());
    let mut others: Vec<(SystemTime, PathBuf)> = others
        .filter(|path| path != place && is_ours(path))
        .filter_map(|path| Some((fs::symlink_metadata(&path).ok()?.modified().ok()?, path)))
        .collect();
    others.sort();
    let many = others.len().saturating_sub(MOST - 1);
    for (_, path) in others.drain(..many) {
        let _ = fs::remove_file(path);
    }
}

/// Whether a file has such a name as we give.
fn is_ours(path: &Path) -> bool {
    let id = path.file_stem().and_then(|stem| stem.to_str());
    path.extension().is_some_and(|ending| ending == ENDING)
        && id.is_some_and(|id| id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Opens what was kept, if there is such a file that nobody else has made. A link is not followed.
pub(super) fn trusted(path: &Path) -> Option<File> {
    let is_file = fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let file = is_file.then(|| File::open(path)).and_then(Result::ok)?;
    is_own(&file).then_some(file)
}

#[cfg(unix)]
fn is_own(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|found| {
        found.is_file() && found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o022 == 0
    })
}

#[cfg(not(unix))]
fn is_own(file: &File) -> bool {
    file.metadata().is_ok_and(|found| found.is_file())
}
