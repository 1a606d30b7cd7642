//! How paths, refs and repository names stand in a manifest: readable, lossless, and in one spelling only.
//!
//! UTF-8 stands as it is. Percent-encoded are the bytes that are not UTF-8, control characters, and `%`
//! itself, so that decoding always gives back the very bytes. Decides nothing about separators or case.

use std::borrow::Cow;

use percent_encoding::{percent_decode_str, percent_encode_byte};

/// Spells `bytes`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '%' || c.is_control() {
                encode_bytes(c.encode_utf8(&mut [0; 4]).as_bytes(), &mut text);
            } else {
                text.push(c);
            }
        }
        encode_bytes(chunk.invalid(), &mut text);
    }
    text
}

fn encode_bytes(bytes: &[u8], text: &mut String) {
    text.extend(bytes.iter().map(|byte| percent_encode_byte(*byte)));
}

/// The bytes that `text` spells, if it is the spelling that [`encode`] gives them.
#[must_use]
pub fn decode(text: &str) -> Option<Cow<'_, [u8]>> {
    let bytes = Cow::from(percent_decode_str(text));
    (encode(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_readable_stays_readable() {
        assert_eq!(encode("src/größe 数.rs".as_bytes()), "src/größe 数.rs");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_kept() {
        assert_eq!(encode(b"caf\xe9/\xff.txt"), "caf%E9/%FF.txt");
        assert_eq!(decode("caf%E9/%FF.txt").as_deref(), Some(&b"caf\xe9/\xff.txt"[..]));
    }

    #[test]
    fn control_characters_and_percent_signs_are_encoded() {
        assert_eq!(encode("a\nb\t100%\u{7f}\u{85}".as_bytes()), "a%0Ab%09100%25%7F%C2%85");
    }

    #[test]
    fn no_other_spelling_is_taken() {
        for text in ["%e9", "%41", "100%", "%zz", "a\nb", "%C3%A9"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert!(!text.chars().any(char::is_control));
            let back = decode(&text);
            prop_assert_eq!(back.as_deref(), Some(&bytes[..]));
        }
    }
}
