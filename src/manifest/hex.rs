//! How hashes stand in JSON: lower-case hex digits and nothing else.
//!
//! Decides the spelling only; upper case, prefixes and wrong lengths are refused.

use std::borrow::Cow;

use data_encoding::HEXLOWER;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

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

/// A hash as JSON: what [`encode`] gives, without memory of its own.
pub(super) struct Digits<'h, H>(pub(super) &'h H);

/// The digits of the longest hash.
const MAX_DIGITS: usize = 64;

impl<H: Hash> Serialize for Digits<'_, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.0.as_bytes();
        let mut digits = [0; MAX_DIGITS];
        let digits =
            digits.get_mut(..2 * bytes.len()).ok_or_else(|| S::Error::custom("a hash is too long"))?;
        HEXLOWER.encode_mut(bytes, digits);
        serializer.serialize_str(std::str::from_utf8(digits).map_err(S::Error::custom)?)
    }
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
