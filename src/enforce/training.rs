//! Excluded files where training data is taken from.
//!
//! Decides which files of a revision those are, what of them is excluded, and by which content each is known again. Any
//! purpose counts: what is excluded for one is a finding.

use std::collections::{BTreeSet, HashMap, HashSet};

use sha2::{Digest as _, Sha256};

use super::finding::{Content, Excerpt, Finding, Lines, Rule};
use crate::attribution::Progress;
use crate::attribution::spans::joined;
use crate::manifest::{Digest, Entry, EntryUnit, ListRef, Manifest, path};
use crate::policy::{Purpose, TrainingRule};
use crate::repo::{Kind, ObjectId, Objects, RepoError, Tip};
use crate::scan::explain::{Explanation, What, of_contents};
use crate::scan::ground::Ground;
use crate::scan::{Request, ScanError, list_refs};
use crate::verdict::Verdict;

/// So many lines are shown of a finding, and so much of each.
const SHOWN_LINES: usize = 3;
const SHOWN_CHARS: usize = 160;

/// The rules that speak of a branch.
#[derive(Debug)]
pub struct Sources<'p>(Vec<&'p TrainingRule>);

/// Whether the policy marks the branch as a source depends on its name, which is not known.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the policy marks branches as training sources, and it is not known which branch this is")]
pub struct NoBranch;

impl<'p> Sources<'p> {
    /// Those of the policy that speak of this branch.
    ///
    /// # Errors
    /// A rule asks for the branch, and there is none.
    pub fn of(rules: &'p [TrainingRule], branch: Option<&[u8]>) -> Result<Self, NoBranch> {
        let mut about = Vec::new();
        for rule in rules {
            if rule.is_about(branch).ok_or(NoBranch)? {
                about.push(rule);
            }
        }
        Ok(Self(about))
    }

    fn has(&self, path: &[u8]) -> bool {
        self.0.iter().any(|rule| rule.has(path))
    }
}

/// What was found, and among how many files.
#[derive(Debug)]
pub struct Found {
    /// The findings, by path.
    pub findings: Vec<Finding>,
    /// So many files of the revision are sources.
    pub files: u64,
}

/// What a manifest says of a file.
#[derive(Default)]
struct Hit<'m> {
    rows: Vec<&'m Entry>,
    blob: Option<ObjectId>,
}

/// Every file of the revision that is a source and of which anything is excluded, by a scan of our own (`own`, which
/// has paths) and what that knows (`ground`).
///
/// # Errors
/// A file cannot be read or attributed.
pub fn excluded(
    request: &Request<'_>,
    ground: &Ground<'_>,
    own: &Manifest,
    tip: &Tip,
    sources: &Sources<'_>,
    progress: &dyn Progress,
) -> Result<Found, ScanError> {
    // Notes, and older versions, are not what stands there.
    let mut standing: HashMap<Vec<u8>, ObjectId> = HashMap::new();
    for file in ground.engine.files(tip.commit)? {
        if sources.has(&file.path) {
            standing.insert(file.path, file.leaf.id);
        }
    }
    let files = standing.len() as u64;
    let mut hits: HashMap<&[u8], Hit<'_>> = HashMap::new();
    for entry in own.entries().iter().filter(|entry| matches!(entry.unit, EntryUnit::Blob | EntryUnit::Lines))
    {
        let Some(at) = entry.path.as_deref().and_then(path::decode) else { continue };
        let Some((path, blob)) = standing.get_key_value(&*at) else { continue };
        if entry.git_sha1.is_none_or(|id| id == *blob) {
            let hit = hits.entry(path).or_default();
            hit.rows.push(entry);
            hit.blob = Some(*blob);
        }
    }
    let blobs: HashSet<ObjectId> = hits.values().filter_map(|hit| hit.blob).collect();
    let explained = of_contents(request, ground, &blobs, progress)?;
    let why = Why::new(&explained);
    let lists = list_refs(request.layers);
    let mut findings = Vec::with_capacity(hits.len());
    for (path, hit) in &hits {
        let mut finding = finding(&ground.objects, path, hit, &why, tip)?;
        finding.lists = decided(&finding.verdict, &lists);
        findings.push(finding);
    }
    findings.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Found { findings, files })
}

