//! Puts a hook where Git runs it.
//!
//! Decides between a file and a setting, and what becomes of a hook that is there already: it is kept, and runs after
//! ours. Ours is first because the other may send something itself, as git-lfs does, and nothing may leave before the
//! gate has agreed.

use std::path::{Path, PathBuf};

use super::config::{self, ConfigHook, Scope};
use super::neighbour::{Found, Neighbour, look};
use super::shim::{Earlier, Shim};
use super::{Event, HookError, Runs, Site, files, shim, uninstall};

/// How to install.
#[derive(Debug, Clone, Copy)]
pub struct Install<'p> {
    /// The program that the hook calls.
    pub program: &'p Path,
    /// A file also where Git knows config hooks.
    pub as_file: bool,
    /// Also where it is of no use to most, or of consequence for other repositories.
    pub force: bool,
}

/// What had to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was not there.
    New,
    /// It was there, but not as it should be.
    Renewed,
    /// It was there.
    Unchanged,
}

/// Where a hook is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// When it runs.
    pub event: Event,
    /// How Git comes to it.
    pub runs: Runs,
    /// What had to be done for that.
    pub change: Change,
    /// The hook that was there before, and runs after it.
    pub kept: Option<PathBuf>,
    /// Whether it lies where it could be committed, though it holds a path of this machine.
    pub committed: bool,
}

/// Installs the hook of an event for a repository.
///
/// # Errors
/// It has no place there, or what is there cannot be kept, or the file system says no. Then what ran still runs.
pub fn install(site: &Site, event: Event, how: Install<'_>) -> Result<Installed, HookError> {
    if event.receives() && !site.bare && !how.force {
        return Err(HookError::WorkTree(event));
    }
    let mut folder = site.folder(event)?;
    let mut by = site.hooks_path()?.filter(super::HooksPath::for_all);
    // A hook of ours there may hand on to the repository's.
    if matches!(look(&folder.join(event.name()), event)?, Found::Theirs(_, text) if shim::is_forward(&text)) {
        (folder, by) = (site.own_folder(), None);
    }
    let in_front = by.is_none() && sends(&folder, event)?;
    if site.version.has_config_hooks() && !how.as_file && !in_front {
        let installed = setting(&site.git, event, Scope::Local, how.program)?;
        // Once is enough. What is there for all repositories stays.
        for folder in [Some(site.own_folder()), by.is_none().then_some(folder)].into_iter().flatten() {
            uninstall::take_file(&folder, event)?;
        }
        return Ok(installed);
    }
    let hook = folder.join(event.name());
    if let Some(by) = by {
        if let Found::Ours(..) = look(&hook, event)? {
            return Ok(Installed::at(event, Runs::File(hook), Change::Unchanged));
        }
        return Err(HookError::Foreign { by, own: site.own_folder(), event });
    }
    if !site.holds(&folder) && !how.force {
        return Err(HookError::Outside(folder));
    }
    let installed = file(&folder, event, how.program)?;
    config::unset(&site.git, event, Scope::Local)?;
    Ok(Installed { committed: site.is_committed(&folder), ..installed })
}

/// Whether a hook that sends something itself is there, or kept behind ours. Git runs it whatever a config hook says, so
/// ours has to be in front of it.
pub(super) fn sends(folder: &Path, event: Event) -> Result<bool, HookError> {
    for path in [folder.join(event.name()), files::kept(folder, event)] {
        if matches!(look(&path, event)?, Found::Theirs(Neighbour::GitLfs, _)) {
            return Ok(event == Event::PrePush);
        }
    }
    Ok(false)
}

impl Installed {
    pub(super) fn at(event: Event, runs: Runs, change: Change) -> Self {
        Self { event, runs, change, kept: None, committed: false }
    }
}

/// Installs it as a setting.
pub(super) fn setting(
    git: &crate::repo::Git,
    event: Event,
    scope: Scope,
    program: &Path,
) -> Result<Installed, HookError> {
    let there = ConfigHook::read(git, event, Some(scope))?;
    let change = match there.is_set() {
        true if there.program(event).is_none() => return Err(HookError::NotOurs(config::section(event))),
        true if there.is_current(event, program) => Change::Unchanged,
        true => Change::Renewed,
        false => Change::New,
    };
    if change != Change::Unchanged {
        config::set(git, event, scope, program)?;
    }
    Ok(Installed::at(event, Runs::Config(config::name(event)), change))
}

