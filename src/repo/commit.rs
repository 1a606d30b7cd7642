//! What a commit or a tag object says, read from its bytes.
//!
//! Decides where names, addresses, dates and the message begin and end, as git does, and also where
//! they are broken. Must not decide whose they are. All of it is bytes: nothing here assumes UTF-8.

use std::borrow::Cow;

use super::{ObjectId, RepoError};

/// Who did something and when, as the object says it: free text that nobody has checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ident<'a> {
    /// The name, without white space at its end; may be empty.
    pub name: &'a [u8],
    /// What stands between `<` and `>`; may be empty.
    pub email: &'a [u8],
    /// Seconds of Unix time, if the digits can be read.
    pub time: Option<i64>,
    /// The offset from UTC as it is written (`+0100`), if there is one.
    pub zone: Option<&'a [u8]>,
    /// The digits of the time as they are written.
    pub time_digits: Option<&'a [u8]>,
}

/// A commit, taken apart but not interpreted.
#[derive(Debug, Clone)]
pub struct Commit<'a> {
    /// The id of its tree.
    pub tree: ObjectId,
    /// The ids of its parents.
    pub parents: Vec<ObjectId>,
    /// The line behind `author`, if there is one.
    pub author: Option<&'a [u8]>,
    /// The line behind `committer`, if there is one.
    pub committer: Option<&'a [u8]>,
    /// What the `encoding` header says.
    pub encoding: Option<&'a [u8]>,
    /// Everything after the blank line.
    pub message: &'a [u8],
}

/// An annotated tag, taken apart.
#[derive(Debug, Clone)]
pub struct Tag<'a> {
    /// What it points at.
    pub target: ObjectId,
    /// The kind of what it points at, in git's word.
    pub target_kind: &'a [u8],
    /// The line behind `tagger`; old tags have none.
    pub tagger: Option<&'a [u8]>,
    /// Everything after the blank line.
    pub message: &'a [u8],
}

impl<'a> Commit<'a> {
    /// Takes the bytes of the commit `id` apart.
    ///
    /// # Errors
    /// There is no tree, or a parent is no id.
    pub fn parse(id: ObjectId, bytes: &'a [u8]) -> Result<Self, RepoError> {
        let broken = |why: &str| RepoError::Corrupt { what: format!("commit {id}"), why: why.to_owned() };
        let mut headers = Headers { rest: bytes };
        let tree = headers
            .next()
            .filter(|(key, _)| *key == b"tree")
            .and_then(|(_, value)| ObjectId::from_hex(value))
            .ok_or_else(|| broken("it has no tree"))?;
        let mut commit =
            Self { tree, parents: Vec::new(), author: None, committer: None, encoding: None, message: b"" };
        for (key, value) in headers.by_ref() {
            match key {
                // git reads parents only where they belong: right behind the tree.
                b"parent" if commit.author.is_none() && commit.committer.is_none() => {
                    let parent = ObjectId::from_hex(value).ok_or_else(|| broken("a parent is no object id"))?;
                    commit.parents.push(parent);
                }
                b"author" if commit.author.is_none() => commit.author = Some(value),
                b"committer" if commit.committer.is_none() => commit.committer = Some(value),
                b"encoding" if commit.encoding.is_none() => commit.encoding = Some(value),
                _ => {}
            }
        }
        commit.message = headers.rest;
        Ok(commit)
    }
}

impl<'a> Tag<'a> {
    /// Takes the bytes of the tag `id` apart.
    ///
    /// # Errors
    /// It does not say what it points at.
    pub fn parse(id: ObjectId, bytes: &'a [u8]) -> Result<Self, RepoError> {
        let mut headers = Headers { rest: bytes };
        let target = headers
            .next()
            .filter(|(key, _)| *key == b"object")
            .and_then(|(_, value)| ObjectId::from_hex(value))
            .ok_or_else(|| RepoError::Corrupt { what: format!("tag {id}"), why: "it points at nothing".into() })?;
        let mut tag = Self { target, target_kind: b"", tagger: None, message: b"" };
        for (key, value) in headers.by_ref() {
            match key {
                b"type" if tag.target_kind.is_empty() => tag.target_kind = value,
                b"tagger" if tag.tagger.is_none() => tag.tagger = Some(value),
                _ => {}
            }
        }
        tag.message = headers.rest;
        Ok(tag)
    }
}

impl<'a> Ident<'a> {
    /// Takes `Name <address> seconds zone` apart as git does: the address lies between the first `<`
    /// and the `>` after it, the date behind the last `>` of the line.
    ///
    /// `None` where git finds no person: a line without `<` and `>`.
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let open = line.iter().position(|byte| *byte == b'<')?;
        let after = line.get(open + 1..)?;
        let close = after.iter().position(|byte| *byte == b'>')?;
        let name = line.get(..open)?.trim_ascii_end();
        let email = after.get(..close)?;
        let last = line.iter().rposition(|byte| *byte == b'>')?;
        let (time_digits, zone) = date(line.get(last + 1..).unwrap_or_default());
        let time = time_digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        Some(Self { name, email, time, zone, time_digits })
    }
}

/// ` 1700000000 +0100`, as far as it is there.
fn date(text: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    let text = text.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (seconds, rest) = text.split_at(digits);
    if seconds.is_empty() {
        return (None, None);
    }
    let zone = rest.trim_ascii_start();
    let signed = matches!(zone.first(), Some(b'+' | b'-'));
    let length = 1 + zone.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    match zone.get(..length) {
        Some(zone) if signed && length > 1 => (Some(seconds), Some(zone)),
        // git takes a date without a zone for no date at all.
        _ => (None, None),
    }
}

/// Bytes of a commit as git shows them: in UTF-8, if its `encoding` header can be followed.
#[must_use]
pub fn reencode<'a>(bytes: &'a [u8], encoding: Option<&[u8]>) -> Cow<'a, [u8]> {
    let Some(label) = encoding else { return Cow::Borrowed(bytes) };
    if is_utf8(label) {
        return Cow::Borrowed(bytes);
    }
    // The web's labels map Latin-1 to windows-1252, where iconv keeps the C1 controls.
    if [&b"iso-8859-1"[..], b"iso8859-1", b"latin1", b"latin-1", b"iso_8859-1", b"l1"]
        .iter()
        .any(|name| label.eq_ignore_ascii_case(name))
    {
        return Cow::Owned(encoding_rs::mem::decode_latin1(bytes).into_owned().into_bytes());
    }
    let Some(decoder) = encoding_rs::Encoding::for_label(label) else { return Cow::Borrowed(bytes) };
    // A sequence that means nothing in that encoding stops iconv; git then shows the bytes as they are.
    match decoder.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Cow::Owned(text.into_owned().into_bytes()),
        None => Cow::Borrowed(bytes),
    }
}

fn is_utf8(label: &[u8]) -> bool {
    label.eq_ignore_ascii_case(b"utf-8") || label.eq_ignore_ascii_case(b"utf8")
}

/// The headers of a commit or tag, one by one; afterwards `rest` is the message.
struct Headers<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let end = self.rest.iter().position(|byte| *byte == b'\n');
            let (line, rest) = match end {
                Some(end) => (self.rest.get(..end)?, self.rest.get(end + 1..).unwrap_or_default()),
                None => (self.rest, &b""[..]),
            };
            self.rest = rest;
            if line.is_empty() {
                return None;
            }
            // A line that begins with a space goes on with the header before it (signatures do).
            if line.first() == Some(&b' ') {
                continue;
            }
            let space = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
            return Some((line.get(..space)?, line.get(space + 1..).unwrap_or_default()));
        }
    }
}
