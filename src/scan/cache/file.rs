//! The form of a file in which a scan is kept: a header, what it is of, and its parts, each with a checksum.
//!
//! Decides whether a file is whole. All of it is read once for that; a part is put into memory only if it is asked for.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;

use bitcode::{Decode, Encode};
use sha2::{Digest, Sha256};

use super::Dropped;
use crate::attribution::parallel;
use crate::attribution::saved::Bytes;
use crate::repo::Store;
use crate::scan::saved::Source;

/// Grows with every change of what is written. It also tells how the machine lays out numbers, as they are written so.
const FORMAT: u32 = 7;
const MAGIC: &[u8; 8] = b"withhold";
/// Magic, format, checksum and length of the contents.
const HEADER: usize = 24;
/// A larger file is not read.
const LARGEST: u64 = 4 << 30;
/// A larger table of contents is not read.
const LARGEST_CONTENTS: u64 = 64 << 20;
/// So many bytes are read at a time.
const BUFFER: usize = 256 << 10;
/// So many bytes are checked by one thread before it takes others.
const PIECE: u64 = if cfg!(test) { 16 } else { 2 << 20 };
/// More threads would wait for the memory, not for one another.
const MOST_THREADS: usize = 4;

/// Tells one file from any other.
pub(super) type FileId = [u8; 16];

/// What a file is of, and what is in it.
#[derive(Debug, Encode, Decode)]
pub(super) struct Contents {
    version: String,
    /// Where objects lay when it was written.
    pub(super) store: Store,
    /// The file that it belongs to, if it holds what came since.
    pub(super) since: Option<FileId>,
    /// Length and checksum of each part.
    parts: Vec<(u64, u32)>,
}

/// A file that is whole. It stays readable if another takes its place.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    file: Arc<File>,
    contents: Arc<Contents>,
    id: FileId,
    /// Where the parts begin.
    start: u64,
}

impl Parts {
    /// Opens a file; `None` if there is none. A link is not followed.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, Dropped> {
        let found = match fs::symlink_metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if !found.is_file() || found.len() > LARGEST {
            return Err(Dropped::Damaged);
        }
        let mut file = File::open(path)?;
        let mut header = [0; HEADER];
        file.read_exact(&mut header).map_err(cut_off)?;
        if header[..8] != MAGIC[..] {
            return Err(Dropped::Damaged);
        }
        if header[8..12] != FORMAT.to_ne_bytes() {
            return Err(Dropped::OtherVersion);
        }
        let mut length = [0; 8];
        length.copy_from_slice(&header[16..]);
        let length = u64::from_le_bytes(length);
        if length > LARGEST_CONTENTS.min(found.len()) {
            return Err(Dropped::Damaged);
        }
        let mut bytes = Vec::new();
        (&file).take(length).read_to_end(&mut bytes)?;
        if header[12..16] != crc32fast::hash(&bytes).to_le_bytes() {
            return Err(Dropped::Damaged);
        }
        let contents: Contents = bitcode::decode(&bytes).map_err(|_| Dropped::Damaged)?;
        if contents.version != env!("CARGO_PKG_VERSION") {
            return Err(Dropped::OtherVersion);
        }
        let start = HEADER as u64 + length;
        let all = contents.parts.iter().try_fold(start, |end, (length, _)| end.checked_add(*length));
        if all != Some(found.len()) {
            return Err(Dropped::Damaged);
        }
        let (file, id) = (Arc::new(file), id(&bytes));
        let parts = Self { file, contents: Arc::new(contents), id, start };
        parts.check()?;
        Ok(Some(parts))
    }

    /// Writes a file: that of a whole scan, or of what came `since` another.
    pub(super) fn write(
        out: &mut impl Write,
        store: Store,
        since: Option<FileId>,
        parts: &[Vec<u8>],
    ) -> io::Result<()> {
        let table = parts.iter().map(|part| (part.len() as u64, crc32fast::hash(part))).collect();
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let contents = bitcode::encode(&Contents { version, store, since, parts: table });
        out.write_all(MAGIC)?;
        out.write_all(&FORMAT.to_ne_bytes())?;
        out.write_all(&crc32fast::hash(&contents).to_le_bytes())?;
        out.write_all(&(contents.len() as u64).to_le_bytes())?;
        out.write_all(&contents)?;
        parts.iter().try_for_each(|part| out.write_all(part))
    }

    /// Holds all parts against their checksums.
    fn check(&self) -> Result<(), Dropped> {
        // Pieces of parts: the part, and where the piece begins and ends in the file.
        let mut pieces = Vec::new();
        let mut start = self.start;
        for (number, (length, _)) in self.contents.parts.iter().enumerate() {
            let end = start + length;
            while start < end {
                let next = end.min(start + PIECE);
                pieces.push((number, start, next));
                start = next;
            }
        }
        let look = |buffer: &mut Vec<u8>, piece: usize| {
            let (_, start, end) = pieces[piece];
            let mut bytes = Part { file: self.file.clone(), at: start, end };
            let mut hasher = crc32fast::Hasher::new();
            let mut left = end - start;
            while left > 0 {
                let some = &mut buffer[..usize::try_from(left).unwrap_or(BUFFER).min(BUFFER)];
                bytes.read_exact(some).map_err(cut_off)?;
                hasher.update(some);
                left -= some.len() as u64;
            }
            Ok::<_, Dropped>(hasher)
        };
        let mut found = vec![crc32fast::Hasher::new(); self.contents.parts.len()];
        let take = |piece: usize, hasher| {
            found[pieces[piece].0].combine(&hasher);
            Ok(())
        };
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
        parallel::in_order(threads, pieces.len(), || vec![0; BUFFER], look, take)?;
        let said = self.contents.parts.iter().map(|(_, checksum)| *checksum);
        let whole = found.into_iter().map(crc32fast::Hasher::finalize).eq(said);
        if whole { Ok(()) } else { Err(Dropped::Damaged) }
    }

    /// What the file is of.
    pub(super) fn contents(&self) -> &Contents {
        &self.contents
    }

    /// What tells it from any other.
    pub(super) fn id(&self) -> FileId {
        self.id
    }

    /// How many bytes its parts have.
    pub(super) fn size(&self) -> u64 {
        self.contents.parts.iter().map(|(length, _)| length).sum()
    }
}

