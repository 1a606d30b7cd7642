//! Rows of which something is missing, or says nothing: none of it makes a row clear.

use super::*;

/// What becomes of one row, as counts of clear, excluded and uncovered.
fn judged(of: &[(&str, Meaning)], row: &[Option<&[u8]>], change: impl FnOnce(&mut Rules<'_>)) -> [u64; 3] {
    let (_, counts) = judge(of, &[row], change);
    [counts.clear, counts.excluded, counts.uncovered]
}

const CLEAR: [u64; 3] = [1, 0, 0];
const EXCLUDED: [u64; 3] = [0, 1, 0];
const UNCOVERED: [u64; 3] = [0, 0, 1];

/// Contents are taken out of data sets, and what is left is the empty text.
#[test]
fn where_rows_have_keys_an_empty_content_is_none() {
    let of = [("id", Meaning::GitSha1), ("text", Meaning::Content)];
    let look = |id: Option<&[u8]>, lines| judged(&of, &[id, Some(b"")], |rules| rules.lines = lines);
    for id in [None, Some(&b""[..]), Some(b"x"), Some(&git(4))] {
        assert_eq!(look(id, None), UNCOVERED, "{id:?}");
    }
    assert_eq!(look(Some(&git(1)), None), EXCLUDED);
    assert_eq!(look(Some(&git(2)), Some(Lines::Cut)), EXCLUDED);
    assert_eq!(look(Some(&git(3)), None), CLEAR);
}

#[test]
fn an_empty_content_alone_is_nobodys_but_where_some_version_is_excluded() {
    let of = [("text", Meaning::Content), ("repo", Meaning::Repo), ("path", Meaning::Path)];
    let look =
        |text: &[u8], path: &[u8]| judged(&of, &[Some(text), Some(b"corp/engine"), Some(path)], |_| {});
    assert_eq!(look(b"", b"src/c.rs"), CLEAR);
    assert_eq!(look(b"", b"src/a.rs"), EXCLUDED);
    assert_eq!(look(&content(3), b"src/a.rs"), CLEAR);
}

/// A file that a commit makes was nothing before, and one that it removes is nothing after.
#[test]
fn a_commit_may_have_empty_contents() {
    let of = [
        ("commit", Meaning::Commit),
        ("id", Meaning::GitSha1),
        ("old_contents", Meaning::Content),
        ("new_contents", Meaning::Content),
    ];
    let commit = hex(Hashes::of_object(ObjectKind::Commit, b"a commit").git_sha1.as_bytes());
    // For training the commit is excluded.
    let look = |commit: &[u8], old: &[u8], new: &[u8]| {
        let row: [Option<&[u8]>; 4] = [Some(commit), None, Some(old), Some(new)];
        judged(&of, &row, |rules| rules.purposes = Some(Purpose::Search.into()))
    };
    let (hers, clear) = (content(1), content(3));
    assert_eq!(look(&commit, b"", &clear), CLEAR);
    assert_eq!(look(&commit, &clear, b""), CLEAR);
    assert_eq!(look(&commit, b"", b""), CLEAR);
    assert_eq!(look(&commit, b"", &hers), EXCLUDED);
    assert_eq!(look(b"7777777777777777777777777777777777777777", b"", b""), UNCOVERED);
}

const FILE: [(&str, Meaning); 3] =
    [("id", Meaning::GitSha1), ("repo", Meaning::Repo), ("path", Meaning::Path)];

/// The sample excludes a repository, and a path of another, whatever is in them.
#[test]
fn where_places_are_excluded_a_row_has_to_name_its_own() {
    let id = git(3);
    let look = |repo: Option<&[u8]>, path: Option<&[u8]>| judged(&FILE, &[Some(&id[..]), repo, path], |_| {});
    assert_eq!(look(Some(b"a/b"), Some(b"x.rs")), CLEAR);
    for (repo, path) in [
        (None, Some(&b"x.rs"[..])),
        (Some(&b""[..]), Some(b"x.rs")),
        (Some(b" , "), Some(b"x.rs")),
        (Some(b"a/b"), None),
        (Some(b"a/b"), Some(b"")),
        (Some(b"a/b"), Some(b"/")),
        (None, None),
    ] {
        assert_eq!(look(repo, path), UNCOVERED, "{repo:?} {path:?}");
    }
    assert_eq!(look(Some(b"corp/legal"), None), EXCLUDED);
    // Without a column of them nobody can ask for paths.
    assert_eq!(judged(&FILE[..2], &[Some(&id[..]), Some(b"a/b")], |_| {}), CLEAR);
    assert_eq!(judged(&FILE[..2], &[Some(&id[..]), None], |_| {}), UNCOVERED);
    assert_eq!(judged(&FILE[..1], &[Some(&id[..])], |_| {}), CLEAR);
}

/// The Stack has up to three repositories for a content.
#[test]
fn of_several_places_each_has_to_be_whole_and_some_may_be_absent() {
    let of = [&FILE[..], &[("more_repo", Meaning::Repo), ("more_path", Meaning::Path)]].concat();
    let id = git(3);
    let look = |repo: Option<&[u8]>, path: Option<&[u8]>| {
        judged(&of, &[Some(&id[..]), Some(b"a/b"), Some(b"x.rs"), repo, path], |_| {})
    };
    assert_eq!(look(None, None), CLEAR);
    assert_eq!(look(Some(b"c/d"), Some(b"x.rs")), CLEAR);
    assert_eq!(look(Some(b"c/d"), None), UNCOVERED);
    assert_eq!(look(None, Some(b"x.rs")), UNCOVERED);
    assert_eq!(look(Some(b"corp/engine"), Some(b"secret.txt")), EXCLUDED);
    // Both paths of a commit belong to each of its repositories, and a new file has but one.
    let of = [&FILE[..], &[("old", Meaning::Path)]].concat();
    let look = |path: Option<&[u8]>, old: Option<&[u8]>| {
        judged(&of, &[Some(&id[..]), Some(b"corp/engine"), path, old], |_| {})
    };
    assert_eq!(look(Some(b"x.rs"), None), CLEAR);
    assert_eq!(look(None, None), UNCOVERED);
    assert_eq!(look(Some(b"x.rs"), Some(b"secret.txt")), EXCLUDED);
}

#[test]
fn a_list_with_a_gap_names_not_all_of_its_places() {
    let (place, columns) = (place(), columns(&FILE));
    let (aliases, canaries) = (Aliases::default(), Canaries::default());
    let mut rules = Rules::new(&columns, &aliases, &canaries);
    rules.keys = Some(&place.keys);
    rules.uncovered = Uncovered::Drop;
    let id = git(3);
    let look = |repos: &[Option<&[u8]>]| {
        let values = [Value::Bytes(&id), Value::List(repos), Value::Bytes(b"x.rs")];
        RowJudge::new(&rules).judge(&Row::new(&values))
    };
    assert_eq!(look(&[Some(b"a/b"), Some(b"c/d")]), KEEP);
    assert_eq!(look(&[Some(b"a/b"), None]), DROP);
    assert_eq!(look(&[]), DROP);
}

#[test]
fn no_spelling_of_a_place_that_is_excluded_escapes() {
    let id = git(3);
    let look = |repo: &str, path: &str| {
        judged(&FILE, &[Some(&id[..]), Some(repo.as_bytes()), Some(path.as_bytes())], |_| {})
    };
    for path in
        ["secret.txt", "./secret.txt", ".//secret.txt", "//./secret.txt", "secret%2Etxt", "secret.txt/"]
    {
        assert_eq!(look("corp/engine", path), EXCLUDED, "{path}");
    }
    for path in ["src/../secret.txt", "src\\secret.txt", "src%2F..%2Fsecret.txt", "https://x/secret.txt"] {
        assert_eq!(look("corp/engine", path), UNCOVERED, "{path}");
    }
    for repo in [
        "corp//legal",
        "a/b;corp/legal",
        "a/b corp/legal",
        "github.com/corp/legal",
        "https://x/corp//legal",
        "https://github.com/corp/legal/issues/7",
        "https://api.github.com/repos/corp/legal",
    ] {
        assert_eq!(look(repo, "x.rs"), EXCLUDED, "{repo}");
    }
    for repo in ["[\"a/b\",\"corp/legal\"]", "a/b|corp/legal", "corp/x/../legal", "corp%2Flegal"] {
        assert_eq!(look(repo, "x.rs"), UNCOVERED, "{repo}");
    }
    // What is excluded in one value is, whatever else stands in it.
    assert_eq!(look("[a/b, corp/legal", "x.rs"), EXCLUDED);
    assert_eq!(look("corp/legal", "src\\x.rs"), EXCLUDED);
}

/// Where a row is clear by its key and nothing is excluded by its place, no place counts.
#[test]
fn where_no_place_is_excluded_none_has_to_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let entries = vec![crate::manifest::Entry::blob(&hashes(1), Purposes::ALL)];
    let coverage = vec![CoverageRow::blob(&hashes(1)), CoverageRow::blob(&hashes(3))];
    let manifest = Manifest::build(parts(), entries, coverage, Profile::Paths, 1).unwrap();
    write(&manifest, &folder.path().join("m"), Encoding::JsonLines).unwrap();
    let wanted = Wanted { hashes: vec![HashKind::GitSha1], names: true, ..Wanted::default() };
    let keys = Keys::open(&[folder.path().join("m")], &wanted, None, 1, &()).unwrap();
    let id = git(3);
    for (repo, path) in [(None, None), (Some(&b"a|b"[..]), Some(&b"..\\x"[..]))] {
        let (columns, aliases, canaries) = (columns(&FILE), Aliases::default(), Canaries::default());
        let mut rules = Rules::new(&columns, &aliases, &canaries);
        rules.keys = Some(&keys);
        let value = |text: Option<&'static [u8]>| text.map_or(Value::Null, Value::Bytes);
        let row = [Value::Bytes(&id), value(repo), value(path)];
        assert_eq!(RowJudge::new(&rules).judge(&Row::new(&row)), KEEP);
    }
}

