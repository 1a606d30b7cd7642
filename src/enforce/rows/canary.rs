//! Rows that were put into a data set to be found: a run that does not exclude every one of them cannot be trusted.
//!
//! Decides how they are named: by the key of their content.

use std::collections::HashMap;

use super::key::Key;
use crate::dataset::Meaning;
use crate::manifest::keys::HashKind;

/// The rows that have to be found.
#[derive(Debug, Clone, Default)]
pub struct Canaries {
    keys: HashMap<Key, usize>,
}

impl Canaries {
    /// Reads their keys, a line each: `git_sha1:…`, `sha1:…`, `sha256:…` or a SWHID. Empty lines, and those that begin
    /// with `#`, are passed over.
    ///
    /// # Errors
    /// The number of a line that names no key (the first is 1); 0 if none of them does.
    pub fn parse(text: &str) -> Result<Self, usize> {
        let mut canaries = Self::default();
        for (number, line) in (1_usize..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key = if line.starts_with("swh:") {
                Key::read(Meaning::Swhid, line.as_bytes())
            } else {
                line.split_once(':').and_then(|(kind, hash)| {
                    Key::read(Meaning::parse(kind)?, hash.as_bytes()).filter(|_| hash.is_ascii())
                })
            };
            let next = canaries.keys.len();
            canaries.keys.entry(key.ok_or(number)?).or_insert(next);
        }
        if canaries.keys.is_empty() { Err(0) } else { Ok(canaries) }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// By what kinds of keys they are named.
    pub fn kinds(&self) -> impl Iterator<Item = HashKind> {
        HashKind::ALL.into_iter().filter(|kind| self.keys.keys().any(|key| key.kind() == *kind))
    }

    /// Whether none has to be found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The place of the one that has this key.
    #[must_use]
    pub fn place(&self, key: &Key) -> Option<usize> {
        self.keys.get(key).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_names_one() {
        let canaries = Canaries::parse(
            "# planted on Monday\n\nswh:1:cnt:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n\
             git_sha1:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n\
             sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709\n",
        )
        .unwrap();
        assert_eq!(canaries.len(), 2);
        assert_eq!(canaries.place(&Key::of(HashKind::GitSha1, b"")), Some(0));
        assert_eq!(canaries.place(&Key::of(HashKind::Sha1, b"")), Some(1));
        assert_eq!(canaries.place(&Key::of(HashKind::Sha256, b"")), None);
    }

    #[test]
    fn a_line_that_names_none_is_told() {
        assert_eq!(Canaries::parse("# none\n").unwrap_err(), 0);
        assert_eq!(Canaries::parse("sha1:da39\n").unwrap_err(), 1);
        assert_eq!(Canaries::parse("#\ncommit:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n").unwrap_err(), 2);
    }
}
