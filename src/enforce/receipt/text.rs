//! How digests and purposes stand in a receipt.
//!
//! Decides spellings: in-toto's for digests, the manifests' for purposes.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::manifest::Digest;

/// A set of digests, of which SHA-256 is the one that counts: `{"sha256": "…"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub Digest);

const PREFIX: &str = "sha256:";

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.to_string();
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("sha256", text.strip_prefix(PREFIX).unwrap_or(&text))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Other digests of the same bytes are passed over.
        #[derive(serde::Deserialize)]
        struct Set {
            sha256: String,
        }
        let Set { sha256 } = Set::deserialize(deserializer)?;
        let digest = Digest::parse(&format!("{PREFIX}{sha256}"));
        digest.map(Self).ok_or_else(|| D::Error::custom("a `sha256` is not 64 lower-case hex digits"))
    }
}

/// For `with`.
pub(super) mod purposes {
    use super::{Deserialize, Deserializer, Error, Serializer};
    use crate::policy::{Purpose, Purposes};

    pub(in super::super) fn serialize<S: Serializer>(
        purposes: &Purposes,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(purposes.iter().map(Purpose::as_str))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Purposes, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let purposes: Option<Vec<_>> = names.iter().map(|name| Purpose::parse(name)).collect();
        let purposes = purposes.ok_or_else(|| D::Error::custom("an unknown purpose"))?;
        if !purposes.is_sorted_by(|a, b| a < b) {
            return Err(D::Error::custom("purposes are not sorted, or one is there twice"));
        }
        Ok(purposes.into_iter().collect())
    }
}
