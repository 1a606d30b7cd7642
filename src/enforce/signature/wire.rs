//! The bytes of a signature, taken apart (OpenSSH's PROTOCOL.sshsig).
//!
//! Decides where each part ends. Nothing may be left over, outside or inside: bytes that nobody has signed could hide there.

use super::error::SignatureError;

const MAGIC: &[u8] = b"SSHSIG";
const VERSION: u32 = 1;

/// The parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'b> {
    /// The public key.
    pub(super) key: &'b [u8],
    /// What was signed for.
    pub(super) namespace: &'b [u8],
    /// With what the message was hashed.
    pub(super) hash: &'b [u8],
    /// With what the hash was signed.
    pub(super) algorithm: &'b [u8],
    /// The signature itself; of a hardware key, with what the key says of itself behind it.
    pub(super) signature: Vec<u8>,
}

/// Takes a signature apart.
pub(super) fn parts(blob: &[u8]) -> Result<Parts<'_>, SignatureError> {
    let malformed = || SignatureError::Malformed("its bytes are not those of an SSH signature");
    let mut rest = blob.strip_prefix(MAGIC).ok_or_else(malformed)?;
    let version = number(&mut rest).ok_or_else(malformed)?;
    if version > VERSION {
        return Err(SignatureError::Unsupported(format!("it is of version {version}, and only 1 is known")));
    }
    let mut next = || string(&mut rest).ok_or_else(malformed);
    let (key, namespace, reserved, hash, mut inner) = (next()?, next()?, next()?, next()?, next()?);
    if !reserved.is_empty() {
        // OpenSSH does not look at it, though it is not signed.
        return Err(SignatureError::Unsupported("it has something where nothing is expected".to_owned()));
    }
    let algorithm = string(&mut inner).ok_or_else(malformed)?;
    let mut signature = string(&mut inner).ok_or_else(malformed)?.to_vec();
    if algorithm.starts_with(b"sk-") {
        let trailer = inner.split_off(..5).ok_or_else(malformed)?;
        signature.extend(trailer);
    }
    if !rest.is_empty() || !inner.is_empty() {
        return Err(SignatureError::Malformed("it is followed by something else"));
    }
    Ok(Parts { key, namespace, hash, algorithm, signature })
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, behind) = rest.split_first_chunk()?;
    *rest = behind;
    Some(u32::from_be_bytes(*bytes))
}

fn string<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = usize::try_from(number(rest)?).ok()?;
    let (bytes, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn string(bytes: &[u8]) -> Vec<u8> {
        [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
    }

    fn blob(reserved: &[u8], inner: &[u8]) -> Vec<u8> {
        let parts = [string(b"key"), string(b"ns"), string(reserved), string(b"sha512"), string(inner)];
        [&b"SSHSIG\0\0\0\x01"[..], &parts.concat()].concat()
    }

    #[test]
    fn it_comes_apart_and_nothing_is_left_over() {
        let inner = [string(b"ssh-ed25519"), string(b"signed")].concat();
        let whole = blob(b"", &inner);
        let found = parts(&whole).unwrap();
        assert_eq!((found.key, found.namespace, found.hash), (&b"key"[..], &b"ns"[..], &b"sha512"[..]));
        assert_eq!((found.algorithm, &found.signature[..]), (&b"ssh-ed25519"[..], &b"signed"[..]));
        assert!(parts(&[&whole[..], b"x"].concat()).is_err());
        assert!(parts(&blob(b"", &[&inner[..], b"x"].concat())).is_err());
        assert!(parts(&blob(b"x", &inner)).is_err());
        let mut newer = whole.clone();
        newer[9] = 2;
        assert!(parts(&newer).unwrap_err().to_string().contains("version 2"));
        for end in 0..whole.len() {
            assert!(parts(&whole[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn a_hardware_key_says_something_of_itself() {
        let inner = [string(b"sk-ssh-ed25519@openssh.com"), string(b"signed"), b"\x01\0\0\0\x07".to_vec()];
        assert_eq!(parts(&blob(b"", &inner.concat())).unwrap().signature, b"signed\x01\0\0\0\x07");
        assert!(parts(&blob(b"", &inner[..2].concat())).is_err());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fall_over(bytes: Vec<u8>) {
            let _ = parts(&bytes);
            let _ = parts(&[b"SSHSIG\0\0\0\x01", &bytes[..]].concat());
        }
    }
}
