//! Rows against the sample manifest: contents 1 (excluded whole), 2 (lines 1 to 3 and 10), 3 (clear); a commit, a path, a
//! repository.

use super::*;
use crate::dataset::{Column, Columns, Decision, Judge as _, Meaning, Row, Value};
use crate::manifest::keys::{HashKind, Keys, Paths, Wanted};
use crate::manifest::samples::{content, hashes, manifest, parts};
use crate::manifest::{CoverageRow, Encoding, Hashes, HeaderParts, Manifest, ObjectKind, Profile, write};
use crate::policy::{Purpose, Purposes};

mod doubts;
mod together;

struct Place {
    _folder: tempfile::TempDir,
    keys: Keys,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m");
    write(&manifest(Profile::Paths), &path, Encoding::JsonLines).unwrap();
    let wanted =
        Wanted { hashes: HashKind::ALL.to_vec(), commits: true, lines: true, names: true, paths: Paths::Any };
    let keys = Keys::open(&[path], &wanted, None, 1, &()).unwrap();
    Place { _folder: folder, keys }
}

fn columns(of: &[(&str, Meaning)]) -> Columns {
    let column = |(name, meaning): &(&str, Meaning)| Column { name: (*name).to_owned(), meaning: *meaning };
    Columns::new(of.iter().map(column).collect()).unwrap()
}

