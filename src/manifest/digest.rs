//! The hashes of bytes: the keys that data sets know content by, and the digests that headers carry.
//!
//! Decides how they are computed and spelled, always over raw bytes. Must not read files or repositories.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::hex;
use crate::repo::ObjectId;

/// The kinds of Git objects that a manifest names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// The content of a file.
    Blob,
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
}

impl ObjectKind {
    /// Git's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }
}

/// Every key under which data sets know one and the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hashes {
    /// Git's object id: SHA-1 over `<kind> SP <size> NUL` and the bytes. For a blob, `swh:1:cnt:` and this is its SWHID.
    pub git_sha1: ObjectId,
    /// SHA-1 of the bytes alone.
    pub sha1: [u8; 20],
    /// SHA-256 of the bytes alone.
    pub sha256: [u8; 32],
    /// How many bytes.
    pub size: u64,
}

impl Hashes {
    /// The keys of a file's content.
    #[must_use]
    pub fn of_blob(bytes: &[u8]) -> Self {
        Self::of_object(ObjectKind::Blob, bytes)
    }

    /// The keys of an object whose body (what `git cat-file KIND ID` prints) is `bytes`.
    #[must_use]
    pub fn of_object(kind: ObjectKind, bytes: &[u8]) -> Self {
        let mut object = Sha1::new_with_prefix(format!("{} {}\0", kind.as_str(), bytes.len()));
        object.update(bytes);
        Self {
            git_sha1: ObjectId::from_bytes(object.finalize().into()),
            sha1: Sha1::digest(bytes).into(),
            sha256: Sha256::digest(bytes).into(),
            size: bytes.len() as u64,
        }
    }
}

/// A SHA-256 with its name before it, as headers carry it: `sha256:` and 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    const PREFIX: &str = "sha256:";

    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest that `text` spells, if it is spelled exactly as [`Display`](fmt::Display) spells it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        hex::decode(text.strip_prefix(Self::PREFIX)?).map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::PREFIX, hex::encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom("a digest is not `sha256:` and 64 lower-case hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::*;

    fn samples() -> Vec<Vec<u8>> {
        vec![
            b"".to_vec(),
            b"\0".to_vec(),
            b"one\r\ntwo\r\n".to_vec(),
            b"caf\xe9 \xff\xfe, no newline at the end".to_vec(),
            (0..1_000_000_u32).map(|i| i.wrapping_mul(i).to_le_bytes()[1]).collect(),
        ]
    }

    /// What the program prints, up to the first white space.
    fn answer(program: &str, args: &[&str], input: &[u8]) -> String {
        let home = tempfile::tempdir().unwrap();
        let mut child = Command::new(program)
            .args(args)
            .current_dir(home.path())
            .env("HOME", home.path())
            .env("GIT_CONFIG_GLOBAL", home.path().join("none"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GIT_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{program} {args:?}");
        String::from_utf8(output.stdout).unwrap().split_whitespace().next().unwrap().to_owned()
    }

    #[test]
    fn git_gives_the_same_ids() {
        for bytes in samples() {
            let id = answer("git", &["hash-object", "--stdin"], &bytes);
            assert_eq!(Hashes::of_blob(&bytes).git_sha1.to_string(), id);
        }
    }

    #[test]
    fn git_gives_the_same_ids_for_commits_and_tags() {
        let who = "A U Thor <author@example.com> 1112911993 -0700";
        let tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        let commit = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nsubject\n").into_bytes();
        let id = answer("git", &["hash-object", "-t", "commit", "--stdin"], &commit);
        assert_eq!(Hashes::of_object(ObjectKind::Commit, &commit).git_sha1.to_string(), id);
        let tag = format!("object {id}\ntype commit\ntag v1\ntagger {who}\n\nrelease\n").into_bytes();
        let id = answer("git", &["hash-object", "-t", "tag", "--stdin"], &tag);
        assert_eq!(Hashes::of_object(ObjectKind::Tag, &tag).git_sha1.to_string(), id);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_tools_of_the_system_give_the_same_hashes() {
        for bytes in samples() {
            let hashes = Hashes::of_blob(&bytes);
            assert_eq!(hex::encode(&hashes.sha1), answer("sha1sum", &[], &bytes));
            assert_eq!(hex::encode(&hashes.sha256), answer("sha256sum", &[], &bytes));
            assert_eq!(hashes.size.to_string(), answer("wc", &["-c"], &bytes));
        }
    }

    #[test]
    fn published_identifiers_come_out() {
        let blob = |bytes: &[u8]| Hashes::of_blob(bytes).git_sha1.to_string();
        assert_eq!(blob(b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        // Pro Git, chapter "Git Objects".
        assert_eq!(blob(b"test content\n"), "d670460b4b4aece5915caf5c68d12f560a9fe3e4");
        // swh:1:rev:bc0195aad0daa2ad5b0d76cce22b167bc3435590, the example of Software Heritage's `swh.model`.
        let linux = "tree 85a74718d377195e1efd0843ba4f3260bad4fe07\n\
                     parent 01e2d0627a9a6edb24c37db45db5ecb31e9de808\n\
                     author Linus Torvalds <torvalds@linux-foundation.org> 1436739030 -0700\n\
                     committer Linus Torvalds <torvalds@linux-foundation.org> 1436739030 -0700\n\n\
                     Linux 4.2-rc2\n";
        let commit = Hashes::of_object(ObjectKind::Commit, linux.as_bytes());
        assert_eq!(commit.git_sha1.to_string(), "bc0195aad0daa2ad5b0d76cce22b167bc3435590");
    }

    #[test]
    fn the_hashes_of_abc_are_those_of_the_standard() {
        let hashes = Hashes::of_blob(b"abc");
        assert_eq!(hex::encode(&hashes.sha1), "a9993e364706816aba3e25717850c26c9cd0d89d");
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex::encode(&hashes.sha256), sha256);
        assert_eq!(Digest::of(b"abc").to_string(), format!("sha256:{sha256}"));
    }

    #[test]
    fn a_digest_has_one_spelling() {
        let digest = Digest::of(b"");
        assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        for text in
            [digest.to_string().to_uppercase(), hex::encode(digest.as_bytes()), "sha256:00".to_owned()]
        {
            assert_eq!(Digest::parse(&text), None, "{text}");
        }
    }
}
