//! Whether a receipt says what a receipt can say.
//!
//! Decides what must not be misunderstood, and what must not contradict itself: above all, that nothing which was not found
//! clear is said to have passed. It is asked before a receipt is written, and after one is read.

use std::collections::BTreeSet;

use super::resource;
use super::statement::{
    CLOCKS, Counts, FAILED, InputKind, LEVEL, ListNotes, ManifestNotes, Mode, Outcome, POLICY, PREDICATE,
    Proof, Receipt, STATEMENT, Uncovered, VERIFIER,
};
use crate::manifest::error::shown;
use crate::manifest::header::is_version_1;
use crate::manifest::{Digest, ListRef, path};

/// The names in `critical` that this reader understands: none yet.
const CRITICAL: &[&str] = &[];
/// The largest number that JSON carries everywhere: 2^53 - 1.
const MOST: u64 = (1 << 53) - 1;

impl Receipt {
    /// Whether it can be used at all; if not, why. The digest is that of the policy as it stands in the receipt, with
    /// whatever a later version has put there.
    pub(super) fn sound(&self, policy: Digest) -> Result<(), String> {
        let summary = &self.predicate;
        let own = &summary.withhold;
        is("_type", &self.statement, STATEMENT)?;
        is("predicateType", &self.predicate_type, PREDICATE)?;
        is("verifier.id", &summary.verifier.id, VERIFIER)?;
        is("policy.uri", &summary.policy.uri, POLICY)?;
        if !is_version_1(&own.schema_version) {
            return Err("`schema_version` is not 1.x.y".to_owned());
        }
        if let Some(name) = own.critical.iter().find(|name| !CRITICAL.contains(&name.as_str())) {
            return Err(format!("`critical` names {}, which this reader does not understand", shown(name)));
        }
        if policy != summary.policy.digest.0 {
            return Err("the policy is not the one of its digest".to_owned());
        }
        self.names()?;
        self.inputs()?;
        self.counts()?;
        self.proofs()?;
        self.times()?;
        let level = match summary.verification_result {
            Outcome::Passed => LEVEL,
            Outcome::Failed => FAILED,
        };
        if summary.verified_levels.iter().map(String::as_str).ne([level]) {
            return Err("`verifiedLevels` does not go with `verificationResult`".to_owned());
        }
        if summary.verification_result == Outcome::Passed {
            self.passed().map_err(|why| format!("it says PASSED, though {why}"))?;
        }
        resource::check(&summary.resource_uri, &self.subject)
    }

    /// Every file has a name of its own, that leads nowhere but into the data set.
    fn names(&self) -> Result<(), String> {
        if !self.subject.is_sorted_by(|a, b| a.name < b.name) {
            return Err("its files are not sorted, or two have one name".to_owned());
        }
        for file in &self.subject {
            let part = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
            let fine =
                path::decode(&file.name).is_some_and(|name| name.split(|&byte| byte == b'/').all(part));
            if !fine {
                return Err(format!("the name {} is none of a file in a data set", shown(&file.name)));
            }
            number(file.annotations.size)?;
        }
        Ok(())
    }

    /// Every input is what it is called, and none is there twice.
    fn inputs(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for input in &self.predicate.input_attestations {
            let notes = &input.annotations;
            let list = notes.list.as_ref().map(|list| (list.name.as_str(), list.serial, list.origin));
            if !seen.insert((input.name, input.digest, list)) {
                return Err("an input is there twice".to_owned());
            }
            let fits = match input.name {
                InputKind::Manifest => notes.manifest.is_some() && notes.list.is_none(),
                InputKind::List => notes.manifest.is_none() && notes.list.is_some(),
                InputKind::Aliases => notes.manifest.is_none() && notes.list.is_none(),
            };
            if !fits {
                return Err("an input is not what it is called".to_owned());
            }
            number(list.map_or(0, |(_, serial, _)| serial))?;
        }
        Ok(())
    }

    /// What was counted for each file is what was counted in all.
    fn counts(&self) -> Result<(), String> {
        let own = &self.predicate.withhold;
        own.counts.sound()?;
        number(own.canaries.given)?;
        if own.canaries.found > own.canaries.given {
            return Err("more canaries were found than there were".to_owned());
        }
        let each: Option<Vec<Counts>> = self.subject.iter().map(|file| file.annotations.counts).collect();
        let mut sum = Counts::default();
        for counts in each.iter().flatten() {
            counts.sound()?;
            sum = sum.plus(counts).ok_or("its counts are too large")?;
        }
        if each.is_some_and(|each| !each.is_empty()) && sum != own.counts {
            return Err("the counts of its files are not those of the whole".to_owned());
        }
        Ok(())
    }

