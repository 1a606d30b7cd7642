//! Which commits some tips have that others have not: what a push adds.
//!
//! Decides by reachability alone. Cost: one pass over the commits, and one read for each commit that only the others
//! have.

use std::collections::HashSet;

use super::history::{CommitNo, History};
use crate::repo::{Commit, Kind, ObjectId, Objects, RepoError};

/// The commits of the history that are not reachable from `hidden`, parents before children. Of `hidden`, what is
/// not in the repository hides nothing.
///
/// # Errors
/// An object is damaged.
pub(super) fn added(
    history: &History,
    objects: &Objects,
    hidden: &[ObjectId],
) -> Result<Vec<CommitNo>, RepoError> {
    let passed = history.reachable(&known_below(history, objects, hidden)?);
    Ok(history.numbers().filter(|commit| !passed[*commit as usize]).collect())
}

/// The first commits of the history that are met on all ways down from `from`.
fn known_below(history: &History, objects: &Objects, from: &[ObjectId]) -> Result<Vec<ObjectId>, RepoError> {
    let mut seen: HashSet<ObjectId> = HashSet::new();
    let mut pending = from.to_vec();
    let mut known = Vec::new();
    while let Some(id) = pending.pop() {
        if !seen.insert(id) {
            continue;
        }
        if history.number(id).is_some() {
            known.push(id);
            continue;
        }
        // After a forced push the remote has commits that were never here; and what is no commit hides none.
        match objects.header(id) {
            Ok((Kind::Commit, _)) => {}
            Ok(_) | Err(RepoError::Missing { .. } | RepoError::Partial { .. }) => continue,
            Err(error) => return Err(error),
        }
        let parents = objects
            .with(id, Kind::Commit, |bytes| Ok::<_, RepoError>(Commit::parse(id, bytes)?.parents))??;
        pending.extend(parents);
    }
    Ok(known)
}
