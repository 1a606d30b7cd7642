//! Lines that change their place: within a file (`-M`), and between files of a commit (`-C`).

use crate::support::blame::blame;
use crate::support::{Commit, Repo, Script, assert_same_with};

/// Lines that are long enough for a few of them to be followed, each of which says whose they are.
fn text(topic: &str, lines: std::ops::RangeInclusive<usize>) -> String {
    lines.map(|line| format!("{topic} has written {} {line}\n", line * line)).collect()
}

/// What `git blame` says of this history with these options, after ours was found to be the same; with the
/// numbers of the commits that it credits, from the first line to the last.
fn credited(script: &Script, options: &[&str], path: &str) -> Vec<usize> {
    let repo = Repo::of(script);
    assert_same_with(&repo, options);
    let all: Vec<String> =
        repo.git(["rev-list", "--reverse", "--topo-order", "HEAD"]).line().lines().map(Into::into).collect();
    let said = String::from_utf8(blame(&repo, options, path.as_bytes())).unwrap();
    let number = |line: &str| all.iter().position(|id| line.starts_with(id.as_str())).map(|at| at + 1);
    said.lines().filter_map(number).collect()
}

#[test]
fn a_block_moves_within_a_file() {
    let mut script = Script::default();
    script.versions(
        "a.txt",
        [
            text("ada", 1..=20),
            text("ada", 11..=14) + &text("ada", 1..=10) + &text("ada", 15..=20),
            text("ada", 15..=20) + &text("bob", 1..=2) + &text("ada", 11..=14) + &text("ada", 1..=10),
        ],
    );
    assert!(credited(&script, &[], "a.txt").contains(&2));
    let all_but_two = [vec![1; 6], vec![3; 2], vec![1; 14]].concat();
    assert_eq!(credited(&script, &["-M"], "a.txt"), all_but_two);
    assert_eq!(credited(&script, &["-C"], "a.txt"), all_but_two);
}

#[test]
fn a_block_is_copied_within_a_file_several_times() {
    let mut script = Script::default();
    let block = text("ada", 3..=5);
    script.versions(
        "a.txt",
        [text("ada", 1..=9), text("ada", 1..=9) + "between\n" + &block + "and again\n" + &block + &block],
    );
    let expected = [vec![1; 9], vec![2], vec![1; 3], vec![2], vec![1; 6]].concat();
    assert_eq!(credited(&script, &["-M"], "a.txt"), expected);
}

/// Nineteen letters and digits are too few, twenty are enough; other characters do not count.
#[test]
fn a_block_must_weigh_enough() {
    for (line, follows) in
        [("0123456789012345678", false), ("01234567890123456789", true), ("(0123456789 + 012345678);", false)]
    {
        let mut script = Script::default();
        let rest = text("rest", 1..=5);
        script.versions("a.txt", [format!("{line}\n{rest}"), format!("{rest}{line}\n")]);
        assert_eq!(credited(&script, &["-M"], "a.txt").last(), Some(if follows { &1 } else { &2 }), "{line}");
        for options in [&["-M19"][..], &["-M25"], &["-M0"], &["-M5", "-C70"], &["-M70", "-C5"]] {
            assert_same_with(&Repo::of(&script), options);
        }
    }
}

#[test]
fn a_block_moves_to_a_file_that_is_there() {
    let mut script = Script::default();
    let first =
        script.add(Commit::root().file("a.txt", text("ada", 1..=20)).file("b.txt", text("bob", 1..=9)));
    script.add(
        Commit::on([first])
            .file("a.txt", text("ada", 1..=10))
            .file("b.txt", text("bob", 1..=4) + &text("ada", 11..=20) + &text("bob", 5..=9)),
    );
    assert_eq!(credited(&script, &["-M"], "b.txt"), [vec![1; 4], vec![2; 10], vec![1; 5]].concat());
    assert_eq!(credited(&script, &["-C"], "b.txt"), [1; 19]);
}

