use std::fs;
use std::path::{Path, PathBuf};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::samples::{coverage_row, entry, hashes, lines, manifest, parts, profile, tip};
use super::super::{CoverageRow, Encoding, Entry, HeaderParts, Manifest, RefCoverage, build, read, write};
use super::*;
use crate::policy::Purpose;

const NOW: Timestamp = 1_750_000_000;

/// A folder in which manifests are merged.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn merge(&self, inputs: &[&Path], out: &str) -> Result<PathBuf, ManifestError> {
        let inputs = inputs.iter().map(|path| Input::open(path)).collect::<Result<_, _>>()?;
        let tool = Tool { name: "merger".to_owned(), version: "1".to_owned() };
        let path = self.path(out);
        let header = merge(
            inputs,
            tool,
            NOW,
            Output::Folder(&path, Encoding::JsonLines),
            Work { threads: 1, watch: &() },
        )?;
        assert_eq!(read(&path).unwrap().header(), &header, "what is written is sound");
        Ok(path)
    }

    fn merged(&self, manifests: &[&Manifest]) -> Result<Manifest, ManifestError> {
        let put = |(at, manifest): (usize, &&Manifest)| {
            let path = self.path(&format!("in-{at}"));
            write(manifest, &path, Encoding::JsonLines).unwrap();
            path
        };
        let paths: Vec<PathBuf> = manifests.iter().enumerate().map(put).collect();
        let out = self.merge(&paths.iter().map(PathBuf::as_path).collect::<Vec<_>>(), "out")?;
        Ok(read(&out).unwrap())
    }
}

fn merged(manifests: &[&Manifest]) -> Manifest {
    Desk::new().merged(manifests).unwrap()
}

/// Manifests of different lists, policies, purposes, times and profiles.
fn any() -> impl Strategy<Value = Manifest> {
    let decided = select(vec![Purposes::ALL, [Purpose::TrainAi, Purpose::Search].into_iter().collect()]);
    let rows = (vec(entry(), 0..10), vec(coverage_row(), 0..6));
    let facts = (40..43_u64, 0..3_u8, decided, select(vec![None, Some(NOW + 5), Some(NOW + 7)]));
    (rows, facts, profile()).prop_map(
        |((entries, coverage), (serial, policy, purposes, not_after), profile)| {
            let list = ListRef { serial, digest: Digest::of(&[serial as u8]), ..parts().lists[0].clone() };
            let origin = ListOrigin::Revision;
            let own =
                ListRef { name: format!("own/{policy}"), serial: 1, digest: Digest::of(&[policy]), origin };
            let same = ListRef { serial: 40 + u64::from(policy), origin, ..list.clone() };
            let parts = HeaderParts {
                lists: vec![list, own, same],
                policy_digest: Digest::of(&[policy]),
                purposes,
                not_after,
                created_at: NOW - i64::from(policy),
                ..parts()
            };
            let within = |entry: Entry| Entry { purposes: entry.purposes.intersection(purposes), ..entry };
            let entries =
                entries.into_iter().map(within).filter(|entry| !entry.purposes.is_empty()).collect();
            Manifest::build(parts, entries, coverage, profile, 1).unwrap()
        },
    )
}

