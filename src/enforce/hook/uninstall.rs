//! Takes a hook away, and puts back what was there before.
//!
//! Decides what is ours, by the line that says so, and touches nothing else.

use std::path::{Path, PathBuf};

use super::config::{self, Scope};
use super::install::{is_ours, legacy};
use super::neighbour::{Found, Neighbour, look};
use super::{Event, HookError, Runs, Site, files};

/// What was taken away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removed {
    /// Where it was.
    pub from: Vec<Runs>,
    /// The hooks that are back.
    pub restored: Vec<PathBuf>,
    /// A hook that is not ours, and stays.
    pub stays: Option<PathBuf>,
}

impl Removed {
    /// Both of them.
    #[must_use]
    pub(super) fn and(mut self, other: Self) -> Self {
        self.from.extend(other.from);
        self.restored.extend(other.restored);
        self.stays = self.stays.or(other.stays);
        self
    }
}

/// Takes the hook of an event away from a repository.
///
/// # Errors
/// A hook that was kept would be lost, or the file system says no.
pub fn uninstall(site: &Site, event: Event) -> Result<Removed, HookError> {
    let own = site.own_folder();
    let by = site.hooks_path()?;
    let mut removed = Removed::default();
    // Where a folder for all repositories shadows the own one, it is not this repository's to change.
    if !by.is_some_and(|by| by.for_all()) {
        let folder = site.folder(event)?;
        if folder != own {
            removed = take_file(&folder, event)?;
        }
    }
    removed = removed.and(take_file(&own, event)?);
    if config::unset(&site.git, event, Scope::Local)? {
        removed.from.push(Runs::Config(config::name(event)));
    }
    Ok(removed)
}

/// Takes it out of a folder.
pub(super) fn take_file(folder: &Path, event: Event) -> Result<Removed, HookError> {
    let (hook, kept) = (folder.join(event.name()), files::kept(folder, event));
    let mut removed = Removed::default();
    match look(&hook, event)? {
        Found::Ours(..) => {
            removed.restored.extend(restore(&kept, &hook)?);
            removed.from.push(Runs::File(hook));
        }
        Found::Theirs(Neighbour::PreCommit, _) if is_ours(&legacy(folder, event), event)? => {
            let legacy = legacy(folder, event);
            let again = matches!(look(&kept, event)?, Found::Theirs(Neighbour::PreCommit, _));
            if again {
                // It is there already, in front of ours.
                files::remove(&kept)?;
            }
            removed.restored.extend(restore(&kept, &legacy)?);
            removed.from.push(Runs::Through(Neighbour::PreCommit, legacy));
        }
        Found::Theirs(..) if files::is_there(&kept) => return Err(HookError::TwoEarlier { hook, kept }),
        Found::Theirs(..) => {
            take_left_over(folder, event)?;
            removed.stays = Some(hook);
        }
        Found::Nothing => {}
    }
    Ok(removed)
}

/// The hook that was there before gets its name back; without one, the name is free again.
fn restore(kept: &Path, hook: &Path) -> Result<Option<PathBuf>, HookError> {
    if files::is_there(kept) {
        files::put_back(kept, hook)?;
        return Ok(Some(hook.to_path_buf()));
    }
    files::remove(hook)?;
    Ok(None)
}

/// Ours, as lefthook has put it aside and runs it no more.
pub(super) fn take_left_over(folder: &Path, event: Event) -> Result<(), HookError> {
    let old = left_over(folder, event);
    if is_ours(&old, event)? { files::remove(&old) } else { Ok(()) }
}

/// Where lefthook puts the hook that was there before it.
pub(super) fn left_over(folder: &Path, event: Event) -> PathBuf {
    folder.join(format!("{}.old", event.name()))
}
