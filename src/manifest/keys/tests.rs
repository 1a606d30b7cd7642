//! What manifests say of keys, and that nothing less than all of it is ever asked.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::slice::from_ref;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::manifest::samples::{any_manifest, hashes, manifest, parts, tip};
use crate::manifest::{
    CoverageRow, Encoding, Entry, Hashes, HeaderParts, Manifest, ObjectKind, Profile, RefCoverage, write,
};
use crate::policy::Purpose;
use crate::repo::ObjectId;

mod kept;
mod paths;

/// Everything.
fn all() -> Wanted {
    Wanted { hashes: HashKind::ALL.to_vec(), commits: true, lines: true, names: true, paths: Paths::Any }
}

fn train() -> Purposes {
    Purpose::TrainAi.into()
}

/// Manifests in folders.
fn written(manifests: &[Manifest]) -> (TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..manifests.len()).map(|at| folder.path().join(at.to_string())).collect();
    for (manifest, path) in manifests.iter().zip(&paths) {
        write(manifest, path, Encoding::JsonLines).unwrap();
    }
    (folder, paths)
}

fn opened(manifests: &[Manifest], wanted: &Wanted) -> Keys {
    let (_folder, paths) = written(manifests);
    Keys::open(&paths, wanted, None, 1, &()).unwrap()
}

#[test]
fn a_file_version_is_known_by_each_of_its_hashes() {
    let keys = opened(&[manifest(Profile::Keys)], &all());
    let expected = Standing { whole: Purposes::ALL, lines: Purposes::NONE, covered: Purposes::ALL };
    let whole = hashes(1);
    assert_eq!(keys.blob(HashKind::GitSha1, whole.git_sha1.as_bytes()), expected);
    assert_eq!(keys.blob(HashKind::Sha1, &whole.sha1), expected);
    assert_eq!(keys.blob(HashKind::Sha256, &whole.sha256), expected);
    // Excluded in part; and covered only.
    let expected = Standing { whole: Purposes::NONE, lines: train(), covered: Purposes::ALL };
    assert_eq!(keys.blob(HashKind::Sha256, &hashes(2).sha256), expected);
    let expected = Standing { covered: Purposes::ALL, ..Standing::default() };
    assert_eq!(keys.blob(HashKind::Sha1, &hashes(3).sha1), expected);
    // Nobody has looked at this one.
    assert_eq!(keys.blob(HashKind::Sha1, &hashes(4).sha1), Standing::default());
}

#[test]
fn one_kind_of_hash_is_never_taken_for_another() {
    let keys = opened(&[manifest(Profile::Keys)], &all());
    assert_eq!(keys.blob(HashKind::Sha1, hashes(1).git_sha1.as_bytes()), Standing::default());
    assert_eq!(keys.blob(HashKind::GitSha1, &hashes(1).sha1), Standing::default());
    assert_eq!(keys.blob(HashKind::Sha1, &hashes(1).sha256[..20]), Standing::default());
}

#[test]
fn a_hash_of_another_length_is_not_covered() {
    let keys = opened(&[manifest(Profile::Keys)], &all());
    for kind in HashKind::ALL {
        for length in [0, 19, 21, 31, 33] {
            assert_eq!(keys.blob(kind, &vec![3; length]), Standing::default());
        }
    }
    assert_eq!(keys.blob(HashKind::Sha256, &hashes(1).sha256[..20]), Standing::default());
}

#[test]
fn what_was_not_wanted_is_not_covered() {
    let keys = opened(&[manifest(Profile::Paths)], &Wanted::default());
    assert!(keys.is_empty());
    assert_eq!(keys.blob(HashKind::Sha1, &hashes(1).sha1), Standing::default());
    assert_eq!(keys.lines(hashes(2).git_sha1.as_bytes()), []);
    assert_eq!(keys.place(b"corp/legal", None), Place::default());
    assert_eq!(keys.tip(b"corp/engine", tip().tip.as_bytes()), Purposes::NONE);
    assert!(keys.has_repos() && keys.has_paths(), "this the headers tell");
}