proptest! {
    // Each writes and syncs dozens of files.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn it_is_associative(a in any(), b in any(), c in any()) {
        let all = merged(&[&a, &b, &c]);
        prop_assert_eq!(&merged(&[&merged(&[&a, &b]), &c]), &all);
        prop_assert_eq!(&merged(&[&a, &merged(&[&b, &c])]), &all);
    }

    #[test]
    fn it_is_commutative(a in any(), b in any()) {
        let desk = Desk::new();
        let (one, other) = (desk.path("a"), desk.path("b"));
        write(&a, &one, Encoding::JsonLines).unwrap();
        write(&b, &other, Encoding::JsonLines).unwrap();
        let ab = desk.merge(&[&one, &other], "ab").unwrap();
        let ba = desk.merge(&[&other, &one], "ba").unwrap();
        for name in ["manifest.json", "entries.jsonl", "coverage.jsonl"] {
            prop_assert_eq!(fs::read(ab.join(name)).unwrap(), fs::read(ba.join(name)).unwrap());
        }
    }

    #[test]
    fn it_is_idempotent(a in any()) {
        let once = merged(&[&a]);
        prop_assert_eq!(once.entries(), a.entries());
        prop_assert_eq!(once.coverage(), a.coverage());
        prop_assert_eq!(&merged(&[&a, &a]), &once);
        prop_assert_eq!(&merged(&[&once]), &once);
        prop_assert_eq!(&merged(&[&once, &a]), &once);
    }

    /// It is what a manifest of all rows together would be, within what all of them decide and tell.
    #[test]
    fn it_is_the_union(manifests in vec(any(), 1..4)) {
        let merged = merged(&manifests.iter().collect::<Vec<_>>());
        let header = merged.header();
        let limits = Limits { profile: header.profile, purposes: header.purposes, kept: false };
        let entries = manifests.iter().flat_map(Manifest::entries).cloned();
        let entries = entries.filter_map(|row| super::super::union::window::Settle::limited(row, limits)).collect();
        prop_assert_eq!(merged.entries(), build::normal_entries(entries));
        let coverage = manifests.iter().flat_map(Manifest::coverage).cloned();
        let coverage = coverage.filter_map(|row| super::super::union::window::Settle::limited(row, limits)).collect();
        prop_assert_eq!(merged.coverage(), build::normal::<CoverageRow>(coverage));
        for one in &manifests {
            prop_assert!(one.header().purposes.contains_all(header.purposes), "nothing is claimed that one did not decide");
            prop_assert!(one.header().profile >= header.profile);
        }
    }
}

fn with(change: impl FnOnce(&mut HeaderParts)) -> Manifest {
    let mut parts = parts();
    change(&mut parts);
    let coverage = vec![CoverageRow::of_ref(tip())];
    Manifest::build(parts, vec![lines(1, 1, 2)], coverage, Profile::Paths, 1).unwrap()
}

#[test]
fn the_header_says_what_holds_of_all() {
    let list = |name: &str, serial| ListRef {
        name: name.into(),
        serial,
        digest: Digest::of(&[serial as u8]),
        origin: ListOrigin::Given,
    };
    let own = |name, serial| ListRef { origin: ListOrigin::Revision, ..list(name, serial) };
    let one = with(|parts| {
        parts.not_before = Some(100);
        parts.not_after = Some(NOW + 9);
        parts.created_at = 70;
        parts.lists = vec![list("b", 7), list("a", 3), own("b", 1), own("c", 4)];
    });
    let other = with(|parts| {
        parts.not_before = Some(50);
        parts.not_after = None;
        parts.created_at = 80;
        parts.lists = vec![list("a", 2), list("c", 9), own("a", 8), own("c", 5)];
        parts.policy_digest = Digest::of(b"other");
    });
    let merged = merged(&[&one, &other]);
    let header = merged.header();
    assert_eq!((header.not_before, header.not_after, header.created_at), (Some(100), Some(NOW + 9), 80));
    // A gate that has seen serial 3 of `a` must refuse it: some of its rows were made under serial 2.
    // What a revision carries is another list, whatever it is called: neither makes the other one older.
    let lists = [list("a", 2), own("a", 8), own("b", 1), list("b", 7), own("c", 4), list("c", 9)];
    assert_eq!(header.lists, lists);
    let mut digests = vec![one.digest().unwrap(), other.digest().unwrap()];
    digests.sort();
    assert_eq!(header.merged_from, digests);
    let mut policies = vec![Digest::of(b"policy"), Digest::of(b"other")];
    policies.sort();
    assert_eq!(header.policies, policies);
    assert_eq!(header.policy_digest, Digest::of(format!("{}\n{}\n", policies[0], policies[1]).as_bytes()));
    assert_eq!((header.previous, header.tool.name.as_str()), (None, "merger"));
}

#[test]
fn of_one_policy_there_is_no_list() {
    let merged = merged(&[&with(|_| ()), &with(|parts| parts.created_at = 5)]);
    assert_eq!((merged.header().policy_digest, merged.header().policies.len()), (Digest::of(b"policy"), 0));
}

