//! What a check found, as data: which rule, where, and what decided.
//!
//! Decides the rules' names, and how a run ends because of them. Must not look for findings, and names nobody: who is
//! meant stands in the verdict as places in the lists, for those who have them.

use sha2::{Digest as _, Sha256};

use super::rule::{gravest, rules};
use crate::exit::Exit;
use crate::manifest::{self, Digest, ListRef};
use crate::repo::{ObjectId, Tip};
use crate::verdict::Verdict;

/// So many rows of each kind are told in the notes of a finding.
pub(super) const MOST_TOLD: usize = 10;

rules! {
    BaselineUnused = "baseline-unused", Clean,
        "an entry of the baseline accepts nothing that was found",
        "take it out, or write the baseline anew with --update-baseline";
    ListRolledBack = "list-rolled-back", Incomplete,
        "the list is older than one seen before",
        "use the newest list, or merge the branch that has it";
    ListSerialReused = "list-serial-reused", List,
        "the list differs from one seen before with the same serial",
        "raise `serial` with every change of the list";
    ManifestDiffers = "manifest-differs", Excluded,
        "the manifest is not what a scan finds",
        "make it anew with `withhold scan`; if that changes nothing, somebody forged it";
    ManifestIncomplete = "manifest-incomplete", Incomplete,
        "the manifest does not cover all that it speaks of",
        "make it anew in a full clone";
    ManifestInvalid = "manifest-invalid", Unreadable,
        "the manifest cannot be read or trusted",
        "see `withhold manifest validate`, and get it again from where it was made";
    ManifestMissing = "manifest-missing", Incomplete,
        "there is no manifest",
        "make one with `withhold scan`, or say that none is asked for with --no-manifest";
    ManifestStale = "manifest-stale", Incomplete,
        "the manifest is for another commit, other refs, another list or policy, or has expired",
        "make it anew with `withhold scan`";
    TrainingExcluded = "training-excluded", Excluded,
        "excluded content stands where training data is taken from",
        "move it elsewhere, let it be rewritten, or accept it for a while with a baseline";
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Baseline,
    List,
    Manifest,
    Training,
}

impl Rule {
    fn subject(self) -> Subject {
        match self {
            Self::BaselineUnused => Subject::Baseline,
            Self::ListRolledBack | Self::ListSerialReused => Subject::List,
            Self::TrainingExcluded => Subject::Training,
            Self::ManifestDiffers
            | Self::ManifestIncomplete
            | Self::ManifestInvalid
            | Self::ManifestMissing
            | Self::ManifestStale => Subject::Manifest,
        }
    }

    /// Whether it is a warning, which stops nothing.
    #[must_use]
    pub fn is_warning(self) -> bool {
        self.exit() == Exit::Clean
    }
}

/// Lines that are excluded, and the commit that is credited with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines {
    /// The first; the first line of a file is 1.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// Who wrote them, as far as it is told.
    pub commit: Option<ObjectId>,
}

/// A few lines of a file, as they may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The number of the first.
    pub line: u64,
    /// The lines, without control characters, cut to a bearable length.
    pub text: String,
}

/// Content by which something is known whatever commit or path it came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Content {
    /// SHA-256 of the excluded lines, one after the other.
    Lines(Digest),
    /// SHA-256 of a whole file.
    Blob(Digest),
}

impl Content {
    /// The digest.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        match self {
            Self::Lines(digest) | Self::Blob(digest) => digest,
        }
    }

    /// Of what it is: `lines` or `blob`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Lines(_) => "lines",
            Self::Blob(_) => "blob",
        }
    }
}

/// Something that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Against which rule.
    pub rule: Rule,
    /// What is wrong here, in a line.
    pub message: String,
    /// More of it, a line each.
    pub notes: Vec<String>,
    /// The revision.
    pub tip: Option<Tip>,
    /// The file in it; its bytes.
    pub path: Option<Vec<u8>>,
    /// Which of its lines; none where it is the file as a whole.
    pub lines: Vec<Lines>,
    /// The first of these lines.
    pub excerpt: Option<Excerpt>,
    /// What decided.
    pub verdict: Verdict,
    /// The lists that decided, for who has them not.
    pub lists: Vec<ListRef>,
    /// By which content a baseline knows it.
    pub content: Option<Content>,
}

impl Finding {
    /// A finding that says so much.
    #[must_use]
    pub fn new(rule: Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
            notes: Vec::new(),
            tip: None,
            path: None,
            lines: Vec::new(),
            excerpt: None,
            verdict: Verdict::default(),
            lists: Vec::new(),
            content: None,
        }
    }

    /// Adds what more there is to say.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds the revision.
    #[must_use]
    pub fn at(mut self, tip: &Tip) -> Self {
        self.tip = Some(tip.clone());
        self
    }

    /// Tells it from others, and knows it again later: by rule, path and content, or else by rule and ref. It does
    /// not change with line numbers or commits, so that it survives a rebase and a squash.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(self.rule.id().as_bytes());
        part(self.path.as_deref().unwrap_or_default());
        match (&self.content, &self.tip) {
            (Some(content), _) => {
                part(content.kind().as_bytes());
                part(content.digest().as_bytes());
            }
            (None, Some(tip)) => part(tip.name.as_bytes()),
            (None, None) => part(self.message.as_bytes()),
        }
        Digest::from_bytes(hash.finalize().into())
    }

    /// Where to show it: its path, or that of what it is about. Readers of SARIF refuse what has no place.
    #[must_use]
    pub fn shown_path(&self) -> &[u8] {
        match (&self.path, self.rule) {
            (Some(path), _) => path,
            (None, Rule::ListRolledBack | Rule::ListSerialReused) => crate::scan::OWN_LIST,
            (None, _) => b".withhold/manifest/manifest.json",
        }
    }

    /// Where it is, for people.
    #[must_use]
    pub fn place(&self) -> String {
        let path = self.path.as_deref().map(manifest::path::encode);
        match (path, self.lines.first(), &self.tip) {
            (Some(path), Some(lines), _) => format!("{path}:{}", lines.first),
            (Some(path), None, _) => path,
            (None, _, Some(tip)) => manifest::path::encode(tip.name.as_bytes()),
            (None, _, None) => String::new(),
        }
    }
}

