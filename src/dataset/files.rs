//! A plain folder of files: each regular file, at any depth, hidden or not, is a row.
//!
//! Decides what a row has: `path`, the file's name below the folder with `/`, and `content`, its bytes. Rows come in the
//! order of their names, folder by folder. What is neither a file nor a folder (a symbolic link, a pipe) is an error: what
//! it means lies elsewhere, and was never judged. Where a content was judged, the very bytes that were are written, and
//! hashed. Folders without files are not written.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

use super::output::{Hashing, Written};
use super::shards::io as cannot;
use super::{Columns, DatasetError, Decision, Judge, Meaning, Row, Tally, Value, Watch};

#[cfg(test)]
mod tests;

/// No file may be longer whose content has to be read: one is held whole.
const LONGEST: u64 = 2 << 30;

/// The names of the columns.
pub const NAMES: [&str; 2] = ["content", "path"];

/// A file, as a receipt speaks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashed {
    /// Its name below the folder, with `/`.
    pub name: Vec<u8>,
    /// What stands in it.
    pub written: Written,
}

/// Shows every file to the judge, and writes nothing. As written are counted those that would stay.
///
/// # Errors
/// It cannot be read, has something that is no file, a column is asked for that it has not, or the judge stops it.
pub fn verify<J: Judge + ?Sized>(
    folder: &Path,
    columns: &Columns,
    judge: &mut J,
    watch: &dyn Watch,
) -> Result<Tally, DatasetError> {
    walk(folder, columns, judge, watch, |_, _| Ok(()))
}

/// As [`verify`]; and says what stands in each file, whatever becomes of it.
///
/// # Errors
/// As [`verify`].
pub fn verify_hashed<J: Judge + ?Sized>(
    folder: &Path,
    columns: &Columns,
    judge: &mut J,
    watch: &dyn Watch,
    hashed: &mut dyn FnMut(Hashed),
) -> Result<Tally, DatasetError> {
    walk(folder, columns, judge, watch, |file, fate| {
        let written = match fate.content {
            // What was judged is what is hashed.
            Some(content) => Written::by(content),
            None => Written::of(&file.path)?,
        };
        hashed(Hashed { name: file.name.clone(), written });
        Ok(())
    })
}

/// Copies the files that stay, with their rights, to the empty folder `out`, and says what stands in each then.
///
/// # Errors
/// As [`verify`]; or it cannot be written. What is written by then is to be thrown away.
pub fn filter<J: Judge + ?Sized>(
    folder: &Path,
    columns: &Columns,
    judge: &mut J,
    watch: &dyn Watch,
    out: &Path,
    hashed: &mut dyn FnMut(Hashed),
) -> Result<Tally, DatasetError> {
    walk(folder, columns, judge, watch, |file, fate| {
        if !fate.stays {
            return Ok(());
        }
        let target = out.join(&file.below);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(cannot("make the folder", parent))?;
        }
        let written = copy(file, fate.content, &target)?;
        hashed(Hashed { name: file.name.clone(), written });
        Ok(())
    })
}

/// Shows the first files with their contents, and says how many they were.
///
/// # Errors
/// As [`verify`], as far as is read.
pub fn sample(
    folder: &Path,
    columns: &Columns,
    most: u64,
    see: &mut dyn FnMut(&Row<'_>),
) -> Result<u64, DatasetError> {
    super::row::sampled(most, see, |judge| walk(folder, columns, judge, &(), |_, _| Ok(())))
}

/// A file.
struct Found {
    path: PathBuf,
    below: PathBuf,
    name: Vec<u8>,
}

/// What becomes of a file.
struct Fate<'c> {
    stays: bool,
    /// What was judged; of one that stays, what stands in it then.
    content: Option<&'c [u8]>,
}

