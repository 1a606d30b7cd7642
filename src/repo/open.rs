//! Opening a repository, and refusing what cannot be answered for.
//!
//! Decides whether a repository can be read whole: its format, its owner, its depth.
//! Must not read history.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use git2::{ErrorClass, ErrorCode, RepositoryOpenFlags};

use super::error::for_shell;
use super::loose::Loose;
use super::packs::Packs;
use super::quarantine::stores;
use super::{ObjectId, Objects, RepoError};

/// A repository that was opened and found fit to be read.
///
/// It can be shared between threads; each takes its own [`Objects`].
#[derive(Clone)]
pub struct Repository {
    inner: Arc<Inner>,
}

struct Inner {
    git_dir: PathBuf,
    common_dir: PathBuf,
    work_dir: Option<PathBuf>,
    partial: bool,
    loose: Loose,
    packs: OnceLock<Arc<Packs>>,
    /// Where other objects lie, which libgit2 has to be told.
    besides: Vec<PathBuf>,
    /// libgit2's handles that nobody uses now. To open one takes as long as to read some hundred objects.
    spare: Mutex<Vec<git2::Repository>>,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Repository").field(&self.inner.git_dir).finish()
    }
}

impl Repository {
    /// Opens the repository at or above `path`. Nothing in the environment changes which one it is.
    ///
    /// # Errors
    /// None there, another user's, of an unknown format, or a shallow clone.
    pub fn open(path: &Path) -> Result<Self, RepoError> {
        Self::open_with(path, Vec::new())
    }

