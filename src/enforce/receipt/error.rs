//! Why a receipt was not made, or not read.
//!
//! Decides how a process ends because of it.

use std::io;
use std::path::PathBuf;

use super::super::signature::SignatureError;
use crate::dataset::DatasetError;
use crate::exit::Exit;

/// Why a receipt was not made, or not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The system said no.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as in "cannot … PATH".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What was read is no receipt, or not one that can be understood.
    #[error("the receipt cannot be trusted: {0}")]
    Invalid(String),
    /// It would speak of more files than one that is read again may.
    #[error("the data set has too many files for a receipt")]
    TooMany,
    /// What was given makes no receipt.
    #[error("no receipt can be made of this: {0}")]
    Unfit(String),
    /// The file of a data set has no place in it.
    #[error("{} {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// What is given as a data set cannot be looked at, or its files have no names.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// It was not signed, or the signature does not count.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Somebody stopped it.
    #[error("interrupted")]
    Interrupted,
}

impl ReceiptError {
    /// How the process ends because of it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Io { .. } | Self::Invalid(_) => Exit::Unreadable,
            Self::TooMany => Exit::Incomplete,
            Self::Unfit(_) => Exit::Bug,
            Self::File { .. } => Exit::Usage,
            Self::Dataset(error) => error.exit(),
            Self::Signature(error) => error.exit(),
            Self::Interrupted => Exit::Interrupted,
        }
    }

    /// What can be done about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Invalid(_) => Some("get it again from where it was made"),
            Self::TooMany => Some("put it into fewer, larger files; or without --receipt"),
            Self::File { .. } => Some("say with --base which folder the names in the receipt begin at"),
            Self::Signature(error) => error.hint(),
            Self::Dataset(error) => error.hint(),
            Self::Io { .. } | Self::Unfit(_) | Self::Interrupted => None,
        }
    }
}
