//! The normal form of names.
//!
//! Decides which names are the same. Must not know whose they are.

use super::text::{decode, fold};

/// Two names are the same if their normal forms are: NFC, case-folded, white space collapsed.
#[must_use]
pub fn normalise(name: &[u8]) -> String {
    let folded = fold(&decode(name));
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_composition_and_white_space_do_not_matter() {
        assert_eq!(normalise("  Zo\u{eb}\t  BYRON ".as_bytes()), normalise("zoe\u{308} byron".as_bytes()));
        assert_eq!(normalise(b"Zo\xeb"), "zoë");
        assert_eq!(normalise(b" \n"), "");
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own(name in any::<Vec<u8>>()) {
            let once = normalise(&name);
            prop_assert_eq!(normalise(once.as_bytes()), once);
        }
    }
}