/// What was looked at of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The revision.
    pub tip: Tip,
    /// The branch that it was taken for.
    pub branch: Option<String>,
    /// Files.
    pub files: u64,
    /// Lines.
    pub lines: u64,
    /// Commits.
    pub commits: u64,
    /// How many of the files training data is taken from; `None` if the policy marks no source.
    pub training: Option<u64>,
    /// The manifest that was held against it, by where it is from; `None` if none was.
    pub manifest: Option<String>,
}

/// What a check looked at and found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The repository's name.
    pub repo: String,
    /// The lists.
    pub lists: Vec<ListRef>,
    /// The revisions.
    pub looked: Vec<Looked>,
    /// What was found, errors and warnings.
    pub findings: Vec<Finding>,
    /// How many more a baseline accepts.
    pub accepted: u64,
}

impl Report {
    /// How the process ends: what makes a verdict impossible comes before what was found.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match gravest(self.findings.iter().map(|finding| finding.rule.exit())) {
            Some(exit) => exit,
            // Nothing looked at is not nothing found.
            None if self.looked.is_empty() => Exit::Incomplete,
            None => Exit::Clean,
        }
    }

    /// Whether a rule was found not to be broken: what it is about was looked at, and nothing that was found there
    /// kept the rest from being looked at.
    #[must_use]
    pub fn is_kept(&self, rule: Rule) -> bool {
        let looked_at = match rule.subject() {
            Subject::List => !self.lists.is_empty(),
            Subject::Manifest => self.looked.iter().any(|looked| looked.manifest.is_some()),
            Subject::Training => self.looked.iter().any(|looked| looked.training.is_some()),
            Subject::Baseline => !self.looked.is_empty(),
        };
        looked_at && self.findings.iter().all(|finding| finding.rule.subject() != rule.subject())
    }

    /// How many findings are errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| !finding.rule.is_warning()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(rules: &[Rule]) -> Report {
        let tip = Tip { name: "HEAD".into(), commit: ObjectId::from_bytes([1; 20]) };
        let looked =
            Looked { tip, branch: None, files: 1, lines: 1, commits: 1, training: None, manifest: None };
        let findings = rules.iter().map(|rule| Finding::new(*rule, "m")).collect();
        Report { looked: vec![looked], findings, ..Report::default() }
    }

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(Rule::ALL.windows(2).all(|pair| pair[0].id() < pair[1].id()));
    }

    #[test]
    fn without_a_verdict_nothing_is_merely_found() {
        assert_eq!(report(&[]).exit(), Exit::Clean);
        assert_eq!(report(&[Rule::BaselineUnused]).exit(), Exit::Clean);
        assert_eq!(report(&[Rule::TrainingExcluded]).exit(), Exit::Excluded);
        assert_eq!(report(&[Rule::TrainingExcluded, Rule::ManifestStale]).exit(), Exit::Incomplete);
        assert_eq!(report(&[Rule::ManifestInvalid, Rule::ManifestStale]).exit(), Exit::Unreadable);
        assert_eq!(report(&[Rule::ManifestInvalid, Rule::ListSerialReused]).exit(), Exit::List);
    }

    #[test]
    fn a_rule_is_kept_only_if_it_was_looked_at() {
        let kept = |report: &Report| -> Vec<Rule> {
            Rule::ALL.iter().copied().filter(|rule| report.is_kept(*rule)).collect()
        };
        assert_eq!(kept(&Report::default()), []);
        let mut report = report(&[Rule::ManifestStale]);
        report.looked[0].manifest = Some("there".into());
        assert_eq!(kept(&report), [Rule::BaselineUnused], "whether it differs is not known");
        report.looked[0].training = Some(0);
        report.findings.clear();
        assert_eq!(kept(&report).len(), 7);
    }

    #[test]
    fn nothing_looked_at_is_not_nothing_found() {
        assert_eq!(Report::default().exit(), Exit::Incomplete);
    }

    #[test]
    fn a_fingerprint_is_of_content_and_path_and_not_of_lines_or_commits() {
        let finding = |path: &str, line, content: &[u8], commit| Finding {
            path: Some(path.into()),
            lines: vec![Lines { first: line, last: line, commit: Some(ObjectId::from_bytes([commit; 20])) }],
            content: Some(Content::Lines(Digest::of(content))),
            ..Finding::new(Rule::TrainingExcluded, format!("at {line}"))
        };
        let one = finding("a", 1, b"x", 1).fingerprint();
        assert_eq!(one, finding("a", 7, b"x", 2).fingerprint());
        assert_ne!(one, finding("b", 1, b"x", 1).fingerprint());
        assert_ne!(one, finding("a", 1, b"y", 1).fingerprint());
    }
}
