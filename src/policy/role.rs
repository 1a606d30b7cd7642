//! In which part someone appears in a commit or a tag.

use std::fmt;

/// The part that an identity plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Role {
    /// The commit's author.
    Author = 0,
    /// Named by `Co-authored-by` or `Co-developed-by` anywhere in the message.
    CoAuthor = 1,
    /// The commit's committer.
    Committer = 2,
    /// Named by `Signed-off-by` anywhere in the message.
    SignedOffBy = 3,
    /// The tagger of an annotated tag.
    Tagger = 4,
}

impl Role {
    /// Every role, in the order of their declaration.
    pub const ALL: [Self; 5] =
        [Self::Author, Self::CoAuthor, Self::Committer, Self::SignedOffBy, Self::Tagger];

    /// The name in lists and manifests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::CoAuthor => "co-author",
            Self::Committer => "committer",
            Self::SignedOffBy => "signed-off-by",
            Self::Tagger => "tagger",
        }
    }

    /// The role of that name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Roles(u8);

impl Roles {
    /// No role.
    pub const NONE: Self = Self(0);
    /// What a preference means when it names no roles: those who wrote.
    pub const WRITERS: Self = Self(1 << Role::Author as u8 | 1 << Role::CoAuthor as u8);

    /// Whether `role` is in it.
    #[must_use]
    pub fn contains(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }
}

impl Default for Roles {
    fn default() -> Self {
        Self::WRITERS
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<T: IntoIterator<Item = Role>>(iter: T) -> Self {
        Self(iter.into_iter().fold(0, |set, role| set | 1 << role as u8))
    }
}
