//! Every version of every file, attributed in one go with all others: as `git blame COMMIT -- PATH` credits it, also
//! with `-w`, `-M` and `-C`.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use withhold::attribution::progress::Silent;
use withhold::attribution::saved::Index;
use withhold::attribution::{Content, Credit, Engine, Follow, Options, TipFile};
use withhold::repo::{ObjectId, Repository};

use crate::support::repo::argument;
use crate::support::{Repo, random};

/// Each line's commit, its number there, and the path there.
type Lines = Vec<(String, u32, Vec<u8>)>;

fn blame(repo: &Repo, options: &[String], commit: &str, path: &[u8]) -> Lines {
    let mut args = vec!["blame".into(), "--line-porcelain".into()];
    args.extend(options.iter().map(Into::into));
    args.extend([commit.into(), "--".into(), argument(path)]);
    let (mut lines, mut at) = (Lines::new(), (String::new(), 0));
    for line in repo.git(args).stdout.split_inclusive(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        let words: Vec<&str> = text.split_whitespace().collect();
        if line.starts_with(b"\t") {
            continue;
        } else if words[0].len() == 40 && words.len() >= 3 {
            at = (words[0].to_owned(), words[1].parse().unwrap());
        } else if let Some(path) = line.strip_prefix(b"filename ") {
            lines.push((at.0.clone(), at.1, path.strip_suffix(b"\n").unwrap().to_vec()));
        }
    }
    lines
}

fn credited(engine: &Engine, credits: &[Credit]) -> Lines {
    let line = |credit: &Credit, at| {
        let commit = engine.history().id(credit.commit).to_string();
        (commit, credit.origin_line + at + 1, engine.path(credit.path).to_vec())
    };
    credits.iter().flat_map(|credit| (0..credit.len).map(move |at| line(credit, at))).collect()
}

/// What stands at each path of a commit: mode and blob. The executable bit is none of our business.
fn files(repo: &Repo, commit: &str) -> BTreeMap<String, String> {
    let list = String::from_utf8(repo.git(["ls-tree", "-r", "-z", commit]).stdout).unwrap();
    let entries = list.split_terminator('\0').map(|entry| entry.split_once('\t').unwrap());
    entries.map(|(meta, path)| (path.to_owned(), meta.replace("100755", "100644"))).collect()
}

