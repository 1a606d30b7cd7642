//! The RFC 6962 tree hash over the rows, and proofs that a row is in it.
//!
//! The hash is taken in one pass and the memory of one hash per level, so that a manifest of any size can be
//! held against its header; `ct-merkle`, which keeps every row in memory, makes and checks the proofs.

use ct_merkle::RootHash;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::{Digest as _, Sha256};

use super::digest::Digest;

/// Takes the tree hash of rows given one after the other.
#[derive(Default)]
pub(super) struct TreeHasher {
    rows: u64,
    /// The hashes of the full subtrees so far, the largest first; one for each bit that is set in `rows`.
    subtrees: Vec<[u8; 32]>,
}

impl TreeHasher {
    /// Takes in the next row's canonical bytes.
    pub(super) fn push(&mut self, row: &[u8]) {
        let mut hash = Sha256::new_with_prefix([0]).chain_update(row).finalize().into();
        // As in adding one to a binary number: each full subtree on the way is carried upwards.
        for _ in 0..self.rows.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                hash = parent(&left, &hash);
            }
        }
        self.subtrees.push(hash);
        self.rows += 1;
    }

    /// The hash over all rows.
    pub(super) fn finish(self) -> Digest {
        let root = self.subtrees.into_iter().rev().reduce(|right, left| parent(&left, &right));
        root.map_or_else(|| Digest::of(b""), Digest::from_bytes)
    }
}

fn parent(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The audit path of RFC 6962, section 2.1.1: proves that a row is in a set of rows without showing the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// The row's place, the first being 0.
    pub index: u64,
    /// The hashes from the row's sibling up to the root's child.
    pub path: Vec<[u8; 32]>,
}

impl InclusionProof {
    /// Proves that the row at `index` is among `rows` (canonical bytes, in order); `None` if there is no such row.
    pub(super) fn new(rows: impl IntoIterator<Item = Vec<u8>>, index: u64) -> Option<Self> {
        let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for row in rows {
            tree.push(row);
        }
        if index >= tree.len() {
            return None;
        }
        let proof = tree.prove_inclusion(usize::try_from(index).ok()?);
        let (hashes, _) = proof.as_bytes().as_chunks();
        Some(Self { index, path: hashes.to_vec() })
    }

    /// Whether it proves that `row` (canonical bytes) is in the set of `rows` rows with that tree hash.
    #[must_use]
    pub fn verify(&self, row: &[u8], rows: u64, tree_hash: &Digest) -> bool {
        if self.index >= rows {
            return false;
        }
        let Ok(proof) = ct_merkle::InclusionProof::<Sha256>::try_from_bytes(self.path.concat()) else {
            return false;
        };
        let root = RootHash::<Sha256>::new((*tree_hash.as_bytes()).into(), rows);
        root.verify_inclusion(&row, self.index, &proof).is_ok()
    }
}
