//! The lines of files as numbers, in the plainest way: for holding the line diff against others.

use std::collections::HashMap;

use withhold::attribution::line_diff::{Side, WhiteSpace};

/// Gives equal lines equal numbers.
pub struct Numbers {
    numbers: HashMap<Vec<u8>, u32>,
    /// The white space that makes no difference (`-w`).
    ignored: Option<WhiteSpace>,
    line: Vec<u8>,
}

/// One version of a file.
pub struct Version<'b> {
    bytes: &'b [u8],
    ids: Vec<u32>,
    starts: Vec<u32>,
}

impl Numbers {
    pub fn new(ignored: Option<WhiteSpace>) -> Self {
        Self { numbers: HashMap::new(), ignored, line: Vec::new() }
    }

    pub fn version<'b>(&mut self, bytes: &'b [u8]) -> Version<'b> {
        let mut version = Version { bytes, ids: Vec::new(), starts: vec![0] };
        let mut end = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            end += line.len();
            version.starts.push(u32::try_from(end).unwrap());
            version.ids.push(self.number(line));
        }
        version
    }

    fn number(&mut self, line: &[u8]) -> u32 {
        self.line.clear();
        let kept = |byte: &&u8| self.ignored.is_none_or(|space| !space.contains(**byte));
        self.line.extend(line.iter().filter(kept));
        match self.numbers.get(&self.line) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.numbers.len()).unwrap();
                self.numbers.insert(self.line.clone(), number);
                number
            }
        }
    }
}

impl Version<'_> {
    pub fn side(&self) -> Side<'_> {
        Side { ids: &self.ids, bytes: self.bytes, starts: &self.starts }
    }
}
