//! What was found in a data set, for people and for programs.
//!
//! Decides how numbers look. Shows no row, and names nobody.

use std::fmt::Write as _;

use anstyle::Style;
use serde_json::json;

use super::summary::number;
use crate::dataset::Columns;
use crate::enforce::rows::proof::Proof;
use crate::enforce::rows::run::{Looked, total};

/// So many shards are shown.
const MOST_SHARDS: usize = 20;

/// What is reported.
pub struct Summary<'s> {
    /// The shards.
    pub looked: &'s [Looked],
    /// The columns that were looked at.
    pub columns: &'s Columns,
    /// What proves them.
    pub proofs: &'s [Proof],
    /// The data set that it was taken for.
    pub preset: Option<&'s str>,
    /// Whether anything was written.
    pub written: bool,
}

/// For people.
#[must_use]
pub fn human(summary: &Summary<'_>) -> String {
    let mut text = String::new();
    let bold = Style::new().bold();
    let counts = total(summary.looked);
    let shards = summary.looked.len();
    let (what, many) =
        (if summary.written { "written" } else { "looked at" }, if shards == 1 { "" } else { "s" });
    let preset = summary.preset.map(|name| format!(", as {name}")).unwrap_or_default();
    let _ = writeln!(text, "{bold}{shards} shard{many} {what}{bold:#}{preset}");
    let before = summary.looked.iter().filter(|shard| shard.before).count();
    if before > 0 {
        let _ = writeln!(text, "{before} of them by an earlier run");
    }
    for (at, column) in summary.columns.iter().enumerate() {
        let proof = summary.proofs.iter().find(|proof| proof.column == at && proof.rows > 0);
        let proved = proof
            .map(|proof| format!(", proved on {} of {} rows", proof.equal, proof.rows))
            .unwrap_or_default();
        let _ = writeln!(text, "  {} is {}{proved}", column.name.escape_debug(), column.meaning);
    }
    let _ = writeln!(text, "\n{:>14} {:>14} {:>14} {:>14}", "rows", "clear", "excluded", "uncovered");
    let mut row = |counts: [u64; 4], name: &str| {
        let [rows, clear, excluded, uncovered] = counts.map(number);
        let _ = writeln!(text, "{rows:>14} {clear:>14} {excluded:>14} {uncovered:>14}  {name}");
    };
    if shards > 1 {
        for shard in summary.looked.iter().take(MOST_SHARDS) {
            let counts = &shard.found.counts;
            let name = shard.name.escape_debug().to_string();
            row([counts.rows, counts.clear, counts.excluded, counts.uncovered], &name);
        }
        if shards > MOST_SHARDS {
            let rest = total(&summary.looked[MOST_SHARDS..]);
            row([rest.rows, rest.clear, rest.excluded, rest.uncovered], "(others)");
        }
    }
    row([counts.rows, counts.clear, counts.excluded, counts.uncovered], "all");
    if counts.rows_cut > 0 {
        let _ = writeln!(
            text,
            "\n{} lines were taken out of {} rows",
            number(counts.lines_cut),
            number(counts.rows_cut)
        );
    }
    if !counts.canaries.is_empty() {
        let _ = writeln!(text, "all {} canaries were found", counts.canaries.len());
    }
    text
}

/// For programs.
///
/// # Errors
/// Never: it is plain data.
pub fn json(summary: &Summary<'_>) -> serde_json::Result<String> {
    let counts = total(summary.looked);
    let column = |(at, column): (usize, &crate::dataset::Column)| {
        let proof = summary.proofs.iter().find(|proof| proof.column == at);
        json!({
            "column": column.name,
            "is": column.meaning.as_str(),
            "matched": counts.matched.get(at),
            "proved": proof.map(|proof| json!({ "rows": proof.rows, "equal": proof.equal })),
        })
    };
    let shard = |shard: &Looked| {
        let counts = &shard.found.counts;
        json!({
            "name": shard.name,
            "sha256": shard.file.as_ref().map(|file| &file.sha256),
            "rows": counts.rows,
            "clear": counts.clear,
            "excluded": counts.excluded,
            "uncovered": counts.uncovered,
            "read": shard.found.read,
            "written": summary.written.then_some(shard.found.written),
            "before": shard.before,
        })
    };
    serde_json::to_string(&json!({
        "preset": summary.preset,
        "columns": summary.columns.iter().enumerate().map(column).collect::<Vec<_>>(),
        "rows": counts.rows,
        "clear": counts.clear,
        "excluded": counts.excluded,
        "uncovered": counts.uncovered,
        "rows_cut": counts.rows_cut,
        "lines_cut": counts.lines_cut,
        "canaries": counts.canaries.len(),
        "shards": summary.looked.iter().map(shard).collect::<Vec<_>>(),
    }))
}
