//! Entries of a tree, read from its bytes.
//!
//! Decides where an entry ends and what kind it is. Must not follow it.

use std::cmp::Ordering;

use super::{ObjectId, RepoError};

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum EntryKind {
    /// A regular file, executable or not.
    File,
    /// A symbolic link.
    Symlink,
    /// A submodule: a commit of another repository.
    Submodule,
    /// A folder.
    Tree,
}

/// One entry of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its name, one component of a path.
    pub name: &'a [u8],
    /// What it is.
    pub kind: EntryKind,
    /// What it points at.
    pub id: ObjectId,
    /// All its bytes in the tree, to tell two entries apart at once.
    pub raw: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Takes the first entry off `bytes`; `None` at the end.
    ///
    /// # Errors
    /// The bytes are no tree.
    pub fn take(bytes: &mut &'a [u8]) -> Result<Option<Self>, RepoError> {
        let all = *bytes;
        if all.is_empty() {
            return Ok(None);
        }
        let entry = Self::first(all)
            .ok_or_else(|| RepoError::Corrupt { what: "a tree".into(), why: "an entry is cut off".into() })?;
        *bytes = all.get(entry.raw.len()..).unwrap_or_default();
        Ok(Some(entry))
    }

    fn first(all: &'a [u8]) -> Option<Self> {
        let mut mode: u32 = 0;
        let mut at = 0;
        // Modes are octal numbers, not strings: old trees hold `040000`.
        loop {
            match *all.get(at)? {
                b' ' if at > 0 => break,
                digit @ b'0'..=b'7' if at < 7 => mode = mode << 3 | u32::from(digit - b'0'),
                _ => return None,
            }
            at += 1;
        }
        let rest = all.get(at + 1..)?;
        let nul = rest.iter().position(|byte| *byte == 0)?;
        let name = rest.get(..nul).filter(|name| !name.is_empty())?;
        let id = rest.get(nul + 1..nul + 21)?.try_into().ok().map(ObjectId::from_bytes)?;
        let kind = match mode & 0o170_000 {
            0o040_000 => EntryKind::Tree,
            0o120_000 => EntryKind::Symlink,
            0o160_000 => EntryKind::Submodule,
            0o100_000 => EntryKind::File,
            _ => return None,
        };
        Some(Self { name, kind, id, raw: all.get(..at + 1 + nul + 21)? })
    }

    /// The order in which git sorts a tree: a folder as if its name ended in `/`.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let common = self.name.len().min(other.name.len());
        let (head, other_head) = (self.name.get(..common), other.name.get(..common));
        head.cmp(&other_head).then_with(|| self.byte_at(common).cmp(&other.byte_at(common)))
    }

    fn byte_at(&self, at: usize) -> u8 {
        match self.name.get(at) {
            Some(byte) => *byte,
            None if self.kind == EntryKind::Tree => b'/',
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mode: &str, name: &str) -> Vec<u8> {
        let mut bytes = format!("{mode} {name}\0").into_bytes();
        bytes.extend_from_slice(&[7; 20]);
        bytes
    }

    #[test]
    fn old_trees_write_folders_with_a_leading_zero() {
        for mode in ["40000", "040000"] {
            let bytes = entry(mode, "src");
            let entry = Entry::take(&mut bytes.as_slice()).unwrap().unwrap();
            assert_eq!((entry.kind, entry.name), (EntryKind::Tree, &b"src"[..]));
        }
    }

    #[test]
    fn a_cut_off_or_senseless_tree_is_an_error() {
        let whole = entry("100644", "a");
        for end in 1..whole.len() {
            assert!(Entry::take(&mut &whole[..end]).is_err(), "cut at {end}");
        }
        assert!(Entry::take(&mut entry("100844", "a").as_slice()).is_err());
        assert!(Entry::take(&mut entry("100644", "").as_slice()).is_err());
        assert!(Entry::take(&mut entry("000000", "a").as_slice()).is_err());
    }

    #[test]
    fn folders_sort_as_if_they_ended_in_a_slash() {
        let (file, folder, dotted) =
            (entry("100644", "foo"), entry("40000", "foo"), entry("100644", "foo.c"));
        let [file, folder, dotted] =
            [&file, &folder, &dotted].map(|bytes| Entry::take(&mut bytes.as_slice()).unwrap().unwrap());
        assert_eq!(file.order(&folder), Ordering::Less);
        assert_eq!(dotted.order(&folder), Ordering::Less);
        assert_eq!(file.order(&dotted), Ordering::Less);
        assert_eq!(folder.order(&folder), Ordering::Equal);
    }
}
