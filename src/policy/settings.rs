//! How strictly a list is applied: the `[policy]` table.
//!
//! Decides what several layers of it come to. Must not know what it is applied to.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::{Code, Diagnostic, Globs, Rev, Source, TrainingRule, parse};

/// How much of a file is excluded with an excluded line.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Unit {
    /// The whole file.
    #[default]
    File,
    /// The whole file once at least this share of its lines is excluded, otherwise those lines.
    /// Above 0, at most 1.
    Share(f64),
    /// Those lines only.
    Lines,
}

/// What counts as someone's work, the loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Evidence {
    /// The lines that stand.
    #[default]
    Surviving,
    /// Also every file that they ever changed, along its renames and merges.
    Touched,
}

/// Whether a change of white space alone gives someone a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Whitespace {
    /// It does not, as with `git blame -w`.
    #[default]
    Ignore,
    /// It does, as with plain `git blame`.
    Exact,
}

/// What the push gate does for a remote, the loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Gate {
    /// Says what is excluded, and lets it through.
    Warn,
    /// Pushes the manifest along.
    #[default]
    Publish,
    /// Lets nothing excluded through.
    Block,
}

/// A `[[policy.remote]]`.
#[derive(Debug, Clone)]
pub struct RemoteRule {
    /// Globs on the remote's name.
    pub name: Option<Globs>,
    /// Globs on its URL.
    pub url: Option<Globs>,
    /// What happens.
    pub gate: Gate,
    /// Where it is written.
    pub span: Range<usize>,
}

/// What is in force, after all layers.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How much of a file goes with an excluded line.
    pub unit: Unit,
    /// What counts as someone's work.
    pub evidence: Evidence,
    /// Whether white space alone gives someone a line.
    pub whitespace: Whitespace,
    /// Whether lines that move within a file stay their author's.
    pub moves: bool,
    /// Whether lines that move between files of a commit stay their author's.
    pub copies: bool,
    /// Commits that are looked through.
    pub ignore_revs: BTreeSet<Rev>,
    /// The rules for remotes, layer by layer; see [`Settings::gate`].
    pub remotes: Vec<Vec<RemoteRule>>,
    /// What is a source of training data, by any layer.
    pub training: Vec<TrainingRule>,
}

/// A `[policy]` table as it is written; what it leaves out is None.
#[derive(Debug, Clone)]
pub struct SettingsTable {
    /// `unit`, and where.
    pub unit: Option<(Unit, Range<usize>)>,
    /// `evidence`, and where.
    pub evidence: Option<(Evidence, Range<usize>)>,
    /// `whitespace`, and where.
    pub whitespace: Option<(Whitespace, Range<usize>)>,
    /// `moves`, and where.
    pub moves: Option<(bool, Range<usize>)>,
    /// `copies`, and where.
    pub copies: Option<(bool, Range<usize>)>,
    /// `ignore-revs`, and where.
    pub ignore_revs: Option<(BTreeSet<Rev>, Range<usize>)>,
    /// The rules for remotes, in order.
    pub remotes: Vec<RemoteRule>,
    /// What it marks as a source of training data.
    pub training: Vec<TrainingRule>,
    /// The text it is from.
    pub source: Arc<Source>,
}

/// A policy in a file of its own (`--policy`).
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// Its `[policy]` table.
    pub settings: SettingsTable,
    /// The text, for messages.
    pub source: Arc<Source>,
}

impl PolicyFile {
    /// Reads a policy file.
    ///
    /// # Errors
    /// Every mistake, in the order of the text.
    pub fn parse(source: Source) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        parse::policy_file(source)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            unit: Unit::default(),
            evidence: Evidence::default(),
            whitespace: Whitespace::default(),
            moves: true,
            copies: true,
            ignore_revs: BTreeSet::new(),
            remotes: Vec::new(),
            training: Vec::new(),
        }
    }
}

impl Settings {
    /// The settings that a first layer asks for; defaults for what it leaves out.
    #[must_use]
    pub fn from_table(table: &SettingsTable) -> Self {
        Self {
            unit: table.unit.as_ref().map_or_else(Unit::default, |(unit, _)| *unit),
            evidence: table.evidence.as_ref().map_or_else(Evidence::default, |(evidence, _)| *evidence),
            whitespace: table.whitespace.as_ref().map_or_else(Whitespace::default, |(white, _)| *white),
            moves: table.moves.as_ref().is_none_or(|(moves, _)| *moves),
            copies: table.copies.as_ref().is_none_or(|(copies, _)| *copies),
            ignore_revs: table.ignore_revs.as_ref().map_or_else(BTreeSet::new, |(revs, _)| revs.clone()),
            remotes: vec![table.remotes.clone()],
            training: table.training.clone(),
        }
    }

