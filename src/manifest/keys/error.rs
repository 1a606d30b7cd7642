//! Why the keys of manifests cannot be asked.

use std::io;
use std::path::PathBuf;

use crate::exit::Exit;
use crate::manifest::ManifestError;

/// Why the keys of manifests cannot be asked. There are never fewer keys than the manifests have.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// No manifest was given: then nothing is excluded, and nothing was looked at.
    #[error("no exclusion manifest was given; name at least one")]
    None,
    /// A manifest cannot be read, or is not sound.
    #[error("{}: {source}", path.display())]
    Manifest {
        /// Its folder.
        path: PathBuf,
        /// What is wrong with it.
        source: ManifestError,
    },
    /// The system said no.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as in "cannot … PATH".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There are too many.
    #[error("there are more keys than this machine can address; use fewer manifests at once")]
    TooMany,
    /// Somebody stopped it.
    #[error("interrupted")]
    Interrupted,
}

impl KeysError {
    /// How the process ends because of it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::None => Exit::Usage,
            Self::Manifest { .. } | Self::Io { .. } | Self::TooMany => Exit::Unreadable,
            Self::Interrupted => Exit::Interrupted,
        }
    }
}