/// A percent sign may be one, or encode something: a path is covered in one of both ways, and excluded in either.
#[test]
fn a_path_is_covered_in_one_spelling_and_excluded_in_any() {
    let of = [("repo", Meaning::Repo), ("path", Meaning::Path), ("url", Meaning::Revision)];
    let tip = hex(&[7; 20]);
    let look = |path: &[u8]| judged(&of, &[Some(b"corp/engine"), Some(path), Some(&tip)], |_| {});
    for path in [&b"src/c.rs"[..], b"src%2Fc.rs", b"/src/c.rs", b"src/./c.rs"] {
        assert_eq!(look(path), CLEAR, "{}", path.escape_ascii());
    }
    for path in [&b"src%2Fa.rs"[..], b"vendor/caf\xe9 100%.rs", b"vendor/caf%E9 100%25.rs"] {
        assert_eq!(look(path), EXCLUDED, "{}", path.escape_ascii());
    }
    for path in [&b"src/d.rs"[..], b"src%2Fd.rs", b"src%252Fc.rs", b"src/C.rs", b"src", b"src/c.rs/d"] {
        assert_eq!(look(path), UNCOVERED, "{}", path.escape_ascii());
    }
    // What is not decided for the purpose is not covered for it.
    let row: [Option<&[u8]>; 3] = [Some(b"corp/engine"), Some(b"src/c.rs"), Some(&tip)];
    assert_eq!(judged(&of, &row, |rules| rules.purposes = Some(Purpose::TrainAi.into())), CLEAR);
}

