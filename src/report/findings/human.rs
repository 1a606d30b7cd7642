//! The report for people: each finding as a compiler would show it, the file's line and the list's line one after the
//! other.
//!
//! Decides how much is shown. In full, it shows the list's own lines, for who has the list; otherwise, as in a log that
//! others read, only where they are.

use std::fmt::Write as _;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};

use crate::enforce::finding::{Finding, Lines, Looked, Report};
use crate::manifest::path::encode;
use crate::policy::Layers;
use crate::repo::Tip;
use crate::report::{diagnostics, explain};
use crate::verdict::Reason;

/// So many findings are shown; the forms for programs have all of them.
const MOST_FINDINGS: usize = 50;
/// So many reasons are shown of each.
const MOST_REASONS: usize = 4;

/// The findings, with colours. `layers` has, by revision, the lists that verdicts refer to.
#[must_use]
pub fn print(report: &Report, layers: &[(Tip, Layers)], in_full: bool) -> String {
    let mut text = String::new();
    for finding in report.findings.iter().take(MOST_FINDINGS) {
        let of_tip = layers.iter().find(|(tip, _)| finding.tip.as_ref() == Some(tip));
        text += &self::finding(finding, of_tip.map(|(_, layers)| layers), in_full);
        text.push('\n');
    }
    let more = report.findings.len().saturating_sub(MOST_FINDINGS);
    if more > 0 {
        let _ = writeln!(text, "and {more} more findings; `--format json` has all of them");
    }
    text
}

/// What was looked at, and what came of it: for standard error.
#[must_use]
pub fn summary(report: &Report) -> String {
    let mut text = String::new();
    for list in &report.lists {
        let (name, note) = (list.name.escape_debug(), list.origin.note());
        let _ = writeln!(text, "list {name}, serial {}{note}", list.serial);
    }
    for looked in &report.looked {
        let _ = writeln!(text, "{}", self::looked(looked));
    }
    if report.looked.is_empty() {
        text += "no revision was looked at\n";
    }
    let errors = report.errors() as u64;
    let warnings = report.findings.len() as u64 - errors;
    let _ = write!(text, "{}", counted(errors, "finding"));
    if warnings > 0 {
        let _ = write!(text, ", {}", counted(warnings, "warning"));
    }
    if report.accepted > 0 {
        let _ = write!(text, ", {} accepted by the baseline", report.accepted);
    }
    text.push('\n');
    text
}

fn looked(looked: &Looked) -> String {
    let name = encode(looked.tip.name.as_bytes());
    let mut text = format!(
        "checked {name} at {}: {}, {}, {}",
        looked.tip.commit,
        counted(looked.files, "file"),
        counted(looked.lines, "line"),
        counted(looked.commits, "commit")
    );
    let _ = match looked.training {
        Some(files) => write!(text, "; training data is taken from {files} of the files"),
        None => write!(text, "; the policy marks no training source"),
    };
    let _ = match &looked.manifest {
        Some(from) => write!(text, "; the manifest {}", from.escape_debug()),
        None => write!(text, "; no manifest"),
    };
    text
}

