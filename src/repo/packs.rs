//! Packed objects.
//!
//! Decides how a chain of deltas is followed, and what of it is kept: a file's versions are mostly deltas on
//! one another, so whoever reads one soon wants its base. Objects are not hashed again, as in git.
//! Cost of an object: the bytes of its delta and of itself where its base is kept, else of the whole chain.

use std::path::PathBuf;
use std::sync::Arc;

use foldhash::fast::RandomState;
use gix_pack::data::entry::Header;
use gix_pack::{data, index};
use libdeflater::Decompressor;

use super::cache::Cache;
use super::objects::{Kind, MAX_OBJECT};
use super::{ObjectId, RepoError, delta};

/// A chain of deltas that is longer than this is refused; git itself makes none longer than 4,095.
const LONGEST_CHAIN: usize = 1 << 16;
/// Bytes in a generation of the objects kept; there are two. Small enough to stay in the processor's own caches, and
/// large enough for the bases of what is read next.
const BUDGET: usize = 4 << 20;

/// The packs of a repository, as they were when it was opened.
#[derive(Default)]
pub(super) struct Packs {
    packs: Vec<Pack>,
}

struct Pack {
    index: index::File,
    data: data::File,
}

/// Where an object is: the pack, and the offset in it.
type Place = (usize, u64);
/// An object, shared with whoever reads it.
pub(super) type Object = (Kind, Arc<Vec<u8>>);

impl Packs {
    /// Maps the packs below the folders `objects` given.
    ///
    /// A pack that cannot be opened is passed over: what is only in there will be missed when it is asked for.
    pub(super) fn open(stores: &[PathBuf]) -> Self {
        let mut packs = Self::default();
        for store in stores {
            let Ok(files) = std::fs::read_dir(store.join("pack")) else { continue };
            let mut names: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
            names.retain(|path| path.extension().is_some_and(|extension| extension == "idx"));
            names.sort();
            for name in names {
                let index = index::File::at(&name, gix_hash::Kind::Sha1);
                let data = data::File::at(name.with_extension("pack"), gix_hash::Kind::Sha1);
                if let (Ok(index), Ok(data)) = (index, data) {
                    packs.packs.push(Pack { index, data });
                }
            }
        }
        packs
    }

    /// The names and sizes of the packs.
    pub(super) fn names(&self) -> Vec<(String, u64)> {
        let name =
            |pack: &Pack| pack.data.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.packs.iter().map(|pack| (name(pack), pack.data.data_len() as u64)).collect()
    }

    /// Whether an object is in a pack.
    pub(super) fn has(&self, id: ObjectId) -> bool {
        self.find(id, 0).is_some()
    }

    fn find(&self, id: ObjectId, first: usize) -> Option<Place> {
        let id = gix_hash::oid::try_from_bytes(id.as_bytes()).ok()?;
        let look = |number: usize| {
            let pack = self.packs.get(number)?;
            pack.index.lookup(id).map(|at| (number, pack.index.pack_offset_at_index(at)))
        };
        // Objects that are asked for one after the other mostly lie in one pack.
        look(first).or_else(|| (0..self.packs.len()).filter(|number| *number != first).find_map(look))
    }

    fn entry(&self, (pack, offset): Place) -> Option<(data::Entry, &[u8])> {
        let data = &self.packs.get(pack)?.data;
        let bytes = data.entry_slice(offset..data.pack_end() as u64)?;
        let entry = data::Entry::from_bytes(bytes, offset, gix_hash::Kind::Sha1).ok()?;
        let deflated = bytes.get(entry.header_size()..)?;
        Some((entry, deflated))
    }
}

/// One thread's way to the packed objects.
pub(super) struct PackReader {
    packs: Arc<Packs>,
    inflater: Decompressor,
    kept: Cache<Place, Object, RandomState>,
    delta: Vec<u8>,
    last: usize,
}

/// What an entry of a pack is made from.
enum Made {
    Whole(Kind),
    On(Place),
}

impl PackReader {
    pub(super) fn new(packs: Arc<Packs>) -> Self {
        Self { packs, inflater: Decompressor::new(), kept: Cache::new(BUDGET), delta: Vec::new(), last: 0 }
    }

    /// Keeps two generations of `budget` bytes from now on, if that is more than before.
    pub(super) fn keep_more(&mut self, budget: usize) {
        self.kept.widen(budget);
    }

