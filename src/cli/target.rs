//! Which revision and which paths a command is asked about, in git's way of saying it.
//!
//! Decides what `REV`, `--` and `PATH…` mean. Must not read more of the repository than that takes.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use withhold::attribution::TipFile;
use withhold::exit::Exit;
use withhold::repo::{Objects, Repository, Tip};
use withhold::scan;

use super::{Context, Failure};

/// A revision, and the paths in it that are meant.
pub(crate) struct Target {
    pub(crate) tip: Tip,
    /// Paths from the top of the repository; none at all means everything.
    pub(crate) paths: Vec<Vec<u8>>,
}

impl Target {
    /// Understands what stands before `--` (a revision, and paths if there is no `--`) and behind it.
    pub(crate) fn parse(
        context: &Context,
        objects: &Objects,
        before: &[OsString],
        behind: &[OsString],
    ) -> Result<Self, Failure> {
        let here = |path: &OsString| from_top(context, objects.repository(), path);
        let (rev, rest) = match before.split_first() {
            None => (None, before),
            Some((first, rest)) => match objects.resolve(&first.to_string_lossy()) {
                Ok(tip) => (Some(tip), rest),
                Err(error) if !behind.is_empty() => return Err(error.into()),
                Err(withhold::repo::RepoError::Revision { .. }) => (None, before),
                Err(error) => return Err(error.into()),
            },
        };
        if !behind.is_empty() && !rest.is_empty() {
            return Err(Failure::new(Exit::Usage, "more than one revision before '--'"));
        }
        let tip = rev.map_or_else(|| objects.resolve("HEAD"), Ok)?;
        let paths = rest.iter().chain(behind).map(here).collect::<Result<_, _>>()?;
        Ok(Self { tip, paths })
    }

    /// Of `files`, those that are meant.
    ///
    /// # Errors
    /// A path that no file lies at or below: it is a mistake, not an empty answer.
    pub(crate) fn select(&self, files: Vec<TipFile>) -> Result<Vec<TipFile>, Failure> {
        for path in &self.paths {
            if !files.iter().any(|file| is_below(&file.path, path)) {
                let path = String::from_utf8_lossy(path);
                return Err(Failure::new(
                    Exit::Usage,
                    format_args!("'{path}' is neither a revision nor a path in {}", self.tip.name),
                )
                .hint("put '--' between revision and paths"));
            }
        }
        if self.paths.is_empty() {
            return Ok(files);
        }
        let meant = |file: &TipFile| self.paths.iter().any(|path| is_below(&file.path, path));
        Ok(files.into_iter().filter(meant).collect())
    }
}

fn is_below(file: &[u8], path: &[u8]) -> bool {
    path.is_empty()
        || file.strip_prefix(path).is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b'/'))
}

/// A path as the user gives it, from the top of the repository and in git's spelling.
pub(crate) fn from_top(context: &Context, repository: &Repository, path: &OsStr) -> Result<Vec<u8>, Failure> {
    normalized(&prefix(context, repository)?.join(path))
}

/// Whether a file, link or submodule stands at the path.
pub(crate) fn is_file(objects: &Objects, tip: &Tip, path: &[u8]) -> Result<bool, Failure> {
    Ok(!path.is_empty() && scan::stands_at(objects, tip, path)?)
}

/// Where the command works, seen from the top of the work tree.
fn prefix(context: &Context, repository: &Repository) -> Result<PathBuf, Failure> {
    let Some(top) = repository.work_dir() else { return Ok(PathBuf::new()) };
    let unreadable = |error: std::io::Error| {
        Failure::new(Exit::Unreadable, format_args!("cannot find {}: {error}", context.dir.display()))
    };
    let (dir, top) =
        (context.dir.canonicalize().map_err(unreadable)?, top.canonicalize().map_err(unreadable)?);
    Ok(dir.strip_prefix(&top).map(Path::to_path_buf).unwrap_or_default())
}

/// A path without `.` and `..`, in git's spelling.
fn normalized(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => parts.push(part.as_encoded_bytes()),
            Component::ParentDir if parts.pop().is_some() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                let path = path.display();
                return Err(Failure::new(Exit::Usage, format_args!("'{path}' is outside the repository")));
            }
        }
    }
    Ok(parts.join(&b'/'))
}
