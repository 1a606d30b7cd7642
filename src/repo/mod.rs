//! The repository layer: the only place where git2 is used.
//!
//! Decides how bytes come out of a repository, and what is wrong with it. Must not decide whose they are.

pub mod cache;
mod commit;
mod delta;
mod error;
mod id;
mod loose;
mod objects;
mod open;
mod options;
mod packs;
pub mod program;
mod quarantine;
mod refs;
mod store;
mod tree;
mod write;
pub mod xdiff;

pub use commit::{Commit, Ident, Tag, reencode, subject};
pub use error::RepoError;
pub use id::ObjectId;
pub use objects::{Kind, MAX_OBJECT, Objects};
pub use open::Repository;
pub use options::set_options;
pub use program::{Begun, Git, GitError};
pub use refs::Tip;
pub use store::Store;
pub use tree::{Entry, EntryKind};
pub(crate) use write::blob_id;
