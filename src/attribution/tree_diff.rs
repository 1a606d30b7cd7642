//! Compares two trees on their raw bytes.
//!
//! Decides which files differ between two versions of a folder. A change of mode alone (the executable
//! bit) is no change. Must not look into files.
//! Cost: the bytes of the trees that differ; equal subtrees are not read.

use std::cmp::Ordering;
use std::sync::Arc;

use super::common::equal_head;
use crate::repo::{Entry, EntryKind, Kind, ObjectId, Objects, RepoError};

/// What stands at a path that is no folder: a file, a symbolic link or a submodule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Leaf {
    /// Which of the three.
    pub kind: EntryKind,
    /// The blob, or the submodule's commit.
    pub id: ObjectId,
}

/// One path that differs. A folder counts as nothing at its own path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference<'a> {
    /// The whole path.
    pub path: &'a [u8],
    /// What stood there.
    pub old: Option<Leaf>,
    /// What stands there now.
    pub new: Option<Leaf>,
}

/// Folders are nested no deeper than git itself allows.
const MAX_DEPTH: usize = 2048;

/// A path longer than this, in bytes, is refused.
const MAX_PATH: usize = 1 << 16;

/// What follows an entry's name: a NUL, and the id.
const ID_AND_NUL: usize = 21;

/// Two versions of a folder, and how far they have been compared.
struct Folder {
    old: Side,
    new: Side,
    /// How long the folder's own path is.
    path: usize,
}

/// One version of a folder.
struct Side {
    bytes: Arc<Vec<u8>>,
    at: usize,
}

impl Side {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The entry between `start` and where the side stands now, if there is one.
    fn since(&self, start: usize) -> Result<Option<Entry<'_>>, RepoError> {
        Entry::take(&mut self.bytes.get(start..self.at).unwrap_or_default())
    }
}

/// What left a folder and what came to it, at one place of its order.
type Step<'a> = (Option<Entry<'a>>, Option<Entry<'a>>);

impl Folder {
    /// Passes over the entries that are the same in both versions, byte by byte. They are not parsed: they
    /// were when they were new.
    fn skip_equal(&mut self) {
        let old = self.old.rest();
        let equal = equal_head(old, self.new.rest());
        let mut skip = 0;
        while let Some(name_end) = memchr::memchr(0, &old[skip..equal])
            && skip + name_end + ID_AND_NUL <= equal
        {
            skip += name_end + ID_AND_NUL;
        }
        self.old.at += skip;
        self.new.at += skip;
    }

    /// The next place at which the versions differ.
    fn next(&mut self) -> Result<Option<Step<'_>>, RepoError> {
        let (old_start, new_start) = loop {
            self.skip_equal();
            let (mut old_rest, mut new_rest) = (self.old.rest(), self.new.rest());
            let (old, new) = (Entry::take(&mut old_rest)?, Entry::take(&mut new_rest)?);
            let order = match (&old, &new) {
                (None, None) => return Ok(None),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.order(new),
            };
            let same = |(old, new): (&Entry<'_>, &Entry<'_>)| old.id == new.id && old.kind == new.kind;
            let equal = order.is_eq() && old.as_ref().zip(new.as_ref()).is_some_and(same);
            let (old_len, new_len) =
                (old.map_or(0, |entry| entry.raw.len()), new.map_or(0, |entry| entry.raw.len()));
            let start = (self.old.at, self.new.at);
            self.old.at += if order.is_le() { old_len } else { 0 };
            self.new.at += if order.is_ge() { new_len } else { 0 };
            if !equal {
                break start;
            }
        };
        // Taken again, now that nothing is moved any more.
        Ok(Some((self.old.since(old_start)?, self.new.since(new_start)?)))
    }
}

/// Reads trees.
pub struct Trees<'r> {
    objects: &'r Objects,
}

impl<'r> Trees<'r> {
    /// Trees of `objects`.
    #[must_use]
    pub fn new(objects: &'r Objects) -> Self {
        Self { objects }
    }

