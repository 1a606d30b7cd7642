//! Gates: what acts on verdicts and manifests, where work moves.
//!
//! Decides what is refused, and says so as data. Printing happens elsewhere.

pub mod budget;
pub mod hook;
pub mod publish;
pub mod pushed;
pub mod updates;