    /// Nothing is held against a manifest before that was made.
    fn times(&self) -> Result<(), String> {
        let at = self.predicate.time_verified.saturating_add(CLOCKS);
        if self.manifests().any(|(_, manifest)| at < manifest.created_at) {
            return Err("a manifest was made after that time".to_owned());
        }
        Ok(())
    }

    /// No column is said to be proved by a sample that does not bear it out.
    fn proofs(&self) -> Result<(), String> {
        for key in &self.predicate.withhold.policy.keys {
            let (rows, equal) = match key.proof {
                Proof::Sample { rows } => (rows, rows),
                Proof::Redacted { rows, equal } => (rows, equal),
                Proof::Matches { rows } => {
                    number(rows)?;
                    continue;
                }
                Proof::Content | Proof::Nothing => continue,
            };
            number(rows)?;
            if equal > rows || equal <= rows / 2 {
                return Err(format!("its sample does not prove the column {}", shown(&key.column)));
            }
        }
        Ok(())
    }

    /// What must hold of a data set that passed.
    fn passed(&self) -> Result<(), &'static str> {
        let own = &self.predicate.withhold;
        let (counts, policy) = (&own.counts, &own.policy);
        if self.subject.is_empty() || counts.rows == 0 {
            return Err("nothing was looked at");
        }
        if self.manifests().next().is_none() && self.lists().next().is_none() {
            return Err("it was held against nothing");
        }
        if policy.purposes.is_empty() {
            return Err("it is for no purpose");
        }
        if own.mode == Mode::Verify && (counts.excluded > 0 || counts.rows_cut > 0 || counts.lines_cut > 0) {
            return Err("excluded rows or lines were found");
        }
        let left = match (policy.uncovered, own.mode) {
            (Uncovered::Keep, _) | (Uncovered::Drop, Mode::Filter) => 0,
            (Uncovered::Stop, _) | (Uncovered::Drop, Mode::Verify) => counts.uncovered,
        };
        if left > 0 {
            return Err("some of it is uncovered");
        }
        if own.canaries.found < own.canaries.given {
            return Err("canaries were not found");
        }
        let at = self.predicate.time_verified;
        for (_, manifest) in self.manifests() {
            if manifest.not_before.is_some_and(|before| at < before)
                || manifest.not_after.is_some_and(|after| after < at)
            {
                return Err("a manifest was not to be used at that time");
            }
            if !manifest.purposes.contains_all(policy.purposes) {
                return Err("a manifest does not decide all its purposes");
            }
        }
        if self.list_notes().any(|(_, list)| list.not_after.is_some_and(|after| after < at)) {
            return Err("a list was not to be used at that time");
        }
        Ok(())
    }

    /// The manifests that the data set was held against, by their digests.
    pub fn manifests(&self) -> impl Iterator<Item = (Digest, &ManifestNotes)> {
        let inputs = self.predicate.input_attestations.iter();
        inputs.filter_map(|input| Some((input.digest.0, input.annotations.manifest.as_ref()?)))
    }

    /// The lists.
    pub fn lists(&self) -> impl Iterator<Item = ListRef> {
        self.list_notes().map(|(digest, list)| ListRef {
            name: list.name.clone(),
            serial: list.serial,
            digest,
            origin: list.origin,
        })
    }

    /// What they say of themselves, by their digests.
    pub fn list_notes(&self) -> impl Iterator<Item = (Digest, &ListNotes)> {
        let inputs = self.predicate.input_attestations.iter();
        inputs.filter_map(|input| Some((input.digest.0, input.annotations.list.as_ref()?)))
    }
}

impl Counts {
    fn sound(&self) -> Result<(), String> {
        let all = [self.rows, self.clear, self.excluded, self.uncovered, self.rows_cut, self.lines_cut];
        all.into_iter().try_for_each(number)?;
        // None of them is large enough for the sum to overflow.
        if self.clear + self.excluded + self.uncovered != self.rows {
            return Err("its rows are not clear, excluded and uncovered ones together".to_owned());
        }
        if self.rows_cut > self.clear || self.rows_cut > self.lines_cut {
            return Err("more rows were cut than there are, or without a line".to_owned());
        }
        Ok(())
    }

    fn plus(&self, other: &Self) -> Option<Self> {
        Some(Self {
            rows: self.rows.checked_add(other.rows)?,
            clear: self.clear.checked_add(other.clear)?,
            excluded: self.excluded.checked_add(other.excluded)?,
            uncovered: self.uncovered.checked_add(other.uncovered)?,
            rows_cut: self.rows_cut.checked_add(other.rows_cut)?,
            lines_cut: self.lines_cut.checked_add(other.lines_cut)?,
        })
    }
}

fn is(name: &str, found: &str, expected: &str) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("`{name}` is {}, and this reader understands {expected} only", shown(found)))
}

fn number(number: u64) -> Result<(), String> {
    if number <= MOST { Ok(()) } else { Err("a number is too large".to_owned()) }
}
