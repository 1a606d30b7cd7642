//! Loose objects: those that lie in files of their own.
//!
//! Decides that what is read is whole, and is what its id says. libgit2 is not asked for them: it never
//! comes back from a file that is cut off, and fills one that is too short with zeros. There are few of
//! them, so they can be hashed, too.
//! Cost: one listing of at most 256 folders for each repository; one hash for each loose object read.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;
use sha1::{Digest, Sha1};

use super::objects::{Kind, MAX_OBJECT};
use super::{ObjectId, RepoError};

/// So long can the first line of an object be: its kind and its size.
const LONGEST_HEADER: usize = 64;
/// So many object stores can borrow from one another in a row; git itself stops at five.
const MOST_ALTERNATES: usize = 5;

/// The loose objects of a repository, as they were when it was opened.
#[derive(Debug, Default)]
pub(super) struct Loose {
    stores: Vec<PathBuf>,
    objects: HashMap<ObjectId, usize, foldhash::fast::RandomState>,
}

impl Loose {
    /// Lists the loose objects below `stores` (folders `objects`) and those they borrow.
    pub(super) fn list(stores: &[PathBuf]) -> Result<Self, RepoError> {
        let mut loose = Self::default();
        let mut seen = HashSet::new();
        let mut pending: Vec<_> = stores.iter().map(|store| (store.clone(), 0)).collect();
        while let Some((store, depth)) = pending.pop() {
            let store = store.canonicalize().unwrap_or(store);
            if depth > MOST_ALTERNATES || !seen.insert(store.clone()) {
                continue;
            }
            loose.add(&store).map_err(|error| unreadable(&store, &error))?;
            pending.extend(alternates(&store)?.into_iter().map(|other| (other, depth + 1)));
        }
        Ok(loose)
    }

    fn add(&mut self, store: &Path) -> io::Result<()> {
        let number = self.stores.len();
        self.stores.push(store.to_path_buf());
        let folders = match std::fs::read_dir(store) {
            Ok(folders) => folders,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for folder in folders {
            let folder = folder?.file_name();
            let first = folder.as_encoded_bytes();
            // The two digits that all ids in it begin with; packs and such lie elsewhere.
            if first.len() != 2 || !first.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
                continue;
            }
            let files = match std::fs::read_dir(store.join(&folder)) {
                Ok(files) => files,
                // `git gc` has emptied it in the meantime.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            for file in files {
                let name = file?.file_name();
                let hex = [first, name.as_encoded_bytes()].concat();
                if let Some(id) = ObjectId::from_hex(&hex) {
                    self.objects.entry(id).or_insert(number);
                }
            }
        }
        Ok(())
    }

    /// The ids of the loose objects, in no order.
    pub(super) fn ids(&self) -> impl Iterator<Item = ObjectId> {
        self.objects.keys().copied()
    }

    /// Whether an object is a loose one.
    pub(super) fn has(&self, id: ObjectId) -> bool {
        self.objects.contains_key(&id)
    }

    /// The kind and the bytes of an object, if it is a loose one.
    pub(super) fn read(&self, id: ObjectId) -> Result<Option<(Kind, Vec<u8>)>, RepoError> {
        let Some(store) = self.objects.get(&id).and_then(|number| self.stores.get(*number)) else {
            return Ok(None);
        };
        let hex = id.to_string();
        let (folder, name) = hex.split_at(2);
        let file = match File::open(store.join(folder).join(name)) {
            Ok(file) => file,
            // `git gc` has packed it in the meantime.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(&store.join(folder).join(name), &error)),
        };
        let corrupt = |why: &str| RepoError::Corrupt { what: format!("object {id}"), why: why.to_owned() };
        let mut bytes = Vec::new();
        let most = (MAX_OBJECT + LONGEST_HEADER) as u64;
        let inflated = ZlibDecoder::new(file).take(most + 1).read_to_end(&mut bytes);
        inflated.map_err(|error| corrupt(&format!("it is damaged or cut off ({error})")))?;
        if bytes.len() as u64 > most {
            let limit = format!("{MAX_OBJECT} bytes");
            return Err(RepoError::Limit { what: format!("object {id}"), limit });
        }
        if Sha1::digest(&bytes)[..] != id.as_bytes()[..] {
            return Err(corrupt("its bytes are those of another object"));
        }
        let end = bytes.iter().take(LONGEST_HEADER).position(|byte| *byte == 0);
        let end = end.ok_or_else(|| corrupt("it does not say what it is"))?;
        let header = std::str::from_utf8(&bytes[..end]).ok().and_then(|header| header.split_once(' '));
        let (kind, size) = header.ok_or_else(|| corrupt("it does not say what it is"))?;
        let kind = Kind::parse(kind).ok_or_else(|| corrupt("it is of no known kind"))?;
        if size.parse() != Ok(bytes.len() - end - 1) {
            return Err(corrupt("it is not as long as it says"));
        }
        bytes.drain(..=end);
        Ok(Some((kind, bytes)))
    }

