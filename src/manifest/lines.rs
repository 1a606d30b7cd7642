//! Lines of bounded length, out of input that may be hostile.
//!
//! Decides what a line is: bytes and one LF, the last one too. Must not know what they mean.

use std::io::{BufRead, Read};

/// The longest line that is written or read, in bytes, without its LF.
pub(super) const MAX_LINE: usize = 16 << 20;

/// The lines of an input, one after the other, in one buffer.
pub(super) struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, line: Vec::new(), number: 0 }
    }

    /// The number of the line that [`next`](Self::next) last gave or failed at, the first being 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next line without its LF; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, String> {
        self.number += 1;
        self.line.clear();
        (&mut self.input)
            .take(MAX_LINE as u64 + 1)
            .read_until(b'\n', &mut self.line)
            .map_err(|error| format!("cannot be read on: {error}"))?;
        if self.line.is_empty() {
            return Ok(None);
        }
        match self.line.strip_suffix(b"\n") {
            Some(line) => Ok(Some(line)),
            None if self.line.len() > MAX_LINE => Err("the line is longer than 16 MiB".to_owned()),
            None => Err("the last line has no LF: the file is cut off".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        let mut lines = Lines::new(input);
        let mut all = Vec::new();
        while let Some(line) = lines.next()? {
            all.push(line.to_vec());
        }
        Ok(all)
    }

    #[test]
    fn lines_come_without_their_ends() {
        assert_eq!(all(b"a\n\nb\r\n").unwrap(), [&b"a"[..], b"", b"b\r"]);
        assert!(all(b"").unwrap().is_empty());
    }

    #[test]
    fn an_end_without_a_line_end_is_a_cut() {
        assert!(all(b"a\nb").unwrap_err().contains("cut off"));
    }

    #[test]
    fn a_line_without_end_is_not_read_into_memory() {
        let endless = std::io::BufReader::new(std::io::repeat(b'x'));
        assert!(Lines::new(endless).next().unwrap_err().contains("16 MiB"));
    }

    #[test]
    fn the_longest_line_is_still_read() {
        let mut input = vec![b'x'; MAX_LINE];
        input.push(b'\n');
        assert_eq!(all(&input).unwrap()[0].len(), MAX_LINE);
        input.insert(0, b'x');
        assert!(all(&input).is_err());
    }
}
