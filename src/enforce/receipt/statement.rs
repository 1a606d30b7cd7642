//! The form of a receipt: an in-toto Statement, in it a SLSA Verification Summary, in that what is our own.
//!
//! Decides names and places only; what must not contradict what, is decided elsewhere. Fields that are not known here are
//! passed over, as in-toto wants; a statement, predicate or extension of another major version has another name, and is
//! refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use super::policy::{KeyColumn, Lines, People, Policy, Proof};
use super::text::{self, Sha256};
use crate::enforce::rows;
pub use crate::enforce::rows::Uncovered;
use crate::manifest::{Digest, ListOrigin, rfc3339};
use crate::policy::{Purposes, Timestamp};

/// The type of the statement.
pub const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// The type of the predicate.
pub const PREDICATE: &str = "https://slsa.dev/verification_summary/v1";
/// The name of our extension of it, with its major version.
pub const EXTENSION: &str = "https://withhold.dev/receipt/1";
/// The version of the extension that is written.
pub const EXTENSION_VERSION: &str = "1.0.0";
/// Who verified, as a VSA names it.
pub const VERIFIER: &str = "https://withhold.dev/verifier/1";
/// The policy that was applied, as a VSA names it. Which one exactly, its digest tells.
pub const POLICY: &str = "https://withhold.dev/receipt/1/policy";
/// What a data set that passed is, as a VSA names it.
pub const LEVEL: &str = "WITHHOLD_HONOURS_MANIFEST";
/// What one that did not pass is.
pub const FAILED: &str = "FAILED";

/// So many seconds clocks may differ: a receipt may be of a time that is so far ahead of whoever reads it, and of one that is
/// so far before a manifest was made on another machine.
pub const CLOCKS: Timestamp = 5 * 60;

/// What stands in a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// [`STATEMENT`].
    #[serde(rename = "_type")]
    pub statement: String,
    /// The files of the data set.
    pub subject: Vec<Subject>,
    /// [`PREDICATE`].
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// What was verified, and how it ended.
    pub predicate: Summary,
}

impl Receipt {
    /// Whether each of its files is a row, so that every file beside them is one, too: what was counted in each is known of
    /// shards alone.
    #[must_use]
    pub fn is_of_files(&self) -> bool {
        self.subject.iter().any(|file| file.annotations.counts.is_none())
    }
}

/// A file of the data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its path in the data set, with `/`; spelled as paths in manifests are.
    pub name: String,
    /// Its digest.
    pub digest: Sha256,
    /// What else is known of it.
    pub annotations: FileNotes,
}

/// What else is known of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNotes {
    /// Its size in bytes.
    #[serde(rename = "withhold_size")]
    pub size: u64,
    /// What was found in it, if that was counted for each file.
    #[serde(rename = "withhold_counts", default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
}

/// The Verification Summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Who verified.
    pub verifier: Verifier,
    /// When.
    #[serde(with = "rfc3339")]
    pub time_verified: Timestamp,
    /// What the files are together, as a URI.
    pub resource_uri: String,
    /// The policy that was applied.
    pub policy: PolicyRef,
    /// What the data set was held against: manifests, their lists, and the table of old names.
    pub input_attestations: Vec<Input>,
    /// How it ended.
    pub verification_result: Outcome,
    /// [`LEVEL`] or [`FAILED`].
    #[serde(deserialize_with = "text::few::<_, _, 16>")]
    pub verified_levels: Vec<String>,
    /// What is our own.
    #[serde(rename = "https://withhold.dev/receipt/1")]
    pub withhold: Extension,
}

/// Who verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifier {
    /// [`VERIFIER`].
    pub id: String,
    /// The version of the tool, by its name.
    #[serde(deserialize_with = "text::few_named")]
    pub version: BTreeMap<String, String>,
}

/// The policy, named by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRef {
    /// [`POLICY`].
    pub uri: String,
    /// The digest of the canonical JSON of [`Extension::policy`].
    pub digest: Sha256,
}

/// How a verification ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// The data set honours the manifests.
    Passed,
    /// It does not, or that could not be told.
    Failed,
}

/// What the data set was held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// What it is.
    pub name: InputKind,
    /// Its digest: of a manifest, that of its header.
    pub digest: Sha256,
    /// What it says of itself.
    #[serde(default, skip_serializing_if = "InputNotes::is_empty")]
    pub annotations: InputNotes,
}

/// What is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// A manifest.
    Manifest,
    /// An opt-out list that a manifest was made under, or that people in the data set were matched against.
    List,
    /// The table of the old names of repositories.
    Aliases,
}

/// What an input says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputNotes {
    /// Of a manifest.
    #[serde(rename = "withhold_manifest", default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<ManifestNotes>,
    /// Of a list.
    #[serde(rename = "withhold_list", default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListNotes>,
}

impl InputNotes {
    fn is_empty(&self) -> bool {
        self.manifest.is_none() && self.list.is_none()
    }
}

/// What a manifest says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestNotes {
    /// When it was made.
    #[serde(with = "rfc3339")]
    pub created_at: Timestamp,
    /// Before this it is not to be used.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rfc3339::option")]
    pub not_before: Option<Timestamp>,
    /// After this it has expired.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rfc3339::option")]
    pub not_after: Option<Timestamp>,
    /// What it decides.
    #[serde(with = "text::purposes")]
    pub purposes: Purposes,
    /// The digest of the policy it was made under.
    pub policy_digest: Digest,
    /// The fingerprint of the key that signed it, if a signature was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_with: Option<String>,
}

/// What a list says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListNotes {
    /// Its name.
    pub name: String,
    /// Its serial.
    pub serial: u64,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "ListOrigin::is_given")]
    pub origin: ListOrigin,
    /// After this it has expired. Of a list under which a manifest was made, the manifest says it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rfc3339::option")]
    pub not_after: Option<Timestamp>,
}

/// What is our own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// `1.x.y`.
    pub schema_version: String,
    /// What was done.
    pub mode: Mode,
    /// What was found, in all.
    pub counts: Counts,
    /// By what rows were judged.
    pub policy: Policy,
    /// The rows that had to be found.
    pub canaries: Canaries,
    /// Names that a reader must understand, or refuse the receipt.
    #[serde(deserialize_with = "text::few::<_, _, 16>")]
    pub critical: Vec<String>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A data set was verified as it is: the files are those that were read.
    Verify,
    /// A data set was filtered: the files are those that were written.
    Filter,
}

/// What was found in the rows that were judged; where rows have items that are judged each, these are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Judged: those that follow, together.
    pub rows: u64,
    /// Covered, and not excluded; those of which lines went among them.
    pub clear: u64,
    /// Excluded.
    pub excluded: u64,
    /// Looked at by no manifest, or without a key.
    pub uncovered: u64,
    /// Rows of which lines went.
    pub rows_cut: u64,
    /// Lines that went.
    pub lines_cut: u64,
}

impl From<&rows::Counts> for Counts {
    fn from(found: &rows::Counts) -> Self {
        let rows::Counts { rows, clear, excluded, uncovered, rows_cut, lines_cut, .. } = *found;
        Self { rows, clear, excluded, uncovered, rows_cut, lines_cut }
    }
}

/// The rows that had to be found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canaries {
    /// How many there were to find.
    pub given: u64,
    /// How many were found.
    pub found: u64,
}
