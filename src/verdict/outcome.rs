//! What a verdict says.
//!
//! Decides nothing: the words in which the others speak.

use crate::policy::{Purposes, Role};

/// For which purposes something is excluded, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// The purposes for which it is excluded; none if it is included.
    pub purposes: Purposes,
    /// What led to it, sorted, each once.
    pub reasons: Vec<Reason>,
}

/// One thing that excludes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reason {
    /// Which of the lists.
    pub layer: u32,
    /// What in it decided.
    pub basis: Basis,
    /// The purposes that it excludes.
    pub purposes: Purposes,
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Basis {
    /// A subject disallows it.
    Subject {
        /// Index in the list's subjects.
        subject: u32,
        /// Index in the subject's identities: how the person was recognised.
        identity: u32,
        /// Index in the subject's preferences: the last that applied and disallows.
        preference: u32,
        /// The part that the person had.
        role: Role,
        /// Whether it took the mailmap to recognise the person.
        mapped: bool,
    },
    /// In an opt-in regime, someone had a part in it who does not allow it.
    NotListed {
        /// The part.
        role: Role,
    },
    /// It has no usable author.
    Unattributed,
    /// A rule excludes it, whoever wrote it.
    Rule {
        /// Index in the list's rules.
        rule: u32,
    },
}

impl Verdict {
    /// Whether it is excluded for any purpose.
    #[must_use]
    pub fn is_excluded(&self) -> bool {
        !self.purposes.is_empty()
    }

    /// Whether it is excluded only because nobody can say whose it is.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.is_excluded() && self.reasons.iter().all(|reason| reason.basis == Basis::Unattributed)
    }

    /// Adds a reason; one that excludes nothing is none.
    pub fn add(&mut self, reason: Reason) {
        if reason.purposes.is_empty() {
            return;
        }
        self.purposes = self.purposes.union(reason.purposes);
        if let Err(at) = self.reasons.binary_search(&reason) {
            self.reasons.insert(at, reason);
        }
    }

    /// Adds everything that another verdict says.
    pub fn extend(&mut self, other: &Self) {
        for reason in &other.reasons {
            self.add(*reason);
        }
    }
}
