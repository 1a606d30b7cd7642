//! The paths that a scan covers.
//!
//! Decides which they are: those at which nothing but regular files stood, in all that was looked at. Whoever follows a
//! symbolic link, or enters a submodule, finds there what no scan of this repository has seen; so neither the path of such a
//! one nor any below it is covered, whatever stands there in another revision.

use std::collections::HashSet;

use crate::attribution::TipFile;
use crate::repo::EntryKind;

/// Paths at which something else than a regular file stood.
#[derive(Debug, Default)]
pub(super) struct Elsewhere(HashSet<Vec<u8>>);

impl Elsewhere {
    /// Takes what stood at a path.
    pub(super) fn see(&mut self, file: &TipFile) {
        if file.leaf.kind != EntryKind::File {
            self.0.insert(file.path.clone());
        }
    }

    /// Whether a path leads to one of these, or through it.
    pub(super) fn holds(&self, path: &[u8]) -> bool {
        let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
        !self.0.is_empty() && ends.chain([path.len()]).any(|end| self.0.contains(&path[..end]))
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