#[test]
fn every_path_that_a_row_names_has_to_be_covered() {
    let of =
        [("repo", Meaning::Repo), ("old", Meaning::Path), ("new", Meaning::Path), ("url", Meaning::Revision)];
    let tip = hex(&[7; 20]);
    let url = |path: &str| [b"https://github.com/corp/engine/blob/", &tip[..], path.as_bytes()].concat();
    let look = |old: &str, new: &str, url: &[u8]| {
        judged(&of, &[Some(b"corp/engine"), Some(old.as_bytes()), Some(new.as_bytes()), Some(url)], |_| {})
    };
    let c = "src/c.rs";
    assert_eq!(look(c, c, &tip), CLEAR);
    assert_eq!(look(c, "", &tip), CLEAR);
    assert_eq!(look(c, "src/d.rs", &tip), UNCOVERED);
    assert_eq!(look("src/d.rs", c, &tip), UNCOVERED);
    assert_eq!(look(c, "src/a.rs", &tip), EXCLUDED);
    // A URL names one, too.
    for same in
        ["", "/", "/src/c.rs", "/src/c.rs#L1-L9", "/src/c.rs?plain=1#L1", "/src%2Fc.rs#L2", "//src/c.rs"]
    {
        assert_eq!(look(c, c, &url(same)), CLEAR, "{same}");
    }
    for other in
        ["/src/d.rs", "/src/d.rs#L1-L9", "/src/C.rs", "/src/../src/c.rs", "/src\\c.rs#L1", "/sub/src/c.rs"]
    {
        assert_eq!(look(c, c, &url(other)), UNCOVERED, "{other}");
    }
    for other in ["/src/a.rs", "/src/a.rs#L1-L9", "/src%2Fa.rs#L1", "/src/b.rs?x#L1"] {
        assert_eq!(look(c, c, &url(other)), EXCLUDED, "{other}");
    }
    // One that names none in a column is not known by that of its URL.
    assert_eq!(look("", "", &url("/src/c.rs")), UNCOVERED);
}