    /// The stores of objects: the repository's own, then those it borrows.
    pub(super) fn stores(&self) -> &[PathBuf] {
        &self.stores
    }

    /// Reads every loose object once, for those who will not be as careful.
    pub(super) fn check_all(&self) -> Result<(), RepoError> {
        self.objects.keys().try_for_each(|id| self.read(*id).map(drop))
    }
}

/// The stores that `store` borrows objects from.
fn alternates(store: &Path) -> Result<Vec<PathBuf>, RepoError> {
    let file = store.join("info/alternates");
    let text = match std::fs::read(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(&file, &error)),
    };
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && line[0] != b'#');
    Ok(lines.map(|line| store.join(path(line))).collect())
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

fn unreadable(path: &Path, error: &io::Error) -> RepoError {
    RepoError::Corrupt { what: path.display().to_string(), why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use std::io::Write;

    fn list(store: &Path) -> Result<Loose, RepoError> {
        Loose::list(&[store.to_path_buf()])
    }

    fn store(content: &[u8]) -> (tempfile::TempDir, ObjectId, PathBuf) {
        let store = tempfile::tempdir().unwrap();
        let whole = [format!("blob {}\0", content.len()).as_bytes(), content].concat();
        let id = ObjectId::from_bytes(Sha1::digest(&whole).into());
        let file = write(store.path(), id, &whole);
        (store, id, file)
    }

    fn write(store: &Path, id: ObjectId, whole: &[u8]) -> PathBuf {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(whole).unwrap();
        let hex = id.to_string();
        let file = store.join(&hex[..2]).join(&hex[2..]);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, encoder.finish().unwrap()).unwrap();
        file
    }

    #[test]
    fn an_object_that_is_cut_off_anywhere_is_an_error_and_no_endless_wait() {
        let (store, id, file) = store(&b"some content, long enough to be cut\n".repeat(50));
        let whole = std::fs::read(&file).unwrap();
        let loose = list(store.path()).unwrap();
        assert_eq!(loose.read(id).unwrap().unwrap().0, Kind::Blob);
        for end in 0..whole.len() {
            std::fs::write(&file, &whole[..end]).unwrap();
            assert!(loose.read(id).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn an_object_that_is_another_or_says_a_wrong_size_is_an_error() {
        let (store, id, _) = store(b"one\n");
        write(store.path(), id, b"blob 4\0two\n");
        assert!(list(store.path()).unwrap().read(id).is_err());
        let lie = b"blob 999\0short\n";
        let id = ObjectId::from_bytes(Sha1::digest(lie).into());
        write(store.path(), id, lie);
        assert!(list(store.path()).unwrap().read(id).is_err());
    }

    #[test]
    fn borrowed_objects_are_found_and_circles_end() {
        let (lender, id, _) = store(b"lent\n");
        let borrower = tempfile::tempdir().unwrap();
        for (one, other) in [(&borrower, &lender), (&lender, &borrower)] {
            std::fs::create_dir_all(one.path().join("info")).unwrap();
            std::fs::write(one.path().join("info/alternates"), format!("{}\n", other.path().display()))
                .unwrap();
        }
        let loose = list(borrower.path()).unwrap();
        assert_eq!(loose.read(id).unwrap().unwrap().1, b"lent\n");
    }
}