/// Installs it as a file of a folder.
pub(super) fn file(folder: &Path, event: Event, program: &Path) -> Result<Installed, HookError> {
    files::make_folder(folder)?;
    let (hook, kept) = (folder.join(event.name()), files::kept(folder, event));
    match look(&hook, event)? {
        Found::Ours(shim, text) => {
            let earlier = if shim.earlier.is_kept() { kept_as(&kept, event)? } else { shim.earlier };
            write(&hook, &text, event, &Shim::new(program, earlier))
        }
        // What is kept without ours in front of it is left from one that was killed, or of which somebody removed ours.
        Found::Nothing => {
            let earlier = kept_as(&kept, event)?;
            write(&hook, b"", event, &Shim::new(program, earlier))
        }
        Found::Theirs(Neighbour::PreCommit, _) if is_ours(&legacy(folder, event), event)? => {
            behind_pre_commit(folder, event, program)
        }
        Found::Theirs(whose, text) => {
            if !may_replace(&kept, event, whose, &text)? {
                return Err(HookError::TwoEarlier { hook, kept });
            }
            files::keep(&hook, &kept, &text, event)?;
            let installed = write(&hook, b"", event, &Shim::new(program, Earlier::of(&text)))?;
            uninstall::take_left_over(folder, event)?;
            Ok(installed)
        }
    }
}

/// pre-commit has put ours aside, and runs it before its own: there it stays.
fn behind_pre_commit(folder: &Path, event: Event, program: &Path) -> Result<Installed, HookError> {
    let (legacy, kept) = (legacy(folder, event), files::kept(folder, event));
    let Found::Ours(shim, text) = look(&legacy, event)? else {
        return Err(HookError::NotAFile(legacy));
    };
    let earlier = match look(&kept, event)? {
        // It would call itself.
        Found::Theirs(Neighbour::PreCommit, _) => Earlier::None,
        _ if shim.earlier.is_kept() => kept_as(&kept, event)?,
        _ => shim.earlier,
    };
    let renewed = Shim::new(program, earlier);
    let installed = write(&legacy, &text, event, &renewed)?;
    if renewed.earlier == Earlier::None && files::is_there(&kept) {
        files::remove(&kept)?;
    }
    Ok(Installed { runs: Runs::Through(Neighbour::PreCommit, legacy), ..installed })
}

fn write(hook: &Path, before: &[u8], event: Event, shim: &Shim) -> Result<Installed, HookError> {
    let text = shim.text(event);
    let change = match before {
        [] => Change::New,
        _ if before == text && files::is_executable(hook) => Change::Unchanged,
        _ => Change::Renewed,
    };
    if change != Change::Unchanged {
        files::write(hook, &text)?;
    }
    let folder = hook.parent().unwrap_or(Path::new("."));
    let kept = shim.earlier.is_kept().then(|| files::kept(folder, event));
    Ok(Installed { kept, ..Installed::at(event, Runs::File(hook.to_path_buf()), change) })
}

/// How the hook that is kept has to be run.
fn kept_as(kept: &Path, event: Event) -> Result<Earlier, HookError> {
    Ok(match look(kept, event)? {
        Found::Theirs(_, text) => Earlier::of(&text),
        // Ours behind ours would ask twice.
        Found::Nothing | Found::Ours(..) => Earlier::None,
    })
}

/// Whether what is kept may go for a hook that is to be kept now: the same, or an earlier one that the same tool wrote.
fn may_replace(kept: &Path, event: Event, whose: Neighbour, text: &[u8]) -> Result<bool, HookError> {
    Ok(match look(kept, event)? {
        Found::Nothing | Found::Ours(..) => true,
        Found::Theirs(author, kept) => {
            let writes_its_own =
                matches!(author, Neighbour::Lefthook | Neighbour::Husky | Neighbour::PreCommit);
            kept == text || (writes_its_own && author == whose)
        }
    })
}

/// Where pre-commit keeps the hook that was there before it.
pub(super) fn legacy(folder: &Path, event: Event) -> PathBuf {
    folder.join(format!("{}.legacy", event.name()))
}

pub(super) fn is_ours(path: &Path, event: Event) -> Result<bool, HookError> {
    Ok(matches!(look(path, event)?, Found::Ours(..)))
}
