//! What is remembered is bounded, and no answer depends on how much that is.

use std::fmt::Write as _;
use std::path::Path;

use super::*;
use crate::attribution::change_index::Change;
use crate::attribution::found::Found;
use crate::attribution::memo::Memo;
use crate::attribution::progress::Silent;
use crate::attribution::samples::{self, options};
use crate::attribution::saved::LearnedLater;

/// A bare repository with two files; commit by commit, lines are changed, added, and moved from one to the other.
fn repository(folder: &Path) -> (Repository, ObjectId) {
    let (mut one, mut other): (Vec<String>, Vec<String>) =
        ((0..120).map(|at| format!("the first line number {at}")).collect(), vec!["another".into()]);
    let mut script = String::new();
    for commit in 0..40 {
        one[commit * 7 % 70] = format!("changed by commit {commit}");
        one.insert(commit * 11 % 70, format!("added by commit {commit} and never touched again"));
        if commit % 4 == 0 {
            let block: Vec<String> = one.drain(20..24).collect();
            other.splice(other.len() / 2..other.len() / 2, block);
        }
        let by = format!("Ada <ada@example.org> {} +0000", 1_700_000_000 + commit);
        let _ = write!(script, "commit refs/heads/main\ncommitter {by}\ndata 0\n");
        for (name, lines) in [("one", &one), ("other", &other)] {
            let text = lines.join("\n");
            let _ = write!(script, "M 100644 inline {name}\ndata {}\n{text}\n", text.len());
        }
    }
    (samples::repository(folder, &script), samples::branch(folder, "main"))
}

#[test]
fn no_answer_depends_on_how_much_is_remembered() {
    let home = tempfile::tempdir().unwrap();
    let (repository, tip) = repository(home.path());
    let options = options();
    let mut answers = Vec::new();
    let mut sizes = Vec::new();
    // Diffs are kept in 64 parts. With so little room one diff fills a part, and a second finds none in it.
    for (diffs, found) in [(0, 0), (64 * 32, 300), (1 << 20, 1 << 20)] {
        // What the first run has kept is there for the second.
        let mut kept = Index::default();
        for _ in 0..2 {
            let diffs_before = std::mem::take(&mut kept.diffs);
            let found_before = std::mem::take(&mut kept.found);
            let mut engine = Engine::new(&repository, &[tip], options, kept, &Silent).unwrap();
            engine.memo = Memo::with_most(diffs_before, false, true, diffs);
            engine.found = Found::with_most(found_before, options.follow, false, true, found);
            let files = engine.files(tip).unwrap();
            let answer = engine.attribute(tip, &files, &Silent, |_, _, _| None, |_, found, _| Ok(found));
            answers.push(answer.unwrap());
            let (index, learned) = engine.save(Extent::default());
            let [diffs, found, _] = learned.encode();
            sizes.push([diffs.len(), found.len()]);
            kept = index.restore(learned.into(), LearnedLater::default()).unwrap();
        }
    }
    for (at, answer) in answers.iter().enumerate() {
        assert_eq!(answer.len(), 2);
        assert_eq!(answer, &answers[0], "run {at}");
    }
    // Nothing, some of it, and all of it.
    for kind in [0, 1] {
        let [none, some, all] = [0, 2, 4].map(|run| sizes[run][kind]);
        assert!(none < some && some < all, "{sizes:?}");
    }
}

#[test]
fn what_is_kept_of_a_change_stays_with_it_when_more_are_kept() {
    let home = tempfile::tempdir().unwrap();
    let (repository, tip) = repository(home.path());
    let engine = |tip, before| Engine::new(&repository, &[tip], options(), before, &Silent).unwrap();
    let restore =
        |saved: SavedIndex| saved.restore(LearnedLater::default(), LearnedLater::default()).unwrap();
    let older = engine(tip, Index::default()).history().id(25);
    let (mut saved, _) = engine(older, Index::default()).save(Extent::default());
    let from = saved.extent();
    let grown = engine(tip, restore(saved.clone()));
    let (more, numbers) = SavedIndex::of(grown.history(), &grown.index, from);
    saved.extend(more);
    let kept = restore(saved);
    let facts = |change: Change| (change.commit, change.path, change.old, change.new);
    assert!(from.changes < numbers.len());
    for (number, at) in (0..).zip(numbers) {
        assert_eq!(facts(kept.changes.change(at)), facts(grown.index.change(number)), "{number}");
    }
}
