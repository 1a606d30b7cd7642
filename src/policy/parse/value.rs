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
use crate::policy::{Code, Purpose, Purposes, Role, Roles, Timestamp, Window, time};

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
        let message = format!("`{}` is a time of no day", entry.key);
        let error = reader.error(Code::BadDate, entry.span.clone(), message, "expected a date");
        error.advise("write for example `2027-01-01`, or `2027-01-01T12:00:00Z`");
        return None;
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
    // Days, and not jiff's points in time, which end on 9999-12-30: people write 9999-12-31 for never.
    let days = day.since((jiff::Unit::Day, civil::date(1970, 1, 1))).ok()?.get_days();
    let midnight = i64::from(days) * 86_400;
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
    // What lies beyond the years 0000 to 9999 in UTC could not be written again.
    Some((midnight + clock + started - offset).clamp(time::FIRST, time::LAST))
}

/// The value whose name `key` gives, from a vocabulary.
pub(super) fn word<T: Copy>(
    reader: &mut Reader,
    table: &Table<'_>,
    key: &'static str,
    vocabulary: &[(&'static str, T)],
) -> Option<T> {
    let text = table.string(reader, key)?;
    if let Some((_, value)) = vocabulary.iter().find(|(name, _)| *name == text.0) {
        return Some(*value);
    }
    let names: Vec<_> = vocabulary.iter().map(|(name, _)| *name).collect();
    named(reader, Code::UnknownValue, key, &text, &names, |_| None)
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

#[cfg(test)]
mod tests {
    use crate::policy::{Code, List, Source, Timestamp, Window};

    fn not_after(date: &str) -> Result<Timestamp, Vec<Code>> {
        let text = format!("schema = 1\nlist = \"x\"\nserial = 1\nnot-after = {date}\n");
        match List::parse(Source::new("x", text)) {
            Ok((list, _)) => Ok(list.not_after.unwrap()),
            Err(errors) => Err(errors.iter().map(|error| error.code).collect()),
        }
    }

    fn window(keys: &str) -> Result<Window, Vec<Code>> {
        let text = format!(
            "schema = 1\nlist = \"x\"\nserial = 1\n[[subject]]\nid = \"s-1\"\n[[subject.identity]]\n\
             email = \"a@b.example\"\n{keys}\n"
        );
        match List::parse(Source::new("x", text)) {
            Ok((list, _)) => Ok(list.subjects[0].identities[0].window),
            Err(errors) => Err(errors.iter().map(|error| error.code).collect()),
        }
    }

    #[test]
    fn a_date_is_the_whole_day_in_utc() {
        // date -u -d 2024-09-30 +%s
        let window = window("from = 2024-09-30\nuntil = 2024-09-30").unwrap();
        assert_eq!(window, Window { from: Some(1_727_654_400), until: Some(1_727_740_799) });
    }

    #[test]
    fn a_date_time_is_exact() {
        assert_eq!(not_after("2024-09-30T00:00:01Z"), Ok(1_727_654_401));
        assert_eq!(not_after("2024-09-30T02:00:01+02:00"), Ok(1_727_654_401));
        assert_eq!(not_after("2024-09-29 23:30:01-00:30"), Ok(1_727_654_401));
        assert_eq!(not_after("2024-09-30T00:00Z"), Ok(1_727_654_400));
    }

    #[test]
    fn a_fraction_never_widens_a_window() {
        let window = window("from = 1970-01-01T00:00:00.5Z\nuntil = 1970-01-01T00:00:02.5Z").unwrap();
        assert_eq!(window, Window { from: Some(1), until: Some(2) });
    }

    #[test]
    fn dates_before_1970_and_far_away() {
        assert_eq!(not_after("1969-12-31"), Ok(-1));
        assert_eq!(not_after("9999-12-31"), Ok(253_402_300_799));
        assert_eq!(not_after("0001-01-01T00:00:00Z"), Ok(-62_135_596_800));
        assert_eq!(not_after("2000-02-29T00:00:00Z"), Ok(951_782_400));
    }

    #[test]
    fn what_is_no_point_in_time_is_refused() {
        assert_eq!(not_after("2024-09-30T12:00:00"), Err(vec![Code::LocalDate]));
        assert_eq!(not_after("12:00:00"), Err(vec![Code::BadDate]));
        assert_eq!(not_after("\"2024-09-30\""), Err(vec![Code::WrongType]));
        assert!(not_after("2023-02-29").is_err());
        assert!(not_after("2024-09-30T25:00:00Z").is_err());
        assert_eq!(window("from = 2024-01-02\nuntil = 2024-01-01"), Err(vec![Code::EmptyWindow]));
    }
}
