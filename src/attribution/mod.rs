//! Attribution: for every line of a file version, the commit it came from.
//!
//! Decides what `git blame` decides, for all files at once, in one pass backwards over history:
//!
//! 1. [`history`]: every commit is read once; [`forest`] orders them along their first parents.
//! 2. [`change_index`]: each commit's tree is compared with its first parent's ([`tree_diff`]).
//! 3. [`timeline`]: for a path and a commit, the nearest commit at or below it that changed the path.
//! 4. `walk`: one file's lines are passed from version to version, over renames (`rename`) and
//!    line diffs ([`line_diff`]), until each rests with the commit that wrote it; what no parent has in its
//!    place is looked for elsewhere (`moves`), and commits can be looked through (`through`). From which
//!    [`versions`] of files it begins, a scan of many revisions or of a history reads off the index.
//! 5. [`appearance`]: where a version's very bytes stood before.
//!
//! A line's origin depends on nothing but commit, path and line, so the order of the work is free.
//! Must not know of people, lists or manifests.

pub mod appearance;
mod blobs;
mod candidates;
pub mod change_index;
mod columns;
mod common;
pub mod engine;
mod ever;
pub mod forest;
mod found;
pub mod history;
mod journeys;
pub mod line_diff;
pub mod lines;
mod memo;
mod moves;
mod origins;
pub(crate) mod packed;
pub(crate) mod parallel;
pub mod progress;
mod range;
mod rename;
#[cfg(test)]
mod samples;
pub mod saved;
pub mod similarity;
mod sought;
pub mod spans;
pub mod text;
mod through;
pub mod timeline;
mod together;
pub mod tree_diff;
pub mod versions;
mod walk;
mod whole;

pub use engine::{Content, Engine, FileAttribution, Options, TipFile};
pub use history::History;
pub use moves::Follow;
pub use progress::{Phase, Progress};
pub use spans::Credit;
pub use versions::{Version, Versions};
