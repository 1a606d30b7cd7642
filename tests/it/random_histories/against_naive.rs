//! The engine's parts, each against an answer that is too simple to be wrong.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::prelude::*;
use withhold::attribution::History;
use withhold::attribution::appearance::Appearances;
use withhold::attribution::change_index::{ChangeIndex, Slot};
use withhold::attribution::forest::Forest;
use withhold::attribution::history::CommitNo;
use withhold::attribution::progress::Silent;
use withhold::attribution::timeline::{Timeline, latest};
use withhold::attribution::tree_diff::{Leaf, Trees};
use withhold::repo::{EntryKind, ObjectId, Repository};

use crate::support::{Repo, random};

/// What a commit holds, as `git ls-tree -r` lists it.
type Files = BTreeMap<Vec<u8>, Leaf>;

/// A history with all that is asked of its parts, and what git says of each commit.
struct Case {
    repository: Repository,
    history: History,
    forest: Forest,
    index: ChangeIndex,
    files: Vec<Files>,
    repo: Repo,
}

impl Case {
    fn new(steps: &[random::Step]) -> Self {
        let repo = Repo::of(&random::script(steps));
        let tip = ObjectId::from_hex(repo.id("HEAD").as_bytes()).unwrap();
        let repository = Repository::open(repo.path()).unwrap();
        let mut history = History::default();
        history.extend(&repository.objects(), &[tip], &Silent).unwrap();
        let forest = Forest::new(&history);
        let mut index = ChangeIndex::default();
        index.extend(&repository, &history, &forest, 2, &Silent).unwrap();
        let files = history.ids().iter().map(|commit| files(&repo, *commit)).collect();
        Self { repository, history, forest, index, files, repo }
    }

    fn at(&self, commit: CommitNo, path: &[u8]) -> Option<Leaf> {
        self.files[commit as usize].get(path).copied()
    }

    fn slot(&self, leaf: Option<Leaf>) -> Slot {
        leaf.map_or(Slot::ABSENT, |leaf| self.index.find_slot(leaf).unwrap())
    }

    /// What the first parent has at a path; nothing, if there is no parent.
    fn before(&self, commit: CommitNo, path: &[u8]) -> Option<Leaf> {
        self.history.parents(commit).first().and_then(|parent| self.at(*parent, path))
    }

    fn paths(&self) -> BTreeSet<Vec<u8>> {
        self.files.iter().flat_map(|files| files.keys().cloned()).collect()
    }

    /// Whether `old` is an ancestor of `new`, and another commit.
    fn precedes(&self, old: CommitNo, new: CommitNo) -> bool {
        self.history.parents(new).iter().any(|parent| *parent == old || self.precedes(old, *parent))
    }
}

fn files(repo: &Repo, commit: ObjectId) -> Files {
    let list = repo.git(["ls-tree", "-r", "-z", &commit.to_string()]).stdout;
    let entries = list.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            let tab = entry.iter().position(|byte| *byte == b'\t').unwrap();
            let kind = match &entry[..6] {
                b"100644" | b"100755" => EntryKind::File,
                b"120000" => EntryKind::Symlink,
                mode => panic!("mode {}", mode.escape_ascii()),
            };
            (entry[tab + 1..].to_vec(), Leaf { kind, id: ObjectId::from_hex(&entry[tab - 40..tab]).unwrap() })
        })
        .collect()
}