#[test]
fn a_file_is_split_in_two() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.txt", text("ada", 1..=20)));
    script.add(
        Commit::on([first])
            .delete("a.txt")
            .file("one.txt", text("ada", 1..=10) + &text("new", 1..=3))
            .file("other.txt", text("new", 4..=6) + &text("ada", 11..=20)),
    );
    assert_eq!(credited(&script, &["-C"], "one.txt"), [vec![1; 10], vec![2; 3]].concat());
    assert_eq!(credited(&script, &["-C"], "other.txt"), [vec![2; 3], vec![1; 10]].concat());
}

/// The original is left as it is: `-C` given once does not look there, since the commit did not change it.
#[test]
fn a_copy_from_a_file_that_does_not_change() {
    let mut script = Script::default();
    let first =
        script.add(Commit::root().file("a.txt", text("ada", 1..=20)).file("b.txt", text("bob", 1..=9)));
    script.add(Commit::on([first]).file("b.txt", text("bob", 1..=9) + &text("ada", 1..=20)));
    assert_eq!(credited(&script, &["-C"], "b.txt"), [vec![1; 9], vec![2; 20]].concat());
}

/// Several files have the block: of those that have most of it, the last in the order of git's trees.
#[test]
fn the_best_source_counts_and_of_equals_the_last() {
    let mut script = Script::default();
    let block = text("ada", 1..=8);
    let first = script.add(
        Commit::root()
            .file("a.txt", text("ada", 1..=8))
            .file("b/x.txt", text("ada", 1..=4) + "cut\n" + &text("ada", 5..=8))
            .file("c.txt", "before\n".to_owned() + &block)
            .file("to.txt", "here\n"),
    );
    script.add(
        Commit::on([first])
            .file("a.txt", text("ada", 1..=7))
            .file("b/x.txt", "nothing\n")
            .file("c.txt", "before\n")
            .file("to.txt", "here\n".to_owned() + &block),
    );
    let repo = Repo::of(&script);
    assert_same_with(&repo, &["-C"]);
    let blame = String::from_utf8(blame(&repo, &["-C"], b"to.txt")).unwrap();
    assert!(blame.contains("filename c.txt") && !blame.contains("filename b/x.txt"));
}

#[test]
fn a_move_and_a_new_indentation_at_once() {
    let mut script = Script::default();
    let indented: String = text("ada", 4..=9).lines().map(|line| format!("\t\t{line}\n")).collect();
    let first =
        script.add(Commit::root().file("a.txt", text("ada", 1..=12)).file("b.txt", text("bob", 1..=3)));
    script.add(
        Commit::on([first])
            .file("a.txt", text("ada", 1..=3) + &text("ada", 10..=12))
            .file("b.txt", text("bob", 1..=3) + "{\n" + &indented + "}\n"),
    );
    assert_eq!(credited(&script, &["-C"], "b.txt")[4..10], [2; 6]);
    assert_eq!(credited(&script, &["-w", "-C"], "b.txt")[4..10], [1; 6]);
}

/// A range that was cut apart is looked for in its parts, even where they meet again in an older version.
#[test]
fn parts_that_meet_again_stay_parts() {
    let mut script = Script::default();
    let (head, tail) = ("0123456789a\n", "0123456789b\n");
    let first = script.add(Commit::root().file("a.txt", format!("{head}{tail}middle\nend\n")));
    // Moved, so that the line diff alone does not find them.
    let moved = script.add(Commit::on([first]).file("a.txt", format!("middle\nend\n{head}{tail}")));
    let parted = script.add(Commit::on([moved]).file("a.txt", format!("middle\nend\n{head}between\n{tail}")));
    let side = script.add(Commit::on([moved]).file("b.txt", "side\n"));
    script.add(Commit::on([parted, side]).file("a.txt", format!("middle\nend\n{head}{tail}")));
    for options in [&["-M"][..], &["-M8"], &["-M", "-C15"]] {
        assert_same_with(&Repo::of(&script), options);
    }
}

