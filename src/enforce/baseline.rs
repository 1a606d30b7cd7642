//! The baseline: what is known to be excluded and accepted for a while, so that a check can be adopted in an old
//! repository.
//!
//! Decides what an entry accepts: content, whatever commit, path or line it is at, until its day has passed. Only
//! excluded content in training sources can be accepted, never a list or a manifest that is wrong. Names nobody.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use super::finding::{Content, Finding, Rule};
use crate::manifest::{Digest, path};
use crate::policy::{Timestamp, time};

/// The version of the format.
const SCHEMA: u64 = 1;

/// What is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    entries: BTreeMap<Content, Accepted>,
}

/// Why, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Why it may stay.
    pub reason: String,
    /// The last second; as it is written.
    pub until: Until,
    /// Where it was, for people: not compared.
    pub path: Option<String>,
}

/// The end of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Until {
    last: Timestamp,
    written: String,
}

impl Until {
    /// A date, whose last second in UTC is meant, or a date-time with its offset.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // It is to be written as TOML, too.
        text.parse::<toml::value::Datetime>().ok()?;
        let last = time::parse(text).or_else(|| time::parse(&format!("{text}T23:59:59Z")))?;
        Some(Self { last, written: text.to_owned() })
    }
}

/// What a baseline made of findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sifted {
    /// What is left, with a warning for every entry that accepts nothing.
    pub findings: Vec<Finding>,
    /// How many are accepted.
    pub accepted: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u64,
    #[serde(default)]
    accepted: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    lines: Option<String>,
    blob: Option<String>,
    path: Option<String>,
    reason: String,
    until: toml::value::Datetime,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        if file.schema != SCHEMA {
            return Err(format!("`schema` is {}, and this reader understands {SCHEMA}", file.schema));
        }
        let mut baseline = Self::default();
        for (number, row) in (1..).zip(file.accepted) {
            let wrong = |what: &str| format!("entry {number}: {what}");
            let content = match (&row.lines, &row.blob) {
                (Some(lines), None) => digest(lines).map(Content::Lines),
                (None, Some(blob)) => digest(blob).map(Content::Blob),
                _ => return Err(wrong("it has exactly one of `lines` and `blob`")),
            };
            let content = content.ok_or_else(|| wrong("`lines` and `blob` are 64 lower-case hex digits"))?;
            if row.reason.trim().is_empty() {
                return Err(wrong("`reason` is empty"));
            }
            let until = Until::parse(&row.until.to_string())
                .ok_or_else(|| wrong("`until` is a date, or a date-time with an offset"))?;
            let accepted = Accepted { reason: row.reason, until, path: row.path };
            if baseline.entries.insert(content, accepted).is_some() {
                return Err(wrong("its content is there twice"));
            }
        }
        Ok(baseline)
    }

    /// Takes out what is accepted at `now`. What was accepted and is no longer, says so.
    #[must_use]
    pub fn sift(&self, findings: Vec<Finding>, now: Timestamp) -> Sifted {
        let mut unused = self.entries.clone();
        let (mut left, mut accepted) = (Vec::new(), 0);
        for finding in findings {
            let entry = finding.content.filter(|_| finding.rule == Rule::TrainingExcluded);
            let entry = entry.and_then(|content| Some((content, self.entries.get(&content)?)));
            match entry {
                Some((content, entry)) => {
                    unused.remove(&content);
                    if now <= entry.until.last {
                        accepted += 1;
                    } else {
                        let note = format!("the baseline accepted it until {}", entry.until.written);
                        left.push(finding.note(note));
                    }
                }
                None => left.push(finding),
            }
        }
        left.extend(unused.iter().map(|(content, entry)| {
            let path = entry.path.as_ref().map(|path| format!(" (once {})", path.escape_debug()));
            let digest = hex(content);
            let message = format!(
                "nothing that was found is the {} {}…{} of the baseline",
                content.kind(),
                digest.get(..12).unwrap_or_default(),
                path.unwrap_or_default()
            );
            Finding { content: Some(*content), ..Finding::new(Rule::BaselineUnused, message) }
        }));
        Sifted { findings: left, accepted }
    }

    /// The baseline that accepts these findings: entries that still hold stay as they are, those that have expired or
    /// accept nothing go, and what is new gets this reason and end. Also how many are new.
    #[must_use]
    pub fn renewed(
        &self,
        findings: &[Finding],
        reason: &str,
        until: &Until,
        now: Timestamp,
    ) -> (Self, usize) {
        let mut renewed = Self::default();
        let mut new = 0;
        for finding in findings.iter().filter(|finding| finding.rule == Rule::TrainingExcluded) {
            let Some(content) = finding.content else { continue };
            let held = self.entries.get(&content).filter(|entry| now <= entry.until.last);
            let entry = held.cloned().unwrap_or_else(|| Accepted {
                reason: reason.to_owned(),
                until: until.clone(),
                path: finding.path.as_deref().map(path::encode),
            });
            // One content can be at several paths.
            if renewed.entries.insert(content, entry).is_none() && held.is_none() {
                new += 1;
            }
        }
        (renewed, new)
    }

    /// The file: sorted, one entry after the other.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = format!(
            "# What `withhold check --baseline` accepts, until its day has passed. Keyed by content: see docs/check.md.\n\
             schema = {SCHEMA}\n"
        );
        for (content, entry) in &self.entries {
            let quoted = |text: &str| toml::Value::from(text).to_string();
            let _ = write!(text, "\n[[accepted]]\n{} = \"{}\"\n", content.kind(), hex(content));
            if let Some(path) = &entry.path {
                let _ = writeln!(text, "path = {}", quoted(path));
            }
            let _ = writeln!(text, "reason = {}\nuntil = {}", quoted(&entry.reason), entry.until.written);
        }
        text
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn digest(text: &str) -> Option<Digest> {
    Digest::parse(&format!("sha256:{text}"))
}

