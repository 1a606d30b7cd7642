//! Annotations for GitHub Actions: workflow commands, one a line.
//!
//! Decides what is escaped: a path or message must not end its line, its property or its command. GitHub shows ten of
//! each level for a step; the rest is in the log.

use std::fmt::Write as _;

use super::{readable, whole_message};
use crate::enforce::finding::Report;

/// The annotations.
#[must_use]
pub fn print(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let level = if finding.rule.is_warning() { "warning" } else { "error" };
        let file = property(&readable(finding.shown_path()));
        let _ = write!(text, "::{level} file={file}");
        if let Some(lines) = finding.lines.first() {
            let _ = write!(text, ",line={},endLine={}", lines.first, lines.last);
        }
        let (title, message) = (property(finding.rule.id()), data(&whole_message(finding)));
        let _ = writeln!(text, ",title={title}::{message}");
    }
    text
}

/// What stands behind the second `::`. Other control characters have no spelling: a log is read on terminals.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    text.replace(char::is_control, "\u{fffd}")
}

/// What stands behind a `=`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::{any_report, excluded, mixed, report};
    use super::*;

    #[test]
    fn a_finding_is_one_command() {
        assert_eq!(
            print(&report(vec![excluded(b"src/a, b:100%\r\n.rs")])),
            "::error file=src/a%2C b%3A100%25%0D%0A.rs,line=3,endLine=4,title=training-excluded::3 lines are excluded\n"
        );
        let all = print(&mixed());
        assert_eq!(all.lines().count(), 5);
        assert!(
            all.lines().last().unwrap().starts_with("::warning file=.withhold/manifest/manifest.json,title=")
        );
    }

    proptest! {
        /// Whatever the path and the message, there is one line, and what stands in it is told apart.
        #[test]
        fn nothing_gets_out_of_its_place(report in any_report()) {
            let text = print(&report);
            prop_assert_eq!(text.matches(['\n', '\r']).count(), 1);
            let parts: Vec<_> = text.trim_end_matches('\n').splitn(3, "::").collect();
            let properties: Vec<_> = parts[1].strip_prefix("error ").unwrap().split(',').collect();
            prop_assert_eq!(properties.len(), 4);
            let path = properties[0].strip_prefix("file=").unwrap();
            let back = |text: &str| text.replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%");
            let shown = |text: String| text.replace(|char: char| char.is_control() && !"\r\n".contains(char), "\u{fffd}");
            prop_assert_eq!(back(path), shown(readable(report.findings[0].shown_path())));
            prop_assert_eq!(back(parts[2]), shown(whole_message(&report.findings[0])));
        }
    }
}
