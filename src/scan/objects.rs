//! Single objects that a scan needs beside the history.
//!
//! Decides that bytes are what their id says before their hashes go anywhere.

use crate::attribution::tree_diff::{Leaf, Trees};
use crate::manifest::{Hashes, ObjectKind};
use crate::repo::{Commit, EntryKind, Kind, ObjectId, Objects, RepoError};

/// The keys of an object's bytes.
///
/// # Errors
/// The bytes are not those of `id`: libgit2 does not hash again what it reads.
pub fn hashes(id: ObjectId, kind: Kind, bytes: &[u8]) -> Result<Hashes, RepoError> {
    let kind = match kind {
        Kind::Commit => ObjectKind::Commit,
        Kind::Tag => ObjectKind::Tag,
        Kind::Blob => ObjectKind::Blob,
        Kind::Tree => return Err(RepoError::Bug("trees have no keys".into())),
    };
    let hashes = Hashes::of_object(kind, bytes);
    if hashes.git_sha1 == id {
        return Ok(hashes);
    }
    let why = format!("its bytes are those of {}", hashes.git_sha1);
    Err(RepoError::Corrupt { what: format!("object {id}"), why })
}

/// The blob of the regular file at `path` in a commit's tree.
///
/// # Errors
/// The tree cannot be read; if it is `required` to be a regular file, also if it is something else.
pub(super) fn file_at(
    objects: &Objects,
    commit: ObjectId,
    path: &[u8],
    required: bool,
) -> Result<Option<ObjectId>, RepoError> {
    match leaf_at(objects, commit, path)? {
        Some(leaf) if leaf.kind == EntryKind::File => Ok(Some(leaf.id)),
        Some(_) if required => Err(RepoError::Corrupt {
            what: String::from_utf8_lossy(path).into_owned(),
            why: "it is no regular file".into(),
        }),
        _ => Ok(None),
    }
}

/// What stands at `path` in a commit's tree.
///
/// # Errors
/// A tree cannot be read.
pub(super) fn leaf_at(objects: &Objects, commit: ObjectId, path: &[u8]) -> Result<Option<Leaf>, RepoError> {
    let tree = objects
        .with(commit, Kind::Commit, |bytes| Commit::parse(commit, bytes).map(|commit| commit.tree))??;
    Trees::new(objects).look_up(tree, path)
}