/// What becomes of rows with these values, `None` being NULL, and what is counted.
fn judge(
    of: &[(&str, Meaning)],
    rows: &[&[Option<&[u8]>]],
    change: impl FnOnce(&mut Rules<'_>),
) -> (Vec<Decision>, Counts) {
    let (place, columns) = (place(), columns(of));
    let (aliases, canaries) =
        (Aliases::parse("\"corp/old\" = \"corp/engine\"").unwrap(), Canaries::default());
    let mut rules = Rules::new(&columns, &aliases, &canaries);
    rules.keys = Some(&place.keys);
    rules.uncovered = Uncovered::Drop;
    change(&mut rules);
    let mut judge = RowJudge::new(&rules);
    let decide = |row: &&[Option<&[u8]>]| {
        let values = row.iter().map(|value| value.map_or(Value::Null, Value::Bytes)).collect::<Vec<_>>();
        judge.judge(&Row::new(&values))
    };
    let decisions = rows.iter().map(decide).collect();
    (decisions, judge.counts().clone())
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    data_encoding::HEXLOWER.encode(bytes).into_bytes()
}

fn git(which: u8) -> Vec<u8> {
    hex(hashes(which).git_sha1.as_bytes())
}

const KEEP: Decision = Decision::Keep;
const DROP: Decision = Decision::Drop;

#[test]
fn a_row_is_excluded_clear_or_uncovered_by_its_key() {
    let rows: [&[Option<&[u8]>]; 4] =
        [&[Some(&git(1))], &[Some(&git(2))], &[Some(&git(3))], &[Some(&git(4))]];
    let (decisions, counts) =
        judge(&[("id", Meaning::GitSha1)], &rows, |rules| rules.uncovered = Uncovered::Keep);
    assert_eq!(decisions, [DROP, DROP, KEEP, KEEP]);
    assert_eq!((counts.rows, counts.excluded, counts.clear, counts.uncovered), (4, 2, 1, 1));
    assert_eq!(counts.matched, [3]);
}

#[test]
fn every_kind_of_hash_is_a_key_and_none_is_taken_for_another() {
    let of = hashes(1);
    let swhid = [b"swh:1:cnt:", &git(1)[..]].concat();
    for (meaning, value) in [
        (Meaning::Sha1, hex(&of.sha1)),
        (Meaning::Sha256, hex(&of.sha256)),
        (Meaning::Swhid, swhid),
        (Meaning::GitSha1, of.git_sha1.as_bytes().to_vec()),
    ] {
        let (_, counts) = judge(&[("id", meaning)], &[&[Some(&value)]], |_| {});
        assert_eq!(counts.excluded, 1, "{meaning}");
    }
    let (_, counts) = judge(&[("id", Meaning::Sha1)], &[&[Some(&git(1))]], |_| {});
    assert_eq!((counts.uncovered, &counts.matched[..]), (1, &[0][..]));
}

/// A NULL key passes every anti-join.
#[test]
fn a_key_that_is_null_empty_or_malformed_is_uncovered() {
    let short = &git(3)[1..];
    for value in [None, Some(&b""[..]), Some(b"null"), Some(short), Some(b"\xff\xfe")] {
        let rows: [&[Option<&[u8]>]; 1] = [&[value]];
        let (decisions, counts) = judge(&[("id", Meaning::GitSha1)], &rows, |_| {});
        assert_eq!((decisions, counts.uncovered), (vec![DROP], 1), "{value:?}");
        let (decisions, _) =
            judge(&[("id", Meaning::GitSha1)], &rows, |rules| rules.uncovered = Uncovered::Stop);
        assert_eq!(decisions, [Decision::Stop]);
    }
}

#[test]
fn without_a_key_the_content_tells_but_a_malformed_key_is_not_passed_over() {
    let of = [("id", Meaning::GitSha1), ("text", Meaning::Content)];
    let (excluded, clear) = (content(1), content(3));
    let (decisions, _) =
        judge(&of, &[&[None, Some(&excluded)], &[None, Some(&clear)], &[Some(b""), Some(&clear)]], |_| {});
    assert_eq!(decisions, [DROP, KEEP, KEEP]);
    let (_, counts) = judge(&of, &[&[Some(b"x"), Some(&clear)]], |_| {});
    assert_eq!(counts.uncovered, 1);
    let (_, counts) = judge(&of, &[&[None, None], &[None, Some(b"nobody looked at this")]], |_| {});
    assert_eq!(counts.uncovered, 2);
}

#[test]
fn a_content_is_read_only_if_it_has_to_be() {
    let (place, columns) = (place(), columns(&[("id", Meaning::GitSha1), ("text", Meaning::Content)]));
    let (aliases, canaries) = (Aliases::default(), Canaries::default());
    let mut rules = Rules::new(&columns, &aliases, &canaries);
    rules.keys = Some(&place.keys);
    rules.lines = Some(Lines::Cut);
    let mut judge = RowJudge::new(&rules);
    let mut decide = |id: Value<'_>| judge.judge(&Row::new(&[id, Value::Unread]));
    assert_eq!(decide(Value::Bytes(&git(1))), DROP);
    assert_eq!(decide(Value::Bytes(&git(3))), KEEP);
    assert_eq!(decide(Value::Bytes(&git(2))), Decision::Read);
    assert_eq!(decide(Value::Null), Decision::Read);
    // What is to be shown again is not counted before.
    assert_eq!(judge.counts().rows, 2);
}

#[test]
fn lines_go_in_place_of_rows_only_from_the_very_content() {
    let of = [("id", Meaning::GitSha1), ("text", Meaning::Content)];
    let (text, other) = (content(2), content(3));
    let (decisions, counts) = judge(
        &of,
        &[
            &[Some(&git(2)), Some(&text)],
            &[Some(&git(2)), Some(&other)],
            &[Some(&git(2)), None],
            &[Some(&git(1)), Some(&text)],
        ],
        |rules| rules.lines = Some(Lines::Cut),
    );
    let Decision::Replace(left) = &decisions[0] else { panic!("{decisions:?}") };
    assert_eq!(left.len(), 960);
    assert!(left.starts_with(b"002 00003\n"));
    assert_eq!(decisions[1..], [DROP, DROP, DROP]);
    assert_eq!((counts.rows_cut, counts.lines_cut, counts.clear, counts.excluded), (1, 4, 1, 3));
    // Every key of the row has to be the content's.
    let two = [("id", Meaning::GitSha1), ("other", Meaning::Sha1), ("text", Meaning::Content)];
    let look = |other: Option<&[u8]>| {
        let rows: [&[Option<&[u8]>]; 1] = [&[Some(&git(2)), other, Some(&text)]];
        judge(&two, &rows, |rules| rules.lines = Some(Lines::Cut)).0
    };
    assert_eq!(look(Some(&hex(&hashes(3).sha1))), [DROP]);
    assert_eq!(look(Some(&hex(&hashes(2).sha1))), [Decision::Replace(left.clone())]);
    assert_eq!(look(None), [Decision::Replace(left.clone())]);
    // By the content alone, too.
    let (decisions, _) =
        judge(&[("text", Meaning::Content)], &[&[Some(&text)]], |rules| rules.lines = Some(Lines::Cut));
    assert_eq!(decisions, [Decision::Replace(left.clone())]);
}

#[test]
fn what_is_excluded_for_another_purpose_stays_and_what_is_not_decided_for_it_is_uncovered() {
    let rows: [&[Option<&[u8]>]; 3] = [&[Some(&git(1))], &[Some(&git(2))], &[Some(&git(3))]];
    let of = [("id", Meaning::GitSha1)];
    // Content 1 is excluded for everything, lines of 2 for training.
    let (decisions, _) = judge(&of, &rows, |rules| rules.purposes = Some(Purpose::Search.into()));
    assert_eq!(decisions, [DROP, KEEP, KEEP]);
    // The manifest decides for all of them.
    let all = judge(&of, &rows, |rules| rules.purposes = Some(Purposes::ALL));
    assert_eq!(all.0, [DROP, DROP, KEEP]);
    assert_eq!(judge(&of, &rows, |_| {}), all);
    let both = Purposes::from_iter([Purpose::Search, Purpose::TrainAi]);
    let (decisions, _) = judge(&of, &rows, |rules| rules.purposes = Some(both));
    assert_eq!(decisions, [DROP, DROP, KEEP]);
}

/// A manifest that decides for some purposes alone covers nothing for the others, whether they are named or not.
#[test]
fn what_was_decided_for_some_purposes_is_uncovered_for_all() {
    let folder = tempfile::tempdir().unwrap();
    let some = Purposes::from_iter([Purpose::Search, Purpose::TrainAi]);
    let parts = HeaderParts { purposes: some, ..parts() };
    let coverage = vec![CoverageRow::blob(&hashes(3))];
    let manifest = Manifest::build(parts, Vec::new(), coverage, Profile::Paths, 1).unwrap();
    write(&manifest, &folder.path().join("m"), Encoding::JsonLines).unwrap();
    let wanted = Wanted { hashes: vec![HashKind::GitSha1], ..Wanted::default() };
    let keys = Keys::open(&[folder.path().join("m")], &wanted, None, 1, &()).unwrap();
    let (columns, aliases, canaries) =
        (columns(&[("id", Meaning::GitSha1)]), Aliases::default(), Canaries::default());
    let id = git(3);
    for (purposes, decision) in [
        (None, DROP),
        (Some(Purposes::ALL), DROP),
        (Some(Purpose::XEval.into()), DROP),
        (Some(some), KEEP),
        (Some(Purpose::Search.into()), KEEP),
    ] {
        let mut rules = Rules::new(&columns, &aliases, &canaries);
        (rules.keys, rules.purposes, rules.uncovered) = (Some(&keys), purposes, Uncovered::Drop);
        let decided = RowJudge::new(&rules).judge(&Row::new(&[Value::Bytes(&id)]));
        assert_eq!(decided, decision, "{purposes:?}");
    }
}

#[test]
fn a_row_about_a_commit_goes_whichever_repository_it_sits_in_and_its_contents_are_looked_at() {
    let of = [
        ("commit", Meaning::Commit),
        ("repos", Meaning::Repo),
        ("old_contents", Meaning::Content),
        ("new_contents", Meaning::Content),
    ];
    let excluded = hex(Hashes::of_object(ObjectKind::Commit, b"a commit").git_sha1.as_bytes());
    let (hers, clear) = (content(1), content(3));
    let (decisions, counts) = judge(
        &of,
        &[
            &[Some(&excluded), Some(b"other/fork,corp/engine"), Some(&clear), Some(&clear)],
            &[Some(&[b'7'; 40]), Some(b"a/b"), Some(&hers), Some(&clear)],
            &[Some(&[b'7'; 40]), Some(b"a/b"), Some(b""), Some(&clear)],
        ],
        |_| {},
    );
    assert_eq!(decisions, [DROP, DROP, DROP]);
    assert_eq!((counts.excluded, counts.uncovered), (2, 1));
}

#[test]
fn repositories_and_paths_are_excluded_in_any_version_and_spelling() {
    let of = [("id", Meaning::GitSha1), ("repo", Meaning::Repo), ("path", Meaning::Path)];
    let excluded = |repo: &[u8], path: &[u8]| {
        judge(&of, &[&[Some(&git(3)), Some(repo), Some(path)]], |_| {}).1.excluded == 1
    };
    for repo in [&b"corp/legal"[..], b"/Corp/Legal.git", b"https://github.com/corp/legal", b"a/b, corp/legal"]
    {
        assert!(excluded(repo, b"any"), "{}", String::from_utf8_lossy(repo));
    }
    assert!(excluded(b"corp/engine", b"/secret.txt"));
    assert!(excluded(b"corp/old", b"secret.txt"));
    assert!(!excluded(b"corp/engine", b"open.txt"));
    assert!(!excluded(b"corp/other", b"secret.txt"));
}

#[test]
fn a_version_that_nobody_looked_at_of_a_file_that_was_excluded_is_excluded() {
    let of = [("text", Meaning::Content), ("repo", Meaning::Repo), ("path", Meaning::Path)];
    let look = |text: &[u8], path: &[u8]| {
        let rows: [&[Option<&[u8]>]; 1] = [&[Some(text), Some(b"corp/engine"), Some(path)]];
        judge(&of, &rows, |rules| rules.uncovered = Uncovered::Keep).1
    };
    assert_eq!(look(b"redacted", b"src/a.rs").excluded, 1);
    assert_eq!(look(b"redacted", b"src/new.rs").uncovered, 1);
    // A version that was looked at, and is nobody's who is excluded.
    assert_eq!(look(&content(3), b"src/a.rs").clear, 1);
}

#[test]
fn where_there_is_no_other_key_the_revision_tells() {
    let of = [("repo", Meaning::Repo), ("path", Meaning::Path), ("url", Meaning::Revision)];
    let tip = hex(&[7; 20]);
    let url = [b"https://github.com/corp/engine/blob/", &tip[..], b"/src/c.rs#L1-L9"].concat();
    let look = |repo: &[u8], path: &[u8], url: &[u8]| {
        let (_, counts) = judge(&of, &[&[Some(repo), Some(path), Some(url)]], |_| {});
        [counts.clear, counts.excluded, counts.uncovered]
    };
    // The sample's tip was read completely by one of its refs.
    assert_eq!(look(b"corp/engine", b"src/a.rs", &url), [0, 1, 0]);
    assert_eq!(look(b"corp/engine", b"src/c.rs", &url), [1, 0, 0]);
    assert_eq!(look(b"other/engine", b"src/c.rs", &url), [0, 0, 1]);
    assert_eq!(look(b"corp/engine", b"src/c.rs", b"main"), [0, 0, 1]);
    assert_eq!(look(b"corp/engine", b"", &url), [0, 0, 1]);
}

#[test]
fn canaries_are_found_by_their_content_if_need_be() {
    let (place, columns) = (place(), columns(&[("id", Meaning::GitSha1), ("text", Meaning::Content)]));
    let sha256 = String::from_utf8(hex(&hashes(1).sha256)).unwrap();
    let canaries = Canaries::parse(&format!("sha256:{sha256}\n")).unwrap();
    let aliases = Aliases::default();
    let mut rules = Rules::new(&columns, &aliases, &canaries);
    rules.keys = Some(&place.keys);
    let mut judge = RowJudge::new(&rules);
    let id = git(1);
    assert_eq!(judge.judge(&Row::new(&[Value::Bytes(&id), Value::Unread])), Decision::Read);
    assert!(judge.counts().canaries.is_empty());
    assert_eq!(judge.judge(&Row::new(&[Value::Bytes(&id), Value::Bytes(&content(1))])), DROP);
    assert_eq!(judge.counts().canaries.len(), 1);
}
