use super::super::output::{Output, OutputFolder};
use super::*;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_name_begins_as_that_of_its_target_and_is_never_too_long() {
    let home = tempfile::tempdir().unwrap();
    for name in ["a", "a.jsonl.zst", &"n".repeat(LONGEST), &"n".repeat(LONGEST + 1), &"n".repeat(255)] {
        let target = home.path().join(name);
        let output = Output::create(&target).unwrap();
        let [begun] = &names(home.path())[..] else { panic!("{:?}", names(home.path())) };
        assert!(is_partial(Path::new(begun)), "{begun}");
        assert_eq!(begun.starts_with(&format!(".{name}.")), name.len() <= LONGEST, "{begun}");
        output.finish().unwrap();
        assert_eq!(names(home.path()), [name]);
        fs::remove_file(target).unwrap();
    }
    assert!(!is_partial(Path::new("a.withhold-partial")));
}

#[cfg(unix)]
#[test]
fn only_what_nobody_writes_goes() {
    let home = tempfile::tempdir().unwrap();
    let [file, folder] = ["a.jsonl", "files"].map(|name| home.path().join(name));
    let (output, files) = (Output::create(&file).unwrap(), OutputFolder::create(&folder).unwrap());
    fs::write(files.path().join("row"), "row").unwrap();
    let held = names(home.path());
    let sweep = || [&file, &folder].map(|target| sweep_beside(target));
    for left in [".a.jsonl.abc123.withhold-partial", ".files.abc123.withhold-partial"] {
        fs::write(home.path().join(left), "left").unwrap();
    }
    fs::create_dir(home.path().join(".files.ABC123.withhold-partial")).unwrap();
    fs::write(home.path().join(".files.ABC123.withhold-partial/row"), "left").unwrap();
    sweep();
    assert_eq!(names(home.path()), held);
    output.finish().unwrap();
    files.finish().unwrap();
    sweep();
    assert_eq!(names(home.path()), ["a.jsonl", "files"]);
    assert_eq!(names(&folder), ["row"]);
}

#[cfg(unix)]
#[test]
fn what_has_another_name_or_is_neither_file_nor_folder_stays() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("a");
    for name in [
        ".a.jsonl.abc123.withhold-partial",
        ".a.abc12.withhold-partial",
        ".a.abc-12.withhold-partial",
        ".a.abc123.withhold-partial.jsonl",
        ".ab.abc123.withhold-partial",
        "a.abc123.withhold-partial",
    ] {
        fs::write(home.path().join(name), "").unwrap();
    }
    std::os::unix::fs::symlink("a.abc123.withhold-partial", home.path().join(".a.linked.withhold-partial"))
        .unwrap();
    let before = names(home.path());
    sweep_beside(&target);
    assert_eq!(names(home.path()), before);
    // Nothing is there, or it has no name: then there is nothing to do.
    sweep_beside(&home.path().join("nowhere/a"));
    sweep_beside(Path::new("/"));
}

/// Those who look for what is left take nothing from those who begin at the same moment.
#[cfg(unix)]
#[test]
fn who_begins_while_others_sweep_keeps_what_is_begun() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("a");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                sweep_beside(&target);
            }
        });
        let begun = (0..2000).try_for_each(|_| Output::create(&target)?.finish());
        done.store(true, Ordering::Relaxed);
        begun.unwrap();
    });
    assert_eq!(names(home.path()), ["a"]);
}

#[cfg(unix)]
#[test]
fn what_went_before_it_was_locked_is_not_ours() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a");
    let open = || File::create(&path).unwrap();
    assert!(matches!(lock(open(), &path), Hold::Ours(_)));
    let (removed, replaced) = (open(), home.path().join("b"));
    fs::remove_file(&path).unwrap();
    assert!(matches!(lock(removed, &path), Hold::Theirs));
    let before = open();
    fs::write(&replaced, "").unwrap();
    fs::rename(&replaced, &path).unwrap();
    assert!(matches!(lock(before, &path), Hold::Theirs));
}
