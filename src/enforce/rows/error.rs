//! Why a run over a data set ends before its time.
//!
//! Decides how each is said, and how the process ends. Must not quote what stands in rows.

use super::rules::Why;
use crate::dataset::DatasetError;

/// Why a run ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A shard cannot be read or written, or stopped the run.
    #[error("{shard}: {source}")]
    Shard {
        /// Its name.
        shard: String,
        /// What is wrong.
        source: DatasetError,
        /// If a row that is uncovered stopped it, why that is.
        why: Option<Why>,
    },
    /// The folder that is written to cannot be.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// There was nothing to look at.
    #[error("the data set has no row, so nothing was filtered")]
    NoRow,
    /// A column of keys matched in no row.
    #[error(
        "column `{column}` matched nothing in {rows} rows: it does not hold the keys that it is said to hold, or the manifest is of other data"
    )]
    Nothing {
        /// Its name.
        column: String,
        /// How many rows were looked at.
        rows: u64,
    },
    /// A canary was not excluded.
    #[error("{missed} of {all} canaries were not found and excluded, so this run cannot be trusted")]
    Canaries {
        /// How many.
        missed: usize,
        /// Of how many.
        all: usize,
    },
}

impl RunError {
    /// How the process ends because of it.
    #[must_use]
    pub fn exit(&self) -> crate::exit::Exit {
        match self {
            Self::Shard { source, .. } | Self::Dataset(source) => source.exit(),
            Self::NoRow | Self::Nothing { .. } | Self::Canaries { .. } => crate::exit::Exit::Incomplete,
        }
    }
}
