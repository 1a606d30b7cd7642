//! A TOML table that knows which keys may be in it.
//!
//! Decides what is an unknown key, a missing one, or a value of the wrong type. Must not know what keys mean.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Reader, list};
use crate::policy::Code;

/// A table, and what people call it.
pub(super) struct Table<'t> {
    table: &'t DeTable<'t>,
    /// Where it is: its header, or all of an inline table.
    pub(super) span: Range<usize>,
    what: &'static str,
}

/// A key with its value.
#[derive(Clone)]
pub(super) struct Entry<'t> {
    pub(super) value: &'t DeValue<'t>,
    /// The value.
    pub(super) span: Range<usize>,
    /// From the key to the end of the value.
    pub(super) whole: Range<usize>,
    pub(super) key: &'static str,
}

/// A string and where it is.
pub(super) type Text<'t> = (&'t str, Range<usize>);

impl<'t> Table<'t> {
    /// Takes a table, and reports every key that is not among `keys`.
    pub(super) fn new(
        reader: &mut Reader,
        table: &'t DeTable<'t>,
        span: Range<usize>,
        what: &'static str,
        keys: &'static [&'static str],
    ) -> Self {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if keys.contains(&name) {
                continue;
            }
            let message = format!("unknown key `{}` in {what}", name.escape_debug());
            let error = reader.error(Code::UnknownKey, key.span(), message, "means nothing here");
            if let Some(likely) = closest(name, keys) {
                error.advise(format!("did you mean `{likely}`?"));
            } else if list::KEYS.contains(&name) {
                error.advise(format!(
                    "`{name}` belongs at the top of the list, above the first line with `[`"
                ));
            } else {
                error.advise(format!("known here: {}", one_of(keys)));
            }
        }
        Self { table, span, what }
    }

    /// The value of `key`, if it is there.
    pub(super) fn get(&self, key: &'static str) -> Option<Entry<'t>> {
        let (name, value) = self.table.get_key_value(key)?;
        let whole = name.span().start..value.span().end.max(name.span().end);
        Some(Entry { value: value.get_ref(), span: value.span(), whole, key })
    }

    /// The value of `key`, which has to be there; `example` shows how.
    pub(super) fn require(&self, reader: &mut Reader, key: &'static str, example: &str) -> Option<Entry<'t>> {
        let entry = self.get(key);
        if entry.is_none() && !reader.broken {
            let message = format!("{} has no `{key}`", self.what);
            let error = reader.error(Code::MissingKey, self.span.clone(), message, "expected here");
            error.advise(format!("add `{example}`"));
        }
        entry
    }

    /// The string at `key`.
    pub(super) fn string(&self, reader: &mut Reader, key: &'static str) -> Option<Text<'t>> {
        self.get(key)?.string(reader)
    }

    /// The boolean at `key`, and where it is.
    pub(super) fn boolean(&self, reader: &mut Reader, key: &'static str) -> Option<(bool, Range<usize>)> {
        let entry = self.get(key)?;
        match entry.value {
            DeValue::Boolean(value) => Some((*value, entry.whole)),
            _ => entry.wrong_type(reader, "`true` or `false`"),
        }
    }

    /// The strings at `key`; an array without any is an error.
    pub(super) fn strings(&self, reader: &mut Reader, key: &'static str) -> Option<Vec<Text<'t>>> {
        let entry = self.get(key)?;
        let DeValue::Array(array) = entry.value else {
            let text = entry.value.as_str().map(|text| format!("write `{key} = [{text:?}]`"));
            let none = entry.wrong_type(reader, "an array of strings");
            if let (Some(help), Some(error)) = (text, reader.diagnostics.last_mut()) {
                error.advise(help);
            }
            return none;
        };
        if array.is_empty() {
            let message = format!("`{key}` is empty");
            let error = reader.error(Code::EmptyArray, entry.span, message, "means nothing at all");
            error.advise(format!("leave `{key}` out to mean all"));
            return None;
        }
        let mut strings = Vec::new();
        for item in array {
            let item = Entry { value: item.get_ref(), span: item.span(), whole: item.span(), key };
            strings.extend(item.string(reader));
        }
        Some(strings)
    }

    /// The tables at `key`, each with the keys it may have.
    pub(super) fn tables(
        &self,
        reader: &mut Reader,
        key: &'static str,
        what: &'static str,
        keys: &'static [&'static str],
    ) -> Vec<Table<'t>> {
        let Some(entry) = self.get(key) else { return Vec::new() };
        let DeValue::Array(array) = entry.value else {
            entry.wrong_type::<()>(reader, "an array of tables");
            if let (DeValue::Table(_), Some(error)) = (entry.value, reader.diagnostics.last_mut()) {
                error.advise("write the header with two brackets: `[[…]]`");
            }
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(array.len());
        for item in array {
            if let Some(table) = table_of(reader, item, key) {
                tables.push(Table::new(reader, table, item.span(), what, keys));
            }
        }
        tables
    }

    /// The table at `key`.
    pub(super) fn table(
        &self,
        reader: &mut Reader,
        key: &'static str,
        what: &'static str,
        keys: &'static [&'static str],
    ) -> Option<Table<'t>> {
        let entry = self.get(key)?;
        match entry.value {
            DeValue::Table(table) => Some(Table::new(reader, table, entry.span, what, keys)),
            _ => entry.wrong_type(reader, "a table"),
        }
    }
}

impl<'t> Entry<'t> {
    /// Its string.
    pub(super) fn string(&self, reader: &mut Reader) -> Option<Text<'t>> {
        match self.value {
            DeValue::String(text) => Some((text.as_ref(), self.span.clone())),
            _ => self.wrong_type(reader, "a string"),
        }
    }

    /// Reports that something else was `expected`.
    pub(super) fn wrong_type<T>(&self, reader: &mut Reader, expected: &str) -> Option<T> {
        let message = format!("`{}` is not {expected}", self.key);
        let found = type_name(self.value);
        let label = format!("expected {expected}, found {found}");
        reader.error(Code::WrongType, self.span.clone(), message, label);
        None
    }
}

fn table_of<'t>(
    reader: &mut Reader,
    item: &'t Spanned<DeValue<'t>>,
    key: &'static str,
) -> Option<&'t DeTable<'t>> {
    let entry = Entry { value: item.get_ref(), span: item.span(), whole: item.span(), key };
    match item.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => entry.wrong_type(reader, "a table"),
    }
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// The name that someone most likely meant.
pub(super) fn closest<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    // Longer than any of ours: no need to measure.
    if name.len() > 64 {
        return None;
    }
    let name = name.to_lowercase().replace('_', "-");
    let score = |candidate: &str| strsim::jaro_winkler(&name, candidate);
    let best = names.iter().copied().max_by(|a, b| score(a).total_cmp(&score(b)))?;
    (score(best) >= 0.8).then_some(best)
}

/// "`a`, `b` or `c`".
pub(super) fn one_of(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
