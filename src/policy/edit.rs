//! Changes a list's text and keeps its comments and order: `list add` and `list withdraw`.
//!
//! Every edit raises the serial by one, and is read again before it is handed out.

use super::{Diagnostic, List, Pattern, Purposes, Source, Window};

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
    /// The list, before or after, is not valid.
    #[error("the list is not valid")]
    Invalid(Vec<Diagnostic>),
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

/// Adds a person; `random` becomes the pseudonym. If a subject has one of the identities already, and
/// has withdrawn, that subject gets a `disallow` instead.
///
/// # Errors
/// See [`EditError`].
pub fn add(
    source: &Source,
    subject: &NewSubject,
    random: [u8; PSEUDONYM_BYTES],
) -> Result<Edited, EditError> {
    let _ = (source, subject, random);
    todo!()
}

/// Records that someone may be used again: appends an `allow`, so the list keeps the record.
///
/// # Errors
/// See [`EditError`].
pub fn withdraw(source: &Source, who: &Who, purposes: Option<Purposes>) -> Result<Edited, EditError> {
    let _ = (source, who, purposes);
    todo!()
}
