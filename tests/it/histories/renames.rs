//! Renames: which one git follows, and when it follows none.

use super::{edited, lines};
use crate::support::{Commit, Repo, Script, assert_same_as_blame};

#[test]
fn a_rename_without_an_edit() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("old.txt", lines(9)));
    script.add(Commit::on([first]).rename("old.txt", "dir/new.txt"));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("filename old.txt"), "the rename is followed");
}

#[test]
fn a_rename_with_an_edit() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("old.txt", lines(20)));
    script.add(Commit::on([first]).delete("old.txt").file("new.txt", edited(22, &[4, 5], "new")));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("filename old.txt") && blame.contains("filename new.txt"));
}

#[test]
fn an_edit_too_large_to_be_a_rename() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("old.txt", lines(10)));
    let many: Vec<usize> = (1..=6).collect();
    script.add(Commit::on([first]).delete("old.txt").file("new.txt", edited(10, &many, "entirely new")));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(!blame.contains("filename old.txt"));
}

#[test]
fn renamed_and_back() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.txt", lines(9)));
    let there = script.add(Commit::on([first]).rename("a.txt", "b.txt"));
    let edit = script.add(Commit::on([there]).file("b.txt", edited(9, &[4], "b")));
    let back = script.add(Commit::on([edit]).rename("b.txt", "a.txt"));
    script.add(Commit::on([back]).file("a.txt", edited(9, &[4, 8], "b")));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("filename b.txt"));
}

#[test]
fn two_files_change_places() {
    let mut script = Script::default();
    let (one, two) = (lines(9), edited(9, &[1, 2, 3, 4, 5, 6], "two"));
    let first = script.add(Commit::root().file("a.txt", &one).file("b.txt", &two));
    script.add(Commit::on([first]).file("a.txt", two + "a\n").file("b.txt", one + "b\n"));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn of_two_exact_candidates_the_one_of_the_same_name() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a/other.txt", lines(9)));
    let second = script.add(Commit::on([first]).file("z/name.txt", lines(9)));
    script.add(Commit::on([second]).delete("a").delete("z").file("new/name.txt", lines(9)));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("filename z/name.txt"));
}

#[test]
fn of_two_exact_candidates_of_other_names_the_first() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("z.txt", lines(9)));
    let second = script.add(Commit::on([first]).file("a.txt", lines(9)));
    script.add(Commit::on([second]).delete("a.txt").delete("z.txt").file("new.txt", lines(9)));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("filename a.txt"));
}

#[test]
fn the_only_namesake_wins_at_three_quarters_over_a_better_stranger() {
    let mut script = Script::default();
    let first = script.add(
        Commit::root()
            .file("a/name.txt", edited(20, &[1, 2, 3], "name"))
            .file("b/stranger.txt", edited(20, &[1], "s")),
    );
    script.add(Commit::on([first]).delete("a").delete("b").file("c/name.txt", lines(20)));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("filename a/name.txt"));
}

#[test]
fn below_three_quarters_the_better_stranger_wins() {
    let mut script = Script::default();
    let first = script.add(
        Commit::root()
            .file("a/name.txt", edited(20, &[1, 2, 3, 4, 5, 6, 7], "name"))
            .file("b/stranger.txt", edited(20, &[1], "s")),
    );
    script.add(Commit::on([first]).delete("a").delete("b").file("c/name.txt", lines(20)));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("filename b/stranger.txt"));
}

#[test]
fn ties_among_many_candidates() {
    // Scores go up, down and stay equal, with and without namesakes, and there are more than four.
    let shares: [&[usize]; 5] = [&[1, 2], &[3, 4], &[1, 2, 3], &[5], &[6]];
    let orders = [
        [0, 1, 2, 3, 4],
        [4, 3, 2, 1, 0],
        [2, 0, 3, 1, 4],
        [3, 4, 0, 2, 1],
        [2, 2, 0, 0, 1],
        [0, 0, 0, 0, 0],
    ];
    for order in orders {
        for namesakes in [0_usize, 0b1, 0b10100, 0b11111] {
            let mut script = Script::default();
            let mut before = Commit::root();
            let mut after = None;
            for (at, share) in order.iter().enumerate() {
                for copy in 0..2 {
                    let name = if namesakes & (1 << at) != 0 { "name" } else { "stranger" };
                    let path = format!("{at}{copy}/{name}.txt");
                    // Of one length, so that the scores of equal shares are equal.
                    let content = edited(12, shares[*share], &format!("f{at}{copy}"));
                    before = before.file(path, content);
                }
            }
            for at in 0..5 {
                let deleting = after.take().unwrap_or_else(|| Commit::on([crate::support::Mark(1)]));
                after = Some(deleting.delete(format!("{at}0")).delete(format!("{at}1")));
            }
            script.add(before);
            script.add(after.unwrap().file("new/name.txt", lines(12)));
            let blame = assert_same_as_blame(&Repo::of(&script));
            assert!(blame.contains("summary commit 1"), "some candidate is taken");
        }
    }
}

