//! What a check found, in the forms that people and programs read.
//!
//! Each printer is a function from a report to text, and decides nothing but how it looks. Only the one for people may
//! show the lists' own lines; all others name a list and its serial, as a manifest does.

pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod junit;
pub mod sarif;

use crate::enforce::finding::Finding;
use crate::manifest::path::encode;

/// What is said of a finding in one line, with what more there is behind it.
fn whole_message(finding: &Finding) -> String {
    let notes = finding.notes.iter().map(|note| format!("; {note}"));
    format!("{}{}", finding.message, notes.collect::<String>())
}

/// A path as readers of a repository know it: as it is, if it is UTF-8; otherwise as manifests spell it.
fn readable(path: &[u8]) -> String {
    std::str::from_utf8(path).map_or_else(|_| encode(path), str::to_owned)
}

/// A few findings that are hard to print.
#[cfg(test)]
mod samples {
    use proptest::prelude::*;

    use crate::enforce::finding::{Content, Excerpt, Finding, Lines, Looked, Report, Rule};
    use crate::manifest::{Digest, ListOrigin, ListRef};
    use crate::policy::{Purposes, Role};
    use crate::repo::{ObjectId, Tip};
    use crate::verdict::{Basis, Reason, Verdict};

    pub(super) fn tip() -> Tip {
        Tip { name: "refs/heads/main".into(), commit: ObjectId::from_bytes([0xab; 20]) }
    }

    fn list() -> ListRef {
        ListRef {
            name: "corp.example/all".into(),
            serial: 42,
            digest: Digest::of(b"list"),
            origin: ListOrigin::Given,
        }
    }

    /// Excluded lines in a file at `path`.
    pub(super) fn excluded(path: &[u8]) -> Finding {
        let basis =
            Basis::Subject { subject: 0, identity: 0, preference: 0, role: Role::Author, mapped: false };
        let mut verdict = Verdict::default();
        verdict.add(Reason { layer: 0, basis, purposes: Purposes::ALL });
        Finding {
            path: Some(path.to_vec()),
            lines: vec![
                Lines { first: 3, last: 4, commit: Some(ObjectId::from_bytes([0xcd; 20])) },
                Lines { first: 9, last: 9, commit: None },
            ],
            excerpt: Some(Excerpt { line: 3, text: "fn hello() {\n    world()".into() }),
            verdict,
            lists: vec![list()],
            content: Some(Content::Lines(Digest::of(b"lines"))),
            ..Finding::new(Rule::TrainingExcluded, "3 lines are excluded").at(&tip())
        }
    }

    pub(super) fn report(findings: Vec<Finding>) -> Report {
        let looked = Looked {
            tip: tip(),
            branch: Some("main".into()),
            files: 2,
            lines: 30,
            commits: 4,
            training: Some(1),
            manifest: Some(".withhold/manifest".into()),
        };
        Report {
            repo: "corp/engine".into(),
            lists: vec![list()],
            looked: vec![looked],
            findings,
            accepted: 1,
        }
    }

    /// One of every kind.
    pub(super) fn mixed() -> Report {
        let forged = Finding::new(Rule::ManifestDiffers, "the manifest lacks 1 row")
            .note("lacks lines src/a.rs:3-4")
            .at(&tip());
        let rolled_back = Finding::new(Rule::ListRolledBack, "the list has serial 41");
        let unused = Finding::new(Rule::BaselineUnused, "an entry for nothing");
        report(vec![
            excluded(b"src/a.rs"),
            excluded(b"caf\xe9, 100%: <&\">\n.rs"),
            forged,
            rolled_back,
            unused,
        ])
    }

    prop_compose! {
        /// Whatever a path or a message may hold.
        pub(super) fn any_report()(
            path in proptest::collection::vec(any::<u8>(), 1..20),
            message: String,
            note: String,
            text: String,
            name: String,
        ) -> Report {
            let mut finding = excluded(&path);
            finding.message = message;
            finding.notes.push(note);
            finding.excerpt = Some(Excerpt { line: 3, text });
            finding.tip = Some(Tip { name: name.clone(), ..tip() });
            let mut report = report(vec![finding]);
            report.repo = name;
            report
        }
    }
}
