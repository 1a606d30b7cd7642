//! What stands against a receipt, as data.
//!
//! Decides the names of what can, and how a run ends because of it.

use crate::enforce::finding;
use crate::enforce::rule::{gravest, rules};
use crate::exit::Exit;

rules! {
    DataExcluded = "data-excluded", Excluded,
        "the verification found excluded content",
        "filter the data set with `withhold filter`, and verify it again";
    DataUncovered = "data-uncovered", Incomplete,
        "there are rows that no manifest looked at",
        "get manifests that cover them, or accept them by name with --allow-uncovered";
    FileChanged = "file-changed", Incomplete,
        "a file is not the one that was verified",
        "get the file that was verified, or verify this one";
    FileExtra = "file-extra", Incomplete,
        "a file was not verified",
        "verify the data set again with this file, or take it away";
    FileMissing = "file-missing", Incomplete,
        "a file that was verified is not there",
        "get the whole data set";
    ListExpired = "list-expired", Incomplete,
        "a list that people in the data set were matched against has expired",
        "verify the data set again, with a list that holds now";
    ListRolledBack = "list-rolled-back", Incomplete,
        "the list is older than one seen before",
        "verify the data set again, with manifests made under the newest list";
    ListSerialReused = "list-serial-reused", List,
        "the list differs from one seen before with the same serial",
        "raise `serial` with every change of the list";
    ListUnknown = "list-unknown", Incomplete,
        "the receipt does not name the list that is asked for as one that was given",
        "look with `withhold receipt show` which lists it names";
    ManifestExpired = "manifest-expired", Incomplete,
        "a manifest that the data set was held against has expired, or is not to be used yet",
        "verify the data set again, with a manifest that holds now";
    ManifestOther = "manifest-other", Incomplete,
        "the data set was not held against the manifest that is given",
        "verify the data set again, with that manifest";
    PurposeUnknown = "purpose-not-covered", Incomplete,
        "the data set was not verified for the purpose that is asked for",
        "verify it for that purpose, with manifests that decide it";
    ReceiptAhead = "receipt-ahead", Incomplete,
        "the receipt is of a time that has not come yet",
        "set the clock; if it is right, verify the data set again";
    ReceiptFailed = "receipt-failed", Incomplete,
        "the verification did not pass",
        "see what it said, and verify the data set again";
}

/// Something that stands against a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is against.
    pub rule: Rule,
    /// What is wrong.
    pub message: String,
}

impl Problem {
    pub(super) fn new(rule: Rule, message: impl Into<String>) -> Self {
        Self { rule, message: message.into() }
    }

    /// What was found about a list.
    pub(super) fn of_list(finding: finding::Finding) -> Self {
        let rule = match finding.rule {
            finding::Rule::ListSerialReused => Rule::ListSerialReused,
            _ => Rule::ListRolledBack,
        };
        Self { rule, message: finding.message }
    }
}

/// How a run ends because of problems: what makes a verdict impossible comes before what was found.
#[must_use]
pub fn exit(problems: &[Problem]) -> Exit {
    gravest(problems.iter().map(|problem| problem.rule.exit())).unwrap_or(Exit::Clean)
}
