//! The RFC 6962 tree hash over the rows, and proofs that a row is in it.
//!
//! The hash is taken in one pass and the memory of one hash per level, so that a manifest of any size can be
//! held against its header; `ct-merkle`, which keeps every row in memory, makes and checks the proofs.

use std::sync::mpsc::{self, SyncSender};

use ct_merkle::RootHash;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::row::MAX_NUMBER;

/// So many rows make a full subtree, which one thread hashes; a power of two.
const SUBTREE: usize = 4096;
/// So many bytes of rows go to another thread at once.
const BATCH: usize = 64 << 10;
/// So many such batches wait at most.
const BATCHES: usize = 4;

/// The tree hash of rows whose canonical bytes `write` appends to a buffer, by so many threads.
pub(super) fn of_rows<T: Sync, E: Send>(
    rows: &[T],
    threads: usize,
    write: impl Fn(&T, &mut Vec<u8>) -> Result<(), E> + Sync,
) -> Result<Digest, E> {
    let hash = |rows: &[T]| {
        let (mut tree, mut bytes) = (TreeHasher::default(), Vec::new());
        for row in rows {
            bytes.clear();
            write(row, &mut bytes)?;
            tree.push(&bytes);
        }
        Ok(tree)
    };
    let threads = threads.min(rows.len().div_ceil(SUBTREE)).max(1);
    // Each thread takes every so manieth subtree.
    let share = |first: usize| -> Result<Vec<TreeHasher>, E> {
        rows.chunks(SUBTREE).skip(first).step_by(threads).map(hash).collect()
    };
    let mut shares = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|first| scope.spawn(move || share(first))).collect();
        let mut shares = vec![share(0)?.into_iter()];
        for other in others {
            // A thread that panicked passes that on.
            let done = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            shares.push(done?.into_iter());
        }
        Ok(shares)
    })?;
    let mut tree = TreeHasher::default();
    for number in 0..rows.len().div_ceil(SUBTREE) {
        if let Some(subtree) = shares[number % threads].next() {
            tree.append(&subtree);
        }
    }
    Ok(tree.finish())
}

