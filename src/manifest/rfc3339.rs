//! How times stand in a header: RFC 3339 in UTC, to the second, in one spelling only.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Error as _, Serializer};

use crate::policy::{Timestamp, time};

/// The time as text, if it is in the years 0000 to 9999.
#[must_use]
pub fn encode(time: Timestamp) -> Option<String> {
    time::text(time)
}

/// The time that `text` spells, if it is spelled exactly so.
pub(crate) fn decode(text: &str) -> Option<Timestamp> {
    let time = time::parse(text)?;
    (encode(time).as_deref() == Some(text)).then_some(time)
}

/// For `with`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
pub(crate) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    let text = encode(*time).ok_or_else(|| S::Error::custom("a time is not in the years 0000 to 9999"))?;
    serializer.serialize_str(&text)
}

/// For `with`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    decode(&text).ok_or_else(|| D::Error::custom("a time is not RFC 3339 in UTC to the second"))
}

/// For `with` on a field that may be absent.
pub(crate) mod option {
    use super::{Deserializer, Serializer, Timestamp};

    pub(crate) fn serialize<S: Serializer>(
        time: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::serialize(time, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_to_the_second() {
        assert_eq!(encode(0).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(encode(-1).as_deref(), Some("1969-12-31T23:59:59Z"));
        assert_eq!(decode("2106-02-07T06:28:16Z"), Some(1 << 32));
        assert_eq!(decode("9999-12-31T23:59:59Z"), Some(253_402_300_799));
    }

    #[test]
    fn no_other_spelling_is_taken() {
        for text in [
            "2024-01-01",
            "2024-01-01T00:00:00+00:00",
            "2024-01-01T00:00:00.0Z",
            "2024-01-01t00:00:00z",
            "2024-01-01 00:00:00Z",
            "2024-06-30T23:59:60Z",
            "-000001-01-01T00:00:00Z",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn times_beyond_the_years_of_four_digits_are_refused() {
        assert_eq!(encode(-62_167_219_200).as_deref(), Some("0000-01-01T00:00:00Z"));
        for time in [-62_167_219_201, 253_402_300_800, i64::MIN, i64::MAX] {
            assert_eq!(encode(time), None, "{time}");
        }
    }
}
