//! How hashes stand in JSON: lower-case hex digits and nothing else.
//!
//! Decides the spelling only; upper case, prefixes and wrong lengths are refused.

use std::borrow::Cow;

use data_encoding::HEXLOWER;
use serde::de::{Deserialize, Deserializer, Error as _};

use crate::repo::ObjectId;

/// A hash of a fixed length.
pub(super) trait Hash: Sized {
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
    fn as_bytes(&self) -> &[u8];
}

impl<const N: usize> Hash for [u8; N] {
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok()
    }

    fn as_bytes(&self) -> &[u8] {
        self
    }
}

impl Hash for ObjectId {
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_bytes)
    }

    fn as_bytes(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// The hash in lower-case hex.
pub(super) fn encode(hash: &impl Hash) -> String {
    HEXLOWER.encode(hash.as_bytes())
}

/// The hash that `text` spells, if it is spelled exactly so.
pub(super) fn decode<T: Hash>(text: &str) -> Option<T> {
    T::from_bytes(&HEXLOWER.decode(text.as_bytes()).ok()?)
}

/// For `deserialize_with` on a field that may be absent (never `null`).
pub(super) fn option<'de, T: Hash, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    decode(&text).map(Some).ok_or_else(|| D::Error::custom("a hash is not lower-case hex of its length"))
}