/// A commit is shown with files of the repository in whose history it is.
#[test]
fn files_of_a_commit_are_those_that_its_history_has() {
    let folder = tempfile::tempdir().unwrap();
    let commit = crate::repo::ObjectId::from_bytes([9; 20]);
    let of = |name: &str, history: bool, path: &str, purposes: Purposes| {
        let tip = crate::manifest::RefCoverage { history, ..crate::manifest::samples::tip() };
        let coverage = vec![
            CoverageRow::of_ref(tip),
            CoverageRow::commit(commit),
            CoverageRow::path("corp/engine".into(), path.into()),
        ];
        let manifest =
            Manifest::build(HeaderParts { purposes, ..parts() }, Vec::new(), coverage, Profile::Paths, 1)
                .unwrap();
        write(&manifest, &folder.path().join(name), Encoding::JsonLines).unwrap();
        folder.path().join(name)
    };
    let manifests = [
        of("history", true, "old.rs", Purposes::ALL),
        of("tip", false, "new.rs", Purposes::ALL),
        of("some", true, "some.rs", Purpose::TrainAi.into()),
    ];
    let columns = columns(&[("commit", Meaning::Commit), ("repos", Meaning::Repo), ("path", Meaning::Path)]);
    let wanted = Wanted { commits: true, names: true, paths: Rules::paths(&columns), ..Wanted::default() };
    let keys = Keys::open(&manifests, &wanted, None, 1, &()).unwrap();
    let (aliases, canaries) = (Aliases::default(), Canaries::default());
    let mut rules = Rules::new(&columns, &aliases, &canaries);
    (rules.keys, rules.uncovered) = (Some(&keys), Uncovered::Drop);
    let id = hex(commit.as_bytes());
    for (repos, path, decision, why) in [
        ("corp/engine", "old.rs", KEEP, None),
        ("a/b,Corp/Engine", "/old.rs", KEEP, None),
        ("corp/engine", "new.rs", DROP, Some(Why::UnknownPath)),
        ("corp/engine", "older.rs", DROP, Some(Why::UnknownPath)),
        // Not decided for all that the rows are for.
        ("corp/engine", "some.rs", DROP, Some(Why::UnknownPath)),
        ("corp/fork", "old.rs", DROP, Some(Why::Unnamed)),
    ] {
        let mut judge = RowJudge::new(&rules);
        let row = [Value::Bytes(&id), Value::Bytes(repos.as_bytes()), Value::Bytes(path.as_bytes())];
        assert_eq!((judge.judge(&Row::new(&row)), judge.why()), (decision, why), "{repos} {path}");
    }
}

#[test]
fn a_revision_tells_nothing_of_a_malformed_place() {
    let of = [("repo", Meaning::Repo), ("path", Meaning::Path), ("url", Meaning::Revision)];
    let tip = hex(&[7; 20]);
    let look = |repo: &[u8], path: &[u8]| judged(&of, &[Some(repo), Some(path), Some(&tip)], |_| {});
    assert_eq!(look(b"corp/engine", b"src/c.rs"), CLEAR);
    assert_eq!(look(b"corp/engine", b"src\\c.rs"), UNCOVERED);
    assert_eq!(look(b"corp/engine, \"corp/legal\"", b"src/c.rs"), UNCOVERED);
    assert_eq!(look(b"corp/engine", b"src//a.rs"), EXCLUDED);
}
