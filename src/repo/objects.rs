//! Reading objects as the bytes they are.
//!
//! Decides nothing about what they say. Objects are read from the database itself, so that neither
//! replace refs nor grafts can put another author in the place of the one who wrote.

use std::cell::RefCell;
use std::sync::Arc;

use foldhash::fast::RandomState;
use git2::{ErrorCode, ObjectType};

use super::cache::Cache;
use super::open::git_error;
use super::packs::{Object, PackReader};
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

/// The largest object that is read, in bytes: offsets into it fit into 32 bits, with room to spare.
pub const MAX_OBJECT: usize = 1 << 30;

/// Bytes in a generation of the objects kept that are in no pack; there are two.
const BUDGET: usize = 8 << 20;

/// One thread's way to a repository's objects. What was read last is kept.
pub struct Objects {
    repository: Repository,
    packed: RefCell<PackReader>,
    unpacked: RefCell<Cache<ObjectId, Object, RandomState>>,
}

impl Objects {
    pub(super) fn new(repository: Repository) -> Self {
        let packed = RefCell::new(PackReader::new(repository.packs()));
        Self { repository, packed, unpacked: RefCell::new(Cache::new(BUDGET)) }
    }

    /// Keeps more of what is read, for who will ask for it again: two generations of `budget` bytes.
    pub fn keep_more(&self, budget: usize) {
        self.packed.borrow_mut().keep_more(budget);
    }

    /// Reads an object of a kind that is known.
    ///
    /// # Errors
    /// It is missing, damaged, too large, or of another kind.
    pub fn read(&self, id: ObjectId, kind: Kind) -> Result<Arc<Vec<u8>>, RepoError> {
        let (found, bytes) = self.any(id)?;
        fit(id, kind, found, bytes.len())?;
        Ok(bytes)
    }

    /// Lets `look` see an object's bytes.
    ///
    /// # Errors
    /// As [`Objects::read`].
    pub fn with<T>(&self, id: ObjectId, kind: Kind, look: impl FnOnce(&[u8]) -> T) -> Result<T, RepoError> {
        Ok(look(&self.read(id, kind)?))
    }

    /// The size and kind of an object. A packed one is not put together for it.
    ///
    /// # Errors
    /// It is missing or damaged.
    pub fn header(&self, id: ObjectId) -> Result<(Kind, u64), RepoError> {
        if !self.repository.loose().has(id)
            && let Some(header) = self.packed.borrow_mut().header(id)?
        {
            return Ok(header);
        }
        let (kind, bytes) = self.any(id)?;
        Ok((kind, bytes.len() as u64))
    }

    fn any(&self, id: ObjectId) -> Result<Object, RepoError> {
        let loose = self.repository.loose();
        if !loose.has(id)
            && let Some(object) = self.packed.borrow_mut().read(id)?
        {
            return Ok(object);
        }
        if let Some(object) = self.unpacked.borrow_mut().get(&id) {
            return Ok(object.clone());
        }
        let object = match loose.read(id)? {
            Some((kind, bytes)) => (kind, Arc::new(bytes)),
            // Packed since, or in a store that only libgit2 finds.
            None => self.by_libgit2(id)?,
        };
        self.unpacked.borrow_mut().insert(id, object.clone(), object.1.len());
        Ok(object)
    }

    fn by_libgit2(&self, id: ObjectId) -> Result<Object, RepoError> {
        self.repository.with_git(|repo| {
            let odb = repo.odb().map_err(|error| git_error("opening the object database", &error))?;
            let object = odb.read(oid(id)).map_err(|error| self.explain(id, &error))?;
            Ok((known(id, object.kind())?, Arc::new(object.data().to_vec())))
        })
    }

    /// The repository that they belong to.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
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
