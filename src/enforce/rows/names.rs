//! The names of repositories and paths, as data sets spell them.
//!
//! Decides which spellings mean the same, and what is no name at all. Where two could mean the same, they do: that only
//! excludes more.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::iter::once;

use percent_encoding::percent_decode;

/// So many renames are followed before they are taken for a circle.
const MOST_RENAMES: usize = 32;
/// No forge has a repository below so many groups.
const MOST_GROUPS: usize = 32;

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
        let mut all = Vec::new();
        for name in meant(&plain, is_url(name)) {
            let now = self.follow(name).unwrap_or_else(|| name.to_owned());
            let old = self.before.get(&now).into_iter().flatten().cloned();
            let others: Vec<String> = old.chain([now]).filter(|other| other != name).collect();
            all.push(name.to_owned());
            all.extend(others);
        }
        all
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

/// What may stand between names: no forge has it in one.
fn parts(char: char) -> bool {
    matches!(char, ',' | ';') || char.is_whitespace()
}

/// The names in a value: several have commas, semicolons or white space between them. What stands between commas is also
/// taken as a whole, since not every repository is one of a forge.
pub fn each(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|name| !name.is_empty()).flat_map(|whole| {
        let names = whole.split(parts).filter(|name| !name.is_empty() && name.len() < whole.len());
        once(whole).chain(names)
    })
}

/// Whether a value is nothing but names of repositories, as forges allow them, or URLs of such.
#[must_use]
pub fn are_names(value: &str) -> bool {
    let is_name = |name: &str| {
        let name = plain(name);
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~/-".contains(&byte))
            && name.split('/').all(|part| part != "..")
    };
    value.split(parts).filter(|name| !name.is_empty()).all(is_name)
}

/// A name without what only some spell: the scheme and host of a URL, a leading `/`, `.git`; in lower case, as forges
/// compare them.
fn plain(name: &str) -> String {
    let name = name.trim();
    let behind_scheme = name.split_once("://").map(|(_, rest)| rest);
    let (host, path) = behind_scheme.unwrap_or(name).split_once('/').unwrap_or((name, ""));
    // `git@host:owner/name`, which some write behind a scheme, too, where a port or a password may stand there.
    let is_owner = |before: &str, after: &str| match behind_scheme {
        Some(_) => !after.contains('@') && !after.bytes().all(|byte| byte.is_ascii_digit()),
        None => before.contains('@'),
    };
    let path = match host.split_once(':') {
        Some((before, owner)) if is_owner(before, owner) => &format!("{owner}/{path}"),
        _ if behind_scheme.is_some() => path,
        _ => name,
    };
    let part = |part: &str| part.trim_end_matches(".git").to_owned();
    let parts: Vec<String> =
        path.to_lowercase().split('/').map(part).filter(|part| !matches!(&part[..], "" | ".")).collect();
    parts.join("/")
}

/// Whether it is a URL, or begins like one without a scheme: with a host, or somebody at one.
fn is_url(name: &str) -> bool {
    let first = name.trim().split('/').next().unwrap_or_default();
    name.contains("://") || first.contains(['.', '@', ':']) || first.eq_ignore_ascii_case("localhost")
}

/// What a name may mean, itself first: without what may be a page of the repository (`owner/name/issues/7`), since no
/// repository lies below another; and of a URL, without a host, or what forges put before the name there (`api/v1/repos`,
/// `scm`), too.
fn meant(name: &str, is_url: bool) -> Vec<&str> {
    let parts = name.match_indices('/').map(|(at, _)| at).take(MOST_GROUPS);
    let starts = once(0).chain(parts.clone().map(|at| at + 1)).take(if is_url { MOST_GROUPS } else { 1 });
    let mut all = vec![name];
    for start in starts {
        let ends = parts.clone().filter(|end| *end > start).skip(1).chain([name.len()]);
        let others = ends.map(|end| &name[start..end]);
        all.extend(others.filter(|other| *other != name && other.contains('/')));
    }
    all
}

/// What a path may mean: itself, and if it is percent-encoded, what that says.
pub fn spellings(path: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let decoded = path.contains(&b'%').then(|| Cow::from(percent_decode(path)));
    once(Cow::Borrowed(path)).chain(decoded)
}

/// What the rest of a URL behind a revision may mean as a path: without lines (`#L1-L9`) and questions behind it. Since not all who
/// write such URLs encode what stands in names, that may begin at several places.
pub fn of_url(rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    let at = |byte| rest.iter().position(|other| *other == byte);
    let last = rest.iter().rposition(|byte| *byte == b'#');
    let mut ends: Vec<usize> = [at(b'#'), at(b'?'), last, Some(rest.len())].into_iter().flatten().collect();
    ends.sort_unstable();
    ends.dedup();
    ends.into_iter().map(|end| &rest[..end])
}

/// Whether it is a path as Git has them, however it begins: not one of another system, that leads out of somewhere, or a URL.
#[must_use]
pub fn is_path(path: &[u8]) -> bool {
    !path.contains(&b'\\')
        && path.split(|byte| *byte == b'/').all(|part| part != b"..")
        && !path.windows(3).any(|part| part == b"://")
}

