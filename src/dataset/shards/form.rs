//! Of which form a shard is.
//!
//! Decides by its bytes; where they say nothing (JSON), by its name; where both disagree, it is an error. Must not go by whole
//! names: what is no UTF-8 can end like a shard all the same.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use super::super::codec::frames::{Frames, Step};
use super::super::{Codec, DatasetError};
use super::{io, unsupported};

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

/// Codecs that are read, by the ends of names.
const CODECS: [&str; 3] = [".gz", ".zst", ".zstd"];
/// Codecs that are not. A shard in one of these is a shard, that others read.
const UNREAD: [&str; 13] =
    [".bz2", ".xz", ".lz4", ".br", ".lzo", ".snappy", ".sz", ".7z", ".zip", ".lzma", ".z", ".gzip", ".bgz"];

/// Whether a file's name is one of a shard.
#[must_use]
pub fn may_be_shard(path: &Path) -> bool {
    ending(path).is_some()
}

/// The form that a name tells, without looking at the codec behind it.
pub(in super::super) fn ending(path: &Path) -> Option<Form> {
    let name = path.file_name()?.as_encoded_bytes().to_ascii_lowercase();
    if name.ends_with(b".tgz") {
        return Some(Form::Tar);
    }
    let mut codecs = CODECS.iter().chain(&UNREAD);
    let name = codecs.find_map(|codec| name.strip_suffix(codec.as_bytes())).unwrap_or(&name);
    match &name[name.iter().rposition(|byte| *byte == b'.')? + 1..] {
        b"parquet" | b"parq" | b"pq" => Some(Form::Parquet),
        b"jsonl" | b"json" | b"ndjson" => Some(Form::JsonLines),
        b"tar" => Some(Form::Tar),
        _ => None,
    }
}

/// The codec that a name tells, if it is one that is not read.
pub(in super::super) fn unread(path: &Path) -> Option<&'static str> {
    let name = path.as_os_str().to_ascii_lowercase();
    UNREAD.into_iter().find(|codec| name.as_encoded_bytes().ends_with(codec.as_bytes()))
}

/// The form of a file.
pub(super) fn form(path: &Path) -> Result<Form, DatasetError> {
    let there = fs::metadata(path).map_err(io("look at", path))?;
    if !there.is_file() {
        // To open a pipe might wait forever.
        return Err(unsupported(format!("`{}` is no regular file", path.display())));
    }
    if let Some(codec) = unread(path) {
        return Err(unsupported(format!(
            "`{}` cannot be read: of codecs only gzip and zstd can, and its name ends in {codec}",
            path.display()
        )));
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
