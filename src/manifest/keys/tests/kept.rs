//! What is kept of keys, and when it still holds.

use super::*;

/// Keys kept in a folder.
fn kept(paths: &[PathBuf], cache: &Path) -> Result<Keys, KeysError> {
    Keys::open(paths, &all(), Some(cache), 1, &())
}

/// The one file in a folder.
fn only_file(folder: &Path) -> PathBuf {
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

/// Whether the rows are read, and not what was kept of them.
struct Reads(AtomicU64);

impl Watch for Reads {
    fn begin(&self, rows: u64) {
        self.0.fetch_add(rows, Ordering::Relaxed);
    }
}

fn rows_read(paths: &[PathBuf], wanted: &Wanted, cache: &Path) -> u64 {
    let reads = Reads(AtomicU64::new(0));
    Keys::open(paths, wanted, Some(cache), 1, &reads).unwrap();
    reads.0.into_inner()
}

#[test]
fn rows_are_read_once_as_long_as_the_headers_stay() {
    let two = [manifest(Profile::Paths), manifest(Profile::Audit)];
    let ((folder, paths), cache) = (written(&two), tempfile::tempdir().unwrap());
    let cache = cache.path().join("made/for/it");
    assert_eq!(rows_read(&paths, &all(), &cache), 2 * (9 + 13));
    assert_eq!(rows_read(&paths, &all(), &cache), 0);
    let reversed: Vec<_> = paths.iter().rev().cloned().collect();
    assert_eq!(rows_read(&reversed, &all(), &cache), 0, "the order of manifests does not matter");
    assert_eq!(rows_read(&paths[..1], &all(), &cache), 9 + 13, "fewer manifests are something else");
    let less = Wanted { lines: false, ..all() };
    assert_eq!(rows_read(&paths, &less, &cache), 2 * (9 + 13), "and so is less that is wanted");
    // Another manifest in the same place is another manifest.
    write(&manifest(Profile::Keys), &paths[0], Encoding::JsonLines).unwrap();
    assert!(rows_read(&paths, &all(), &cache) > 0);
    drop(folder);
}

#[test]
fn a_manifest_given_twice_is_read_once() {
    let (_folder, mut paths) = written(&[manifest(Profile::Paths)]);
    paths.push(paths[0].clone());
    let cache = tempfile::tempdir().unwrap();
    assert_eq!(rows_read(&paths, &all(), cache.path()), 9 + 13);
    assert_eq!(kept(&paths, cache.path()).unwrap().sources().len(), 2);
}

#[test]
fn rows_cut_or_gone_since_are_found_and_others_as_long_do_not_matter() {
    let sound = manifest(Profile::Paths);
    let (_folder, paths) = written(std::slice::from_ref(&sound));
    let cache = tempfile::tempdir().unwrap();
    kept(&paths, cache.path()).unwrap();
    for name in ["entries.jsonl", "coverage.jsonl"] {
        let file = paths[0].join(name);
        let bytes = std::fs::read(&file).unwrap();
        let refused = |what| assert!(kept(&paths, cache.path()).is_err(), "{name} {what}");
        std::fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
        refused("cut");
        std::fs::remove_file(&file).unwrap();
        refused("gone");
        std::fs::write(&file, bytes.repeat(2)).unwrap();
        refused("twice");
        std::fs::write(&file, &bytes).unwrap();
        assert_eq!(rows_read(&paths, &all(), cache.path()), 0, "as it was");
    }
    let entries = paths[0].join("entries.jsonl");
    std::fs::write(&entries, vec![b' '; std::fs::read(&entries).unwrap().len()]).unwrap();
    Plain::of(std::slice::from_ref(&sound)).check(&kept(&paths, cache.path()).unwrap());
    assert!(Keys::open(&paths, &all(), None, 1, &()).is_err(), "they are read where nothing is kept");
    let header = paths[0].join("manifest.json");
    let bytes = std::fs::read(&header).unwrap();
    std::fs::write(&header, &bytes[..bytes.len() - 1]).unwrap();
    assert!(kept(&paths, cache.path()).is_err());
}

#[test]
fn a_manifest_that_is_cut_off_anywhere_gives_no_keys_at_all() {
    let (_folder, paths) = written(&[manifest(Profile::Audit)]);
    let cache = tempfile::tempdir().unwrap();
    for name in ["manifest.json", "entries.jsonl", "coverage.jsonl"] {
        let file = paths[0].join(name);
        let bytes = std::fs::read(&file).unwrap();
        for end in 0..bytes.len() {
            std::fs::write(&file, &bytes[..end]).unwrap();
            assert!(kept(&paths, cache.path()).is_err(), "{name} cut at {end}");
        }
        std::fs::remove_file(&file).unwrap();
        assert!(kept(&paths, cache.path()).is_err(), "without {name}");
        std::fs::write(&file, &bytes).unwrap();
    }
    assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), 0, "nothing was kept of what is not sound");
    kept(&paths, cache.path()).unwrap();
}

#[test]
fn a_kept_file_that_is_damaged_anywhere_is_made_anew() {
    let sound = manifest(Profile::Paths);
    let (_folder, paths) = written(std::slice::from_ref(&sound));
    let cache = tempfile::tempdir().unwrap();
    kept(&paths, cache.path()).unwrap();
    let file = only_file(cache.path());
    let bytes = std::fs::read(&file).unwrap();
    let damaged = |damage: &[u8]| {
        std::fs::write(&file, damage).unwrap();
        let read = file::read(&mut std::fs::File::open(&file).unwrap(), &id_of(&file));
        assert!(matches!(read, Err(file::Unfit::Damaged)));
    };
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        damaged(&flipped);
        damaged(&bytes[..at]);
    }
    damaged(&[&bytes[..], b"more"].concat());
    damaged(&[b"more", &bytes[..]].concat());
    let plain = Plain::of(std::slice::from_ref(&sound));
    plain.check(&kept(&paths, cache.path()).unwrap());
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "as it was");
    assert_eq!(rows_read(&paths, &all(), cache.path()), 0);
}

