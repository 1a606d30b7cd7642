//! Verdicts become rows of a manifest.
//!
//! Decides which rows there are and what they say. A pseudonym is all that is left of a person.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::files::FileFindings;
use crate::attribution::Engine;
use crate::identity::{Key, keyed};
use crate::manifest::{self, CoverageRow, Entry, Hashes, Profile, Strength};
use crate::policy::{Layers, Purposes};
use crate::repo::ObjectId;
use crate::verdict::{Basis, Verdict};

/// Rows in the making.
pub struct Rows<'a> {
    layers: &'a Layers,
    key: Option<&'a Key>,
    profile: Profile,
    /// Every row shares it, as the rows of a file share its path: there can be as many rows as lines.
    repo: Arc<str>,
    entries: Vec<Entry>,
    coverage: Vec<CoverageRow>,
}

/// Where a file stands, and by which commit it came there.
pub struct Place<'a> {
    /// Its path.
    pub path: &'a [u8],
    /// The commit.
    pub commit: ObjectId,
}

impl<'a> Rows<'a> {
    /// No rows yet.
    #[must_use]
    pub fn new(layers: &'a Layers, repo: &str, key: Option<&'a Key>, profile: Profile) -> Self {
        let repo = manifest::path::encode(repo.as_bytes()).into();
        Self { layers, key, profile, repo, entries: Vec::new(), coverage: Vec::new() }
    }

    /// The repository's name as rows spell it.
    #[must_use]
    pub fn repo(&self) -> Arc<str> {
        self.repo.clone()
    }

    /// Entries and coverage.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Entry>, Vec<CoverageRow>) {
        (self.entries, self.coverage)
    }

    /// All these were looked at.
    pub fn cover_all(&mut self, rows: impl ExactSizeIterator<Item = CoverageRow>) {
        self.coverage.extend(rows);
    }

    /// Something was looked at.
    pub fn cover(&mut self, row: CoverageRow) {
        self.coverage.push(row);
    }

    /// Files were looked at at this path. Not a word of it in profile `keys`.
    pub fn cover_path(&mut self, path: &[u8]) {
        if self.profile > Profile::Keys {
            let row = CoverageRow::path(self.repo.clone(), manifest::path::encode(path).into());
            self.cover(row);
        }
    }

    /// Something at this path was not followed, as `why` tells. Not a word of it in profile `keys`.
    pub fn cover_not(&mut self, path: &[u8], why: &str) {
        if self.profile > Profile::Keys {
            let path = manifest::path::encode(path).into();
            self.cover(CoverageRow::not_followed(self.repo.clone(), path, why));
        }
    }

    /// A file, its excluded lines, and what it points at. `whole` is the verdict on its content, wherever in
    /// the repository that stands.
    pub fn file(&mut self, place: &Place<'_>, findings: &FileFindings<'_>, whole: &Verdict, engine: &Engine) {
        let hashes = &findings.hashes;
        self.cover(CoverageRow::blob(hashes));
        let path: Arc<str> = manifest::path::encode(place.path).into();
        self.add(whole, Some((&path, place.commit)), |purposes| Entry::blob(hashes, purposes));
        for lines in &findings.excluded {
            let first = u64::from(lines.line) + 1;
            let range = first..=first + u64::from(lines.len) - 1;
            let bytes = u64::from(lines.bytes.start)..u64::from(lines.bytes.end);
            let at = Some((&path, engine.history().id(lines.commit)));
            self.add(&lines.verdict, at, |purposes| {
                Entry::lines(hashes, range.clone(), bytes.clone(), purposes)
            });
        }
        if let Some(pointer) = findings.lfs {
            self.cover(CoverageRow::lfs(pointer.sha256, pointer.size));
            let mut verdict = whole.clone();
            verdict.extend(&findings.any);
            self.add(&verdict, Some((&path, place.commit)), |purposes| {
                Entry::lfs(pointer.sha256, pointer.size, purposes)
            });
        }
    }

    /// A commit that is excluded.
    pub fn commit(&mut self, hashes: &Hashes, verdict: &Verdict) {
        self.add(verdict, None, |purposes| Entry::commit(hashes, purposes));
    }

    /// A tag that is excluded.
    pub fn tag(&mut self, hashes: &Hashes, verdict: &Verdict) {
        self.add(verdict, None, |purposes| Entry::tag(hashes, purposes));
    }

    /// A path that a rule excludes in any version.
    pub fn path(&mut self, path: &[u8], verdict: &Verdict) {
        let (repo, path): (_, Arc<str>) = (self.repo.clone(), manifest::path::encode(path).into());
        self.add(verdict, None, |purposes| Entry::path(repo.clone(), path.clone(), purposes));
    }

    /// The repository, if a rule excludes all of it.
    pub fn repository(&mut self, verdict: &Verdict) {
        let repo = self.repo.clone();
        self.add(verdict, None, |purposes| Entry::repo(repo.clone(), purposes));
    }

    /// One row; in the audit profile, one for each thing that decided.
    fn add(
        &mut self,
        verdict: &Verdict,
        at: Option<(&Arc<str>, ObjectId)>,
        make: impl Fn(Purposes) -> Entry,
    ) {
        if !verdict.is_excluded() {
            return;
        }
        let place = |entry: Entry| Entry {
            repo: Some(self.repo.clone()),
            path: at.map(|(path, _)| path.clone()).or_else(|| entry.path.clone()),
            commit: at.map(|(_, commit)| commit),
            ..entry
        };
        if self.profile != Profile::Audit {
            let entry = place(make(verdict.purposes));
            self.entries.push(entry);
            return;
        }
        // Several identities of one subject are one reason.
        let mut reasons: BTreeSet<(manifest::Basis, Option<Arc<str>>)> = BTreeSet::new();
        let mut entries = Vec::new();
        for reason in &verdict.reasons {
            let basis = basis(reason.basis);
            let rule = self.pseudonym(reason.layer, reason.basis);
            if reasons.insert((basis, rule.clone())) {
                let same = verdict.reasons.iter().filter(|other| {
                    self::basis(other.basis) == basis && self.pseudonym(other.layer, other.basis) == rule
                });
                let purposes = same.fold(Purposes::NONE, |all, other| all.union(other.purposes));
                let entry = place(make(purposes));
                entries.push(Entry { basis: Some(basis), strength: Some(Strength::Asserted), rule, ..entry });
            }
        }
        self.entries.append(&mut entries);
    }

    /// The pseudonym of the subject or rule that decided, keyed for this serial of its list.
    fn pseudonym(&self, layer: u32, basis: Basis) -> Option<Arc<str>> {
        let list = self.layers.lists.get(layer as usize)?;
        let id = match basis {
            Basis::Subject { subject, .. } => &list.subjects.get(subject as usize)?.id,
            Basis::Rule { rule } => &list.rules.get(rule as usize)?.id,
            Basis::NotListed { .. } | Basis::Unattributed => return None,
        };
        Some(keyed::pseudonym(self.key?, list.serial, id).into())
    }
}

fn basis(basis: Basis) -> manifest::Basis {
    match basis {
        Basis::Subject { role, .. } => role.into(),
        Basis::NotListed { .. } => manifest::Basis::NotListed,
        Basis::Unattributed => manifest::Basis::Unattributed,
        Basis::Rule { .. } => manifest::Basis::Rule,
    }
}
