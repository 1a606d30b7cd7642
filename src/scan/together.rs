//! The files of several revisions, or every version in their history.
//!
//! Decides which versions those are, and how many of them are kept for the next scan. A version that several refs
//! have is attributed once.

use std::collections::HashSet;

use super::ground::Ground;
use super::paths::Elsewhere;
use super::reuse::Reuse;
use super::saved::{FileColumns, New};
use super::{FoundFile, Looked, RefCounts, Request};
use crate::attribution::{Progress, TipFile};
use crate::repo::{ObjectId, RepoError, Tip};

/// With so many bytes of pieces no more files are kept: they would fill the memory of each scan to come.
const MOST: usize = 96 << 20;
/// A piece takes about so many.
const PIECE: usize = 12;

/// Attributes and judges the versions of files that the request asks about, and those of the notes.
pub(super) fn files<'v>(
    request: &Request<'_>,
    ground: &Ground<'_>,
    reuse: &Reuse<'v>,
    progress: &dyn Progress,
) -> Result<Looked<'v>, RepoError> {
    let Ground { tips, engine, .. } = ground;
    let ids = |tips: &[Tip]| tips.iter().map(|tip| tip.commit).collect::<Vec<ObjectId>>();
    let versions = engine.versions(&ids(tips), request.history)?;
    // What the notes alone have is not counted with the files.
    let asked = engine.history().reachable(&ids(&request.tips));
    // All versions of a history would be far more than another scan could use.
    let keep = request.keep && !request.history;
    // Of each version: files, lines, submodules.
    let mut counts: Vec<[u64; 3]> = Vec::with_capacity(versions.all().len());
    let mut found = Vec::new();
    let mut new = reuse.columns();
    let mut standing = HashSet::new();
    let mut elsewhere = Elsewhere::default();
    let find = |file: &TipFile, introduced, first: &[_]| reuse.find(file, introduced, first);
    let learn = |file: &TipFile, found, content: &[u8]| reuse.learn(file, found, content);
    engine.attribute_versions(&versions, progress, find, learn, |version, judged| {
        elsewhere.see(&version.file);
        let Some((findings, known)) = judged else {
            counts.push([0, 0, 1]);
            return;
        };
        counts.push([1, findings.lines, 0]);
        let path = engine.path_number(&version.file.path);
        if let Some(path) = path.filter(|_| keep) {
            standing.insert((path, findings.introduced));
            let room = |new: &FileColumns| MOST.saturating_sub(reuse.pieces() + new.pieces());
            if let Some(known) = known.filter(|known| PIECE * known.pieces.len() <= room(&new)) {
                new.push(path, &known);
            }
        }
        let in_summary = asked.get(version.introduced as usize).copied().unwrap_or_default();
        found.push(FoundFile { path: version.file.path.clone(), findings, in_summary });
    })?;
    let [files, lines, submodules] = [0, 1, 2].map(|what: usize| versions.sums(|at| counts[at][what]));
    let at_tip = |at: usize| RefCounts { files: files[at], lines: lines[at], submodules: submodules[at] };
    let refs = (0..tips.len()).map(at_tip).collect();
    let files = (new.len() > 0).then_some(new);
    Ok(Looked { found, refs, elsewhere, new: New { files, standing: Some(standing), ..New::default() } })
}
