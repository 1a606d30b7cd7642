//! Shows rows to a judge, and says what becomes of their lines.
//!
//! Decides what a line is once items of it or its content were taken out: all other bytes are as they were.

use super::fields::{Fields, Found, Slot};
use super::skim::{Fault, Skim, Text, unescape};
use crate::dataset::{Columns, DatasetError, Decision, Judge, Meaning, Row, Value};

/// What becomes of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    Keep,
    Drop,
    /// It reads so from now on.
    Replace(Vec<u8>),
}

/// Reads rows, one after the other.
pub(crate) struct Rows {
    fields: Fields,
    meanings: Vec<Meaning>,
    /// What the row at hand has.
    found: Found,
    /// What rows have that wait to be judged.
    waiting: Vec<Found>,
    /// What escaped strings of the row at hand say, and where in it each does; in the order of those strings.
    said: Vec<u8>,
    spans: Vec<Option<(usize, usize)>>,
    /// How many were read.
    pub(crate) read: u64,
}

impl Rows {
    pub(crate) fn new(columns: &Columns) -> Result<Self, DatasetError> {
        let fields = Fields::new(columns)?;
        let meanings = columns.iter().map(|column| column.meaning).collect();
        let found = fields.found();
        Ok(Self {
            fields,
            meanings,
            found,
            waiting: Vec::new(),
            said: Vec::new(),
            spans: Vec::new(),
            read: 0,
        })
    }

