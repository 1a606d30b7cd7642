//! Goes over a line of JSON once: all of it has to be valid, and little of it is looked at.
//!
//! Decides what is JSON, as RFC 8259 has it. Builds nothing: what is sought is told by where it stands.

use std::borrow::Cow;
use std::ops::Range;

use super::marks::{self, BLOCK};

#[cfg(test)]
mod tests;

/// Values lie in one another so deep at most.
const DEEPEST: usize = 1024;

/// What is wrong, and at which byte of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) why: Cow<'static, str>,
}

/// The text of a string, between its quotation marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// It has escapes.
    pub(crate) escaped: bool,
}

impl Text {
    pub(crate) fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A line, and how far it is read.
pub(crate) struct Skim<'a> {
    line: &'a [u8],
    at: usize,
    /// The containers around what is skipped: whether it is an object.
    around: Vec<bool>,
}

impl<'a> Skim<'a> {
    /// # Errors
    /// It is not UTF-8.
    pub(crate) fn new(line: &'a [u8]) -> Result<Self, Fault> {
        if let Err(error) = std::str::from_utf8(line) {
            return Err(Fault { at: error.valid_up_to(), why: "it is not UTF-8".into() });
        }
        Ok(Self { line, at: 0, around: Vec::new() })
    }

    /// Goes to a place that was valid before.
    pub(crate) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn fault(&self, why: impl Into<Cow<'static, str>>) -> Fault {
        Fault { at: self.at, why: why.into() }
    }