    /// Opens the repository that a hook was called for, by what Git has put into the environment: with the objects
    /// that are being pushed, which lie apart from the others.
    ///
    /// # Errors
    /// As [`Repository::open`].
    pub fn open_for_hook() -> Result<Self, RepoError> {
        let variable = std::env::var_os;
        let dir = variable("GIT_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from);
        let (objects, alternates) =
            (variable("GIT_OBJECT_DIRECTORY"), variable("GIT_ALTERNATE_OBJECT_DIRECTORIES"));
        Self::open_with(&dir, stores(Path::new("."), objects.as_deref(), alternates.as_deref()))
    }

    fn open_with(path: &Path, besides: Vec<PathBuf>) -> Result<Self, RepoError> {
        let none: [&Path; 0] = [];
        let repo = git2::Repository::open_ext(path, RepositoryOpenFlags::empty(), none)
            .map_err(|error| refusal(path, &error))?;
        let common_dir = repo.commondir().to_path_buf();
        let shallow = std::fs::metadata(common_dir.join("shallow")).is_ok_and(|file| file.len() > 0);
        if repo.is_shallow() || shallow {
            return Err(RepoError::Shallow { path: shown(&repo) });
        }
        let config = git2::Config::open(&common_dir.join("config")).map_err(|error| RepoError::Corrupt {
            what: common_dir.join("config").display().to_string(),
            why: error.message().to_owned(),
        })?;
        tell(&repo, &besides)?;
        let inner = Inner {
            git_dir: repo.path().to_path_buf(),
            work_dir: repo.workdir().map(Path::to_path_buf),
            partial: is_partial(&config),
            loose: Loose::list(&[&[common_dir.join("objects")], besides.as_slice()].concat())?,
            besides,
            packs: OnceLock::new(),
            common_dir,
            spare: Mutex::new(vec![repo]),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// A way of its own to the objects, for one thread.
    #[must_use]
    pub fn objects(&self) -> Objects {
        Objects::new(self.clone())
    }

    /// The folder to show to people: the work tree, or the repository itself if it is bare.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.inner.work_dir.as_deref().unwrap_or(&self.inner.git_dir)
    }

    /// The folder that all work trees of the repository share: `.git`, or the bare repository.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        &self.inner.common_dir
    }

    /// The work tree, if the repository is not bare.
    #[must_use]
    pub fn work_dir(&self) -> Option<&Path> {
        self.inner.work_dir.as_deref()
    }

    /// The name under which lists, policies and manifests know the repository.
    ///
    /// It is the path of the remote `origin`'s URL without `.git`, so that every clone of a hosted
    /// repository has the same one; for a local path, or without a remote, the folder's own name.
    ///
    /// # Errors
    /// The configuration cannot be read, or there is no folder name to take.
    pub fn name(&self) -> Result<String, RepoError> {
        let url = self.config("remote.origin.url")?;
        if let Some(name) = url.as_deref().and_then(name_in_url) {
            return Ok(name);
        }
        let common = &self.inner.common_dir;
        let folder = if common.file_name().is_some_and(|name| name == ".git") {
            common.parent().unwrap_or(common)
        } else {
            common
        };
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        folder.file_name().map(|name| without_git(&name.to_string_lossy()).to_owned()).ok_or_else(|| {
            RepoError::Nothing {
                path: folder.clone(),
                why: "the folder has no name; give one with --repo".into(),
            }
        })
    }

    /// A value of the repository's merged configuration (system, user, repository).
    ///
    /// # Errors
    /// The configuration cannot be read.
    pub fn config(&self, key: &str) -> Result<Option<String>, RepoError> {
        self.configured(key, |config| config.get_string(key))
    }

    /// As [`Repository::config`], for what is true or false.
    ///
    /// # Errors
    /// The configuration cannot be read, or says neither.
    pub fn config_flag(&self, key: &str) -> Result<Option<bool>, RepoError> {
        self.configured(key, |config| config.get_bool(key))
    }

    /// As [`Repository::config`], for a path: `~` is the home folder.
    ///
    /// # Errors
    /// The configuration cannot be read.
    pub fn config_path(&self, key: &str) -> Result<Option<PathBuf>, RepoError> {
        self.configured(key, |config| config.get_path(key))
    }

    fn configured<T>(
        &self,
        key: &str,
        read: impl FnOnce(&git2::Config) -> Result<T, git2::Error>,
    ) -> Result<Option<T>, RepoError> {
        self.with_git(|repo| {
            let config = repo.config().map_err(|error| git_error("reading the configuration", &error))?;
            match read(&config) {
                Ok(value) => Ok(Some(value)),
                Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
                Err(error) => Err(git_error(&format!("reading {key}"), &error)),
            }
        })
    }

    /// The error for an object that is not there.
    pub(super) fn missing(&self, id: ObjectId) -> RepoError {
        let path = self.path().to_path_buf();
        if self.inner.partial { RepoError::Partial { path, id } } else { RepoError::Missing { path, id } }
    }

    /// The loose objects, which libgit2 is not asked for.
    pub(super) fn loose(&self) -> &Loose {
        &self.inner.loose
    }

    /// The packs, mapped when they are asked for first.
    pub(super) fn packs(&self) -> Arc<Packs> {
        self.inner.packs.get_or_init(|| Arc::new(Packs::open(self.inner.loose.stores()))).clone()
    }

    /// Lets `look` use one of libgit2's own handles, which must not leave this layer. Another one is opened where all
    /// are in use.
    pub(super) fn with_git<T>(
        &self,
        look: impl FnOnce(&git2::Repository) -> Result<T, RepoError>,
    ) -> Result<T, RepoError> {
        let Inner { git_dir, spare, besides, .. } = &*self.inner;
        let spare = || spare.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = spare().pop();
        let repo = match taken {
            Some(repo) => repo,
            None => {
                let repo = git2::Repository::open(git_dir).map_err(|error| refusal(git_dir, &error))?;
                tell(&repo, besides)?;
                repo
            }
        };
        let seen = look(&repo);
        spare().push(repo);
        seen
    }
}

/// Tells libgit2 of folders of objects that it does not find by itself.
fn tell(repo: &git2::Repository, besides: &[PathBuf]) -> Result<(), RepoError> {
    if besides.is_empty() {
        return Ok(());
    }
    let fail = |error: git2::Error| git_error("opening the objects that are being pushed", &error);
    let odb = repo.odb().map_err(fail)?;
    // It takes a path that is no UTF-8 for an error of the caller's.
    besides
        .iter()
        .filter_map(|folder| folder.to_str())
        .try_for_each(|folder| odb.add_disk_alternate(folder))
        .map_err(fail)
}

/// What libgit2 reported, with what was being done.
pub(super) fn git_error(doing: &str, error: &git2::Error) -> RepoError {
    RepoError::Git { doing: doing.to_owned(), why: error.message().to_owned() }
}

fn shown(repo: &git2::Repository) -> PathBuf {
    repo.workdir().unwrap_or_else(|| repo.path()).to_path_buf()
}

/// Whether a remote promises objects that may not be here.
fn is_partial(config: &git2::Config) -> bool {
    let Ok(mut entries) =
        config.entries(Some("^(remote\\..*\\.(promisor|partialclonefilter)|extensions\\.partialclone)$"))
    else {
        return false;
    };
    entries.next().is_some()
}

/// Why a repository could not be opened, told apart as far as its own configuration tells.
fn refusal(path: &Path, error: &git2::Error) -> RepoError {
    let path = path.to_path_buf();
    if error.code() == ErrorCode::Owner {
        let message = error.message();
        // The path stands between the first quote and the last: it may hold some itself.
        let named = message.split_once('\'').and_then(|(_, rest)| rest.rsplit_once('\''));
        let named = named.map(|(path, _)| PathBuf::from(path));
        return RepoError::Owner { path: named.unwrap_or(path) };
    }
    if error.code() == ErrorCode::NotFound && matches!(error.class(), ErrorClass::Repository | ErrorClass::Os)
    {
        return RepoError::NotFound { path };
    }
    let message = error.message().to_lowercase();
    let mirror = format!("git clone --mirror --ref-format=files {} copy.git", for_shell(&path));
    let format = [
        (
            &["objectformat", "object format"][..],
            "SHA-256 object names",
            "convert a mirror of it to SHA-1: git fast-export --all | git fast-import".to_owned(),
        ),
        (
            &["refstorage"],
            "the reftable format for its refs",
            format!("convert it with git refs migrate --ref-format=files, or read a copy instead: {mirror}"),
        ),
        (&["partialclone"], "the old format of partial clones", "clone it again without --filter".to_owned()),
    ];
    for (words, what, remedy) in format {
        if words.iter().any(|word| message.contains(word)) {
            return RepoError::Format { path, what: what.into(), remedy };
        }
    }
    if message.contains("extension") || message.contains("repository version") {
        return RepoError::Format {
            path,
            what: format!("an extension that is not known here ({})", error.message()),
            remedy: "clone it afresh with an ordinary git clone".into(),
        };
    }
    git_error(&format!("opening {}", path.display()), error)
}

/// `corp/engine` in `https://host/corp/engine.git` and `git@host:corp/engine.git`.
fn name_in_url(url: &str) -> Option<String> {
    let is_drive = url.as_bytes().get(1) == Some(&b':');
    let path = if let Some((scheme, rest)) = url.split_once("://") {
        let (_host, path) = rest.split_once('/')?;
        if scheme == "file" { last(path)? } else { path }
    } else if let Some((host, path)) = url.split_once(':')
        && !host.contains('/')
        && !is_drive
    {
        path
    } else {
        last(url)?
    };
    let name = without_git(path.trim_matches('/'));
    (!name.is_empty()).then(|| name.to_owned())
}

fn last(path: &str) -> Option<&str> {
    let path = path.trim_end_matches(['/', '\\']);
    let path = path.strip_suffix("/.git").unwrap_or(path);
    path.rsplit(['/', '\\']).next()
}

fn without_git(name: &str) -> &str {
    name.strip_suffix(".git").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_path_at_the_host_or_the_folder() {
        for (url, name) in [
            ("https://github.com/corp/engine.git", "corp/engine"),
            ("https://github.com/corp/engine/", "corp/engine"),
            ("ssh://git@forge.example:2222/a/b/c.git", "a/b/c"),
            ("git@github.com:corp/engine.git", "corp/engine"),
            ("file:///srv/git/engine.git", "engine"),
            ("/srv/git/engine.git", "engine"),
            ("../engine/.git", "engine"),
            ("C:\\git\\engine", "engine"),
        ] {
            assert_eq!(name_in_url(url).as_deref(), Some(name), "{url}");
        }
    }
}
