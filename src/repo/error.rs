//! What can be wrong with a repository, how grave it is, and what to do about it.
//!
//! Decides the exit code and the hint for each cause. Must not print.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::ObjectId;
use crate::exit::Exit;

/// Why a repository gave no answer.
#[derive(Debug, Error)]
pub enum RepoError {
    /// There is no repository at or above the path.
    #[error("no Git repository at or above {}", path.display())]
    NotFound {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Somebody else owns the repository.
    #[error("the repository at {} belongs to another user", path.display())]
    Owner {
        /// The repository.
        path: PathBuf,
    },
    /// The repository is of a format that cannot be read.
    #[error("the repository at {} uses {what}, which cannot be read", path.display())]
    Format {
        /// The repository.
        path: PathBuf,
        /// The format or extension.
        what: String,
        /// The way out.
        remedy: String,
    },
    /// The history ends at a graft: what is older would be credited to the wrong commit.
    #[error("the repository at {} is a shallow clone: who wrote the older lines cannot be told", path.display())]
    Shallow {
        /// The repository.
        path: PathBuf,
    },
    /// A partial clone lacks an object that is needed.
    #[error("object {id} is missing: the repository at {} is a partial clone", path.display())]
    Partial {
        /// The repository.
        path: PathBuf,
        /// What is missing.
        id: ObjectId,
    },
    /// An object is missing that ought to be there.
    #[error("object {id} is missing from the repository at {}", path.display())]
    Missing {
        /// The repository.
        path: PathBuf,
        /// What is missing.
        id: ObjectId,
    },
    /// An object, a ref or a file of the repository does not say what it must.
    #[error("{what} cannot be read: {why}")]
    Corrupt {
        /// The object or file.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is no commit to look at.
    #[error("nothing to look at in {}: {why}", path.display())]
    Nothing {
        /// The repository.
        path: PathBuf,
        /// Why there is nothing.
        why: String,
    },
    /// The revision names no commit.
    #[error("'{spec}' names no commit in {}", path.display())]
    Revision {
        /// What was asked for.
        spec: String,
        /// The repository.
        path: PathBuf,
    },
    /// Larger than Withhold is willing to hold.
    #[error("{what} is beyond the limit of {limit}")]
    Limit {
        /// What grew too large.
        what: String,
        /// The limit, with its unit.
        limit: String,
    },
    /// The run was interrupted.
    #[error("interrupted")]
    Interrupted,
    /// Anything else that libgit2 reports.
    #[error("{doing}: {why}")]
    Git {
        /// What was being done.
        doing: String,
        /// libgit2's own words.
        why: String,
    },
    /// A step that cannot fail did.
    #[error("internal error: {0}")]
    Bug(String),
}

impl RepoError {
    /// How the process ends because of it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Shallow { .. } | Self::Partial { .. } | Self::Nothing { .. } | Self::Limit { .. } => {
                Exit::Incomplete
            }
            Self::Revision { .. } => Exit::Usage,
            Self::Interrupted => Exit::Interrupted,
            Self::Bug(_) => Exit::Bug,
            Self::NotFound { .. }
            | Self::Owner { .. }
            | Self::Format { .. }
            | Self::Missing { .. }
            | Self::Corrupt { .. }
            | Self::Git { .. } => Exit::Unreadable,
        }
    }

    /// What to do about it, where there is something to do.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { .. } => Some("name the folder of a repository, or run it inside one".into()),
            Self::Owner { path } => Some(format!(
                "if you trust it, add --any-owner, or once and for all: git config --global --add safe.directory {}",
                for_shell(path)
            )),
            Self::Format { remedy, .. } => Some(remedy.clone()),
            Self::Shallow { path } => {
                Some(format!("fetch the rest: git -C {} fetch --unshallow", for_shell(path)))
            }
            Self::Partial { path, .. } => Some(format!(
                "fetch what the filter left out: git -C {} fetch --refetch --no-filter",
                for_shell(path)
            )),
            Self::Missing { path, .. } => {
                Some(format!("see what else is wrong: git -C {} fsck", for_shell(path)))
            }
            Self::Corrupt { .. } => Some("see what else is wrong: git fsck".into()),
            Self::Nothing { .. } => {
                Some("commit something first, or name a revision that has a commit".into())
            }
            Self::Revision { .. } => Some("see the names there are: git show-ref".into()),
            Self::Bug(_) => Some("please report it, with the command that led to it".into()),
            Self::Interrupted | Self::Limit { .. } | Self::Git { .. } => None,
        }
    }
}

/// A path as a word of a shell's command line: what stands in a hint is pasted, and a folder's name must not
/// become a command of its own.
pub(super) fn for_shell(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folders_name_cannot_leave_its_quotes() {
        let hint = RepoError::Shallow { path: "it's; rm x".into() }.hint().unwrap();
        assert_eq!(hint, r"fetch the rest: git -C 'it'\''s; rm x' fetch --unshallow");
    }
}