    /// The next byte that is not white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.line.get(self.at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                next => return next.copied(),
            }
        }
    }

    /// Goes over this byte, if it comes next.
    #[inline]
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// Goes over this byte.
    #[inline]
    pub(crate) fn expect(&mut self, byte: u8, why: &'static str) -> Result<(), Fault> {
        if self.take(byte) { Ok(()) } else { Err(self.fault(why)) }
    }

    /// Nothing may follow.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        if self.peek().is_some() { Err(self.fault("something follows the object")) } else { Ok(()) }
    }

    /// Goes over a name and the colon behind it.
    #[inline]
    pub(crate) fn name(&mut self) -> Result<Text, Fault> {
        self.expect(b'"', "a name is missing")?;
        let name = self.string()?;
        self.expect(b':', "a colon is missing")?;
        Ok(name)
    }

    /// Goes over a string; its first quotation mark is behind us.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<Text, Fault> {
        let start = self.at;
        let (mut any_escaped, mut carry) = (false, false);
        loop {
            let rest = &self.line[self.at..];
            let block = match rest.first_chunk() {
                Some(block) => *block,
                None if rest.is_empty() => {
                    return Err(Fault { at: start, why: "a string does not end".into() });
                }
                None => marks::padded(rest),
            };
            let marks = marks::of(&block);
            let escaped = marks::escaped(marks.backslashes, &mut carry);
            let ends = marks.quotes & !escaped;
            // What stands before the end. With none, that is all.
            let within = (ends & ends.wrapping_neg()).wrapping_sub(1);
            if (escaped | marks.controls) & within != 0 {
                any_escaped |= self.escapes(&block, escaped & within, marks.controls & within)?;
            }
            if ends != 0 {
                let text =
                    Text { start, end: self.at + ends.trailing_zeros() as usize, escaped: any_escaped };
                self.at = text.end + 1;
                return Ok(text);
            }
            self.at += BLOCK.min(rest.len());
        }
    }

    /// Sees that what is escaped in a block may be, and that nothing is a control character. Whether anything is escaped.
    #[inline]
    fn escapes(&self, block: &[u8; BLOCK], escaped: u64, controls: u64) -> Result<bool, Fault> {
        let (letters, unicode) = marks::letters(block);
        let wrong = escaped & !letters | controls;
        if wrong != 0 {
            let first = wrong.trailing_zeros();
            let at = self.at + first as usize;
            return Err(if escaped >> first & 1 == 1 {
                not_an_escape(at - 1)
            } else {
                Fault { at, why: "a string has a control character".into() }
            });
        }
        let mut unicode = unicode & escaped;
        while unicode != 0 {
            let at = self.at + unicode.trailing_zeros() as usize;
            let digits = self.line.get(at + 1..at + 5);
            if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                return Err(not_an_escape(at - 1));
            }
            unicode &= unicode - 1;
        }
        Ok(escaped != 0)
    }

    /// Goes over a value of any kind.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        let ground = self.around.len();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    self.string()?;
                }
                Some(open @ (b'{' | b'[')) => {
                    if self.around.len() == DEEPEST {
                        return Err(self.fault("it is nested too deeply"));
                    }
                    self.at += 1;
                    let object = open == b'{';
                    if !self.take(if object { b'}' } else { b']' }) {
                        self.around.push(object);
                        if object {
                            self.name()?;
                        }
                        continue;
                    }
                }
                Some(b't') => self.word(b"true")?,
                Some(b'f') => self.word(b"false")?,
                Some(b'n') => self.word(b"null")?,
                Some(b'-' | b'0'..=b'9') => self.number()?,
                _ => return Err(self.fault("a value is missing")),
            }
            // A value has ended, and with it perhaps those around it.
            loop {
                if self.around.len() == ground {
                    return Ok(());
                }
                let object = self.around.last().copied().unwrap_or_default();
                if self.take(b',') {
                    if object {
                        self.name()?;
                    }
                    break;
                }
                self.expect(if object { b'}' } else { b']' }, "a comma or an end is missing")?;
                self.around.pop();
            }
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Fault> {
        if !self.line[self.at..].starts_with(word) {
            return Err(self.fault("a value is missing"));
        }
        self.at += word.len();
        Ok(())
    }

    /// Goes over `null`, if it comes next.
    pub(crate) fn null(&mut self) -> Result<bool, Fault> {
        if self.peek() != Some(b'n') {
            return Ok(false);
        }
        self.word(b"null").map(|()| true)
    }

    /// Goes over a whole number, if a number comes next.
    pub(crate) fn integer(&mut self) -> Result<Option<Text>, Fault> {
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return Ok(None);
        }
        let start = self.at;
        self.number()?;
        let digits = &self.line[start..self.at];
        if digits.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
            return Err(Fault { at: start, why: "it is not a whole number".into() });
        }
        Ok(Some(Text { start, end: self.at, escaped: false }))
    }

    fn number(&mut self) -> Result<(), Fault> {
        self.at += usize::from(self.line[self.at] == b'-');
        match self.line.get(self.at) {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.line.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.line.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.line.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let digits = self.line[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        if digits == 0 { Err(self.fault("a digit is missing")) } else { Ok(()) }
    }
}

fn not_an_escape(at: usize) -> Fault {
    Fault { at, why: "an escape is not one of JSON's".into() }
}

/// Appends what a string says.
pub(crate) fn unescape(text: &[u8], to: &mut Vec<u8>) -> Result<(), &'static str> {
    let mut rest = text;
    while let Some(plain) = memchr::memchr(b'\\', rest) {
        to.extend_from_slice(&rest[..plain]);
        let (escape, length) = match rest.get(plain + 1) {
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{c}', 2),
            Some(b'n') => ('\n', 2),
            Some(b'r') => ('\r', 2),
            Some(b't') => ('\t', 2),
            Some(b'u') => code_point(&rest[plain..]).ok_or("has half of a surrogate pair")?,
            Some(other) => (char::from(*other), 2),
            None => return Err("has an escape that is not one of JSON's"),
        };
        to.extend_from_slice(escape.encode_utf8(&mut [0; 4]).as_bytes());
        rest = &rest[plain + length..];
    }
    to.extend_from_slice(rest);
    Ok(())
}

/// The character of an escape, `\u0041` or a pair of such, and the escape's length.
fn code_point(escape: &[u8]) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = std::str::from_utf8(escape.get(at + 2..at + 6)?).ok()?;
        (escape.get(at..at + 2)? == b"\\u").then(|| u16::from_str_radix(digits, 16).ok()).flatten()
    };
    let first = unit(0)?;
    if let Some(character) = char::from_u32(first.into()) {
        return Some((character, 6));
    }
    let character = char::decode_utf16([first, unit(6)?]).next()?.ok()?;
    Some((character, 12))
}
