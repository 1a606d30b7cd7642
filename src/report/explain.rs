//! Why something is excluded, or not: the line, the commit, the list's line that decided, and what would
//! change it.
//!
//! Decides how it is told. A person appears as the list names them and in no other way: who reads this has
//! the list, and a list of keyed hashes stays one.

use std::fmt::Write as _;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::diagnostics;
use crate::manifest::path::encode;
use crate::policy::{Label, Layers, Purpose, Purposes, Regime};
use crate::scan::explain::{Explanation, Part, What};
use crate::verdict::{Basis, Reason, Verdict};

/// So many parts of a file are listed.
const MOST_PARTS: usize = 20;

/// The explanation for people, with colours.
#[must_use]
pub fn human(explanation: &Explanation, layers: &Layers) -> String {
    let mut text = String::new();
    let bold = Style::new().bold();
    let _ = writeln!(text, "{bold}{}{bold:#}: {}", title(&explanation.what), spoken(&explanation.verdict));
    if let What::Line { with_file: true, .. } = &explanation.what {
        let _ = writeln!(text, "the line itself is not; it goes with its file, as the policy says");
    }
    if let What::Line { line, text: said, .. } = &explanation.what {
        let number = line.to_string();
        let _ = writeln!(text, "{} |", " ".repeat(number.len()));
        let _ = writeln!(text, "{number} | {}", printable(said));
        let _ = writeln!(text, "{} |", " ".repeat(number.len()));
    }
    if let What::File { lines, excluded, .. } = &explanation.what
        && *lines > 0
    {
        let _ = writeln!(text, "{excluded} of {lines} lines are excluded");
    }
    let shown: Vec<&Part> = match &explanation.what {
        What::File { .. } => explanation.parts.iter().filter(|part| part.verdict.is_excluded()).collect(),
        _ => explanation.parts.iter().collect(),
    };
    for part in shown.iter().take(MOST_PARTS) {
        let _ = writeln!(text, "  {}", self::part(part));
    }
    if shown.len() > MOST_PARTS {
        let _ = writeln!(text, "  and {} more", shown.len() - MOST_PARTS);
    }
    for reason in &explanation.verdict.reasons {
        let Some((title, labels, help)) = tell(reason, layers) else { continue };
        let _ = write!(text, "\n{}", diagnostics::note(&title, &labels, &help));
    }
    if !explanation.verdict.is_excluded() {
        let _ = writeln!(
            text,
            "\nNobody who had a part in it disallows it in the {} given, and no rule does.",
            lists(layers)
        );
        let _ = writeln!(
            text,
            "It would be excluded if one of them were: withhold list add FILE --email ADDRESS"
        );
    }
    text
}

fn lists(layers: &Layers) -> &'static str {
    if layers.lists.len() == 1 { "list" } else { "lists" }
}

fn title(what: &What) -> String {
    match what {
        What::File { path, .. } => encode(path),
        What::Line { path, line, .. } => format!("{}:{line}", encode(path)),
        What::Commit(id) => format!("commit {id}"),
        What::Tag(id) => format!("tag {id}"),
    }
}

fn spoken(verdict: &Verdict) -> String {
    let (word, color) = match (verdict.is_excluded(), verdict.is_unknown()) {
        (true, true) => ("unknown, so excluded", AnsiColor::Yellow),
        (true, false) => ("excluded", AnsiColor::Red),
        (false, _) => ("included", AnsiColor::Green),
    };
    let style = Style::new().bold().fg_color(Some(color.into()));
    let purposes = if verdict.purposes == Purposes::ALL {
        " for every purpose".to_owned()
    } else if verdict.is_excluded() {
        format!(" for {}", names(verdict.purposes))
    } else {
        String::new()
    };
    format!("{style}{word}{style:#}{purposes}")
}

fn names(purposes: Purposes) -> String {
    purposes.iter().map(Purpose::as_str).collect::<Vec<_>>().join(", ")
}

fn part(part: &Part) -> String {
    let lines = match part.lines {
        Some((first, last)) if first == last => format!("line {first} "),
        Some((first, last)) => format!("lines {first}-{last} "),
        None => String::new(),
    };
    let earlier = if part.earlier { ", where the very same file stood before" } else { "" };
    let done = if part.lines.is_some() { "written" } else { "changed" };
    format!("{lines}{done} in commit {} at {}{earlier}", part.commit, encode(&part.path))
}