fn counted(number: u64, what: &str) -> String {
    match number {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

fn finding(finding: &Finding, layers: Option<&Layers>, in_full: bool) -> String {
    let level = if finding.rule.is_warning() { Level::WARNING } else { Level::ERROR };
    let title = level.primary_title(normalize_untrusted_str(&finding.message)).id(finding.rule.id());
    let place = normalize_untrusted_str(&finding.place());
    let path = finding.path.as_deref().map(encode).unwrap_or_default();
    let excerpt =
        finding.excerpt.as_ref().map(|excerpt| (excerpt.line, normalize_untrusted_str(&excerpt.text)));
    let mut group = Group::with_title(title);
    group = match (&excerpt, finding.lines.first()) {
        (Some((line, text)), Some(lines)) => {
            let first = text.lines().next().unwrap_or_default();
            let indent = first.len() - first.trim_start().len();
            let span = indent..first.len().max(indent);
            let label = written(lines, finding.lines.len() - 1);
            let line = usize::try_from(*line).unwrap_or(usize::MAX);
            let snippet =
                Snippet::source(text.as_str()).path(normalize_untrusted_str(&path)).line_start(line);
            group.element(snippet.fold(false).annotation(AnnotationKind::Primary.span(span).label(label)))
        }
        _ if place.is_empty() => group,
        _ => group.element(Origin::path(place.as_str())),
    };
    let (reasons, more) = reasons(finding);
    let mut notes = finding.notes.clone();
    if !in_full {
        notes.extend(reasons.iter().filter_map(|reason| decided(reason, layers?)));
        notes.extend((more > 0).then(|| format!("and {more} more places in the lists")));
    }
    let group = group.elements(notes.iter().map(|note| Level::NOTE.message(normalize_untrusted_str(note))));
    let group = group.element(Level::HELP.message(finding.rule.help()));
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii).term_width(120);
    let mut text = renderer.render(&[group]) + "\n";
    if let (true, Some(layers)) = (in_full, layers) {
        for reason in reasons {
            if let Some((title, labels, _)) = explain::tell(reason, layers) {
                text += &diagnostics::note(&title, &labels, &[]);
            }
        }
    }
    text
}

fn written(lines: &Lines, more: usize) -> String {
    let mut text = if lines.first == lines.last {
        format!("line {}", lines.first)
    } else {
        format!("lines {}-{}", lines.first, lines.last)
    };
    if let Some(commit) = lines.commit {
        let _ = write!(text, ", written in commit {commit}");
    }
    if more > 0 {
        let _ = write!(text, "; and {}", counted(more as u64, "more range"));
    }
    text
}

/// The first reasons, and how many more there are.
fn reasons(finding: &Finding) -> (&[Reason], usize) {
    let all = &finding.verdict.reasons;
    let shown = &all[..all.len().min(MOST_REASONS)];
    (shown, all.len() - shown.len())
}

/// Where the list says so, without what it says.
fn decided(reason: &Reason, layers: &Layers) -> Option<String> {
    let (_, labels, _) = explain::tell(reason, layers)?;
    let list = layers.lists.get(reason.layer as usize)?;
    let place = labels.first().map(|label| {
        let (line, _) = label.source.line_column(label.span.start);
        format!(", {}:{line}", label.source.name.escape_debug())
    });
    let (name, serial) = (list.name.escape_debug(), list.serial);
    Some(format!("decided by the list {name}, serial {serial}{}", place.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::{any_report, excluded, mixed, report, tip};
    use super::*;
    use crate::policy::{List, Source};

    const LIST: &str = "schema = 1\nlist = \"corp.example/all\"\nserial = 42\n[[subject]]\nid = \"s-7q4kx2mn\"\n\
        [[subject.identity]]\nemail = \"ada@corp.example\"\n";

    fn layers() -> [(Tip, Layers); 1] {
        let list = List::parse(Source::new("optout.toml", LIST)).unwrap().0;
        [(tip(), Layers::new(None, vec![list], None).unwrap())]
    }

    fn plain(report: &Report, in_full: bool) -> String {
        anstream::adapter::strip_str(&print(report, &layers(), in_full)).to_string()
    }

    #[test]
    fn in_full_the_lists_line_stands_below_the_files_line() {
        let shown = plain(&report(vec![excluded(b"src/a.rs")]), true);
        let commit = "cd".repeat(20);
        assert_eq!(
            shown,
            format!(
                "error[training-excluded]: 3 lines are excluded\n \
                 --> src/a.rs:3:1\n  |\n\
                 3 | fn hello() {{\n  \
                 | ^^^^^^^^^^^^ lines 3-4, written in commit {commit}; and 1 more range\n\
                 4 |     world()\n  \
                 |\n  \
                 = help: move it elsewhere, let it be rewritten, or accept it for a while with a baseline\n\
                 note: the author is s-7q4kx2mn of corp.example/all\n \
                 --> optout.toml:7:1\n  |\n\
                 7 | email = \"ada@corp.example\"\n  \
                 | ^^^^^^^^^^^^^^^^^^^^^^^^^^ recognised by this\n\n"
            )
        );
    }

    #[test]
    fn in_a_log_nobody_is_named() {
        let shown = plain(&report(vec![excluded(b"src/a.rs")]), false);
        assert!(shown.contains("decided by the list corp.example/all, serial 42, optout.toml:7"), "{shown}");
        for secret in ["ada@", "s-7q4kx2mn", "author"] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
    }

    #[test]
    fn a_run_says_what_it_looked_at() {
        let said = summary(&mixed());
        let expected = format!(
            "list corp.example/all, serial 42\nchecked refs/heads/main at {}: 2 files, 30 lines, 4 commits; training data \
             is taken from 1 of the files; the manifest .withhold/manifest\n4 findings, 1 warning, 1 accepted by the \
             baseline\n",
            "ab".repeat(20)
        );
        assert_eq!(said, expected);
        assert!(summary(&Report::default()).contains("no revision was looked at"));
    }

    #[test]
    fn a_flood_is_counted() {
        let shown = plain(&report(vec![excluded(b"a"); MOST_FINDINGS + 7]), false);
        assert!(shown.ends_with("and 7 more findings; `--format json` has all of them\n"), "{shown}");
    }

    proptest! {
        #[test]
        fn nothing_moves_the_cursor(report in any_report(), in_full: bool) {
            let shown = plain(&report, in_full) + &summary(&report);
            prop_assert!(!shown.chars().any(|char| char.is_control() && char != '\n'), "{:?}", shown);
        }
    }
}
