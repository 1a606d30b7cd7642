//! The keys of commits, as they are kept.
//!
//! Decides nothing: they follow from the commit's bytes. Those of excluded commits alone are ever asked for.

use bitcode::{Decode, Encode};

use crate::attribution::history::CommitNo;
use crate::manifest::Hashes;
use crate::repo::ObjectId;

/// The columns that are written, sorted by commit.
#[derive(Debug, Clone, Default, Encode, Decode)]
pub struct CommitColumns {
    commits: Vec<CommitNo>,
    sha1: Vec<[u8; 20]>,
    sha256: Vec<[u8; 32]>,
    sizes: Vec<u64>,
}

impl CommitColumns {
    /// The keys of a commit with this id, if they are kept.
    pub(in crate::scan) fn find(&self, commit: CommitNo, id: ObjectId) -> Option<Hashes> {
        let at = self.commits.binary_search(&commit).ok()?;
        let (sha1, sha256) = (*self.sha1.get(at)?, *self.sha256.get(at)?);
        Some(Hashes { git_sha1: id, sha1, sha256, size: *self.sizes.get(at)? })
    }

    /// Adds those of a commit that comes after all that are here.
    pub(in crate::scan) fn push(&mut self, commit: CommitNo, hashes: &Hashes) {
        self.commits.push(commit);
        self.sha1.push(hashes.sha1);
        self.sha256.push(hashes.sha256);
        self.sizes.push(hashes.size);
    }

    /// Whether there are none.
    pub(in crate::scan) fn is_empty(&self) -> bool {
        self.commits.is_empty()
    }

    /// Adds others to these.
    pub(in crate::scan) fn extend(&mut self, more: &Self) {
        let (mut before, mut all) = (std::mem::take(self).rows().peekable(), Self::default());
        let mut more = more.clone().rows().peekable();
        while let Some((commit, hashes)) = match (before.peek(), more.peek()) {
            (Some((one, _)), Some((other, _))) if other < one => more.next(),
            (None, _) => more.next(),
            _ => before.next(),
        } {
            if all.commits.last() != Some(&commit) {
                all.push(commit, &hashes);
            }
        }
        *self = all;
    }

    fn rows(self) -> impl Iterator<Item = (CommitNo, Hashes)> {
        let keys = self.sha1.into_iter().zip(self.sha256).zip(self.sizes);
        let hashes = |((sha1, sha256), size)| Hashes { git_sha1: ObjectId::default(), sha1, sha256, size };
        self.commits.into_iter().zip(keys.map(hashes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_found() {
        let id = ObjectId::from_bytes([1; 20]);
        let hashes = |size| Hashes { git_sha1: id, sha1: [2; 20], sha256: [3; 32], size };
        let of = |commits: &[CommitNo]| {
            let mut columns = CommitColumns::default();
            commits.iter().for_each(|commit| columns.push(*commit, &hashes(u64::from(*commit))));
            columns
        };
        let mut columns = of(&[2, 5, 9]);
        columns.extend(&of(&[1, 5, 6, 12]));
        for commit in 0..14 {
            let known = [1, 2, 5, 6, 9, 12].contains(&commit).then(|| hashes(u64::from(commit)));
            assert_eq!(columns.find(commit, id), known, "{commit}");
        }
        columns.sizes.clear();
        assert_eq!(columns.find(5, id), None, "columns that do not hold together");
    }
}
