//! Reads the members of an archive, header by header, and holds the bytes that are not decided.
//!
//! Decides what is a whole archive, and what kinds of members are taken. Places are counted from its first byte.

use std::ops::Range;

use tar::{EntryType, Header};

use super::pax::{self, Fault, Said};
use crate::dataset::DatasetError;
use crate::dataset::codec::recode::Passage;

pub(super) const BLOCK: usize = 512;

/// A name or an extended header may be so long.
const LONGEST_HEADER: usize = 1 << 20;

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A regular file.
    File,
    /// A folder, or what is said of all that follows.
    Other,
}

/// A member, with the headers before it that are about it.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) kind: Kind,
    pub(super) name: Vec<u8>,
    /// All of it.
    pub(super) whole: Range<usize>,
    /// Where its own header begins.
    pub(super) header: usize,
    /// Its content.
    pub(super) data: Range<usize>,
    /// Its length stands in an extended header, too.
    pub(super) long: bool,
}

/// An archive that is read.
pub(super) struct Members<'p, P> {
    passage: &'p mut P,
    longest: usize,
    text: Vec<u8>,
    /// Where `text` begins, and up to where all is decided.
    base: usize,
    decided: usize,
    /// Up to where members are read.
    at: usize,
}

impl<'p, P: Passage> Members<'p, P> {
    pub(super) fn new(passage: &'p mut P, longest: usize) -> Self {
        Self { passage, longest, text: Vec::new(), base: 0, decided: 0, at: 0 }
    }

    /// The next member; none at the end mark. `row` is that in which it lies, for errors.
    pub(super) fn next(&mut self, row: u64) -> Result<Option<Member>, DatasetError> {
        let malformed = |why: &str| DatasetError::Malformed { row: Some(row), why: why.to_owned() };
        let refused = |what: &str, name: &[u8]| {
            let name = String::from_utf8_lossy(name).into_owned();
            DatasetError::Unsupported(format!("`{name}` in the archive is {what}, which is not read here"))
        };
        let start = self.at;
        let mut said = Said::default();
        loop {
            let at = self.at;
            if !self.has(at + BLOCK)? {
                return Err(malformed("the archive ends without its end mark: it may be cut off"));
            }
            let block = self.slice(at..at + BLOCK);
            if block.iter().all(|byte| *byte == 0) {
                if at != start {
                    return Err(malformed("a header is about a member that does not follow"));
                }
                return Ok(None);
            }
            let header = header(block).ok_or_else(|| malformed("a header does not match its check sum"))?;
            let size = header.entry_size().map_err(|_| malformed("a header has no length"))?;
            let kind = header.entry_type();
            let is_member = !matches!(
                kind,
                EntryType::XHeader
                    | EntryType::XGlobalHeader
                    | EntryType::GNULongName
                    | EntryType::GNULongLink
            );
            let size = said.size.filter(|_| is_member).unwrap_or(size);
            let long = said.size.is_some();
            let data = usize::try_from(size)
                .ok()
                .filter(|size| *size <= if is_member { self.longest } else { LONGEST_HEADER })
                .and_then(|size| Some(at + BLOCK..(at + BLOCK).checked_add(size)?))
                .ok_or_else(|| malformed("a member is too long"))?;
            let end =
                data.end.checked_next_multiple_of(BLOCK).ok_or_else(|| malformed("a member is too long"))?;
            if end - self.decided > self.longest {
                return Err(malformed(&format!("a row is longer than {} bytes", self.longest)));
            }
            let name = said.name.clone().filter(|_| is_member);
            let name = name.unwrap_or_else(|| header.path_bytes().into_owned());
            if !self.has(end)? {
                return Err(malformed("the archive ends within a member: it is cut off"));
            }
            self.at = end;
            let kind = match kind {
                EntryType::XHeader => {
                    let new = pax::says(self.slice(data)).map_err(|fault| match fault {
                        Fault::Broken => malformed("an extended header is damaged"),
                        Fault::Sparse => refused("a sparse file", &name),
                    })?;
                    if new.name.is_some() && said.name.is_some() || new.size.is_some() && said.size.is_some()
                    {
                        return Err(malformed("a member has two names, or two lengths"));
                    }
                    said = Said { name: new.name.or(said.name), size: new.size.or(said.size) };
                    continue;
                }
                EntryType::GNULongName => {
                    let long = self.slice(data);
                    let end = memchr::memchr(0, long).unwrap_or(long.len());
                    let long = long[..end].to_vec();
                    if said.name.replace(long).is_some() {
                        return Err(malformed("a member has two names"));
                    }
                    continue;
                }
                // Of a link, which is refused by itself.
                EntryType::GNULongLink => continue,
                EntryType::XGlobalHeader => {
                    let said = pax::says(self.slice(data.clone()));
                    if !matches!(said, Ok(Said { name: None, size: None })) || at != start {
                        return Err(refused("a global header that changes members", &name));
                    }
                    Kind::Other
                }
                // Readers differ in whether it has any.
                EntryType::Directory if !data.is_empty() => return Err(malformed("a folder has content")),
                EntryType::Directory => Kind::Other,
                // Before there was a type for folders, names told them.
                EntryType::Regular if name.ends_with(b"/") => {
                    return Err(refused("a folder by its name only", &name));
                }
                EntryType::Regular | EntryType::Continuous => Kind::File,
                EntryType::Link | EntryType::Symlink => return Err(refused("a link", &name)),
                EntryType::GNUSparse => return Err(refused("a sparse file", &name)),
                _ => return Err(refused("neither a file nor a folder", &name)),
            };
            return Ok(Some(Member { kind, name, whole: start..end, header: at, data, long }));
        }
    }