#[test]
fn a_merge_that_moves_blocks_from_either_side() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", text("base", 1..=12)).file("b.txt", text("b", 1..=3)));
    let left = script.add(Commit::on([base]).file("a.txt", text("base", 1..=12) + &text("left", 1..=4)));
    let right = script.add(
        Commit::on([base])
            .file("b.txt", text("b", 1..=3) + &text("right", 1..=6))
            .file("c.txt", text("c", 1..=5)),
    );
    script.add(
        Commit::on([left, right])
            .file("a.txt", text("left", 1..=4) + &text("base", 1..=12) + &text("right", 1..=6))
            .file("b.txt", text("b", 1..=3) + &text("c", 1..=5))
            .file("d.txt", text("c", 2..=4) + &text("left", 1..=3) + &text("base", 5..=7)),
    );
    for options in [&["-M"][..], &["-C"], &["-w", "-C"], &["-M40", "-C20"]] {
        assert_same_with(&Repo::of(&script), options);
    }
}

/// The same parent twice: the second time git knows no file of it that has been looked through.
#[test]
fn the_same_parent_twice() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", text("ada", 1..=12)).file("b.txt", text("b", 1..=3)));
    script.add(
        Commit::on([base, base])
            .file("a.txt", text("ada", 7..=12) + "x\n" + &text("ada", 1..=6))
            .file("b.txt", text("b", 1..=3) + &text("ada", 2..=5)),
    );
    for options in [&["-M60", "-C20"][..], &["-C"]] {
        assert_same_with(&Repo::of(&script), options);
    }
}

#[test]
fn blocks_from_links_and_from_files_that_became_something_else() {
    let mut script = Script::default();
    let target = "a/very/long/target/of/a/symbolic/link/that/was/here/before";
    let first = script.add(
        Commit::root()
            .symlink("link", target)
            .file("folder", text("ada", 1..=6))
            .file("z.txt", "z\n")
            .submodule("module", &"1".repeat(40)),
    );
    script.add(
        Commit::on([first])
            .file("link", format!("{target}\nand more\n"))
            .delete("folder")
            .file("folder/in.txt", "in\n".to_owned() + &text("ada", 1..=3))
            .file("z.txt", format!("z\n{target}\n") + &text("ada", 4..=6))
            .delete("module"),
    );
    // No rename is what it takes: the similarity of a folder's file is too low.
    assert_same_with(&Repo::of(&script), &["-C20"]);
    assert_same_with(&Repo::of(&script), &["-w", "-C"]);
}

/// A block goes round three files, and is renamed and edited on its way.
#[test]
fn a_long_way() {
    let mut script = Script::default();
    let block = |topic| text(topic, 1..=8);
    let one = script.add(Commit::root().file("a.txt", block("ada")).file("b.txt", block("bob")));
    let two =
        script.add(Commit::on([one]).file("a.txt", "gone\n").file("b.txt", block("bob") + &block("ada")));
    let three = script.add(Commit::on([two]).rename("b.txt", "deep/c.txt"));
    let edited = block("ada").replace("ada has written 16 4", "someone has written this");
    let four = script.add(Commit::on([three]).file("deep/c.txt", block("bob") + &edited));
    script.add(
        Commit::on([four]).file("deep/c.txt", block("bob")).file("a.txt", "gone\n".to_owned() + &edited),
    );
    let expected = [vec![2], vec![1; 3], vec![4], vec![1; 4]].concat();
    assert_eq!(credited(&script, &["-C"], "a.txt"), expected);
}

#[test]
fn the_last_line_without_its_end() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.txt", text("ada", 1..=3)).file("b.txt", "b\n"));
    let open = text("ada", 1..=3).trim_end().to_owned();
    let second = script.add(Commit::on([first]).file("a.txt", "a\n").file("b.txt", format!("b\n{open}")));
    script.add(Commit::on([second]).file("b.txt", format!("{open}\nb\n")));
    for options in [&["-M"][..], &["-C"], &["-w", "-M"], &["-w", "-C20"]] {
        assert_same_with(&Repo::of(&script), options);
    }
}
