//! The exclusion manifest: a folder with a header, the rows that are excluded, and what was looked at.
//!
//! Decides how verdicts are written down so that anyone can read, prove, merge and compare them. Must not
//! decide what is excluded, must not print, and reads neither a clock nor the environment: the same input
//! gives the same bytes on any machine.
//!
//! [`Manifest::build`] brings rows into their one canonical form; [`write()`] and [`write_stream`] put them
//! down, [`read()`] and [`read_stream`] take them up again and refuse whatever is not exactly that form;
//! [`validate()`] tells everything that is wrong at once. [`merge()`], [`convert()`] and [`diff()`] take manifests
//! row by row ([`Input`]), so that they may be of any size.

pub mod build;
mod canonical;
mod check;
pub mod convert;
pub mod coverage;
pub mod diff;
pub mod digest;
pub mod encode;
pub mod entry;
pub mod error;
mod fields;
pub mod folder;
pub mod header;
mod hex;
pub mod input;
pub mod keys;
mod lines;
pub mod merge;
mod outline;
#[cfg(feature = "parquet")]
mod parquet;
pub mod parts;
pub mod path;
pub mod profile;
pub mod put;
pub mod read;
pub mod rfc3339;
mod row;
#[cfg(test)]
pub(crate) mod samples;
pub mod stream;
pub mod tree_hash;
mod union;

pub use build::{HeaderParts, Manifest};
pub use convert::convert;
pub use coverage::{CoverageRow, CoverageUnit, ObjectCoverage, PathCoverage, RefCoverage};
pub use diff::diff;
pub use digest::{Digest, Hashes, ObjectKind};
pub use encode::Encoding;
pub use entry::{Basis, Entry, EntryUnit, Strength};
pub use error::{ManifestError, Problem};
pub use folder::write;
pub use header::{Counts, Header, ListOrigin, ListRef, RowSet, Tool};
pub use input::{Input, Work};
pub use keys::{HashKind, Keys, KeysError, Paths, Wanted};
pub use merge::merge;
pub use parts::parts;
pub use profile::{Profile, project};
pub use put::Output;
pub use read::{Validation, read, validate};
pub use stream::{read_stream, write_stream};
pub use tree_hash::InclusionProof;
