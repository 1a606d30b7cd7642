//! Changes a list's text: `list add` and `list withdraw`.
//!
//! Decides which lines are added, and where. The serial's digits are replaced and lines are inserted;
//! every other byte stays as it is, comments and line ends too. (A document editor would write line ends
//! of its own, and could move an entry between the parts of another.) What comes out is read again before
//! it is handed out. Must not read or write files.

use std::ops::Range;

use sha2::{Digest as _, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::parse::MAX_SERIAL;
use super::{
    Decision, Diagnostic, List, Pattern, Preference, Purposes, Role, Roles, Source, Subject, Timestamp,
    Window,
};

/// How many random bytes a pseudonym needs.
pub const PSEUDONYM_BYTES: usize = 16;

/// A person to be added.
#[derive(Debug, Clone)]
pub struct NewSubject {
    /// Why; it stays in the list.
    pub reason: Option<String>,
    /// How the person is recognised; at least one.
    pub identities: Vec<(Pattern, Window)>,
    /// For which uses; None means all.
    pub purposes: Option<Purposes>,
}

/// What an edit made.
#[derive(Debug, Clone)]
pub struct Edited {
    /// The new text of the list.
    pub text: String,
    /// The list that it says.
    pub list: List,
    /// Warnings about it.
    pub warnings: Vec<Diagnostic>,
    /// The ids of the subjects that were added or changed.
    pub ids: Vec<String>,
}

/// Whom `withdraw` is about.
#[derive(Debug, Clone)]
pub enum Who {
    /// The subject with that id.
    Id(String),
    /// Every subject that has this identity.
    Identity(Pattern),
}

/// Why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The list is not valid, before or with what was to be added.
    #[error("the list would not be valid")]
    Invalid(Vec<Diagnostic>),
    /// The subjects, or the parts of one, are written as an inline array, after which nothing can be added.
    #[error("the list has inline arrays where lines would have to be added; write them as `[[…]]` first")]
    Inline,
    /// Nobody to withdraw.
    #[error("nobody in the list is meant by that")]
    NoSuchSubject,
    /// They do not disallow anything (any more).
    #[error("{0} has withdrawn already")]
    AlreadyWithdrawn(String),
    /// They disallow that already.
    #[error("{0} is in the list already and disallows that")]
    AlreadyListed(String),
    /// The serial cannot grow.
    #[error("the serial is at its largest value")]
    SerialExhausted,
}

/// Adds a person; `random` becomes the pseudonym. If a subject has one of the identities already, that
/// subject gets those that it lacks, and a `disallow` if it has withdrawn.
///
/// # Errors
/// See [`EditError`].
pub fn add(source: &Source, new: &NewSubject, random: [u8; PSEUDONYM_BYTES]) -> Result<Edited, EditError> {
    let text = Text::read(source)?;
    let known = text.list.subjects.iter().position(|subject| {
        new.identities
            .iter()
            .any(|(pattern, _)| subject.identities.iter().any(|known| same(&known.pattern, pattern)))
    });
    let Some(index) = known else {
        let id = pseudonym(&text.list, random);
        let block = text.new_subject(&id, new);
        return text.finish(vec![(text.end_of_subjects(), block)], vec![id]);
    };
    let subject = &text.list.subjects[index];
    let missing: Vec<_> = new.identities.iter().filter(|identity| !has(subject, identity)).collect();
    let wanted = new.purposes.unwrap_or(Purposes::ALL);
    let disallowed = surely_disallowed(subject).contains_all(wanted);
    if missing.is_empty() && disallowed {
        return Err(EditError::AlreadyListed(subject.id.clone()));
    }
    let indent = text.indent(index);
    let mut block = Block::new(&indent);
    for (pattern, window) in missing {
        block.identity(pattern, *window);
    }
    if !disallowed {
        text.implied(&mut block, subject);
        block.preference(Decision::Disallow, new.purposes, Roles::WRITERS);
    }
    let id = subject.id.clone();
    text.finish(vec![(text.end_of_subject(index), block.text)], vec![id])
}

