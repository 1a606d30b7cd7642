//! Every line of every file, as `git blame` credits it.

use proptest::prelude::*;

use crate::support::{Repo, blame, random};

proptest! {
    #![proptest_config(random::config(64))]

    #[test]
    fn attribution_is_git_blame(steps in random::history(12)) {
        let script = random::script(&steps);
        let repo = Repo::of(&script);
        if let Err(difference) = blame::compare(&repo, &[(None, "1"), (Some("-w"), "3")]) {
            let script = String::from_utf8_lossy(&script.bytes()).into_owned();
            prop_assert!(false, "{difference}\n\n{script}");
        }
    }
}
