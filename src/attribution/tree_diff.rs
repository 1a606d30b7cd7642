//! Compares two trees on their raw bytes.
//!
//! Decides which files differ between two versions of a folder. A change of mode alone (the executable
//! bit) is no change. Must not look into files.
//! Cost: the bytes of the trees that differ; equal subtrees are not read.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

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

/// Reads trees, and keeps those that were read last.
pub struct Trees<'r> {
    objects: &'r Objects,
    young: HashMap<ObjectId, Arc<[u8]>>,
    old: HashMap<ObjectId, Arc<[u8]>>,
    young_bytes: usize,
}

/// How many bytes of trees a generation of the cache holds; there are two.
const GENERATION: usize = 16 << 20;

impl<'r> Trees<'r> {
    /// An empty cache over `objects`.
    #[must_use]
    pub fn new(objects: &'r Objects) -> Self {
        Self { objects, young: HashMap::new(), old: HashMap::new(), young_bytes: 0 }
    }

    /// The bytes of a tree.
    ///
    /// # Errors
    /// It is missing or damaged.
    pub fn read(&mut self, id: ObjectId) -> Result<Arc<[u8]>, RepoError> {
        if let Some(bytes) = self.young.get(&id) {
            return Ok(bytes.clone());
        }
        let bytes = match self.old.remove(&id) {
            Some(bytes) => bytes,
            None => self.objects.with(id, Kind::Tree, |bytes| Arc::<[u8]>::from(bytes))?,
        };
        if self.young_bytes + bytes.len() > GENERATION {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes.len();
        self.young.insert(id, bytes.clone());
        Ok(bytes)
    }

    /// Calls `see` for every path that differs between two trees, in the order of git's trees.
    ///
    /// # Errors
    /// A tree is missing or damaged, or `see` fails.
    pub fn diff(
        &mut self,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        see: &mut dyn FnMut(Difference<'_>) -> Result<(), RepoError>,
    ) -> Result<(), RepoError> {
        if old == new {
            return Ok(());
        }
        self.descend(old, new, &mut Vec::new(), 0, see)
    }

    fn descend(
        &mut self,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        path: &mut Vec<u8>,
        depth: usize,
        see: &mut dyn FnMut(Difference<'_>) -> Result<(), RepoError>,
    ) -> Result<(), RepoError> {
        if depth > MAX_DEPTH {
            return Err(RepoError::Limit {
                what: "a tree".into(),
                limit: format!("{MAX_DEPTH} folders in depth"),
            });
        }
        let empty: Arc<[u8]> = Arc::new([]);
        let old_bytes = old.map_or(Ok(empty.clone()), |id| self.read(id))?;
        let new_bytes = new.map_or(Ok(empty), |id| self.read(id))?;
        let (mut old_rest, mut new_rest) = (&*old_bytes, &*new_bytes);
        let (mut left, mut right) = (Entry::take(&mut old_rest)?, Entry::take(&mut new_rest)?);
        loop {
            let order = match (&left, &right) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(left), Some(right)) => left.order(right),
            };
            let (gone, come) = match order {
                Ordering::Less => (left.take(), None),
                Ordering::Greater => (None, right.take()),
                Ordering::Equal => (left.take(), right.take()),
            };
            if gone.is_some() {
                left = Entry::take(&mut old_rest)?;
            }
            if come.is_some() {
                right = Entry::take(&mut new_rest)?;
            }
            if let (Some(gone), Some(come)) = (&gone, &come)
                && (gone.raw == come.raw || (gone.id == come.id && gone.kind == come.kind))
            {
                continue;
            }
            let Some(name) = gone.as_ref().or(come.as_ref()).map(|entry| entry.name) else { continue };
            let length = path.len();
            if depth > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(name);
            let folder = |entry: &Option<Entry<'_>>| {
                entry.filter(|entry| entry.kind == EntryKind::Tree).map(|entry| entry.id)
            };
            let leaf = |entry: &Option<Entry<'_>>| {
                entry
                    .filter(|entry| entry.kind != EntryKind::Tree)
                    .map(|entry| Leaf { kind: entry.kind, id: entry.id })
            };
            // Entries with the same place in the order are both folders, or both not.
            let (old_folder, new_folder) = (folder(&gone), folder(&come));
            if old_folder.is_some() || new_folder.is_some() {
                self.descend(old_folder, new_folder, path, depth + 1, see)?;
            } else {
                see(Difference { path, old: leaf(&gone), new: leaf(&come) })?;
            }
            path.truncate(length);
        }
    }

    /// What stands at `path` below the tree `root`.
    ///
    /// # Errors
    /// A tree is missing or damaged.
    pub fn look_up(&mut self, root: ObjectId, path: &[u8]) -> Result<Option<Leaf>, RepoError> {
        let mut tree = root;
        let mut components = path.split(|byte| *byte == b'/').peekable();
        while let Some(name) = components.next() {
            let bytes = self.read(tree)?;
            let mut rest = &*bytes;
            let is_last = components.peek().is_none();
            let mut found = None;
            while let Some(entry) = Entry::take(&mut rest)? {
                if entry.name == name && is_last == (entry.kind != EntryKind::Tree) {
                    found = Some((entry.kind, entry.id));
                    break;
                }
            }
            match found {
                Some((kind, id)) if is_last => return Ok(Some(Leaf { kind, id })),
                Some((_, id)) => tree = id,
                None => return Ok(None),
            }
        }
        Ok(None)
    }
}
