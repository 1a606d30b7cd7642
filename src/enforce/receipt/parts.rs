//! A receipt, made of what was found.
//!
//! Decides how what others found is put together. Reads neither files nor a clock.

use std::collections::BTreeMap;

use super::statement::{
    Canaries, Counts, EXTENSION_VERSION, Extension, FAILED, FileNotes, Input, InputKind, InputNotes,
    KeyColumn, LEVEL, Lines, ListNotes, ManifestNotes, Mode, Outcome, POLICY, PREDICATE, People, Policy,
    PolicyRef, Receipt, STATEMENT, Subject, Summary, Uncovered, VERIFIER, Verifier,
};
use super::text::Sha256;
use super::{ReceiptError, resource};
use crate::manifest::{Digest, Header, ListRef, Tool};
use crate::policy::{Purposes, Timestamp};

/// What a receipt is made of.
#[derive(Debug, Clone)]
pub struct ReceiptParts<'a> {
    /// What was done.
    pub mode: Mode,
    /// How it ended.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// By what.
    pub tool: Tool,
    /// The files of the data set: those that were verified, or that were written. In any order.
    pub files: Vec<FileParts>,
    /// What the files are together, as a URI; by default a name that is made of their digests.
    pub resource: Option<String>,
    /// The manifests that it was held against, with their digests, and the fingerprint of the key that signed them if a
    /// signature was asked for.
    pub manifests: Vec<(&'a Header, Digest, Option<String>)>,
    /// Lists that people in the data set were matched against, besides those of the manifests.
    pub lists: Vec<ListParts>,
    /// How they were matched, if they were.
    pub people: Option<People>,
    /// The digest of the table of the old names of repositories.
    pub aliases: Option<Digest>,
    /// What the data may be used for; by default what every manifest decides, and all, where there is none: a list by itself
    /// decides for every purpose.
    pub purposes: Option<Purposes>,
    /// What became of rows that are uncovered.
    pub uncovered: Uncovered,
    /// What became of excluded lines.
    pub lines: Lines,
    /// The columns that rows were known by.
    pub keys: Vec<KeyColumn>,
    /// The rows that had to be found.
    pub canaries: Canaries,
    /// What was found, in all.
    pub counts: Counts,
}

/// A list that people were matched against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListParts {
    /// The list.
    pub list: ListRef,
    /// After this it has expired.
    pub not_after: Option<Timestamp>,
}

/// A file of the data set.
#[derive(Debug, Clone)]
pub struct FileParts {
    /// Its path in the data set, as [`collect`](super::collect) gives it.
    pub name: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// How many bytes.
    pub size: u64,
    /// What was found in it, if that was counted.
    pub counts: Option<Counts>,
}

impl Receipt {
    /// Makes a receipt.
    ///
    /// # Errors
    /// The parts contradict each other: nothing that did not pass becomes a receipt that says so.
    pub fn new(parts: ReceiptParts<'_>) -> Result<Self, ReceiptError> {
        let mut subject: Vec<_> = parts
            .files
            .into_iter()
            .map(|file| Subject {
                name: file.name,
                digest: Sha256(file.digest),
                annotations: FileNotes { size: file.size, counts: file.counts },
            })
            .collect();
        subject.sort_by(|a, b| a.name.cmp(&b.name));
        let decided = parts.manifests.iter().map(|(header, ..)| header.purposes);
        let decided = decided.reduce(Purposes::intersection).unwrap_or(Purposes::ALL);
        let policy = Policy {
            purposes: parts.purposes.unwrap_or(decided),
            uncovered: parts.uncovered,
            lines: parts.lines,
            keys: parts.keys,
            people: parts.people,
        };
        let digest = digest_of(&policy)?;
        let level = match parts.outcome {
            Outcome::Passed => LEVEL,
            Outcome::Failed => FAILED,
        };
        let receipt = Self {
            statement: STATEMENT.to_owned(),
            predicate_type: PREDICATE.to_owned(),
            predicate: Summary {
                verifier: Verifier {
                    id: VERIFIER.to_owned(),
                    version: [(parts.tool.name, parts.tool.version)].into(),
                },
                time_verified: parts.at,
                resource_uri: match parts.resource {
                    Some(uri) => uri,
                    None => resource::by_digest(&subject)?,
                },
                policy: PolicyRef { uri: POLICY.to_owned(), digest: Sha256(digest) },
                input_attestations: inputs(&parts.manifests, parts.lists, parts.aliases),
                verification_result: parts.outcome,
                verified_levels: vec![level.to_owned()],
                withhold: Extension {
                    schema_version: EXTENSION_VERSION.to_owned(),
                    mode: parts.mode,
                    counts: parts.counts,
                    policy,
                    canaries: parts.canaries,
                    critical: Vec::new(),
                },
            },
            subject,
        };
        receipt.sound(digest).map_err(ReceiptError::Unfit)?;
        Ok(receipt)
    }

    /// The canonical bytes (RFC 8785).
    ///
    /// # Errors
    /// Something in it cannot be written: a time out of range.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReceiptError> {
        canonical(self)
    }
}

/// The digest of what something is in canonical JSON.
pub(super) fn digest_of(value: &impl serde::Serialize) -> Result<Digest, ReceiptError> {
    Ok(Digest::of(&canonical(value)?))
}

fn canonical(value: &impl serde::Serialize) -> Result<Vec<u8>, ReceiptError> {
    serde_json_canonicalizer::to_vec(value).map_err(|error| ReceiptError::Unfit(error.to_string()))
}

/// Manifests, lists and aliases, each kind sorted, and none twice.
fn inputs(
    manifests: &[(&Header, Digest, Option<String>)],
    lists: Vec<ListParts>,
    aliases: Option<Digest>,
) -> Vec<Input> {
    let mut sorted: Vec<_> = manifests.iter().collect();
    sorted.sort_by_key(|(_, digest, _)| *digest);
    sorted.dedup_by_key(|(_, digest, _)| *digest);
    let manifest = |(header, digest, signed_with): &(&Header, Digest, Option<String>)| Input {
        name: InputKind::Manifest,
        digest: Sha256(*digest),
        annotations: InputNotes {
            manifest: Some(ManifestNotes {
                created_at: header.created_at,
                not_before: header.not_before,
                not_after: header.not_after,
                purposes: header.purposes,
                policy_digest: header.policy_digest,
                signed_with: signed_with.clone(),
            }),
            list: None,
        },
    };
    let mut all: Vec<_> = sorted.into_iter().map(manifest).collect();
    // A list under which a manifest was made may be one that people were matched against, too.
    let mut each: BTreeMap<ListRef, Option<Timestamp>> = BTreeMap::new();
    each.extend(manifests.iter().flat_map(|(header, ..)| &header.lists).map(|list| (list.clone(), None)));
    each.extend(lists.into_iter().map(|ListParts { list, not_after }| (list, not_after)));
    all.extend(each.into_iter().map(|(list, not_after)| Input {
        name: InputKind::List,
        digest: Sha256(list.digest),
        annotations: InputNotes {
            manifest: None,
            list: Some(ListNotes { name: list.name, serial: list.serial, origin: list.origin, not_after }),
        },
    }));
    all.extend(aliases.map(|digest| Input {
        name: InputKind::Aliases,
        digest: Sha256(digest),
        annotations: InputNotes::default(),
    }));
    all
}