proptest! {
    #![proptest_config(random::config(24))]

    #[test]
    fn numbers_and_intervals_follow_the_parents(steps in random::history(14)) {
        let Case { history, forest, repo, .. } = Case::new(&steps);
        prop_assert_eq!(repo.git(["rev-list", "--count", "HEAD"]).line(), history.len().to_string());
        let tip = history.id(history.numbers().end - 1);
        prop_assert!(history.reachable(&[tip]).iter().all(|reached| *reached));
        for commit in history.numbers() {
            prop_assert!(history.parents(commit).iter().all(|parent| *parent < commit));
            prop_assert_eq!(forest.tour()[forest.enter(commit) as usize], commit);
            // The interval holds exactly those that come to `commit` along first parents.
            for other in history.numbers() {
                let mut down = Some(other);
                while down.is_some_and(|at| at != commit) {
                    down = down.and_then(|at| history.parents(at).first().copied());
                }
                let inside = (forest.enter(commit)..forest.leave(commit)).contains(&forest.enter(other));
                prop_assert_eq!(inside, down.is_some(), "{} above {}", other, commit);
            }
        }
    }

    #[test]
    fn tree_diff_is_git_diff_tree(steps in random::history(10)) {
        let Case { repository, history, repo, .. } = Case::new(&steps);
        let objects = repository.objects();
        let mut trees = Trees::new(&objects);
        for old in history.numbers() {
            for new in history.numbers().filter(|new| *new != old) {
                let mut ours = Vec::new();
                trees.diff(Some(history.tree(old)), Some(history.tree(new)), &mut |difference| {
                    let id = |leaf: Option<Leaf>| leaf.map_or_else(|| "0".repeat(40), |leaf| leaf.id.to_string());
                    let path = String::from_utf8(difference.path.to_vec()).unwrap();
                    ours.push((path, id(difference.old), id(difference.new)));
                    Ok(())
                }).unwrap();
                let (one, other) = (history.tree(old).to_string(), history.tree(new).to_string());
                let raw = repo.git(["diff-tree", "-r", "-z", "--no-renames", "--raw", "--no-abbrev", &one, &other]);
                let raw = String::from_utf8(raw.stdout).unwrap();
                let mut fields = raw.split_terminator('\0');
                let mut theirs = Vec::new();
                while let (Some(meta), Some(path)) = (fields.next(), fields.next()) {
                    let meta: Vec<&str> = meta.trim_start_matches(':').split(' ').collect();
                    // The executable bit alone is no change.
                    if !(meta[0].starts_with("100") && meta[1].starts_with("100") && meta[2] == meta[3]) {
                        theirs.push((path.to_owned(), meta[2].to_owned(), meta[3].to_owned()));
                    }
                }
                prop_assert_eq!(ours, theirs, "{} to {}", one, other);
            }
        }
    }

    #[test]
    fn the_index_holds_what_changed_and_what_the_parents_had(steps in random::history(14)) {
        let case = Case::new(&steps);
        let Case { history, index, .. } = &case;
        for commit in history.numbers() {
            let (first, changes) = index.of_commit(commit);
            let ours: BTreeSet<&[u8]> = changes.iter().map(|change| index.path(change.path)).collect();
            prop_assert_eq!(ours.len(), changes.len(), "every path once");
            for path in case.paths() {
                let changed = case.before(commit, &path) != case.at(commit, &path);
                prop_assert_eq!(ours.contains(path.as_slice()), changed);
            }
            for (number, change) in (first..).zip(changes) {
                let path = index.path(change.path);
                prop_assert_eq!(change.commit, commit);
                prop_assert_eq!(change.new, case.slot(case.at(commit, path)));
                prop_assert_eq!(change.old, case.slot(case.before(commit, path)));
                for (at, parent) in history.parents(commit).iter().enumerate() {
                    prop_assert_eq!(index.at_parent(history, number, at), case.slot(case.at(*parent, path)));
                }
                prop_assert!(index.of_path(change.path).contains(&number));
            }
        }
    }

    #[test]
    fn a_timeline_is_a_walk_up_first_parents(steps in random::history(14)) {
        let case = Case::new(&steps);
        let Case { history, forest, index, .. } = &case;
        for path in case.paths() {
            let number = index.path_number(&path).unwrap();
            let timeline = Timeline::new(index, forest, number);
            for commit in history.numbers() {
                let mut at = Some(commit);
                while let Some(here) = at
                    && case.before(here, &path) == case.at(here, &path)
                {
                    at = history.parents(here).first().copied();
                }
                let found = timeline.at(forest.enter(commit));
                prop_assert_eq!(latest(index, forest, number, forest.enter(commit)), found);
                let found = found.map(|change| index.change(change));
                prop_assert_eq!(found.map(|change| change.commit), at);
                prop_assert!(found.is_none_or(|change| change.path == number));
            }
        }
    }

    #[test]
    fn first_appearances_have_none_before_them(steps in random::history(14)) {
        let case = Case::new(&steps);
        let Case { history, index, .. } = &case;
        let contents: HashSet<Slot, foldhash::fast::RandomState> =
            case.files.iter().flat_map(|files| files.values()).map(|leaf| case.slot(Some(*leaf))).collect();
        let found = Appearances::find(history, index, &vec![true; history.len()], &contents, 3);
        for content in contents {
            let mut all: Vec<(CommitNo, Vec<u8>)> = Vec::new();
            for commit in history.numbers() {
                for (path, leaf) in &case.files[commit as usize] {
                    let inherited = history.parents(commit).iter().any(|parent| case.at(*parent, path) == Some(*leaf));
                    if case.slot(Some(*leaf)) == content && !inherited {
                        all.push((commit, path.clone()));
                    }
                }
            }
            let mut first: Vec<_> =
                all.iter().filter(|(commit, _)| !all.iter().any(|(old, _)| case.precedes(*old, *commit))).cloned().collect();
            if all.len() < 2 {
                first.clear();
            }
            let mut ours: Vec<_> = found
                .of(content)
                .iter()
                .map(|number| index.change(*number))
                .map(|change| (change.commit, index.path(change.path).to_vec()))
                .collect();
            first.sort();
            ours.sort();
            prop_assert_eq!(ours, first);
        }
    }
}
