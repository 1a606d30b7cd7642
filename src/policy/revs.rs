//! Commits to look through, by their ids.
//!
//! Decides how they are written: in the policy, or in a file as `git blame --ignore-revs-file` reads it.
//! Must not know what a commit is.

use std::collections::BTreeSet;
use std::sync::Arc;

use data_encoding::HEXLOWER_PERMISSIVE;

use super::{Code, Diagnostic, Source};

/// The id of a commit.
pub type Rev = [u8; 20];

/// The id that 40 hex digits are.
pub(super) fn rev(text: &str) -> Option<Rev> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// Reads a file with one id on a line. What follows a `#` is a comment, and white space around an id does not
/// count.
///
/// # Errors
/// `bad-rev` for every line that is something else.
pub fn parse_revs(source: Source) -> Result<BTreeSet<Rev>, Vec<Diagnostic>> {
    let source = Arc::new(source);
    let (mut revs, mut errors) = (BTreeSet::new(), Vec::new());
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        let text = line.split('#').next().unwrap_or_default();
        let id = text.trim();
        let at = start + text.len() - text.trim_start().len();
        start += line.len();
        match rev(id) {
            Some(rev) => drop(revs.insert(rev)),
            None if id.is_empty() => {}
            None => errors.push(
                Diagnostic::error(Code::BadRev, "this is not the id of a commit")
                    .label(&source, at..at + id.len(), "expected 40 hex digits")
                    .help("write ids in full: `git rev-parse REV` tells them"),
            ),
        }
    }
    if errors.is_empty() { Ok(revs) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<usize, Vec<Diagnostic>> {
        parse_revs(Source::new("revs", text)).map(|revs| revs.len())
    }

    #[test]
    fn comments_white_space_and_empty_lines_do_not_count() {
        let (one, two) = ("0123456789abcdef0123456789ABCDEF01234567", "f".repeat(40));
        assert_eq!(read(&format!("# all\n\n  {one} # first\r\n\t\n{two}")).unwrap(), 2);
        assert_eq!(read(&format!("{two}\n{two}\n")).unwrap(), 1);
        assert_eq!(read("").unwrap(), 0);
    }

    #[test]
    fn anything_else_is_a_mistake_with_its_place() {
        let errors = read(&format!("0123\n{}\n HEAD\n", "g".repeat(40))).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.code).collect::<Vec<_>>(), [Code::BadRev; 3]);
        assert!(read(&"f".repeat(64)).is_err());
    }
}
