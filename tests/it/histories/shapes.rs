//! The shape of the graph: chains, merges of every kind, roots, dates that lie.

use super::{edited, lines};
use crate::support::{Commit, Repo, Script, assert_same_as_blame};

#[test]
fn linear() {
    let mut script = Script::default();
    script.versions(
        "a.txt",
        [lines(5), edited(5, &[2], "two"), edited(7, &[2, 5], "two"), edited(6, &[1], "x")],
    );
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn a_merge_of_two_takes_lines_from_both() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(20)));
    let left = script.add(Commit::on([base]).file("a.txt", edited(20, &[2], "left")));
    let right = script.add(Commit::on([base]).file("a.txt", edited(20, &[19], "right")));
    let merged = edited(20, &[2], "left").replace("line 19\n", "right 19\n");
    script.add(Commit::on([left, right]).file("a.txt", merged));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("summary commit 2") && blame.contains("summary commit 3"));
    assert!(!blame.contains("summary commit 4"), "the merge itself wrote nothing");
}

#[test]
fn a_merge_with_one_parent_is_a_commit_that_changes_nothing() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(3)));
    let empty = script.add(Commit::on([base]).message("Merge of nothing"));
    script.add(Commit::on([empty]).file("a.txt", edited(3, &[1], "x")));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn the_same_parent_twice() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(9)).file("b.txt", lines(4)));
    let change = script.add(Commit::on([base]).file("a.txt", edited(9, &[3], "x")));
    let twice = script.add(Commit::on([change, change]).file("a.txt", edited(9, &[3, 5], "x")));
    script.add(
        Commit::on([twice, base, twice]).rename("b.txt", "c.txt").file("a.txt", edited(9, &[5, 6], "x")),
    );
    let repo = Repo::of(&script);
    assert_eq!(repo.git(["rev-list", "--parents", "-1", "HEAD"]).line().split(' ').count(), 4);
    assert_same_as_blame(&repo);
}

#[test]
fn an_octopus_with_eight_arms() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(80)));
    let mut merged = lines(80);
    let mut arms = Vec::new();
    for arm in 0..8 {
        let at = arm * 10 + 5;
        arms.push(
            script.add(
                Commit::on([base]).file("a.txt", edited(80, &[at], "arm")).file(format!("{arm}"), "x\n"),
            ),
        );
        merged = merged.replace(&format!("line {at}\n"), &format!("arm {at}\n"));
    }
    let mut octopus = Commit::on(arms).file("a.txt", merged + "by the merge\n");
    for arm in 0..8 {
        octopus = octopus.file(format!("{arm}"), "x\n");
    }
    script.add(octopus);
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!((2..=10).all(|number| blame.contains(&format!("summary commit {number}\n"))));
}

#[test]
fn an_evil_merge_writes_lines_of_its_own() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(9)));
    let left = script.add(Commit::on([base]).file("a.txt", edited(9, &[1], "left")));
    let right = script.add(Commit::on([base]).file("a.txt", edited(9, &[9], "right")));
    let merged = edited(9, &[1, 5], "left").replace("line 9\n", "right 9\n").replace("left 5", "evil 5");
    script.add(Commit::on([left, right]).file("a.txt", merged).file("new.txt", "evil\n"));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("summary commit 4"));
}

