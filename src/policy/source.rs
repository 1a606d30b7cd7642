//! The text of a list or a policy, under the name that messages call it by.
//!
//! The only file of this folder that reads files. Must not understand what it reads.

use std::fmt;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::{Code, Diagnostic};

/// Files larger than this are refused: a list of a million subjects is well below it.
pub const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// A text and its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// What messages call it: the path as it was given.
    pub name: String,
    /// The whole text, with the line ends that it has.
    pub text: String,
}

/// What a file is read for, and so what is not known without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A list.
    List,
    /// A policy.
    Policy,
    /// Commits to look through.
    IgnoreRevs,
}

impl Wanted {
    fn without(self) -> &'static str {
        match self {
            Self::List => "without the list nobody can be excluded, so nothing goes on without it",
            Self::Policy => {
                "without the policy nobody knows how strictly the lists apply, so nothing goes on without it"
            }
            Self::IgnoreRevs => {
                "without the file nobody knows which commits to look through, so nothing goes on without it"
            }
        }
    }
}

impl Source {
    /// The text `text`, called `name`.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// The text that these bytes are.
    ///
    /// # Errors
    /// `not-utf8`, with the line of the first byte that does not belong.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, Box<Diagnostic>> {
        let name = name.into();
        let error = match String::from_utf8(bytes) {
            Ok(text) => return Ok(Self { name, text }),
            Err(error) => error,
        };
        let at = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        // Everything before `at` is as it was, and the replacement character has three bytes.
        let span = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
        let source = Arc::new(Self { name, text });
        Err(Box::new(
            Diagnostic::error(Code::NotUtf8, "the file is not UTF-8")
                .label(&source, span, "this byte does not belong in UTF-8")
                .help("save the file as UTF-8; TOML knows no other encoding"),
        ))
    }

    /// Reads the file at `path`, as what is `wanted`.
    ///
    /// # Errors
    /// `unreadable` if it cannot be read or is larger than [`MAX_BYTES`], `not-utf8`.
    pub fn read(path: &Path, wanted: Wanted) -> Result<Self, Box<Diagnostic>> {
        let name = path.display().to_string();
        let unreadable = |why: &str| {
            Box::new(
                Diagnostic::error(Code::Unreadable, format!("cannot read `{name}`: {why}"))
                    .help(wanted.without()),
            )
        };
        let why = |error: &std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            std::io::ErrorKind::PermissionDenied => "no permission".to_owned(),
            _ => error.to_string(),
        };
        let file = std::fs::File::open(path).map_err(|error| unreadable(&why(&error)))?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&why(&error)))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(unreadable(&format!("it is larger than {} MiB", MAX_BYTES / (1024 * 1024))));
        }
        Self::from_bytes(name, bytes)
    }

    /// Line and column of a byte, both from 1; the column counts characters.
    #[must_use]
    pub fn line_column(&self, at: usize) -> (usize, usize) {
        let at = (0..=at.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }

    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: Range<usize>) -> &str {
        self.text.get(span).unwrap_or("")
    }
}

impl fmt::Debug for Source {
    /// The name only: the text names people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let source = Source::new("x", "a\nöbc\r\nd");
        assert_eq!(source.line_column(0), (1, 1));
        assert_eq!(source.line_column(2), (2, 1));
        assert_eq!(source.line_column(3), (2, 1));
        assert_eq!(source.line_column(4), (2, 2));
        assert_eq!(source.line_column(8), (3, 1));
        assert_eq!(source.line_column(99), (3, 2));
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let code = |path: &Path| Source::read(path, Wanted::List).unwrap_err().code;
        assert_eq!(code(&folder.path().join("none")), Code::Unreadable);
        assert_eq!(code(folder.path()), Code::Unreadable);
        let file = folder.path().join("latin1");
        std::fs::write(&file, b"name = \"Zo\xeb\"").unwrap();
        assert_eq!(code(&file), Code::NotUtf8);
    }

    #[test]
    fn a_source_does_not_show_its_text() {
        assert_eq!(format!("{:?}", Source::new("x", "ada@corp.example")), "Source { name: \"x\", .. }");
    }
}
