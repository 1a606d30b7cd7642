//! The top of a list.
//!
//! Decides which keys a list has and which of them must be there.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use toml::de::DeValue;

use super::Reader;
use super::policy;
use super::subject::{self, BOT_KEYS, RULE_KEYS, SUBJECT_KEYS};
use super::table::Table;
use super::value::{End, time, word};
use crate::policy::{Code, List, OnUnattributed, Regime};

pub(super) const KEYS: &[&str] = &[
    "schema",
    "list",
    "serial",
    "not-after",
    "regime",
    "on-unattributed",
    "plus-addresses",
    "ignore-dots",
    "require-verified",
    "policy",
    "subject",
    "rule",
    "bot",
];

/// Every JSON reader keeps whole numbers up to here.
pub(in crate::policy) const MAX_SERIAL: u64 = (1 << 53) - 1;

pub(super) fn read(reader: &mut Reader, table: &Table<'_>) -> Option<List> {
    schema(reader, table);
    let name = name(reader, table);
    let serial = serial(reader, table);
    let not_after = table.get("not-after");
    let not_after_span = not_after.as_ref().map_or(0..0, |entry| entry.whole.clone());
    let not_after = not_after.and_then(|entry| time(reader, &entry, End::Last));
    let regime = word(reader, table, "regime", &[("opt-out", Regime::OptOut), ("opt-in", Regime::OptIn)]);
    let vocabulary = [("exclude", OnUnattributed::Exclude), ("include", OnUnattributed::Include)];
    let on_unattributed = word(reader, table, "on-unattributed", &vocabulary);
    let plus_addresses = domains(reader, table, "plus-addresses");
    let ignore_dots = domains(reader, table, "ignore-dots");
    policy::require_verified(reader, table);
    let settings = policy::read(reader, table);

    let mut ids = HashMap::new();
    let subjects = table.tables(reader, "subject", "a subject", SUBJECT_KEYS);
    let subjects = subjects.iter().filter_map(|table| subject::subject(reader, table, &mut ids)).collect();
    let rules = table.tables(reader, "rule", "a rule", RULE_KEYS);
    let rules = rules.iter().filter_map(|table| subject::rule(reader, table, &mut ids)).collect();
    let bots = table.tables(reader, "bot", "a bot", BOT_KEYS);
    let bots = bots.iter().filter_map(|table| subject::bot(reader, table)).collect();

    Some(List {
        name_span: table.get("list").map_or(0..0, |entry| entry.whole),
        name: name?,
        serial: serial?,
        not_after,
        not_after_span,
        regime: regime.unwrap_or(Regime::OptOut),
        on_unattributed: on_unattributed.unwrap_or_default(),
        plus_addresses,
        ignore_dots,
        subjects,
        rules,
        bots,
        digest: Sha256::digest(reader.source.text.as_bytes()).into(),
        settings,
        source: reader.source.clone(),
    })
}

/// `schema`, which says how all the rest is to be read.
pub(super) fn schema(reader: &mut Reader, table: &Table<'_>) {
    let Some(entry) = table.require(reader, "schema", "schema = 1") else { return };
    let DeValue::Integer(number) = entry.value else {
        entry.wrong_type::<()>(reader, "a whole number");
        return;
    };
    if u64::from_str_radix(number.as_str(), number.radix()) != Ok(1) {
        let message = format!("this is written in version {number} of the format");
        let error = reader.error(Code::SchemaVersion, entry.span, message, "expected 1");
        error.advise("upgrade Withhold if the file is newer than the program; this one reads version 1");
    }
}

fn name(reader: &mut Reader, table: &Table<'_>) -> Option<String> {
    let entry = table.require(reader, "list", "list = \"corp.example/engineering\"")?;
    let (text, span) = entry.string(reader)?;
    if text.trim().is_empty() || text.len() > 256 || text.contains(char::is_control) {
        let message = "this is not a name for a list";
        let expected = "expected up to 256 bytes, none of them control characters";
        reader.error(Code::BadListName, span, message, expected);
        return None;
    }
    Some(text.to_owned())
}

fn serial(reader: &mut Reader, table: &Table<'_>) -> Option<u64> {
    let entry = table.require(reader, "serial", "serial = 1")?;
    let DeValue::Integer(number) = entry.value else {
        return entry.wrong_type(reader, "a whole number");
    };
    let serial = u64::from_str_radix(number.as_str(), number.radix()).ok();
    let sound = serial.filter(|serial| (1..=MAX_SERIAL).contains(serial));
    if sound.is_none() {
        let message = "this cannot be a serial";
        let error = reader.error(
            Code::BadSerial,
            entry.span,
            message,
            format!("expected a whole number from 1 to {MAX_SERIAL}"),
        );
        error.advise("begin with 1 and raise it with every change");
    }
    sound
}

fn domains(reader: &mut Reader, table: &Table<'_>, key: &'static str) -> Vec<String> {
    let texts = table.strings(reader, key).unwrap_or_default();
    let mut domains = Vec::with_capacity(texts.len());
    for (text, span) in texts {
        let odd = |char: char| char.is_whitespace() || char.is_control() || "@*?[]{}/:<>".contains(char);
        if text.is_empty() || text.contains(odd) {
            let message = format!("`{key}` holds domains");
            let error = reader.error(Code::BadDomain, span, message, "expected a domain");
            error.advise("write for example `gmail.com`; each domain by itself, without globs");
        } else {
            domains.push(text.to_owned());
        }
    }
    domains
}
