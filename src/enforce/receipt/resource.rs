//! How a receipt calls the files together: as a URI.
//!
//! Decides which names are none. A name that is made of the files' digests has to be theirs; of any other, nobody here can
//! tell more than that it is spelled as a URI.

use data_encoding::BASE64URL_NOPAD;

use super::statement::Subject;
use super::{ReceiptError, parts};

/// How a name begins that is made of digests (RFC 6920).
const BY_DIGEST: &str = "ni:";

/// A name for files that have none: that of the digest of a list of their names and digests, in canonical JSON.
pub(super) fn by_digest(files: &[Subject]) -> Result<String, ReceiptError> {
    let files: Vec<_> = files.iter().map(|file| (&file.name, file.digest)).collect();
    let digest = parts::digest_of(&files)?;
    Ok(format!("{BY_DIGEST}///sha-256;{}", BASE64URL_NOPAD.encode(digest.as_bytes())))
}

/// Whether the files can be called so.
pub(super) fn check(uri: &str, files: &[Subject]) -> Result<(), String> {
    if uri.is_empty() {
        return Err("`resourceUri` is empty".to_owned());
    }
    if !is_uri(uri) {
        return Err("`resourceUri` is no URI".to_owned());
    }
    let is_by_digest = uri.get(..BY_DIGEST.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(BY_DIGEST));
    if is_by_digest && by_digest(files).map_err(|error| error.to_string())? != uri {
        return Err("`resourceUri` is not the name of its files".to_owned());
    }
    Ok(())
}

/// A scheme, and something behind it, of nothing but the characters of URIs (RFC 3986): no white space, no control
/// characters, nothing beyond ASCII, and `%` with two hex digits only.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let is_escape = |at: usize| {
        rest.as_bytes().get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    };
    is_scheme
        && !rest.is_empty()
        && rest.bytes().enumerate().all(|(at, byte)| may_stand(byte) && (byte != b'%' || is_escape(at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enforce::receipt::statement::FileNotes;
    use crate::enforce::receipt::text::Sha256;
    use crate::manifest::Digest;

    #[test]
    fn a_uri_has_a_scheme_and_no_character_that_no_uri_has() {
        for right in ["https://corp.example/a%20b?x=[1]#y", "urn:isbn:1", "s3://bucket/a", "x-1+2.3:y"] {
            assert_eq!(check(right, &[]), Ok(()), "{right}");
        }
        for wrong in [
            "",
            "a",
            ":a",
            "https:",
            "1a:b",
            "h ttps:a",
            "a:b c",
            "a:\u{1b}[31m",
            "a:b\n",
            "a:é",
            "a:%",
            "a:%2",
            "a:%2g",
            "a:\\",
            "a:<b>",
            "a:\"",
            "a:`",
        ] {
            assert!(check(wrong, &[]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_name_by_digest_is_that_of_the_files() {
        let file = |name: &str| Subject {
            name: name.into(),
            digest: Sha256(Digest::of(b"rows")),
            annotations: FileNotes { size: 4, counts: None },
        };
        let (one, two) = ([file("a")], [file("b")]);
        let name = by_digest(&one).unwrap();
        assert!(name.starts_with("ni:///sha-256;"), "{name}");
        assert_eq!(check(&name, &one), Ok(()));
        assert!(check(&name, &two).is_err());
        assert!(check(&name.replace("ni:", "NI:"), &one).is_err());
        assert!(check("ni:///sha-256;AAAA", &one).is_err());
    }
}
