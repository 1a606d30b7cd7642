//! Blocks of lines change their place, and stay whose they were.

use super::case::{ADA, Scan, by_ada, by_bob, history, set, text};
use crate::support::Repo;

const EXACTLY: &str = "[policy]\nmoves = false\ncopies = false\n";

/// The excluded lines of `path`: by default, and if moves and copies are not followed.
fn lines(repo: &Repo, path: &str) -> (Vec<u64>, Vec<u64>) {
    let sorted = |list: &str, out: &str| Scan::of(repo, list).found_in(out).lines(path).into_iter().collect();
    (sorted(ADA, "followed"), sorted(&format!("{ADA}{EXACTLY}"), "exactly"))
}

fn part(topic: &str, all: usize, range: std::ops::Range<usize>) -> String {
    text(topic, all).split_inclusive('\n').skip(range.start).take(range.len()).collect()
}

#[test]
fn within_a_file() {
    let repo = history(|script| {
        let ada = script.add(
            by_ada([]).file("a.txt", text("ada", 4) + &text("bob", 10)).author("Ada", "ada@example.org"),
        );
        let bob = script.add(by_bob([ada]).file("a.txt", text("bob", 10) + &text("ada", 4)));
        script.add(by_bob([bob]).file("b.txt", "b\n"));
    });
    let (followed, exactly) = lines(&repo, "a.txt");
    assert_eq!(followed, (1..=14).collect::<Vec<_>>(), "all of it was Ada's, and is");
    assert_eq!(exactly, (1..=10).collect::<Vec<_>>());
}

#[test]
fn to_another_file() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("a.txt", text("ada", 20)));
        let bob = script.add(by_bob([ada]).file("b.txt", text("bob", 6)));
        let moved = part("bob", 6, 0..3) + &part("ada", 20, 5..15) + &part("bob", 6, 3..6);
        let rest = part("ada", 20, 0..5) + &part("ada", 20, 15..20);
        script.add(by_bob([bob]).file("a.txt", rest).file("b.txt", moved));
    });
    assert_eq!(lines(&repo, "b.txt"), ((4..=13).collect(), vec![]));
}

/// The pieces are too unlike the whole to be a rename of it.
#[test]
fn a_file_split_into_many() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("whole.txt", text("ada", 40)));
        let split = (0..5).fold(by_bob([ada]).delete("whole.txt"), |commit, piece| {
            let own = text(&format!("bob {piece}"), 12);
            commit.file(format!("{piece}.txt"), own + &part("ada", 40, piece * 8..piece * 8 + 8))
        });
        script.add(split);
    });
    for piece in 0..5 {
        assert_eq!(lines(&repo, &format!("{piece}.txt")), ((13..=20).collect(), vec![]), "{piece}");
    }
    assert_eq!(Scan::of(&repo, ADA).found().files().len(), 5);
}

/// Copied out of a file that the same commit changes elsewhere; the original stays.
#[test]
fn a_copy_in_passing() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("a.txt", text("ada", 20)).file("b.txt", "b\n"));
        script.add(
            by_bob([ada])
                .file("a.txt", text("ada", 20) + "one more line\n")
                .file("c.txt", text("bob", 20) + &part("ada", 20, 4..9)),
        );
    });
    assert_eq!(lines(&repo, "c.txt"), ((21..=25).collect(), vec![]));
}

#[test]
fn moved_and_re_indented_at_once() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("a.txt", text("ada", 20)));
        let bob = script.add(by_bob([ada]).file("b.txt", text("bob", 9)));
        let indented: String = part("ada", 20, 10..20)
            .lines()
            .map(|line| format!("\t{}\r\n", line.replace(' ', "  ")))
            .collect();
        script.add(
            by_bob([bob])
                .file("a.txt", part("ada", 20, 0..10))
                .file("b.txt", text("bob", 9) + "{\n" + &indented),
        );
    });
    assert_eq!(lines(&repo, "b.txt"), ((11..=20).collect(), vec![]));
}

/// By steps, each of which alone is followed.
#[test]
fn a_long_way() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("a.txt", text("ada", 20)));
        let one = script.add(by_bob([ada]).rename("a.txt", "lib/a.txt"));
        let two =
            script.add(by_bob([one]).file("lib/a.txt", part("ada", 20, 10..20) + &part("ada", 20, 0..10)));
        let three = script.add(
            by_bob([two])
                .file("lib/a.txt", part("ada", 20, 0..10))
                .file("lib/b.txt", text("bob", 20) + &part("ada", 20, 10..20)),
        );
        let four = script.add(by_bob([three]).rename("lib/b.txt", "src/c.txt"));
        script.add(by_bob([four]).file("src/c.txt", part("ada", 20, 10..20) + &text("bob", 20)));
    });
    assert_eq!(lines(&repo, "src/c.txt"), ((1..=10).collect(), vec![]));
}

/// The other side of it, as in `git blame -C`: who only moves a block has written nothing.
#[test]
fn who_moves_a_block_has_written_nothing() {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("a.txt", text("bob", 20)).file("b.txt", text("more", 9)));
        script.add(
            by_ada([bob])
                .file("a.txt", part("bob", 20, 10..20) + &part("bob", 20, 0..5))
                .file("b.txt", text("more", 9) + &part("bob", 20, 5..10)),
        );
    });
    assert_eq!(Scan::of(&repo, ADA).found().files(), set([]));
}
