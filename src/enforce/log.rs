//! The logs of exclusions that a push changes: what stands at `refs/exclusions/<branch>`.
//!
//! Decides whether a log is only added to, and by manifests alone. Anything else could be work that nobody looked at,
//! and that counts as there already once a branch brings it, too. Whether a manifest is right is decided elsewhere.

use std::collections::HashSet;

use super::stored::{self, StoredError};
use super::updates::Update;
use crate::attribution::Progress;
use crate::exit::Exit;
use crate::repo::{Commit, Kind, ObjectId, Objects, RepoError};

/// Below it manifests are published.
pub const REFS: &str = "refs/exclusions/";

/// Why a log may not be changed so.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// What is there would be lost.
    #[error("{name} is the log of what is excluded: it can be added to, not taken back")]
    TakenBack {
        /// The ref.
        name: String,
    },
    /// It would name something else than a commit.
    #[error("{name} is the log of what is excluded: it has to name a commit, with a manifest")]
    NoCommit {
        /// The ref.
        name: String,
    },
    /// A commit has something else than a manifest, or none.
    #[error(
        "{name} is the log of what is excluded: it takes manifests alone, and commit {commit} is none: {why}"
    )]
    NoManifest {
        /// The ref.
        name: String,
        /// The commit.
        commit: ObjectId,
        /// What is wrong with its tree.
        why: StoredError,
    },
    /// The repository gave no answer, or there was no time to look.
    #[error(transparent)]
    Repo(#[from] RepoError),
}

impl LogError {
    /// How the process ends because of it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::TakenBack { .. } => Exit::Excluded,
            // Nobody looked at what else it has, so there is no verdict on it.
            Self::NoCommit { .. } | Self::NoManifest { .. } => Exit::Incomplete,
            Self::Repo(error) => error.exit(),
        }
    }
}

/// Whether a ref is a log of exclusions.
#[must_use]
pub fn is_log(name: &[u8]) -> bool {
    name.starts_with(REFS.as_bytes())
}

/// Looks at what the updates do to logs. `known` are commits of logs that were looked at before. The cost is that of
/// reading each manifest that is added.
///
/// # Errors
/// See [`LogError`].
pub fn check(
    objects: &Objects,
    updates: &[Update],
    known: &[ObjectId],
    progress: &dyn Progress,
) -> Result<(), LogError> {
    for update in updates.iter().filter(|update| is_log(&update.name)) {
        let name = String::from_utf8_lossy(&update.name).into_owned();
        let Some(new) = update.new else {
            return Err(LogError::TakenBack { name });
        };
        if objects.header(new)?.0 != Kind::Commit {
            return Err(LogError::NoCommit { name });
        }
        if let Some(old) = update.old
            && !follows(objects, new, old)?
        {
            return Err(LogError::TakenBack { name });
        }
        let known = known.iter().chain(&update.old).copied();
        walk(objects, new, known.collect(), |commit| {
            progress.check()?;
            stored::nothing_else(objects, commit).map_err(|why| LogError::NoManifest {
                name: name.clone(),
                commit,
                why,
            })?;
            Ok(true)
        })?;
    }
    Ok(())
}

/// Whether a commit has another among its ancestors, or is it.
fn follows(objects: &Objects, commit: ObjectId, other: ObjectId) -> Result<bool, LogError> {
    let mut found = false;
    walk(objects, commit, HashSet::new(), |id| {
        found |= id == other;
        Ok(!found)
    })?;
    Ok(found)
}

/// Shows a commit and its ancestors, but for those that were `seen`, until told that it is enough.
fn walk(
    objects: &Objects,
    from: ObjectId,
    mut seen: HashSet<ObjectId>,
    mut see: impl FnMut(ObjectId) -> Result<bool, LogError>,
) -> Result<(), LogError> {
    let mut pending = vec![from];
    while let Some(id) = pending.pop() {
        if seen.insert(id) {
            if !see(id)? {
                return Ok(());
            }
            let parents = |bytes: &[u8]| Commit::parse(id, bytes).map(|commit| commit.parents);
            pending.extend(objects.with(id, Kind::Commit, parents)??);
        }
    }
    Ok(())
}
