//! The normal form of e-mail addresses.

use crate::policy::List;

/// Which domains' addresses compare without plus part or dots.
#[derive(Debug, Clone, Default)]
pub struct EmailRules {
    plus: Vec<String>,
    dots: Vec<String>,
}

impl EmailRules {
    /// The rules of a list.
    #[must_use]
    pub fn of(list: &List) -> Self {
        Self { plus: list.plus_addresses.clone(), dots: list.ignore_dots.clone() }
    }
}

/// The normal form of an address: two addresses are the same if their normal forms are.
#[must_use]
pub fn normalise(email: &[u8], rules: &EmailRules) -> String {
    let _ = (email, &rules.plus, &rules.dots);
    todo!()
}
