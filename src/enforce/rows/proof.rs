//! Whether a column holds the hash that it is said to hold.
//!
//! Decides that by rows that have the content, too. Data sets use one name for different hashes, and a hash of the wrong
//! kind would match nothing, silently.

use super::key::{self, Key};
use super::run::RunError;
use crate::dataset::shards::Shard;
use crate::dataset::{Columns, Meaning, Row, Value, form};
use crate::manifest::keys::HashKind;

/// So many shards are looked at, and so many rows of each.
const MOST_SHARDS: usize = 8;
const ROWS: u32 = 32;

/// The kinds that a hash can be of instead.
const KINDS: [HashKind; 3] = [HashKind::GitSha1, HashKind::Sha1, HashKind::Sha256];

/// What rows show of a column of hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The place of the column.
    pub column: usize,
    /// Rows that have a value there, and the content.
    pub rows: u64,
    /// Of these, those whose content has that hash.
    pub equal: u64,
    /// Those whose content has it as a hash of another kind.
    others: [u64; 3],
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
        is: &'static str,
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
        let proofs = hashes.map(|(column, _)| Proof { column, rows: 0, equal: 0, others: [0; 3] }).collect();
        let content = columns.iter().position(|column| column.meaning == Meaning::Content);
        Self { columns, proofs, content }
    }

    /// Whether there is anything to prove, and to prove it by.
    #[must_use]
    pub fn can_prove(&self) -> bool {
        self.content.is_some() && !self.proofs.is_empty()
    }

    /// Looks at a row, whose content was read.
    pub fn see(&mut self, row: &Row<'_>) {
        let Some(Value::Bytes(content)) = self.content.map(|at| row.values[at]) else { return };
        let hashes = KINDS.map(|kind| Key::of(kind, content));
        for proof in &mut self.proofs {
            let meaning = self.columns[proof.column].meaning;
            let Value::Bytes(value) = row.values[proof.column] else { continue };
            if value.is_empty() {
                continue;
            }
            proof.rows += 1;
            let found = Key::read(meaning, value);
            proof.equal += u64::from(found.is_some_and(|found| hashes.contains(&found)));
            for (other, hash) in proof.others.iter_mut().zip(&hashes) {
                let spelled = data_encoding::HEXLOWER.encode(hash.as_bytes());
                let is = value == hash.as_bytes() || value.eq_ignore_ascii_case(spelled.as_bytes());
                *other += u64::from(is);
            }
        }
    }

    /// What was shown: of each column of hashes, in how many rows it goes with the content. A column without rows to
    /// prove it by is neither proved nor refused.
    ///
    /// # Errors
    /// A column that does not, in more than half of the rows that have both. Some may not: a content can be redacted, or
    /// have been read in another encoding.
    pub fn finish(self) -> Result<Vec<Proof>, ProofError> {
        for proof in &self.proofs {
            let Proof { rows, equal, .. } = *proof;
            if equal * 2 > rows || rows == 0 {
                continue;
            }
            let column = &self.columns[proof.column];
            let (said, column) = (column.meaning, column.name.clone());
            let other = KINDS.iter().zip(&proof.others).filter(|(kind, _)| Some(**kind) != key::kind(said));
            return Err(match other.max_by_key(|(_, count)| **count) {
                Some((kind, count)) if *count * 2 > rows => {
                    let is = match kind {
                        HashKind::GitSha1 => Meaning::GitSha1,
                        HashKind::Sha1 => Meaning::Sha1,
                        HashKind::Sha256 => Meaning::Sha256,
                    };
                    ProofError::Other { column, said, is: is.as_str(), equal: *count, rows }
                }
                _ => ProofError::Not { column, said, equal, rows },
            });
        }
        Ok(self.proofs)
    }
}

/// Looks at rows of some shards, spread over all, to prove the columns. Nothing is read of standard input, which could not
/// be read again.
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
            looked.map_err(|source| RunError::Shard { shard: shard.name.clone(), source, why: None })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Column;

    fn columns(meaning: Meaning) -> Columns {
        let column = |name: &str, meaning| Column { name: name.to_owned(), meaning };
        Columns::new(vec![column("id", meaning), column("text", Meaning::Content)]).unwrap()
    }

    /// Rows whose contents are numbers, and whose `id` is the hash that is said.
    fn prove(said: Meaning, is: HashKind, wrong: u64) -> Result<Vec<Proof>, ProofError> {
        let columns = columns(said);
        let mut prover = Prover::new(&columns);
        for number in 0..10_u64 {
            let content = number.to_string();
            let of = if number < wrong { "redacted" } else { &content };
            let id = data_encoding::HEXLOWER.encode(Key::of(is, of.as_bytes()).as_bytes());
            prover.see(&Row::new(&[Value::Bytes(id.as_bytes()), Value::Bytes(content.as_bytes())]));
        }
        prover.finish()
    }

    #[test]
    fn a_column_that_holds_what_is_said_is_proved() {
        for (said, is) in [
            (Meaning::GitSha1, HashKind::GitSha1),
            (Meaning::Sha1, HashKind::Sha1),
            (Meaning::Sha256, HashKind::Sha256),
        ] {
            let proof = &prove(said, is, 0).unwrap()[0];
            assert_eq!((proof.rows, proof.equal), (10, 10));
        }
        assert_eq!(prove(Meaning::Sha1, HashKind::Sha1, 4).unwrap()[0].equal, 6);
    }

    #[test]
    fn a_hash_of_another_kind_is_told_by_its_kind() {
        let error = prove(Meaning::GitSha1, HashKind::Sha1, 0).unwrap_err().to_string();
        assert_eq!(
            error,
            "column `id` does not hold git_sha1, but sha1: so it is in 10 of 10 rows that were looked at"
        );
        let swapped = prove(Meaning::Sha1, HashKind::GitSha1, 0).unwrap_err().to_string();
        assert!(swapped.contains("but git_sha1"), "{swapped}");
        assert!(prove(Meaning::Sha256, HashKind::Sha1, 0).unwrap_err().to_string().contains("but sha1"));
    }

    #[test]
    fn a_column_that_goes_with_no_content_is_refused() {
        let error = prove(Meaning::Sha1, HashKind::Sha1, 6).unwrap_err().to_string();
        assert!(error.contains("it does in 4 of 10 rows"), "{error}");
    }

    #[test]
    fn without_contents_nothing_is_proved_and_nothing_refused() {
        let columns = columns(Meaning::Sha1);
        let mut prover = Prover::new(&columns);
        prover.see(&Row::new(&[Value::Bytes(b"da39a3ee5e6b4b0d3255bfef95601890afd80709"), Value::Null]));
        prover.see(&Row::new(&[Value::Null, Value::Bytes(b"text")]));
        assert_eq!(prover.finish().unwrap()[0].rows, 0);
    }
}
