//! Changes a list's text: `list add` and `list withdraw`.
//!
//! Decides which lines are added, and where. The serial's digits are replaced and lines are inserted;
//! every other byte stays as it is, comments and line ends too. (A document editor would write line ends
//! of its own, and could move an entry between the parts of another.) What comes out is read again before
//! it is handed out. Must not read or write files.

mod block;
mod text;

use sha2::{Digest as _, Sha256};

use super::{
    Decision, Diagnostic, List, Pattern, Preference, Purposes, Role, Roles, Source, Subject, Window,
};
use block::Block;
use text::Text;

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

#[cfg(test)]
mod tests;
