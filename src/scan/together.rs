//! The files of several revisions, or every version in their history.
//!
//! Decides which versions those are. A version that several refs have is attributed once.

use super::ground::Ground;
use super::reuse::{Judged, Reuse};
use super::{FoundFile, Looked, RefCounts, Request};
use crate::attribution::Progress;
use crate::repo::{ObjectId, RepoError, Tip};

/// Attributes and judges the versions of files that the request asks about, and those of the notes.
pub(super) fn files(
    request: &Request<'_>,
    ground: &Ground<'_>,
    reuse: Reuse<'_>,
    progress: &dyn Progress,
) -> Result<Looked, RepoError> {
    let Ground { tips, engine, .. } = ground;
    let ids = |tips: &[Tip]| tips.iter().map(|tip| tip.commit).collect::<Vec<ObjectId>>();
    let versions = engine.versions(&ids(tips), request.history)?;
    // What the notes alone have is not counted with the files.
    let asked = engine.history().reachable(&ids(&request.tips));
    let mut found = Vec::new();
    // Of each version: files, lines, submodules.
    let mut counts = Vec::with_capacity(versions.all().len());
    let mut known_files = Vec::new();
    let find = |file: &_, introduced, first: &[_]| reuse.find(file, introduced, first);
    let learn = |file: &_, found, content: &[u8]| reuse.learn(file, found, content);
    engine.attribute_versions(&versions, progress, find, learn, |version, judged: Judged| {
        let Some((known, findings)) = judged else {
            counts.push([0, 0, 1]);
            return;
        };
        counts.push([1, findings.lines, 0]);
        if request.keep && !request.history {
            known_files.extend(engine.path_number(&version.file.path).map(|path| (path, known)));
        }
        let in_summary = asked.get(version.introduced as usize).copied().unwrap_or_default();
        found.push(FoundFile { path: version.file.path.clone(), findings, in_summary });
    })?;
    let sums = [0, 1, 2].map(|what: usize| versions.sums(|at| counts[at][what]));
    let of_ref = |at| RefCounts { files: sums[0][at], lines: sums[1][at], submodules: sums[2][at] };
    let refs = (0..tips.len()).map(of_ref).collect();
    let kept = reuse.keep(known_files.iter().map(|(path, known)| (*path, known)));
    Ok(Looked { found, refs, kept })
}
