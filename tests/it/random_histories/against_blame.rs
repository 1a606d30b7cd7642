//! Every line of every file, as `git blame` credits it.

use proptest::prelude::*;

use crate::support::{Repo, blame, random};

proptest! {
    #![proptest_config(random::config(64))]

    #[test]
    fn attribution_is_git_blame(steps in random::history(12)) {
        let script = random::script(&steps);
        let repo = Repo::of(&script);
        if let Err(difference) = blame::compare(&repo, &[(&[], "1"), (&["-w"], "3")]) {
            let script = String::from_utf8_lossy(&script.bytes()).into_owned();
            prop_assert!(false, "{difference}\n\n{script}");
        }
    }
    /// A file whose mode alone changed is no file that changed, here.
    #[test]
    fn lines_that_move_are_those_of_git_blame(
        steps in random::history(12),
        moves in 1..25_u32,
        copies in 1..25_u32,
    ) {
        let script = random::script(&random::without_modes(steps));
        let repo = Repo::of(&script);
        let (moves, copies) = (format!("-M{moves}"), format!("-C{copies}"));
        let rounds: [blame::Round<'_>; 3] =
            [(&[&moves], "1"), (&[&moves, &copies], "2"), (&["-w", &moves, &copies], "3")];
        if let Err(difference) = blame::compare(&repo, &rounds) {
            let script = String::from_utf8_lossy(&script.bytes()).into_owned();
            prop_assert!(false, "{difference}\n\n{script}");
        }
    }
    #[test]
    fn commits_looked_through_are_those_of_git_blame(
        steps in random::history(12),
        through in proptest::collection::vec(proptest::bool::weighted(0.4), 12),
        (moves, copies) in (1..25_u32, 1..25_u32),
    ) {
        let script = random::script(&random::without_modes(steps));
        let repo = Repo::of(&script);
        let all = repo.git(["rev-list", "--topo-order", "HEAD"]).line();
        let named: String =
            all.lines().zip(through).filter(|(_, is)| *is).map(|(id, _)| format!("{id}\n")).collect();
        std::fs::write(repo.beside("revs"), named).unwrap();
        let file = format!("--ignore-revs-file={}", repo.beside("revs").display());
        let (moves, copies) = (format!("-M{moves}"), format!("-C{copies}"));
        let rounds: [blame::Round<'_>; 3] =
            [(&[&file], "1"), (&["-w", &file], "2"), (&["-w", &moves, &copies, &file], "3")];
        if let Err(difference) = blame::compare(&repo, &rounds) {
            let script = String::from_utf8_lossy(&script.bytes()).into_owned();
            prop_assert!(false, "{difference}\n\n{script}");
        }
    }
}
