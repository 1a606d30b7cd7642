//! The header: what a manifest is, under which list and policy it was made, until when it holds, and the
//! tree hashes that tie the rows to it.
//!
//! Decides the header's form and which headers a reader refuses. It is the only thing that is ever signed, so
//! it says nothing about how the rows are encoded: converting a manifest leaves its header as it was.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::coverage::{CoverageRow, CoverageUnit};
use super::digest::Digest;
use super::entry::{Entry, EntryUnit};
use super::error::shown;
use super::profile::Profile;
use super::row::Row;
use super::{rfc3339, row};
use crate::policy::{Purposes, Timestamp};

/// Names the format and its major version. Compared, never fetched.
pub const SCHEMA: &str = "https://withhold.dev/manifest/1";
/// The version of the format that is written.
pub const SCHEMA_VERSION: &str = "1.0.0";
/// The names in `critical` that this reader understands: none yet.
pub const CRITICAL: &[&str] = &[];

/// The fields of a header that this reader knows.
pub(super) const FIELDS: &[&str] = &[
    "schema",
    "schema_version",
    "tool",
    "created_at",
    "not_before",
    "not_after",
    "lists",
    "policy_digest",
    "policies",
    "purposes",
    "profile",
    "counts",
    "entries",
    "coverage",
    "previous",
    "merged_from",
    "critical",
];

/// What stands in `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`SCHEMA`].
    pub schema: String,
    /// `1.x.y`.
    pub schema_version: String,
    /// What wrote it.
    pub tool: Tool,
    /// When it was made, as whoever made it said: no clock is read here.
    #[serde(with = "rfc3339")]
    pub created_at: Timestamp,
    /// Before this it is not to be used.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rfc3339::option")]
    pub not_before: Option<Timestamp>,
    /// After this it has expired.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rfc3339::option")]
    pub not_after: Option<Timestamp>,
    /// The list's layers, the first given first.
    pub lists: Vec<ListRef>,
    /// The digest of the policy in force; of several, that of their digests as they are spelled, each with an LF.
    pub policy_digest: Digest,
    /// Where manifests were merged that were made under several policies: the digests of these, sorted. Else none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Digest>,
    /// The purposes that were decided; for any other, nothing is covered.
    #[serde(serialize_with = "row::write_purposes", deserialize_with = "row::purposes")]
    pub purposes: Purposes,
    /// How much the rows tell.
    pub profile: Profile,
    /// How many rows there are of each unit.
    pub counts: Counts,
    /// What is excluded.
    pub entries: RowSet,
    /// What was looked at.
    pub coverage: RowSet,
    /// The digest of the manifest that this one follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Digest>,
    /// The digests of the manifests it was merged from, sorted.
    pub merged_from: Vec<Digest>,
    /// Names that a reader must understand, or refuse the manifest.
    pub critical: Vec<String>,
    /// Fields of a later minor version, kept as they are. Of those that are read there are few.
    #[serde(flatten)]
    pub extra: BTreeMap<String, serde_json::Value>,
}

/// What wrote a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// One layer of the opt-out list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListRef {
    /// The name it gives itself.
    pub name: String,
    /// Its serial: a gate refuses a manifest made under an older list than one it has seen.
    pub serial: u64,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Where it came from: whoever can push can write one, by any name and with any serial.
    #[serde(default, skip_serializing_if = "ListOrigin::is_given")]
    pub origin: ListOrigin,
}

/// Where a list came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListOrigin {
    /// It was given to the scan. That is not written.
    #[default]
    #[serde(skip)]
    Given,
    /// A scanned revision carries it.
    Revision,
}

/// How many rows there are of each unit; every unit is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Of what is excluded.
    pub entries: BTreeMap<EntryUnit, u64>,
    /// Of what was looked at.
    pub coverage: BTreeMap<CoverageUnit, u64>,
}

/// One of the two sets of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowSet {
    /// The file's name, without the ending that tells the encoding.
    pub file: String,
    /// How many rows.
    pub rows: u64,
    /// The fields by which they are sorted, the first first.
    pub order: Vec<String>,
    /// The RFC 6962 tree hash (SHA-256) over the canonical rows, without their line ends.
    pub tree_hash: Digest,
}

impl ListOrigin {
    /// Whether it was given to the scan.
    #[must_use]
    pub fn is_given(&self) -> bool {
        *self == Self::Given
    }

    /// What to say of a list behind its name and serial; of one that was given nothing.
    #[must_use]
    pub fn note(self) -> &'static str {
        match self {
            Self::Given => "",
            Self::Revision => " (carried by a revision)",
        }
    }
}

impl Header {
    /// The digest of several policies: of their digests, as they are spelled, each with an LF behind it.
    pub(super) fn of_policies(policies: &[Digest]) -> Digest {
        let text: String = policies.iter().map(|digest| format!("{digest}\n")).collect();
        Digest::of(text.as_bytes())
    }

    /// Whether this reader may use it: what it must not understand wrongly, and what must not contradict itself.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.schema != SCHEMA {
            return Err(understands(&self.schema));
        }
        if !is_version_1(&self.schema_version) {
            return Err("`schema_version` is not 1.x.y".to_owned());
        }
        if let Some(name) = self.critical.iter().find(|name| !CRITICAL.contains(&name.as_str())) {
            return Err(format!("`critical` names {}, which this reader does not understand", shown(name)));
        }
        if self.lists.is_empty() {
            return Err("`lists` is empty".to_owned());
        }
        if self.purposes.is_empty() {
            return Err("`purposes` is empty".to_owned());
        }
        if self.not_before.zip(self.not_after).is_some_and(|(before, after)| before > after) {
            return Err("`not_before` is after `not_after`".to_owned());
        }
        if !self.merged_from.is_sorted_by(|a, b| a < b) {
            return Err("`merged_from` is not sorted, or names one twice".to_owned());
        }
        if !self.policies.is_empty()
            && (self.policies.len() < 2
                || !self.policies.is_sorted_by(|a, b| a < b)
                || self.policy_digest != Self::of_policies(&self.policies))
        {
            return Err(
                "`policies` are fewer than two, not sorted, or not those of `policy_digest`".to_owned()
            );
        }
        self.lists.iter().try_for_each(|list| row::check_number(list.serial))?;
        check_row_set::<Entry>(&self.entries)?;
        check_row_set::<CoverageRow>(&self.coverage)
    }
}

/// Whether a version is `1.x.y`: what this reader understands, of manifests and of what is versioned like them.
pub(crate) fn is_version_1(version: &str) -> bool {
    let mut numbers = version.split('.');
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    numbers.next() == Some("1") && numbers.clone().count() == 2 && numbers.all(is_number)
}

/// What to say of a schema that is not the one this reader understands.
pub(super) fn understands(schema: &str) -> String {
    format!(
        "`schema` is {}, and this reader understands {SCHEMA} only: use a version that reads it",
        shown(schema)
    )
}

fn check_row_set<T: Row>(set: &RowSet) -> Result<(), String> {
    if set.file != T::FILE {
        return Err(format!("the file of `{0}` is not `{0}`", T::FILE));
    }
    if set.order != T::ORDER {
        return Err(format!("the order of `{}` is not {}", T::FILE, T::ORDER.join(", ")));
    }
    Ok(())
}
