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
}