/// Records that someone may be used again: appends an `allow`, so the list keeps the record.
///
/// # Errors
/// See [`EditError`].
pub fn withdraw(source: &Source, who: &Who, purposes: Option<Purposes>) -> Result<Edited, EditError> {
    let text = Text::read(source)?;
    let meant = |subject: &Subject| match who {
        Who::Id(id) => subject.id == *id,
        Who::Identity(pattern) => subject.identities.iter().any(|known| same(&known.pattern, pattern)),
    };
    let wanted = purposes.unwrap_or(Purposes::ALL);
    let mut insertions = Vec::new();
    let (mut ids, mut done) = (Vec::new(), None);
    for (index, subject) in text.list.subjects.iter().enumerate().filter(|(_, subject)| meant(subject)) {
        let (disallowed, roles) = maybe_disallowed(subject);
        if disallowed.intersection(wanted).is_empty() {
            done = Some(subject.id.clone());
            continue;
        }
        let indent = text.indent(index);
        let mut block = Block::new(&indent);
        text.implied(&mut block, subject);
        block.preference(Decision::Allow, purposes, roles);
        insertions.push((text.end_of_subject(index), block.text));
        ids.push(subject.id.clone());
    }
    match (ids.is_empty(), done) {
        (true, Some(id)) => Err(EditError::AlreadyWithdrawn(id)),
        (true, None) => Err(EditError::NoSuchSubject),
        (false, _) => text.finish(insertions, ids),
    }
}

/// What the subject disallows wholly: no later `allow` touches it, not even in part.
fn surely_disallowed(subject: &Subject) -> Purposes {
    subject.preferences.iter().fold(Purposes::NONE, |so_far, preference| match preference.decision {
        Decision::Disallow if is_unlimited(preference, Roles::WRITERS) => so_far.union(preference.purposes),
        Decision::Disallow => so_far,
        Decision::Allow => so_far.without(preference.purposes),
    })
}

/// What the subject disallows at least in part, and in which roles.
fn maybe_disallowed(subject: &Subject) -> (Purposes, Roles) {
    let mut purposes = Purposes::NONE;
    let mut roles = Roles::WRITERS;
    for preference in &subject.preferences {
        match preference.decision {
            Decision::Disallow => {
                purposes = purposes.union(preference.purposes);
                roles = Role::ALL
                    .into_iter()
                    .filter(|role| roles.contains(*role) || preference.roles.contains(*role))
                    .collect();
            }
            Decision::Allow if is_unlimited(preference, roles) => {
                purposes = purposes.without(preference.purposes);
            }
            Decision::Allow => {}
        }
    }
    (purposes, roles)
}

/// Whether it holds everywhere and always, in all of these roles.
fn is_unlimited(preference: &Preference, roles: Roles) -> bool {
    preference.repos.is_none()
        && preference.paths.is_none()
        && preference.authored == Window::ALWAYS
        && Role::ALL.into_iter().all(|role| preference.roles.contains(role) || !roles.contains(role))
}

fn has(subject: &Subject, (pattern, window): &(Pattern, Window)) -> bool {
    subject.identities.iter().any(|known| {
        same(&known.pattern, pattern) && (known.window == *window || known.window == Window::ALWAYS)
    })
}

/// Whether two patterns are written alike, but for case.
fn same(one: &Pattern, other: &Pattern) -> bool {
    let alike = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
    match (one, other) {
        (
            Pattern::Email(one) | Pattern::EmailGlob(one),
            Pattern::Email(other) | Pattern::EmailGlob(other),
        )
        | (Pattern::Name(one), Pattern::Name(other)) => alike(one, other),
        (Pattern::Forge { host, account }, Pattern::Forge { host: other_host, account: other }) => {
            alike(host, other_host) && alike(account, other)
        }
        (Pattern::EmailHmac(one), Pattern::EmailHmac(other)) => one == other,
        _ => false,
    }
}

