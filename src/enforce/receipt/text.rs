//! How digests and purposes stand in a receipt, and how much of what is short.
//!
//! Decides spellings: in-toto's for digests, the manifests' for purposes. What can only be a few words is not read any
//! further than that: a word of no letters takes ten times the memory that it takes in the file.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
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
    use super::{Deserializer, Error, SeqAccess, Serializer, Visitor, fmt};
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
        deserializer.deserialize_seq(Names)
    }

    /// Each is held against the one before, so that none of them is kept.
    struct Names;

    impl<'de> Visitor<'de> for Names {
        type Value = Purposes;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of purposes")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Purposes, A::Error> {
            let mut last = None;
            let mut purposes = Vec::new();
            while let Some(name) = names.next_element::<String>()? {
                let purpose = Purpose::parse(&name).ok_or_else(|| A::Error::custom("an unknown purpose"))?;
                if last.replace(purpose).is_some_and(|last| last >= purpose) {
                    return Err(A::Error::custom("purposes are not sorted, or one is there twice"));
                }
                purposes.push(purpose);
            }
            Ok(purposes.into_iter().collect())
        }
    }
}

/// For `deserialize_with`: a list of so many, and no more.
pub(super) fn few<'de, D: Deserializer<'de>, T: Deserialize<'de>, const MOST: usize>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct Few<T, const MOST: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Few<T, MOST> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
            let mut few = Vec::new();
            while let Some(item) = items.next_element()? {
                if few.len() == MOST {
                    return Err(A::Error::custom(format_args!("a list has more than {MOST} items")));
                }
                few.push(item);
            }
            Ok(few)
        }
    }

    deserializer.deserialize_seq(Few::<T, MOST>(PhantomData))
}

/// No tool is made of more than this.
const MOST_NAMED: usize = 16;

/// For `deserialize_with`: texts by their names, and not many.
pub(super) fn few_named<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    struct Few;

    impl<'de> Visitor<'de> for Few {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("texts by their names")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let mut few = BTreeMap::new();
            while let Some((name, text)) = items.next_entry()? {
                if few.len() == MOST_NAMED {
                    return Err(A::Error::custom(format_args!("there are more than {MOST_NAMED} versions")));
                }
                few.insert(name, text);
            }
            Ok(few)
        }
    }

    deserializer.deserialize_map(Few)
}
