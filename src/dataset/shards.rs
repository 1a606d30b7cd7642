//! Which shards arguments mean, of which form each is, and where what is written of it goes.
//!
//! Decides that nothing is taken for a shard by chance, and none twice. Bytes say of which form a shard is; where they say
//! nothing (JSON), its name does; where both disagree, it is an error. Entries that folders hide (`.name`) are no shards.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use globset::GlobBuilder;
use walkdir::WalkDir;

use super::codec::frames::{Frames, Step};
use super::{Codec, DatasetError};

#[cfg(test)]
mod tests;

/// How rows are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Apache Parquet.
    Parquet,
    /// JSON Lines, in any codec.
    JsonLines,
    /// A tar archive, in any codec.
    Tar,
    /// A folder of files, each of them a row.
    Files,
}

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
    let mut found = Shards::default();
    let mut bases: Vec<PathBuf> = Vec::new();
    // By what they really are, links resolved.
    let mut known = HashMap::new();
    let mut places = Vec::new();
    for argument in arguments {
        let meant = mean(argument, as_files, &mut found)?;
        if meant.shards.is_empty() {
            return Err(unsupported(format!("`{}` means no shard", argument.display())));
        }
        for (path, form) in &meant.shards {
            let real = path.canonicalize().map_err(io("find", path))?;
            if known.insert(real, path.clone()).is_some() {
                return Err(unsupported(format!("`{}` is meant twice", path.display())));
            }
            places.push((path.clone(), *form));
        }
        bases.push(meant.base);
    }
    // Folders of files are shards with all that is in them.
    for (path, form) in &places {
        let within = |(other, _): &&(PathBuf, Form)| other != path && other.starts_with(path);
        if let Some((other, _)) = places.iter().filter(|_| *form == Form::Files).find(within) {
            return Err(unsupported(format!("`{}` is meant twice", other.display())));
        }
    }
    let Some(base) = bases.iter().cloned().reduce(|one, other| common(&one, &other)) else {
        return Err(unsupported("no shard is named"));
    };
    for (path, form) in places {
        let name = name(&path, &base)?;
        found.shards.push(Shard { path: Some(path), name, form });
    }
    found.shards.sort_by(|one, other| one.name.cmp(&other.name));
    if let Some(twice) = found.shards.windows(2).find(|two| two[0].name == two[1].name) {
        return Err(unsupported(format!("two shards have the name `{}`", twice[0].name)));
    }
    found.passed_over.sort();
    Ok(found)
}

impl Shards {
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

/// What one argument means.
struct Meant {
    /// The folder that the names are relative to.
    base: PathBuf,
    shards: Vec<(PathBuf, Form)>,
}

fn mean(argument: &Path, as_files: bool, found: &mut Shards) -> Result<Meant, DatasetError> {
    match fs::metadata(argument) {
        Ok(there) if there.is_dir() => {
            let base = argument.canonicalize().map_err(io("find", argument))?;
            found.folders.push(base.clone());
            if as_files {
                return Ok(Meant { shards: vec![(base.clone(), Form::Files)], base });
            }
            let (shards, others): (Vec<_>, Vec<_>) =
                visible(&base)?.into_iter().partition(|path| may_be_shard(path));
            found.passed_over.extend(others);
            let shards: Result<_, _> =
                shards.into_iter().map(|path| form(&path).map(|form| (path, form))).collect();
            Ok(Meant { base, shards: shards? })
        }
        Ok(_) => {
            let parent = argument.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new("."));
            let base = parent.canonicalize().map_err(io("find", parent))?;
            let name = argument.file_name().ok_or_else(|| unsupported("a shard has no name"))?;
            let path = base.join(name);
            Ok(Meant { shards: vec![(path.clone(), form(&path)?)], base })
        }
        Err(error) if error.kind() == ErrorKind::NotFound && is_glob(argument) => glob(argument, found),
        Err(error) => Err(io("look at", argument)(error)),
    }
}

fn is_glob(argument: &Path) -> bool {
    argument.to_string_lossy().contains(['*', '?', '[', '{'])
}

/// What a glob means: shells do not expand all of them.
fn glob(argument: &Path, found: &mut Shards) -> Result<Meant, DatasetError> {
    let mut base = PathBuf::new();
    let mut parts = argument.components().peekable();
    while let Some(part) = parts.next_if(|part| !is_glob(Path::new(part))) {
        base.push(part);
    }
    if base.as_os_str().is_empty() {
        base.push(".");
    }
    let base = base.canonicalize().map_err(io("find", &base))?;
    let pattern: PathBuf = parts.collect();
    let depth = pattern.components().count();
    let text = pattern.to_str().ok_or_else(|| not_unicode(&pattern))?;
    let matcher = GlobBuilder::new(text)
        .literal_separator(true)
        .build()
        .map_err(|error| unsupported(format!("`{}` is no glob: {}", argument.display(), error.kind())))?
        .compile_matcher();
    let deepest = if text.contains("**") {
        found.folders.push(base.clone());
        usize::MAX
    } else {
        depth
    };
    let mut shards = Vec::new();
    for path in walk(&base, deepest)? {
        if path.strip_prefix(&base).is_ok_and(|below| matcher.is_match(below)) {
            let form = form(&path)?;
            shards.push((path, form));
        }
    }
    Ok(Meant { base, shards })
}

