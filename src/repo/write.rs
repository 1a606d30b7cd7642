//! What Withhold itself puts into a repository: contents and folders. Nothing points at them until Git is asked to.
//!
//! Decides how they are written: as Git's loose objects, by libgit2. Must not touch a ref, the index or the work tree.

use std::collections::BTreeMap;

use git2::{FileMode, OdbLookupFlags};
use sha1::{Digest, Sha1};

use super::objects::{id, oid};
use super::open::git_error;
use super::{ObjectId, RepoError, Repository};

/// So often an object is tried to be written.
const TRIES: usize = 3;

impl Repository {
    /// Writes a content, if it is not there already.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<ObjectId, RepoError> {
        let fail = |error: git2::Error| git_error("writing an object", &error);
        let known = blob_id(bytes);
        // To hash it is cheap, and most was there already when the repository was opened.
        if self.loose().has(known) || self.packs().has(known) {
            return Ok(known);
        }
        self.with_git(|repo| {
            if repo.odb().map_err(fail)?.exists_ext(oid(known), OdbLookupFlags::NO_REFRESH) {
                return Ok(known);
            }
            // `git gc` may take an empty folder away while something is put into it; git tries again, too.
            let mut written = repo.blob(bytes);
            for _ in 1..TRIES {
                written = written.or_else(|_| repo.blob(bytes));
            }
            id(written.map_err(fail)?)
                .filter(|written| *written == known)
                .ok_or_else(|| RepoError::Bug("an object was written under another id".into()))
        })
    }

    /// Writes a folder of regular files, some of them in folders: `folder/file`.
    ///
    /// # Errors
    /// It cannot be written, or a name is none that a file can have.
    pub fn write_tree(&self, files: &[(&str, ObjectId)]) -> Result<ObjectId, RepoError> {
        let mut folders: BTreeMap<&str, Vec<(&str, ObjectId)>> = BTreeMap::new();
        for (name, file) in files {
            let (folder, name) = name.split_once('/').unwrap_or(("", name));
            folders.entry(folder).or_default().push((name, *file));
        }
        let top = folders.remove("").unwrap_or_default();
        self.with_git(|repo| {
            let mut all: Vec<(&str, ObjectId, FileMode)> =
                top.into_iter().map(|(name, file)| (name, file, FileMode::Blob)).collect();
            for (folder, files) in folders {
                let files = files.into_iter().map(|(name, file)| (name, file, FileMode::Blob));
                all.push((folder, tree(repo, files)?, FileMode::Tree));
            }
            tree(repo, all.into_iter())
        })
    }
}

/// Git's id of a file with these bytes.
pub(crate) fn blob_id(bytes: &[u8]) -> ObjectId {
    let header = format!("blob {}\0", bytes.len());
    ObjectId::from_bytes(Sha1::new_with_prefix(header).chain_update(bytes).finalize().into())
}

fn tree<'f>(
    repo: &git2::Repository,
    entries: impl Iterator<Item = (&'f str, ObjectId, FileMode)>,
) -> Result<ObjectId, RepoError> {
    let fail = |error: git2::Error| git_error("writing a tree", &error);
    let mut builder = repo.treebuilder(None).map_err(fail)?;
    for (name, entry, mode) in entries {
        builder.insert(name, oid(entry), mode.into()).map_err(fail)?;
    }
    id(builder.write().map_err(fail)?).ok_or_else(|| RepoError::Bug("an id of another length".into()))
}