impl Source for Parts {
    fn read(&self, number: usize) -> Option<Vec<u8>> {
        let (mut part, length) = self.open(number)?;
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        part.read_exact(&mut bytes).ok()?;
        (crc32fast::hash(&bytes) == self.contents.parts.get(number)?.1).then_some(bytes)
    }

    fn open(&self, number: usize) -> Option<Bytes> {
        let (length, _) = *self.contents.parts.get(number)?;
        let before: u64 = self.contents.parts[..number].iter().map(|(length, _)| length).sum();
        let at = self.start + before;
        Some((Box::new(Part { file: self.file.clone(), at, end: at + length }), length))
    }
}

/// A part being read.
struct Part {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let some = buffer.len().min(left);
        let count = read_at(&self.file, &mut buffer[..some], self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// Reads at a place of a file, whatever others read.
#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

/// Reads at a place of a file, whatever others read.
#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

fn cut_off(error: io::Error) -> Dropped {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Dropped::Damaged,
        _ => error.into(),
    }
}

fn id(contents: &[u8]) -> FileId {
    let digest: [u8; 32] = Sha256::digest(contents).into();
    let mut id = FileId::default();
    id.copy_from_slice(&digest[..16]);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_that_is_another_is_found_in_any_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let parts =
            [b"short".to_vec(), Vec::new(), (0..99).collect(), b"as long as pieces are: thirty-two".to_vec()];
        let mut whole = Vec::new();
        Parts::write(&mut whole, Store::default(), None, &parts).unwrap();
        fs::write(&path, &whole).unwrap();
        let read = Parts::open(&path).unwrap().unwrap();
        for (number, part) in parts.iter().enumerate() {
            assert_eq!(read.read(number).as_ref(), Some(part));
        }
        let first = whole.len() - parts.concat().len();
        for at in first..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&path, changed).unwrap();
            assert!(matches!(Parts::open(&path), Err(Dropped::Damaged)), "byte {at}");
        }
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(matches!(Parts::open(&path), Err(Dropped::Damaged)));
    }
}