#[test]
fn a_file_in_lfs_has_a_sha256_only() {
    let keys = opened(&[manifest(Profile::Keys)], &all());
    let standing = keys.blob(HashKind::Sha256, &[3; 32]);
    assert_eq!((standing.whole, standing.covered), (train(), Purposes::ALL));
    assert_eq!(keys.tables.blobs.each_ref().map(Table::len), [3, 3, 4]);
}

#[test]
fn ranges_of_lines_are_sorted() {
    let keys = opened(&[manifest(Profile::Keys)], &all());
    let lines = keys.lines(hashes(2).git_sha1.as_bytes());
    assert_eq!(lines, [(1..=3, train()), (10..=10, train())]);
    assert_eq!(keys.lines(hashes(1).git_sha1.as_bytes()), [], "excluded whole, not in lines");
}

#[test]
fn a_commit_is_not_a_blob() {
    let keys = opened(&[manifest(Profile::Keys)], &all());
    let body = Hashes::of_object(ObjectKind::Commit, b"a commit");
    let standing = keys.commit(body.git_sha1.as_bytes());
    assert_eq!((standing.whole, standing.covered), (train(), Purposes::ALL));
    assert_eq!(keys.blob(HashKind::GitSha1, body.git_sha1.as_bytes()), Standing::default());
    assert_eq!(keys.commit(hashes(1).git_sha1.as_bytes()), Standing::default());
    assert_eq!(keys.commit(&[8; 20]), Standing::default(), "a tag");
}

#[test]
fn places_are_known_by_their_bytes() {
    let keys = opened(&[manifest(Profile::Paths)], &all());
    let any = |any_version| Place { any_version, ..Place::default() };
    let some = |some_version| Place { some_version, covered: Purposes::ALL, ..Place::default() };
    assert_eq!(keys.place(b"corp/legal", None), any(Purposes::ALL));
    assert_eq!(keys.place(b"corp/legal", Some(b"whatever")), any(Purposes::ALL));
    assert_eq!(keys.place(b"Corp/Engine.git", Some(b"/secret.txt")), any(train()));
    assert_eq!(keys.place(b"corp/engine", Some(b"vendor/caf\xe9 100%.rs")), some(Purposes::ALL));
    assert_eq!(keys.place(b"corp/engine", Some(b"vendor/caf%E9 100%25.rs")), Place::default());
    assert_eq!(keys.place(b"corp/engine", Some(b"src/b.rs")), some(train()), "lines of it");
    assert_eq!(keys.place(b"corp/engine", None), Place::default());
}

#[test]
fn only_a_tip_that_was_read_completely_covers() {
    let tip_of = |repo: &str, id: u8, incomplete: Option<&str>| {
        CoverageRow::of_ref(RefCoverage {
            repo: Some(repo.into()),
            tip: ObjectId::from_bytes([id; 20]),
            history: repo != "corp/b",
            incomplete: incomplete.map(str::to_owned),
            ..tip()
        })
    };
    let coverage = vec![
        tip_of("corp/a", 1, None),
        tip_of("corp/a", 2, Some("shallow")),
        tip_of("corp/b", 3, None),
        tip_of("corp/c", 4, Some("shallow")),
    ];
    let paths = Manifest::build(parts_of(train()), Vec::new(), coverage, Profile::Paths, 1).unwrap();
    let keys = opened(&[paths], &all());
    assert_eq!(keys.tip(b"Corp/A", &[1; 20]), train());
    assert_eq!(keys.tip(b"corp/a", &[2; 20]), Purposes::NONE, "incomplete");
    assert_eq!(keys.tip(b"corp/a", &[3; 20]), Purposes::NONE, "of another repository");
    // Without names a manifest does not tell which paths are excluded, so it covers none by them.
    let keys = opened(&[manifest(Profile::Keys)], &all());
    assert_eq!(keys.tip(b"corp/engine", tip().tip.as_bytes()), Purposes::NONE);
}

