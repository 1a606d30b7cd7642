//! Subjects, their preferences, and rules.
//!
//! Decides what an entry of the list says. Must not look across entries, except at ids.

use std::collections::HashMap;
use std::ops::Range;

use super::Reader;
use super::identity::pattern;
use super::table::Table;
use super::value::{WINDOW_KEYS, globs, purposes, roles, window, word};
use crate::policy::globs::GlobKind;
use crate::policy::{Bot, Code, Decision, Diagnostic, Identity, Pattern, Preference, Rule, Subject, Window};

pub(super) const SUBJECT_KEYS: &[&str] = &["id", "reason", "identity", "preference"];
pub(super) const IDENTITY_KEYS: &[&str] =
    &["email", "forge", "email-hmac", "name", "name-alone", "from", "until"];
pub(super) const PREFERENCE_KEYS: &[&str] = &["decision", "purposes", "roles", "repos", "paths", "authored"];
pub(super) const RULE_KEYS: &[&str] = &["id", "reason", "purposes", "repos", "paths"];
pub(super) const BOT_KEYS: &[&str] = &["email", "forge", "email-hmac", "name", "name-alone"];

/// The longest id.
const MAX_ID: usize = 64;

/// The ids so far, and where they are.
pub(super) type Ids<'t> = HashMap<&'t str, Range<usize>>;

/// A `[[subject]]`.
pub(super) fn subject<'t>(reader: &mut Reader, table: &Table<'t>, ids: &mut Ids<'t>) -> Option<Subject> {
    let id = id(reader, table, ids, "id = \"s-7q4k\"");
    let reason = table.string(reader, "reason").map(|(text, _)| text.to_owned());
    let tables = table.tables(reader, "identity", "an identity", IDENTITY_KEYS);
    let present = table.get("identity").is_some();
    if tables.is_empty() && !reader.broken && (!present || is_empty_array(table)) {
        let message = "a subject without an identity can never be matched";
        let error =
            reader.error(Code::NoIdentity, table.span.clone(), message, "expected a `[[subject.identity]]`");
        error.advise("say how the person is recognised, for example by `email`");
    }
    let identities: Vec<_> = tables.iter().filter_map(|table| identity(reader, table)).collect();
    let mut preferences: Vec<_> = table
        .tables(reader, "preference", "a preference", PREFERENCE_KEYS)
        .iter()
        .filter_map(|table| preference(reader, table))
        .collect();
    let (id, span) = id?;
    if let Some(told) = gives_away(&id, &identities) {
        let message = format!("the id `{id}` gives away whom it stands for");
        let source = reader.source.clone();
        let warning = Diagnostic::warning(Code::IdNotRandom, message)
            .label(&source, span.clone(), format!("has `{told}` from one of the identities"))
            .help("ids show up in logs and in explanations: take a random one, as `withhold list add` does");
        reader.add(warning);
    }
    if preferences.is_empty() {
        preferences.push(Preference::everything(span.clone()));
    }
    Some(Subject { id, reason, identities, preferences, span })
}

fn is_empty_array(table: &Table<'_>) -> bool {
    table.get("identity").and_then(|entry| entry.value.as_array()).is_some_and(|array| array.is_empty())
}

fn identity(reader: &mut Reader, table: &Table<'_>) -> Option<Identity> {
    let window = window(reader, table);
    let pattern = pattern(reader, table)?;
    let span = super::identity::PATTERN_KEYS
        .iter()
        .find_map(|key| table.get(key))
        .map_or(table.span.clone(), |entry| entry.whole);
    Some(Identity { pattern, window, span })
}

fn preference(reader: &mut Reader, table: &Table<'_>) -> Option<Preference> {
    let entry = table.require(reader, "decision", "decision = \"disallow\"");
    let vocabulary = [("disallow", Decision::Disallow), ("allow", Decision::Allow)];
    let decision = word(reader, table, "decision", &vocabulary);
    let authored = table.table(reader, "authored", "a window", WINDOW_KEYS).map_or(Window::ALWAYS, |table| {
        if table.get("from").is_none() && table.get("until").is_none() && !reader.broken {
            let message = "a window without `from` and `until`";
            let error = reader.error(Code::MissingKey, table.span.clone(), message, "expected at least one");
            error.advise("leave `authored` out to mean always");
        }
        window(reader, &table)
    });
    let preference = Preference {
        purposes: purposes(reader, table),
        roles: roles(reader, table),
        repos: globs(reader, table, "repos", GlobKind::Name),
        paths: globs(reader, table, "paths", GlobKind::Path),
        authored,
        span: entry.map_or(table.span.clone(), |entry| entry.whole),
        decision: decision?,
    };
    Some(preference)
}

/// A `[[rule]]`.
pub(super) fn rule<'t>(reader: &mut Reader, table: &Table<'t>, ids: &mut Ids<'t>) -> Option<Rule> {
    let id = id(reader, table, ids, "id = \"r-legal-hold\"");
    let reason = table.string(reader, "reason").map(|(text, _)| text.to_owned());
    let purposes = purposes(reader, table);
    let repos = globs(reader, table, "repos", GlobKind::Name);
    let paths = globs(reader, table, "paths", GlobKind::Path);
    let (id, span) = id?;
    Some(Rule { id, reason, purposes, repos, paths, span })
}

/// A `[[bot]]`.
pub(super) fn bot(reader: &mut Reader, table: &Table<'_>) -> Option<Bot> {
    let pattern = pattern(reader, table)?;
    Some(Bot { pattern, span: table.span.clone() })
}

fn id<'t>(
    reader: &mut Reader,
    table: &Table<'t>,
    ids: &mut Ids<'t>,
    example: &str,
) -> Option<(String, Range<usize>)> {
    let entry = table.require(reader, "id", example)?;
    let (text, span) = entry.string(reader)?;
    let sound = |text: &str| {
        text.starts_with(|char: char| char.is_ascii_alphanumeric())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if text.len() > MAX_ID || !sound(text) {
        let message = "this is not an id";
        let expected = format!("expected at most {MAX_ID} letters, digits, `-`, `_` and `.`");
        reader.error(Code::BadId, span, message, expected);
        return None;
    }
    if let Some(first) = ids.get(text).cloned() {
        let message = format!("the id `{text}` is taken");
        reader
            .error(Code::DuplicateId, span, message, "used a second time here")
            .also(first, "first used here")
            .advise("for the same person, move the identities to the first entry; otherwise take another id");
        return None;
    }
    ids.insert(text, span);
    Some((text.to_owned(), entry.whole))
}

/// The part of a name, address or account that the id has in it, if there is one.
///
/// A short part has to be a whole part of the id: random ids have three letters of someone's name by chance.
fn gives_away(id: &str, identities: &[Identity]) -> Option<String> {
    let id = id.to_lowercase();
    identities.iter().find_map(|identity| match &identity.pattern {
        Pattern::Email(text) | Pattern::EmailGlob(text) => {
            shared_word(&id, text.rsplit_once('@').map_or(text.as_str(), |(local, _)| local))
        }
        Pattern::Forge { account, .. } => shared_word(&id, account),
        Pattern::Name(text) => shared_word(&id, text),
        Pattern::EmailHmac(_) => None,
    })
}

fn shared_word(id: &str, text: &str) -> Option<String> {
    let words = text.split(|char: char| !char.is_alphanumeric()).filter(|word| word.len() > 2);
    words.map(str::to_lowercase).find(|word| match word.len() {
        ..=4 => id.split(['-', '_', '.']).any(|part| part == word),
        _ => id.contains(word.as_str()),
    })
}
