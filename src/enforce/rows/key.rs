//! What a row is known by: the hash of a content, or the id of a commit.
//!
//! Decides which spellings are one. Whatever else stands in a key's column is no key, and is not guessed at.

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::dataset::Meaning;
use crate::manifest::keys::HashKind;
use crate::repo::blob_id;

/// The hash of a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// Git's id of the blob.
    GitSha1([u8; 20]),
    /// SHA-1 of the raw bytes.
    Sha1([u8; 20]),
    /// SHA-256 of the raw bytes.
    Sha256([u8; 32]),
}

impl Key {
    /// The key in a column; `None` if what stands there is none.
    #[must_use]
    pub fn read(meaning: Meaning, value: &[u8]) -> Option<Self> {
        match kind(meaning)? {
            HashKind::GitSha1 => hash(meaning, value).map(Self::GitSha1),
            HashKind::Sha1 => hash(meaning, value).map(Self::Sha1),
            HashKind::Sha256 => hash(meaning, value).map(Self::Sha256),
        }
    }

    /// The key of that kind that a content has.
    #[must_use]
    pub fn of(kind: HashKind, content: &[u8]) -> Self {
        match kind {
            HashKind::GitSha1 => Self::GitSha1(*blob_id(content).as_bytes()),
            HashKind::Sha1 => Self::Sha1(Sha1::digest(content).into()),
            HashKind::Sha256 => Self::Sha256(Sha256::digest(content).into()),
        }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> HashKind {
        match self {
            Self::GitSha1(_) => HashKind::GitSha1,
            Self::Sha1(_) => HashKind::Sha1,
            Self::Sha256(_) => HashKind::Sha256,
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::GitSha1(hash) | Self::Sha1(hash) => hash,
            Self::Sha256(hash) => hash,
        }
    }
}

/// The kind of hash that a column of this meaning holds.
#[must_use]
pub fn kind(meaning: Meaning) -> Option<HashKind> {
    match meaning {
        Meaning::GitSha1 | Meaning::Swhid => Some(HashKind::GitSha1),
        Meaning::Sha1 => Some(HashKind::Sha1),
        Meaning::Sha256 => Some(HashKind::Sha256),
        _ => None,
    }
}

/// The hash in a column of this meaning, if one of that meaning has so many bytes; `None` if what stands there is none.
pub(super) fn hash<const N: usize>(meaning: Meaning, value: &[u8]) -> Option<[u8; N]> {
    if meaning != Meaning::Swhid {
        return digits(value);
    }
    let id = value.strip_prefix(b"swh:1:cnt:")?;
    let end = id.iter().position(|byte| *byte == b';').unwrap_or(id.len());
    // What follows tells where it was found, and is not part of what it is.
    (end == 40).then(|| digits(&id[..end])).flatten()
}

/// A commit's id.
#[must_use]
pub fn commit(value: &[u8]) -> Option<[u8; 20]> {
    digits(value)
}

/// The commit's id in a revision's column: itself, or a part of a URL (`…/blob/ID/path#L1-L9`).
#[must_use]
pub fn revision(value: &[u8]) -> Option<[u8; 20]> {
    commit(value).or_else(|| in_url(value).map(|(commit, _)| commit))
}

/// What a URL in a revision's column has behind the commit's id: a path, mostly with lines (`path#L1-L9`). Empty where there
/// is none.
#[must_use]
pub fn behind_revision(value: &[u8]) -> &[u8] {
    let bare = commit(value).is_some();
    in_url(value).filter(|_| !bare).map(|(_, rest)| rest).unwrap_or_default()
}

/// The first part of a URL that is a commit's id, and what stands behind it.
fn in_url(url: &[u8]) -> Option<([u8; 20], &[u8])> {
    let mut rest = url;
    loop {
        let end = rest.iter().position(|byte| *byte == b'/');
        let (part, behind) = end.map_or((rest, None), |end| (&rest[..end], Some(&rest[end + 1..])));
        // Bytes as they are may hold anything, and are no part of a URL.
        if let Some(commit) = Some(part).filter(|part| part.len() == 40).and_then(digits) {
            return Some((commit, behind.unwrap_or_default()));
        }
        rest = behind?;
    }
}

/// Bytes as they are, or twice as many hexadecimal digits, of either case.
fn digits<const N: usize>(value: &[u8]) -> Option<[u8; N]> {
    if value.len() == N {
        return value.try_into().ok();
    }
    let mut bytes = [0; N];
    if value.len() != 2 * N {
        return None;
    }
    // It would take `0x` before them for nothing, which leaves too few.
    const_hex::decode_to_slice(value, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

    #[test]
    fn one_key_in_all_its_spellings() {
        let key = Key::of(HashKind::GitSha1, b"");
        let raw = key.as_bytes().to_vec();
        let swhid = format!("swh:1:cnt:{EMPTY}");
        let known = format!("{swhid};origin=https://forge.example/a;path=/b");
        assert_eq!(Key::read(Meaning::GitSha1, EMPTY.as_bytes()), Some(key));
        assert_eq!(Key::read(Meaning::GitSha1, EMPTY.to_uppercase().as_bytes()), Some(key));
        assert_eq!(Key::read(Meaning::GitSha1, &raw), Some(key));
        assert_eq!(Key::read(Meaning::Swhid, swhid.as_bytes()), Some(key));
        assert_eq!(Key::read(Meaning::Swhid, known.as_bytes()), Some(key));
    }

    #[test]
    fn kinds_of_the_same_length_are_not_mixed_up() {
        let git = Key::read(Meaning::GitSha1, EMPTY.as_bytes()).unwrap();
        let plain = Key::read(Meaning::Sha1, EMPTY.as_bytes()).unwrap();
        assert_ne!(git, plain);
        assert_eq!(git.as_bytes(), plain.as_bytes());
        assert_ne!(git.kind(), plain.kind());
    }

    #[test]
    fn what_is_no_key_is_none() {
        let long = format!("{EMPTY}0");
        let padded = format!(" {EMPTY}");
        for text in ["", "null", "0", &EMPTY[1..], &long, &padded, "zz9de29bb2d1d6434b8b29ae775ad8c2e48c5391"]
        {
            assert_eq!(Key::read(Meaning::GitSha1, text.as_bytes()), None, "{text}");
            assert_eq!(Key::read(Meaning::Sha256, text.as_bytes()), None, "{text}");
        }
        let prefixed = format!("0x{}", &EMPTY[2..]);
        for text in [prefixed.clone(), format!("0x{EMPTY}")] {
            assert_eq!(Key::read(Meaning::GitSha1, text.as_bytes()), None, "{text}");
        }
        for text in
            [EMPTY, "swh:1:cnt:", "swh:1:dir:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "swh:1:cnt:abc;x"]
        {
            assert_eq!(Key::read(Meaning::Swhid, text.as_bytes()), None, "{text}");
        }
        assert_eq!(Key::read(Meaning::Repo, EMPTY.as_bytes()), None);
    }

    #[test]
    fn a_revision_may_stand_in_a_url() {
        let url = format!("https://github.com/a/b/blob/{EMPTY}/src/x.py#L111-L150");
        assert_eq!(revision(url.as_bytes()), commit(EMPTY.as_bytes()));
        assert_eq!(revision(EMPTY.as_bytes()), commit(EMPTY.as_bytes()));
        assert_eq!(revision(b"https://github.com/a/b/blob/main/src/x.py"), None);
        assert_eq!(behind_revision(url.as_bytes()), b"src/x.py#L111-L150");
        let short = [EMPTY, "main", &format!("https://github.com/a/b/commit/{EMPTY}")].map(str::to_owned);
        for none in short.iter().map(String::as_bytes).chain([&b"////////////////////"[..]]) {
            assert_eq!(behind_revision(none), b"", "{}", String::from_utf8_lossy(none));
        }
    }
}
