//! Files as wholes: binary files and symbolic links, whose lines mean nothing, and any file where it counts who
//! ever changed it.
//!
//! Decides who had a part in one: everyone who ever changed it, along its renames and merges. Where a parent has
//! the very same content, that parent's history counts, as in `git log`.
//! Cost: the changes of the file, in the index; contents are read only to judge renames.

use std::collections::BTreeSet;

use super::change_index::{ChangeNo, PathNo};
use super::history::CommitNo;
use super::walk::{Descent, Walker};
use crate::repo::RepoError;

/// Who changed a file, and where its content of now appeared.
#[derive(Debug, Default)]
struct Touched {
    /// The commits, each with the path at which it changed the file; sorted.
    changes: BTreeSet<(CommitNo, PathNo)>,
    /// Changes that brought the content as it is now.
    appearances: Vec<ChangeNo>,
}

/// Everyone who changed what `brought` brought, there and where the very bytes appeared first: the commits, each
/// with the path; sorted.
pub(super) fn everyone(
    walker: &mut Walker<'_>,
    brought: ChangeNo,
    appeared: &[ChangeNo],
) -> Result<Vec<(CommitNo, PathNo)>, RepoError> {
    let mut all = touched(walker, brought)?;
    for other in appeared {
        if !all.appearances.contains(other) {
            all.changes.extend(touched(walker, *other)?.changes);
        }
    }
    Ok(all.changes.into_iter().collect())
}

/// Everyone who changed what `start` brought.
fn touched(walker: &mut Walker<'_>, start: ChangeNo) -> Result<Touched, RepoError> {
    let index = walker.ground.index;
    let content = index.change(start).new.blob();
    let mut touched = Touched::default();
    let mut seen = BTreeSet::from([start]);
    let mut pending = vec![start];
    while let Some(number) = pending.pop() {
        let change = index.change(number);
        let versions = match walker.descent(number)? {
            Descent::Whole(version) => vec![version],
            Descent::Parents(versions) => {
                touched.changes.insert((change.commit, change.path));
                if change.new.blob() == content {
                    touched.appearances.push(number);
                }
                versions
            }
        };
        for (commit, path, _) in versions {
            let maker = walker.made_by(commit, path)?;
            if seen.insert(maker) {
                pending.push(maker);
            }
        }
    }
    Ok(touched)
}
