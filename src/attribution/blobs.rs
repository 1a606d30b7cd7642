//! File contents that one worker has at hand.
//!
//! Decides what is kept in memory: the contents read last, within a budget.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::similarity::SpanCounts;
use crate::repo::{Kind, ObjectId, Objects, RepoError};

/// A cache of two generations: what was not asked for while the young one filled up is dropped.
struct Cache<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    young_cost: usize,
    budget: usize,
}

impl<K: Eq + Hash + Copy, V: Clone> Cache<K, V> {
    fn new(budget: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), young_cost: 0, budget }
    }

    fn get(
        &mut self,
        key: K,
        cost: impl FnOnce(&V) -> usize,
        make: impl FnOnce() -> Result<V, RepoError>,
    ) -> Result<V, RepoError> {
        if let Some(value) = self.young.get(&key) {
            return Ok(value.clone());
        }
        let value = match self.old.remove(&key) {
            Some(value) => value,
            None => make()?,
        };
        let cost = cost(&value);
        if self.young_cost + cost > self.budget {
            self.old = std::mem::take(&mut self.young);
            self.young_cost = 0;
        }
        self.young_cost += cost;
        self.young.insert(key, value.clone());
        Ok(value)
    }
}

/// Bytes of contents in a generation; two are kept, and what is in use besides.
const CONTENT_BUDGET: usize = 16 << 20;
const SPAN_BUDGET: usize = 16 << 20;

/// One worker's contents.
pub(super) struct Blobs<'r> {
    objects: &'r Objects,
    contents: Cache<ObjectId, Arc<[u8]>>,
    spans: Cache<ObjectId, Arc<SpanCounts>>,
    sizes: HashMap<ObjectId, u64>,
}

impl<'r> Blobs<'r> {
    pub(super) fn new(objects: &'r Objects) -> Self {
        Self {
            objects,
            contents: Cache::new(CONTENT_BUDGET),
            spans: Cache::new(SPAN_BUDGET),
            sizes: HashMap::new(),
        }
    }

    /// The content of a blob.
    pub(super) fn content(&mut self, id: ObjectId) -> Result<Arc<[u8]>, RepoError> {
        let objects = self.objects;
        self.contents.get(id, |bytes| bytes.len(), || objects.with(id, Kind::Blob, |bytes| Arc::from(bytes)))
    }

    /// The size of a blob, without reading it where that is possible.
    pub(super) fn size(&mut self, id: ObjectId) -> Result<u64, RepoError> {
        if let Some(size) = self.sizes.get(&id) {
            return Ok(*size);
        }
        let (_, size) = self.objects.header(id)?;
        self.sizes.insert(id, size);
        Ok(size)
    }

    /// The spans of a blob, for judging renames.
    pub(super) fn spans(&mut self, id: ObjectId) -> Result<Arc<SpanCounts>, RepoError> {
        let objects = self.objects;
        self.spans.get(
            id,
            |spans| spans.memory(),
            || objects.with(id, Kind::Blob, |bytes| Arc::new(SpanCounts::of(bytes))),
        )
    }
}
