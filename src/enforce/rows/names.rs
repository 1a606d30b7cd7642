//! The names of repositories, as data sets spell them.
//!
//! Decides which spellings mean the same repository. Where two could, they do: that only excludes more.

use std::collections::BTreeMap;

/// So many renames are followed before they are taken for a circle.
const MOST_RENAMES: usize = 32;

/// Why a table of old names cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AliasError {
    /// It is no TOML.
    #[error("it is no TOML: {0}")]
    Toml(String),
    /// A value is something else than a name.
    #[error("what stands behind `{0}` is no name of a repository in quotes")]
    NoName(String),
    /// The names lead in a circle.
    #[error("the names lead in a circle from `{0}`")]
    Circle(String),
}

/// Repositories that were renamed: by each old name, the new one.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    renamed: BTreeMap<String, String>,
    /// By each name of today, the old ones.
    before: BTreeMap<String, Vec<String>>,
}

impl Aliases {
    /// Reads a table in TOML: `"old/name" = "new/name"`, a line each.
    ///
    /// # Errors
    /// See [`AliasError`].
    pub fn parse(text: &str) -> Result<Self, AliasError> {
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| AliasError::Toml(error.message().to_owned()))?;
        let mut aliases = Self::default();
        for (old, new) in table {
            let Some(new) = new.as_str() else { return Err(AliasError::NoName(old)) };
            let (from, to) = (plain(&old), plain(new));
            if from.is_empty() || to.is_empty() {
                return Err(AliasError::NoName(old));
            }
            aliases.renamed.insert(from, to);
        }
        for old in aliases.renamed.keys() {
            let now = aliases.follow(old).ok_or_else(|| AliasError::Circle(old.clone()))?;
            aliases.before.entry(now).or_default().push(old.clone());
        }
        Ok(aliases)
    }

    /// Every name that the repository has or had, that one first, in lower case.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<String> {
        let plain = plain(name);
        let now = self.follow(&plain).unwrap_or_else(|| plain.clone());
        let old = self.before.get(&now).into_iter().flatten().cloned();
        let others: Vec<String> = old.chain([now]).filter(|other| *other != plain).collect();
        [vec![plain], others].concat()
    }

    fn follow(&self, name: &str) -> Option<String> {
        let mut at = name;
        for _ in 0..MOST_RENAMES {
            match self.renamed.get(at) {
                Some(next) if next != at => at = next,
                _ => return Some(at.to_owned()),
            }
        }
        None
    }
}

/// The names in a value: several have commas between them.
pub fn each(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// A name without what only some spell: the scheme and host of a URL, a leading `/`, `.git`; in lower case, as forges
/// compare them.
fn plain(name: &str) -> String {
    let name = name.trim();
    let path = match name.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        // `git@host:owner/name`
        None => match name.split_once(':') {
            Some((host, path)) if host.contains('@') => path,
            _ => name,
        },
    };
    let path = path.trim_matches('/');
    path.strip_suffix(".git").unwrap_or(path).to_lowercase()
}

/// A path without what only some put before it.
#[must_use]
pub fn path(path: &[u8]) -> &[u8] {
    let path = path.strip_prefix(b"./").unwrap_or(path);
    let start = path.iter().position(|byte| *byte != b'/').unwrap_or(path.len());
    &path[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_repository_are_one() {
        let none = Aliases::default();
        for spelled in [
            "corp/engine",
            "/Corp/Engine",
            "corp/engine.git",
            "https://github.com/Corp/engine",
            "ssh://git@forge.example:22/corp/engine.git/",
            "git@github.com:corp/engine.git",
        ] {
            assert_eq!(none.all(spelled), ["corp/engine"], "{spelled}");
        }
        assert_eq!(none.all("corp/engine2"), ["corp/engine2"]);
    }

    #[test]
    fn a_repository_that_was_renamed_is_known_by_its_old_names() {
        let aliases = Aliases::parse("\"Ada/old\" = \"ada/mid\"\n\"ada/mid\" = \"corp/new\"\n").unwrap();
        for name in ["ada/old", "ADA/OLD.git", "ada/mid", "corp/new"] {
            let mut all = aliases.all(name);
            all.sort();
            assert_eq!(all, ["ada/mid", "ada/old", "corp/new"]);
        }
        assert_eq!(aliases.all("ada/other"), ["ada/other"]);
    }

    #[test]
    fn a_table_that_leads_nowhere_is_refused() {
        let parse = |text: &str| Aliases::parse(text).unwrap_err();
        assert_eq!(parse("\"a/b\" = \"c/d\"\n\"c/d\" = \"a/b\"\n"), AliasError::Circle("a/b".into()));
        assert_eq!(parse("\"a/b\" = 3\n"), AliasError::NoName("a/b".into()));
        assert_eq!(parse("\"a/b\" = \"\"\n"), AliasError::NoName("a/b".into()));
        assert!(matches!(parse("a/b = c\n"), AliasError::Toml(_)));
    }

    #[test]
    fn a_list_with_commas_names_each() {
        assert_eq!(each("a/b,c/d, e/f,").collect::<Vec<_>>(), ["a/b", "c/d", "e/f"]);
        assert_eq!(each("").count(), 0);
    }

    #[test]
    fn paths_of_some_data_sets_begin_with_a_slash() {
        assert_eq!(path(b"/src/a.rs"), b"src/a.rs");
        assert_eq!(path(b"./src/a.rs"), b"src/a.rs");
        assert_eq!(path(b"src/a.rs"), b"src/a.rs");
        assert_eq!(path(b"//"), b"");
    }
}
