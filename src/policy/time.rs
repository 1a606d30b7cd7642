//! Points and spans of time, as Git counts them: whole seconds of Unix time, which may be negative.

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
pub type Timestamp = i64;

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

/// The second that an RFC 3339 date-time with an offset (`2026-01-31T12:00:00Z`) lies in.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}
