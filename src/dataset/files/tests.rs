use super::*;
use crate::dataset::Column;
use crate::dataset::output::OutputFolder;

fn columns() -> Columns {
    let column = |(name, meaning): (&str, Meaning)| Column { name: name.to_owned(), meaning };
    Columns::new([("path", Meaning::Path), ("content", Meaning::Content)].map(column).to_vec()).unwrap()
}

fn home(files: &[&str]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for name in files {
        let path = home.path().join("in").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("<{name}>")).unwrap();
    }
    home
}

fn names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap) {
        if entry.file_type().is_file() {
            names.push(entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
        }
    }
    names
}

fn filtered<J: Judge>(home: &Path, mut judge: J) -> Result<Tally, DatasetError> {
    let out = OutputFolder::create(&home.join("new/out"))?;
    let mut hashed = Vec::new();
    let tally =
        filter(&home.join("in"), &columns(), &mut judge, &(), out.path(), &mut |file| hashed.push(file))?;
    out.finish()?;
    assert_eq!(tally.written, hashed.len() as u64);
    for file in hashed {
        let path = home.join("new/out").join(std::str::from_utf8(&file.name).unwrap());
        assert_eq!(file.written, Written::of(&path).unwrap());
    }
    Ok(tally)
}

const FILES: &[&str] = &["b.c", "a/x.c", "a/y/z.c", ".hidden"];

#[test]
fn files_that_stay_are_copied_and_nothing_else() {
    let home = home(FILES);
    fs::create_dir(home.path().join("in/empty")).unwrap();
    let mut seen = Vec::new();
    let tally = filtered(home.path(), |row: &Row<'_>| {
        let Value::Bytes(path) = row.values[0] else { panic!() };
        match (path, row.values[1]) {
            (b"a/x.c", _) => return Decision::Drop,
            (b"b.c", Value::Unread) => return Decision::Read,
            (b"b.c", content) => assert_eq!(content, Value::Bytes(b"<b.c>")),
            (b".hidden", _) => return Decision::Replace(b"less".to_vec()),
            _ => {}
        }
        seen.push(String::from_utf8(path.to_vec()).unwrap());
        Decision::Keep
    })
    .unwrap();
    assert_eq!(tally, Tally { read: 4, written: 3 });
    assert_eq!(seen, ["a/y/z.c", "b.c"]);
    let out = home.path().join("new/out");
    assert_eq!(names(&out), [".hidden", "a/y/z.c", "b.c"]);
    assert!(!out.join("empty").exists());
    assert_eq!(fs::read(out.join("a/y/z.c")).unwrap(), b"<a/y/z.c>");
    assert_eq!(fs::read(out.join(".hidden")).unwrap(), b"less");
    assert_eq!(names(&home.path().join("new")), ["out/.hidden", "out/a/y/z.c", "out/b.c"]);
}