#[test]
fn a_commit_is_known_with_its_history_in_the_one_repository_whose_history_was_covered() {
    let of = |repo: &str, history: bool, incomplete: Option<&str>| {
        let (repo, incomplete) = (Some(repo.into()), incomplete.map(str::to_owned));
        CoverageRow::of_ref(RefCoverage { repo, history, incomplete, ..tip() })
    };
    let (sound, commit) = (of("corp/a", true, None), ObjectId::from_bytes([9; 20]));
    let known = |refs: &[&[CoverageRow]], repo: &[u8], profile| {
        let manifest = |refs: &&[CoverageRow]| {
            let coverage = [refs, &[CoverageRow::commit(commit)][..]].concat();
            Manifest::build(parts_of(train()), Vec::new(), coverage, profile, 1).unwrap()
        };
        opened(&refs.iter().map(manifest).collect::<Vec<_>>(), &all()).history(repo, commit.as_bytes())
    };
    let paths = Profile::Paths;
    assert_eq!(known(&[from_ref(&sound)], b"/Corp/A.git", paths), train());
    assert_eq!(known(&[from_ref(&sound)], b"corp/b", paths), Purposes::NONE);
    assert_eq!(known(&[&[of("corp/a", false, None)]], b"corp/a", paths), Purposes::NONE, "its tip alone");
    assert_eq!(known(&[&[of("corp/a", true, Some("shallow"))]], b"corp/a", paths), Purposes::NONE);
    for other in [of("corp/b", true, None), of("corp/a", false, None)] {
        let both = [sound.clone(), other.clone()];
        for repo in [b"corp/a", b"corp/b"] {
            assert_eq!(known(&[&both], repo, paths), Purposes::NONE, "which has the commit is not known");
        }
        // One manifest does not speak for another, nor against it.
        assert_eq!(known(&[&both[..1], &both[1..]], b"corp/a", paths), train());
    }
    let each = [from_ref(&sound), &[of("corp/b", true, None)]];
    assert_eq!(known(&each, b"corp/b", paths), train());
    assert_eq!(known(&[&[]], b"corp/a", paths), Purposes::NONE);
    assert_eq!(known(&[from_ref(&sound)], b"corp/a", Profile::Keys), Purposes::NONE, "no paths are named");
    let keys =
        opened(&[Manifest::build(parts_of(train()), Vec::new(), vec![sound], paths, 1).unwrap()], &all());
    assert_eq!(keys.history(b"corp/a", commit.as_bytes()), Purposes::NONE, "another commit");
    assert_eq!(keys.place(b"corp/a", None), Place::default(), "that it was looked at excludes nothing");
}

/// Header parts that decide these purposes only.
fn parts_of(purposes: Purposes) -> HeaderParts {
    HeaderParts { purposes, ..parts() }
}

#[test]
fn a_manifest_covers_for_the_purposes_that_it_has_decided() {
    let of = |purposes: Purposes, entries| {
        let coverage = vec![CoverageRow::blob(&hashes(1))];
        Manifest::build(parts_of(purposes), entries, coverage, Profile::Keys, 1).unwrap()
    };
    let search = Purposes::from(Purpose::Search);
    let (a, b) = (of(train(), vec![Entry::blob(&hashes(1), train())]), of(search, Vec::new()));
    let expected = Standing { whole: train(), lines: Purposes::NONE, covered: train() };
    assert_eq!(opened(std::slice::from_ref(&a), &all()).blob(HashKind::Sha1, &hashes(1).sha1), expected);
    // Of two, what any says: excluded by one, for `search` clear by the other.
    let expected = Standing { covered: train().union(search), ..expected };
    assert_eq!(opened(&[a, b], &all()).blob(HashKind::Sha1, &hashes(1).sha1), expected);
}

#[test]
fn no_manifest_is_an_error() {
    assert!(matches!(Keys::open(&[], &all(), None, 1, &()), Err(KeysError::None)));
    let missing = Keys::open(&["/nonexistent".into()], &all(), None, 1, &()).unwrap_err();
    assert!(missing.to_string().contains("/nonexistent"), "{missing}");
}

