//! Hooks for all repositories of a user.
//!
//! Decides where: a setting if Git knows config hooks; else the folder that the user's core.hooksPath names; else one of
//! our own, in which every other hook hands on to the repository's, so that nothing that ran before stops to run.

use std::path::{Path, PathBuf};

use super::config::{self, ConfigHook, Scope};
use super::install::{self, Change};
use super::neighbour::{Found, look};
use super::shim::{self, Earlier, Shim};
use super::site::{HooksPath, Version};
use super::uninstall::take_file;
use super::{Event, HookError, Install, Installed, Removed, Runs, files};
use crate::repo::Git;

/// The hooks that Git looks for in core.hooksPath.
const HOOKS: [&str; 27] = [
    "applypatch-msg",
    "commit-msg",
    "p4-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "p4-prepare-changelist",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "proc-receive",
    "push-to-checkout",
    "reference-transaction",
    "sendemail-validate",
    "update",
];

/// Installs the hook of an event for all repositories of the user. `data` is the folder for what is the user's own, as
/// the XDG base directories have it; `dir` any folder.
///
/// # Errors
/// The system's core.hooksPath stands in the way, what is there cannot be kept, or the file system says no.
pub fn install_everywhere(
    dir: &Path,
    data: Option<&Path>,
    event: Event,
    how: Install<'_>,
) -> Result<Installed, HookError> {
    let git = Git::at(dir);
    if Version::of(&git)?.has_config_hooks() && !how.as_file {
        let installed = install::setting(&git, event, Scope::Global, how.program)?;
        take_folder(&git, data, event)?;
        return Ok(installed);
    }
    let ours = data.map(our_folder);
    let by = HooksPath::everywhere(&git)?;
    let installed = match by {
        Some(by) if Some(&by.folder) != ours.as_ref() => {
            if by.scope != "global" {
                return Err(HookError::System(by));
            }
            install::file(&by.folder, event, how.program)?
        }
        by => {
            let folder = ours.ok_or(HookError::NoHome)?;
            let installed = set_up(&folder, event, how.program)?;
            if by.is_none() {
                // Last, so that Git never looks into a folder that is not complete.
                git.run(
                    ["config", "--global", "core.hooksPath"].map(Path::new).into_iter().chain([&*folder]),
                )?;
            }
            installed
        }
    };
    config::unset(&git, event, Scope::Global)?;
    Ok(installed)
}

/// Takes the hook of an event away from all repositories of the user, and the folder of our own with the last one.
///
/// # Errors
/// A hook that was kept would be lost, or the file system says no.
pub fn uninstall_everywhere(dir: &Path, data: Option<&Path>, event: Event) -> Result<Removed, HookError> {
    let git = Git::at(dir);
    let mut removed = take_folder(&git, data, event)?;
    if ConfigHook::read(&git, event, Some(Scope::Global))?.is_set() {
        config::unset(&git, event, Scope::Global)?;
        removed.from.push(Runs::Config(config::name(event)));
    }
    Ok(removed)
}

/// The folder of our own, in the folder for what is the user's.
fn our_folder(data: &Path) -> PathBuf {
    data.join("withhold").join("hooks")
}

/// Fills it: ours for the event, and for every other hook one that hands on.
fn set_up(folder: &Path, event: Event, program: &Path) -> Result<Installed, HookError> {
    files::make_folder(folder)?;
    for name in HOOKS {
        let path = folder.join(name);
        if name != event.name() && !files::is_there(&path) {
            files::write(&path, shim::forward())?;
        }
    }
    let hook = folder.join(event.name());
    let text = Shim::new(program, Earlier::Repository).text(event);
    let change = match look(&hook, event)? {
        Found::Ours(_, there) if there == text && files::is_executable(&hook) => Change::Unchanged,
        Found::Ours(..) => Change::Renewed,
        Found::Nothing => Change::New,
        Found::Theirs(_, there) if shim::is_forward(&there) => Change::New,
        Found::Theirs(..) => return install::file(folder, event, program),
    };
    if change != Change::Unchanged {
        files::write(&hook, &text)?;
    }
    Ok(Installed::at(event, Runs::File(hook), change))
}

/// Takes it out of the folder that is for all repositories.
fn take_folder(git: &Git, data: Option<&Path>, event: Event) -> Result<Removed, HookError> {
    let ours = data.map(our_folder);
    let by = HooksPath::everywhere(git)?.filter(|by| by.scope == "global");
    let mut removed = Removed::default();
    if let Some(by) = by.as_ref().filter(|by| Some(&by.folder) != ours.as_ref()) {
        removed = take_file(&by.folder, event)?;
    }
    let Some(folder) = ours.filter(|folder| folder.is_dir()) else { return Ok(removed) };
    let hook = folder.join(event.name());
    if !matches!(look(&hook, event)?, Found::Ours(..)) {
        return Ok(removed);
    }
    let others = Event::ALL.into_iter().filter(|other| *other != event);
    let mut last = true;
    for other in others {
        last &= !matches!(look(&folder.join(other.name()), other)?, Found::Ours(..));
    }
    if last {
        if by.is_some_and(|by| by.folder == folder) {
            git.run(["config", "--global", "--unset", "core.hooksPath"])?;
        }
        take_down(&folder, event)?;
    } else {
        files::write(&hook, shim::forward())?;
    }
    removed.from.push(Runs::File(hook));
    Ok(removed)
}

/// Removes what is ours from it, and the folder if nothing is left.
fn take_down(folder: &Path, event: Event) -> Result<(), HookError> {
    for name in HOOKS {
        let path = folder.join(name);
        match look(&path, event)? {
            Found::Theirs(_, text) if !shim::is_forward(&text) => {}
            Found::Nothing => {}
            _ => files::remove(&path)?,
        }
    }
    // Somebody may have put a hook there.
    for folder in [Some(folder), folder.parent()].into_iter().flatten() {
        if std::fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}
