//! Several globs matched at once, on the names of repositories or remotes, or on paths.
//!
//! Decides which globs are sound and what they match. Must not know what they are for.

use std::fmt;
use std::sync::Arc;

use caseless::Caseless as _;
use globset::{Candidate, Glob, GlobBuilder, GlobSet};

/// No glob is longer; a longer one is a mistake or an attack.
pub const MAX_GLOB_BYTES: usize = 1024;

/// What globs are matched against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GlobKind {
    /// Names of repositories and remotes, without regard to case.
    Name,
    /// Addresses of remotes, without regard to case.
    Url,
    /// Paths inside a repository, byte for byte.
    Path,
}

/// A set of globs. `*` and `?` stop at `/`, `**` does not. A backslash takes the next character as it is.
#[derive(Clone)]
pub struct Globs(Arc<Compiled>);

struct Compiled {
    patterns: Vec<String>,
    set: GlobSet,
    kind: GlobKind,
}

impl Globs {
    /// Compiles globs, each of which has passed [`check`].
    ///
    /// # Errors
    /// What the library says if together they are too large.
    pub fn new(kind: GlobKind, patterns: Vec<String>) -> Result<Self, String> {
        let mut builder = GlobSet::builder();
        for pattern in &patterns {
            builder.add(check(kind, pattern).map_err(|bad| bad.why)?);
        }
        let set = builder.build().map_err(|error| error.kind().to_string())?;
        Ok(Self(Arc::new(Compiled { patterns, set, kind })))
    }

    /// Whether one of the globs matches the whole of `bytes`.
    #[must_use]
    pub fn is_match(&self, bytes: &[u8]) -> bool {
        match (self.0.kind, std::str::from_utf8(bytes)) {
            (GlobKind::Name | GlobKind::Url, Ok(text)) => {
                self.0.set.is_match_candidate(&Candidate::from_bytes(fold(text).as_bytes()))
            }
            _ => self.0.set.is_match_candidate(&Candidate::from_bytes(bytes)),
        }
    }

    /// The globs as they are written.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        &self.0.patterns
    }
}

impl fmt::Debug for Globs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0.patterns).finish()
    }
}

/// Why a glob is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadGlob {
    /// What is wrong with it.
    pub why: String,
    /// How to mend it, where that can be told.
    pub help: Option<String>,
}

impl BadGlob {
    fn new(why: impl Into<String>, help: Option<String>) -> Self {
        Self { why: why.into(), help }
    }
}

/// The glob `pattern`, if it is sound and can match something.
///
/// # Errors
/// Why it is refused.
pub fn check(kind: GlobKind, pattern: &str) -> Result<Glob, BadGlob> {
    let advice = match pattern {
        "" => return Err(BadGlob::new("an empty glob matches nothing", None)),
        _ if kind == GlobKind::Url => None,
        _ if pattern.starts_with("./") => Some(("starts with `./`", pattern[2..].to_owned())),
        _ if kind == GlobKind::Path && pattern.starts_with('/') => {
            Some(("starts with `/`", pattern.trim_start_matches('/').to_owned()))
        }
        _ if pattern.ends_with('/') => Some(("ends with `/`", format!("{pattern}**"))),
        _ => None,
    };
    if let Some((what, better)) = advice {
        let why = format!("{what}, and no name does, so it can never match");
        return Err(BadGlob::new(why, Some(format!("write `{better}`"))));
    }
    let folded = match kind {
        GlobKind::Name | GlobKind::Url => fold(pattern),
        GlobKind::Path => pattern.to_owned(),
    };
    compile(&folded, true)
}

/// A glob as Withhold reads all globs, on every system alike.
///
/// # Errors
/// Why it is refused.
pub fn compile(pattern: &str, literal_separator: bool) -> Result<Glob, BadGlob> {
    if pattern.len() > MAX_GLOB_BYTES {
        return Err(BadGlob::new(format!("longer than {MAX_GLOB_BYTES} bytes"), None));
    }
    if !pattern.is_ascii() && has_wide_class(pattern) {
        let help = "write the alternatives as `{é,è}`; `[…]` and `?` stand for one byte".to_owned();
        return Err(BadGlob::new("a class `[…]` with a character outside ASCII matches nothing", Some(help)));
    }
    GlobBuilder::new(pattern)
        .literal_separator(literal_separator)
        .backslash_escape(true)
        .build()
        .map_err(|error| BadGlob::new(error.kind().to_string(), None))
}

/// Whether there is something outside ASCII between `[` and `]`.
fn has_wide_class(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => drop(chars.next()),
            '[' => {
                // The first character belongs to the class, even if it is `]`.
                let class = chars.as_str();
                let body = class.trim_start_matches(['!', '^']);
                let skipped = class.len() - body.len() + body.chars().next().map_or(0, char::len_utf8);
                let length = class[skipped..].find(']').map_or(class.len(), |end| skipped + end);
                if !class[..length].is_ascii() {
                    return true;
                }
                chars = class[length..].chars();
            }
            _ => {}
        }
    }
    false
}

fn fold(text: &str) -> String {
    text.chars().default_case_fold().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(pattern: &str) -> Globs {
        Globs::new(GlobKind::Path, vec![pattern.to_owned()]).unwrap()
    }

    fn name(pattern: &str) -> Globs {
        Globs::new(GlobKind::Name, vec![pattern.to_owned()]).unwrap()
    }

    #[test]
    fn a_star_stops_at_a_slash_and_two_do_not() {
        assert!(path("src/*.rs").is_match(b"src/a.rs"));
        assert!(!path("src/*.rs").is_match(b"src/a/b.rs"));
        assert!(!path("*.rs").is_match(b"src/a.rs"));
        assert!(path("**/*.rs").is_match(b"a.rs"));
        assert!(path("**/*.rs").is_match(b"src/a/b.rs"));
        assert!(path("src/**").is_match(b"src/a/b.rs"));
        assert!(!path("src/**").is_match(b"src"));
        assert!(!path("src/?").is_match(b"src//"));
    }

    #[test]
    fn names_ignore_case_and_paths_do_not() {
        assert!(name("Corp/**").is_match(b"corp/Tool"));
        assert!(name("corp/MÜNCHEN").is_match("Corp/münchen".as_bytes()));
        assert!(!path("SRC/**").is_match(b"src/a"));
    }

    #[test]
    fn paths_are_bytes() {
        assert!(path("src/**").is_match(b"src/\xff\xfe.c"));
        assert!(path("src/a*c").is_match(b"src/a\n\xffc"));
        assert!(name("corp/*").is_match(b"corp/\xff"));
    }

    #[test]
    fn special_characters_can_be_escaped() {
        assert!(path("a[*]b").is_match(b"a*b"));
        assert!(!path("a[*]b").is_match(b"axb"));
        assert!(path("a\\*b").is_match(b"a*b"));
        assert!(path("{a,b}/c").is_match(b"b/c"));
    }

    #[test]
    fn what_can_never_match_is_refused() {
        for (pattern, help) in [("src/", "`src/**`"), ("/src", "`src`"), ("./src", "`src`")] {
            assert!(check(GlobKind::Path, pattern).unwrap_err().help.unwrap().contains(help));
        }
        for pattern in ["", "[", "{a", "a[z-a]", "x[é]", "x[!é]", "\\"] {
            assert!(check(GlobKind::Path, pattern).is_err(), "{pattern}");
        }
        assert!(check(GlobKind::Path, "é[a]é").is_ok());
        assert!(check(GlobKind::Path, "\\[é]").is_ok());
        assert!(check(GlobKind::Path, &"a".repeat(MAX_GLOB_BYTES + 1)).is_err());
    }
}
