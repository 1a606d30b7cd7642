//! What Withhold itself puts into a repository: contents and folders. Nothing points at them until Git is asked to.
//!
//! Decides how they are written: as Git's loose objects, by libgit2. Must not touch a ref, the index or the work tree.

use git2::FileMode;

use super::objects::{id, oid};
use super::open::git_error;
use super::{ObjectId, RepoError, Repository};

impl Repository {
    /// Writes a content, if it is not there already.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<ObjectId, RepoError> {
        self.with_git(|repo| {
            let written = repo.blob(bytes).map_err(|error| git_error("writing an object", &error))?;
            id(written).ok_or_else(|| RepoError::Bug("an id of another length".into()))
        })
    }

    /// Writes a folder of regular files.
    ///
    /// # Errors
    /// It cannot be written, or a name is none that a file can have.
    pub fn write_tree(&self, files: &[(String, ObjectId)]) -> Result<ObjectId, RepoError> {
        self.with_git(|repo| {
            let fail = |error: git2::Error| git_error("writing a tree", &error);
            let mut builder = repo.treebuilder(None).map_err(fail)?;
            for (name, file) in files {
                builder.insert(name, oid(*file), FileMode::Blob.into()).map_err(fail)?;
            }
            id(builder.write().map_err(fail)?).ok_or_else(|| RepoError::Bug("an id of another length".into()))
        })
    }
}
