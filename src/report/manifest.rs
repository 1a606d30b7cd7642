//! A manifest's header, for people.
//!
//! Decides how it looks. Names nobody, because a manifest does not.

pub mod diff;

use std::fmt::Write as _;
use std::path::Path;

use anstyle::Style;

use super::summary::number;
use crate::manifest::{Digest, Header, rfc3339};
use crate::policy::Purpose;

/// What a manifest is and how much is in it, with colours.
#[must_use]
pub fn human(header: &Header, digest: &Digest) -> String {
    let mut text = String::new();
    let bold = Style::new().bold();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{bold}{name:>11}{bold:#}  {value}");
    };
    line("digest", digest.to_string());
    line("format", format!("{} ({})", header.schema, header.schema_version));
    line("made by", format!("{} {}", header.tool.name, header.tool.version));
    line("created at", time(header.created_at));
    if let Some(after) = header.not_after {
        line("not after", time(after));
    }
    for list in &header.lists {
        let (name, note) = (list.name.escape_debug(), list.origin.note());
        line("list", format!("{name}, serial {}, {}{note}", list.serial, list.digest));
    }
    line("policy", header.policy_digest.to_string());
    line("purposes", header.purposes.iter().map(Purpose::as_str).collect::<Vec<_>>().join(", "));
    line("profile", header.profile.as_str().to_owned());
    let counts = |counts: Vec<(&str, u64)>| {
        let some = counts.into_iter().filter(|(_, count)| *count > 0);
        some.map(|(unit, count)| format!("{count} {unit}")).collect::<Vec<_>>().join(", ")
    };
    line(
        "entries",
        counts(header.counts.entries.iter().map(|(unit, count)| (unit.as_str(), *count)).collect()),
    );
    line("", header.entries.tree_hash.to_string());
    line(
        "coverage",
        counts(header.counts.coverage.iter().map(|(unit, count)| (unit.as_str(), *count)).collect()),
    );
    line("", header.coverage.tree_hash.to_string());
    if let Some(previous) = &header.previous {
        line("previous", previous.to_string());
    }
    for policy in &header.policies {
        line("of policies", policy.to_string());
    }
    for merged in &header.merged_from {
        line("merged from", merged.to_string());
    }
    text
}

fn time(time: i64) -> String {
    rfc3339::encode(time).unwrap_or_else(|| time.to_string())
}

/// How many rows were written, and where, if it was to a folder.
#[must_use]
pub fn written(header: &Header, out: Option<&Path>) -> String {
    let place = out.map(|out| format!(" in {}", out.display())).unwrap_or_default();
    let (entries, coverage) = (number(header.entries.rows), number(header.coverage.rows));
    format!("{entries} entries, {coverage} rows of coverage{place}\n")
}