#[cfg(unix)]
#[test]
fn rights_stay_but_not_those_of_somebody_else() {
    use std::os::unix::fs::PermissionsExt;
    let home = home(&["run.sh", "secret"]);
    let set = |name: &str, mode| {
        fs::set_permissions(home.path().join("in").join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    set("run.sh", 0o4755);
    set("secret", 0o400);
    filtered(home.path(), |_: &Row<'_>| Decision::Keep).unwrap();
    let mode = |name: &str| {
        fs::metadata(home.path().join("new/out").join(name)).unwrap().permissions().mode() & 0o7777
    };
    assert_eq!((mode("run.sh"), mode("secret")), (0o755, 0o400));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_an_error_and_nothing_is_written() {
    for (link, target) in [("link", "b.c"), ("gone", "nothing"), ("a/up", "..")] {
        let home = home(FILES);
        std::os::unix::fs::symlink(target, home.path().join("in").join(link)).unwrap();
        let error = filtered(home.path(), |_: &Row<'_>| Decision::Keep).unwrap_err().to_string();
        assert!(error.contains("neither a file nor a folder"), "{error}");
        assert_eq!(fs::read_dir(home.path().join("new")).unwrap().count(), 0);
    }
}

#[test]
fn a_folder_in_which_something_stands_is_not_written_to() {
    let home = home(FILES);
    let old = home.path().join("new/out/old");
    fs::create_dir_all(old.parent().unwrap()).unwrap();
    filtered(home.path(), |_: &Row<'_>| Decision::Keep).unwrap();
    fs::write(&old, "").unwrap();
    assert!(
        filtered(home.path(), |_: &Row<'_>| Decision::Keep).unwrap_err().to_string().contains("is not empty")
    );
    assert!(old.exists());
}

#[test]
fn a_judge_that_stops_leaves_nothing() {
    let home = home(FILES);
    let stopped = filtered(home.path(), |row: &Row<'_>| {
        if row.values[0] == Value::Bytes(b"a/y/z.c") { Decision::Stop } else { Decision::Keep }
    });
    assert!(matches!(stopped, Err(DatasetError::Stopped { row: 3 })));
    assert_eq!(fs::read_dir(home.path().join("new")).unwrap().count(), 0);
    let twice = filtered(home.path(), |_: &Row<'_>| Decision::Read);
    assert!(matches!(twice, Err(DatasetError::Bug(_))));
}

#[test]
fn it_has_paths_and_contents_and_no_other_columns() {
    let home = home(FILES);
    for (name, meaning) in [("repo", Meaning::Repo), ("content", Meaning::Sha1), ("path", Meaning::Content)] {
        let columns = Columns::new(vec![Column { name: name.to_owned(), meaning }]).unwrap();
        let judge = &mut |_: &Row<'_>| Decision::Keep;
        assert!(matches!(
            verify(&home.path().join("in"), &columns, judge, &()),
            Err(DatasetError::Column { .. })
        ));
    }
    let mut seen = Vec::new();
    let count =
        sample(&home.path().join("in"), &columns(), 2, &mut |row| seen.push(format!("{:?}", row.values)));
    assert_eq!((count.unwrap(), seen.len()), (2, 2));
    assert_eq!(seen[1], format!("{:?}", [Value::Bytes(b"a/x.c"), Value::Bytes(b"<a/x.c>")]));
}

/// A receipt speaks of what was judged, also where a file is changed in between.
#[test]
fn what_was_judged_is_what_is_hashed_and_written() {
    let home = home(FILES);
    let (input, out) = (home.path().join("in"), OutputFolder::create(&home.path().join("out")).unwrap());
    for write in [false, true] {
        let mut judge = |row: &Row<'_>| {
            if row.values[1] == Value::Unread {
                return Decision::Read;
            }
            let Value::Bytes(path) = row.values[0] else { panic!() };
            // Of the same length.
            let name = std::str::from_utf8(path).unwrap();
            fs::write(input.join(name), format!("{}{name}]", if write { "(" } else { "[" })).unwrap();
            if name == "b.c" { Decision::Drop } else { Decision::Keep }
        };
        let mut hashed = Vec::new();
        let mut hear = |file: Hashed| hashed.push((String::from_utf8(file.name).unwrap(), file.written));
        if write {
            filter(&input, &columns(), &mut judge, &(), out.path(), &mut hear).unwrap();
        } else {
            verify_hashed(&input, &columns(), &mut judge, &(), &mut hear).unwrap();
        }
        // What is only looked at is hashed whatever becomes of it.
        assert_eq!(hashed.len(), if write { 3 } else { 4 });
        let begin = if write { "[" } else { "<" };
        for (name, written) in hashed {
            assert_eq!(
                written,
                Written::by(format!("{begin}{name}{}", if write { "]" } else { ">" }).as_bytes())
            );
            if write {
                assert_eq!(written, Written::of(&out.path().join(name)).unwrap());
            }
        }
    }
}
