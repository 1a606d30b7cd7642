//! Data sets: shards of rows that training reads, as Parquet, JSON Lines, tar archives or folders of files.
//!
//! Decides how rows are read, shown to a judge, and written again without those that go: in the form, codec and order in
//! which they came. Must not decide which those are, must not print, and writes nothing that a judge lets go, anywhere.

mod case;
pub mod codec;
pub mod column;
pub mod error;
pub mod files;
pub mod form;
pub mod jsonl;
pub mod named;
pub mod output;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod partial;
pub mod preset;
pub mod resume;
pub mod row;
pub mod shards;
pub mod tar;

pub use codec::Codec;
pub use column::{Column, Columns, Meaning};
pub use error::DatasetError;
pub use preset::Preset;
pub use row::{Decision, Judge, Row, Tally, Value, Watch};
