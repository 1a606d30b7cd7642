//! Rows and manifests for the tests of this folder.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{
    Basis, CoverageRow, Digest, Entry, Hashes, HeaderParts, ListOrigin, ListRef, Manifest, ObjectKind,
    Profile, RefCoverage, Strength, Tool,
};
use crate::policy::{Purpose, Purposes};
use crate::repo::ObjectId;

pub(crate) fn parts() -> HeaderParts {
    HeaderParts {
        tool: Tool { name: "withhold".to_owned(), version: "0.1.0".to_owned() },
        created_at: 1_700_000_000,
        not_before: Some(1_700_000_000),
        not_after: Some(1_800_000_000),
        lists: vec![ListRef {
            name: "corp.example/all".to_owned(),
            serial: 42,
            digest: Digest::of(b"list"),
            origin: ListOrigin::Given,
        }],
        policy_digest: Digest::of(b"policy"),
        purposes: Purposes::ALL,
        previous: Some(Digest::of(b"before")),
        merged_from: Vec::new(),
    }
}

/// Hundred lines of ten bytes each; `which` makes them differ.
pub(crate) fn content(which: u8) -> Vec<u8> {
    (0..100).flat_map(|line| format!("{which:03} {line:05}\n").into_bytes()).collect()
}

pub(crate) fn hashes(which: u8) -> Hashes {
    Hashes::of_blob(&content(which))
}

/// Lines of a sample's content.
pub(super) fn lines(which: u8, first: u64, last: u64) -> Entry {
    Entry::lines(&hashes(which), first..=last, (first - 1) * 10..last * 10, Purpose::TrainAi.into())
}

pub(crate) fn tip() -> RefCoverage {
    RefCoverage {
        repo: Some("corp/engine".into()),
        name: Some("refs/heads/main".to_owned()),
        tip: ObjectId::from_bytes([7; 20]),
        files: 3,
        lines: 300,
        commits: 2,
        tags: 1,
        submodules: 0,
        history: false,
        incomplete: None,
    }
}

/// A manifest with a row of every unit.
pub(crate) fn manifest(profile: Profile) -> Manifest {
    let train = Purposes::from(Purpose::TrainAi);
    let found = |entry: Entry, path: &[u8]| Entry {
        repo: Some("corp/engine".into()),
        path: Some(super::path::encode(path).into()),
        commit: Some(ObjectId::from_bytes([9; 20])),
        basis: Some(Basis::Author),
        strength: Some(Strength::Asserted),
        rule: Some("k-5f0c".into()),
        ..entry
    };
    let body = Hashes::of_object(ObjectKind::Commit, b"a commit");
    let entries = vec![
        found(Entry::blob(&hashes(1), Purposes::ALL), b"src/a.rs"),
        found(Entry::blob(&hashes(1), Purposes::ALL), b"vendor/caf\xe9 100%.rs"),
        found(Entry::lfs([3; 32], 1 << 40, train), b"model.bin"),
        found(lines(2, 1, 3), b"src/b.rs"),
        found(lines(2, 10, 10), b"src/b.rs"),
        Entry { repo: Some("corp/engine".into()), ..Entry::commit(&body, train) },
        Entry::tag(&Hashes::of_object(ObjectKind::Tag, b"a tag"), train),
        Entry::path("corp/engine".into(), "secret.txt".into(), train),
        Entry::repo("corp/legal".into(), Purposes::ALL),
    ];
    let mut coverage: Vec<_> = (1..=3).map(|which| CoverageRow::blob(&hashes(which))).collect();
    coverage.push(CoverageRow::lfs([3; 32], 1 << 40));
    coverage.push(CoverageRow::commit(body.git_sha1));
    coverage.push(CoverageRow::tag(ObjectId::from_bytes([8; 20])));
    coverage.push(CoverageRow::of_ref(tip()));
    coverage.push(CoverageRow::of_ref(RefCoverage {
        name: Some("HEAD".to_owned()),
        incomplete: Some("shallow".to_owned()),
        ..tip()
    }));
    for path in ["model.bin", "src/a.rs", "src/b.rs", "src/c.rs", "vendor/caf%E9 100%25.rs"] {
        coverage.push(CoverageRow::path("corp/engine".into(), path.into()));
    }
    Manifest::build(parts(), entries, coverage, profile, 1).unwrap()
}

