//! Receipts: signed statements that a data set honours manifests.
//!
//! Decides how a verification is written down, so that anyone can hold the statement against the files later: as an in-toto
//! Statement whose predicate is a SLSA Verification Summary (VSA). The Simple Verification Result would be the plainer one,
//! but it has no place for a failure, nor for what was verified against; a VSA has both (`verificationResult`,
//! `inputAttestations`). Must not verify data sets itself: it is given what was found.
//!
//! [`Receipt::new`] makes one, [`write()`] puts it down, in a DSSE envelope if there is a key; [`Sealed`] takes it up again,
//! [`check()`] holds it against files, manifests and lists.

mod canonical;
pub mod check;
mod digests;
pub mod envelope;
pub mod error;
pub mod files;
mod parts;
mod policy;
pub mod problem;
mod resource;
mod sound;
pub mod statement;
mod strict;
mod text;

pub use check::{Asked, check};
pub use envelope::{Sealed, put, to_bytes, write};
pub use error::ReceiptError;
pub use files::{DataFile, collect};
pub use parts::{FileParts, ListParts, ReceiptParts};
pub use problem::{Problem, Rule};
pub use statement::Receipt;
