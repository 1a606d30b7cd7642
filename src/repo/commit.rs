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
                    let parent =
                        ObjectId::from_hex(value).ok_or_else(|| broken("a parent is no object id"))?;
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
            .ok_or_else(|| RepoError::Corrupt {
                what: format!("tag {id}"),
                why: "it points at nothing".into(),
            })?;
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
        let name = trim_end(line.get(..open)?);
        let email = after.get(..close)?;
        let last = line.iter().rposition(|byte| *byte == b'>')?;
        let (time_digits, zone) = date(line.get(last + 1..).unwrap_or_default());
        let time = time_digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        Some(Self { name, email, time, zone, time_digits })
    }
}

/// What git takes for white space: no form feed, no vertical tab.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// `text` without git's white space before it.
fn trim_start(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !is_space(*byte)).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

/// `text` without git's white space behind it.
fn trim_end(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}

/// The first line of a message that is not blank, as git shows it where one line must do.
#[must_use]
pub fn subject(message: &[u8]) -> &[u8] {
    let mut lines = message.split(|byte| *byte == b'\n');
    lines.find(|line| !trim_end(line).is_empty()).unwrap_or_default()
}

/// ` 1700000000 +0100`, as far as it is there.
fn date(text: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    let text = trim_start(text);
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (seconds, rest) = text.split_at(digits);
    if seconds.is_empty() {
        return (None, None);
    }
    let zone = trim_start(rest);
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
    if is_one_of(label, &["utf-8", "utf8"]) {
        return Cow::Borrowed(bytes);
    }
    // ASCII needs no decoding, and iconv stops at bytes that are none.
    if is_one_of(label, &["ascii", "us-ascii", "ansi_x3.4-1968"]) {
        return Cow::Borrowed(bytes);
    }
    // The web's labels map Latin-1 to windows-1252, where iconv keeps the C1 controls.
    if is_one_of(label, &["iso-8859-1", "iso8859-1", "latin1", "latin-1", "iso_8859-1", "l1"]) {
        return Cow::Owned(encoding_rs::mem::decode_latin1(bytes).into_owned().into_bytes());
    }
    let Some(decoder) = encoding_rs::Encoding::for_label(label) else { return Cow::Borrowed(bytes) };
    // A sequence that means nothing in that encoding stops iconv; git then shows the bytes as they are.
    match decoder.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Cow::Owned(text.into_owned().into_bytes()),
        None => Cow::Borrowed(bytes),
    }
}

fn is_one_of(label: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| label.eq_ignore_ascii_case(name.as_bytes()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_what_git_takes_for_it() {
        let ident = Ident::parse(b"Ada\x0c\t <ada@example.org>\t17 +0100").unwrap();
        assert_eq!((ident.name, ident.time, ident.zone), (&b"Ada\x0c"[..], Some(17), Some(&b"+0100"[..])));
        assert_eq!(Ident::parse(b"Ada <ada@example.org> \x0c17 +0100").unwrap().time, None);
    }

    #[test]
    fn the_subject_is_the_first_line_that_says_something() {
        assert_eq!(subject(b"\n \nfix it\nmore"), b"fix it");
        assert_eq!(subject(b"\x0c\nfix it"), b"\x0c");
        assert_eq!(subject(b""), b"");
    }

    #[test]
    fn bytes_are_shown_in_utf8_where_their_encoding_can_be_followed() {
        let shown = |bytes, encoding: &'static str| reencode(bytes, Some(encoding.as_bytes())).into_owned();
        assert_eq!(shown(b"\xe9\x80", "ISO-8859-1"), "\u{e9}\u{80}".as_bytes());
        assert_eq!(shown(b"\x80", "windows-1252"), "\u{20ac}".as_bytes());
        for unchanged in ["US-ASCII", "UTF-8", "x-no-such-encoding", "EUC-JP"] {
            assert_eq!(shown(b"\xe9", unchanged), b"\xe9", "{unchanged}");
        }
    }
}
