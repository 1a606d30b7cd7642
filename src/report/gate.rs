//! What stands in the way of a push, for the person who pushes.
//!
//! Decides what is shown of it: commits, paths and lines, and the pseudonyms of lists. Names nobody, so it can stand in
//! a server's log.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::manifest::path;
use crate::policy::Layers;
use crate::scan::added::{Added, Excluded, What};
use crate::verdict::{Basis, Verdict};

/// So many findings are shown; the rest is counted.
const MOST: usize = 40;
/// So many ranges of lines are shown of a file.
const MOST_RANGES: usize = 6;

/// What is excluded, commit by commit and file by file.
#[must_use]
pub fn excluded(added: &Added, layers: &Layers) -> String {
    let mut text = String::new();
    for group in
        added.excluded.iter().take(MOST).collect::<Vec<_>>().chunk_by(|one, other| one.by == other.by)
    {
        let kind = if group[0].what == What::Tag { "tag" } else { "commit" };
        let _ = writeln!(text, "  {kind} {}", group[0].by);
        for Excluded { what, verdict, .. } in group {
            let why = reasons(verdict, layers);
            let _ = match what {
                What::Message => writeln!(text, "    its message and diff: {why}"),
                What::Tag => writeln!(text, "    its message: {why}"),
                What::File { path, lines, ranges, whole } => {
                    writeln!(text, "    {}{}: {why}", path::encode(path), part(*lines, ranges, *whole))
                }
            };
        }
    }
    let more = added.excluded.len().saturating_sub(MOST);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more");
    }
    text
}

/// What was looked at, in a few words.
#[must_use]
pub fn looked_at(added: &Added) -> String {
    let count =
        |number: u64, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    format!(
        "{}, {} and {}",
        count(added.commits, "new commit", "new commits"),
        count(added.files, "version of a file", "versions of files"),
        count(added.tags, "annotated tag", "annotated tags")
    )
}

fn part(lines: u64, ranges: &[std::ops::RangeInclusive<u32>], whole: bool) -> String {
    let range = |range: &std::ops::RangeInclusive<u32>| match (range.start(), range.end()) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    };
    if ranges.is_empty() {
        return ", all of it".to_owned();
    }
    let shown: Vec<String> = ranges.iter().take(MOST_RANGES).map(range).collect();
    let more = if ranges.len() > MOST_RANGES { ", …" } else { "" };
    let with = if whole { ", and with them the whole file" } else { "" };
    format!(", lines {}{more} of {lines}{with}", shown.join(", "))
}

/// The pseudonyms of those who are meant, with the names of their lists.
fn reasons(verdict: &Verdict, layers: &Layers) -> String {
    let reason = |layer: u32, basis: Basis| {
        let list = layers.lists.get(layer as usize)?;
        let (id, how) = match basis {
            Basis::Subject { subject, role, .. } => {
                (list.subjects.get(subject as usize)?.id.as_str(), role.as_str())
            }
            Basis::Rule { rule } => (list.rules.get(rule as usize)?.id.as_str(), "rule"),
            Basis::NotListed { role } => ("nobody on the list", role.as_str()),
            Basis::Unattributed => ("nobody can be told", "author"),
        };
        Some(format!("{id} ({how}) in {}", list.name))
    };
    let all: BTreeSet<String> =
        verdict.reasons.iter().filter_map(|found| reason(found.layer, found.basis)).collect();
    all.into_iter().collect::<Vec<_>>().join("; ")
}
