//! A name and an address, as they stand in a commit.

/// Raw bytes: Git does not promise any encoding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Person {
    /// The name; may be empty.
    pub name: Vec<u8>,
    /// The address, without `<` and `>`; may be empty.
    pub email: Vec<u8>,
}

impl Person {
    /// A person of that name and address.
    #[must_use]
    pub fn new(name: impl Into<Vec<u8>>, email: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), email: email.into() }
    }
}
