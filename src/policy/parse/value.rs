//! The small values: dates, windows, words of a vocabulary, globs.
//!
//! Decides what such a value means. Must not know in which table it stands.

use std::ops::Range;

use jiff::civil;
use toml::de::DeValue;
use toml::value::{Datetime, Offset};

use super::Reader;
use super::table::{Entry, Table, Text, closest, one_of};
use crate::policy::globs::{self, BadGlob, GlobKind, Globs};
use crate::policy::{Code, Purpose, Purposes, Role, Roles, Timestamp, Window};

/// Which second of a day a mere date stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    First,
    Last,
}

/// The keys of a window.
pub(super) const WINDOW_KEYS: &[&str] = &["from", "until"];

/// `from` and `until` of a table.
pub(super) fn window(reader: &mut Reader, table: &Table<'_>) -> Window {
    let (from, until) = (table.get("from"), table.get("until"));
    let read = |reader: &mut Reader, entry: &Option<Entry<'_>>, end| {
        entry.as_ref().and_then(|entry| time(reader, entry, end))
    };
    let window = Window { from: read(reader, &from, End::First), until: read(reader, &until, End::Last) };
    if let (Some(first), Some(last), Some(from), Some(until)) = (window.from, window.until, from, until)
        && first > last
    {
        let message = "the window ends before it begins, so nothing is in it";
        reader.error(Code::EmptyWindow, until.whole, message, "ends here").also(from.whole, "begins here");
    }
    window
}

/// A date or an offset date-time.
pub(super) fn time(reader: &mut Reader, entry: &Entry<'_>, end: End) -> Option<Timestamp> {
    let DeValue::Datetime(written) = entry.value else {
        let quoted = entry.value.as_str().is_some_and(|text| text.parse::<Datetime>().is_ok());
        let none = entry.wrong_type(reader, "a date");
        if let (true, Some(error)) = (quoted, reader.diagnostics.last_mut()) {
            error.advise("TOML writes dates without quotes");
        }
        return none;
    };
    let Datetime { date: Some(date), time, offset } = written else {
        return entry.wrong_type(reader, "a date");
    };
    if time.is_some() && offset.is_none() {
        let message = format!("`{}` has a time but no offset", entry.key);
        let error =
            reader.error(Code::LocalDate, entry.span.clone(), message, "which time zone's time is this?");
        error.advise(format!("write `{written}Z` for UTC, or a date alone for the whole day in UTC"));
        return None;
    }
    let second = seconds(date, time.as_ref(), *offset, end);
    if second.is_none() {
        let message = format!("`{written}` does not exist");
        reader.error(Code::BadDate, entry.span.clone(), message, "no such date or time");
    }
    second
}

/// The second of Unix time. Fractions are cut so that the window gets no wider than it is written.
fn seconds(
    date: &toml::value::Date,
    time: Option<&toml::value::Time>,
    offset: Option<Offset>,
    end: End,
) -> Option<Timestamp> {
    let year = i16::try_from(date.year).ok()?;
    let day = civil::Date::new(year, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?).ok()?;
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
    let Some(time) = time else {
        return Some(if end == End::First { midnight } else { midnight + 86_399 });
    };
    // Unix time has no leap seconds: 23:59:60 is 00:00:00 of the next day.
    let second = time.second.unwrap_or(0);
    if time.hour > 23 || time.minute > 59 || second > 60 {
        return None;
    }
    let clock = i64::from(time.hour) * 3600 + i64::from(time.minute) * 60 + i64::from(second);
    let started = i64::from(end == End::First && time.nanosecond.unwrap_or(0) > 0);
    let offset = match offset {
        Some(Offset::Custom { minutes }) => i64::from(minutes) * 60,
        Some(Offset::Z) | None => 0,
    };
    Some(midnight + clock + started - offset)
}