fn purposes() -> impl Strategy<Value = Purposes> {
    subsequence(&Purpose::ALL[..], 1..=5).prop_map(|names| names.into_iter().collect())
}

/// Entries out of so small a world that they often coincide, overlap and touch.
pub(super) fn entry() -> impl Strategy<Value = Entry> {
    let names = || option::of(select(vec!["a", "b/ö%25", "c \"\\ %0A"]));
    let basis =
        option::of(select(vec![Basis::Author, Basis::CoAuthor, Basis::NotListed, Basis::Unattributed]));
    let strength = option::of(select(vec![Strength::Asserted, Strength::Verified]));
    (
        0..6_u8,
        0..3_u8,
        (1..12_u64, 0..4_u64),
        names(),
        names(),
        option::of(0..2_u8),
        purposes(),
        basis,
        strength,
    )
        .prop_map(|(unit, which, (first, more), repo, path, commit, purposes, basis, strength)| {
            let repo_or_a = repo.unwrap_or("a").into();
            let entry = match unit {
                0 => Entry::blob(&hashes(which), purposes),
                1 => Entry { purposes, ..lines(which, first, first + more) },
                2 => Entry::commit(&hashes(which), purposes),
                3 => Entry::tag(&hashes(which), purposes),
                4 => Entry::path(repo_or_a, path.unwrap_or("p").into(), purposes),
                _ => Entry::repo(repo_or_a, purposes),
            };
            let of_a_file = unit < 2;
            Entry {
                repo: entry.repo.or(repo.map(Into::into)),
                path: entry.path.or(path.filter(|_| of_a_file && repo.is_some()).map(Into::into)),
                commit: commit.filter(|_| of_a_file).map(|byte| ObjectId::from_bytes([byte; 20])),
                rule: basis.map(|_| "k-1".into()),
                basis,
                strength,
                ..entry
            }
        })
}

pub(super) fn coverage_row() -> impl Strategy<Value = CoverageRow> {
    (0..6_u8, 0..4_u8, any::<bool>(), option::of(select(vec!["shallow", "missing objects"]))).prop_map(
        |(unit, which, history, why)| match unit {
            0 => CoverageRow::blob(&hashes(which)),
            1 => CoverageRow::lfs([which; 32], u64::from(which)),
            2 => CoverageRow::commit(ObjectId::from_bytes([which; 20])),
            3 => CoverageRow::tag(ObjectId::from_bytes([which; 20])),
            4 => {
                let repo = if history { "corp/engine" } else { "corp/x" };
                let path = ["src/a.rs", "src/b.rs", "caf%E9", "README"][usize::from(which)];
                match why {
                    None => CoverageRow::path(repo.into(), path.into()),
                    Some(_) => CoverageRow::not_followed(repo.into(), path.into(), "submodule"),
                }
            }
            _ => CoverageRow::of_ref(RefCoverage {
                lines: u64::from(which),
                history,
                incomplete: why.map(str::to_owned),
                ..tip()
            }),
        },
    )
}

pub(super) fn profile() -> impl Strategy<Value = Profile> {
    select(&Profile::ALL[..])
}

pub(super) fn any_manifest() -> impl Strategy<Value = Manifest> {
    (vec(entry(), 0..12), vec(coverage_row(), 0..8), profile()).prop_map(|(entries, coverage, profile)| {
        Manifest::build(parts(), entries, coverage, profile, 1).unwrap()
    })
}
