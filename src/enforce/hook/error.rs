//! Why a hook is not installed or taken away: with which code that ends, and what can be done.

use std::io;
use std::path::{Path, PathBuf};

use super::{Event, HooksPath};
use crate::exit::Exit;
use crate::repo::GitError;

/// Why nothing was changed, or not all.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// Git gave no answer.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There is no repository here, or Git does not trust it.
    #[error("no repository to work in: {0}")]
    NoRepository(#[source] GitError),
    /// Git runs the hooks of a folder that someone has set for all repositories.
    #[error("the hooks of this repository are shadowed: core.hooksPath is {} ({}, {})", .by.folder.display(), .by.scope, .by.origin)]
    Foreign {
        /// Who says so.
        by: HooksPath,
        /// The folder that Git would look into without.
        own: PathBuf,
        /// What was to be installed.
        event: Event,
    },
    /// The folder for all repositories is the system's.
    #[error("core.hooksPath is set for all users of this machine, to {} ({})", .0.folder.display(), .0.origin)]
    System(HooksPath),
    /// The repository's own core.hooksPath leads out of it.
    #[error("core.hooksPath leads out of the repository, to {}: other repositories may use that folder", .0.display())]
    Outside(PathBuf),
    /// A repository with a work tree is seldom pushed to.
    #[error("this repository has a work tree; {} is for one that others push to", .0.name())]
    WorkTree(Event),
    /// Where hooks should be is something else.
    #[error("{} is no folder, and core.hooksPath says that hooks are in it", quoted(.0))]
    NoFolder(PathBuf),
    /// Where the hook should be is neither file nor link.
    #[error("{} is not a file", .0.display())]
    NotAFile(PathBuf),
    /// Two different hooks want to run after ours, and one would be lost.
    #[error("there is a hook at {}, and another one is kept already as {}", .hook.display(), .kept.display())]
    TwoEarlier {
        /// The one in the place of ours.
        hook: PathBuf,
        /// The one that ours was to run.
        kept: PathBuf,
    },
    /// Somebody else was at work.
    #[error("{} was changed while it was looked at", .0.display())]
    Meanwhile(PathBuf),
    /// The setting has our name, but we did not write it.
    #[error("'{0}' is set, but not by withhold")]
    NotOurs(String),
    /// There is no folder for what is the user's own.
    #[error("neither XDG_DATA_HOME nor HOME says where a folder of hooks could be")]
    NoHome,
    /// The program does not know where it is.
    #[error("the path of this program cannot be told: {0}")]
    NoProgram(#[source] io::Error),
    /// The file system says no.
    #[error("cannot {what} {}: {why}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Its answer.
        #[source]
        why: io::Error,
    },
}

impl HookError {
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |why| Self::Io { what, path: path.to_path_buf(), why }
    }

    /// The code that it ends with.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Foreign { .. }
            | Self::System(_)
            | Self::Outside(_)
            | Self::WorkTree(_)
            | Self::TwoEarlier { .. }
            | Self::NotOurs(_) => Exit::Usage,
            Self::Git(_)
            | Self::NoRepository(_)
            | Self::NoFolder(_)
            | Self::NotAFile(_)
            | Self::Meanwhile(_)
            | Self::NoHome
            | Self::NoProgram(_)
            | Self::Io { .. } => Exit::Unreadable,
        }
    }

    /// The ways out, each with what has to be typed.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Foreign { by, own, event } => {
                let event = event.name();
                let everywhere = format!(
                    "for every repository that uses that folder: withhold hook install {event} --global"
                );
                let here = format!(
                    "for this repository, without the hooks of that folder: git config core.hooksPath {}; withhold hook install {event}",
                    quoted(own)
                );
                let newer =
                    "beside them: with Git 2.54 or newer, install again; it is a config hook then".to_owned();
                let mut hints = vec![here, newer];
                if by.scope == "global" {
                    hints.insert(0, everywhere);
                }
                hints
            }
            Self::System(_) => vec![
                "ask whoever has set it, or install in one repository at a time".to_owned(),
                "beside them: with Git 2.54 or newer, install again; it is a config hook then".to_owned(),
            ],
            Self::Outside(_) => vec!["install it there all the same: --force".to_owned()],
            Self::WorkTree(_) => vec![
                "install it all the same, if others do push to this repository: --force".to_owned(),
                "before your own pushes: withhold hook install pre-push".to_owned(),
            ],
            Self::NoRepository(_) => {
                vec![
                    "name the folder of a repository (-C DIR), or install for all of them: --global"
                        .to_owned(),
                ]
            }
            Self::NoFolder(_) => {
                vec!["look who has set it: git config --show-origin --get-all core.hooksPath".to_owned()]
            }
            Self::NotAFile(path) => vec![format!("see what it is: ls -ld {}", quoted(path))],
            Self::TwoEarlier { hook, kept } => vec![
                format!("if the kept one is no longer wanted: rm {}", quoted(kept)),
                format!("if it is wanted instead: mv {} {}", quoted(kept), quoted(hook)),
                "then: withhold hook install".to_owned(),
            ],
            Self::NotOurs(section) => {
                vec![format!("if it is not wanted: git config --remove-section {section}")]
            }
            Self::Meanwhile(_) => vec!["try again".to_owned()],
            Self::NoHome => vec!["set HOME".to_owned()],
            Self::Io { .. } | Self::Git(_) | Self::NoProgram(_) => Vec::new(),
        }
    }
}

/// A path as a shell reads it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |char: char| char.is_alphanumeric() || "/._-+,@:".contains(char);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
