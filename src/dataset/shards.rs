//! The shards of a data set, and where what is written of each goes.
//!
//! Decides that nothing is taken for a shard by chance, and none twice.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::DatasetError;
pub use form::{Form, may_be_shard};
pub(super) use form::{ending, unread};
use meant::Meant;

mod form;
pub mod meant;
#[cfg(test)]
mod tests;

/// A shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// Where it is; none is standard input.
    pub path: Option<PathBuf>,
    /// Its name, relative to the folder that all shards have in common, with `/`. It is empty if it is that folder.
    pub name: String,
    /// Its form.
    pub form: Form,
}

impl Shard {
    /// What messages call it: its name; where it is, if it has none.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.path {
            Some(path) if self.name.is_empty() => path.display().to_string(),
            _ => self.name.clone(),
        }
    }
}

/// Where what is written of shards goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    /// The folder that is written to, by its real path. It may be spelled in many ways; from here on only in this one.
    pub folder: PathBuf,
    /// The place of each shard in it, in their order.
    pub each: Vec<PathBuf>,
}

/// What arguments mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shards {
    /// The shards, sorted by name.
    pub shards: Vec<Shard>,
    /// Files in the folders named, whose endings are no shard's: they are neither read nor written.
    pub passed_over: Vec<PathBuf>,
    /// The folders that were searched, by their real paths.
    pub folders: Vec<PathBuf>,
}

/// Finds the shards that arguments mean: files, folders with all that is below them, globs, and `-` for JSON Lines from
/// standard input. With `as_files` a folder is itself a shard, of files.
///
/// # Errors
/// An argument means no shard, a shard is meant twice, one is of no form that is known, or cannot be looked at.
pub fn find(arguments: &[PathBuf], as_files: bool) -> Result<Shards, DatasetError> {
    if arguments.iter().any(|argument| argument.as_os_str() == "-") {
        if arguments.len() > 1 {
            return Err(unsupported("standard input cannot be read together with other shards"));
        }
        let shard = Shard { path: None, name: "-".to_owned(), form: Form::JsonLines };
        return Ok(Shards { shards: vec![shard], ..Shards::default() });
    }
    let meant: Vec<Meant> = arguments.iter().map(|argument| Meant::by(argument)).collect::<Result<_, _>>()?;
    let Some(base) = meant::base(&meant) else { return Err(unsupported("no shard is named")) };
    let mut found = Shards::default();
    // By what they really are, links resolved.
    let mut known = HashSet::new();
    for (argument, meant) in arguments.iter().zip(meant) {
        let whole = as_files && matches!(meant, Meant::Folder(_));
        let files = found.files(meant, as_files)?;
        if files.is_empty() {
            return Err(unsupported(format!("`{}` means no shard", argument.display())));
        }
        for path in files {
            if !known.insert(path.canonicalize().map_err(io("find", &path))?) {
                return Err(unsupported(format!("`{}` is meant twice", path.display())));
            }
            let name = meant::name(&path, &base)?;
            let form = if whole { Form::Files } else { form::form(&path)? };
            found.shards.push(Shard { path: Some(path), name, form });
        }
    }
    // Folders of files are shards with all that is in them.
    let paths = || found.shards.iter().filter_map(|shard| Some((shard.path.as_ref()?, shard.form)));
    for (folder, _) in paths().filter(|(_, form)| *form == Form::Files) {
        if let Some((other, _)) = paths().find(|(path, _)| *path != folder && path.starts_with(folder)) {
            return Err(unsupported(format!("`{}` is meant twice", other.display())));
        }
    }
    found.shards.sort_by(|one, other| one.name.cmp(&other.name));
    if let Some(twice) = found.shards.windows(2).find(|two| two[0].name == two[1].name) {
        return Err(unsupported(format!("two shards have the name `{}`", twice[0].name)));
    }
    found.passed_over.sort();
    Ok(found)
}

impl Shards {
    /// The places of shards that are meant. Where they were searched, and what was passed over there, is noted.
    fn files(&mut self, meant: Meant, as_files: bool) -> Result<Vec<PathBuf>, DatasetError> {
        match meant {
            Meant::File(path) => Ok(vec![path]),
            Meant::Folder(folder) => {
                self.folders.push(folder.clone());
                if as_files {
                    return Ok(vec![folder]);
                }
                let inside = meant::inside(&folder)?;
                self.passed_over.extend(inside.others);
                Ok(inside.shards)
            }
            Meant::Glob { base, files, deep } => {
                if deep {
                    self.folders.push(base);
                }
                Ok(files)
            }
        }
    }

    /// Where what is written of each shard goes, below `out`. Nothing is written yet.
    ///
    /// # Errors
    /// It is a shard itself, or within a folder of shards: the next run would take it for one.
    pub fn targets(&self, out: &Path) -> Result<Targets, DatasetError> {
        let out = real(out)?;
        for folder in &self.folders {
            if out.starts_with(folder) {
                let (out, folder) = (out.display(), folder.display());
                return Err(unsupported(format!("the output `{out}` lies in the input `{folder}`")));
            }
        }
        let real_inputs = self.shards.iter().filter_map(|shard| shard.path.as_ref());
        let inputs: HashSet<PathBuf> = real_inputs
            .map(|path| path.canonicalize().map_err(io("find", path)))
            .collect::<Result<_, _>>()?;
        let mut targets = Vec::new();
        for shard in &self.shards {
            let target = if shard.name.is_empty() { out.clone() } else { out.join(&shard.name) };
            if inputs.contains(&real(&target)?) {
                return Err(unsupported(format!("the output `{}` is an input", target.display())));
            }
            targets.push(target);
        }
        Ok(Targets { folder: out, each: targets })
    }
}

/// A path with its links resolved, as far as it is there.
///
/// # Errors
/// It cannot be looked at, or what is not there is no name.
pub fn real(path: &Path) -> Result<PathBuf, DatasetError> {
    match path.canonicalize() {
        Ok(real) => Ok(real),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let whole = std::path::absolute(path).map_err(io("find", path))?;
            match (whole.parent(), whole.file_name()) {
                (Some(parent), Some(name)) => Ok(real(parent)?.join(name)),
                _ => Err(unsupported(format!("`{}` cannot be written to", path.display()))),
            }
        }
        Err(error) => Err(io("find", path)(error)),
    }
}

fn unsupported(why: impl Into<String>) -> DatasetError {
    DatasetError::Unsupported(why.into())
}

pub(super) fn io<'p>(
    action: &'static str,
    path: &'p Path,
) -> impl FnOnce(std::io::Error) -> DatasetError + use<'p> {
    move |source| DatasetError::Io { action: format!("{action} `{}`", path.display()), source }
}
