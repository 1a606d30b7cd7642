//! How strictly a list is applied: the `[policy]` table.

use std::ops::Range;
use std::sync::Arc;

use super::{Diagnostic, Globs, Source};

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

/// What counts as someone's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Evidence {
    /// The lines that stand.
    #[default]
    Surviving,
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
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How much of a file goes with an excluded line.
    pub unit: Unit,
    /// What counts as someone's work.
    pub evidence: Evidence,
    /// Whether white space alone gives someone a line.
    pub whitespace: Whitespace,
    /// The rules for remotes, layer by layer; see [`Settings::gate`].
    pub remotes: Vec<Vec<RemoteRule>>,
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
    /// The rules for remotes, in order.
    pub remotes: Vec<RemoteRule>,
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
        let _ = source;
        todo!()
    }
}

impl Settings {
    /// The settings that a first layer asks for.
    #[must_use]
    pub fn from_table(table: &SettingsTable) -> Self {
        let _ = table;
        todo!()
    }

    /// These settings with a later layer's added, which may only be stricter.
    ///
    /// # Errors
    /// `layer-loosens` for every value that is not at least as strict.
    pub fn tightened_by(&self, table: &SettingsTable) -> Result<Self, Vec<Diagnostic>> {
        let _ = table;
        todo!()
    }

    /// What the push gate does for a remote: the strictest of the layers, of each the first rule
    /// that matches; [`Gate::Publish`] if none does.
    #[must_use]
    pub fn gate(&self, name: &[u8], url: &[u8]) -> Gate {
        let _ = (name, url);
        todo!()
    }

    /// SHA-256 over a canonical text of the settings.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        todo!()
    }
}
