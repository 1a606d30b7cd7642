use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_the_old_one_until_it_is_whole() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("a/b/c.jsonl");
    let begun = Output::create(&target).unwrap();
    assert!(!target.exists());
    drop(begun);
    assert_eq!(names(target.parent().unwrap()), [""; 0]);
    for content in [&b"old"[..], b"new and longer"] {
        let mut output = Output::create(&target).unwrap();
        let mut hashing = Hashing::new(&mut output);
        hashing.write_all(&content[..2]).unwrap();
        hashing.write_all(&content[2..]).unwrap();
        let written = hashing.written();
        output.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), content);
        assert_eq!(written, Written::of(&target).unwrap());
        assert_eq!(
            (written.length, written.sha256),
            (content.len() as u64, HEXLOWER.encode(&Sha256::digest(content)))
        );
    }
    let mut failed = Output::create(&target).unwrap();
    failed.write_all(b"half").unwrap();
    drop(failed);
    assert_eq!(fs::read(&target).unwrap(), b"new and longer");
    assert_eq!(names(target.parent().unwrap()), ["c.jsonl"]);
}

#[test]
fn what_stands_in_the_way_stays() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("folder");
    fs::create_dir(&folder).unwrap();
    assert!(Output::create(&folder).unwrap_err().to_string().contains("no regular file"));
    #[cfg(unix)]
    {
        let link = home.path().join("link");
        std::os::unix::fs::symlink("folder", &link).unwrap();
        assert!(Output::create(&link).is_err());
        assert!(link.is_symlink());
    }
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(Output::create(&file.join("below")).is_err());
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_rights_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let (plain, ours) = (home.path().join("plain"), home.path().join("ours"));
    fs::write(&plain, "").unwrap();
    Output::create(&ours).unwrap().finish().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&plain), mode(&ours));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let mut full = Hashing::new(File::options().write(true).open("/dev/full").unwrap());
    let error = full.write_all(&[0; 1 << 20]).and_then(|()| full.flush()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(full.written().length, 0);
}

#[test]
fn what_killed_runs_left_is_swept_away_and_strangers_are_told() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    sweep(&out).unwrap();
    assert_eq!(strangers(&out, &[]).unwrap(), [""; 0].map(PathBuf::from));
    make_folder(&out.join("a")).unwrap();
    for name in ["a/x.jsonl", "a/old.jsonl", super::super::resume::JOURNAL] {
        fs::write(out.join(name), "").unwrap();
    }
    let begun = Output::create(&out.join("a/x.jsonl")).unwrap();
    let killed = |begun: Output| begun.file.keep().unwrap().1;
    let path = killed(begun);
    let targets = [out.join("a/x.jsonl")];
    assert_eq!(strangers(&out, &targets).unwrap(), [out.join("a/old.jsonl")]);
    assert!(path.exists());
    sweep(&out).unwrap();
    assert!(!path.exists());
    assert_eq!(names(&out.join("a")), ["old.jsonl", "x.jsonl"]);
}