/// The lists that a verdict refers to, each once.
fn decided(verdict: &Verdict, lists: &[ListRef]) -> Vec<ListRef> {
    let layers: BTreeSet<u32> = verdict.reasons.iter().map(|reason| reason.layer).collect();
    layers.iter().filter_map(|layer| lists.get(*layer as usize)).cloned().collect()
}

/// Who decided, by path and by content.
struct Why<'e> {
    by_path: HashMap<&'e [u8], &'e Explanation>,
    by_blob: HashMap<ObjectId, Verdict>,
}

impl<'e> Why<'e> {
    fn new(explained: &'e [(ObjectId, Explanation)]) -> Self {
        let mut why = Self { by_path: HashMap::new(), by_blob: HashMap::new() };
        for (blob, explanation) in explained {
            if let What::File { path, .. } = &explanation.what {
                why.by_path.insert(path, explanation);
            }
            why.by_blob.entry(*blob).or_default().extend(&explanation.verdict);
        }
        why
    }
}

fn finding(
    objects: &Objects,
    path: &[u8],
    hit: &Hit<'_>,
    why: &Why<'_>,
    tip: &Tip,
) -> Result<Finding, RepoError> {
    let own = why.by_path.get(path);
    let here = own.is_some_and(|explanation| explanation.verdict.is_excluded());
    let verdict = match (own, hit.blob) {
        (Some(explanation), _) if here => explanation.verdict.clone(),
        (_, Some(blob)) => why.by_blob.get(&blob).cloned().unwrap_or_default(),
        (_, None) => Verdict::default(),
    };
    let bytes = match hit.blob {
        Some(blob) => objects.read(blob, Kind::Blob)?,
        None => std::sync::Arc::default(),
    };
    let ranges = ranges(&hit.rows);
    // What makes up the exclusion: the lines, unless anything else excludes the file as well.
    let by_lines = here
        && !ranges.is_empty()
        && own.is_some_and(|explanation| {
            let parts = explanation.parts.iter().filter(|part| part.lines.is_some());
            let of_lines: HashSet<_> = parts.flat_map(|part| &part.verdict.reasons).collect();
            verdict.reasons.iter().all(|reason| of_lines.contains(reason))
        });
    let content =
        if by_lines { Content::Lines(digest_of(&bytes, &ranges)) } else { Content::Blob(Digest::of(&bytes)) };
    let whole = hit.rows.iter().any(|row| row.unit == EntryUnit::Blob);
    let excluded: u64 = ranges.iter().map(|range| range.last - range.first + 1).sum();
    let purposes = hit.rows.iter().fold(verdict.purposes, |all, row| all.union(row.purposes));
    let what = match (whole, excluded) {
        (true, 0) => "the file is excluded".to_owned(),
        (true, lines) => format!("the file is excluded, for {lines} of its lines"),
        (false, 1) => "1 line is excluded".to_owned(),
        (false, lines) => format!("{lines} lines are excluded"),
    };
    let message = format!("{what}, and training data is taken from here");
    let mut finding = Finding::new(Rule::TrainingExcluded, message).at(tip);
    if purposes != crate::policy::Purposes::ALL {
        let names: Vec<_> = purposes.iter().map(Purpose::as_str).collect();
        finding = finding.note(format!("excluded for {}", names.join(", ")));
    }
    if !here {
        finding =
            finding.note("nothing excludes it at this path; the very same content is excluded at another");
    }
    Ok(Finding {
        path: Some(path.to_vec()),
        excerpt: excerpt(&bytes, &ranges),
        lines: lines(&hit.rows),
        verdict,
        content: Some(content),
        ..finding
    })
}

/// Excluded lines, as rows tell them: each range with its commit.
fn lines(rows: &[&Entry]) -> Vec<Lines> {
    let mut lines: Vec<Lines> = rows
        .iter()
        .filter_map(|row| Some(Lines { first: row.line_start?, last: row.line_end?, commit: row.commit }))
        .collect();
    lines.sort_by_key(|range| (range.first, range.last, range.commit));
    lines.dedup();
    lines
}

