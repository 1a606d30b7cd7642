//! Which commits, tags and notes a repository names.
//!
//! Decides what a revision means, as git does. Must not walk history.

use git2::{ErrorClass, ErrorCode};

use super::objects::id;
use super::open::git_error;
use super::{Kind, ObjectId, Objects, RepoError, Tag};

/// A revision, and the ref by which it was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// The full name of the branch or tag, or what was asked for (`HEAD` when it is detached).
    pub name: String,
    /// The commit.
    pub commit: ObjectId,
}

impl Objects {
    /// The commit that `spec` names; annotated tags are followed.
    ///
    /// # Errors
    /// There is none, or there are no commits at all yet.
    pub fn resolve(&self, spec: &str) -> Result<Tip, RepoError> {
        let path = self.repository().path().to_path_buf();
        let unborn = |repo: &git2::Repository| {
            let code = repo.head().err().map(|error| error.code());
            Ok(matches!(code, Some(ErrorCode::UnbornBranch | ErrorCode::NotFound)))
        };
        if spec == "HEAD" && self.repository().with_git(unborn)? {
            return Err(RepoError::Nothing { path, why: "its HEAD has no commit yet".into() });
        }
        let unknown = || RepoError::Revision { spec: spec.to_owned(), path: path.clone() };
        let (object, name) = self.look_up(spec)?.ok_or_else(unknown)?;
        let commit = self.peel(object)?.ok_or_else(unknown)?;
        Ok(Tip { name: name.unwrap_or_else(|| spec.to_owned()), commit })
    }

    /// The object that `spec` names, and the full name of the ref by which it was reached.
    ///
    /// Ids and refs are followed without libgit2's parser, which takes a commit with a broken author line
    /// for no commit. Such commits exist, and git reads them.
    fn look_up(&self, spec: &str) -> Result<Option<(ObjectId, Option<String>)>, RepoError> {
        // libgit2 takes nothing at all for HEAD.
        if spec.is_empty() {
            return Ok(None);
        }
        if let Some(whole) = ObjectId::from_hex(spec.as_bytes()) {
            return match self.header(whole) {
                Ok(_) => Ok(Some((whole, None))),
                Err(RepoError::Missing { .. } | RepoError::Partial { .. }) => Ok(None),
                Err(error) => Err(error),
            };
        }
        self.repository().with_git(|repo| self.by_name(repo, spec))
    }

    fn by_name(
        &self,
        repo: &git2::Repository,
        spec: &str,
    ) -> Result<Option<(ObjectId, Option<String>)>, RepoError> {
        let fail = |error: &git2::Error| match (error.code(), error.class()) {
            (ErrorCode::NotFound | ErrorCode::InvalidSpec | ErrorCode::Ambiguous | ErrorCode::Peel, _) => {
                None
            }
            (_, ErrorClass::Invalid) => None,
            _ => Some(RepoError::Corrupt { what: format!("'{spec}'"), why: error.message().to_owned() }),
        };
        let named =
            |reference: &git2::Reference<'_>| String::from_utf8_lossy(reference.name_bytes()).into_owned();
        match repo.resolve_reference_from_short_name(spec).and_then(|reference| reference.resolve()) {
            Ok(reference) => {
                return Ok(reference.target().and_then(id).map(|id| (id, Some(named(&reference)))));
            }
            Err(error) => {
                if let Some(error) = fail(&error) {
                    return Err(error);
                }
            }
        }
        // From here on libgit2 reads objects by itself, and would wait forever for one that is cut off.
        self.repository().loose().check_all()?;
        match repo.revparse_ext(spec) {
            Ok((object, reference)) => {
                Ok(id(object.id()).map(|id| (id, reference.map(|found| named(&found)))))
            }
            Err(error) => fail(&error).map_or(Ok(None), Err),
        }
    }

