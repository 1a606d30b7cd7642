//! JUnit's XML: a test case for every rule, which fails once for each finding against it.
//!
//! Decides what stands for a test. A rule that could not be looked at is skipped, not passed. Warnings are no failures. XML 1.0 has no way to spell some characters: they are
//! replaced.

use std::fmt::Write as _;

use super::{readable, whole_message};
use crate::enforce::finding::{Report, Rule};

/// The report.
#[must_use]
pub fn print(report: &Report) -> String {
    let mut cases = String::new();
    let (mut tests, mut skipped) = (0, 0);
    for rule in Rule::ALL.iter().filter(|rule| !rule.is_warning()) {
        let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule == *rule).collect();
        if found.is_empty() {
            tests += 1;
            let _ = match report.is_kept(*rule) {
                true => writeln!(cases, "    <testcase classname=\"{rule}\" name=\"{rule}\"/>"),
                false => {
                    skipped += 1;
                    writeln!(
                        cases,
                        "    <testcase classname=\"{rule}\" name=\"{rule}\"><skipped/></testcase>"
                    )
                }
            };
        }
        for finding in found {
            tests += 1;
            let path = readable(finding.shown_path());
            let place = match finding.lines.first() {
                Some(lines) => format!("{path}:{}", lines.first),
                None => path.clone(),
            };
            let (name, file, message) = (escape(&place), escape(&path), escape(&finding.message));
            let whole = escape(&whole_message(finding));
            let _ = writeln!(
                cases,
                "    <testcase classname=\"{rule}\" name=\"{name}\" file=\"{file}\">\n      \
                 <failure type=\"{rule}\" message=\"{message}\">{place}: {whole}</failure>\n    </testcase>",
                place = escape(&place),
            );
        }
    }
    let failures = report.errors();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n  \
         <testsuite name=\"withhold check {}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">\n\
         {cases}  </testsuite>\n</testsuites>\n",
        escape(&report.repo)
    )
}

/// Text as it may stand in an attribute or an element.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // Otherwise a reader would make a space of them.
            '\t' | '\n' | '\r' => drop(write!(escaped, "&#{};", u32::from(char))),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            char if char.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::{any_report, excluded, mixed, report};
    use super::*;

    #[test]
    fn every_rule_is_a_test() {
        let text = print(&report(Vec::new()));
        assert!(text.contains("<testsuites tests=\"8\" failures=\"0\" errors=\"0\">"), "{text}");
        assert!(
            text.contains("<testcase classname=\"training-excluded\" name=\"training-excluded\"/>"),
            "{text}"
        );
    }

    #[test]
    fn a_finding_is_a_failure_and_a_warning_is_none() {
        let text = print(&report(vec![excluded(b"a<\"&'>\n\x01.rs")]));
        let failure =
            "<testcase classname=\"training-excluded\" name=\"a&lt;&quot;&amp;&apos;&gt;&#10;\u{fffd}.rs:3\"";
        assert!(text.contains(failure), "{text}");
        let text = print(&mixed());
        // Of the manifest more could not be told, and of the list.
        assert_eq!(text.matches("<skipped/>").count(), 5);
        assert!(text.contains("skipped=\"5\">"), "{text}");
        assert!(text.contains("tests=\"9\" failures=\"4\""), "{text}");
        assert!(!text.contains("baseline-unused"), "{text}");
    }

    /// What XML 1.0 allows.
    fn is_char(char: char) -> bool {
        matches!(char, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    }

    /// The document without its elements: nothing that could be markup is left.
    fn is_well_formed(text: &str) -> bool {
        let mut open: Vec<&str> = Vec::new();
        let mut rest = text.split_once("?>").unwrap().1;
        while let Some(start) = rest.find('<') {
            let end = start + rest[start..].find('>').unwrap();
            let tag = &rest[start + 1..end];
            let name = tag.trim_matches('/').split(' ').next().unwrap();
            if tag.starts_with('/') {
                if open.pop() != Some(name) {
                    return false;
                }
            } else if !tag.ends_with('/') {
                open.push(name);
            }
            if tag.contains('<') || !tag.matches('"').count().is_multiple_of(2) {
                return false;
            }
            rest = &rest[end + 1..];
        }
        open.is_empty() && !rest.contains('>')
    }

    proptest! {
        #[test]
        fn nothing_gets_out_of_its_place(report in any_report()) {
            let text = print(&report);
            prop_assert!(text.chars().all(is_char));
            prop_assert!(is_well_formed(&text), "{}", text);
            let entities = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#9;", "&#10;", "&#13;"];
            for (at, _) in text.match_indices('&') {
                prop_assert!(entities.iter().any(|entity| text[at..].starts_with(entity)));
            }
            prop_assert_eq!(text.matches("<testcase").count(), 8);
        }
    }
}