fn hex(content: &Content) -> String {
    data_encoding::HEXLOWER.encode(content.digest().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: &str = "2024-06-30";
    /// date -u -d 2024-06-30T23:59:59Z +%s
    const LAST: Timestamp = 1_719_791_999;

    fn finding(path: &str, content: Content) -> Finding {
        let path = Some(path.into());
        Finding { path, content: Some(content), ..Finding::new(Rule::TrainingExcluded, "m") }
    }

    fn lines(text: &str) -> Content {
        Content::Lines(Digest::of(text.as_bytes()))
    }

    fn baseline(findings: &[Finding]) -> Baseline {
        Baseline::default().renewed(findings, "old work", &Until::parse(DAY).unwrap(), 0).0
    }

    fn rules(findings: &[Finding]) -> Vec<Rule> {
        findings.iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let findings = [finding("a\n\"b", lines("x")), finding("c", Content::Blob(Digest::of(b"y")))];
        let baseline = baseline(&findings);
        assert_eq!(Baseline::parse(&baseline.to_toml()).unwrap(), baseline);
        assert_eq!(baseline.len(), 2);
    }

    #[test]
    fn content_is_accepted_at_any_path_until_its_day_has_passed() {
        let baseline = baseline(&[finding("a", lines("x"))]);
        let moved = || vec![finding("elsewhere", lines("x"))];
        assert_eq!(baseline.sift(moved(), LAST), Sifted { findings: Vec::new(), accepted: 1 });
        let expired = baseline.sift(moved(), LAST + 1);
        assert_eq!((rules(&expired.findings), expired.accepted), (vec![Rule::TrainingExcluded], 0));
        assert_eq!(expired.findings[0].notes, ["the baseline accepted it until 2024-06-30"]);
    }

    #[test]
    fn other_content_is_not_accepted_and_an_entry_for_nothing_is_told() {
        let sifted = baseline(&[finding("a", lines("x"))]).sift(vec![finding("a", lines("x, changed"))], 0);
        assert_eq!(rules(&sifted.findings), [Rule::TrainingExcluded, Rule::BaselineUnused]);
        // Bytes that are the same as a file's and as some lines' are not the same thing.
        let blob = finding("a", Content::Blob(Digest::of(b"x")));
        assert_eq!(baseline(&[blob]).sift(vec![finding("a", lines("x"))], 0).accepted, 0);
    }

    #[test]
    fn a_wrong_manifest_is_never_accepted() {
        let forged = Finding { content: Some(lines("x")), ..Finding::new(Rule::ManifestDiffers, "m") };
        let sifted = baseline(&[finding("a", lines("x"))]).sift(vec![forged], 0);
        assert_eq!((sifted.accepted, sifted.findings.len()), (0, 2));
    }

    #[test]
    fn renewing_keeps_what_holds_and_drops_what_is_over() {
        let old = baseline(&[finding("a", lines("x")), finding("b", lines("gone"))]);
        let now = [finding("a", lines("x")), finding("c", lines("new"))];
        let until = Until::parse("2025-01-01").unwrap();
        let (renewed, new) = old.renewed(&now, "more", &until, LAST);
        assert_eq!((renewed.len(), new), (2, 1));
        assert_eq!(renewed.entries[&lines("x")].reason, "old work");
        assert_eq!(renewed.entries[&lines("new")].reason, "more");
        assert_eq!(old.renewed(&now, "more", &until, LAST + 1).0.entries[&lines("x")].reason, "more");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let key = "0".repeat(64);
        let entry = |rest: &str| format!("schema = 1\n[[accepted]]\n{rest}\n");
        for text in [
            String::new(),
            "schema = 2\n".to_owned(),
            "schema = 1\nmore = 1\n".to_owned(),
            entry(&format!("lines = \"{key}\"\nuntil = 2024-01-01")),
            entry(&format!("lines = \"{key}\"\nreason = \"r\"")),
            entry(&format!("lines = \"{key}\"\nreason = \" \"\nuntil = 2024-01-01")),
            entry(&format!("lines = \"{key}\"\nreason = \"r\"\nuntil = 2024-01-01T00:00:00")),
            entry(&format!("lines = \"{key}\"\nreason = \"r\"\nuntil = \"2024-01-01\"")),
            entry(&format!("lines = \"{key}\"\nblob = \"{key}\"\nreason = \"r\"\nuntil = 2024-01-01")),
            entry("reason = \"r\"\nuntil = 2024-01-01"),
            entry("lines = \"00\"\nreason = \"r\"\nuntil = 2024-01-01"),
            entry(&format!("line = \"{key}\"\nreason = \"r\"\nuntil = 2024-01-01")),
        ] {
            assert!(Baseline::parse(&text).is_err(), "{text}");
        }
        let twice = format!("lines = \"{key}\"\nreason = \"r\"\nuntil = 2024-01-01\n");
        assert!(Baseline::parse(&entry(&format!("{twice}[[accepted]]\n{twice}"))).is_err());
        assert!(Baseline::parse(&entry(&twice)).is_ok());
    }

    proptest! {
        #[test]
        fn any_reason_and_path_come_back(reason in "\\PC*[a-z]\\PC*", path: Vec<u8>, content: Vec<u8>) {
            let content = Content::Lines(Digest::of(&content));
            let finding = Finding { path: Some(path), content: Some(content), ..Finding::new(Rule::TrainingExcluded, "m") };
            let (baseline, _) = Baseline::default().renewed(&[finding], &reason, &Until::parse(DAY).unwrap(), 0);
            prop_assert_eq!(Baseline::parse(&baseline.to_toml()).unwrap(), baseline);
        }
    }
}
