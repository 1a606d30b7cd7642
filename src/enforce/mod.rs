//! Gates: what acts on verdicts and manifests, where work moves.
//!
//! Decides what is refused, and says so as data. Printing happens elsewhere.

pub mod baseline;
pub mod budget;
pub mod check;
pub mod finding;
pub mod hook;
pub mod log;
pub mod made;
pub mod publish;
pub mod pushed;
pub mod receipt;
pub mod rows;
mod rule;
pub mod seen;
pub mod signature;
pub mod stored;
pub mod training;
pub mod updates;
