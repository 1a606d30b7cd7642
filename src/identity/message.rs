//! People named in a commit's message.

use super::Person;
use crate::policy::Role;

/// Everyone that a message names as co-author or as having signed off, in the order of the text.
#[must_use]
pub fn people(message: &[u8]) -> Vec<(Role, Person)> {
    let _ = message;
    todo!()
}
