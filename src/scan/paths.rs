//! The paths that a scan covers.
//!
//! Decides which they are: those at which nothing but regular files stood, in all that was looked at. Whoever follows a
//! symbolic link, or enters a submodule, finds there what no scan of this repository has seen; so neither the path of such a
//! one nor any below it is covered, whatever stands there in another revision.

use std::collections::BTreeMap;

use crate::attribution::TipFile;
use crate::repo::EntryKind;

/// Paths at which something else than a regular file stood, and what.
#[derive(Debug, Default)]
pub(super) struct Elsewhere(BTreeMap<Vec<u8>, &'static str>);

impl Elsewhere {
    /// Takes what stood at a path.
    pub(super) fn see(&mut self, file: &TipFile) {
        let what = match file.leaf.kind {
            EntryKind::File => return,
            EntryKind::Symlink => "link",
            EntryKind::Submodule | EntryKind::Tree => "submodule",
        };
        // Of several that stood there, any one tells enough; the same one each time.
        let first = self.0.entry(file.path.clone()).or_insert(what);
        *first = what.min(first);
    }

    /// Each of them, and what it is.
    pub(super) fn each(&self) -> impl Iterator<Item = (&[u8], &'static str)> {
        self.0.iter().map(|(path, what)| (&path[..], *what))
    }

    /// Whether a path leads to one of these, or through it.
    pub(super) fn holds(&self, path: &[u8]) -> bool {
        let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
        !self.0.is_empty() && ends.chain([path.len()]).any(|end| self.0.contains_key(&path[..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::tree_diff::Leaf;
    use crate::repo::ObjectId;

    #[test]
    fn what_lies_at_or_below_a_link_or_a_submodule_is_elsewhere() {
        let mut elsewhere = Elsewhere::default();
        assert!(!elsewhere.holds(b"a/b"));
        let kinds =
            [(EntryKind::Symlink, "a/link"), (EntryKind::Submodule, "sub"), (EntryKind::File, "a/file")];
        for (kind, path) in kinds {
            let leaf = Leaf { kind, id: ObjectId::from_bytes([1; 20]) };
            elsewhere.see(&TipFile { path: path.into(), leaf });
        }
        for path in ["a/link", "a/link/b", "a/link/b/c", "sub", "sub/a"] {
            assert!(elsewhere.holds(path.as_bytes()), "{path}");
        }
        for path in ["a", "a/file", "a/file/b", "a/links", "a/lin", "sub2/a", "b/sub/a", "link"] {
            assert!(!elsewhere.holds(path.as_bytes()), "{path}");
        }
    }
}
