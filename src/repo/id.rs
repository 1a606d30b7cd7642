//! The name of a Git object: a SHA-1 (repositories with SHA-256 names are refused when opened).

use std::fmt;
use std::hash::{Hash, Hasher};

/// The id of a blob, tree, commit or tag.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ObjectId([u8; 20]);

impl ObjectId {
    /// The id with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// Its twenty bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The id written as 40 hex digits, if `hex` is that.
    #[must_use]
    pub fn from_hex(hex: &[u8]) -> Option<Self> {
        let mut bytes = [0; 20];
        let written = data_encoding::HEXLOWER_PERMISSIVE.decode_len(hex.len()).ok()?;
        if written != bytes.len() {
            return None;
        }
        data_encoding::HEXLOWER_PERMISSIVE.decode_mut(hex, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl Hash for ObjectId {
    /// An id is a hash itself: eight bytes of it tell as much as twenty.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        state.write_u64(u64::from_ne_bytes([a, b, c, d, e, f, g, h]));
    }
}

impl From<&Self> for ObjectId {
    fn from(id: &Self) -> Self {
        *id
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
