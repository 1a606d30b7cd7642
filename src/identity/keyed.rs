//! Keyed hashes: of addresses in lists that must not name people, and of ids in manifests.

use std::fmt;

/// A secret; never shown.
#[derive(Clone)]
pub struct Key(Vec<u8>);

/// Why a key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Fewer than 16 bytes.
    #[error("the key has {0} bytes, and needs at least 16")]
    TooShort(usize),
}

impl Key {
    /// The key in a file or an environment variable; a line end after it is not part of it.
    ///
    /// # Errors
    /// If it is shorter than 16 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, KeyError> {
        let _ = bytes;
        todo!()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _ = &self.0;
        f.write_str("Key(…)")
    }
}

/// HMAC-SHA-256 of a normalised address.
#[must_use]
pub fn email_hmac(key: &Key, normalised: &str) -> [u8; 32] {
    let _ = (key, normalised);
    todo!()
}

/// The pseudonym of an id in a manifest: other in every serial of a list, so that manifests cannot be joined by it.
#[must_use]
pub fn pseudonym(key: &Key, serial: u64, id: &str) -> String {
    let _ = (key, serial, id);
    todo!()
}
