//! Where the ways of versions meet, and what pieces of work they make.

use std::fmt::Write as _;
use std::path::Path;

use super::*;
use crate::attribution::engine::Options;
use crate::attribution::progress::Silent;
use crate::attribution::saved::Index;
use crate::attribution::tree_diff::Leaf;
use crate::attribution::{Content, samples};
use crate::repo::Repository;

/// A history of one file. Each commit adds a line to what its parent has; a merge brings what its second parent has.
fn engine(folder: &Path, parents: &[&[usize]]) -> (Engine, Vec<ObjectId>) {
    let (mut texts, mut script): (Vec<String>, _) = (Vec::new(), String::new());
    for (at, parents) in parents.iter().enumerate() {
        let text = match parents {
            [] => "the first line\n".to_owned(),
            [parent] => format!("{}the line of commit {at}\n", texts[*parent]),
            [.., parent] => texts[*parent].clone(),
        };
        let by = format!("Ada <ada@example.org> {} +0000", 1_700_000_000 + at);
        let _ = write!(script, "commit refs/heads/{at}\nmark :{}\ncommitter {by}\ndata 0\n", at + 1);
        for (which, parent) in parents.iter().enumerate() {
            let _ = writeln!(script, "{} :{}", if which == 0 { "from" } else { "merge" }, parent + 1);
        }
        let _ = write!(script, "M 100644 inline file\ndata {}\n{text}\n", text.len());
        texts.push(text);
    }
    read(&samples::repository(folder, &script), folder, parents.len(), true)
}

/// What the branches `0..count` of a repository lead to.
fn read(repository: &Repository, folder: &Path, count: usize, remember: bool) -> (Engine, Vec<ObjectId>) {
    let ids: Vec<ObjectId> = (0..count).map(|at| samples::branch(folder, &at.to_string())).collect();
    let options = Options { remember, threads: 1, ..samples::options() };
    (Engine::new(repository, &ids, options, Index::default(), &Silent).unwrap(), ids)
}

#[test]
fn ways_meet_where_branches_parted_and_not_in_merges_that_changed_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // 0 - 1 - 2 - 3, where 4 and 5 follow on 1; 6 merges 5 into 4, and 7 and 8 follow on 6.
    let parents: [&[usize]; 9] = [&[], &[0], &[1], &[2], &[1], &[1], &[4, 5], &[6], &[6]];
    let (engine, ids) = engine(folder.path(), &parents);
    let path = engine.path_number(b"file").unwrap();
    let objects = engine.objects();
    let mut walker = Walker::new(engine.ground(), &objects);
    let mut made_by = |at: usize| walker.made_by(engine.number(ids[at]).unwrap(), path).unwrap();
    let numbers: Vec<ChangeNo> = (0..9).map(&mut made_by).collect();
    let none: [usize; 0] = [];
    let mut meetings = |asked: &[usize]| {
        let asked: Vec<ChangeNo> = asked.iter().map(|at| numbers[*at]).collect();
        let found = engine.meetings(&mut walker, &asked).unwrap();
        let at = |number: &ChangeNo| numbers.iter().position(|other| other == number).unwrap();
        found.iter().map(at).collect::<Vec<_>>()
    };
    assert_eq!(meetings(&[3, 4]), [1]);
    assert_eq!(meetings(&[7, 8]), [5]);
    assert_eq!(meetings(&[3, 7, 8]), [1, 5], "parents before children");
    assert_eq!(meetings(&[3, 2]), none, "one is on the way of the other");
    assert_eq!(meetings(&[1, 3, 4]), none, "it is asked about");
    assert_eq!(meetings(&[3]), none);
}

#[test]
fn a_piece_ends_with_a_path_unless_that_has_too_many_versions() {
    let leaf = Leaf { kind: EntryKind::File, id: ObjectId::default() };
    let version = |path: usize| {
        let file = TipFile { path: path.to_string().into_bytes(), leaf };
        Version { file, introduced: 0, brought: 0, tips: Vec::new() }
    };
    let lengths = |paths: &[usize]| {
        let versions: Vec<Version> = paths
            .iter()
            .enumerate()
            .flat_map(|(path, count)| (0..*count).map(move |_| version(path)))
            .collect();
        pieces(&versions).into_iter().map(<[Version]>::len).collect::<Vec<_>>()
    };
    assert_eq!(lengths(&[]), Vec::<usize>::new());
    assert_eq!(lengths(&[3, 5]), [8]);
    assert_eq!(lengths(&[PIECE, 5]), [PIECE, 5]);
    assert_eq!(lengths(&[PIECE - 1, 9, 4]), [PIECE + 8, 4]);
    assert_eq!(lengths(&[2 * LONGEST + 1]), [LONGEST, LONGEST, 1]);
}

#[test]
fn lines_that_were_looked_for_in_other_company_go_their_own_way() {
    let folder = tempfile::tempdir().unwrap();
    let line = |letter: char| format!("{letter} line that weighs quite enough\n");
    let lines = |letters: &str| letters.chars().map(line).collect::<String>();
    // Commit 1 puts together what stood in two files that share two lines; commit 2 takes the end away.
    let commits = [
        [("file", lines("x")), ("one", lines("abcd")), ("other", lines("cdefg"))],
        [("file", lines("xabcdefg")), ("one", lines("y")), ("other", lines("z"))],
        [("file", lines("xabcd")), ("one", lines("y")), ("other", lines("z"))],
    ];
    let mut script = String::new();
    for (at, files) in commits.iter().enumerate() {
        let by = format!("Ada <ada@example.org> {} +0000", 1_700_000_000 + at);
        let _ = write!(script, "commit refs/heads/{at}\nmark :{}\ncommitter {by}\ndata 0\n", at + 1);
        if at > 0 {
            let _ = writeln!(script, "from :{at}");
        }
        for (path, text) in files {
            let _ = write!(script, "M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
    }
    let repository = samples::repository(folder.path(), &script);
    for remember in [false, true] {
        let (engine, ids) = read(&repository, folder.path(), commits.len(), remember);
        let versions = engine.versions(&ids, true).unwrap();
        // What the first time has learned is known the second time.
        for _ in 0..2 {
            let mut found: Vec<Vec<(Vec<u8>, u32)>> = Vec::new();
            let afresh = |_: &TipFile, _, _: &[_]| None;
            let finish = |_: &_, found, _: &[u8]| Ok(found);
            let take = |version: &Version, one: FileAttribution| {
                if version.file.path == b"file"
                    && let Content::Text { credits, .. } = one.content
                {
                    found.push(
                        credits
                            .iter()
                            .map(|credit| (engine.path(credit.path).to_vec(), credit.len))
                            .collect(),
                    );
                }
            };
            engine.attribute_versions(&versions, &Silent, afresh, finish, take).unwrap();
            let [file, one, other] = ["file", "one", "other"].map(|path| path.as_bytes().to_vec());
            let expected: [Vec<(Vec<u8>, u32)>; 3] = [
                vec![(file.clone(), 1)],
                vec![(file.clone(), 1), (one.clone(), 2), (other, 5)],
                vec![(file, 1), (one, 4)],
            ];
            assert_eq!(found, expected);
        }
    }
}
