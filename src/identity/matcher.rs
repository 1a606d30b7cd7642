//! Finds the list's identities that a person has.

use super::{Key, Person};
use crate::policy::List;

/// A list, compiled for matching. Made once, used from any thread.
#[derive(Debug)]
pub struct Matcher {}

/// An identity of a list, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Found {
    /// Index in the list's subjects.
    pub subject: u32,
    /// Index in the subject's identities.
    pub identity: u32,
}

/// Why a list cannot be matched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatcherError {
    /// The list has keyed hashes, and no key was given.
    #[error("the list `{list}` has `email-hmac` entries, and no key was given")]
    NoKey {
        /// The list's name.
        list: String,
    },
    /// The globs are too many or too large to be compiled.
    #[error("the globs of the list `{list}` cannot be compiled: {why}")]
    Globs {
        /// The list's name.
        list: String,
        /// What the library says.
        why: String,
    },
}

impl Matcher {
    /// Compiles a list.
    ///
    /// # Errors
    /// See [`MatcherError`].
    pub fn new(list: &List, key: Option<&Key>) -> Result<Self, MatcherError> {
        let _ = (list, key);
        todo!()
    }

    /// The identities that mean `person`, sorted, each once. Windows are not looked at.
    #[must_use]
    pub fn find(&self, person: &Person) -> Vec<Found> {
        let _ = person;
        todo!()
    }
}
