//! Files whose lines mean nothing: binary files and symbolic links.
//!
//! Decides who had a part in one: everyone who ever changed it, along its renames. Where a parent has the
//! very same content, that parent's history counts, as in `git log`.

use std::collections::BTreeSet;

use super::change_index::{ChangeNo, PathNo};
use super::history::CommitNo;
use super::walk::{Descent, Walker};
use crate::repo::RepoError;

/// Who changed a file, and where its content of now appeared.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// The commits, each with the path at which it changed the file; sorted.
    pub(super) changes: BTreeSet<(CommitNo, PathNo)>,
    /// Changes that brought the content as it is now.
    pub(super) appearances: Vec<ChangeNo>,
}

/// Everyone who changed what `start` brought.
pub(super) fn touched(walker: &mut Walker<'_>, start: ChangeNo) -> Result<Touched, RepoError> {
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