/// What the manifests say, the plain way.
#[derive(Default)]
struct Plain {
    blobs: HashMap<(HashKind, Vec<u8>), Standing>,
    commits: HashMap<[u8; 20], Standing>,
    lines: HashMap<[u8; 20], BTreeMap<(u64, u64), Purposes>>,
}

impl Plain {
    fn of(manifests: &[Manifest]) -> Self {
        let mut plain = Self::default();
        for manifest in manifests {
            for row in manifest.entries() {
                let standing = match row.unit {
                    EntryUnit::Lines => Standing::lines(row.purposes),
                    _ => Standing::whole(row.purposes),
                };
                let id = row.git_sha1.map(|id| *id.as_bytes());
                match row.unit {
                    EntryUnit::Blob | EntryUnit::Lines => plain.blob(id, row.sha1, row.sha256, standing),
                    EntryUnit::Commit => plain.commit(id.unwrap(), standing),
                    _ => {}
                }
                if let (Some(first), Some(last)) = (row.line_start, row.line_end) {
                    let ranges = plain.lines.entry(id.unwrap()).or_default();
                    let said = ranges.entry((first, last)).or_default();
                    *said = said.union(row.purposes);
                }
            }
            let covered = Standing::covered(manifest.header().purposes);
            for row in manifest.coverage() {
                match row {
                    CoverageRow::Blob(row) => {
                        plain.blob(row.git_sha1.map(|id| *id.as_bytes()), row.sha1, row.sha256, covered);
                    }
                    CoverageRow::Commit(row) => plain.commit(*row.git_sha1.unwrap().as_bytes(), covered),
                    _ => {}
                }
            }
        }
        plain
    }

    fn blob(
        &mut self,
        id: Option<[u8; 20]>,
        sha1: Option<[u8; 20]>,
        sha256: Option<[u8; 32]>,
        said: Standing,
    ) {
        let keys = [
            (HashKind::GitSha1, id.map(Vec::from)),
            (HashKind::Sha1, sha1.map(Vec::from)),
            (HashKind::Sha256, sha256.map(Vec::from)),
        ];
        for (kind, key) in keys {
            let Some(key) = key else { continue };
            let standing = self.blobs.entry((kind, key)).or_default();
            *standing = standing.union(said);
        }
    }

    fn commit(&mut self, id: [u8; 20], said: Standing) {
        let standing = self.commits.entry(id).or_default();
        *standing = standing.union(said);
    }

    /// Holds the keys against it.
    fn check(&self, keys: &Keys) {
        for ((kind, key), standing) in &self.blobs {
            assert_eq!(keys.blob(*kind, key), *standing);
        }
        for (id, standing) in &self.commits {
            assert_eq!(keys.commit(id), *standing);
        }
        for (id, ranges) in &self.lines {
            let ranges: Vec<_> = ranges.iter().map(|(&(first, last), &said)| (first..=last, said)).collect();
            assert_eq!(keys.lines(id), ranges);
        }
        let count: usize = keys.tables.blobs.iter().map(Table::len).sum();
        assert_eq!((count, keys.tables.commits.len()), (self.blobs.len(), self.commits.len()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn keys_say_what_the_rows_say(manifests in vec(any_manifest(), 1..4)) {
        Plain::of(&manifests).check(&opened(&manifests, &all()));
    }

    #[test]
    fn the_order_of_manifests_does_not_matter(manifests in vec(any_manifest(), 1..4)) {
        let reversed: Vec<_> = manifests.iter().rev().cloned().collect();
        let keys = opened(&reversed, &all());
        Plain::of(&manifests).check(&keys);
        let headers: Vec<_> = keys.sources().iter().map(|source| &source.header).collect();
        prop_assert_eq!(headers, reversed.iter().map(Manifest::header).collect::<Vec<_>>());
    }
}