/// What decided, where the list says so, and what would change it.
pub(super) fn tell(reason: &Reason, layers: &Layers) -> Option<(String, Vec<Label>, Vec<String>)> {
    let list = layers.lists.get(reason.layer as usize)?;
    let name = list.name.escape_debug();
    let label = |span: &std::ops::Range<usize>, text: &str| Label {
        source: Arc::clone(&list.source),
        span: span.clone(),
        text: text.to_owned(),
    };
    Some(match reason.basis {
        Basis::Subject { subject, identity, preference, role, mapped } => {
            let entry = list.subjects.get(subject as usize)?;
            let by = entry.identities.get(identity as usize)?;
            let wish = entry.preferences.get(preference as usize)?;
            let through = if mapped { " by the mailmap" } else { "" };
            let mut labels = vec![label(&by.span, "recognised by this")];
            if wish.span != entry.span {
                labels.push(label(&wish.span, "this preference decides"));
            }
            let help = vec![
                format!(
                    "if the person agrees: withhold list withdraw {} {}",
                    list.source.name.escape_debug(),
                    entry.id
                ),
                "if it is somebody else: narrow the identity, with `from` and `until`".to_owned(),
            ];
            (format!("the {role} is {} of {name}{through}", entry.id), labels, help)
        }
        Basis::NotListed { role } => {
            let regime = if list.regime == Regime::OptIn { "opt-in" } else { "opt-out" };
            let title = format!("the {role} does not allow it in {name}, whose regime is {regime}");
            let help = vec!["a subject with `decision = \"allow\"` would include it".to_owned()];
            (title, Vec::new(), help)
        }
        Basis::Unattributed => {
            let title = format!("it has no usable author, and {name} excludes what nobody can be found for");
            (
                title,
                Vec::new(),
                vec!["`on-unattributed = \"include\"` in the list would let it in".to_owned()],
            )
        }
        Basis::Rule { rule } => {
            let rule = list.rules.get(rule as usize)?;
            let title = format!("rule {} of {name} excludes it, whoever wrote it", rule.id);
            let help = vec!["narrow the rule by `repos` or `paths`, or remove it".to_owned()];
            (title, vec![label(&rule.span, "this rule")], help)
        }
    })
}

/// A line of a file as it may be shown on a terminal.
fn printable(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    text.chars()
        .take(200)
        .map(|char| if char.is_control() && char != '\t' { '\u{fffd}' } else { char })
        .collect()
}

#[derive(Serialize)]
struct Json {
    what: String,
    excluded: bool,
    /// Only because its whole file is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    with_file: bool,
    unknown: bool,
    purposes: Vec<&'static str>,
    reasons: Vec<JsonReason>,
    parts: Vec<JsonPart>,
}

#[derive(Serialize)]
struct JsonReason {
    list: String,
    serial: u64,
    basis: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    mapped: bool,
    purposes: Vec<&'static str>,
}

#[derive(Serialize)]
struct JsonPart {
    commit: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_start: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_end: Option<u32>,
    earlier: bool,
    excluded: bool,
}

/// The explanation for programs: one JSON object on one line.
///
/// # Errors
/// It cannot be written as JSON, which would be a bug.
pub fn json(explanation: &Explanation, layers: &Layers) -> serde_json::Result<String> {
    let words = |purposes: Purposes| purposes.iter().map(Purpose::as_str).collect();
    let reason = |reason: &Reason| {
        let list = layers.lists.get(reason.layer as usize)?;
        let line = |at: usize| Some(list.source.line_column(at).0);
        let (basis, id, role, line, mapped) = match reason.basis {
            Basis::Subject { subject, identity, role, mapped, .. } => {
                let entry = list.subjects.get(subject as usize)?;
                let by = entry.identities.get(identity as usize)?;
                ("subject", Some(entry.id.clone()), Some(role.as_str()), line(by.span.start), mapped)
            }
            Basis::NotListed { role } => ("not-listed", None, Some(role.as_str()), None, false),
            Basis::Unattributed => ("unattributed", None, None, None, false),
            Basis::Rule { rule } => {
                let rule = list.rules.get(rule as usize)?;
                ("rule", Some(rule.id.clone()), None, line(rule.span.start), false)
            }
        };
        let purposes = words(reason.purposes);
        Some(JsonReason {
            list: list.name.clone(),
            serial: list.serial,
            basis,
            id,
            role,
            line,
            mapped,
            purposes,
        })
    };
    let verdict = &explanation.verdict;
    serde_json::to_string(&Json {
        what: title(&explanation.what),
        excluded: verdict.is_excluded(),
        with_file: matches!(explanation.what, What::Line { with_file: true, .. }),
        unknown: verdict.is_unknown(),
        purposes: words(verdict.purposes),
        reasons: verdict.reasons.iter().filter_map(reason).collect(),
        parts: explanation
            .parts
            .iter()
            .map(|part| JsonPart {
                commit: part.commit.to_string(),
                path: encode(&part.path),
                line_start: part.lines.map(|(first, _)| first),
                line_end: part.lines.map(|(_, last)| last),
                earlier: part.earlier,
                excluded: part.verdict.is_excluded(),
            })
            .collect(),
    })
}
