//! What a scan found, for people and for programs.
//!
//! Decides how numbers look. Names nobody.

use std::fmt::Write as _;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::manifest::{self, Digest, Header};
use crate::scan::summary::{Count, Folder, Summary};

/// How wide a bar is, in characters.
const BAR: usize = 24;
/// So many folders are shown; the rest is added up.
const MOST_FOLDERS: usize = 20;

/// The summary for people, with colours. `out` is where the manifest went, if it went to a folder.
#[must_use]
pub fn human(summary: &Summary, repo: &str, header: &Header, out: Option<&Path>) -> String {
    let mut text = String::new();
    let bold = Style::new().bold();
    let repo = visible(repo.as_bytes());
    let _ = writeln!(text, "{bold}{repo}{bold:#} {}", scanned(summary));
    let _ = writeln!(text);
    let _ = writeln!(text, "{:>10} {:>10} {:>10}", "all", "excluded", "unknown");
    let several = summary.history || summary.tips.len() > 1;
    row(&mut text, if several { "versions of files" } else { "files" }, summary.total.files);
    row(&mut text, "lines", summary.total.lines);
    row(&mut text, "commits", summary.commits);
    if summary.tags.all > 0 {
        row(&mut text, "tags", summary.tags);
    }
    if summary.submodules > 0 {
        let _ = writeln!(text, "{:>10} submodules, recorded and not entered", number(summary.submodules));
    }
    let mut folders: Vec<(&Vec<u8>, &Folder)> =
        summary.folders.iter().filter(|(_, folder)| folder.files.excluded > 0).collect();
    folders.sort_by_key(|(name, folder)| (std::cmp::Reverse(folder.lines.excluded), *name));
    if !folders.is_empty() {
        let _ = writeln!(text, "\nlines excluded, by folder");
        for (name, folder) in folders.iter().take(MOST_FOLDERS) {
            let name = if name.is_empty() { "(top)".to_owned() } else { format!("{}/", visible(name)) };
            row(&mut text, &name, folder.lines);
        }
        let rest = folders.iter().skip(MOST_FOLDERS).fold(Count::default(), |mut rest, (_, folder)| {
            rest.add(folder.lines.all, folder.lines.excluded, folder.lines.unknown);
            rest
        });
        if rest.all > 0 {
            row(&mut text, "(others)", rest);
        }
    }
    let (entries, covered) = (number(header.entries.rows), number(header.coverage.rows));
    let place = out.map_or_else(|| "the stream".to_owned(), |out| out.display().to_string());
    let _ = writeln!(text, "\n{entries} entries, {covered} rows of coverage in {bold}{place}{bold:#}");
    text
}

/// What was scanned.
fn scanned(summary: &Summary) -> String {
    let (what, whose) = match summary.tips.as_slice() {
        [tip] => {
            let short: String = tip.commit.to_string().chars().take(12).collect();
            (format!("{} ({short})", visible(tip.name.as_bytes())), "its")
        }
        tips => (format!("{} refs", number(tips.len() as u64)), "their"),
    };
    if summary.history { format!("{what}, with {whose} history") } else { what }
}

/// One line: three numbers, a bar, a share, a name.
fn row(text: &mut String, name: &str, count: Count) {
    let Count { all, excluded, unknown } = count;
    let (bar, share) = bar(excluded, all);
    let red = Style::new().fg_color(Some(AnsiColor::Red.into()));
    let [all, excluded, unknown] = [all, excluded, unknown].map(number);
    let _ = writeln!(text, "{all:>10} {excluded:>10} {unknown:>10}  {red}{bar}{red:#} {share:>7}  {name}");
}

fn bar(part: u64, whole: u64) -> (String, String) {
    let share = if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let mut filled = (share * BAR as f64).round() as usize;
    // Something is never shown as nothing, nor almost all as all.
    if part > 0 {
        filled = filled.max(1);
    }
    if part < whole {
        filled = filled.min(BAR - 1);
    }
    let text = "█".repeat(filled) + &"░".repeat(BAR - filled);
    (text, format!("{:.1} %", (share * 1000.0).floor() / 10.0))
}

/// A number with its thousands apart.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes of a repository, as they may be shown on a terminal.
fn visible(bytes: &[u8]) -> String {
    manifest::path::encode(bytes)
}

#[derive(Serialize)]
struct Json<'a> {
    repo: &'a str,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refs: Option<usize>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    history: bool,
    files: Count,
    lines: Count,
    commits: Count,
    tags: Count,
    submodules: u64,
    folders: Vec<JsonFolder>,
    entries: u64,
    coverage: u64,
    manifest: String,
}

#[derive(Serialize)]
struct JsonFolder {
    path: String,
    #[serde(flatten)]
    counts: Folder,
}

/// The summary for programs: one JSON object on one line.
///
/// # Errors
/// It cannot be written as JSON, which would be a bug.
pub fn json(summary: &Summary, repo: &str, header: &Header, digest: &Digest) -> serde_json::Result<String> {
    let one = match summary.tips.as_slice() {
        [tip] => Some(tip),
        _ => None,
    };
    serde_json::to_string(&Json {
        repo,
        name: one.map(|tip| tip.name.as_str()),
        tip: one.map(|tip| tip.commit.to_string()),
        refs: one.is_none().then_some(summary.tips.len()),
        history: summary.history,
        files: summary.total.files,
        lines: summary.total.lines,
        commits: summary.commits,
        tags: summary.tags,
        submodules: summary.submodules,
        folders: summary
            .folders
            .iter()
            .map(|(path, counts)| JsonFolder { path: manifest::path::encode(path), counts: *counts })
            .collect(),
        entries: header.entries.rows,
        coverage: header.coverage.rows,
        manifest: digest.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_never_drawn_as_nothing_nor_almost_all_as_all() {
        assert_eq!(bar(0, 10), ("░".repeat(BAR), "0.0 %".into()));
        assert_eq!(bar(1, 100_000).0.matches('█').count(), 1);
        assert_eq!(bar(99_999, 100_000).0.matches('░').count(), 1);
        assert_eq!(bar(99_999, 100_000).1, "99.9 %");
        assert_eq!(bar(3, 3), ("█".repeat(BAR), "100.0 %".into()));
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
    }
}
