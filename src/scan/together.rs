//! The files of several revisions, or every version in their history, all together.
//!
//! Decides which versions those are. A version that several refs have is attributed once. What is known of them
//! is forgotten once they are judged: there can be very many.

use super::files::Look;
use super::ground::Ground;
use super::known::Known;
use super::saved::New;
use super::{FoundFile, Looked, RefCounts, Request};
use crate::attribution::Progress;
use crate::repo::{ObjectId, RepoError};

/// Attributes and judges the versions of files that the request asks about, and those of the notes.
pub(super) fn files(
    request: &Request<'_>,
    ground: &Ground<'_>,
    look: &Look<'_>,
    progress: &dyn Progress,
) -> Result<Looked, RepoError> {
    let Ground { tips, engine, .. } = ground;
    let ids = |tips: &[crate::repo::Tip]| tips.iter().map(|tip| tip.commit).collect::<Vec<ObjectId>>();
    let versions = engine.versions(&ids(tips), request.history)?;
    let findings = engine.attribute_versions(&versions, progress, |file, found, content| {
        let known = Known::new(file, found, content)?;
        Ok(known.map(|known| look.judge(&file.path, &known)))
    })?;
    let files = versions.sums(|at| u64::from(findings[at].is_some()));
    let lines = versions.sums(|at| findings[at].as_ref().map_or(0, |findings| findings.lines));
    let submodules = versions.sums(|at| u64::from(findings[at].is_none()));
    let counts = files.into_iter().zip(lines).zip(submodules);
    let refs = counts.map(|((files, lines), submodules)| RefCounts { files, lines, submodules }).collect();
    // What the notes alone have is not counted with the files.
    let asked = engine.history().reachable(&ids(&request.tips));
    let found = versions.all().iter().zip(findings).filter_map(|(version, findings)| {
        let in_summary = asked.get(version.introduced as usize).copied().unwrap_or_default();
        Some(FoundFile { path: version.file.path.clone(), findings: findings?, in_summary })
    });
    Ok(Looked { found: found.collect(), refs, new: New::default() })
}