    /// An object, if it is in a pack.
    pub(super) fn read(&mut self, id: ObjectId) -> Result<Option<Object>, RepoError> {
        let Some(place) = self.find(id) else { return Ok(None) };
        let mut chain = Vec::new();
        let mut at = place;
        let (kind, mut bytes) = loop {
            if let Some(object) = self.kept.get(&at) {
                break object.clone();
            }
            match self.made(id, at)? {
                Made::Whole(kind) => {
                    let object = (kind, Arc::new(self.inflate(id, at)?));
                    // Commits are hardly ever the base of anything, nor asked for again.
                    if kind != Kind::Commit || !chain.is_empty() {
                        self.keep(at, &object);
                    }
                    break object;
                }
                Made::On(base) => {
                    if chain.len() == LONGEST_CHAIN {
                        return Err(corrupt(id, "its deltas have no end"));
                    }
                    chain.push(at);
                    at = base;
                }
            }
        };
        while let Some(at) = chain.pop() {
            let mut delta = std::mem::take(&mut self.delta);
            self.inflate_into(id, at, &mut delta)?;
            let object = delta::apply(&bytes, &delta, MAX_OBJECT);
            self.delta = delta;
            bytes = Arc::new(object.ok_or_else(|| corrupt(id, "its delta does not fit its base"))?);
            self.keep(at, &(kind, bytes.clone()));
        }
        Ok(Some((kind, bytes)))
    }

    /// The kind and the size of an object, if it is in a pack. It is not put together.
    pub(super) fn header(&mut self, id: ObjectId) -> Result<Option<(Kind, u64)>, RepoError> {
        let Some(place) = self.find(id) else { return Ok(None) };
        if let Some((kind, bytes)) = self.kept.get(&place) {
            return Ok(Some((*kind, bytes.len() as u64)));
        }
        let size = match self.made(id, place)? {
            Made::Whole(_) => self.entry(id, place)?.0.decompressed_size,
            Made::On(_) => {
                let mut delta = std::mem::take(&mut self.delta);
                self.inflate_into(id, place, &mut delta)?;
                let size = delta::result_size(&delta);
                self.delta = delta;
                size.ok_or_else(|| corrupt(id, "its delta is cut off"))?
            }
        };
        let mut at = place;
        for _ in 0..LONGEST_CHAIN {
            match self.made(id, at)? {
                Made::Whole(kind) => return Ok(Some((kind, size))),
                Made::On(base) => at = base,
            }
        }
        Err(corrupt(id, "its deltas have no end"))
    }

    fn find(&mut self, id: ObjectId) -> Option<Place> {
        let place = self.packs.find(id, self.last);
        if let Some((pack, _)) = place {
            self.last = pack;
        }
        place
    }

    fn keep(&mut self, at: Place, object: &Object) {
        self.kept.insert(at, object.clone(), object.1.len());
    }

    fn entry(&self, id: ObjectId, at: Place) -> Result<(data::Entry, &[u8]), RepoError> {
        self.packs.entry(at).ok_or_else(|| corrupt(id, "its pack is cut off or damaged"))
    }

    fn made(&self, id: ObjectId, at: Place) -> Result<Made, RepoError> {
        let (entry, _) = self.entry(id, at)?;
        Ok(match entry.header {
            Header::Commit => Made::Whole(Kind::Commit),
            Header::Tree => Made::Whole(Kind::Tree),
            Header::Blob => Made::Whole(Kind::Blob),
            Header::Tag => Made::Whole(Kind::Tag),
            Header::OfsDelta { base_distance } => {
                let base = entry.checked_base_pack_offset(base_distance);
                let base = base.filter(|base| *base < at.1);
                Made::On((at.0, base.ok_or_else(|| corrupt(id, "its delta's base is outside of its pack"))?))
            }
            Header::RefDelta { base_id } => {
                let base = <[u8; 20]>::try_from(base_id.as_slice()).ok().map(ObjectId::from_bytes);
                let base = base.and_then(|base| self.packs.find(base, at.0));
                Made::On(base.ok_or_else(|| corrupt(id, "its delta's base is missing"))?)
            }
        })
    }

    fn inflate(&mut self, id: ObjectId, at: Place) -> Result<Vec<u8>, RepoError> {
        let mut bytes = Vec::new();
        self.inflate_into(id, at, &mut bytes)?;
        Ok(bytes)
    }

    fn inflate_into(&mut self, id: ObjectId, at: Place, out: &mut Vec<u8>) -> Result<(), RepoError> {
        let packs = self.packs.clone();
        let (entry, deflated) =
            packs.entry(at).ok_or_else(|| corrupt(id, "its pack is cut off or damaged"))?;
        let size = usize::try_from(entry.decompressed_size).unwrap_or(usize::MAX);
        if size > MAX_OBJECT {
            let limit = format!("{MAX_OBJECT} bytes");
            return Err(RepoError::Limit { what: format!("object {id}"), limit });
        }
        // A deflated byte makes at most 1,032: nothing is set aside for a size that cannot be true.
        if size / 1032 > deflated.len() {
            return Err(corrupt(id, "it says a size that it cannot have"));
        }
        out.resize(size, 0);
        match self.inflater.zlib_decompress(deflated, out) {
            Ok(written) if written == size => Ok(()),
            _ => Err(corrupt(id, "its pack is cut off or damaged")),
        }
    }
}

fn corrupt(id: ObjectId, why: &str) -> RepoError {
    RepoError::Corrupt { what: format!("object {id}"), why: why.to_owned() }
}
