use std::ffi::OsString;

use super::super::samples::manifest;
use super::super::{Profile, read};
use super::*;

fn names(folder: &Path) -> Vec<OsString> {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    names
}

/// A folder to work in, and the place for a manifest in it.
fn place() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("manifest");
    (home, out)
}

#[test]
fn three_files_are_written_and_nothing_is_left_beside() {
    let (home, out) = place();
    write(&manifest(Profile::Paths), &out, Encoding::JsonLines).unwrap();
    assert_eq!(names(&out), ["coverage.jsonl", "entries.jsonl", "manifest.json"]);
    assert_eq!(names(home.path()), ["manifest"]);
}

#[test]
fn the_same_manifest_is_the_same_bytes() {
    let (_home, out) = place();
    let bytes = |_| {
        write(&manifest(Profile::Audit), &out, Encoding::JsonLines).unwrap();
        names(&out).into_iter().map(|name| fs::read(out.join(name)).unwrap()).collect::<Vec<_>>()
    };
    let [once, again] = [1, 2].map(bytes);
    assert_eq!(once, again);
}

#[test]
fn the_header_is_its_canonical_bytes_in_every_encoding() {
    let (_home, out) = place();
    let manifest = manifest(Profile::Paths);
    for encoding in Encoding::ALL.into_iter().filter(|encoding| encoding.check().is_ok()) {
        write(&manifest, &out, encoding).unwrap();
        let digest = super::super::Digest::of(&fs::read(out.join(HEADER_FILE)).unwrap());
        assert_eq!(digest, manifest.digest().unwrap());
    }
}

#[test]
#[cfg(feature = "zstd")]
fn another_encoding_replaces_the_files_of_the_first() {
    let (home, out) = place();
    let manifest = manifest(Profile::Paths);
    write(&manifest, &out, Encoding::JsonLines).unwrap();
    write(&manifest, &out, Encoding::JsonLinesZstd).unwrap();
    assert_eq!(names(&out), ["coverage.jsonl.zst", "entries.jsonl.zst", "manifest.json"]);
    assert_eq!(read(&out).unwrap(), manifest);
    assert_eq!(names(home.path()), ["manifest"]);
}

#[test]
fn the_signature_of_the_one_that_is_replaced_goes_with_it() {
    let (home, out) = place();
    write(&manifest(Profile::Keys), &out, Encoding::JsonLines).unwrap();
    fs::write(out.join(SIGNATURE_FILE), "of what was there\n").unwrap();
    write(&manifest(Profile::Paths), &out, Encoding::JsonLines).unwrap();
    assert_eq!(names(&out), ["coverage.jsonl", "entries.jsonl", "manifest.json"]);
    assert_eq!(names(home.path()), ["manifest"]);
}

#[test]
fn an_empty_folder_is_replaced() {
    let (home, out) = place();
    fs::create_dir(&out).unwrap();
    write(&manifest(Profile::Keys), &out, Encoding::JsonLines).unwrap();
    assert!(read(&out).is_ok());
    assert_eq!(names(home.path()), ["manifest"]);
}

#[test]
fn what_is_not_a_manifest_is_left_alone() {
    let refused = |make: &dyn Fn(&Path), because: &str| {
        let (home, out) = place();
        make(&out);
        let before = fs::read_dir(&out).map(|_| names(&out)).unwrap_or_default();
        let error = write(&manifest(Profile::Keys), &out, Encoding::JsonLines).unwrap_err().to_string();
        assert!(error.contains(because), "{error}");
        assert_eq!(fs::read_dir(&out).map(|_| names(&out)).unwrap_or_default(), before);
        assert_eq!(names(home.path()), ["manifest"]);
    };
    refused(&|out| fs::write(out, "text").unwrap(), "it is not a folder");
    let folder = |file: &'static str| {
        move |out: &Path| {
            fs::create_dir(out).unwrap();
            fs::write(out.join(file), "text").unwrap();
        }
    };
    refused(&folder("thesis.tex"), "it holds \"thesis.tex\", which is no part of a manifest");
    refused(&folder("manifest.json"), "it holds a part of a manifest only");
    refused(
        &|out| {
            write(&manifest(Profile::Keys), out, Encoding::JsonLines).unwrap();
            fs::write(out.join("notes.txt"), "").unwrap();
        },
        "it holds \"notes.txt\"",
    );
    refused(
        &|out| {
            write(&manifest(Profile::Keys), out, Encoding::JsonLines).unwrap();
            fs::create_dir(out.join("entries.jsonl.zst")).unwrap();
        },
        "it holds \"entries.jsonl.zst\"",
    );
}

