//! Why something is not signed as it has to be, or could not be signed.
//!
//! Decides what is said of it. Names keys by their fingerprints, and people only as the caller named them.

use std::io;
use std::path::PathBuf;

use super::RECEIPT;
use crate::exit::Exit;

/// Why a signature was not made, or not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
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
    /// There is no signature.
    #[error("it is not signed: {what}")]
    Missing {
        /// What was looked for.
        what: String,
        /// The namespace of what should be signed.
        namespace: &'static str,
    },
    /// What should be a signature is none.
    #[error("the signature is damaged: {0}")]
    Malformed(&'static str),
    /// A signature of a kind that is not verified here.
    #[error("the signature cannot be verified: {0}")]
    Unsupported(String),
    /// It was made for something else.
    #[error("the signature was made for {found:?}, and not for {expected:?}")]
    Namespace {
        /// What it should be for.
        expected: String,
        /// What it is for.
        found: String,
    },
    /// It is not of these bytes, or not by this key.
    #[error("the signature does not fit: what was signed has been changed, or the signature has")]
    Invalid,
    /// It is in order, and nobody who may sign has made it.
    #[error("it is signed with the key {fingerprint}, {why}")]
    NotAllowed {
        /// The key.
        fingerprint: String,
        /// Why that is not enough, as a part of the sentence.
        why: String,
    },
    /// A file of allowed signers without any.
    #[error("{} allows nobody to sign{}", path.display(), broken(lines))]
    Nobody {
        /// The file.
        path: PathBuf,
        /// Its lines that say nothing which is understood.
        lines: Vec<(usize, &'static str)>,
    },
    /// There is no `ssh-keygen`.
    #[error("ssh-keygen, which makes the signature, cannot be run: {0}")]
    NotRun(#[source] io::Error),
    /// What should be a key is none.
    #[error("{} holds no key to sign with", key.display())]
    NoKey {
        /// The file.
        key: PathBuf,
    },
    /// It would not sign.
    #[error("ssh-keygen did not sign with {}: {status}", key.display())]
    NotSigned {
        /// The key.
        key: PathBuf,
        /// How it ended.
        status: String,
    },
    /// A manifest that is signed has to be sound.
    #[error("{} is not signed, because it cannot be trusted: {problem}", path.display())]
    Unsound {
        /// The manifest.
        path: PathBuf,
        /// The first thing that is wrong.
        problem: String,
    },
}

impl SignatureError {
    /// How the process ends because of it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        Exit::Unreadable
    }

    /// What can be done about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Io { .. } => None,
            Self::Missing { namespace: RECEIPT, .. } => Some(
                "ask who made it for a signed one, or make a signed one: withhold verify … --receipt FILE --sign KEY",
            ),
            Self::Missing { .. } => {
                Some("ask who made it for a signature, or sign it: withhold manifest sign --key KEY MANIFEST")
            }
            Self::Malformed(_) | Self::Invalid | Self::Unsound { .. } => {
                Some("get it again from where it was made")
            }
            Self::Unsupported(_) => {
                Some("sign with a key of its own: Ed25519, ECDSA, or RSA of 2048 to 4096 bits")
            }
            Self::Namespace { .. } => Some("a signature of one kind of file is not one of another"),
            Self::NotAllowed { .. } => {
                Some("if that key may sign, add it to the allowed signers: see docs/receipts.md")
            }
            Self::Nobody { .. } => Some("a line is: PRINCIPALS [OPTIONS] KEY-TYPE KEY, see `man ssh-keygen`"),
            Self::NotRun(_) => Some("install OpenSSH 8.2 or newer"),
            Self::NoKey { .. } => Some(
                "name a private SSH key, or the public one of a key that an agent has: --sign KEY; `ssh-keygen -t ed25519` makes one",
            ),
            Self::NotSigned { .. } => Some("what ssh-keygen said stands above"),
        }
    }
}

/// The lines of a file of allowed signers that are not understood, as the end of a sentence.
pub(super) fn broken(lines: &[(usize, &'static str)]) -> String {
    /// So many are told.
    const MOST: usize = 5;
    let mut told: String =
        lines.iter().take(MOST).map(|(line, why)| format!("; line {line} is left out: {why}")).collect();
    if lines.len() > MOST {
        told += &format!("; and {} more", lines.len() - MOST);
    }
    told
}