    /// These bytes, which are read and not decided.
    pub(super) fn slice(&self, range: Range<usize>) -> &[u8] {
        &self.text[range.start - self.base..range.end - self.base]
    }

    /// The next bytes stay.
    pub(super) fn keep(&mut self, range: Range<usize>) -> Result<(), DatasetError> {
        self.decide(&range)?;
        self.passage.keep(&self.text[range.start - self.base..range.end - self.base])
    }

    /// The next bytes go, and others take their place.
    pub(super) fn replace(&mut self, range: &Range<usize>, by: &[u8]) -> Result<(), DatasetError> {
        self.decide(range)?;
        self.passage.replace(range.len(), by)
    }

    fn decide(&mut self, range: &Range<usize>) -> Result<(), DatasetError> {
        if range.start != self.decided {
            return Err(DatasetError::Bug("members are decided out of order"));
        }
        self.decided = range.end;
        Ok(())
    }

    /// Keeps the end mark and what fills the last record; nothing else may follow.
    pub(super) fn rest(&mut self) -> Result<(), DatasetError> {
        loop {
            let there = self.decided..self.base + self.text.len();
            if self.slice(there.clone()).iter().any(|byte| *byte != 0) {
                let why = "something follows the end mark of the archive".to_owned();
                return Err(DatasetError::Malformed { row: None, why });
            }
            self.keep(there.clone())?;
            if !self.has(there.end + 1)? {
                return Ok(());
            }
        }
    }

    pub(super) fn passed(&mut self) -> u64 {
        self.passage.passed()
    }

    /// Reads on up to there; false if it ends before.
    fn has(&mut self, end: usize) -> Result<bool, DatasetError> {
        if end <= self.base + self.text.len() {
            return Ok(true);
        }
        self.text.drain(..self.decided - self.base);
        self.base = self.decided;
        while self.base + self.text.len() < end {
            if !self.passage.more(&mut self.text)? {
                return Ok(end <= self.base + self.text.len());
            }
        }
        Ok(true)
    }
}

/// The header in a block, if it matches its check sum.
fn header(block: &[u8]) -> Option<&Header> {
    let block: &[u8; BLOCK] = block.try_into().ok()?;
    let header = Header::from_byte_slice(block);
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    // The check sum itself counts as spaces.
    let sum = sum(&block[..148]) + 8 * u32::from(b' ') + sum(&block[156..]);
    header.cksum().is_ok_and(|told| told == sum).then_some(header)
}
