//! What is not whole yet: how it is called, who holds it, and what of it a killed run left.
//!
//! Decides that nothing goes that somebody is still writing: whoever writes holds a lock as long as they live, and only what
//! can be locked goes. Where the file system or the system has no locks, it stays.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use tempfile::Builder;

use super::output::parent;

#[cfg(test)]
mod tests;

/// How their names end. They begin with a dot and the name of what they are to be: `.NAME.XXXXXX.withhold-partial`.
const END: &str = ".withhold-partial";
/// So many letters and digits tell them apart.
const RANDOM: usize = 6;
/// A name that is longer stands there as its digest, so that there is room for the rest.
const LONGEST: usize = 180;
/// So often somebody who looks for what is left may come between a beginning and its lock.
const TRIES: usize = 16;

/// Begins what is to become `target`, as `make` does it beside that place. With it comes what has to live as long as it is
/// being written.
pub(super) fn begin<T: AsRef<Path>>(
    target: &Path,
    make: impl Fn(&Builder<'_, '_>, &Path) -> io::Result<T>,
    rights: u32,
) -> io::Result<(T, Option<File>)> {
    let start = start(target).ok_or(io::ErrorKind::InvalidFilename)?;
    let mut builder = Builder::new();
    builder.prefix(&start).suffix(END).rand_bytes(RANDOM);
    // As all that is new, it has the rights that the umask leaves.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(rights));
    #[cfg(not(unix))]
    let _ = rights;
    for _ in 0..TRIES {
        let begun = make(&builder, parent(target))?;
        match hold(begun.as_ref()) {
            Hold::Ours(lock) => return Ok((begun, Some(lock))),
            Hold::Unknown => return Ok((begun, None)),
            Hold::Theirs => {}
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

/// Removes what killed runs left of `target`, as far as that can be done. It lies beside it.
pub fn sweep_beside(target: &Path) {
    let (Some(start), Ok(entries)) = (start(target), fs::read_dir(parent(target))) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let rest = name.as_encoded_bytes().strip_prefix(start.as_encoded_bytes());
        let random = rest.and_then(|rest| rest.strip_suffix(END.as_bytes()));
        // Another name may begin as this one does.
        if random.is_some_and(|random| random.len() == RANDOM && random.iter().all(u8::is_ascii_alphanumeric))
        {
            let _ = remove_left(&entry.path());
        }
    }
}

/// Removes one of them if nobody is writing it.
pub(super) fn remove_left(path: &Path) -> io::Result<()> {
    let Hold::Ours(held) = hold(path) else { return Ok(()) };
    if held.metadata()?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

/// Whether that is the name of one of them.
pub(super) fn is_partial(path: &Path) -> bool {
    let name = path.file_name().map(std::ffi::OsStr::as_encoded_bytes);
    name.is_some_and(|name| name.starts_with(b".") && name.ends_with(END.as_bytes()))
}

/// How the names begin of what is to become `target`.
fn start(target: &Path) -> Option<OsString> {
    let name = target.file_name()?;
    let mut start = OsString::from(".");
    if name.len() > LONGEST {
        start.push(HEXLOWER.encode(&Sha256::digest(name.as_encoded_bytes())));
    } else {
        start.push(name);
    }
    start.push(".");
    Some(start)
}

/// Who holds one of them.
#[cfg_attr(not(unix), expect(dead_code, reason = "there are no locks"))]
enum Hold {
    /// This, from now on.
    Ours(File),
    /// Somebody else; or it is not there any more.
    Theirs,
    /// It cannot be locked, so nobody can tell.
    Unknown,
}

#[cfg(unix)]
fn hold(path: &Path) -> Hold {
    use rustix::fs::{Mode, OFlags, open};
    use rustix::io::Errno;
    let access = match fs::symlink_metadata(path) {
        Ok(there) if there.is_dir() => OFlags::RDONLY | OFlags::DIRECTORY,
        // Over a network, only who may write may lock.
        Ok(there) if there.is_file() => OFlags::RDWR,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Hold::Theirs,
        _ => return Hold::Unknown,
    };
    let safe = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match open(path, access | safe, Mode::empty()) {
        Ok(file) => lock(file.into(), path),
        Err(Errno::NOENT) => Hold::Theirs,
        Err(_) => Hold::Unknown,
    }
}

/// Locks what was opened at a place.
#[cfg(unix)]
fn lock(file: File, path: &Path) -> Hold {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        // Whoever held it may have put it in its place, or removed it.
        Ok(()) if super::resume::same(&file, path) => Hold::Ours(file),
        Ok(()) | Err(Errno::WOULDBLOCK) => Hold::Theirs,
        Err(_) => Hold::Unknown,
    }
}

#[cfg(not(unix))]
fn hold(_: &Path) -> Hold {
    Hold::Unknown
}
