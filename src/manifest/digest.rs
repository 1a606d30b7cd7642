//! The hashes of bytes: the keys that data sets know content by, and the digests that headers carry.
//!
//! Decides how they are computed and spelled, always over raw bytes. Must not read files or repositories.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::hex;
use crate::repo::ObjectId;

/// The kinds of Git objects that a manifest names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// The content of a file.
    Blob,
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
}

impl ObjectKind {
    /// Git's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }
}

/// Every key under which data sets know one and the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hashes {
    /// Git's object id: SHA-1 over `<kind> SP <size> NUL` and the bytes. For a blob, `swh:1:cnt:` and this is its SWHID.
    pub git_sha1: ObjectId,
    /// SHA-1 of the bytes alone.
    pub sha1: [u8; 20],
    /// SHA-256 of the bytes alone.
    pub sha256: [u8; 32],
    /// How many bytes.
    pub size: u64,
}

impl Hashes {
    /// The keys of a file's content.
    #[must_use]
    pub fn of_blob(bytes: &[u8]) -> Self {
        Self::of_object(ObjectKind::Blob, bytes)
    }

    /// The keys of an object whose body (what `git cat-file KIND ID` prints) is `bytes`.
    #[must_use]
    pub fn of_object(kind: ObjectKind, bytes: &[u8]) -> Self {
        let mut object = Sha1::new_with_prefix(format!("{} {}\0", kind.as_str(), bytes.len()));
        object.update(bytes);
        Self {
            git_sha1: ObjectId::from_bytes(object.finalize().into()),
            sha1: Sha1::digest(bytes).into(),
            sha256: Sha256::digest(bytes).into(),
            size: bytes.len() as u64,
        }
    }
}

/// A SHA-256 with its name before it, as headers carry it: `sha256:` and 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    const PREFIX: &str = "sha256:";

    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest that `text` spells, if it is spelled exactly as [`Display`](fmt::Display) spells it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        hex::decode(text.strip_prefix(Self::PREFIX)?).map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::PREFIX, hex::encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom("a digest is not `sha256:` and 64 lower-case hex digits"))
    }
}