/// The value whose name `key` gives, from a vocabulary.
pub(super) fn word<T: Copy>(
    reader: &mut Reader,
    table: &Table<'_>,
    key: &'static str,
    vocabulary: &[(&'static str, T)],
) -> Option<T> {
    let text = table.string(reader, key)?;
    let names: Vec<_> = vocabulary.iter().map(|(name, _)| *name).collect();
    let parse = |text: &str| vocabulary.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    named(reader, Code::UnknownValue, key, &text, &names, parse)
}

fn named<T>(
    reader: &mut Reader,
    code: Code,
    what: &str,
    (text, span): &Text<'_>,
    names: &[&str],
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let value = parse(text);
    if value.is_none() {
        let message = format!("unknown {what} `{}`", text.escape_debug());
        let error = reader.error(code, span.clone(), message, format!("expected {}", one_of(names)));
        if let Some(likely) = closest(text, names) {
            error.advise(format!("did you mean `{likely}`?"));
        }
    }
    value
}

/// The purposes at `purposes`; all if there are none.
pub(super) fn purposes(reader: &mut Reader, table: &Table<'_>) -> Purposes {
    let Some(texts) = table.strings(reader, "purposes") else { return Purposes::ALL };
    let names = Purpose::ALL.map(Purpose::as_str);
    texts
        .iter()
        .filter_map(|text| named(reader, Code::UnknownPurpose, "purpose", text, &names, Purpose::parse))
        .collect()
}

/// The roles at `roles`; those who wrote if there are none.
pub(super) fn roles(reader: &mut Reader, table: &Table<'_>) -> Roles {
    let Some(texts) = table.strings(reader, "roles") else { return Roles::WRITERS };
    let names = Role::ALL.map(Role::as_str);
    texts
        .iter()
        .filter_map(|text| named(reader, Code::UnknownRole, "role", text, &names, Role::parse))
        .collect()
}

/// The globs at `key`.
pub(super) fn globs(
    reader: &mut Reader,
    table: &Table<'_>,
    key: &'static str,
    kind: GlobKind,
) -> Option<Globs> {
    let texts = table.strings(reader, key)?;
    compiled(reader, table, key, kind, &texts)
}

/// The globs at `key`, which may be one string.
pub(super) fn glob_or_globs(
    reader: &mut Reader,
    table: &Table<'_>,
    key: &'static str,
    kind: GlobKind,
) -> Option<Globs> {
    let entry = table.get(key)?;
    match entry.value {
        DeValue::String(_) => {
            let text = entry.string(reader)?;
            compiled(reader, table, key, kind, &[text])
        }
        _ => globs(reader, table, key, kind),
    }
}

fn compiled(
    reader: &mut Reader,
    table: &Table<'_>,
    key: &'static str,
    kind: GlobKind,
    texts: &[Text<'_>],
) -> Option<Globs> {
    let mut patterns = Vec::with_capacity(texts.len());
    for (text, span) in texts {
        match globs::check(kind, text) {
            Ok(_) => patterns.push((*text).to_owned()),
            Err(bad) => bad_glob(reader, bad, text, span.clone()),
        }
    }
    if let Some(known) = reader.globs.get(&(kind, patterns.clone())) {
        return Some(known.clone());
    }
    match Globs::new(kind, patterns.clone()) {
        Ok(globs) => {
            reader.globs.insert((kind, patterns), globs.clone());
            Some(globs)
        }
        Err(why) => {
            let span = table.get(key).map_or(table.span.clone(), |entry| entry.whole);
            reader.error(Code::BadGlob, span, "these globs cannot be compiled together", why);
            None
        }
    }
}

/// Reports a glob that is refused.
pub(super) fn bad_glob(reader: &mut Reader, bad: BadGlob, text: &str, span: Range<usize>) {
    let shown: String = text.chars().take(80).collect();
    let message = format!("`{}` is not a glob that can match", shown.escape_debug());
    reader.error(Code::BadGlob, span, message, bad.why).help.extend(bad.help);
}
