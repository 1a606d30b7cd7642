//! What can be known of a header before it is trusted with memory.
//!
//! Decides how much a header may hold that this reader does not know: what is known takes little more memory than its text,
//! what is not could take a hundred times as much. Nothing is kept of it here.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::header::FIELDS;

/// So many bytes of fields that are not known may stand in a header.
pub(super) const MOST_UNKNOWN: usize = 64 << 10;

/// What tells whether the rest can be understood at all.
#[derive(Debug)]
pub(super) struct Outline {
    /// What the header says it is.
    pub(super) schema: String,
    /// How many bytes the fields have that are not known, their names and values together.
    pub(super) unknown: usize,
}

impl<'de> Deserialize<'de> for Outline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Outline;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outline, A::Error> {
        let (mut schema, mut unknown) = (None, 0);
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if name == "schema" {
                schema = Some(map.next_value()?);
            } else if FIELDS.contains(&name.as_ref()) {
                map.next_value::<IgnoredAny>()?;
            } else {
                unknown += name.len() + map.next_value::<&RawValue>()?.get().len();
            }
        }
        Ok(Outline { schema: schema.ok_or_else(|| A::Error::missing_field("schema"))?, unknown })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::samples::manifest;
    use super::super::{Digest, Header, Profile};
    use super::*;

    fn outline(header: &Value) -> Outline {
        serde_json::from_slice(header.to_string().as_bytes()).unwrap()
    }

    /// A header in which every field stands.
    fn whole() -> Value {
        let one = Digest::of(b"one");
        let header = Header {
            not_before: Some(1),
            not_after: Some(2),
            previous: Some(one),
            policies: vec![one],
            ..manifest(Profile::Keys).header().clone()
        };
        serde_json::to_value(header).unwrap()
    }

    #[test]
    fn what_this_reader_knows_is_what_it_writes() {
        let mut fields: Vec<_> = whole().as_object().unwrap().keys().cloned().collect();
        let mut known = FIELDS.to_vec();
        fields.sort_unstable();
        known.sort_unstable();
        assert_eq!(fields, known);
        assert_eq!(outline(&whole()).unknown, 0);
    }

    #[test]
    fn what_is_not_known_is_counted() {
        let mut header = whole();
        header["later"] = json!({"a": [1, "two"]});
        header["\n"] = json!(null);
        assert_eq!(outline(&header).unknown, "later".len() + "{\"a\":[1,\"two\"]}".len() + 1 + "null".len());
        assert_eq!(outline(&header).schema, super::super::header::SCHEMA);
        assert!(serde_json::from_str::<Outline>("{\"later\":1}").unwrap_err().to_string().contains("schema"));
        assert!(serde_json::from_str::<Outline>("[]").is_err());
    }
}