/// A path without what only some spell: slashes before, behind and beside others, and `.` between them.
#[must_use]
pub fn path(path: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let is_part = |part: &&[u8]| !matches!(*part, b"" | b".");
    if path.split(|byte| *byte == b'/').all(|part| is_part(&part)) {
        return path;
    }
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').filter(is_part).collect();
    Cow::Owned(parts.join(&b'/'))
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
            "git@github.com:corp/engine.git",
            "git+ssh://git@github.com:corp/engine.git",
            "ssh://git@forge.example:22/corp/engine.git/",
            "https://ada:secret@github.com/corp/engine",
            "corp//engine.GIT",
            "./corp/./engine/",
        ] {
            assert_eq!(none.all(spelled), ["corp/engine"], "{spelled}");
        }
        assert_eq!(none.all("corp/engine2"), ["corp/engine2"]);
        // It may be a host, or a group of that name.
        assert_eq!(
            none.all("github.com/Corp/engine"),
            ["github.com/corp/engine", "github.com/corp", "corp/engine"]
        );
        assert_eq!(none.all("my.corp/engine"), ["my.corp/engine"]);
    }

    #[test]
    fn a_page_of_a_repository_or_of_an_api_names_it() {
        let none = Aliases::default();
        for spelled in [
            "https://github.com/corp/engine/issues/7",
            "https://github.com/corp/engine/blob/main/src/a.rs",
            "https://gitlab.example/corp/engine/-/merge_requests/7",
            "github.com/corp/engine/tree/main",
            "https://api.github.com/repos/Corp/engine",
            "https://api.github.com/repos/corp/engine/issues/7",
            "https://github.example/api/v3/repos/corp/engine/pulls/7",
            "api.github.com/repos/corp/engine",
            "https://codeberg.org/api/v1/repos/corp/engine/issues/1",
            "https://api.bitbucket.org/2.0/repositories/corp/engine",
            "https://x.example/scm/corp/engine.git",
            "https://github.com/corp/engine.git/tree/main",
            "git@github.com:22/corp/engine.git",
            "http://user@host.xz:corp/engine",
            "localhost/corp/engine",
        ] {
            assert!(none.all(spelled).contains(&"corp/engine".to_owned()), "{spelled}");
        }
        assert_eq!(none.all("group/corp/engine"), ["group/corp/engine", "group/corp"]);
        assert_eq!(none.all("engine"), ["engine"]);
        assert_eq!(none.all(""), [""]);
        // Whoever writes very long names must not make it long to look them up.
        for long in ["a/".repeat(100_000), format!("https://x.example/{}", "a/".repeat(100_000))] {
            assert!(none.all(&long).len() < 1200);
        }
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
    fn a_list_names_each() {
        assert_eq!(each("a/b,c/d, e/f,").collect::<Vec<_>>(), ["a/b", "c/d", "e/f"]);
        assert_eq!(each("a/b;c/d,e f").collect::<Vec<_>>(), ["a/b;c/d", "a/b", "c/d", "e f", "e", "f"]);
        assert_eq!(each("").count(), 0);
    }

    #[test]
    fn what_is_no_name_of_a_repository_is_told() {
        for names in
            ["a/b", "~a/b.c-d_e", "git@x.example:a/b.git", "https://x.example/a/b", "a/b; c/d\te,", ""]
        {
            assert!(are_names(names), "{names}");
        }
        for other in
            ["[\"a/b\",\"c/d\"]", "a/b|c/d", "a/../b", "a%2Fb", "a\\b", "a/é", "https://", "x:a/b", "/"]
        {
            assert!(!are_names(other), "{other}");
        }
    }

    #[test]
    fn spellings_of_one_path_are_one() {
        let all = |text: &'static str| {
            let all = spellings(text.as_bytes()).map(|spelled| path(spelled).into_owned());
            all.map(|path| String::from_utf8(path).unwrap()).collect::<Vec<_>>()
        };
        for spelled in ["src/a.rs", "/src/a.rs", "./src/a.rs", "//src//a.rs", "src/./a.rs", ".//src/a.rs/"] {
            assert_eq!(all(spelled), ["src/a.rs"], "{spelled}");
        }
        assert_eq!(all("src%2Fa.rs"), ["src%2Fa.rs", "src/a.rs"]);
        assert_eq!(all("//."), [""]);
        assert_eq!(all(".gitignore"), [".gitignore"]);
    }

    #[test]
    fn a_path_in_a_url_ends_before_its_lines() {
        let all = |rest: &'static str| of_url(rest.as_bytes()).collect::<Vec<_>>();
        assert_eq!(all("src/a.rs"), [b"src/a.rs"]);
        assert_eq!(all("src/a.rs#L1-L9"), [&b"src/a.rs"[..], b"src/a.rs#L1-L9"]);
        assert_eq!(
            all("C#/a.cs?plain=1#L1"),
            [&b"C"[..], b"C#/a.cs", b"C#/a.cs?plain=1", b"C#/a.cs?plain=1#L1"]
        );
        assert_eq!(all(""), [b""]);
    }

    #[test]
    fn what_is_no_path_of_git_is_told() {
        for text in ["src/a.rs", "/src//a.rs", "a..b/...", "50%", "a:b"] {
            assert!(is_path(text.as_bytes()), "{text}");
        }
        for other in ["src/../a.rs", "..", "src\\a.rs", "https://x.example/a.rs"] {
            assert!(!is_path(other.as_bytes()), "{other}");
        }
    }
}
