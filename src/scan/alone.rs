//! The files of one revision and its notes, each followed by itself.
//!
//! Decides which attributions of an earlier scan are used again, and what is kept for the next one.

use std::collections::HashSet;

use super::files::Look;
use super::ground::Ground;
use super::known::Known;
use super::saved::{FileColumns, FileVersion, Kept, New};
use super::{FoundFile, Looked, RefCounts};
use crate::attribution::{Options, Progress, TipFile};
use crate::repo::RepoError;

/// Attributes and judges the files of every tip; those of earlier scans are `kept`.
pub(super) fn files(
    ground: &Ground<'_>,
    look: &Look<'_>,
    kept: &Kept,
    progress: &dyn Progress,
) -> Result<Looked, RepoError> {
    let Ground { tips, engine, .. } = ground;
    let mut found = Vec::new();
    let mut refs = Vec::new();
    let mut new = Vec::new();
    let mut standing: HashSet<FileVersion> = HashSet::new();
    // Neither the number of threads nor what is remembered changes an answer.
    let options = format!("{:?}", Options { threads: 1, remember: false, ..ground.options });
    let looked_through = engine.looked_through();
    let kept = kept.files(&options, &looked_through);
    for (number, tip) in tips.iter().enumerate() {
        let files = engine.files(tip.commit)?;
        let reuse = |file: &TipFile, introduced, first: &[_]| {
            let path = engine.path_number(&file.path)?;
            let known = kept.find(path, introduced, first)?;
            Some(Some((look.judge(&file.path, &known), None)))
        };
        let findings = engine.attribute(tip.commit, &files, progress, reuse, |file, found, content| {
            let known = Known::new(file, found, content)?;
            Ok(known.map(|known| (look.judge(&file.path, &known), Some(known))))
        })?;
        let mut counts = RefCounts::default();
        for (file, findings) in files.into_iter().zip(findings) {
            let Some((findings, known)) = findings else {
                counts.submodules += 1;
                continue;
            };
            counts.files += 1;
            counts.lines += findings.lines;
            if let Some(path) = engine.path_number(&file.path) {
                standing.insert((path, findings.introduced));
                new.extend(known.map(|known| (path, known)));
            }
            found.push(FoundFile { path: file.path, findings, in_summary: number == 0 });
        }
        refs.push(counts);
    }
    let columns = || {
        let files = new.iter().map(|(path, known)| (*path, known));
        FileColumns::of(options, looked_through, files)
    };
    let files = (!new.is_empty()).then(columns);
    Ok(Looked { found, refs, new: New { files, standing: Some(standing), ..New::default() } })
}
