//! Rows of which something is missing, or says nothing: none of it makes a row clear.

use super::*;

/// What becomes of one row, as counts of clear, excluded and uncovered.
fn look(of: &[(&str, Meaning)], row: &[Option<&[u8]>], change: impl FnOnce(&mut Rules<'_>)) -> [u64; 3] {
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
    let look = |id: Option<&[u8]>, lines| look(&of, &[id, Some(b"")], |rules| rules.lines = lines);
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
    let look = |text: &[u8], path: &[u8]| look(&of, &[Some(text), Some(b"corp/engine"), Some(path)], |_| {});
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
        look(&of, &row, |rules| rules.purposes = Some(Purpose::Search.into()))
    };
    let (hers, clear) = (content(1), content(3));
    assert_eq!(look(&commit, b"", &clear), CLEAR);
    assert_eq!(look(&commit, &clear, b""), CLEAR);
    assert_eq!(look(&commit, b"", b""), CLEAR);
    assert_eq!(look(&commit, b"", &hers), EXCLUDED);
    assert_eq!(look(b"7777777777777777777777777777777777777777", b"", b""), UNCOVERED);
}