    /// What becomes of lines that are not blank. The judge is told beforehand of rows that come next.
    pub(crate) fn fates<J: Judge + ?Sized>(
        &mut self,
        lines: &[&[u8]],
        judge: &mut J,
    ) -> Result<Vec<Fate>, DatasetError> {
        if self.fields.has_items() {
            return lines.iter().map(|line| self.fate(line, judge)).collect();
        }
        while self.waiting.len() < lines.len() {
            self.waiting.push(self.fields.found());
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        // What is wrong with a row is told when those before it were judged.
        let mut wrong = None;
        let mut known = 0;
        for (line, found) in lines.iter().zip(&mut waiting) {
            let read = Skim::new(line).and_then(|mut skim| self.fields.row(line, &mut skim, found));
            if let Err(fault) = read {
                wrong = Some(malformed(self.read + known as u64 + 1, &fault));
                break;
            }
            known += 1;
        }
        let values: Vec<Vec<Value<'_>>> = (0..self.meanings.len())
            .map(|column| {
                lines.iter().zip(&waiting[..known]).map(|(line, found)| found.plain(column, line)).collect()
            })
            .collect();
        judge.coming(&values.iter().map(Vec::as_slice).collect::<Vec<_>>());
        if let Some(stay) = judge.at_once() {
            self.read += known as u64;
            let fates = stay.iter().map(|stays| if *stays { Fate::Keep } else { Fate::Drop }).collect();
            self.waiting = waiting;
            return wrong.map_or(Ok(fates), Err);
        }
        let mut fates = Vec::with_capacity(known);
        for (at, (line, found)) in lines.iter().zip(&mut waiting[..known]).enumerate() {
            self.read += 1;
            std::mem::swap(&mut self.found, found);
            fates.push(self.row_fate(line, Some(at), judge)?);
        }
        self.waiting = waiting;
        wrong.map_or(Ok(fates), Err)
    }

    /// What becomes of a line that is not blank.
    pub(crate) fn fate<J: Judge + ?Sized>(
        &mut self,
        line: &[u8],
        judge: &mut J,
    ) -> Result<Fate, DatasetError> {
        self.read += 1;
        let row = self.read;
        let malformed = |fault: Fault| malformed(row, &fault);
        let mut skim = Skim::new(line).map_err(malformed)?;
        self.fields.row(line, &mut skim, &mut self.found).map_err(malformed)?;
        if let Some(list) = self.found.list {
            skim.go_to(list + 1);
            // Without items the row itself is shown, so that what it says of itself counts.
            if skim.peek() != Some(b']') {
                skim.go_to(list + 1);
                return self.items(line, &mut skim, judge);
            }
        }
        self.row_fate(line, None, judge)
    }

    /// What becomes of the row that was read, which is judged as a whole; see [`Row::at`].
    fn row_fate<J: Judge + ?Sized>(
        &mut self,
        line: &[u8],
        at: Option<usize>,
        judge: &mut J,
    ) -> Result<Fate, DatasetError> {
        Ok(match self.judged(line, at, judge)? {
            Decision::Replace(by) => {
                let content = self.content(false)?;
                let mut new = Vec::with_capacity(line.len() + by.len());
                new.extend_from_slice(&line[..content.start - 1]);
                write_string(&by, &mut new)?;
                new.extend_from_slice(&line[content.end + 1..]);
                Fate::Replace(new)
            }
            Decision::Drop => Fate::Drop,
            _ => Fate::Keep,
        })
    }

    /// Shows each item of the list; its opening bracket is behind us, and it is known to be valid.
    fn items<J: Judge + ?Sized>(
        &mut self,
        line: &[u8],
        skim: &mut Skim<'_>,
        judge: &mut J,
    ) -> Result<Fate, DatasetError> {
        let row = self.read;
        let malformed = |fault: Fault| malformed(row, &fault);
        let (texts, mut kept) = (self.found.texts.len(), false);
        // The new line, from where it differs.
        let mut new: Option<Vec<u8>> = None;
        let mut start = skim.at();
        loop {
            self.fields.item(line, skim, &mut self.found, texts).map_err(malformed)?;
            let decision = self.judged(line, None, judge)?;
            let last = skim.peek() != Some(b',');
            let item = &line[start..skim.at()];
            if decision != Decision::Keep {
                // All before it stayed; a comma stands before each item but the first.
                new.get_or_insert_with(|| line[..start - usize::from(kept)].to_vec());
            }
            if let Some(new) = &mut new
                && decision != Decision::Drop
            {
                if kept {
                    new.push(b',');
                }
                match &decision {
                    Decision::Replace(by) => {
                        let content = self.content(true)?;
                        new.extend_from_slice(&line[start..content.start - 1]);
                        write_string(by, new)?;
                        new.extend_from_slice(&line[content.end + 1..skim.at()]);
                    }
                    _ => new.extend_from_slice(item),
                }
            }
            kept |= decision != Decision::Drop;
            if last {
                break;
            }
            start = skim.at() + 1;
            skim.go_to(start);
        }
        Ok(match new {
            _ if !kept => Fate::Drop,
            None => Fate::Keep,
            Some(mut new) => {
                new.extend_from_slice(&line[skim.at()..]);
                Fate::Replace(new)
            }
        })
    }

    /// What the judge says of the row, or of the item that was read: to keep, to drop, or to replace.
    fn judged<J: Judge + ?Sized>(
        &mut self,
        line: &[u8],
        at: Option<usize>,
        judge: &mut J,
    ) -> Result<Decision, DatasetError> {
        for contents in [false, true] {
            self.unescape(line, contents)?;
            let texts: Vec<Option<&[u8]>> = self.texts(line);
            let value = |(slot, meaning): (&Slot, &Meaning)| match *slot {
                Slot::Null => Value::Null,
                _ if *meaning == Meaning::Content && !contents => Value::Unread,
                Slot::Text(at) => texts.get(at).copied().flatten().map_or(Value::Null, Value::Bytes),
                Slot::List(from, to) => Value::List(&texts[from..to]),
            };
            let values: Vec<Value<'_>> = self.found.slots.iter().zip(&self.meanings).map(value).collect();
            match judge.judge(&Row { values: &values, at }) {
                Decision::Read => {}
                Decision::Stop => return Err(DatasetError::Stopped { row: self.read }),
                decision => return Ok(decision),
            }
        }
        Err(DatasetError::Bug("a judge asked for contents that it has seen"))
    }

    /// Reads the strings that have escapes; contents only if they are asked for.
    fn unescape(&mut self, line: &[u8], contents: bool) -> Result<(), DatasetError> {
        self.said.clear();
        self.spans.clear();
        if self.found.texts.iter().flatten().all(|text| !text.escaped) {
            return Ok(());
        }
        self.spans.resize(self.found.texts.len(), None);
        for (slot, meaning) in self.found.slots.iter().zip(&self.meanings) {
            if *meaning == Meaning::Content && !contents {
                continue;
            }
            let strings = match *slot {
                Slot::Null => 0..0,
                Slot::Text(at) => at..at + 1,
                Slot::List(from, to) => from..to,
            };
            for at in strings {
                let Some(text) = self.found.texts[at].filter(|text| text.escaped) else { continue };
                let start = self.said.len();
                unescape(&line[text.range()], &mut self.said).map_err(|why| {
                    malformed(self.read, &Fault { at: text.start, why: format!("a string {why}").into() })
                })?;
                self.spans[at] = Some((start, self.said.len()));
            }
        }
        Ok(())
    }

    fn texts<'v>(&'v self, line: &'v [u8]) -> Vec<Option<&'v [u8]>> {
        let text = |(at, text): (usize, &Option<Text>)| {
            let text = text.as_ref()?;
            Some(match self.spans.get(at).copied().flatten() {
                Some((from, to)) => &self.said[from..to],
                None => &line[text.range()],
            })
        };
        self.found.texts.iter().enumerate().map(text).collect()
    }

    /// Where the content stands that is replaced.
    fn content(&self, of_item: bool) -> Result<Text, DatasetError> {
        let at = self.meanings.iter().position(|meaning| *meaning == Meaning::Content);
        let Some(at) = at.filter(|at| self.fields.in_items(*at) == of_item) else {
            return Err(DatasetError::Bug("a judge replaced a content that is not there"));
        };
        match self.found.slots[at] {
            Slot::Text(text) => self.found.texts[text],
            Slot::Null | Slot::List(..) => None,
        }
        .ok_or(DatasetError::Bug("a judge replaced a content that is not there"))
    }
}

fn malformed(row: u64, fault: &Fault) -> DatasetError {
    DatasetError::Malformed {
        row: Some(row),
        why: format!("{}, at byte {} of its line", fault.why, fault.at + 1),
    }
}

fn write_string(text: &[u8], to: &mut Vec<u8>) -> Result<(), DatasetError> {
    let written = std::str::from_utf8(text).ok().map(|text| serde_json::to_writer(to, text));
    match written {
        Some(Ok(())) => Ok(()),
        _ => Err(DatasetError::Bug("a judge replaced a content by something that is not text")),
    }
}
