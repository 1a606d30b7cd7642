//! The memory in which keys lie.
//!
//! Decides that it is taken from the system as a whole, and that there being none is an error and no abort. Must not know
//! what lies in it.

use std::io;

use memmap2::{MmapMut, MmapOptions};

/// So many bytes, all 0 at first.
#[derive(Debug, Default)]
pub(super) struct Memory(Option<MmapMut>);

impl Memory {
    /// Takes so many bytes.
    pub(super) fn of(length: usize) -> io::Result<Self> {
        // The system gives nothing that has no length.
        if length == 0 {
            return Ok(Self::default());
        }
        let map = MmapOptions::new().len(length).map_anon()?;
        // Keys are looked for all over it, and finding a small page takes as long as reading from it. A wish: the system may
        // have no large ones.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        Ok(Self(Some(map)))
    }

    /// Its bytes, so many at a time; there are no others.
    pub(super) fn pieces<const W: usize>(&self) -> &[[u8; W]] {
        self.0.as_deref().unwrap_or_default().as_chunks().0
    }

    /// As [`Self::pieces`], to be written to.
    pub(super) fn pieces_mut<const W: usize>(&mut self) -> &mut [[u8; W]] {
        self.0.as_deref_mut().unwrap_or_default().as_chunks_mut().0
    }
}