#[test]
fn a_merge_that_takes_the_other_side_whole() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(9)));
    let left = script.add(Commit::on([base]).file("a.txt", edited(9, &[1], "left")));
    let right = script.add(Commit::on([base]).file("a.txt", edited(9, &[1], "right")));
    let theirs = script.add(Commit::on([left, right]).file("a.txt", edited(9, &[1], "right")));
    let ours = script.add(Commit::on([theirs, left]));
    script.add(Commit::on([ours]).file("a.txt", edited(9, &[1], "right") + "end\n"));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn criss_cross() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(30)));
    let left = script.add(Commit::on([base]).file("a.txt", edited(30, &[3], "L")));
    let right = script.add(Commit::on([base]).file("a.txt", edited(30, &[27], "R")));
    let both = edited(30, &[3], "L").replace("line 27\n", "R 27\n");
    let left_merge = script.add(Commit::on([left, right]).file("a.txt", &both));
    let right_merge =
        script.add(Commit::on([right, left]).file("a.txt", both.replace("line 15\n", "R 15\n")));
    let left_more = script.add(Commit::on([left_merge]).file("a.txt", both.replace("line 8\n", "L 8\n")));
    script.add(
        Commit::on([left_more, right_merge])
            .file("a.txt", both.replace("line 8\n", "L 8\n").replace("line 15\n", "R 15\n")),
    );
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn the_same_change_on_two_branches_is_the_first_parents() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(9)));
    let left = script.add(Commit::on([base]).file("a.txt", edited(9, &[4], "same")).file("l", "l\n"));
    let right = script.add(Commit::on([base]).file("a.txt", edited(9, &[4], "same")).file("r", "r\n"));
    script.add(Commit::on([left, right]).file("r", "r\n").file("a.txt", edited(9, &[4], "same") + "end\n"));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn children_older_than_their_parents() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(20)).date("1700000500 +0000"));
    let left = script.add(Commit::on([base]).file("a.txt", edited(20, &[2], "L")).date("1600000000 +0000"));
    let left =
        script.add(Commit::on([left]).file("a.txt", edited(20, &[2, 5], "L")).date("1800000000 +0000"));
    let right = script.add(Commit::on([base]).file("a.txt", edited(20, &[18], "R")).date("0 +0000"));
    let right =
        script.add(Commit::on([right]).file("a.txt", edited(20, &[18, 15], "R")).date("1700000500 +0000"));
    let merged = edited(20, &[2, 5], "L").replace("line 15\n", "R 15\n").replace("line 18\n", "R 18\n");
    script.add(Commit::on([left, right]).file("a.txt", merged).date("1500000000 +0000"));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn several_roots() {
    let mut script = Script::default();
    let one = script.add(Commit::root().file("a.txt", lines(9)));
    let two = script.add(Commit::root().file("a.txt", edited(9, &[1, 2, 3, 4], "two")).file("b.txt", "b\n"));
    let three = script.add(Commit::root().file("c.txt", "c\n"));
    script.add(
        Commit::on([one, two, three])
            .file("a.txt", edited(9, &[1, 2], "two") + "merge\n")
            .file("b.txt", "b\n")
            .file("c.txt", "c\n"),
    );
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert_eq!(blame.matches("boundary\n").count(), 4);
}

#[test]
fn a_file_whose_history_is_only_in_the_second_parent() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(3)));
    let other = script.versions("lib/b.txt", [lines(9), edited(9, &[5], "x"), edited(9, &[5, 7], "x")]);
    let same = script.add(Commit::on([base, other]).file("lib/b.txt", edited(9, &[5, 7], "x")));
    script.add(Commit::on([same]).file("lib/b.txt", edited(9, &[5, 7, 9], "x")));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!((2..=4).all(|number| blame.contains(&format!("summary commit {number}\n"))));
}

#[test]
fn a_file_that_the_merge_changed_and_only_the_second_parent_had() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(3)));
    let other = script.versions("b.txt", [lines(9), edited(9, &[5], "x")]);
    script.add(Commit::on([base, other]).file("b.txt", edited(9, &[5, 7], "x")));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn deleted_and_brought_back() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.txt", lines(9)).file("b.txt", "b\n"));
    let gone = script.add(Commit::on([first]).delete("a.txt"));
    let still = script.add(Commit::on([gone]).file("b.txt", "b\nb\n"));
    let back = script.add(Commit::on([still]).file("a.txt", lines(9)));
    script.add(Commit::on([back]).file("a.txt", edited(9, &[2], "x")));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("summary commit 4"), "as in git, who brought it back has its lines");
}

#[test]
fn deleted_on_one_branch_and_kept_by_the_merge() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(9)).file("b.txt", "b\n"));
    let without = script.add(Commit::on([base]).delete("a.txt"));
    let with = script.add(Commit::on([base]).file("a.txt", edited(9, &[1], "x")));
    let merge = script.add(Commit::on([without, with]).file("a.txt", edited(9, &[1], "x")));
    script.add(Commit::on([merge, without]).file("a.txt", edited(9, &[1, 9], "x")));
    assert_same_as_blame(&Repo::of(&script));
}