#[test]
fn a_rename_that_only_the_second_parent_shows() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("keep.txt", "k\n"));
    let other = script.versions("old.txt", [lines(20), edited(20, &[7], "x")]);
    script.add(Commit::on([base, other]).file("new.txt", edited(20, &[7, 9], "x")));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("filename old.txt"));
}

#[test]
fn a_parent_that_has_the_path_comes_before_one_that_has_it_by_another_name() {
    for content in [lines(9), edited(9, &[9], "merge")] {
        let mut script = Script::default();
        let renamed = script.add(Commit::root().file("old.txt", lines(9)));
        let same_path = script.add(Commit::root().file("new.txt", lines(9)));
        let merge = script.add(Commit::on([renamed, same_path]).delete("old.txt").file("new.txt", content));
        script.add(Commit::on([merge]).file("new.txt", edited(9, &[1, 9], "after")));
        assert_same_as_blame(&Repo::of(&script));
    }
}

#[test]
fn a_rename_on_the_side_branch_and_an_edit_on_the_main_line() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("old.txt", lines(20)));
    let edit = script.add(Commit::on([base]).file("old.txt", edited(20, &[3], "main")));
    let renamed = script
        .add(Commit::on([base]).rename("old.txt", "new.txt").file("new.txt", edited(20, &[15], "side")));
    let merged = edited(20, &[3], "main").replace("line 15\n", "side 15\n");
    script.add(Commit::on([edit, renamed]).delete("old.txt").file("new.txt", merged));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!((1..=3).all(|number| blame.contains(&format!("summary commit {number}\n"))));
}

#[test]
fn a_folder_moves_with_everything_in_it() {
    let mut script = Script::default();
    let first =
        script.add(Commit::root().file("src/a.txt", lines(9)).file("src/sub/b.txt", edited(9, &[1, 9], "b")));
    let edit = script.add(Commit::on([first]).file("src/sub/b.txt", edited(9, &[1, 5, 9], "b")));
    script.add(Commit::on([edit]).rename("src", "lib/core"));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("filename src/sub/b.txt"));
}

#[test]
fn a_long_line_is_compared_in_pieces_of_64_bytes() {
    let piece = |letter: char| {
        let step = letter as u32 - 'a' as u32 + 1;
        (0..64).map(|at| char::from_u32('a' as u32 + step * (at * at + 1) % 26).unwrap()).collect::<String>()
    };
    let line = |letters: &str| letters.chars().map(piece).collect::<String>() + "\n";
    for (before, after, renamed) in [("abcdefgh", "hgfexyzw", true), ("abcdefgh", "hgvuxyzw", false)] {
        let mut script = Script::default();
        let first = script.add(Commit::root().file("old.txt", line(before)));
        script.add(Commit::on([first]).delete("old.txt").file("new.txt", line(after)));
        let blame = assert_same_as_blame(&Repo::of(&script));
        assert_eq!(blame.contains("\nprevious "), renamed, "{after}");
    }
}

#[test]
fn lines_of_one_commit_from_two_of_its_files() {
    let (one, other) = (lines(6), edited(6, &[1, 2, 3, 4, 5, 6], "other"));
    let mut script = Script::default();
    let both = script.add(Commit::root().file("a.txt", &one).file("b.txt", &other));
    let left = script.add(Commit::on([both]).delete("b.txt").rename("a.txt", "c.txt"));
    let right = script.add(Commit::on([both]).delete("a.txt").rename("b.txt", "c.txt"));
    // The halves take turns, so that each path is met again after the other.
    let (one, other) = (one.split_at(one.len() / 2), other.split_at(other.len() / 2));
    let merged = [one.0, other.0, "of the merge\n", one.1, other.1].concat();
    script.add(Commit::on([left, right]).file("c.txt", merged));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert_eq!((blame.matches("filename a.txt").count(), blame.matches("filename b.txt").count()), (2, 2));
}

#[test]
fn a_copy_is_not_a_rename() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.txt", lines(9)));
    script.add(Commit::on([first]).file("copy.txt", lines(9)));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn one_source_for_two_destinations() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.txt", lines(9)));
    script
        .add(Commit::on([first]).delete("a.txt").file("b.txt", lines(9)).file("c.txt", edited(9, &[9], "c")));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.matches("filename a.txt").count() >= 2);
}

#[test]
fn an_empty_file_is_renamed() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.txt", ""));
    let second = script.add(Commit::on([first]).rename("a.txt", "b.txt"));
    script.add(Commit::on([second]).file("b.txt", lines(3)));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn a_binary_file_becomes_text_under_another_name() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.bin", lines(20) + "\0"));
    script.add(Commit::on([first]).delete("a.bin").file("a.txt", lines(20)));
    assert_same_as_blame(&Repo::of(&script));
}
