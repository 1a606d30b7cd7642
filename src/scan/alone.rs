//! The files of one revision and its notes.
//!
//! Decides nothing: what stands there is looked at.

use std::collections::HashSet;

use super::ground::Ground;
use super::paths::Elsewhere;
use super::reuse::Reuse;
use super::saved::New;
use super::{FoundFile, Looked, RefCounts};
use crate::attribution::{Progress, TipFile};
use crate::repo::RepoError;

/// Attributes and judges the files of every tip.
pub(super) fn files<'v>(
    ground: &Ground<'_>,
    reuse: &Reuse<'v>,
    progress: &dyn Progress,
) -> Result<Looked<'v>, RepoError> {
    let Ground { tips, engine, .. } = ground;
    let mut found = Vec::new();
    let mut refs = Vec::new();
    let mut new = reuse.columns();
    let mut standing = HashSet::new();
    let mut elsewhere = Elsewhere::default();
    for (number, tip) in tips.iter().enumerate() {
        let files = engine.files(tip.commit)?;
        let find = |file: &TipFile, introduced, first: &[_]| reuse.find(file, introduced, first);
        let learn = |file: &TipFile, found, content: &[u8]| reuse.learn(file, found, content);
        let judged = engine.attribute(tip.commit, &files, progress, find, learn)?;
        let mut counts = RefCounts::default();
        for (file, judged) in files.into_iter().zip(judged) {
            elsewhere.see(&file);
            let Some((findings, known)) = judged else {
                counts.submodules += 1;
                continue;
            };
            counts.files += 1;
            counts.lines += findings.lines;
            if let Some(path) = engine.path_number(&file.path) {
                standing.insert((path, findings.introduced));
                known.iter().for_each(|known| new.push(path, known));
            }
            found.push(FoundFile { path: file.path, findings, in_summary: number == 0 });
        }
        refs.push(counts);
    }
    let files = (new.len() > 0).then_some(new);
    Ok(Looked { found, refs, elsewhere, new: New { files, standing: Some(standing), ..New::default() } })
}
