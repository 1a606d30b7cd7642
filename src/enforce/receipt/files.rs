//! The files of a data set, and the names under which a receipt knows them.
//!
//! Decides what a file is called: by its path below the data set's folder, so that the whole can be moved. Which files
//! arguments mean, and which of those in a folder are read, is decided where shards are found, so that nothing counts here
//! that is not read there. What is neither file nor folder is an error, since it could hold anything.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::ReceiptError;
use crate::dataset::DatasetError;
use crate::dataset::shards::meant::{self, Meant};
use crate::manifest::path;

/// A file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// What a receipt calls it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// How many bytes.
    pub size: u64,
    /// Whether it was named itself, or matched by a glob, and not only the folder in which it lies.
    pub named: bool,
    /// Whether whoever reads the folder in which it lies reads it.
    pub read: bool,
}

/// The files that are meant: those that are named, those that globs match, and those that lie in folders that are named, at
/// any depth: all of them, if each is a row (`as_files`), else those that are not hidden. Their names begin at `base`; by
/// default where `verify` has them begin for the same inputs.
///
/// # Errors
/// Something is not there, is neither a file nor a folder, or does not lie below `base`; a glob matches nothing; or a shard
/// in a folder has a name that is not UTF-8.
pub fn collect(
    inputs: &[PathBuf],
    base: Option<&Path>,
    as_files: bool,
) -> Result<Vec<DataFile>, ReceiptError> {
    let meant: Vec<_> = inputs.iter().map(|input| Meant::by(input)).collect::<Result<_, _>>()?;
    let base = match base {
        Some(base) => base.canonicalize().map_err(io_error("find", base))?,
        None => meant::base(&meant).unwrap_or_default(),
    };
    let mut files = Vec::new();
    let mut push = |path: &Path, named, read| -> Result<(), ReceiptError> {
        files.push(data_file(path, &base, named, read)?);
        Ok(())
    };
    for (input, meant) in inputs.iter().zip(&meant) {
        match meant {
            Meant::File(path) => push(path, true, true)?,
            Meant::Glob { files, .. } if files.is_empty() => {
                let why = format!("`{}` means no file", input.display());
                return Err(DatasetError::Unsupported(why).into());
            }
            // As if a shell had named them.
            Meant::Glob { files, .. } => files.iter().try_for_each(|path| push(path, true, true))?,
            Meant::Folder(folder) if as_files => {
                meant::all(folder)?.iter().try_for_each(|path| push(path, false, true))?;
            }
            Meant::Folder(folder) => {
                let inside = meant::inside(folder)?;
                inside.shards.iter().try_for_each(|path| push(path, false, true))?;
                // What else lies there is of no matter, as long as no receipt names it.
                let mut others = inside.others.iter().filter(|path| path.is_file());
                others.try_for_each(|path| push(path, false, false))?;
            }
        }
    }
    // What is named and lies in a folder that is named, is named.
    files.sort_by(|a, b| a.name.cmp(&b.name).then(b.named.cmp(&a.named)));
    files.dedup_by(|a, b| a.name == b.name);
    Ok(files)
}

fn data_file(file: &Path, base: &Path, named: bool, read: bool) -> Result<DataFile, ReceiptError> {
    let there = fs::metadata(file).map_err(io_error("look at", file))?;
    let wrong = |why| ReceiptError::File { path: file.to_owned(), why };
    if !there.is_file() {
        return Err(wrong("is neither a file nor a folder"));
    }
    let below =
        file.strip_prefix(base).map_err(|_| wrong("does not lie in the folder at which names begin"))?;
    let mut name = String::new();
    for part in below.components() {
        let Component::Normal(part) = part else { return Err(wrong("has a name that leads elsewhere")) };
        if !name.is_empty() {
            name.push('/');
        }
        name += &path::encode(part.as_encoded_bytes());
    }
    Ok(DataFile { name, path: file.to_owned(), size: there.len(), named, read })
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ReceiptError {
    let path = path.to_owned();
    move |source| ReceiptError::Io { action, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(inputs: &[PathBuf], base: Option<&Path>) -> Vec<String> {
        collect(inputs, base, true).unwrap().into_iter().map(|file| file.name).collect()
    }

    #[test]
    fn names_begin_at_the_folder_in_which_all_lies() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["a/one.parquet", "a/b/two.parquet", "c%\u{e9}.jsonl"] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), name).unwrap();
        }
        let all = ["a/b/two.parquet", "a/one.parquet", "c%25\u{e9}.jsonl"];
        assert_eq!(names(&[folder.path().to_owned()], None), all);
        assert_eq!(names(&[at("a")], None), ["b/two.parquet", "one.parquet"]);
        assert_eq!(names(&[at("a")], Some(folder.path())), all[..2]);
        assert_eq!(names(&[at("a/one.parquet")], None), ["one.parquet"]);
        assert_eq!(names(&[at("a/one.parquet"), at("a/b")], None), ["b/two.parquet", "one.parquet"]);
        assert_eq!(
            names(&[at("a"), at("a/one.parquet"), at("a/b/../b/two.parquet")], None),
            ["b/two.parquet", "one.parquet"]
        );
        assert!(collect(&[at("a")], Some(&at("a/b")), true).is_err());
        assert!(collect(&[at("nowhere")], None, true).is_err());
        assert_eq!(names(&[], None), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_nothing_else_is_taken_for_a_file() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("blobs")).unwrap();
        fs::create_dir(at("data")).unwrap();
        fs::write(at("blobs/1234"), "rows").unwrap();
        symlink(at("blobs/1234"), at("data/a.parquet")).unwrap();
        assert_eq!(names(&[at("data")], None), ["a.parquet"]);
        assert_eq!(names(&[at("data/a.parquet")], None), ["a.parquet"]);
        assert_eq!(collect(&[at("data")], None, false).unwrap()[0].size, 4);
        symlink(at("data"), at("data/round")).unwrap();
        assert!(collect(&[at("data")], None, true).unwrap_err().to_string().contains("circle"));
        fs::remove_file(at("data/round")).unwrap();
        symlink(at("nowhere"), at("data/b.parquet")).unwrap();
        assert!(collect(&[at("data")], None, false).is_err());
        fs::remove_file(at("data/b.parquet")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("data/socket")).unwrap();
        assert!(collect(&[at("data")], None, true).unwrap_err().to_string().contains("neither a file nor"));
    }
}
