//! Whether a column holds the hash that it is said to hold.
//!
//! Decides that by rows that have the content, too: every one of those that are looked at has to bear it out. Data sets use
//! one name for different hashes, and a hash of the wrong kind would match nothing, silently. Some change contents after
//! their keys were computed; that has to be said by name, and then most have to bear it out, and none another kind of hash.

use std::cell::Cell;
use std::io::{self, Read};

use super::error::RunError;
use super::key::{self, Key};
use crate::dataset::shards::Shard;
use crate::dataset::{Columns, DatasetError, Decision, Meaning, Row, Value, form, jsonl};

/// So many shards are looked at, and so many rows of each.
const MOST_SHARDS: usize = 8;
const ROWS: u32 = 32;

/// Of a stream no more is read beforehand than this and the row that goes beyond it.
const MOST_BYTES: usize = 16 << 20;

/// What a column of hashes can hold instead.
const OTHERS: [Meaning; 4] = [Meaning::GitSha1, Meaning::Sha1, Meaning::Sha256, Meaning::Swhid];

/// What rows show of a column of hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The place of the column.
    pub column: usize,
    /// Rows that have a key there, and the content.
    pub rows: u64,
    /// Of these, those whose content has that key.
    pub equal: u64,
    /// Those whose content has it as another kind of key.
    others: [u64; OTHERS.len()],
}

/// Why a column is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It holds hashes of another kind.
    #[error(
        "column `{column}` does not hold {said}, but {is}: so it is in {equal} of {rows} rows that were looked at"
    )]
    Other {
        /// The column's name.
        column: String,
        /// What was said.
        said: Meaning,
        /// What it is.
        is: Meaning,
        /// Rows in which it is.
        equal: u64,
        /// Rows that were looked at.
        rows: u64,
    },
    /// It does not go with the content.
    #[error(
        "column `{column}` does not hold {said} of the content: it does in {equal} of {rows} rows that were looked at"
    )]
    Not {
        /// The column's name.
        column: String,
        /// What was said.
        said: Meaning,
        /// Rows in which it does.
        equal: u64,
        /// Rows that were looked at.
        rows: u64,
    },
}

impl ProofError {
    /// Whether contents that were changed after their keys were computed would explain it.
    #[must_use]
    pub fn may_be_redacted(&self) -> bool {
        matches!(self, Self::Not { equal, rows, .. } if most(*equal, *rows))
    }
}

fn of(meaning: Meaning, content: &[u8]) -> Option<Key> {
    key::kind(meaning).map(|kind| Key::of(kind, content))
}

fn most(equal: u64, rows: u64) -> bool {
    equal > rows / 2
}

/// Looks at rows, to prove the columns that hold hashes.
pub struct Prover<'c> {
    columns: &'c Columns,
    proofs: Vec<Proof>,
    content: Option<usize>,
}

impl<'c> Prover<'c> {
    /// One that has seen no row yet.
    #[must_use]
    pub fn new(columns: &'c Columns) -> Self {
        let hashes = (0..).zip(columns.iter()).filter(|(_, column)| key::kind(column.meaning).is_some());
        let proof = |column| Proof { column, rows: 0, equal: 0, others: [0; OTHERS.len()] };
        let proofs = hashes.map(|(column, _)| proof(column)).collect();
        let content = columns.iter().position(|column| column.meaning == Meaning::Content);
        Self { columns, proofs, content }
    }

    /// Whether there is anything to prove, and to prove it by.
    #[must_use]
    pub fn can_prove(&self) -> bool {
        self.content.is_some() && !self.proofs.is_empty()
    }

