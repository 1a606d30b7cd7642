//! What a repository's objects lie in, to tell whether any may have gone.
//!
//! Decides by names and sizes: packs never change, and new ones take nothing away.

use bitcode::{Decode, Encode};

use super::{ObjectId, Repository};

/// The packs and loose objects of a repository at one time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Store {
    /// The packs, by name and size.
    packs: Vec<(String, u64)>,
    /// The loose objects.
    loose: Vec<[u8; 20]>,
}

impl Repository {
    /// What its objects lie in.
    #[must_use]
    pub fn store(&self) -> Store {
        Store { packs: self.packs().names(), loose: self.loose().ids().map(|id| *id.as_bytes()).collect() }
    }

    /// Whether all is still there that a store held: its packs, and its loose objects, loose or packed.
    #[must_use]
    pub fn still_has(&self, store: &Store) -> bool {
        let packs = self.packs();
        let names = packs.names();
        let has = |id: &[u8; 20]| {
            let id = ObjectId::from_bytes(*id);
            self.loose().has(id) || packs.has(id)
        };
        store.packs.iter().all(|pack| names.contains(pack)) && store.loose.iter().all(has)
    }
}
