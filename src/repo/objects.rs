//! Reading objects as the bytes they are.
//!
//! Decides nothing about what they say. Objects are read from the database itself, so that neither
//! replace refs nor grafts can put another author in the place of the one who wrote.

use git2::{ErrorCode, ObjectType};

use super::open::git_error;
use super::{ObjectId, RepoError, Repository};

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The content of a file.
    Blob,
    /// A folder.
    Tree,
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
}

impl Kind {
    /// Git's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Tree => "tree",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }

    /// The kind that git's word means.
    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Blob, Self::Tree, Self::Commit, Self::Tag].into_iter().find(|kind| kind.as_str() == word)
    }

    fn from_git(kind: ObjectType) -> Option<Self> {
        match kind {
            ObjectType::Blob => Some(Self::Blob),
            ObjectType::Tree => Some(Self::Tree),
            ObjectType::Commit => Some(Self::Commit),
            ObjectType::Tag => Some(Self::Tag),
            ObjectType::Any => None,
        }
    }
}

/// The largest object that is read, in bytes: what xdiff can compare is less than that.
pub const MAX_OBJECT: usize = 1 << 30;

/// One thread's way to a repository's objects.
pub struct Objects {
    raw: git2::Repository,
    repository: Repository,
}

impl Objects {
    pub(super) fn new(raw: git2::Repository, repository: Repository) -> Self {
        Self { raw, repository }
    }

    /// Reads an object of a kind that is known.
    ///
    /// # Errors
    /// It is missing, damaged, too large, or of another kind.
    pub fn read(&self, id: ObjectId, kind: Kind) -> Result<Vec<u8>, RepoError> {
        self.with(id, kind, <[u8]>::to_vec)
    }

    /// Lets `look` see an object's bytes without a copy.
    ///
    /// # Errors
    /// As [`Objects::read`].
    pub fn with<T>(&self, id: ObjectId, kind: Kind, look: impl FnOnce(&[u8]) -> T) -> Result<T, RepoError> {
        if let Some((found, data)) = self.repository.loose().read(id)? {
            fit(id, kind, found, data.len())?;
            return Ok(look(&data));
        }
        let odb = self.raw.odb().map_err(|error| git_error("opening the object database", &error))?;
        let object = odb.read(oid(id)).map_err(|error| self.explain(id, &error))?;
        let data = object.data();
        fit(id, kind, known(id, object.kind())?, data.len())?;
        Ok(look(data))
    }

    /// The size and kind of an object, read from its header alone where that is possible.
    ///
    /// # Errors
    /// It is missing or damaged.
    pub fn header(&self, id: ObjectId) -> Result<(Kind, u64), RepoError> {
        if let Some((kind, data)) = self.repository.loose().read(id)? {
            return Ok((kind, data.len() as u64));
        }
        let odb = self.raw.odb().map_err(|error| git_error("opening the object database", &error))?;
        let (size, kind) = odb.read_header(oid(id)).map_err(|error| self.explain(id, &error))?;
        Ok((known(id, kind)?, size as u64))
    }

    /// The repository that they belong to.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    pub(super) fn git(&self) -> &git2::Repository {
        &self.raw
    }

    fn explain(&self, id: ObjectId, error: &git2::Error) -> RepoError {
        if error.code() == ErrorCode::NotFound {
            return self.repository.missing(id);
        }
        RepoError::Corrupt { what: format!("object {id}"), why: error.message().to_owned() }
    }
}

/// The kind that libgit2 names.
fn known(id: ObjectId, kind: ObjectType) -> Result<Kind, RepoError> {
    Kind::from_git(kind)
        .ok_or_else(|| RepoError::Corrupt { what: format!("object {id}"), why: "unknown kind".into() })
}

/// Refuses an object that is of another kind, or too large.
fn fit(id: ObjectId, expected: Kind, found: Kind, size: usize) -> Result<(), RepoError> {
    let what = format!("object {id}");
    if found != expected {
        let why = format!("it is a {} where a {} was expected", found.as_str(), expected.as_str());
        return Err(RepoError::Corrupt { what, why });
    }
    if size > MAX_OBJECT {
        return Err(RepoError::Limit { what, limit: format!("{MAX_OBJECT} bytes") });
    }
    Ok(())
}

pub(super) fn oid(id: ObjectId) -> git2::Oid {
    // Twenty bytes always make an id.
    git2::Oid::from_bytes(id.as_bytes()).unwrap_or(git2::Oid::ZERO_SHA1)
}

pub(super) fn id(oid: git2::Oid) -> Option<ObjectId> {
    <[u8; 20]>::try_from(oid.as_bytes()).ok().map(ObjectId::from_bytes)
}