/// The id in the name of a kept file.
fn id_of(file: &Path) -> file::Id {
    let name = file.file_stem().unwrap().to_str().unwrap();
    data_encoding::HEXLOWER.decode(name.as_bytes()).unwrap().try_into().unwrap()
}

#[test]
fn what_was_kept_of_another_manifest_is_not_taken() {
    let (_folder, paths) = written(&[manifest(Profile::Paths), manifest(Profile::Keys)]);
    let caches = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    kept(&paths[..1], caches[0].path()).unwrap();
    kept(&paths[1..], caches[1].path()).unwrap();
    let (ours, theirs) = (only_file(caches[0].path()), only_file(caches[1].path()));
    std::fs::copy(theirs, &ours).unwrap();
    assert_eq!(rows_read(&paths[..1], &all(), caches[0].path()), 9 + 13);
}

#[cfg(unix)]
#[test]
fn what_others_can_write_or_put_in_the_place_is_not_taken() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let (_folder, paths) = written(&[manifest(Profile::Paths)]);
    let cache = tempfile::tempdir().unwrap();
    kept(&paths, cache.path()).unwrap();
    let file = only_file(cache.path());
    for mode in [0o620, 0o602, 0o666] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(rows_read(&paths, &all(), cache.path()), 9 + 13, "{mode:o}");
        assert_eq!(rows_read(&paths, &all(), cache.path()), 0, "it was made anew");
    }
    let elsewhere = cache.path().join("elsewhere");
    std::fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert_eq!(rows_read(&paths, &all(), cache.path()), 9 + 13);
}

#[test]
fn the_keys_of_many_manifests_do_not_fill_the_disk() {
    let cache = tempfile::tempdir().unwrap();
    let other = cache.path().join("lists");
    std::fs::write(&other, "not ours").unwrap();
    for number in 0..20_u8 {
        let rows = vec![CoverageRow::blob(&Hashes::of_blob(&[number]))];
        let one = Manifest::build(parts(), Vec::new(), rows, Profile::Keys, 1).unwrap();
        let (_folder, paths) = written(&[one]);
        kept(&paths, cache.path()).unwrap();
        assert_eq!(rows_read(&paths, &all(), cache.path()), 0, "what was made last is there");
    }
    assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), crate::manifest::keys::kept::MOST + 1);
    assert!(other.exists());
}

/// Which older ones should go is housekeeping.
#[cfg(target_os = "linux")]
#[test]
fn keys_are_there_though_the_folder_that_they_are_kept_in_cannot_be_listed() {
    use std::os::unix::fs::PermissionsExt;

    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

    let sound = manifest(Profile::Paths);
    let (_folder, paths) = written(std::slice::from_ref(&sound));
    let cache = tempfile::tempdir().unwrap();
    let mode = |mode| std::fs::set_permissions(cache.path(), PermissionsExt::from_mode(mode)).unwrap();
    mode(0o300);
    let unlisted = || {
        // Root could list it all the same. A thread gives that up for itself.
        let none = CapabilitySet::empty();
        let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
        set_capabilities(None, none).unwrap();
        assert!(std::fs::read_dir(cache.path()).is_err());
        kept(&paths, cache.path())
    };
    let keys = std::thread::scope(|scope| scope.spawn(unlisted).join().unwrap());
    mode(0o700);
    Plain::of(std::slice::from_ref(&sound)).check(&keys.unwrap());
    assert_eq!(rows_read(&paths, &all(), cache.path()), 0, "they were kept");
}

#[test]
fn who_interrupts_gets_no_keys() {
    struct Now;
    impl Watch for Now {
        fn interrupted(&self) -> bool {
            true
        }
    }
    let rows = (0..5000_u32).map(|number| CoverageRow::blob(&Hashes::of_blob(&number.to_le_bytes())));
    let many = Manifest::build(parts(), Vec::new(), rows.collect(), Profile::Keys, 1).unwrap();
    let (_folder, paths) = written(&[many]);
    let cache = tempfile::tempdir().unwrap();
    for threads in [1, 2] {
        let stopped = Keys::open(&paths, &all(), Some(cache.path()), threads, &Now);
        assert!(matches!(stopped, Err(KeysError::Interrupted)));
        assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), 0, "nothing stays behind");
    }
    struct Counted(AtomicU64);
    impl Watch for Counted {
        fn advance(&self, rows: u64) {
            self.0.fetch_add(rows, Ordering::Relaxed);
        }
    }
    let counted = Counted(AtomicU64::new(0));
    let keys = Keys::open(&paths, &all(), None, 2, &counted).unwrap();
    assert_eq!((counted.0.into_inner(), keys.len()), (5000, 15_000));
}

#[test]
fn a_cache_that_cannot_be_written_is_an_error_that_names_it() {
    let (_folder, paths) = written(&[manifest(Profile::Paths)]);
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = kept(&paths, file.path()).unwrap_err();
    assert!(error.to_string().contains(&*file.path().to_string_lossy()), "{error}");
}