/// Every file below a folder, at any depth, but for what is hidden: of these, those that [`may_be_shard`] are read where the
/// folder is named.
///
/// # Errors
/// Something in it cannot be looked at.
pub fn visible(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    walk(folder, usize::MAX)
}

/// Every file below a folder but for what is hidden. Links are followed: caches of data sets are made of them.
fn walk(folder: &Path, deepest: usize) -> Result<Vec<PathBuf>, DatasetError> {
    let hidden = |entry: &walkdir::DirEntry| {
        entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let mut files = Vec::new();
    let walk = WalkDir::new(folder).follow_links(true).max_depth(deepest).sort_by_file_name();
    for entry in walk.into_iter().filter_entry(|entry| !hidden(entry)) {
        let entry = entry.map_err(|error| {
            let at = error.path().unwrap_or(folder).to_owned();
            io("look at", &at)(error.into())
        })?;
        if !entry.file_type().is_dir() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Whether a file's name is one of a shard.
#[must_use]
pub fn may_be_shard(path: &Path) -> bool {
    ending(path).is_some()
}

/// The form that a name tells, without looking at the codec behind it.
pub(super) fn ending(path: &Path) -> Option<Form> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    if name.ends_with(".tgz") {
        return Some(Form::Tar);
    }
    let name = [".gz", ".zst", ".zstd"].iter().find_map(|codec| name.strip_suffix(codec)).unwrap_or(&name);
    match name.rsplit_once('.')?.1 {
        "parquet" => Some(Form::Parquet),
        "jsonl" | "json" | "ndjson" => Some(Form::JsonLines),
        "tar" => Some(Form::Tar),
        _ => None,
    }
}

/// The form of a file.
fn form(path: &Path) -> Result<Form, DatasetError> {
    let there = fs::metadata(path).map_err(io("look at", path))?;
    if !there.is_file() {
        // To open a pipe might wait forever.
        return Err(unsupported(format!("`{}` is no regular file", path.display())));
    }
    let open = || File::open(path).map_err(io("open", path));
    let mut first = Vec::new();
    open()?.take(4).read_to_end(&mut first).map_err(io("read", path))?;
    let told = ending(path);
    let bytes = match first.as_slice() {
        // The second one is encrypted.
        b"PAR1" | b"PARE" => Some(Form::Parquet),
        _ => is_tar(open()?).then_some(Form::Tar),
    };
    let codec = Codec::of(&first);
    match (bytes, told) {
        (Some(bytes), None) => Ok(bytes),
        (Some(bytes), Some(told)) if bytes == told => Ok(bytes),
        // A form older than `ustar` has no mark.
        (None, Some(told @ (Form::JsonLines | Form::Tar))) => Ok(told),
        (None, None) => Err(unsupported(format!(
            "`{}` is of no form that is known: neither Parquet nor tar, nor does its name end in .jsonl, .json or .ndjson{}",
            path.display(),
            if codec == Codec::Plain { "" } else { " before that of its codec" },
        ))),
        (None, Some(_)) if first.is_empty() => Err(unsupported(format!(
            "`{}` is empty, which no Parquet file is: get it again, or take it away",
            path.display()
        ))),
        _ => Err(unsupported(format!("the name of `{}` says another form than its bytes", path.display()))),
    }
}

/// Whether it begins as a tar archive does. What is damaged is told by those who read it.
fn is_tar(file: File) -> bool {
    let Ok(mut frames) = Frames::new(file.take(1 << 20), false) else { return false };
    let mut text = Vec::new();
    while text.len() < 512 {
        match frames.read(&mut text) {
            Ok(Step::Text | Step::FrameEnd) => {}
            Ok(Step::End) | Err(_) => break,
        }
    }
    text.get(257..262) == Some(b"ustar")
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

fn common(one: &Path, other: &Path) -> PathBuf {
    one.components()
        .zip(other.components())
        .take_while(|(one, other)| one == other)
        .map(|(one, _)| one)
        .collect()
}

fn name(path: &Path, base: &Path) -> Result<String, DatasetError> {
    let below = path.strip_prefix(base).map_err(|_| DatasetError::Bug("a shard is not below its folder"))?;
    let parts: Option<Vec<&str>> = below
        .components()
        .map(|part| if let Component::Normal(part) = part { part.to_str() } else { None })
        .collect();
    Ok(parts.ok_or_else(|| not_unicode(path))?.join("/"))
}

fn not_unicode(path: &Path) -> DatasetError {
    unsupported(format!("the name of `{}` is not Unicode", path.display()))
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