    /// The bytes of a tree.
    ///
    /// # Errors
    /// It is missing or damaged.
    pub fn read(&mut self, id: ObjectId) -> Result<Arc<Vec<u8>>, RepoError> {
        self.objects.read(id, Kind::Tree)
    }

    /// Calls `see` for every path that differs between two trees, in the order of git's trees.
    ///
    /// # Errors
    /// A tree is missing or damaged, folders are nested too deep, or `see` fails.
    pub fn diff(
        &mut self,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        see: &mut dyn FnMut(Difference<'_>) -> Result<(), RepoError>,
    ) -> Result<(), RepoError> {
        if old == new {
            return Ok(());
        }
        let mut path = Vec::new();
        // A stack of our own: how deep the folders go is for the repository to say.
        let mut open = vec![self.enter(old, new, 0)?];
        loop {
            let depth = open.len();
            let Some(folder) = open.last_mut() else { return Ok(()) };
            path.truncate(folder.path);
            let Some((gone, come)) = folder.next()? else {
                open.pop();
                continue;
            };
            let Some(name) = gone.as_ref().or(come.as_ref()).map(|entry| entry.name) else { continue };
            if depth > 1 {
                path.push(b'/');
            }
            path.extend_from_slice(name);
            if path.len() > MAX_PATH {
                return Err(RepoError::Limit { what: "a path".into(), limit: format!("{MAX_PATH} bytes") });
            }
            let tree = |entry: &Option<Entry<'_>>| {
                entry.filter(|entry| entry.kind == EntryKind::Tree).map(|entry| entry.id)
            };
            let leaf = |entry: &Option<Entry<'_>>| {
                let leaf = entry.filter(|entry| entry.kind != EntryKind::Tree);
                leaf.map(|entry| Leaf { kind: entry.kind, id: entry.id })
            };
            // Entries with the same place in the order are both folders, or both not.
            let (old, new) = (tree(&gone), tree(&come));
            if old.is_none() && new.is_none() {
                see(Difference { path: &path, old: leaf(&gone), new: leaf(&come) })?;
            } else if depth > MAX_DEPTH {
                let limit = format!("{MAX_DEPTH} folders in depth");
                return Err(RepoError::Limit { what: "a tree".into(), limit });
            } else {
                let inner = self.enter(old, new, path.len())?;
                open.push(inner);
            }
        }
    }

    fn enter(
        &mut self,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        path: usize,
    ) -> Result<Folder, RepoError> {
        let mut bytes = |id: Option<ObjectId>| id.map_or_else(|| Ok(Arc::default()), |id| self.read(id));
        Ok(Folder { old: Side { bytes: bytes(old)?, at: 0 }, new: Side { bytes: bytes(new)?, at: 0 }, path })
    }

    /// What stands at `path` below the tree `root`; it may be a folder.
    ///
    /// # Errors
    /// A tree is missing or damaged.
    pub fn look_up(&mut self, root: ObjectId, path: &[u8]) -> Result<Option<Leaf>, RepoError> {
        let mut found = Leaf { kind: EntryKind::Tree, id: root };
        for name in path.split(|byte| *byte == b'/') {
            if found.kind != EntryKind::Tree {
                return Ok(None);
            }
            let bytes = self.read(found.id)?;
            match entry_named(&bytes, name)? {
                Some(leaf) => found = leaf,
                None => return Ok(None),
            }
        }
        Ok(Some(found))
    }
}

/// The entry of a tree with this name. Only names are looked at on the way to it.
fn entry_named(tree: &[u8], name: &[u8]) -> Result<Option<Leaf>, RepoError> {
    let mut rest = tree;
    while let Some(end) = memchr::memchr(0, rest) {
        let before = rest[..end].strip_suffix(name);
        if before.is_some_and(|mode| mode.ends_with(b" "))
            && let Some(entry) = Entry::take(&mut &*rest)?
        {
            // A name may itself end in a space and this name.
            if entry.name == name {
                return Ok(Some(Leaf { kind: entry.kind, id: entry.id }));
            }
        }
        rest = rest.get(end + ID_AND_NUL..).unwrap_or_default();
    }
    Ok(None)
}