/// Takes the tree hash of the rows that `push` pushes: in a thread beside it, if there may be more than one.
pub(super) fn beside<R>(threads: usize, push: impl FnOnce(&mut Pushed<'_>) -> R) -> (R, Digest) {
    if threads < 2 {
        let mut tree = TreeHasher::default();
        let result = push(&mut Pushed::Here(&mut tree));
        return (result, tree.finish());
    }
    std::thread::scope(|scope| {
        let (send, received) = mpsc::sync_channel::<Batch>(BATCHES);
        let tree = scope.spawn(move || {
            let mut tree = TreeHasher::default();
            for batch in received {
                batch.rows().for_each(|row| tree.push(row));
            }
            tree.finish()
        });
        let mut rows = Pushed::There(Batch::default(), send);
        let result = push(&mut rows);
        rows.send();
        drop(rows);
        // A thread that panicked passes that on.
        (result, tree.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Rows on their way to the tree hash.
pub(super) enum Pushed<'t> {
    /// Which is taken at once.
    Here(&'t mut TreeHasher),
    /// Which another thread takes.
    There(Batch, SyncSender<Batch>),
}

impl Pushed<'_> {
    /// Adds the next row's canonical bytes.
    pub(super) fn push(&mut self, row: &[u8]) {
        match self {
            Self::Here(tree) => tree.push(row),
            Self::There(batch, _) => {
                batch.bytes.extend_from_slice(row);
                batch.ends.push(batch.bytes.len());
                if batch.bytes.len() >= BATCH {
                    self.send();
                }
            }
        }
    }

    fn send(&mut self) {
        if let Self::There(batch, send) = self {
            // It fails only if the other thread has panicked, which is passed on when it is joined.
            let _ = send.send(std::mem::take(batch));
        }
    }
}

/// Rows, one behind the other.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Batch {
    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.bytes[start..end])
    }
}

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
        let hash = Sha256::new_with_prefix([0]).chain_update(row).finalize().into();
        self.carry(hash, 1);
    }

    /// Takes in what follows: as many full subtrees of one size as there may be before it, or the last rows of all.
    fn append(&mut self, next: &Self) {
        match next.subtrees.as_slice() {
            [full] if next.rows == SUBTREE as u64 => self.carry(*full, next.rows),
            rest => {
                self.subtrees.extend_from_slice(rest);
                self.rows += next.rows;
            }
        }
    }

    /// Adds a full subtree of so many rows to others that are as large or larger.
    fn carry(&mut self, mut hash: [u8; 32], rows: u64) {
        // As in adding one to a binary number: each full subtree on the way is carried upwards.
        for _ in 0..(self.rows / rows).trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                hash = parent(&left, &hash);
            }
        }
        self.subtrees.push(hash);
        self.rows += rows;
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
        // `ct-merkle` panics at trees that could not be.
        if self.index >= rows || rows > MAX_NUMBER {
            return false;
        }
        let Ok(proof) = ct_merkle::InclusionProof::<Sha256>::try_from_bytes(self.path.concat()) else {
            return false;
        };
        let root = RootHash::<Sha256>::new((*tree_hash.as_bytes()).into(), rows);
        root.verify_inclusion(&row, self.index, &proof).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::hex;
    use super::*;

    fn hash(rows: &[Vec<u8>]) -> Digest {
        let mut tree = TreeHasher::default();
        rows.iter().for_each(|row| tree.push(row));
        tree.finish()
    }

    /// The vectors of the Certificate Transparency reference implementation.
    #[test]
    fn the_published_trees_come_out() {
        let leaves = [
            &b""[..],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ]
        .map(<[u8]>::to_vec);
        for (rows, root) in [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
            (4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
            (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
        ] {
            assert_eq!(hex::encode(hash(&leaves[..rows]).as_bytes()), root, "{rows} rows");
        }
    }

    #[test]
    fn threads_give_what_one_pass_gives() {
        for count in [0, 1, SUBTREE - 1, SUBTREE, SUBTREE + 1, 3 * SUBTREE, 5 * SUBTREE + 77] {
            let rows: Vec<Vec<u8>> = (0..count).map(|row| row.to_le_bytes().to_vec()).collect();
            for threads in [1, 2, 3, 9] {
                let write = |row: &Vec<u8>, bytes: &mut Vec<u8>| {
                    bytes.extend_from_slice(row);
                    Ok::<_, ()>(())
                };
                assert_eq!(
                    of_rows(&rows, threads, write),
                    Ok(hash(&rows)),
                    "{count} rows, {threads} threads"
                );
            }
        }
        let fail = |row: &u32, _: &mut Vec<u8>| if *row == 9000 { Err(*row) } else { Ok(()) };
        assert_eq!(of_rows(&(0..20_000).collect::<Vec<u32>>(), 3, fail), Err(9000));
    }

    #[test]
    fn a_thread_beside_gives_what_one_pass_gives() {
        for (count, length) in [(0, 1), (1, 1), (5, 0), (3 * BATCH, 1), (7, BATCH), (100, BATCH / 3)] {
            let rows: Vec<Vec<u8>> = (0..count).map(|row| vec![row as u8; length]).collect();
            for threads in [1, 2] {
                let push = |tree: &mut Pushed<'_>| rows.iter().for_each(|row| tree.push(row));
                assert_eq!(beside(threads, push), ((), hash(&rows)), "{count} rows, {threads} threads");
            }
        }
    }

    proptest! {
        #[test]
        fn one_pass_gives_what_ct_merkle_gives(rows in vec(vec(any::<u8>(), 0..4), 0..70)) {
            let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
            rows.iter().for_each(|row| tree.push(row.clone()));
            let root: [u8; 32] = (*tree.root().as_bytes()).into();
            prop_assert_eq!(hash(&rows), Digest::from_bytes(root));
        }

        #[test]
        fn a_proof_holds_for_its_row_only(rows in vec(vec(any::<u8>(), 1..4), 1..40), at: prop::sample::Index) {
            let (count, root, index) = (rows.len() as u64, hash(&rows), at.index(rows.len()));
            let proof = InclusionProof::new(rows.clone(), index as u64).unwrap();
            prop_assert!(proof.verify(&rows[index], count, &root));
            prop_assert!(!proof.verify(b"another", count, &root));
            prop_assert!(!proof.verify(&rows[index], count, &Digest::of(b"another")));
            prop_assert!(!proof.verify(&rows[index], index as u64, &root));
            let mut longer = proof;
            longer.path.push([0; 32]);
            prop_assert!(!longer.verify(&rows[index], count, &root));
        }
    }

    #[test]
    fn there_is_no_proof_of_a_row_that_is_not_there() {
        assert_eq!(InclusionProof::new([b"row".to_vec()], 1), None);
        assert_eq!(InclusionProof::new([], 0), None);
    }

    #[test]
    fn a_proof_for_an_absurd_tree_is_refused() {
        let proof = InclusionProof { index: u64::MAX - 1, path: vec![[0; 32]; 64] };
        assert!(!proof.verify(b"row", u64::MAX, &Digest::of(b"")));
    }
}
