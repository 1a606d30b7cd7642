//! By what rows were judged, as a receipt says it.
//!
//! Decides names and places only. The policy is named by the digest of its canonical JSON: what decided an outcome stands
//! here, or in what the receipt was held against.

use serde::{Deserialize, Serialize};

use super::text;
use crate::enforce::rows::{self, Uncovered};
use crate::identity::KeyCheck;
use crate::manifest::Digest;
use crate::policy::Purposes;

/// By what rows were judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What the data may be used for, as far as the manifests go.
    #[serde(with = "text::purposes")]
    pub purposes: Purposes,
    /// What became of rows that are uncovered.
    pub uncovered: Uncovered,
    /// What became of excluded lines.
    pub lines: Lines,
    /// The columns that rows were known by.
    pub keys: Vec<KeyColumn>,
    /// How people in rows were matched against lists, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<People>,
}

/// How people in rows were matched against lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// The forge whose logins they are.
    pub forge: String,
    /// The digest of the policy in force, as in a manifest.
    pub policy_digest: Digest,
    /// What tells the key of keyed hashes from others, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_check: Option<KeyCheck>,
}

/// What becomes of excluded lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lines {
    /// The whole row goes.
    Row,
    /// They go.
    Cut,
    /// Empty lines stand for them.
    Blank,
    /// A mark stands for them.
    Mark,
}

impl From<Option<rows::Lines>> for Lines {
    fn from(lines: Option<rows::Lines>) -> Self {
        match lines {
            None => Self::Row,
            Some(rows::Lines::Cut) => Self::Cut,
            Some(rows::Lines::Blank) => Self::Blank,
            Some(rows::Lines::Mark) => Self::Mark,
        }
    }
}

/// A column that rows were known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyColumn {
    /// Its name.
    pub column: String,
    /// What stands in it, as on the command line: `git_sha1`, `repo`, `content` and so on.
    pub meaning: String,
    /// How that was proved.
    pub proof: Proof,
}

/// How it was proved that a column holds what it is said to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "by", try_from = "Claim")]
pub enum Proof {
    /// The content of so many rows was hashed, and every one had the hash in the column.
    Sample {
        /// How many rows.
        rows: u64,
    },
    /// Contents were said to have been changed after their keys were computed: of so many rows whose content was hashed, most
    /// had the hash in the column, and none another kind of hash.
    Redacted {
        /// How many rows.
        rows: u64,
        /// Of these, those whose content had the hash.
        equal: u64,
    },
    /// The manifests know what stands in it in so many rows.
    Matches {
        /// How many rows.
        rows: u64,
    },
    /// It is the content itself, hashed where a row has no key.
    Content,
    /// It was not proved.
    Nothing,
}

/// A proof as it stands there: an enum with a tag would keep whatever else stands beside it, until the tag is found.
#[derive(Deserialize)]
struct Claim {
    by: String,
    rows: Option<u64>,
    equal: Option<u64>,
}

impl TryFrom<Claim> for Proof {
    type Error = &'static str;

    fn try_from(claim: Claim) -> Result<Self, Self::Error> {
        match (claim.by.as_str(), claim.rows, claim.equal) {
            ("sample", Some(rows), _) => Ok(Self::Sample { rows }),
            ("redacted", Some(rows), Some(equal)) => Ok(Self::Redacted { rows, equal }),
            ("matches", Some(rows), _) => Ok(Self::Matches { rows }),
            ("content", ..) => Ok(Self::Content),
            ("nothing", ..) => Ok(Self::Nothing),
            _ => Err("a proof is of an unknown kind, or without its numbers"),
        }
    }
}
