//! Which files arguments mean, and where their names begin.
//!
//! Decides it for all who read data sets, so that what a receipt is held against are the very files that were read. Entries
//! that folders hide (`.name`) are meant only by who names them; a shard among them is an error, since readers differ. Links are followed: caches of data sets are made of them.
//! Must not open a file.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Component, Path, PathBuf};

use globset::GlobBuilder;
use walkdir::WalkDir;

use super::super::DatasetError;
use super::form::may_be_shard;
use super::{io, unsupported};

/// What one argument means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// A file: its own name, in the real path of its folder.
    File(PathBuf),
    /// A folder, by its real path.
    Folder(PathBuf),
    /// What a glob matches: shells do not expand all of them.
    Glob {
        /// The folder in front of its first part that could match several names, by its real path.
        base: PathBuf,
        /// The files that it matches.
        files: Vec<PathBuf>,
        /// Whether it matches at any depth.
        deep: bool,
    },
}

impl Meant {
    /// What an argument means: the file or folder of that name, else what it matches as a glob.
    ///
    /// # Errors
    /// There is nothing of that name, and it is no glob; or something cannot be looked at, or named.
    pub fn by(argument: &Path) -> Result<Self, DatasetError> {
        match fs::metadata(argument) {
            Ok(there) if there.is_dir() => Ok(Self::Folder(canonical(argument)?)),
            Ok(_) => {
                let parent = argument.parent().filter(|parent| !parent.as_os_str().is_empty());
                let name = argument.file_name().ok_or_else(|| unsupported("a shard has no name"))?;
                Ok(Self::File(canonical(parent.unwrap_or(Path::new(".")))?.join(name)))
            }
            Err(error) if error.kind() == ErrorKind::NotFound && is_glob(argument) => glob(argument),
            Err(error) => Err(io("look at", argument)(error)),
        }
    }

    /// The folder at which names begin, if this is all that is given.
    #[must_use]
    pub fn base(&self) -> &Path {
        match self {
            Self::File(path) => path.parent().unwrap_or(path),
            Self::Folder(path) => path,
            Self::Glob { base, .. } => base,
        }
    }
}

/// The folder at which names begin: the one in which all lies that is given. None if nothing is.
#[must_use]
pub fn base(meant: &[Meant]) -> Option<PathBuf> {
    let bases = meant.iter().map(|meant| meant.base().to_owned());
    bases.reduce(|one, other| {
        let both = one.components().zip(other.components());
        both.take_while(|(one, other)| one == other).map(|(one, _)| one).collect()
    })
}

/// The files in a folder, at any depth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside {
    /// Those whose names are ones of shards.
    pub shards: Vec<PathBuf>,
    /// Those that are passed over.
    pub others: Vec<PathBuf>,
}

/// What is read where a folder of shards is named, and what is not. What is hidden is neither.
///
/// # Errors
/// Something in it cannot be looked at, or a shard is hidden, or has no name that can be told.
pub fn inside(folder: &Path) -> Result<Inside, DatasetError> {
    let (shards, others): (Vec<_>, Vec<_>) =
        walk(folder, usize::MAX, is_nothing)?.into_iter().partition(|path| may_be_shard(path));
    let others = others.into_iter().filter(|path| !is_hidden(path, folder)).collect();
    sound(&shards, folder)?;
    Ok(Inside { shards, others })
}

/// Every file in a folder, at any depth, hidden or not.
///
/// # Errors
/// Something in it cannot be looked at.
pub fn all(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    walk(folder, usize::MAX, |_, _| false)
}

/// Whether a file below a folder is hidden, or in a folder that is.
fn is_hidden(path: &Path, folder: &Path) -> bool {
    let below = path.strip_prefix(folder).unwrap_or(path);
    below.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
}

/// Whether what is hidden below a folder, and could not be looked at, is no shard to anybody: a link to nothing.
fn is_nothing(error: &walkdir::Error, folder: &Path) -> bool {
    let missing = error.io_error().is_some_and(|error| error.kind() == ErrorKind::NotFound);
    let is_such = |path: &Path| is_hidden(path, folder) && !may_be_shard(path) && path.is_symlink();
    missing && error.path().is_some_and(is_such)
}

/// The files in a folder, but for those that cannot be looked at and `pass`.
fn walk(
    folder: &Path,
    deepest: usize,
    pass: impl Fn(&walkdir::Error, &Path) -> bool,
) -> Result<Vec<PathBuf>, DatasetError> {
    let mut files = Vec::new();
    let walk = WalkDir::new(folder).follow_links(true).max_depth(deepest).sort_by_file_name();
    for entry in walk {
        if entry.as_ref().is_err_and(|error| pass(error, folder)) {
            continue;
        }
        let entry = entry.map_err(|error| {
            let at = error.path().unwrap_or(folder).to_owned();
            let round = || Error::other("links lead round in a circle");
            io("look at", &at)(error.into_io_error().unwrap_or_else(round))
        })?;
        if !entry.file_type().is_dir() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

fn is_glob(argument: &Path) -> bool {
    argument.to_string_lossy().contains(['*', '?', '[', '{'])
}

fn glob(argument: &Path) -> Result<Meant, DatasetError> {
    let mut base = PathBuf::new();
    let mut parts = argument.components().peekable();
    while let Some(part) = parts.next_if(|part| !is_glob(Path::new(part))) {
        base.push(part);
    }
    if base.as_os_str().is_empty() {
        base.push(".");
    }
    let base = canonical(&base)?;
    let pattern: PathBuf = parts.collect();
    let text = pattern.to_str().ok_or_else(|| unsupported(format!("the glob {pattern:?} is not UTF-8")))?;
    let matcher = GlobBuilder::new(text)
        .literal_separator(true)
        .build()
        .map_err(|error| unsupported(format!("`{}` is no glob: {}", argument.display(), error.kind())))?
        .compile_matcher();
    let deep = text.contains("**");
    let deepest = if deep { usize::MAX } else { pattern.components().count() };
    let mut files = walk(&base, deepest, is_nothing)?;
    files.retain(|path| path.strip_prefix(&base).is_ok_and(|below| matcher.is_match(below)));
    files.retain(|path| !is_hidden(path, &base) || may_be_shard(path));
    sound(&files, &base)?;
    Ok(Meant::Glob { base, files, deep })
}

/// Whether all who read these shards would read the same ones, by names that can be told.
fn sound(shards: &[PathBuf], base: &Path) -> Result<(), DatasetError> {
    if let Some(hidden) = shards.iter().find(|path| is_hidden(path, base)) {
        return Err(DatasetError::Hidden(hidden.clone()));
    }
    shards.iter().try_for_each(|path| name(path, base).map(drop))
}

/// The name of a shard below a folder, with `/`.
///
/// # Errors
/// It is not UTF-8.
pub(super) fn name(path: &Path, base: &Path) -> Result<String, DatasetError> {
    let below = path.strip_prefix(base).map_err(|_| DatasetError::Bug("a shard is not below its folder"))?;
    let parts: Option<Vec<&str>> = below
        .components()
        .map(|part| if let Component::Normal(part) = part { part.to_str() } else { None })
        .collect();
    Ok(parts.ok_or_else(|| DatasetError::Name(path.to_owned()))?.join("/"))
}

fn canonical(path: &Path) -> Result<PathBuf, DatasetError> {
    path.canonicalize().map_err(io("find", path))
}
