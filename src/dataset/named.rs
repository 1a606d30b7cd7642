//! Whether the name of a file tells what is going to be in it.
//!
//! Decides that an output is not named as something that it will not be: whoever reads it by its name would fail, or take
//! packed bytes for text. A name that tells nothing is as good as any. Must not decide where an output goes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::shards::{Form, Shard, ending, io, unread};
use super::{Codec, DatasetError};

/// Sees that the name of an output fits the shard of which it is written; or that it ends as that one's does.
///
/// # Errors
/// It says another form or codec; or the shard cannot be read.
pub fn fits(shard: &Shard, out: &Path) -> Result<(), DatasetError> {
    let (told, unread) = ((ending(out), codec(out)), unread(out).is_some());
    if let Some(path) = &shard.path
        && !unread
        && (ending(path), codec(path)) == told
    {
        return Ok(());
    }
    // Of standard input nothing was read yet.
    let packed = shard.path.as_deref().map(first).transpose()?;
    let form_fits = told.0.is_none_or(|form| form == shard.form);
    let codec_fits = packed.is_none_or(|packed| match told {
        (None, Codec::Plain) => true,
        (_, told) => told == packed,
    });
    if form_fits && codec_fits && !unread {
        return Ok(());
    }
    let what = match shard.form {
        Form::Parquet => "Parquet",
        Form::JsonLines => "JSON Lines",
        Form::Tar => "a tar archive",
        Form::Files => return Ok(()),
    };
    let packed = packed.unwrap_or(told.1);
    let how = match packed {
        Codec::Plain => "",
        Codec::Gzip => ", packed with gzip",
        Codec::Zstd => ", packed with zstd",
    };
    let why = format!(
        "the name of the output `{}` says something else than what it would be: {what}{how}; name it `{}`",
        out.display(),
        better(out, shard.form, packed)
    );
    Err(DatasetError::Unsupported(why))
}

/// The codec that a name tells.
fn codec(path: &Path) -> Codec {
    let name = path.to_string_lossy().to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".gz", ".tgz"]) {
        Codec::Gzip
    } else if ends(&[".zst", ".zstd"]) {
        Codec::Zstd
    } else {
        Codec::Plain
    }
}

/// The codec of a file.
fn first(path: &Path) -> Result<Codec, DatasetError> {
    let mut first = Vec::new();
    let file = File::open(path).map_err(io("open", path))?;
    file.take(4).read_to_end(&mut first).map_err(io("read", path))?;
    Ok(Codec::of(&first))
}

/// A name that fits, otherwise the same.
fn better(out: &Path, form: Form, codec: Codec) -> String {
    const ENDINGS: [&str; 11] =
        ["gz", "zst", "zstd", "tgz", "parquet", "parq", "pq", "jsonl", "json", "ndjson", "tar"];
    let name = out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let packed = unread(out).map_or(0, str::len);
    let mut stem = name.get(..name.len() - packed).unwrap_or(&name);
    while let Some((shorter, ending)) = stem.rsplit_once('.')
        && ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
    {
        stem = shorter;
    }
    let form = match form {
        Form::Parquet => ".parquet",
        Form::JsonLines => ".jsonl",
        Form::Tar => ".tar",
        Form::Files => "",
    };
    let codec = match codec {
        Codec::Plain => "",
        Codec::Gzip => ".gz",
        Codec::Zstd => ".zst",
    };
    format!("{stem}{form}{codec}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_it_will_be_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let shard = |name: &str, bytes: &[u8], form| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            Shard { path: Some(path), name: name.to_owned(), form }
        };
        let told = |shard: &Shard, out: &str| fits(shard, Path::new(out)).map_err(|error| error.to_string());
        let plain = shard("a.jsonl", b"{}", Form::JsonLines);
        let packed = shard("a.jsonl.gz", b"\x1f\x8b\x08\0", Form::JsonLines);
        let lying = shard("lies.jsonl", b"\x1f\x8b\x08\0", Form::JsonLines);
        let parquet = shard("a.parquet", b"PAR1", Form::Parquet);
        let tar = shard("a.tar.zst", b"\x28\xb5\x2f\xfd", Form::Tar);
        let stdin = Shard { path: None, name: "-".to_owned(), form: Form::JsonLines };
        for (shard, out) in [
            (&plain, "b.jsonl"),
            (&plain, "b.JSON"),
            (&plain, "b.txt"),
            (&plain, "/dev/null"),
            (&packed, "b.ndjson.gz"),
            (&packed, "b"),
            (&packed, "b.gz"),
            (&lying, "b.jsonl"),
            (&lying, "b.jsonl.gz"),
            (&parquet, "b.parquet"),
            (&tar, "b.tar.zstd"),
            (&stdin, "b.jsonl.gz"),
        ] {
            assert_eq!(told(shard, out), Ok(()), "{out}");
        }
        for (shard, out, better) in [
            (&plain, "b.parquet", "JSON Lines; name it `b.jsonl`"),
            (&plain, "b.jsonl.gz", "JSON Lines; name it `b.jsonl`"),
            (&plain, "b.v1.gz", "JSON Lines; name it `b.v1.jsonl`"),
            (&packed, "b.jsonl", "JSON Lines, packed with gzip; name it `b.jsonl.gz`"),
            (&packed, "b.jsonl.zst", "JSON Lines, packed with gzip; name it `b.jsonl.gz`"),
            (&parquet, "b.jsonl", "Parquet; name it `b.parquet`"),
            (&plain, "b.jsonl.xz", "JSON Lines; name it `b.jsonl`"),
            (&parquet, "b.parquet.zst", "Parquet; name it `b.parquet`"),
            (&tar, "b.tgz", "a tar archive, packed with zstd; name it `b.tar.zst`"),
            (&stdin, "b.tar", "JSON Lines; name it `b.jsonl`"),
        ] {
            let told = told(shard, out).unwrap_err();
            assert!(told.ends_with(better), "{told}");
        }
    }
}