    /// These settings with a later layer's added, which may only be stricter.
    ///
    /// # Errors
    /// `layer-loosens` for every value that is not at least as strict.
    pub fn tightened_by(&self, table: &SettingsTable) -> Result<Self, Vec<Diagnostic>> {
        let mut settings = self.clone();
        let mut errors = Vec::new();
        let mut refuse = |span: &Range<usize>, message: String, label: &str| {
            errors.push(
                Diagnostic::error(Code::LayerLoosens, message)
                    .label(&table.source, span.clone(), label)
                    .help("a later layer may only be stricter; change the first layer, or take this out"),
            );
        };
        if let Some((unit, span)) = &table.unit {
            if unit.looseness() > self.unit.looseness() {
                let message = format!("`{unit}` excludes less than `{}`, which is in force", self.unit);
                refuse(span, message, "looser than the layers before");
            }
            settings.unit = *unit;
        }
        if let Some((evidence, span)) = &table.evidence {
            if *evidence < self.evidence {
                let (asked, in_force) = (evidence.as_str(), self.evidence.as_str());
                let message = format!("`{asked}` excludes less than `{in_force}`, which is in force");
                refuse(span, message, "looser than the layers before");
            }
            settings.evidence = *evidence;
        }
        if let Some((whitespace, span)) = &table.whitespace
            && *whitespace != self.whitespace
        {
            // Either of them can credit a line to someone whom the other does not credit.
            let message = format!("`whitespace` is `{}` by the layers before", self.whitespace.as_str());
            refuse(span, message, "neither value is stricter, so it cannot be changed");
        }
        for (key, in_force, asked) in
            [("moves", self.moves, &table.moves), ("copies", self.copies, &table.copies)]
        {
            if let Some((_, span)) = asked.as_ref().filter(|(asked, _)| *asked != in_force) {
                let message = format!("`{key}` is `{in_force}` by the layers before");
                refuse(span, message, "neither value is stricter, so it cannot be changed");
            }
        }
        if let Some((revs, span)) = &table.ignore_revs
            && !revs.is_subset(&self.ignore_revs)
        {
            let message = "`ignore-revs` names commits that the layers before do not name".to_owned();
            refuse(span, message, "only the first layer says what is looked through");
        }
        for remote in table.remotes.iter().filter(|remote| remote.gate == Gate::Warn) {
            refuse(&remote.span, "a later layer cannot ask for mere warnings".to_owned(), "asked for here");
        }
        settings.remotes.push(table.remotes.clone());
        // More of them is stricter.
        settings.training.extend(table.training.iter().cloned());
        if errors.is_empty() { Ok(settings) } else { Err(errors) }
    }

    /// What the push gate does for a remote: the strictest of the layers, of each the first rule
    /// that matches; [`Gate::Publish`] if none of the first layer does.
    #[must_use]
    pub fn gate(&self, name: &[u8], url: &[u8]) -> Gate {
        let first_match = |rules: &Vec<RemoteRule>| {
            rules.iter().find(|rule| rule.applies_to(name, url)).map(|rule| rule.gate)
        };
        let base = self.remotes.first().and_then(first_match).unwrap_or_default();
        let others = self.remotes.iter().skip(1).filter_map(first_match);
        others.fold(base, Gate::max)
    }

    /// SHA-256 over a canonical text of the settings.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.canonical()).into()
    }

    /// JSON with fixed keys in a fixed order and without white space.
    fn canonical(&self) -> String {
        let globs = |globs: &Option<Globs>| {
            globs
                .as_ref()
                .map_or_else(|| "null".to_owned(), |globs| array(globs.patterns().iter().map(quoted)))
        };
        let rule = |rule: &RemoteRule| {
            let gate = quoted(rule.gate.as_str());
            format!(r#"{{"gate":{gate},"name":{},"url":{}}}"#, globs(&rule.name), globs(&rule.url))
        };
        // Layers at the end that say nothing of remotes are as good as none.
        let layers = self.remotes.iter().rposition(|rules| !rules.is_empty()).map_or(0, |last| last + 1);
        let remotes = array(self.remotes.iter().take(layers).map(|rules| array(rules.iter().map(rule))));
        let unit = match self.unit {
            Unit::Share(share) => format!(r#"{{"share":{share}}}"#),
            other => quoted(other.to_string()),
        };
        let evidence = quoted(self.evidence.as_str());
        let whitespace = quoted(self.whitespace.as_str());
        let ignore_revs = array(self.ignore_revs.iter().map(|rev| quoted(HEXLOWER.encode(rev))));
        let (moves, copies) = (self.moves, self.copies);
        // A policy that marks none is as it was before there were any.
        let training = match self.training.as_slice() {
            [] => String::new(),
            rules => format!(r#""training":{},"#, array(rules.iter().map(|rule| rule.canonical(globs)))),
        };
        format!(
            "{{\"copies\":{copies},\"evidence\":{evidence},\"ignore-revs\":{ignore_revs},\"moves\":{moves},\
             \"remotes\":{remotes},{training}\"unit\":{unit},\"whitespace\":{whitespace}}}"
        )
    }
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

fn quoted(text: impl AsRef<str>) -> String {
    serde_json::Value::from(text.as_ref()).to_string()
}

impl RemoteRule {
    /// Whether every glob that it has matches.
    fn applies_to(&self, name: &[u8], url: &[u8]) -> bool {
        self.name.as_ref().is_none_or(|globs| globs.is_match(name))
            && self.url.as_ref().is_none_or(|globs| globs.is_match(url))
    }
}

impl Unit {
    /// Grows with what it lets through.
    fn looseness(self) -> f64 {
        match self {
            Self::File => 0.0,
            Self::Share(share) => share,
            Self::Lines => 2.0,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("file"),
            Self::Share(share) => write!(f, "{{ share = {share} }}"),
            Self::Lines => f.write_str("lines"),
        }
    }
}

impl Evidence {
    /// The word in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Surviving => "surviving",
            Self::Touched => "touched",
        }
    }
}

impl Whitespace {
    /// The word in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Exact => "exact",
        }
    }
}

impl Gate {
    /// The word in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Publish => "publish",
            Self::Block => "block",
        }
    }
}

#[cfg(test)]
mod tests;
