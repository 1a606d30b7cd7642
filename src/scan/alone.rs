//! The files of one revision and its notes.
//!
//! Decides nothing: what stands there is looked at.

use super::ground::Ground;
use super::reuse::Reuse;
use super::{FoundFile, Looked, RefCounts};
use crate::attribution::Progress;
use crate::repo::RepoError;

/// Attributes and judges the files of every tip.
pub(super) fn files(
    ground: &Ground<'_>,
    reuse: Reuse<'_>,
    progress: &dyn Progress,
) -> Result<Looked, RepoError> {
    let Ground { tips, engine, .. } = ground;
    let mut found = Vec::new();
    let mut refs = Vec::new();
    let mut known_files = Vec::new();
    let find = |file: &_, introduced, first: &[_]| reuse.find(file, introduced, first);
    let learn = |file: &_, found, content: &[u8]| reuse.learn(file, found, content);
    for (number, tip) in tips.iter().enumerate() {
        let files = engine.files(tip.commit)?;
        let judged = engine.attribute(tip.commit, &files, progress, find, learn)?;
        let mut counts = RefCounts::default();
        for (file, judged) in files.into_iter().zip(judged) {
            let Some((known, findings)) = judged else {
                counts.submodules += 1;
                continue;
            };
            counts.files += 1;
            counts.lines += findings.lines;
            known_files.extend(engine.path_number(&file.path).map(|path| (path, known)));
            found.push(FoundFile { path: file.path, findings, in_summary: number == 0 });
        }
        refs.push(counts);
    }
    let kept = reuse.keep(known_files.iter().map(|(path, known)| (*path, known)));
    Ok(Looked { found, refs, kept })
}
