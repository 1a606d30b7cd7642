//! Who is meant: names and addresses from commits, matched against a list.
//!
//! Decides whether an identity in a commit is one in the list. Must not decide what follows from it.

pub mod email;
pub mod forge;
pub mod keyed;
pub mod mailmap;
pub mod matcher;
pub mod message;
pub mod name;
mod person;
mod text;

pub use email::EmailRules;
pub use keyed::{Key, KeyCheck, KeyError};
pub use mailmap::Mailmap;
pub use matcher::{Found, Matcher, MatcherError};
pub use person::Person;
