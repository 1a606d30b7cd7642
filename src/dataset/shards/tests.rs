use std::fs;
use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::*;

/// Files in a folder of their own, and what is found there.
struct Home(tempfile::TempDir);

impl Home {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        for (name, bytes) in files {
            let path = home.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn find(&self, arguments: &[&str]) -> Result<Shards, DatasetError> {
        find(&arguments.iter().map(|argument| self.path(argument)).collect::<Vec<_>>(), false)
    }

    fn names(&self, arguments: &[&str]) -> Vec<String> {
        self.find(arguments).unwrap().shards.into_iter().map(|shard| shard.name).collect()
    }

    fn why(&self, arguments: &[&str]) -> String {
        self.find(arguments).unwrap_err().to_string()
    }
}

fn tar() -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(2);
    tar.append_data(&mut header, "a.txt", &b"hi"[..]).unwrap();
    tar.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const FILES: &[(&str, &[u8])] = &[
    ("data/b/2.jsonl", b"{}\n"),
    ("data/a/1.JSONL.GZ", b"{}\n"),
    ("data/a/3.parquet", b"PAR1 and so on"),
    ("data/a/note.md", b"note"),
    (".cache/x.jsonl", b""),
    ("data/a/.hidden", b""),
    ("other/9.json", b""),
];

#[test]
fn files_folders_and_globs_are_shards_named_by_what_they_have_in_common() {
    let home = Home::with(FILES);
    let all = ["a/1.JSONL.GZ", "a/3.parquet", "b/2.jsonl"];
    assert_eq!(home.names(&["data"]), all);
    assert_eq!(
        home.find(&["data"]).unwrap().passed_over,
        [home.path("data/a/note.md").canonicalize().unwrap()]
    );
    assert_eq!(home.names(&["data/b/2.jsonl"]), ["2.jsonl"]);
    assert_eq!(home.names(&["data/b/2.jsonl", "data/a/3.parquet"]), ["a/3.parquet", "b/2.jsonl"]);
    assert_eq!(home.names(&["other", "data/b"]), ["data/b/2.jsonl", "other/9.json"]);
    assert_eq!(home.names(&["data/*/*.{jsonl,parquet}"]), ["a/3.parquet", "b/2.jsonl"]);
    assert_eq!(home.names(&["data/**/[0-9].json*"]), ["b/2.jsonl"]);
    assert!(home.why(&["data/*.jsonl"]).contains("means no shard"));
    assert!(home.why(&["data/[.jsonl"]).contains("is no glob"));
    assert!(home.why(&["data/*/*"]).contains("of no form that is known"));
    // Hidden ones only if they are named.
    assert_eq!(home.names(&[".cache"]), ["x.jsonl"]);
    assert_eq!(home.names(&[".cache/*"]), ["x.jsonl"]);
    let files = find(&[home.path("data")], true).unwrap().shards;
    assert_eq!(files.iter().map(|shard| (&*shard.name, shard.form)).collect::<Vec<_>>(), [("", Form::Files)]);
    let stdin = find(&["-".into()], false).unwrap();
    assert_eq!(stdin.shards, [Shard { path: None, name: "-".into(), form: Form::JsonLines }]);
}

#[test]
fn no_shard_or_one_twice_is_an_error() {
    let home = Home::with(FILES);
    assert!(find(&[], false).is_err());
    fs::create_dir(home.path("empty")).unwrap();
    for arguments in [&["empty"][..], &["data", "empty"]] {
        assert!(home.why(arguments).contains("`") && home.why(arguments).contains("means no shard"));
    }
    assert!(matches!(home.find(&["gone.jsonl"]), Err(DatasetError::Io { .. })));
    for arguments in
        [&["data", "data/b/2.jsonl"][..], &["data/*/*.jsonl", "data/b"], &["data", "data/../data"]]
    {
        assert!(home.why(arguments).contains("meant twice"), "{arguments:?}");
    }
    assert!(find(&["-".into(), home.path("data")], false).is_err());
    assert!(find(&[home.path("data"), home.path("data/a")], true).is_err());
}

#[test]
fn bytes_tell_the_form_and_names_must_not_say_another() {
    let (tar, old) = (tar(), [&[b'x'; 512][..], &[0; 1024]].concat());
    let home = Home::with(&[
        ("a", b"PAR1"),
        ("a.parquet", b"PARE"),
        ("b", &tar),
        ("b.gz", &gzip(&tar)),
        ("old.tar", &old),
        ("c.json.gz", &gzip(b"{}\n")),
        ("wrong.parquet", b"{}\n"),
        ("wrong.jsonl", b"PAR1"),
        ("wrong.jsonl.gz", &gzip(&tar)),
        ("wrong.parquet.gz", &gzip(b"PAR1")),
        ("unknown", b"{}\n"),
        ("unknown.gz", &gzip(b"{}\n")),
        ("unknown.csv", b"a,b\n"),
    ]);
    for (name, form) in [
        ("a", Form::Parquet),
        ("a.parquet", Form::Parquet),
        ("b", Form::Tar),
        ("b.gz", Form::Tar),
        ("old.tar", Form::Tar),
        ("c.json.gz", Form::JsonLines),
    ] {
        assert_eq!(home.find(&[name]).unwrap().shards[0].form, form, "{name}");
    }
    for name in ["wrong.parquet", "wrong.jsonl", "wrong.jsonl.gz", "wrong.parquet.gz"] {
        assert!(home.why(&[name]).contains("another form than its bytes"), "{name}: {}", home.why(&[name]));
    }
    for name in ["unknown", "unknown.gz", "unknown.csv"] {
        assert!(home.why(&[name]).contains("of no form that is known"), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_what_they_mean_counts_once() {
    use std::os::unix::fs::symlink;
    let home = Home::with(&[("blobs/1234", b"{}\n"), ("snapshot/note.md", b"")]);
    symlink("../blobs/1234", home.path("snapshot/train.jsonl")).unwrap();
    assert_eq!(home.names(&["snapshot"]), ["train.jsonl"]);
    assert_eq!(home.names(&["snapshot/train.jsonl"]), ["train.jsonl"]);
    symlink("train.jsonl", home.path("snapshot/again.jsonl")).unwrap();
    assert!(home.why(&["snapshot"]).contains("meant twice"));
    fs::remove_file(home.path("snapshot/again.jsonl")).unwrap();
    // What is not there or goes round in circles is not passed over.
    symlink("gone", home.path("snapshot/gone.jsonl")).unwrap();
    assert!(home.find(&["snapshot"]).is_err());
    fs::remove_file(home.path("snapshot/gone.jsonl")).unwrap();
    symlink(".", home.path("snapshot/round")).unwrap();
    assert!(home.find(&["snapshot"]).is_err());
    // A pipe would be waited for.
    assert!(find(&["/dev/null".into()], false).unwrap_err().to_string().contains("no regular file"));
}

#[test]
fn what_is_written_is_never_what_is_read() {
    let home = Home::with(FILES);
    let targets = |arguments: &[&str], out: &str| home.find(arguments).unwrap().targets(&home.path(out));
    let root = home.0.path().canonicalize().unwrap();
    for (argument, out, folder) in [
        ("data/b", "new/out", "new/out"),
        ("data/b", "other/../new/out", "new/out"),
        ("data/b/2.jsonl", "data", "data"),
    ] {
        let folder = root.join(folder);
        let each = vec![folder.join("2.jsonl")];
        assert_eq!(targets(&[argument], out).unwrap(), Targets { folder, each });
    }
    for out in ["data", "data/out", "data/b", "other/../data/out"] {
        assert!(targets(&["data"], out).unwrap_err().to_string().contains("lies in the input"), "{out}");
        assert!(targets(&["data/**/*.jsonl"], out).is_err(), "{out}");
    }
    assert!(targets(&["data/b/2.jsonl"], "data/b").unwrap_err().to_string().contains("is an input"));
    assert!(targets(&["data/*/2.jsonl"], "data").unwrap_err().to_string().contains("is an input"));
    #[cfg(unix)]
    {
        fs::create_dir(home.path("out")).unwrap();
        std::os::unix::fs::symlink("../data/b/2.jsonl", home.path("out/2.jsonl")).unwrap();
        assert!(targets(&["data/b"], "out").unwrap_err().to_string().contains("is an input"));
        std::os::unix::fs::symlink("data", home.path("link")).unwrap();
        assert!(targets(&["data"], "link/out").unwrap_err().to_string().contains("lies in the input"));
    }
}

/// What cannot be looked at may be anything: only a link to nothing surely is no shard, and even that one is a file where every
/// file counts.
#[cfg(unix)]
#[test]
fn what_is_hidden_and_cannot_be_looked_at_is_not_passed_over() {
    use std::os::unix::fs::symlink;
    let home = Home::with(&[("data/1.jsonl", b"{}\n"), ("data/.cache/2", b"")]);
    let data = home.path("data");
    symlink("nowhere", data.join(".cache/link")).unwrap();
    assert_eq!(meant::inside(&data).unwrap().shards.len(), 1);
    assert!(meant::all(&data).is_err());
    symlink("..", data.join(".cache/round")).unwrap();
    assert!(meant::inside(&data).is_err());
}

#[test]
fn a_shard_that_is_hidden_is_neither_read_nor_passed_over() {
    let home = Home::with(&[("data/1.jsonl", b"{}\n"), ("data/.2.jsonl", b"{}\n"), ("data/.3", b"")]);
    for arguments in [&["data"][..], &["data/*.jsonl"], &["data/**"]] {
        assert!(home.why(arguments).contains("data/.2.jsonl` is hidden"), "{arguments:?}");
    }
}
