//! Hook files: put in place in one step, and kept beside without a moment in which there is none.
//!
//! Decides how a file gets where it belongs. Must not decide whether it should. A link is never written through: it is
//! the link that gets another name.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::neighbour::{Found, look};
use super::{Event, HookError};

/// The name under which the hook that was there before is kept.
pub(super) fn kept(folder: &Path, event: Event) -> PathBuf {
    folder.join(format!("{}.withhold-chained", event.name()))
}

/// Whether a name is there, be it of a link that leads nowhere.
pub(super) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether Git would run it.
pub(super) fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    return path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
    #[cfg(not(unix))]
    path.is_file()
}

/// Makes the folder for hooks, if there is none.
pub(super) fn make_folder(folder: &Path) -> Result<(), HookError> {
    if folder.is_dir() {
        return Ok(());
    }
    if is_there(folder) {
        return Err(HookError::NoFolder(folder.to_path_buf()));
    }
    fs::create_dir_all(folder).map_err(HookError::io("make the folder", folder))
}

/// Writes a file that Git runs; what has that name until then is replaced in one step.
pub(super) fn write(path: &Path, text: &[u8]) -> Result<(), HookError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let put = || {
        let mut file = tempfile::Builder::new().prefix(".withhold-").tempfile_in(folder)?;
        file.write_all(text)?;
        #[cfg(unix)]
        file.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    put().map_err(HookError::io("write", path))
}

/// Gives the hook, which has this text, a second name: it stays where it is until ours takes its place. What is kept
/// already is replaced.
pub(super) fn keep(hook: &Path, kept: &Path, text: &[u8], event: Event) -> Result<(), HookError> {
    // A name that nobody else who installs at this moment uses.
    let second = kept.with_extension(format!("withhold-{}", std::process::id()));
    if is_there(&second) {
        remove(&second)?;
    }
    if fs::hard_link(hook, &second).is_err() {
        // Not every file system has second names. Killed now, the next time finds it as kept.
        return put_back(hook, kept);
    }
    // Another one who installs may have been faster: then it is ours that has two names now, and nothing was kept here.
    if !matches!(look(&second, event)?, Found::Theirs(_, there) if there == text) {
        remove(&second)?;
        return Err(HookError::Meanwhile(hook.to_path_buf()));
    }
    put_back(&second, kept)?;
    // Two names of one file: giving one the other's name changes nothing.
    if is_there(&second) { remove(&second) } else { Ok(()) }
}

/// Gives a file its name back; what has that name until then is replaced in one step.
pub(super) fn put_back(kept: &Path, hook: &Path) -> Result<(), HookError> {
    fs::rename(kept, hook).map_err(HookError::io("rename", kept))
}

pub(super) fn remove(path: &Path) -> Result<(), HookError> {
    fs::remove_file(path).map_err(HookError::io("remove", path))
}
