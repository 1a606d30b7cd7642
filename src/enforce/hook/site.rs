//! A repository as its hooks see it: where Git looks for them, and which Git that is.
//!
//! Decides nothing: it is Git that is asked. Must not change anything.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{Event, HookError};
use crate::repo::{Git, GitError, program};

/// Who says where hooks are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksPath {
    /// Git's word for whose setting it is: `system`, `global`, `local` or `worktree`.
    pub scope: String,
    /// The file that it stands in.
    pub origin: String,
    /// The folder, as it is set.
    pub folder: PathBuf,
}

impl HooksPath {
    /// Whether it is set for all repositories.
    #[must_use]
    pub fn for_all(&self) -> bool {
        matches!(&*self.scope, "global" | "system")
    }

    /// What holds inside a repository.
    fn of(git: &Git) -> Result<Option<Self>, HookError> {
        Self::ask(git, &[])
    }

    /// What holds where no repository says otherwise.
    pub(super) fn everywhere(git: &Git) -> Result<Option<Self>, HookError> {
        Self::ask(git, &["--git-dir=/dev/null"])
    }

    fn ask(git: &Git, before: &[&str]) -> Result<Option<Self>, HookError> {
        let args =
            ["config", "--show-scope", "--show-origin", "-z", "--type=path", "--get", "core.hooksPath"];
        let Some(answer) = git.ask(before.iter().chain(&args))? else { return Ok(None) };
        let mut parts = answer.split(|byte| *byte == 0).map(<[u8]>::to_vec);
        let mut next = || parts.next().unwrap_or_default();
        let word = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Some(Self { scope: word(next()), origin: word(next()), folder: program::path(next()) }))
    }
}

/// The version of Git, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32, u32);

impl Version {
    /// The first that runs config hooks.
    const CONFIG_HOOKS: Self = Self(2, 54);

    pub(super) fn of(git: &Git) -> Result<Self, HookError> {
        let answer = git.run(["version"])?;
        // One that says nothing that can be read is taken for an old one.
        Ok(Self::parse(&String::from_utf8_lossy(&answer)).unwrap_or(Self(0, 0)))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().strip_prefix("git version ")?.split('.').map(str::parse);
        Some(Self(numbers.next()?.ok()?, numbers.next()?.ok()?))
    }

    /// Whether it runs config hooks.
    #[must_use]
    pub fn has_config_hooks(self) -> bool {
        self >= Self::CONFIG_HOOKS
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// A repository, and the Git that works in it.
#[derive(Debug)]
pub struct Site {
    pub(super) git: Git,
    /// Where hooks before a push run: the work tree, or the repository if it has none.
    top: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// Whether it has no work tree.
    pub bare: bool,
    /// Which Git.
    pub version: Version,
}

impl Site {
    /// The repository that a folder is in.
    ///
    /// # Errors
    /// There is none, Git does not trust it, or there is no Git.
    pub fn find(dir: &Path) -> Result<Self, HookError> {
        let git = Git::at(dir);
        let version = Version::of(&git)?;
        let git_dir = line(&git, &["--absolute-git-dir"]).map_err(HookError::NoRepository)?;
        let git_dir = program::path(git_dir);
        let bare = line(&git, &["--is-bare-repository"])? == b"true";
        let top = if bare { git_dir.clone() } else { program::path(line(&git, &["--show-toplevel"])?) };
        // The answer is seen from where the question is asked.
        let common_dir = git_dir.join(program::path(line(&Git::at(&git_dir), &["--git-common-dir"])?));
        Ok(Self {
            git: Git::at(&top),
            top,
            git_dir: git_dir.clone(),
            common_dir: clean(&common_dir),
            bare,
            version,
        })
    }

    /// The folder in which Git looks for the hook of an event.
    ///
    /// # Errors
    /// Git gives no answer.
    pub fn folder(&self, event: Event) -> Result<PathBuf, HookError> {
        // A relative core.hooksPath counts from where the hook runs.
        let base = if event.receives() { &self.git_dir } else { &self.top };
        // Asked for the very file that it runs: of the folder alone, Git tells something else where it is set to "".
        let file = format!("hooks/{}", event.name());
        let file = base.join(program::path(line(&Git::at(base), &["--git-path", &file])?));
        Ok(file.parent().map(Path::to_path_buf).unwrap_or(file))
    }

    /// The folder in which Git looks unless it is told otherwise.
    pub(super) fn own_folder(&self) -> PathBuf {
        self.common_dir.join("hooks")
    }

    /// Whether a folder is a part of the repository or its work tree.
    pub(super) fn holds(&self, folder: &Path) -> bool {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        // One that is still to be made has a parent that is there.
        let there = folder.ancestors().find(|path| path.exists()).unwrap_or(folder);
        let folder = real(there);
        [&self.top, &self.git_dir, &self.common_dir].iter().any(|part| folder.starts_with(real(part)))
    }

    /// Whether what is in a folder could be committed.
    pub(super) fn is_committed(&self, folder: &Path) -> bool {
        let in_git = [&self.git_dir, &self.common_dir].iter().any(|part| folder.starts_with(part));
        if self.bare || in_git || !folder.starts_with(&self.top) {
            return false;
        }
        let file = folder.join("pre-push");
        let args = ["check-ignore", "--quiet", "--"].map(Path::new).into_iter().chain([&*file]);
        self.git.ask(args).is_ok_and(|ignored| ignored.is_none())
    }

    /// Who says where hooks are; `None` if nobody does.
    ///
    /// # Errors
    /// Git gives no answer.
    pub fn hooks_path(&self) -> Result<Option<HooksPath>, HookError> {
        HooksPath::of(&self.git)
    }
}

/// What `git rev-parse` answers, without the line's end.
fn line(git: &Git, what: &[&str]) -> Result<Vec<u8>, GitError> {
    let mut answer = git.run([&["rev-parse"], what].concat())?;
    if answer.last() == Some(&b'\n') {
        answer.pop();
    }
    Ok(answer)
}

/// The path without `.` and links, if it is there.
fn clean(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_as_every_git_spells_it() {
        for (text, config_hooks) in [
            ("git version 2.47.3\n", false),
            ("git version 2.53.0.rc1", false),
            ("git version 2.54.0", true),
            ("git version 2.55.GIT", true),
            ("git version 3.0.0", true),
            ("git version 2.39.5 (Apple Git-154)", false),
            ("git version 2.54.0.windows.1", true),
        ] {
            assert_eq!(Version::parse(text).unwrap().has_config_hooks(), config_hooks, "{text}");
        }
        assert_eq!(Version::parse("jit 1"), None);
    }
}
