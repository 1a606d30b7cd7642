//! Finds the list's identities that a person has.
//!
//! Decides whether someone in a commit is someone in the list. Must not look at windows, roles or
//! preferences: that is the verdict's business.

use std::collections::HashMap;
use std::fmt;

use globset::{Candidate, GlobSet};

use super::email::{Address, EmailRules, normalise_glob};
use super::keyed::{self, Key};
use super::{Person, forge, name};
use crate::policy::{List, Pattern, globs};

/// A list, compiled for matching. Made once, used from any thread.
pub struct Matcher {
    rules: EmailRules,
    emails: Table<String>,
    accounts: Table<String>,
    names: Table<String>,
    hashes: Table<[u8; 32]>,
    key: Option<Key>,
    globs: Vec<Globs>,
}

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
    #[error("the list `{list}` has `email-hmac` entries, and no key to compare them with was given")]
    NoKey {
        /// The list's name.
        list: String,
    },
    /// The globs are too large to be compiled.
    #[error("the e-mail globs of the list `{list}` cannot be compiled: {why}")]
    Globs {
        /// The list's name.
        list: String,
        /// What the library says.
        why: String,
    },
    /// More subjects, or identities of one, than can be counted.
    #[error("the list `{list}` has too many subjects")]
    TooMany {
        /// The list's name.
        list: String,
    },
}

type Table<K> = HashMap<K, Vec<Found>>;

/// Globs that are matched together, and whose they are.
struct Globs {
    set: GlobSet,
    found: Vec<Found>,
}

/// So many globs make a set: its tables have a limit, which a larger one could run into.
const GLOBS_IN_A_SET: usize = 512;

impl Matcher {
    /// Compiles a list; `key` is needed if it has `email-hmac` entries.
    ///
    /// # Errors
    /// See [`MatcherError`].
    pub fn new(list: &List, key: Option<&Key>) -> Result<Self, MatcherError> {
        let identities = list.subjects.iter().enumerate().flat_map(|(subject, entry)| {
            let all = entry.identities.iter().enumerate();
            all.map(move |(identity, entry)| (subject, identity, &entry.pattern))
        });
        Self::compile(list, key, identities)
    }

    /// Compiles a list's bots: what is found are their numbers, as subjects.
    ///
    /// # Errors
    /// See [`MatcherError`].
    pub fn of_bots(list: &List, key: Option<&Key>) -> Result<Self, MatcherError> {
        Self::compile(list, key, list.bots.iter().enumerate().map(|(number, bot)| (number, 0, &bot.pattern)))
    }

    fn compile<'p>(
        list: &List,
        key: Option<&Key>,
        identities: impl Iterator<Item = (usize, usize, &'p Pattern)>,
    ) -> Result<Self, MatcherError> {
        let mut matcher = Self {
            rules: EmailRules::of(list),
            emails: HashMap::with_capacity(list.subjects.len()),
            accounts: HashMap::new(),
            names: HashMap::new(),
            hashes: HashMap::new(),
            key: key.cloned(),
            globs: Vec::new(),
        };
        let mut patterns = Vec::new();
        for (subject, identity, pattern) in identities {
            let (Ok(subject), Ok(identity)) = (u32::try_from(subject), u32::try_from(identity)) else {
                return Err(MatcherError::TooMany { list: list.name.clone() });
            };
            matcher.add(pattern, Found { subject, identity }, &mut patterns);
        }
        if !matcher.hashes.is_empty() && key.is_none() {
            return Err(MatcherError::NoKey { list: list.name.clone() });
        }
        for chunk in patterns.chunks(GLOBS_IN_A_SET) {
            let globs =
                Globs::new(chunk).map_err(|why| MatcherError::Globs { list: list.name.clone(), why })?;
            matcher.globs.push(globs);
        }
        Ok(matcher)
    }

    fn add(&mut self, pattern: &Pattern, found: Found, globs: &mut Vec<(String, Found)>) {
        match pattern {
            Pattern::Email(email) => {
                let normal = Address::read(email.as_bytes()).normal(&self.rules);
                self.emails.entry(normal).or_default().push(found);
            }
            Pattern::EmailGlob(glob) => {
                // Read as an address, too: `app[bot]@…` is what it says as well as what it matches.
                let normal = Address::read(glob.as_bytes()).normal(&self.rules);
                self.emails.entry(normal).or_default().push(found);
                globs.push((normalise_glob(glob), found));
            }
            Pattern::Forge { host, account } => {
                self.accounts.entry(forge::key(host, account)).or_default().push(found);
            }
            Pattern::EmailHmac(hash) => self.hashes.entry(*hash).or_default().push(found),
            Pattern::Name(text) => {
                self.names.entry(name::normalise(text.as_bytes())).or_default().push(found);
            }
        }
    }

    /// The identities that mean `person`, sorted, each once. Windows are not looked at.
    ///
    /// An empty name or address means nobody.
    #[must_use]
    pub fn find(&self, person: &Person) -> Vec<Found> {
        let mut found = Vec::new();
        let mut add = |more: Option<&Vec<Found>>| found.extend(more.into_iter().flatten());
        let address = Address::read(&person.email);
        if !address.is_empty() {
            let normal = address.normal(&self.rules);
            add(self.emails.get(&normal));
            if let Some(key) = self.key.as_ref().filter(|_| !self.hashes.is_empty()) {
                add(self.hashes.get(&keyed::email_hmac(key, &normal)));
            }
            if !self.accounts.is_empty() {
                for account in forge::accounts(&address) {
                    add(self.accounts.get(&account));
                }
            }
            if !self.globs.is_empty() {
                for form in address.forms(&self.rules) {
                    let candidate = Candidate::from_bytes(form.as_bytes());
                    for globs in &self.globs {
                        let indices = globs.set.matches_candidate(&candidate);
                        found.extend(indices.into_iter().filter_map(|index| globs.found.get(index)));
                    }
                }
            }
        }
        if !self.names.is_empty() {
            let normal = name::normalise(&person.name);
            if !normal.is_empty() {
                found.extend(self.names.get(&normal).into_iter().flatten());
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Globs {
    fn new(patterns: &[(String, Found)]) -> Result<Self, String> {
        let mut set = GlobSet::builder();
        let mut found = Vec::with_capacity(patterns.len());
        for (pattern, owner) in patterns {
            set.add(globs::compile(pattern, false).map_err(|bad| bad.why)?);
            found.push(*owner);
        }
        let set = set.build().map_err(|error| error.kind().to_string())?;
        Ok(Self { set, found })
    }
}

impl fmt::Debug for Matcher {
    /// Without the people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matcher").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
