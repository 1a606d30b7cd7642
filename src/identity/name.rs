//! The normal form of names.

/// Two names are the same if their normal forms are.
#[must_use]
pub fn normalise(name: &[u8]) -> String {
    let _ = name;
    todo!()
}
