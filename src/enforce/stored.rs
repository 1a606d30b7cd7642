//! Manifests that a repository holds: tracked in a revision's tree, or published beside a branch.
//!
//! Decides where they stand, and which revision they may be for. What is not sound in every part is not read; whether
//! it is right is decided elsewhere. Nothing of a manifest is taken for a path: the files have fixed names.

use std::io::{self, Write};
use std::path::Path;

use super::log;
use super::signature::{self, Signature};
use crate::attribution::tree_diff::{Leaf, Trees};
use crate::manifest::folder::{self, HEADER_FILE, ROWS, SIGNATURE_FILE};
use crate::manifest::{self, CoverageRow, Encoding, Manifest, ManifestError, RefCoverage};
use crate::repo::{Commit, EntryKind, Kind, ObjectId, Objects, RepoError, Tip};

/// Where a revision's tree has its manifest, if nothing else is said.
pub const TRACKED: &str = ".withhold/manifest";

/// So many refs of a manifest are tried, to find the one that a revision was made from.
const MOST_REFS: usize = 16;

/// Why a manifest was not read.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// The repository gave no answer.
    #[error(transparent)]
    Repo(#[from] RepoError),
    /// What is there is no manifest, or not a sound one.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// What stands there cannot hold one.
    #[error("{what} cannot be read: {why}")]
    NotOne {
        /// The folder, file or ref.
        what: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// It could not be put where it can be read.
    #[error("cannot unpack the manifest: {0}")]
    Io(#[from] io::Error),
}

/// The manifest in the folder `path` of a commit's tree (empty: in the tree itself); `None` if there is none.
///
/// # Errors
/// See [`StoredError`].
pub fn in_tree(objects: &Objects, commit: ObjectId, path: &[u8]) -> Result<Option<Manifest>, StoredError> {
    let mut trees = Trees::new(objects);
    let root = tree_of(objects, commit)?;
    let folder = if path.is_empty() {
        Leaf { kind: EntryKind::Tree, id: root }
    } else {
        match trees.look_up(root, path)? {
            Some(leaf) => leaf,
            None => return Ok(None),
        }
    };
    if folder.kind != EntryKind::Tree {
        return Err(StoredError::NotOne { what: manifest::path::encode(path), why: "it is no folder" });
    }
    let unpacked = tempfile::tempdir()?;
    let mut any = false;
    for name in folder::file_names().filter(|name| name != SIGNATURE_FILE) {
        let Some(leaf) = trees.look_up(folder.id, name.as_bytes())? else { continue };
        if leaf.kind != EntryKind::File {
            return Err(StoredError::NotOne { what: name, why: "it is no regular file" });
        }
        any = true;
        std::fs::write(unpacked.path().join(name), &*objects.read(leaf.id, Kind::Blob)?)?;
    }
    if let Some(leaf) = trees.look_up(folder.id, SIGNATURE_FILE.as_bytes())?
        && !is_signature(objects, &leaf)?
    {
        return Err(StoredError::NotOne {
            what: SIGNATURE_FILE.into(),
            why: "it is no signature of a manifest",
        });
    }
    // Long files of rows are published in parts.
    for name in ROWS {
        let Some(leaf) = trees.look_up(folder.id, name.as_bytes())? else { continue };
        let file = unpacked.path().join(whole(name));
        if leaf.kind != EntryKind::Tree || file.exists() {
            return Err(StoredError::NotOne {
                what: name.into(),
                why: "it is there twice, or no folder of parts",
            });
        }
        any = true;
        put_together(objects, &mut trees, leaf.id, &file)?;
    }
    if any { Ok(Some(manifest::read(unpacked.path())?)) } else { Ok(None) }
}

/// The header of the manifest in the folder `path` of a commit's tree, and its signature if it has one: byte for byte.
///
/// # Errors
/// See [`StoredError`]. There is no such header, though the manifest could be read.
pub fn signed(
    objects: &Objects,
    commit: ObjectId,
    path: &[u8],
) -> Result<(Vec<u8>, Option<Vec<u8>>), StoredError> {
    let mut trees = Trees::new(objects);
    let root = tree_of(objects, commit)?;
    let mut read = |name: &str| -> Result<Option<Vec<u8>>, StoredError> {
        let path = if path.is_empty() { name.into() } else { [path, b"/", name.as_bytes()].concat() };
        let Some(leaf) = trees.look_up(root, &path)? else { return Ok(None) };
        Ok(Some(objects.read(leaf.id, Kind::Blob)?.to_vec()))
    };
    let header = read(HEADER_FILE)?;
    let none = StoredError::NotOne { what: HEADER_FILE.into(), why: "it is not there" };
    Ok((header.ok_or(none)?, read(SIGNATURE_FILE)?))
}

/// Whether what stands in the place of a manifest's signature, if anything does, is one and nothing else: it is a file
/// that no manifest covers.
fn is_signature(objects: &Objects, leaf: &Leaf) -> Result<bool, RepoError> {
    let short = |size: u64| size <= signature::verify::MOST_BYTES as u64;
    Ok(leaf.kind == EntryKind::File
        && short(objects.header(leaf.id)?.1)
        && Signature::is_alone(&objects.read(leaf.id, Kind::Blob)?, signature::MANIFEST))
}

/// Writes the parts of a file of rows, in the order of their names, into one.
fn put_together(
    objects: &Objects,
    trees: &mut Trees<'_>,
    folder: ObjectId,
    file: &Path,
) -> Result<(), StoredError> {
    let mut parts = Vec::new();
    trees.diff(None, Some(folder), &mut |difference| {
        parts.extend(difference.new.map(|leaf| (difference.path.to_vec(), leaf)));
        Ok(())
    })?;
    let mut out = std::fs::File::create_new(file)?;
    for (path, leaf) in parts {
        if leaf.kind != EntryKind::File || path.contains(&b'/') {
            let what = manifest::path::encode(&path);
            return Err(StoredError::NotOne { what, why: "it is no part of a manifest" });
        }
        out.write_all(&objects.read(leaf.id, Kind::Blob)?)?;
    }
    Ok(())
}

/// The manifest that a commit of a log has, which must have nothing else: no file beside it, and in a form in which
/// nothing can be hidden.
///
/// # Errors
/// See [`StoredError`].
pub fn nothing_else(objects: &Objects, commit: ObjectId) -> Result<Manifest, StoredError> {
    let none = |what: String| StoredError::NotOne { what, why: "it is no part of a manifest" };
    let mut other = None;
    let looked = Trees::new(objects).diff(None, Some(tree_of(objects, commit)?), &mut |difference| {
        if is_published(difference.path) {
            return Ok(());
        }
        other = Some(manifest::path::encode(difference.path));
        // No need to see the rest of it.
        Err(RepoError::Interrupted)
    });
    match (other, looked) {
        (Some(other), _) => Err(none(other)),
        (None, Err(error)) => Err(error.into()),
        (None, Ok(_)) => in_tree(objects, commit, b"")?.ok_or_else(|| none("its tree".to_owned())),
    }
}

/// Whether a published manifest has such a file: plain JSON Lines, whole or in parts.
fn is_published(path: &[u8]) -> bool {
    let part = |folder: &str| {
        path.strip_prefix(folder.as_bytes())
            .and_then(|rest| rest.strip_prefix(b"/"))
            .and_then(|rest| rest.strip_suffix(Encoding::JsonLines.ending().as_bytes()))
            .is_some_and(|name| !name.contains(&b'/'))
    };
    path == HEADER_FILE.as_bytes() || ROWS.iter().any(|name| path == whole(name).as_bytes() || part(name))
}

/// The name of a file of rows that is in one piece, as it is published.
fn whole(name: &str) -> String {
    format!("{name}{}", Encoding::JsonLines.ending())
}

/// The manifest that is published for a branch, and the name of its ref; `None` if there is none.
///
/// # Errors
/// See [`StoredError`].
pub fn published(objects: &Objects, branch: &str) -> Result<Option<Manifest>, StoredError> {
    let name = format!("{}{branch}", log::REFS);
    match objects.resolve(&name) {
        // Any other ref is not what was asked for, however much its name is like it.
        Ok(tip) if tip.name == name => {
            let found = in_tree(objects, tip.commit, b"")?;
            found.map(Some).ok_or(StoredError::NotOne { what: name, why: "its tree holds no manifest" })
        }
        Ok(_) | Err(RepoError::Revision { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The refs that a manifest speaks of, without those of notes.
pub fn refs(manifest: &Manifest) -> impl Iterator<Item = &RefCoverage> {
    manifest.coverage().iter().filter_map(|row| match row {
        CoverageRow::Ref(row) if row.name.as_deref().is_none_or(|name| !name.starts_with("refs/notes/")) => {
            Some(&**row)
        }
        _ => None,
    })
}

/// The commit that the manifest was made for: the revision itself, or, where the manifest is `tracked` in a folder of
/// the revision, one that differs in the files of that alone, as the commit that brings a manifest cannot be in it. With
/// the name under which the manifest knows it.
///
/// # Errors
/// A tree cannot be read.
pub fn made_for(
    objects: &Objects,
    manifest: &Manifest,
    tip: &Tip,
    tracked: Option<&[u8]>,
) -> Result<Option<Tip>, RepoError> {
    let named = |row: &RefCoverage| {
        let name = row.name.as_deref().and_then(manifest::path::decode);
        let name = name.map(|name| String::from_utf8_lossy(&name).into_owned());
        Tip { name: name.unwrap_or_else(|| tip.name.clone()), commit: row.tip }
    };
    if let Some(row) = refs(manifest).find(|row| row.tip == tip.commit) {
        return Ok(Some(named(row)));
    }
    let Some(folder) = tracked else { return Ok(None) };
    for row in refs(manifest).take(MOST_REFS) {
        if is_commit(objects, row.tip)? && differ_only_in(objects, row.tip, tip.commit, folder)? {
            return Ok(Some(named(row)));
        }
    }
    Ok(None)
}

/// Whether the path is that of a file of a manifest in the folder, or of its signature. Anything else that lies there the
/// manifest would have to cover.
#[must_use]
pub fn is_file_of(folder: &[u8], path: &[u8]) -> bool {
    let inside = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix(b"/"));
    inside.is_some_and(|name| folder::file_names().any(|file| file.as_bytes() == name))
}

fn is_commit(objects: &Objects, id: ObjectId) -> Result<bool, RepoError> {
    match objects.header(id) {
        Ok((kind, _)) => Ok(kind == Kind::Commit),
        Err(RepoError::Missing { .. } | RepoError::Partial { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn differ_only_in(objects: &Objects, old: ObjectId, new: ObjectId, folder: &[u8]) -> Result<bool, RepoError> {
    let (old, new) = (tree_of(objects, old)?, tree_of(objects, new)?);
    let mut only = true;
    Trees::new(objects).diff(Some(old), Some(new), &mut |difference| {
        only &= is_file_of(folder, difference.path);
        Ok(())
    })?;
    Ok(only)
}

fn tree_of(objects: &Objects, commit: ObjectId) -> Result<ObjectId, RepoError> {
    objects.with(commit, Kind::Commit, |bytes| Commit::parse(commit, bytes).map(|commit| commit.tree))?
}