fn walk<J: Judge + ?Sized>(
    folder: &Path,
    columns: &Columns,
    judge: &mut J,
    watch: &dyn Watch,
    mut each: impl FnMut(&Found, &Fate<'_>) -> Result<(), DatasetError>,
) -> Result<Tally, DatasetError> {
    for column in columns.iter() {
        let known = match column.name.as_str() {
            "path" => column.meaning != Meaning::Content,
            "content" => column.meaning == Meaning::Content,
            _ => false,
        };
        if !known {
            let why = "is not in a folder of files, which has `path`, and `content` as such".to_owned();
            return Err(DatasetError::Column { name: column.name.clone(), why });
        }
    }
    if !fs::metadata(folder).map_err(cannot("look at", folder))?.is_dir() {
        return Err(DatasetError::Unsupported(format!("`{}` is no folder", folder.display())));
    }
    let mut tally = Tally::default();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        if watch.interrupted() {
            return Err(DatasetError::Interrupted);
        }
        let entry = entry.map_err(|error| cannot("look at", folder)(error.into()))?;
        let kind = entry.file_type();
        if kind.is_dir() {
            continue;
        }
        tally.read += 1;
        if !kind.is_file() {
            let why = format!("`{}` is neither a file nor a folder", entry.path().display());
            return Err(DatasetError::Unsupported(why));
        }
        let length = entry.metadata().map_err(|error| cannot("look at", entry.path())(error.into()))?.len();
        let path = entry.into_path();
        let below =
            path.strip_prefix(folder).map_err(|_| DatasetError::Bug("a file is not below its folder"))?;
        let file = Found { below: below.to_owned(), name: name(below)?, path };
        if judged(&file, columns, judge, tally.read, &mut each)? {
            tally.written += 1;
        }
        watch.advance(length, 1);
    }
    Ok(tally)
}

/// Whether a file stays.
fn judged<J: Judge + ?Sized>(
    file: &Found,
    columns: &Columns,
    judge: &mut J,
    row: u64,
    each: &mut impl FnMut(&Found, &Fate<'_>) -> Result<(), DatasetError>,
) -> Result<bool, DatasetError> {
    let mut content: Option<Vec<u8>> = None;
    loop {
        let value = |meaning| match (meaning, &content) {
            (Meaning::Content, None) => Value::Unread,
            (Meaning::Content, Some(content)) => Value::Bytes(content),
            _ => Value::Bytes(&file.name),
        };
        let values: Vec<Value<'_>> = columns.iter().map(|column| value(column.meaning)).collect();
        let mut end = |stays, content| each(file, &Fate { stays, content }).map(|()| stays);
        match judge.judge(&Row::new(&values)) {
            Decision::Drop => return end(false, content.as_deref()),
            // What was judged is what is written.
            Decision::Keep => return end(true, content.as_deref()),
            Decision::Replace(by) => return end(true, Some(&by)),
            Decision::Stop => return Err(DatasetError::Stopped { row }),
            Decision::Read if content.is_none() => content = Some(read(&file.path)?),
            Decision::Read => return Err(DatasetError::Bug("a judge asked for contents that it has seen")),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, DatasetError> {
    let mut content = Vec::new();
    let file = File::open(path).map_err(cannot("open", path))?;
    file.take(LONGEST + 1).read_to_end(&mut content).map_err(cannot("read", path))?;
    if content.len() as u64 > LONGEST {
        let why = format!("`{}` is longer than {LONGEST} bytes", path.display());
        return Err(DatasetError::Unsupported(why));
    }
    Ok(content)
}

fn copy(file: &Found, content: Option<&[u8]>, target: &Path) -> Result<Written, DatasetError> {
    let mut input = File::open(&file.path).map_err(cannot("open", &file.path))?;
    let out = File::create_new(target).map_err(cannot("make", target))?;
    let mut hashing = Hashing::new(&out);
    match content {
        Some(content) => hashing.write_all(content),
        None => io::copy(&mut input, &mut hashing).map(drop),
    }
    .map_err(cannot("copy", &file.path))?;
    let rights = input.metadata().map_err(cannot("look at", &file.path))?.permissions();
    // Not those that run it as somebody else.
    #[cfg(unix)]
    let rights = {
        use std::os::unix::fs::PermissionsExt;
        fs::Permissions::from_mode(rights.mode() & 0o777)
    };
    out.set_permissions(rights).map_err(cannot("set the rights of", target))?;
    Ok(hashing.written())
}

/// The name with `/`.
fn name(below: &Path) -> Result<Vec<u8>, DatasetError> {
    let mut name = Vec::new();
    for part in below.components() {
        let Component::Normal(part) = part else {
            return Err(DatasetError::Bug("a file is not below its folder"));
        };
        if !name.is_empty() {
            name.push(b'/');
        }
        #[cfg(unix)]
        name.extend_from_slice(part.as_encoded_bytes());
        #[cfg(not(unix))]
        name.extend_from_slice(
            part.to_str()
                .ok_or_else(|| DatasetError::Unsupported(format!("`{}` is not Unicode", below.display())))?
                .as_bytes(),
        );
    }
    Ok(name)
}