    /// The object that `spec` names, whatever its kind; `None` if it names nothing, or several things.
    ///
    /// # Errors
    /// An object is damaged.
    pub fn find(&self, spec: &str) -> Result<Option<ObjectId>, RepoError> {
        Ok(self.look_up(spec)?.map(|(id, _)| id))
    }

    /// The commit that every branch, remote-tracking branch and tag names: first HEAD, then the others, sorted by
    /// name. Annotated tags are followed. A tag of a tree or a blob names no commit, and a symbolic ref that
    /// leads nowhere names nothing.
    ///
    /// # Errors
    /// A ref cannot be read, or none of them names a commit.
    pub fn all_tips(&self) -> Result<Vec<Tip>, RepoError> {
        let mut tips = Vec::new();
        for glob in ["refs/heads/*", "refs/remotes/*", "refs/tags/*"] {
            self.each_ref(glob, |name, target| {
                if let Some(commit) = self.peel(target)? {
                    tips.push(Tip { name, commit });
                }
                Ok(())
            })?;
        }
        tips.sort_by(|a, b| a.name.cmp(&b.name));
        match self.resolve("HEAD") {
            Ok(head) => {
                tips.retain(|tip| tip.name != head.name);
                tips.insert(0, head);
            }
            Err(RepoError::Nothing { .. }) if !tips.is_empty() => {}
            Err(RepoError::Nothing { path, .. }) => {
                return Err(RepoError::Nothing { path, why: "no branch or tag names a commit".into() });
            }
            Err(error) => return Err(error),
        }
        Ok(tips)
    }

    /// The commits that all refs name, and those of the tags on the way; with the name of each ref.
    ///
    /// # Errors
    /// A ref cannot be read.
    pub fn refs(&self) -> Result<Vec<(String, ObjectId)>, RepoError> {
        let mut refs = Vec::new();
        self.each_ref("refs/*", |name, target| {
            refs.push((name, target));
            Ok(())
        })?;
        Ok(refs)
    }

    /// The refs of the repositories that objects are borrowed from, those of a fork network, with what they name. One
    /// that cannot be opened has none.
    #[must_use]
    pub fn borrowed_refs(&self) -> Vec<(String, ObjectId)> {
        let repository = self.repository();
        let own = repository.common_dir().canonicalize().ok();
        let lenders = repository.loose().stores().iter().filter_map(|store| store.parent());
        let mut found = Vec::new();
        for lender in lenders.filter(|lender| Some(*lender) != own.as_deref()) {
            let Ok(repo) = git2::Repository::open_bare(lender) else { continue };
            let Ok(refs) = repo.references() else { continue };
            let target = |reference: &git2::Reference<'_>| id(reference.resolve().ok()?.target()?);
            let named = refs.flatten().filter_map(|reference| {
                Some((String::from_utf8_lossy(reference.name_bytes()).into_owned(), target(&reference)?))
            });
            found.extend(named);
        }
        found
    }

    /// What a ref names, itself; none if it is not there.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn at_ref(&self, name: &str) -> Result<Option<ObjectId>, RepoError> {
        self.repository().with_git(|repo| match repo.refname_to_id(name) {
            Ok(found) => Ok(id(found)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(git_error(&format!("reading {name}"), &error)),
        })
    }

    /// What a remote had when it was last looked at, by its tracking refs: each with the ref's name there, and what it
    /// names. Nothing for a remote that has no name here.
    ///
    /// # Errors
    /// The remote's configuration, or a ref, cannot be read.
    pub fn tracked(&self, remote: &str) -> Result<Vec<(String, ObjectId)>, RepoError> {
        let fail = |error: git2::Error| git_error(&format!("reading the remote '{remote}'"), &error);
        let mut tracked = Vec::new();
        let globs = self.repository().with_git(|repo| {
            let remote = match repo.find_remote(remote) {
                Ok(remote) => remote,
                Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => {
                    return Ok(Vec::new());
                }
                Err(error) => return Err(fail(error)),
            };
            let fetched = remote.refspecs().filter(|spec| spec.direction() == git2::Direction::Fetch);
            let sides =
                |spec: git2::Refspec<'_>| Some((spec.src().ok()?.to_owned(), spec.dst().ok()?.to_owned()));
            Ok(fetched.filter_map(sides).filter(|(_, here)| !here.is_empty()).collect())
        })?;
        for (there, here) in &globs {
            self.each_ref(here, |name, target| {
                tracked.push((renamed(&name, here, there), target));
                Ok(())
            })?;
        }
        Ok(tracked)
    }

