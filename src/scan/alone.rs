//! The files of one revision and its notes, each followed by itself.
//!
//! Decides which attributions of an earlier scan are used again, and what is kept for the next one.

use super::files::Look;
use super::ground::Ground;
use super::known::Known;
use super::saved::{FileColumns, SavedFiles};
use super::{FoundFile, Looked, RefCounts};
use crate::attribution::{Options, Progress, TipFile};
use crate::repo::RepoError;

/// Attributes and judges the files of every tip. `before` are those of an earlier scan, which
/// knew so many commits.
pub(super) fn files(
    ground: &Ground<'_>,
    look: &Look<'_>,
    before: &FileColumns,
    commits_before: usize,
    progress: &dyn Progress,
) -> Result<Looked, RepoError> {
    let Ground { tips, engine, .. } = ground;
    let mut found = Vec::new();
    let mut refs = Vec::new();
    let mut known_files = Vec::new();
    // Neither the number of threads nor what is remembered changes an answer.
    let options = format!("{:?}", Options { threads: 1, remember: false, ..ground.options });
    let looked_through = engine.looked_through();
    let kept = SavedFiles::new(before, &options, &looked_through, commits_before);
    for (number, tip) in tips.iter().enumerate() {
        let files = engine.files(tip.commit)?;
        let reuse = |file: &TipFile, introduced, first: &[_]| {
            let path = engine.path_number(&file.path)?;
            let known = kept.find(path, introduced, first)?;
            let findings = look.judge(&file.path, &known);
            Some(Some((known, findings)))
        };
        let findings = engine.attribute(tip.commit, &files, progress, reuse, |file, found, content| {
            let known = Known::new(file, found, content)?;
            Ok(known.map(|known| {
                let findings = look.judge(&file.path, &known);
                (known, findings)
            }))
        })?;
        let mut counts = RefCounts::default();
        for (file, findings) in files.into_iter().zip(findings) {
            let Some((known, findings)) = findings else {
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
    let old = kept.served(known_files.len());
    let columns = || {
        let files = known_files.iter().map(|(path, known)| (*path, known));
        FileColumns::of(options, looked_through, files)
    };
    Ok(Looked { found, refs, kept: (!old).then(columns) })
}