#[test]
fn a_header_whose_policies_are_not_those_of_its_digest_is_refused() {
    let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
    let (first, last) = (a.min(b), a.max(b));
    let good = Header {
        policies: vec![first, last],
        policy_digest: Header::of_policies(&[first, last]),
        ..with(|_| ()).header().clone()
    };
    assert_eq!(good.check(), Ok(()));
    for policies in [vec![last, first], vec![first], vec![first, first], vec![first, last, last]] {
        assert!(Header { policies, ..good.clone() }.check().is_err());
    }
    assert!(Header { policy_digest: a, ..good }.check().is_err());
}

#[test]
fn ranges_of_several_become_one_if_they_touch() {
    let of = |first, last| {
        Manifest::build(parts(), vec![lines(1, first, last)], Vec::new(), Profile::Keys, 1).unwrap()
    };
    assert_eq!(merged(&[&of(1, 3), &of(9, 9), &of(4, 6)]).entries(), [lines(1, 1, 6), lines(1, 9, 9)]);
}

/// Both tips were read: each row says so of its own, and nothing of the ref as it is now.
#[test]
fn a_ref_that_has_moved_in_between_is_there_with_both_tips() {
    let at = |tip: RefCoverage| {
        Manifest::build(parts(), Vec::new(), vec![CoverageRow::of_ref(tip)], Profile::Paths, 1).unwrap()
    };
    let moved = RefCoverage { tip: crate::repo::ObjectId::from_bytes([1; 20]), ..tip() };
    let shallow = RefCoverage { incomplete: Some("shallow".to_owned()), ..tip() };
    let both = merged(&[&at(tip()), &at(moved.clone()), &at(shallow.clone())]);
    assert_eq!(both.coverage(), [moved, tip(), shallow].map(CoverageRow::of_ref));
}

fn refused(manifests: &[&Manifest], because: &str) {
    let desk = Desk::new();
    let error = desk.merged(manifests).unwrap_err().to_string();
    assert!(error.contains(because), "{error}");
    assert!(!desk.path("out").exists());
}

#[test]
fn what_has_nothing_in_common_is_refused() {
    refused(&[], "there is none");
    let of = |purpose: Purpose| {
        let parts = HeaderParts { purposes: purpose.into(), ..parts() };
        Manifest::build(parts, Vec::new(), Vec::new(), Profile::Keys, 1).unwrap()
    };
    refused(&[&of(Purpose::TrainAi), &of(Purpose::Search)], "no purpose that all of them decide");
}

#[test]
fn what_is_over_is_refused() {
    let old = with(|parts| parts.not_after = Some(NOW - 1));
    refused(&[&with(|_| ()), &old], "expired at 2025-06-15T15:06:39Z");
    let early = with(|parts| (parts.not_before, parts.not_after) = (None, Some(NOW)));
    let late = with(|parts| (parts.not_before, parts.not_after) = (Some(NOW + 1), None));
    refused(&[&early, &late], "there is no time at which all of them hold");
}

/// Each is sound by itself; of one content, they cannot both be true.
#[test]
fn what_contradicts_itself_is_refused() {
    let of = |lines: std::ops::RangeInclusive<u64>, bytes| {
        let entry = Entry::lines(&hashes(1), lines, bytes, Purpose::TrainAi.into());
        Manifest::build(parts(), vec![entry], Vec::new(), Profile::Keys, 1).unwrap()
    };
    let content = hashes(1).git_sha1.to_string();
    refused(&[&of(1..=2, 200..202), &of(3..=102, 101..201)], &format!("contradict each other: of {content}"));
}

#[test]
fn what_is_not_sound_is_refused_and_named() {
    let desk = Desk::new();
    let path = desk.path("tampered");
    write(&manifest(Profile::Keys), &path, Encoding::JsonLines).unwrap();
    let rows = fs::read_to_string(path.join("entries.jsonl")).unwrap();
    fs::write(
        path.join("entries.jsonl"),
        rows.lines().skip(1).map(|row| format!("{row}\n")).collect::<String>(),
    )
    .unwrap();
    let whole = desk.path("whole");
    write(&manifest(Profile::Paths), &whole, Encoding::JsonLines).unwrap();
    let error = desk.merge(&[&whole, &path], "out").unwrap_err().to_string();
    assert!(error.contains("tampered: ") && error.contains("rows where the header says"), "{error}");
    assert_eq!(fs::read_dir(desk.0.path()).unwrap().count(), 2, "nothing is left behind");
}
