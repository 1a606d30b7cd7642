//! The armour of a signature: base64 between two lines.
//!
//! Decides what every version of OpenSSH takes for it: the first line at the very start, white space anywhere in the base64,
//! and anything behind the last line. Whether what is inside is a signature is decided elsewhere.

use data_encoding::BASE64;

use super::error::SignatureError;

const BEGIN: &[u8] = b"-----BEGIN SSH SIGNATURE-----";
const END: &[u8] = b"\n-----END SSH SIGNATURE-----";
/// As many characters stand in a line, as OpenSSH writes them.
const WIDTH: usize = 70;

/// What is inside, and what follows behind it.
pub(super) fn open(text: &[u8]) -> Result<(Vec<u8>, &[u8]), SignatureError> {
    let malformed = SignatureError::Malformed;
    let rest = text.strip_prefix(BEGIN).ok_or(malformed("it does not begin as an SSH signature does"))?;
    let rest = rest.strip_prefix(b"\n").ok_or(malformed("its first line has more, or ends with CRLF"))?;
    let end = rest.windows(END.len()).position(|window| window == END);
    let end = end.ok_or(malformed("it has no end"))?;
    let blob = base64(&rest[..end]).ok_or(malformed("what is inside is not base64"))?;
    Ok((blob, &rest[end + END.len()..]))
}

/// The armour around a signature's bytes.
pub(super) fn close(blob: &[u8]) -> String {
    let base64 = BASE64.encode(blob);
    let mut text = String::from_utf8_lossy(BEGIN).into_owned() + "\n";
    for line in base64.as_bytes().chunks(WIDTH) {
        text += &String::from_utf8_lossy(line);
        text.push('\n');
    }
    text + String::from_utf8_lossy(END).trim_start() + "\n"
}

/// Base64 as OpenSSH reads it: padded, with white space anywhere.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let is_space = |byte: u8| byte.is_ascii_whitespace() || byte == b'\x0b';
    let packed: Vec<u8> = text.iter().copied().filter(|&byte| !is_space(byte)).collect();
    let digits = packed.iter().position(|&byte| byte == b'=').unwrap_or(packed.len());
    // The library would take several padded pieces, one behind the other.
    let padded_at_the_end = packed[digits..].iter().all(|&byte| byte == b'=');
    padded_at_the_end.then(|| BASE64.decode(&packed).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_closed_opens_again() {
        for length in [1, 2, 3, 52, 53, 300] {
            let blob = vec![7; length];
            let text = close(&blob);
            assert_eq!(open(text.as_bytes()).unwrap(), (blob, &b"\n"[..]));
            assert!(text.lines().all(|line| line.len() <= WIDTH));
        }
    }

    #[test]
    fn base64_has_one_spelling_but_for_white_space() {
        assert_eq!(base64(b" a\tG\r\nk\x0b=\n").unwrap(), b"hi");
        for text in ["aGk", "aGk==", "aGk=aGk=", "aGl=", "a=Gk", "aG-_", "=", "aGk=\0"] {
            assert_eq!(base64(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn an_armour_that_is_not_whole_is_refused() {
        let text = close(b"inside");
        for end in 0..text.len() - 1 {
            assert!(open(&text.as_bytes()[..end]).is_err(), "{end}");
        }
        assert!(open(format!(" {text}").as_bytes()).is_err());
    }
}
