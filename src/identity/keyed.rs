//! Keyed hashes: of addresses in lists that must not name people, and of ids in manifests.
//!
//! Decides what is hashed, and by what a key is told from others. Must not read files or the environment: the caller brings the key.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::Sha256;

/// Shorter keys can be guessed.
pub const MIN_KEY_BYTES: usize = 16;

/// A secret; never shown.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

/// Why a key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Too few bytes.
    #[error("the key has {0} bytes, and needs at least {MIN_KEY_BYTES}; `openssl rand -hex 32` makes one")]
    TooShort(usize),
    /// The hash function does not take it.
    #[error("the key cannot be used")]
    Unusable,
}

impl Key {
    /// The key in a file or an environment variable; one line end after it is not part of it.
    ///
    /// # Errors
    /// If it is shorter than [`MIN_KEY_BYTES`].
    pub fn new(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if bytes.len() < MIN_KEY_BYTES {
            return Err(KeyError::TooShort(bytes.len()));
        }
        Hmac::new_from_slice(bytes).map(Self).map_err(|_| KeyError::Unusable)
    }

    fn hash(&self, message: &[u8]) -> [u8; 32] {
        let mut hmac = self.0.clone();
        hmac.update(message);
        hmac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// HMAC-SHA-256 of a normalised address, as UTF-8.
#[must_use]
pub fn email_hmac(key: &Key, normalised: &str) -> [u8; 32] {
    key.hash(normalised.as_bytes())
}

/// The pseudonym of a subject's or rule's id in a manifest: 32 hex digits, different in every serial of
/// a list, so that manifests cannot be joined by it.
#[must_use]
pub fn pseudonym(key: &Key, serial: u64, id: &str) -> String {
    // Normalised addresses have no NUL, so this can be the hash of none.
    let hash = key.hash(format!("withhold pseudonym\0{serial}\0{id}").as_bytes());
    HEXLOWER.encode(&hash[..16])
}

/// What tells a key from others, without telling what it is: 16 hex digits. Whoever guesses a key can see by it that they
/// guessed right, as by any keyed hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct KeyCheck(String);

impl KeyCheck {
    const BYTES: usize = 8;

    /// That of a key: HMAC-SHA-256 of `withhold key check` and a NUL, the first 8 bytes.
    #[must_use]
    pub fn of(key: &Key) -> Self {
        // Neither an address nor a pseudonym begins like this, so it can be the hash of none.
        Self(HEXLOWER.encode(&key.hash(b"withhold key check\0")[..Self::BYTES]))
    }
}

impl fmt::Display for KeyCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for KeyCheck {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = HEXLOWER.decode(text.as_bytes());
        let is_one = bytes.is_ok_and(|bytes| bytes.len() == Self::BYTES);
        if is_one {
            Ok(Self(text))
        } else {
            Err(D::Error::custom("a key check is not 16 lower-case hex digits"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key::new(b"0123456789abcdef0123456789abcdef\n").unwrap()
    }

    #[test]
    fn the_hash_of_an_address_is_plain_hmac_sha_256() {
        // printf %s ada@corp.example | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
        assert_eq!(
            HEXLOWER.encode(&email_hmac(&key(), "ada@corp.example")),
            "e376aeaf1ef6cc28a8bb66563477d6556d4925eb21388e184b57811cfe20abc4"
        );
    }

    #[test]
    fn a_line_end_is_not_part_of_the_key() {
        let bare = Key::new(b"0123456789abcdef0123456789abcdef").unwrap();
        let windows = Key::new(b"0123456789abcdef0123456789abcdef\r\n").unwrap();
        assert_eq!(email_hmac(&bare, "a"), email_hmac(&key(), "a"));
        assert_eq!(email_hmac(&windows, "a"), email_hmac(&key(), "a"));
    }

    #[test]
    fn a_short_key_is_refused() {
        assert_eq!(Key::new(b"0123456789abcde\n").unwrap_err(), KeyError::TooShort(15));
    }

    #[test]
    fn a_key_is_never_shown() {
        assert_eq!(format!("{:?}", key()), "Key(…)");
    }

    /// `printf 'withhold key check\\0' | openssl dgst -sha256 -hmac …` gives the same first 16 digits.
    #[test]
    fn a_key_is_told_from_others_by_its_check() {
        let other = Key::new(b"another key, of enough bytes").unwrap();
        assert_ne!(KeyCheck::of(&key()), KeyCheck::of(&other));
        let check = KeyCheck::of(&key());
        assert_eq!(check.to_string(), "9702e5fabfc44099");
        let json = serde_json::to_string(&check).unwrap();
        assert_eq!(serde_json::from_str::<KeyCheck>(&json).unwrap(), check);
        for wrong in ["\"\"", "\"00\"", "\"0123456789ABCDEF\"", "\"0123456789abcdefg\"", "null"] {
            assert!(serde_json::from_str::<KeyCheck>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pseudonyms_change_with_the_serial_and_the_id() {
        let of = |serial, id| pseudonym(&key(), serial, id);
        assert_eq!(of(1, "s-7q4k"), of(1, "s-7q4k"));
        assert_ne!(of(1, "s-7q4k"), of(2, "s-7q4k"));
        assert_ne!(of(1, "s-7q4k"), of(1, "s-7q4m"));
        assert_eq!(of(1, "s-7q4k").len(), 32);
    }
}
