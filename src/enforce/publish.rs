//! A manifest, committed to the repository and pushed along with what it is about.
//!
//! Decides where it goes: `refs/exclusions/<branch>`, whose history is its log. Each commit has the one before as its
//! parent, so that no manifest is ever lost, and nobody can take one back unseen. Git does the writing: it signs if it
//! is set to, and knows how to reach the remote. Nothing else of the repository is touched.

use std::ffi::OsString;

use super::log;
use crate::attribution::parallel;
use crate::exit::Exit;
use crate::manifest::{self, Manifest, ManifestError};
use crate::repo::{Begun, Commit, Git, GitError, Kind, ObjectId, RepoError, Repository, program};

const REFS: &[u8] = log::REFS.as_bytes();
const HEADS: &[u8] = b"refs/heads/";

/// Why a manifest was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// It cannot be written.
    #[error(transparent)]
    Repo(#[from] RepoError),
    /// The remote does not take it.
    #[error("{name} cannot be pushed to {remote}, so the push is stopped: {why}")]
    Refused {
        /// The ref.
        name: String,
        /// The remote.
        remote: String,
        /// What git said.
        why: GitError,
    },
    /// The manifest has no form to publish.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Git printed no id where one was due.
    #[error("git gave no id for {0}")]
    NoId(&'static str),
}

impl PublishError {
    /// How the process ends because of it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Git(_) | Self::Refused { .. } => Exit::Unreadable,
            Self::Repo(error) => error.exit(),
            Self::Manifest(_) | Self::NoId(_) => Exit::Bug,
        }
    }
}

/// The ref at which the manifest of a branch is published; none if the ref is no branch.
#[must_use]
pub fn ref_of(branch: &[u8]) -> Option<Vec<u8>> {
    branch.strip_prefix(HEADS).map(|name| [REFS, name].concat())
}

/// The manifest's files as a tree, written by so many threads. Nothing points at it yet.
///
/// # Errors
/// See [`PublishError`].
pub fn tree(repository: &Repository, manifest: &Manifest, threads: usize) -> Result<ObjectId, PublishError> {
    let parts = manifest::parts(manifest, threads)?;
    let mut files = Vec::with_capacity(parts.len());
    let write = |(): &mut (), number: usize| repository.write_blob(&parts[number].1);
    let take = |number: usize, blob| {
        files.push((parts[number].0.as_str(), blob));
        Ok(())
    };
    parallel::in_order(threads, parts.len(), || (), write, take)?;
    Ok(repository.write_tree(&files)?)
}

/// Commits the manifest of a branch, whose [`tree`] is written, to its ref, and pushes that to a remote, if there is one to push to.
///
/// Whoever pushed another manifest in the meantime comes before this one. What is at the ref already is not
/// committed again.
///
/// # Errors
/// See [`PublishError`]. The ref here is then as it was.
pub fn publish(
    repository: &Repository,
    git: &Git,
    name: &[u8],
    tip: ObjectId,
    (manifest, tree): (&Manifest, ObjectId),
    remote: Option<&[u8]>,
) -> Result<ObjectId, PublishError> {
    let make = |before| {
        commit(
            repository,
            git,
            name,
            &format!("Tip: {tip}\nManifest: {}\n", manifest.digest()?),
            tree,
            before,
        )
    };
    let before = at(repository, name)?;
    let commit = make(before)?;
    let Some(remote) = remote else {
        setter(git)?.finish(&update(name, commit, Some(before)))?;
        return Ok(commit);
    };
    // It starts while the push runs.
    let setter = setter(git)?;
    let commit = match push(git, remote, commit, name) {
        Ok(()) => commit,
        Err(_) => {
            // Somebody else may have been there before: their manifest is this one's parent, then.
            let theirs = fetch(git, remote, name);
            let refused = |why| PublishError::Refused { name: shown(name), remote: shown(remote), why };
            let theirs = theirs.map_err(refused)?;
            let commit = make(theirs)?;
            push(git, remote, commit, name).map_err(refused)?;
            commit
        }
    };
    setter.finish(&update(name, commit, None))?;
    Ok(commit)
}

/// What a ref names here.
fn at(repository: &Repository, name: &[u8]) -> Result<Option<ObjectId>, PublishError> {
    Ok(repository.objects().at_ref(&shown(name))?)
}

/// A commit of the tree on top of the one before; that one, if it is of the same tree.
fn commit(
    repository: &Repository,
    git: &Git,
    name: &[u8],
    about: &str,
    tree: ObjectId,
    before: Option<ObjectId>,
) -> Result<ObjectId, PublishError> {
    if let Some(before) = before {
        let same = repository.objects().with(before, Kind::Commit, |bytes| {
            Ok::<_, RepoError>(Commit::parse(before, bytes)?.tree == tree)
        })??;
        if same {
            return Ok(before);
        }
    }
    let mut args = vec!["commit-tree".to_owned(), tree.to_string()];
    args.extend(before.into_iter().flat_map(|before| ["-p".to_owned(), before.to_string()]));
    // `git commit` would look for itself.
    if repository.config_flag("commit.gpgSign")? == Some(true) {
        args.push("-S".to_owned());
    }
    let branch = shown(name.strip_prefix(REFS).unwrap_or(name));
    let message = format!("Exclusions of {branch}\n\n{about}");
    id(&git.run_with(args, message.as_bytes())?, "a commit")
}

fn push(git: &Git, remote: &[u8], commit: ObjectId, name: &[u8]) -> Result<(), GitError> {
    let what = [commit.to_string().as_bytes(), b":", name].concat();
    // Without the hook, which is what runs now; and this ref, but nothing else, whatever is configured.
    let only: [&[u8]; 3] = [b"--no-verify", b"--no-follow-tags", b"--no-recurse-submodules"];
    let args = words([b"push", b"--quiet"]).into_iter().chain(words(only));
    git.run(args.chain(words([b"--", remote, &what]))).map(drop)
}

/// What the ref names at the remote; none if it is not there.
fn fetch(git: &Git, remote: &[u8], name: &[u8]) -> Result<Option<ObjectId>, GitError> {
    let listed = git.run(words([b"ls-remote", b"--", remote, name]))?;
    let Some(id) = listed.get(..40).and_then(ObjectId::from_hex) else { return Ok(None) };
    git.run(words([b"fetch", b"--quiet", b"--no-tags", b"--no-write-fetch-head", b"--", remote, name]))?;
    Ok(Some(id))
}

/// Git, ready to set a ref here. Without an [`update`] it sets none.
fn setter(git: &Git) -> Result<Begun, GitError> {
    git.begin(["update-ref", "--create-reflog", "-m", "withhold", "--stdin", "-z"])
}

/// Lets the ref name a commit; only if it still names what it did, if that is said.
fn update(name: &[u8], commit: ObjectId, before: Option<Option<ObjectId>>) -> Vec<u8> {
    let before = before.map(|before| before.unwrap_or_default().to_string()).unwrap_or_default();
    [b"update ", name, b"\0", commit.to_string().as_bytes(), b"\0", before.as_bytes(), b"\0"].concat()
}

fn id(text: &[u8], what: &'static str) -> Result<ObjectId, PublishError> {
    ObjectId::from_hex(text.trim_ascii_end()).ok_or(PublishError::NoId(what))
}

fn words<const N: usize>(words: [&[u8]; N]) -> Vec<OsString> {
    words.into_iter().map(|word| program::path(word.to_vec()).into_os_string()).collect()
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
