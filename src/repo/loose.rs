//! Loose objects: each a deflated file of its own.
//!
//! Decides which objects are loose, and reads them; libgit2 must not, for a file that is cut short keeps it
//! in a loop for ever, and one whose header lies makes it write beyond its buffer. Must not look into packs.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit as inflate;

use super::objects::{Kind, MAX_OBJECT};
use super::{ObjectId, RepoError};

/// `commit 1073741824` and its NUL is shorter than this.
const MAX_HEADER: usize = 32;
/// As many alternates of alternates as Git follows.
const MAX_DEPTH: usize = 5;
/// Far more than anyone lists by hand.
const MAX_ALTERNATES: u64 = 1 << 20;

/// The loose objects that were there when the repository was opened.
///
/// What is written later is left to libgit2.
#[derive(Debug, Default)]
pub(super) struct Loose {
    files: HashMap<ObjectId, PathBuf>,
}

impl Loose {
    /// Looks into a folder of objects, and into its alternates.
    ///
    /// # Errors
    /// A folder is there and cannot be listed.
    pub(super) fn list(objects: &Path) -> Result<Self, RepoError> {
        let mut loose = Self::default();
        loose.add(objects, 0)?;
        Ok(loose)
    }

    fn add(&mut self, objects: &Path, depth: usize) -> Result<(), RepoError> {
        for first in 0..=u8::MAX {
            let name = format!("{first:02x}");
            let folder = objects.join(&name);
            let files = match std::fs::read_dir(&folder) {
                Ok(files) => files,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(unreadable(&folder, &error)),
            };
            for file in files {
                let rest = file.map_err(|error| unreadable(&folder, &error))?.file_name();
                // What has another name, an unfinished object for example, is none.
                let id =
                    rest.to_str().and_then(|rest| ObjectId::from_hex(format!("{name}{rest}").as_bytes()));
                if let Some(id) = id {
                    self.files.entry(id).or_insert_with(|| folder.join(rest));
                }
            }
        }
        if depth == MAX_DEPTH {
            return Ok(());
        }
        for other in alternates(objects)? {
            self.add(&other, depth + 1)?;
        }
        Ok(())
    }

    /// The kind and the bytes of a loose object; `None` if it is not loose.
    ///
    /// # Errors
    /// It is damaged, or too large.
    pub(super) fn read(&self, id: ObjectId) -> Result<Option<(Kind, Vec<u8>)>, RepoError> {
        let Some(path) = self.files.get(&id) else { return Ok(None) };
        let corrupt = |why: &str| RepoError::Corrupt { what: format!("object {id}"), why: why.to_owned() };
        let too_large =
            || RepoError::Limit { what: format!("object {id}"), limit: format!("{MAX_OBJECT} bytes") };
        let deflated = match std::fs::File::open(path) {
            Ok(file) => {
                let mut bytes = Vec::new();
                file.take(MAX_OBJECT as u64 + 1)
                    .read_to_end(&mut bytes)
                    .map_err(|error| unreadable(path, &error))?;
                bytes
            }
            // It was packed since.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(path, &error)),
        };
        if deflated.len() > MAX_OBJECT {
            return Err(too_large());
        }
        let mut bytes = match inflate(&deflated, MAX_OBJECT + MAX_HEADER) {
            Ok(bytes) => bytes,
            Err(error) if error.status == TINFLStatus::HasMoreOutput => return Err(too_large()),
            Err(_) => return Err(corrupt("its file is damaged or cut short")),
        };
        let (kind, start) = header(&bytes).ok_or_else(|| corrupt("its header does not fit it"))?;
        bytes.drain(..start);
        Ok(Some((kind, bytes)))
    }
}

/// The kind, and where the content begins; `None` if that is not as long as the header says.
fn header(bytes: &[u8]) -> Option<(Kind, usize)> {
    let end = bytes.iter().take(MAX_HEADER).position(|byte| *byte == 0)?;
    let (kind, size) = std::str::from_utf8(&bytes[..end]).ok()?.split_once(' ')?;
    let kind =
        [Kind::Blob, Kind::Tree, Kind::Commit, Kind::Tag].into_iter().find(|known| known.as_str() == kind)?;
    let is_number = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && size.parse() == Ok(bytes.len() - end - 1)).then_some((kind, end + 1))
}

/// The folders that `info/alternates` names, one a line.
fn alternates(objects: &Path) -> Result<Vec<PathBuf>, RepoError> {
    let path = objects.join("info/alternates");
    let mut bytes = Vec::new();
    match std::fs::File::open(&path) {
        Ok(file) => {
            file.take(MAX_ALTERNATES).read_to_end(&mut bytes).map_err(|error| unreadable(&path, &error))?;
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(&path, &error)),
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(|line| objects.join(line)).collect())
}

fn unreadable(path: &Path, error: &std::io::Error) -> RepoError {
    RepoError::Corrupt { what: path.display().to_string(), why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec_zlib as deflate;

    const ID: &str = "ce013625030ba8dba906f756967f9e9ca394464a";

    fn read(content: &[u8]) -> Result<Option<(Kind, Vec<u8>)>, RepoError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join(&ID[..2])).unwrap();
        std::fs::write(dir.path().join(&ID[..2]).join(&ID[2..]), content).unwrap();
        Loose::list(dir.path()).unwrap().read(ObjectId::from_hex(ID.as_bytes()).unwrap())
    }

    #[test]
    fn an_object_is_what_its_header_says() {
        let whole = deflate(b"blob 6\0hello\n", 6);
        assert_eq!(read(&whole).unwrap(), Some((Kind::Blob, b"hello\n".to_vec())));
        for cut in 0..whole.len() {
            assert!(read(&whole[..cut]).is_err(), "cut to {cut}");
        }
        for lie in ["blob 5\0hello\n", "blob 7\0hello\n", "blob +6\0hello\n", "blub 6\0hello\n", "blob 6", ""]
        {
            assert!(read(&deflate(lie.as_bytes(), 6)).is_err(), "{lie}");
        }
        assert!(read(&[0xaa; 40]).is_err());
    }

    #[test]
    fn alternates_are_followed_in_a_circle_too() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        for (from, to) in [(&one, &two), (&two, &one)] {
            std::fs::create_dir_all(from.join("info")).unwrap();
            let to = to.file_name().unwrap().to_str().unwrap();
            std::fs::write(from.join("info/alternates"), format!("# about\n\n../{to}\n")).unwrap();
        }
        std::fs::create_dir_all(two.join(&ID[..2])).unwrap();
        std::fs::write(two.join(&ID[..2]).join(&ID[2..]), deflate(b"tree 0\0", 6)).unwrap();
        let found = Loose::list(&one).unwrap().read(ObjectId::from_hex(ID.as_bytes()).unwrap());
        assert_eq!(found.unwrap(), Some((Kind::Tree, Vec::new())));
    }
}
