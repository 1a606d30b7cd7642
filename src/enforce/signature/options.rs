//! The options of an allowed signer: for which namespaces, and from when to when.
//!
//! Decides what stands before a key. Anything that is not understood makes the line void, as it does for OpenSSH.

use jiff::tz::TimeZone;

use super::{pattern, time};
use crate::policy::Timestamp;

/// What a line says of its key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// The key is that of an authority: it signs the certificates of those who may, and nothing by itself.
    pub(super) authority: bool,
    /// Patterns of what may be signed; without them, anything.
    namespaces: Option<Vec<u8>>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

impl Options {
    /// Reads what stands before the key, without white space around it.
    pub(super) fn parse(mut text: &[u8], zone: Option<&TimeZone>) -> Result<Self, &'static str> {
        let mut options = Self::default();
        let set = |place: &mut Option<Timestamp>, text: &[u8]| {
            if place.is_some() {
                return Err("it gives the same time twice");
            }
            *place = Some(time::parse(text, zone)?);
            Ok(())
        };
        while !text.is_empty() {
            if let Some(rest) = strip(text, b"cert-authority") {
                options.authority = true;
                text = rest;
            } else if let Some(rest) = strip(text, b"namespaces=") {
                if options.namespaces.is_some() {
                    return Err("it gives namespaces twice");
                }
                let (value, rest) = unquote(rest)?;
                options.namespaces = Some(value);
                text = rest;
            } else if let Some(rest) = strip(text, b"valid-after=") {
                let (value, rest) = unquote(rest)?;
                set(&mut options.after, &value)?;
                text = rest;
            } else if let Some(rest) = strip(text, b"valid-before=") {
                let (value, rest) = unquote(rest)?;
                set(&mut options.before, &value)?;
                text = rest;
            }
            match text.split_first() {
                None => break,
                Some((b',', [])) => return Err("its options end with a comma"),
                Some((b',', rest)) => text = rest,
                Some(_) => return Err("it has an option that is not known, or no key"),
            }
        }
        if options.after.zip(options.before).is_some_and(|(after, before)| before <= after) {
            return Err("its time ends before it begins");
        }
        Ok(options)
    }

    /// Why the key may not be used for that now, if it may not.
    pub(super) fn refuse(&self, namespace: &str, now: Timestamp) -> Option<&'static str> {
        let is_meant = |list: &Vec<u8>| pattern::list_means(namespace.as_bytes(), list);
        if !self.namespaces.as_ref().is_none_or(is_meant) {
            return Some("which may not be used for this kind of file");
        }
        if self.after.is_some_and(|after| now < after) {
            return Some("which may not be used yet");
        }
        if self.before.is_some_and(|before| now > before) {
            return Some("which may not be used any more");
        }
        None
    }
}

fn strip<'t>(text: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    let (start, rest) = text.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name).then_some(rest)
}

/// What stands between quotes, and what behind them. Of all that could be escaped, only quotes are.
fn unquote(text: &[u8]) -> Result<(Vec<u8>, &[u8]), &'static str> {
    let mut rest = text.strip_prefix(b"\"").ok_or("a value is not in quotes")?;
    let mut value = Vec::new();
    loop {
        match rest {
            [] => return Err("a quote has no end"),
            [b'"', behind @ ..] => return Ok((value, behind)),
            [b'\\', b'"', behind @ ..] => {
                value.push(b'"');
                rest = behind;
            }
            [byte, behind @ ..] => {
                value.push(*byte);
                rest = behind;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options, &'static str> {
        Options::parse(text.as_bytes(), Some(&TimeZone::UTC))
    }

    #[test]
    fn options_are_read() {
        let options =
            parse("NAMESPACES=\"a,b*\",valid-after=\"19700101000001Z\",valid-before=\"19700101000009Z\"")
                .unwrap();
        assert_eq!(options.refuse("a", 1), None);
        assert_eq!(options.refuse("bee", 9), None);
        assert!(options.refuse("c", 5).unwrap().contains("kind"));
        assert!(options.refuse("a", 0).unwrap().contains("yet"));
        assert!(options.refuse("a", 10).unwrap().contains("any more"));
        assert!(parse("cert-authority").unwrap().authority);
        assert_eq!(parse("namespaces=\"a\\\"b\\\"").unwrap_err(), "a quote has no end");
        assert_eq!(parse("namespaces=\"a\\\"\\\\b\"").unwrap().namespaces.unwrap(), b"a\"\\\\b");
    }

    #[test]
    fn what_is_not_understood_makes_the_line_void() {
        for text in [
            "namespaces=a",
            "namespaces=\"a",
            "namespaces=\"a\",namespaces=\"b\"",
            "namespaces=\"a\",",
            "namespaces=\"a\"x",
            "valid-after=\"now\"",
            "valid-after=\"20240101Z\",valid-after=\"20240102Z\"",
            "valid-after=\"20240102Z\",valid-before=\"20240101Z\"",
            "valid-after=\"20240102Z\",valid-before=\"20240102Z\"",
            "cert-authorityx",
            "no-such-option",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