#[test]
fn without_a_parent_folder_nothing_is_made() {
    let (home, out) = place();
    let error = write(&manifest(Profile::Keys), &out.join("deeper"), Encoding::JsonLines).unwrap_err();
    assert!(error.to_string().contains("cannot find the folder"), "{error}");
    assert!(names(home.path()).is_empty());
}

#[test]
fn the_three_renames_exchange_as_the_one_step_does() {
    let home = tempfile::tempdir().unwrap();
    let (new, target) = (home.path().join("new"), home.path().join("target"));
    fs::create_dir(&new).unwrap();
    fs::create_dir(&target).unwrap();
    fs::write(new.join("file"), "new").unwrap();
    fs::write(target.join("file"), "old").unwrap();
    exchange_by_renames(&new, &target).unwrap();
    assert_eq!(fs::read(target.join("file")).unwrap(), b"new");
    assert_eq!(fs::read(new.join("file")).unwrap(), b"old");
    assert_eq!(names(home.path()), ["new", "target"]);
}

#[test]
fn an_exchange_that_fails_leaves_the_old_one() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("target");
    fs::create_dir(&target).unwrap();
    assert!(exchange_by_renames(&home.path().join("missing"), &target).is_err());
    assert_eq!(names(home.path()), ["target"]);
}

#[test]
fn what_someone_else_put_into_the_old_one_is_not_deleted() {
    let home = tempfile::tempdir().unwrap();
    let old = home.path().join("old");
    fs::create_dir(&old).unwrap();
    fs::write(old.join(HEADER_FILE), "").unwrap();
    fs::write(old.join("thesis.tex"), "").unwrap();
    assert!(remove(&old).is_err());
    assert_eq!(names(&old), ["thesis.tex"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn a_link_stays_a_link_to_the_manifest() {
        let (home, out) = place();
        write(&manifest(Profile::Keys), &out, Encoding::JsonLines).unwrap();
        let link = home.path().join("link");
        symlink(&out, &link).unwrap();
        write(&manifest(Profile::Paths), &link, Encoding::JsonLines).unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(read(&out).unwrap(), manifest(Profile::Paths));
        assert_eq!(names(home.path()), ["link", "manifest"]);
    }

    #[test]
    fn a_manifest_is_as_readable_as_any_new_folder() {
        let (home, out) = place();
        write(&manifest(Profile::Keys), &out, Encoding::JsonLines).unwrap();
        let plain = home.path().join("plain");
        fs::create_dir(&plain).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&out), mode(&plain));
    }

    #[test]
    fn a_full_parent_is_an_error_and_leaves_the_old_one() {
        let (home, out) = place();
        write(&manifest(Profile::Keys), &out, Encoding::JsonLines).unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o555)).unwrap();
        let written = write(&manifest(Profile::Paths), &out, Encoding::JsonLines);
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        // Root may write everywhere; whoever may not has the old manifest still.
        let expected = if written.is_ok() { Profile::Paths } else { Profile::Keys };
        assert_eq!(read(&out).unwrap(), manifest(expected));
        assert_eq!(names(home.path()), ["manifest"]);
    }

    #[test]
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    fn there_is_always_a_header_while_it_is_replaced() {
        let (home, out) = place();
        write(&manifest(Profile::Keys), &out, Encoding::JsonLines).unwrap();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                for round in 0..20 {
                    let profile = if round % 2 == 0 { Profile::Audit } else { Profile::Keys };
                    write(&manifest(profile), &out, Encoding::JsonLines).unwrap();
                }
                done.store(true, Ordering::Release);
            });
            while !done.load(Ordering::Acquire) {
                assert!(fs::metadata(out.join(HEADER_FILE)).is_ok());
            }
        });
        assert_eq!(names(home.path()), ["manifest"]);
    }
}