proptest! {
    #![proptest_config(random::config(12))]

    #[test]
    fn every_version_is_credited_as_git_blame_does(
        steps in random::history(8),
        tags in prop::collection::vec(0..8_usize, 3),
        ignore_whitespace in any::<bool>(),
        follow in prop::option::of((1..25_u32, prop::option::of(1..25_u32))),
    ) {
        let (moves, copies) = follow.map_or((None, None), |(moves, copies)| (Some(moves), copies));
        let white_space = ignore_whitespace.then(|| "-w".to_owned());
        let moved = moves.map(|weight| format!("-M{weight}"));
        let copied = copies.map(|weight| format!("-C{weight}"));
        let asked: Vec<String> = white_space.into_iter().chain(moved).chain(copied).collect();
        // A file whose mode alone changed is no file that changed, here.
        let steps = if copies.is_some() { random::without_modes(steps) } else { steps };
        let repo = Repo::of(&random::script(&steps));
        // Those too that no ref leads to any more.
        let all = repo.git(["cat-file", "--batch-all-objects", "--batch-check"]).line();
        let all: Vec<&str> = all.lines().filter_map(|line| Some(line.split_once(" commit ")?.0)).collect();
        let mut tips = vec![repo.id("HEAD")];
        tips.extend(tags.iter().map(|at| all[at % all.len()].to_owned()));
        let ids: Vec<ObjectId> = tips.iter().map(|tip| ObjectId::from_hex(tip.as_bytes()).unwrap()).collect();
        let options = Options {
            ignore_whitespace,
            follow: Follow { moves, copies },
            earlier_appearances: false,
            touched: false,
            as_written: false,
            remember: true,
            threads: 2,
        };
        let repository = Repository::open(repo.path()).unwrap();
        let engine = Engine::new(&repository, &ids, options, Index::default(), &Silent).unwrap();

        let trees: BTreeMap<&str, _> = all.iter().map(|commit| (*commit, files(&repo, commit))).collect();
        for history in [false, true] {
            let versions = engine.versions(&ids, history).unwrap();
            let mut found = Vec::new();
            let afresh = |_: &TipFile, _, _: &[_]| None;
            let finish = |_: &_, found, _: &[u8]| Ok(found);
            engine.attribute_versions(&versions, &Silent, afresh, finish, |_, one| found.push(one)).unwrap();
            prop_assert_eq!(found.len(), versions.all().len());
            for (version, found) in versions.all().iter().zip(&found) {
                let commit = engine.history().id(version.introduced).to_string();
                let path = &version.file.path;
                if let Content::Text { lines, credits, .. } = &found.content {
                    let theirs = blame(&repo, &asked, &commit, path);
                    prop_assert_eq!(credited(&engine, credits), theirs, "{} {}", commit, path.escape_ascii());
                    prop_assert_eq!(*lines as usize, credits.iter().map(|credit| credit.len as usize).sum::<usize>());
                }
            }

            // Which versions there are, from the trees alone.
            let ours: BTreeSet<(String, String)> = versions.all().iter().map(|version| {
                let path = String::from_utf8(version.file.path.clone()).unwrap();
                (engine.history().id(version.introduced).to_string(), path)
            }).collect();
            prop_assert_eq!(ours.len(), versions.all().len(), "every version once");
            if history {
                let mut theirs = BTreeSet::new();
                let reached = repo.git(["rev-list"].into_iter().chain(tips.iter().map(String::as_str))).line();
                for (commit, files) in trees.iter().filter(|(commit, _)| reached.contains(**commit)) {
                    let parents = repo.git(["rev-list", "--parents", "--max-count=1", commit]).line();
                    let parents: Vec<&str> = parents.split(' ').skip(1).collect();
                    for (path, file) in files {
                        if parents.iter().all(|parent| trees[parent].get(path) != Some(file)) {
                            theirs.insert(((*commit).to_owned(), path.clone()));
                        }
                    }
                }
                prop_assert_eq!(ours, theirs);
            }
            for (tip, count) in tips.iter().zip(versions.sums(|_| 1)) {
                prop_assert_eq!(count as usize, trees[tip.as_str()].len());
            }
        }
    }

    #[test]
    fn every_version_is_attributed_as_if_it_were_asked_about_alone(
        steps in random::history(10),
        looked_through in prop::collection::vec(0..10_usize, 0..3),
        ignore_whitespace in any::<bool>(),
        follow in prop::option::of((1..12_u32, prop::option::of(1..12_u32))),
        remember in any::<bool>(),
    ) {
        let (moves, copies) = follow.map_or((None, None), |(moves, copies)| (Some(moves), copies));
        let repo = Repo::of(&random::script(&steps));
        let commits = repo.git(["rev-list", "HEAD"]).line();
        let commits: Vec<ObjectId> =
            commits.lines().map(|commit| ObjectId::from_hex(commit.as_bytes()).unwrap()).collect();
        let tip = commits[0];
        let options = Options {
            ignore_whitespace,
            follow: Follow { moves, copies },
            earlier_appearances: true,
            touched: true,
            as_written: true,
            remember,
            threads: 1,
        };
        let repository = Repository::open(repo.path()).unwrap();
        let engine = |options| {
            let mut engine = Engine::new(&repository, &[tip], options, Index::default(), &Silent).unwrap();
            let through = looked_through.iter().map(|at| commits[at % commits.len()]);
            let through: Vec<_> = through.filter_map(|commit| engine.history().number(commit)).collect();
            engine.look_through(through);
            engine
        };
        let (together, alone) = (engine(options), engine(Options { remember: false, ..options }));
        let versions = together.versions(&[tip], true).unwrap();
        let afresh = |_: &TipFile, _, _: &[_]| None;
        let finish = |_: &_, found, _: &[u8]| Ok(found);
        let mut found = Vec::new();
        // What the first time has learned is known the second time.
        for _ in 0..2 {
            together.attribute_versions(&versions, &Silent, afresh, finish, |version, one| {
                found.push((version.clone(), one));
            }).unwrap();
        }
        for (version, found) in found {
            let commit = alone.history().id(version.introduced);
            let one = alone.attribute(commit, std::slice::from_ref(&version.file), &Silent, afresh, finish).unwrap();
            prop_assert_eq!(&found, &one[0], "{} {}", commit, version.file.path.escape_ascii());
        }
    }
}