/// A random pseudonym that the list does not have yet, without letters that look alike.
fn pseudonym(list: &List, random: [u8; PSEUDONYM_BYTES]) -> String {
    const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut hash = Sha256::digest(random);
    loop {
        // Bytes from 248 on would make the first letters more frequent.
        let letters =
            hash.iter().filter(|byte| **byte < 248).map(|byte| char::from(ALPHABET[usize::from(byte % 31)]));
        let id: String = "s-".chars().chain(letters.take(8)).collect();
        let taken =
            list.subjects.iter().map(|subject| &subject.id).chain(list.rules.iter().map(|rule| &rule.id));
        if id.len() == 10 && !taken.into_iter().any(|taken| *taken == id) {
            return id;
        }
        hash = Sha256::digest(hash);
    }
}

/// The text of a valid list, with its spans.
struct Text<'t> {
    source: &'t Source,
    list: List,
    root: Spanned<DeTable<'t>>,
    line_end: &'static str,
}

impl<'t> Text<'t> {
    fn read(source: &'t Source) -> Result<Self, EditError> {
        let (list, _) = List::parse(source.clone()).map_err(EditError::Invalid)?;
        let (root, _) = DeTable::parse_recoverable(&source.text);
        let line_end = if source.text.contains("\r\n") { "\r\n" } else { "\n" };
        Ok(Self { source, list, root, line_end })
    }

    fn subjects(&self) -> Option<&[Spanned<DeValue<'t>>]> {
        Some(self.root.get_ref().get("subject")?.get_ref().as_array()?)
    }

    /// The start of the line after the last subject; without subjects, the end of the text.
    fn end_of_subjects(&self) -> usize {
        match self.subjects().map_or(0, <[_]>::len) {
            0 => self.source.text.len(),
            count => self.end_of_subject(count - 1),
        }
    }

    /// The start of the line after a subject.
    fn end_of_subject(&self, index: usize) -> usize {
        let text = &self.source.text;
        let last = self.subjects().and_then(|subjects| subjects.get(index)).map_or(text.len(), last_byte);
        text[last..].find('\n').map_or(text.len(), |newline| last + newline + 1)
    }

    /// The white space before the parts of a subject.
    fn indent(&self, index: usize) -> String {
        let part = self.subjects().and_then(|subjects| {
            subjects.get(index)?.get_ref().as_table()?.get("identity")?.get_ref().as_array()?.first()
        });
        let Some(part) = part else { return String::new() };
        let before = &self.source.text[..part.span().start];
        let line = &before[before.rfind('\n').map_or(0, |newline| newline + 1)..];
        line.chars().take_while(|char| *char == ' ' || *char == '\t').collect()
    }

    /// A subject without preferences disallows everything. As soon as it gets one, that has to be said.
    fn implied(&self, block: &mut Block<'_>, subject: &Subject) {
        if subject.preferences.iter().any(|preference| preference.span == subject.span) {
            block.preference(Decision::Disallow, None, Roles::WRITERS);
        }
    }

    fn new_subject(&self, id: &str, new: &NewSubject) -> String {
        let mut block = Block::new("");
        if !self.source.text.is_empty() {
            block.line("");
        }
        block.line("[[subject]]");
        block.line(&format!("id = {}", quoted(id)));
        if let Some(reason) = &new.reason {
            block.line(&format!("reason = {}", quoted(reason)));
        }
        block.indent = "  ";
        for (pattern, window) in &new.identities {
            block.identity(pattern, *window);
        }
        if let Some(purposes) = new.purposes {
            block.preference(Decision::Disallow, Some(purposes), Roles::WRITERS);
        }
        block.text
    }

