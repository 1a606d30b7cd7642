//! Points and spans of time, as Git counts them: whole seconds of Unix time, which may be negative.
//!
//! Decides how they are spelled: RFC 3339, which has the years 0000 to 9999. All of them are: jiff's points in time end a day
//! before the last one does, its days do not.

use jiff::civil::{self, DateTime};
use jiff::fmt::temporal::Pieces;
use jiff::{SignedDuration, tz::Offset};

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
pub type Timestamp = i64;

/// 0000-01-01T00:00:00Z, the first second that can be written.
pub const FIRST: Timestamp = -62_167_219_200;
/// 9999-12-31T23:59:59Z, the last second that can be written.
pub const LAST: Timestamp = 253_402_300_799;

const EPOCH: DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// A span of time, both ends included; an end that is missing is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Window {
    /// The first second that is inside.
    pub from: Option<Timestamp>,
    /// The last second that is inside.
    pub until: Option<Timestamp>,
}

impl Window {
    /// All of time.
    pub const ALWAYS: Self = Self { from: None, until: None };

    /// Whether `time` is inside.
    #[must_use]
    pub fn contains(self, time: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= time) && self.until.is_none_or(|until| time <= until)
    }
}

/// The second that an RFC 3339 date-time with an offset (`2026-01-31T12:00:00Z`) lies in, if that can be written.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let pieces = Pieces::parse(text).ok()?;
    let time = pieces.date().to_datetime(pieces.time()?);
    let second = second(time, pieces.to_numeric_offset()?);
    (FIRST..=LAST).contains(&second).then_some(second)
}

/// The time in UTC, to the second (`2026-01-31T12:00:00Z`), if it can be written.
#[must_use]
pub fn text(time: Timestamp) -> Option<String> {
    let written = (FIRST..=LAST).contains(&time).then(|| EPOCH.checked_add(SignedDuration::from_secs(time)));
    Some(format!("{}Z", written?.ok()?))
}

/// The second that a time of a zone with that offset lies in.
pub(crate) fn second(time: DateTime, offset: Offset) -> Timestamp {
    let whole = time.with().subsec_nanosecond(0).build().unwrap_or(time);
    whole.duration_since(EPOCH).as_secs() - i64::from(offset.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_of_the_years_0000_to_9999_is_read_and_written() {
        for (written, time) in [
            ("0000-01-01T00:00:00Z", FIRST),
            ("0000-12-31T23:59:59Z", FIRST + 366 * 86_400 - 1),
            ("1969-12-31T23:59:59Z", -1),
            ("1970-01-01T00:00:00Z", 0),
            ("2106-02-07T06:28:16Z", 1 << 32),
            ("9999-12-30T22:00:01Z", LAST - 93_598),
            ("9999-12-31T00:00:00Z", LAST - 86_399),
            ("9999-12-31T23:59:59Z", LAST),
        ] {
            assert_eq!((parse(written), text(time).as_deref()), (Some(time), Some(written)));
        }
        for time in [FIRST - 1, LAST + 1, i64::MIN, i64::MAX] {
            assert_eq!(text(time), None, "{time}");
        }
        for beyond in ["0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "-000001-12-31T23:59:59Z"] {
            assert_eq!(parse(beyond), None, "{beyond}");
        }
    }

    #[test]
    fn a_time_is_read_with_its_offset_and_lies_in_its_second() {
        for (written, time) in [
            ("1970-01-01T02:00:00+02:00", 0),
            ("1969-12-31T23:00:00-01:00", 0),
            ("1970-01-01T00:00:00.999Z", 0),
            ("1969-12-31T23:59:59.5Z", -1),
            ("9999-12-31T23:59:59+14:00", LAST - 14 * 3600),
            ("9999-12-31T23:59:59.999Z", LAST),
        ] {
            assert_eq!(parse(written), Some(time), "{written}");
        }
        for none in ["", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01Z", "1970-02-30T00:00:00Z", "now"] {
            assert_eq!(parse(none), None, "{none}");
        }
    }
}
