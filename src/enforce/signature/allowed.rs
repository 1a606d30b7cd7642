//! Who may sign: a file of allowed signers, as `ssh-keygen` reads it (`man ssh-keygen`, ALLOWED SIGNERS).
//!
//! Decides which line allows a signature. A line that is not understood allows nothing, as with OpenSSH; if nothing else
//! does, it is told. Keys of certificate authorities are read, and never sign by themselves; certificates are refused.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use ssh_key::public::KeyData;

use super::error::{SignatureError, broken};
use super::options::Options;
use super::verify::{self, Signature};
use super::{armor, pattern, zone};
use crate::policy::Timestamp;

/// No file of allowed signers is larger.
const MOST_BYTES: u64 = 16 << 20;

/// Those who may sign.
#[derive(Debug, Clone)]
pub struct AllowedSigners {
    path: PathBuf,
    lines: Vec<Line>,
    broken: Vec<(usize, &'static str)>,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The principal that was asked for, else one that the file gives the key.
    pub principal: String,
    /// The fingerprint of the key, `SHA256:…`.
    pub fingerprint: String,
}

#[derive(Debug, Clone)]
struct Line {
    principals: Vec<u8>,
    options: Options,
    key: KeyData,
}

impl AllowedSigners {
    /// Reads a file. Times without a zone are of the system's; if that is not known for certain, their lines allow nothing.
    ///
    /// # Errors
    /// It cannot be read, or allows nobody.
    pub fn read(path: &Path) -> Result<Self, SignatureError> {
        let mut text = Vec::new();
        let read = File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut text));
        let too_long = || std::io::Error::other("it is longer than 16 MiB");
        read.and_then(|length| if length as u64 > MOST_BYTES { Err(too_long()) } else { Ok(()) }).map_err(
            |source| SignatureError::Io {
                action: "read the allowed signers in",
                path: path.to_owned(),
                source,
            },
        )?;
        Self::parse(path, &text, zone::system().as_ref())
    }

    fn parse(path: &Path, text: &[u8], zone: Option<&TimeZone>) -> Result<Self, SignatureError> {
        let (mut lines, mut broken) = (Vec::new(), Vec::new());
        for (number, text) in (1..).zip(text.split(|&byte| byte == b'\n')) {
            match line(text, zone) {
                Ok(line) => lines.extend(line),
                Err(why) => broken.push((number, why)),
            }
        }
        let path = path.to_owned();
        if lines.is_empty() {
            return Err(SignatureError::Nobody { path, lines: broken });
        }
        Ok(Self { path, lines, broken })
    }

    /// Whether the signature is of the message, for the namespace, and by somebody who may sign `now`: by `signer`, if
    /// that is given, else by anybody whom the file names.
    ///
    /// # Errors
    /// It is not, and why.
    pub fn verify(
        &self,
        signature: &Signature,
        message: &[u8],
        namespace: &str,
        signer: Option<&str>,
        now: Timestamp,
    ) -> Result<Signer, SignatureError> {
        signature.check(message, namespace)?;
        let mut why = None;
        for line in self.lines.iter().filter(|line| !line.options.authority && line.key == *signature.key()) {
            let Some(principal) = line.principal(signer) else {
                why = why.or(Some("which is not one of the signer that is asked for"));
                continue;
            };
            match line.options.refuse(namespace, now) {
                None => return Ok(Signer { principal, fingerprint: signature.fingerprint() }),
                // A line for the signer tells more than one for another.
                Some(refused) => why = Some(refused),
            }
        }
        let why = match why {
            Some(why) => why.to_owned(),
            None => format!("which {} does not name{}", self.path.display(), broken(&self.broken)),
        };
        Err(SignatureError::NotAllowed { fingerprint: signature.fingerprint(), why })
    }
}

impl Line {
    /// The principal that is asked for, if the line means it; without one, the first that it names and means.
    fn principal(&self, asked: Option<&str>) -> Option<String> {
        let means = |principal: &[u8]| pattern::list_means(principal, &self.principals);
        match asked {
            Some(asked) => means(asked.as_bytes()).then(|| asked.to_owned()),
            None => {
                let named = pattern::split(&self.principals).find(|pattern| means(pattern));
                named.map(|name| String::from_utf8_lossy(name).into_owned())
            }
        }
    }
}

/// A line without its end; `None` if it says nothing.
fn line(text: &[u8], zone: Option<&TimeZone>) -> Result<Option<Line>, &'static str> {
    let text = skip(text);
    // White space at the end ends nothing that is looked at.
    let text = text.trim_ascii_end();
    if text.is_empty() || text.starts_with(b"#") {
        return Ok(None);
    }
    if text.contains(&0) {
        return Err("it holds a NUL");
    }
    let (principals, rest) = principals(text)?;
    let (options, key) = match key(rest) {
        Some(key) => (Options::default(), key),
        None => {
            let (options, rest) = behind_options(rest)?;
            let key = key(rest).ok_or("its key is none, or of a kind that is not known here")?;
            (Options::parse(options, zone)?, key)
        }
    };
    Ok(Some(Line { principals, options, key }))
}

/// The first word, which may have quotes around it or in it, and what follows.
fn principals(text: &[u8]) -> Result<(Vec<u8>, &[u8]), &'static str> {
    let is_end = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'"');
    let end = text.iter().position(is_end).ok_or("it has no key")?;
    let (word, rest) = (&text[..end], &text[end + 1..]);
    if text[end] != b'"' {
        return Ok((word.to_vec(), behind(rest)));
    }
    let end = rest.iter().position(|&byte| byte == b'"').ok_or("a quote has no end")?;
    Ok(([word, &rest[..end]].concat(), behind(&rest[end + 1..])))
}

/// What follows the principals. There alone a carriage return is a blank.
fn behind(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
    &text[blanks..]
}

/// The options, and what follows. Inside quotes there may be blanks.
fn behind_options(text: &[u8]) -> Result<(&[u8], &[u8]), &'static str> {
    let mut quoted = false;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' if text.get(at + 1) == Some(&b'"') => at += 1,
            b'"' => quoted = !quoted,
            b' ' | b'\t' if !quoted => return Ok((&text[..at], skip(&text[at..]))),
            _ => {}
        }
        at += 1;
    }
    Err(if quoted { "a quote has no end" } else { "it has no key" })
}

/// The kind of a key and the key; what follows is a comment.
fn key(text: &[u8]) -> Option<KeyData> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let (kind, rest) = text.split_at_checked(text.iter().position(is_blank)?)?;
    let rest = skip(rest);
    let base64 = rest.split(is_blank).next()?;
    let key = verify::key(&armor::base64(base64)?).ok()?;
    (key.algorithm().as_str().as_bytes() == kind).then(|| key.key_data().clone())
}

fn skip(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    &text[blanks..]
}
