//! Text from commits and lists, made comparable: what addresses and names have in common.
//!
//! Decides how bytes become text and which texts are alike. Must not know what the text is.

use caseless::Caseless as _;
use unicode_normalization::UnicodeNormalization as _;

/// The bytes as UTF-8, or where they are not that, as Latin-1, in which old history is written.
pub(super) fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Without regard to case, and in NFC. Characters that nobody sees are left out: they come along when
/// an address is copied from a web page.
pub(super) fn fold(text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return text.to_ascii_lowercase();
    }
    // Folded between two normalisations, as Unicode defines canonical caseless matching.
    text.chars().filter(|char| !is_invisible(*char)).nfd().default_case_fold().nfc().collect()
}

/// Characters that nobody sees, white space apart.
pub(super) fn is_invisible(char: char) -> bool {
    (char.is_control() && !char.is_whitespace())
        || matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_and_composition_do_not_matter() {
        assert_eq!(fold("Zo\u{eb}"), fold("ZOE\u{308}"));
        assert_eq!(fold("STRASSE"), fold("straße"));
        assert_eq!(fold("ada\u{200b}"), "ada");
    }

    #[test]
    fn what_is_not_utf8_is_latin_1() {
        assert_eq!(decode(b"Zo\xeb"), "Zoë");
        assert_eq!(decode("Zoë".as_bytes()), "Zoë");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
