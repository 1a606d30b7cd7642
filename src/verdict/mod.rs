//! Verdicts: may this be used, for what not, and why.
//!
//! Decides from the list, the policy and the evidence alone: no files, no clock, no repository. Everything
//! is a union of exclusions, so that another layer, another mapping or more evidence can only add to them.

pub mod case;
pub mod evidence;
pub mod judge;
pub mod outcome;
pub mod preference;

pub use case::{Case, Cases};
pub use evidence::{Evidence, TagEvidence};
pub use judge::Judge;
pub use outcome::{Basis, Reason, Verdict};
