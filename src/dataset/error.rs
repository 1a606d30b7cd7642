//! Why a data set cannot be read or written.
//!
//! Decides how a process ends because of it. Quotes no content: a row that is to go is written nowhere, not even here.

use std::io;
use std::path::PathBuf;

use crate::exit::Exit;

/// Why a data set cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// The system gives no access.
    #[error("cannot {action}: {source}")]
    Io {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: io::Error,
    },
    /// It is damaged, or not of the form it seems to have.
    #[error("it is damaged, or not of the form it seems to have{}: {why}", at(*.row))]
    Malformed {
        /// The row, if it is one; the first is 1.
        row: Option<u64>,
        /// What is wrong.
        why: String,
    },
    /// It is of a form that cannot be read here.
    #[error("{0}")]
    Unsupported(String),
    /// A shard's name cannot be told, for it is not UTF-8.
    #[error("the name {0:?} is not UTF-8")]
    Name(PathBuf),
    /// A shard is hidden: some readers read it, and others do not.
    #[error("`{}` is hidden, and some readers read it all the same", .0.display())]
    Hidden(PathBuf),
    /// A column is not there, or not what it has to be.
    #[error("column `{name}` {why}")]
    Column {
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The judge stopped it.
    #[error("stopped at row {row}")]
    Stopped {
        /// The row; the first is 1.
        row: u64,
    },
    /// Somebody stopped it.
    #[error("interrupted")]
    Interrupted,
    /// What cannot be.
    #[error("{0}")]
    Bug(&'static str),
}

fn at(row: Option<u64>) -> String {
    row.map(|row| format!(" (row {row})")).unwrap_or_default()
}

impl DatasetError {
    /// How the process ends because of it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Io { .. }
            | Self::Malformed { .. }
            | Self::Unsupported(_)
            | Self::Name(_)
            | Self::Hidden(_)
            | Self::Column { .. } => Exit::Unreadable,
            Self::Stopped { .. } => Exit::Incomplete,
            Self::Interrupted => Exit::Interrupted,
            Self::Bug(_) => Exit::Bug,
        }
    }

    /// What can be done about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Name(_) => Some("rename it: shards are known by names in UTF-8"),
            Self::Hidden(_) => Some("take it away, or give it a name that begins with no dot"),
            _ => None,
        }
    }
}