    /// Looks at a row, whose content was read. What is no key of any kind proves nothing: such a row is uncovered.
    pub fn see(&mut self, row: &Row<'_>) {
        let Some(Value::Bytes(content)) = self.content.map(|at| row.values[at]) else { return };
        let mut hashes = None;
        for proof in &mut self.proofs {
            let said = self.columns[proof.column].meaning;
            let Value::Bytes(value @ [_, ..]) = row.values[proof.column] else { continue };
            let hashes = hashes.get_or_insert_with(|| OTHERS.map(|other| of(other, content)));
            let mut is = [false; OTHERS.len()];
            for ((is, other), hash) in is.iter_mut().zip(OTHERS).zip(*hashes) {
                *is = Key::read(other, value).is_some_and(|found| Some(found) == hash);
            }
            let equal = is.iter().zip(OTHERS).any(|(is, other)| *is && other == said);
            if Key::read(said, value).is_none() && !is.contains(&true) {
                continue;
            }
            proof.rows += 1;
            proof.equal += u64::from(equal);
            for (count, is) in proof.others.iter_mut().zip(is) {
                *count += u64::from(is);
            }
        }
    }

    /// What was shown: of each column of hashes, in how many rows it goes with the content. A column without rows to
    /// prove it by is neither proved nor refused. `redacted` says that contents were changed after their keys were computed.
    ///
    /// # Errors
    /// A column that does not go with the content in every row that has both; if they were redacted, in most rows. Or one
    /// that holds a hash of another kind in any.
    pub fn finish(self, redacted: bool) -> Result<Vec<Proof>, ProofError> {
        for proof in &self.proofs {
            let Proof { rows, equal, .. } = *proof;
            let column = &self.columns[proof.column];
            let (said, column) = (column.meaning, column.name.clone());
            let others = OTHERS.into_iter().zip(proof.others).filter(|(other, _)| *other != said);
            match others.max_by_key(|(_, count)| *count) {
                Some((is, count)) if count > 0 => {
                    return Err(ProofError::Other { column, said, is, equal: count, rows });
                }
                _ if equal == rows || redacted && most(equal, rows) => {}
                _ => return Err(ProofError::Not { column, said, equal, rows }),
            }
        }
        Ok(self.proofs)
    }
}

/// Looks at rows of some shards, spread over all, to prove the columns. Of standard input nothing is read: see [`ahead`].
///
/// # Errors
/// A shard cannot be read.
pub fn look(prover: &mut Prover<'_>, shards: &[Shard]) -> Result<(), RunError> {
    if !prover.can_prove() {
        return Ok(());
    }
    let columns = prover.columns;
    for shard in shards.iter().step_by(shards.len().div_ceil(MOST_SHARDS).max(1)) {
        if let Some(path) = &shard.path {
            let looked = form::sample(shard.form, path, columns, ROWS, &mut |row| prover.see(row));
            looked.map_err(|source| RunError::Shard { shard: shard.shown(), source, why: None })?;
        }
    }
    Ok(())
}

/// Looks at the first rows of a stream of JSON Lines, to prove the columns, and gives the whole stream back.
///
/// # Errors
/// It cannot be read, as far as that.
pub fn ahead(
    prover: &mut Prover<'_>,
    mut stream: impl Read + Send + 'static,
) -> Result<Box<dyn Read + Send>, RunError> {
    if !prover.can_prove() {
        return Ok(Box::new(stream));
    }
    let (mut kept, length, mut rows) = (Vec::new(), Cell::new(0), 0);
    let columns = prover.columns;
    let mut judge = |row: &Row<'_>| {
        if row.values.contains(&Value::Unread) {
            return Decision::Read;
        }
        prover.see(row);
        rows += 1;
        if rows == ROWS || length.get() >= MOST_BYTES { Decision::Stop } else { Decision::Keep }
    };
    let keeping = Keeping { stream: &mut stream, kept: &mut kept, length: &length };
    match jsonl::verify(keeping, columns, &mut judge, &()) {
        Ok(_) | Err(DatasetError::Stopped { .. }) => Ok(Box::new(io::Cursor::new(kept).chain(stream))),
        Err(source) => Err(RunError::Shard { shard: "-".to_owned(), source, why: None }),
    }
}

/// Keeps what is read of a stream.
struct Keeping<'k, R> {
    stream: &'k mut R,
    kept: &'k mut Vec<u8>,
    length: &'k Cell<usize>,
}

impl<R: Read> Read for Keeping<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.kept.extend_from_slice(&buffer[..read]);
        self.length.set(self.kept.len());
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