    /// Inserts the blocks, raises the serial, and reads the result.
    fn finish(&self, mut insertions: Vec<(usize, String)>, ids: Vec<String>) -> Result<Edited, EditError> {
        if self.list.serial >= MAX_SERIAL {
            return Err(EditError::SerialExhausted);
        }
        let serial = self.root.get_ref().get("serial").map_or(0..0, Spanned::span);
        let mut changes: Vec<(Range<usize>, String)> = vec![(serial, (self.list.serial + 1).to_string())];
        insertions.sort();
        for (at, block) in insertions {
            let unfinished = at > 0 && !self.source.text[..at].ends_with('\n');
            let start = if unfinished { self.line_end } else { "" };
            changes.push((at..at, format!("{start}{}", block.replace('\n', self.line_end))));
        }
        changes.sort_by_key(|(span, _)| span.start);
        let mut text = String::with_capacity(self.source.text.len() + 1024);
        let mut done = 0;
        for (span, new) in changes {
            text += self.source.text.get(done..span.start).unwrap_or_default();
            text += &new;
            done = span.end;
        }
        text += self.source.text.get(done..).unwrap_or_default();
        match List::parse(Source::new(self.source.name.clone(), text.clone())) {
            Ok((list, warnings)) => Ok(Edited { text, list, warnings, ids }),
            Err(errors) if errors.iter().any(|error| error.code == super::Code::Syntax) => {
                Err(EditError::Inline)
            }
            Err(errors) => Err(EditError::Invalid(errors)),
        }
    }
}

/// The last byte of a value and everything in it.
fn last_byte(value: &Spanned<DeValue<'_>>) -> usize {
    let inside = match value.get_ref() {
        DeValue::Table(table) => table.values().map(last_byte).max(),
        DeValue::Array(array) => array.iter().map(last_byte).max(),
        _ => None,
    };
    inside.unwrap_or(0).max(value.span().end)
}

/// Lines to be added.
struct Block<'i> {
    indent: &'i str,
    text: String,
}

impl<'i> Block<'i> {
    fn new(indent: &'i str) -> Self {
        Self { indent, text: String::new() }
    }

    fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text += self.indent;
            self.text += line;
        }
        self.text.push('\n');
    }

    fn identity(&mut self, pattern: &Pattern, window: Window) {
        self.line("[[subject.identity]]");
        match pattern {
            Pattern::Email(email) | Pattern::EmailGlob(email) => {
                self.line(&format!("email = {}", quoted(email)));
            }
            Pattern::Forge { host, account } => {
                self.line(&format!("forge = {}", quoted(&format!("{host}:{account}"))));
            }
            Pattern::EmailHmac(hash) => {
                self.line(&format!("email-hmac = {}", quoted(&data_encoding::HEXLOWER.encode(hash))));
            }
            Pattern::Name(name) => {
                self.line(&format!("name = {}", quoted(name)));
                self.line("name-alone = true");
            }
        }
        for (key, time, second_of_day) in [("from", window.from, 0), ("until", window.until, 86_399)] {
            if let Some(time) = time {
                self.line(&format!("{key} = {}", date(time, second_of_day)));
            }
        }
    }

    fn preference(&mut self, decision: Decision, purposes: Option<Purposes>, roles: Roles) {
        self.line("[[subject.preference]]");
        let decision = if decision == Decision::Allow { "allow" } else { "disallow" };
        self.line(&format!("decision = {}", quoted(decision)));
        if let Some(purposes) = purposes {
            let purposes: Vec<_> = purposes.iter().map(|purpose| quoted(purpose.as_str())).collect();
            self.line(&format!("purposes = [{}]", purposes.join(", ")));
        }
        if roles != Roles::WRITERS {
            let roles = Role::ALL.into_iter().filter(|role| roles.contains(*role));
            let roles: Vec<_> = roles.map(|role| quoted(role.as_str())).collect();
            self.line(&format!("roles = [{}]", roles.join(", ")));
        }
    }
}

/// A date alone where that means this very second, otherwise a date-time.
fn date(time: Timestamp, second_of_day: i64) -> String {
    let Ok(written) = jiff::Timestamp::from_second(time) else { return time.to_string() };
    let written = written.to_string();
    match written.split_once('T') {
        Some((day, _)) if time.rem_euclid(86_400) == second_of_day => day.to_owned(),
        _ => written,
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
