//! Which commits are looked through.
//!
//! Decides what an id names; one that names no commit of this history names none, as in git.

use std::collections::BTreeSet;

use crate::attribution::History;
use crate::attribution::history::CommitNo;
use crate::policy::Rev;
use crate::repo::{ObjectId, Objects, RepoError};

/// The commits of `history` that `revs` name; annotated tags are followed.
///
/// # Errors
/// An object is damaged.
pub fn commits(
    objects: &Objects,
    history: &History,
    revs: &BTreeSet<Rev>,
) -> Result<Vec<CommitNo>, RepoError> {
    let mut commits = Vec::new();
    for rev in revs {
        let id = ObjectId::from_bytes(*rev);
        let named = match history.number(id) {
            Some(commit) => Some(commit),
            None => match objects.resolve(&id.to_string()) {
                Ok(tip) => history.number(tip.commit),
                Err(RepoError::Revision { .. }) => None,
                Err(error) => return Err(error),
            },
        };
        commits.extend(named);
    }
    Ok(commits)
}