    /// The commit that an object is or, as an annotated tag, names; none if it is a tree or a blob.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn peel(&self, object: ObjectId) -> Result<Option<ObjectId>, RepoError> {
        let mut at = object;
        loop {
            at = match self.header(at)?.0 {
                Kind::Commit => return Ok(Some(at)),
                Kind::Tag => {
                    self.with(at, Kind::Tag, |bytes| Tag::parse(at, bytes).map(|tag| tag.target))??
                }
                Kind::Blob | Kind::Tree => return Ok(None),
            };
        }
    }

    /// The commits under `refs/notes/`, sorted by name. Notes are texts about commits, with a history of
    /// their own.
    ///
    /// # Errors
    /// A ref cannot be read.
    pub fn notes(&self) -> Result<Vec<Tip>, RepoError> {
        let mut tips = Vec::new();
        self.each_ref("refs/notes/*", |name, target| {
            let (kind, _) = self.header(target)?;
            if kind == Kind::Commit {
                tips.push(Tip { name, commit: target });
            }
            Ok(())
        })?;
        tips.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(tips)
    }

    /// Every annotated tag object that a ref under `refs/tags/` points at, nested ones too, sorted.
    ///
    /// # Errors
    /// A ref or a tag cannot be read.
    pub fn tag_objects(&self) -> Result<Vec<ObjectId>, RepoError> {
        let mut tags = Vec::new();
        self.each_ref("refs/tags/*", |_, target| {
            let mut at = target;
            while self.header(at)?.0 == Kind::Tag {
                tags.push(at);
                at = self.with(at, Kind::Tag, |bytes| Tag::parse(at, bytes).map(|tag| tag.target))??;
            }
            Ok(())
        })?;
        tags.sort_unstable();
        tags.dedup();
        Ok(tags)
    }

    fn each_ref(
        &self,
        glob: &str,
        mut see: impl FnMut(String, ObjectId) -> Result<(), RepoError>,
    ) -> Result<(), RepoError> {
        let fail = |error: git2::Error| git_error(&format!("reading {glob}"), &error);
        let refs = |repo: &git2::Repository| {
            let mut found = Vec::new();
            for reference in repo.references_glob(glob).map_err(fail)? {
                let reference = reference.map_err(fail)?;
                // To resolve a direct ref would be to look it up again.
                let target = match reference.target() {
                    Some(target) => Some(target),
                    None => match reference.resolve() {
                        Err(error) if is_dangling(&reference, &error) => continue,
                        direct => direct.map_err(fail)?.target(),
                    },
                };
                if let Some(target) = target.and_then(id) {
                    found.push((String::from_utf8_lossy(reference.name_bytes()).into_owned(), target));
                }
            }
            Ok(found)
        };
        self.repository().with_git(refs)?.into_iter().try_for_each(|(name, target)| see(name, target))
    }
}

/// The name of a ref by the other side of a refspec: what `*` stands for stays.
fn renamed(name: &str, from: &str, to: &str) -> String {
    let star =
        from.split_once('*').and_then(|(before, after)| name.strip_prefix(before)?.strip_suffix(after));
    to.replacen('*', star.unwrap_or_default(), 1)
}

/// Whether a symbolic ref leads nowhere, as `refs/remotes/origin/HEAD` does once the branch is gone there.
fn is_dangling(reference: &git2::Reference<'_>, error: &git2::Error) -> bool {
    reference.kind() == Some(git2::ReferenceType::Symbolic) && error.code() == ErrorCode::NotFound
}