/// Lines and their bytes, without overlaps, whoever they are credited to.
struct Span {
    first: u64,
    last: u64,
    start: u64,
    end: u64,
}

fn ranges(rows: &[&Entry]) -> Vec<Span> {
    let both = rows.iter().filter_map(|row| {
        let (first, last) = (row.line_start?, row.line_end?);
        Some((first.checked_sub(1)?..last, row.byte_start?..row.byte_end?))
    });
    let (lines, bytes) = both.unzip();
    // Where lines touch, so do their bytes.
    let both = joined(lines).into_iter().zip(joined(bytes));
    both.map(|(lines, bytes)| Span {
        first: lines.start + 1,
        last: lines.end,
        start: bytes.start,
        end: bytes.end,
    })
    .collect()
}

/// Of the lines alone: what stands between them may change.
fn digest_of(bytes: &[u8], ranges: &[Span]) -> Digest {
    let mut hash = Sha256::new();
    let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
    for range in ranges {
        hash.update(bytes.get(at(range.start)..at(range.end)).unwrap_or_default());
    }
    Digest::from_bytes(hash.finalize().into())
}

fn excerpt(bytes: &[u8], ranges: &[Span]) -> Option<Excerpt> {
    let first = ranges.first()?;
    let (start, end) = (usize::try_from(first.start).ok()?, usize::try_from(first.end).ok()?);
    let lines = bytes.get(start..end)?.split_inclusive(|byte| *byte == b'\n').take(SHOWN_LINES);
    let text: Vec<String> = lines.map(printable).collect();
    Some(Excerpt { line: first.first, text: text.join("\n") })
}

/// A line as it may be shown on a terminal and in any report.
fn printable(line: &[u8]) -> String {
    let cut = &line[..line.len().min(SHOWN_CHARS * 4)];
    let text = String::from_utf8_lossy(cut);
    let visible = text.trim_end_matches(['\n', '\r']).chars().take(SHOWN_CHARS);
    visible.map(|char| if char.is_control() && char != '\t' { '\u{fffd}' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Hashes;
    use crate::policy::Purposes;

    const TEXT: &[u8] = b"one\ntwo\nthree\nfour\n";

    fn row(lines: std::ops::RangeInclusive<u64>, bytes: std::ops::Range<u64>) -> Entry {
        Entry::lines(&Hashes::of_blob(TEXT), lines, bytes, Purposes::ALL)
    }

    /// Lines that are credited to several commits are there more than once.
    #[test]
    fn lines_count_once_whoever_they_are_credited_to() {
        let (twice, once) =
            ([row(1..=2, 0..8), row(2..=3, 4..14), row(2..=2, 4..8), row(3..=3, 8..14)], [row(1..=3, 0..14)]);
        let spans = |rows: &[Entry]| ranges(&rows.iter().collect::<Vec<_>>());
        let shape: Vec<_> =
            spans(&twice).iter().map(|span| (span.first, span.last, span.start, span.end)).collect();
        assert_eq!(shape, [(1, 3, 0, 14)]);
        assert_eq!(digest_of(TEXT, &spans(&twice)), digest_of(TEXT, &spans(&once)));
        assert_eq!(digest_of(TEXT, &spans(&once)), Digest::of(b"one\ntwo\nthree\n"));
        let apart = [row(4..=4, 14..19), row(1..=1, 0..4)];
        assert_eq!(digest_of(TEXT, &spans(&apart)), Digest::of(b"one\nfour\n"));
    }

    #[test]
    fn an_excerpt_is_short_and_cannot_move_the_cursor() {
        let text = format!("\x1b[2J{}\r\nb\nc\nd\n", "x".repeat(1000));
        let all = u64::try_from(text.len()).unwrap();
        let shown = excerpt(text.as_bytes(), &[Span { first: 7, last: 10, start: 0, end: all }]).unwrap();
        assert_eq!(shown.line, 7);
        assert!(
            shown.text.starts_with("\u{fffd}[2Jxxx") && shown.text.ends_with("x\nb\nc"),
            "{}",
            shown.text
        );
        assert_eq!(shown.text.len(), "\u{fffd}".len() + SHOWN_CHARS - 1 + "\nb\nc".len());
    }
}
