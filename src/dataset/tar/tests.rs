use tar::{Builder, EntryType, Header};

use super::*;
use crate::dataset::{Column, Decision, Meaning, Value};

fn columns(names: &[(&str, Meaning)]) -> Columns {
    let column = |(name, meaning): &(&str, Meaning)| Column { name: (*name).to_owned(), meaning: *meaning };
    Columns::new(names.iter().map(column).collect()).unwrap()
}

fn files() -> Columns {
    columns(&[("path", Meaning::Path), ("content", Meaning::Content)])
}

fn samples() -> Columns {
    columns(&[("json.repo", Meaning::Repo), ("py", Meaning::Content), ("__key__", Meaning::Path)])
}

/// An archive of these files, with one header of a folder first.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    let mut folder = Header::new_ustar();
    folder.set_entry_type(EntryType::Directory);
    folder.set_size(0);
    tar.append_data(&mut folder, "folder/", &b""[..]).unwrap();
    for (name, content) in files {
        let mut header = Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o640);
        tar.append_data(&mut header, name, content.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap()
}

fn one(kind: EntryType, name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    header.set_path(name).unwrap();
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn filtered<J: Judge>(input: &[u8], columns: &Columns, mut judge: J) -> Result<Vec<u8>, DatasetError> {
    let mut out = Vec::new();
    filter(input, columns, &mut judge, &(), &mut out)?;
    Ok(out)
}

fn keep(_: &Row<'_>) -> Decision {
    Decision::Keep
}

fn why(input: &[u8]) -> String {
    let error = filtered(input, &files(), keep).map(|out| out.len()).unwrap_err();
    assert_eq!(error.exit(), crate::exit::Exit::Unreadable);
    error.to_string()
}

#[test]
fn each_file_is_a_row_where_no_column_names_another() {
    let long = "very/long/".repeat(40) + "name.c";
    let all = [("./a.c", "A"), (&*long, "B"), ("a.c.h", ""), ("é.c", "E")];
    let tar = archive(&all);
    for gone in 0..all.len() {
        let mut seen = Vec::new();
        let out = filtered(&tar, &files(), |row: &Row<'_>| {
            if row.values[1] == Value::Unread {
                return Decision::Read;
            }
            let [Value::Bytes(path), Value::Bytes(content)] = row.values else { panic!() };
            seen.push((String::from_utf8(path.to_vec()).unwrap(), content.to_vec()));
            if seen.len() == gone + 1 { Decision::Drop } else { Decision::Keep }
        });
        let stay: Vec<_> = (0..all.len()).filter(|at| *at != gone).map(|at| all[at]).collect();
        assert_eq!(out.unwrap(), archive(&stay), "{gone}");
        let known = all
            .map(|(name, content)| (name.trim_start_matches("./").to_owned(), content.as_bytes().to_vec()));
        assert_eq!(seen, known);
    }
    assert_eq!(filtered(&tar, &Columns::default(), keep).unwrap(), tar);
    assert_eq!(filtered(&archive(&[]), &files(), keep).unwrap(), archive(&[]));
}

#[test]
fn files_of_a_sample_go_together() {
    let a = [("x/a.json", "{\n \"repo\": \"o/\\u0061\"}\n"), ("x/a.py", "A"), ("x/a.seg.png", "P")];
    let b = [("x/b.py", "B")];
    let a_again = [("y/a.py", "C"), ("y/a.json", "{\"repo\":null}")];
    let all = [&a[..], &b, &a_again].concat();
    let mut seen = Vec::new();
    let out = filtered(&archive(&all), &samples(), |row: &Row<'_>| {
        seen.push(format!("{:?}", row.values));
        match row.values[0] {
            Value::Bytes(b"o/a") if row.values[1] == Value::Unread => Decision::Read,
            Value::Bytes(_) => Decision::Drop,
            _ => Decision::Keep,
        }
    });
    assert_eq!(out.unwrap(), archive(&[&b[..], &a_again].concat()));
    let told = |repo, py, key: &str| format!("{:?}", [repo, py, Value::Bytes(key.as_bytes())]);
    assert_eq!(
        seen,
        [
            told(Value::Bytes(b"o/a"), Value::Unread, "x/a"),
            told(Value::Bytes(b"o/a"), Value::Bytes(b"A"), "x/a"),
            told(Value::Null, Value::Unread, "x/b"),
            told(Value::Null, Value::Unread, "y/a"),
        ]
    );
    let twice = archive(&[a[0], a[0]]);
    let error = filtered(&twice, &samples(), keep).unwrap_err().to_string();
    assert!(error.contains("two files that end in `.json`"), "{error}");
    // Readers differ in whether `7.PY` is its `py`, be it alone or not.
    for files in
        [&[("x/7.py", "a"), ("x/7.PY", "b")][..], &[("x/7.PY", "b")], &[("x/7.Json", "{}"), ("x/7.py", "b")]]
    {
        let error = filtered(&archive(files), &samples(), keep).unwrap_err().to_string();
        assert!(error.contains("a file whose ending differs in case only from `."), "{error}");
    }
    let broken = archive(&[b[0], ("x/c.json", "{\"repo\":1}")]);
    let error = filtered(&broken, &samples(), keep).unwrap_err().to_string();
    assert!(error.contains("(row 2)") && error.contains("`repo` is not a string"), "{error}");
}

#[test]
fn a_content_is_replaced_and_its_header_tells_the_new_length() {
    let by = |length: usize| move |_: &Row<'_>| Decision::Replace(vec![b'z'; length]);
    for length in [0, 1, 512, 5000] {
        let new = "z".repeat(length);
        let out = filtered(&archive(&[("a.c", "A"), ("b.c", "B")]), &files(), by(length)).unwrap();
        assert_eq!(out, archive(&[("a.c", &new), ("b.c", &new)]));
    }
    let json = columns(&[("json.text", Meaning::Content), ("py", Meaning::Content)]);
    let out = filtered(&archive(&[("a.py", "A"), ("a.json", "{ \"text\":\"\\n\" ,\"x\":1}")]), &json, by(2))
        .unwrap();
    assert_eq!(out, archive(&[("a.py", "A"), ("a.json", "{ \"text\":\"zz\" ,\"x\":1}")]));
    assert!(matches!(filtered(&archive(&[("a.py", "A")]), &json, by(2)), Err(DatasetError::Bug(_))));
}

#[test]
fn extended_headers_go_with_the_file_that_they_are_about() {
    let pax = |text: &str| one(EntryType::XHeader, "pax", text.as_bytes());
    let end = vec![0; 1024];
    let global = one(EntryType::XGlobalHeader, "pax_global_header", b"13 comment=a\n");
    let named = [pax("15 path=real.c\n"), one(EntryType::Regular, "short", b"hi")].concat();
    let noted = [pax("21 comment=two\nlines\n"), one(EntryType::Regular, "noted", b"hi")].concat();
    let sized = [pax("9 size=2\n"), {
        let mut bytes = one(EntryType::Regular, "sized", b"hi");
        let mut header = Header::from_byte_slice(&bytes[..512]).clone();
        header.set_size(0);
        header.set_cksum();
        bytes[..512].copy_from_slice(header.as_bytes());
        bytes
    }]
    .concat();
    let tar = [&global[..], &named, &noted, &sized, &end].concat();
    let mut seen = Vec::new();
    let out = filtered(&tar, &files(), |row: &Row<'_>| {
        seen.push(format!("{:?}", row.values[0]));
        if seen.len() == 1 { Decision::Drop } else { Decision::Keep }
    });
    let names = [&b"real.c"[..], b"noted", b"sized"].map(|name| format!("{:?}", Value::Bytes(name)));
    assert_eq!(seen, names);
    assert_eq!(out.unwrap(), [&global[..], &noted, &sized, &end].concat());
    let by = |_: &Row<'_>| Decision::Replace(vec![]);
    assert!(filtered(&tar, &files(), by).unwrap_err().to_string().contains("extended header"));
    let lone = [pax("15 path=real.c\n"), end.clone()].concat();
    assert!(why(&lone).contains("does not follow"));
    let two = [
        pax("15 path=real.c\n"),
        one(EntryType::GNULongName, "x", b"other.c\0"),
        one(EntryType::Regular, "s", b""),
    ];
    assert!(why(&[&two.concat()[..], &end].concat()).contains("two names"));
    let damaged = [pax("99 path=real.c\n"), one(EntryType::Regular, "s", b""), end.clone()].concat();
    assert!(why(&damaged).contains("damaged"));
    let renames = [one(EntryType::XGlobalHeader, "g", b"15 path=real.c\n"), end.clone()].concat();
    assert!(why(&renames).contains("global header"));
    let sparse = [pax("22 GNU.sparse.major=1\n"), one(EntryType::Regular, "s", b""), end].concat();
    assert!(why(&sparse).contains("sparse"));
}

#[test]
fn what_is_neither_file_nor_folder_is_an_error() {
    for kind in [
        EntryType::Link,
        EntryType::Symlink,
        EntryType::GNUSparse,
        EntryType::Char,
        EntryType::Fifo,
        EntryType::new(b'M'),
    ] {
        let tar = [one(EntryType::Regular, "a", b"A"), one(kind, "b", b""), vec![0; 1024]].concat();
        assert!(why(&tar).contains("`b` in the archive is"), "{kind:?}");
    }
    let folder = [one(EntryType::Directory, "d/", b"content"), vec![0; 1024]].concat();
    assert!(why(&folder).contains("a folder has content"));
}

#[test]
fn what_is_cut_off_or_changed_is_an_error() {
    let tar = archive(&[("a.c", "AAAA"), ("b.c", &"B".repeat(700))]);
    let content = tar.len() - 1024;
    for cut in (0..=content).step_by(64) {
        assert!(filtered(&tar[..cut], &files(), keep).is_err(), "{cut}");
    }
    // The end mark itself may be short, as some writers have it.
    assert_eq!(filtered(&tar[..content + 512], &files(), keep).unwrap(), &tar[..content + 512]);
    // The check sum itself may have spaces around its digits.
    for at in (512..1024).filter(|at| !(660..668).contains(at)) {
        let mut changed = tar.clone();
        changed[at] ^= 0x10;
        let why = why(&changed);
        assert!(why.contains("check sum"), "{at}: {why}");
    }
    for rubbish in [b"x".to_vec(), [&vec![0; 4096][..], b"x"].concat(), tar.clone()] {
        assert!(why(&[&tar[..], &rubbish].concat()).contains("follows the end mark"));
    }
    let padded = [&tar[..], &[0; 9000]].concat();
    assert_eq!(filtered(&padded, &files(), keep).unwrap(), padded);
    assert!(why(b"").contains("without its end mark"));
}

#[test]
fn a_row_that_is_too_long_is_an_error() {
    let tar = archive(&[("a.x", "A"), ("a.y", &"B".repeat(5000))]);
    let walked =
        |longest| walk(&mut Frames::new(&tar[..], false).unwrap(), &samples(), &mut keep, &(), longest);
    assert_eq!(walked(8192).unwrap(), Tally { read: 1, written: 1 });
    assert!(walked(4096).unwrap_err().to_string().contains("too long"));
    assert!(walked(6000).unwrap_err().to_string().contains("longer than 6000 bytes"));
}

#[test]
fn archives_are_packed_as_they_were() {
    use flate2::{Compression, write::GzEncoder};
    let tar = archive(&[("a.c", "A"), ("b.c", "B")]);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&tar).unwrap();
    let packed = encoder.finish().unwrap();
    assert_eq!(filtered(&packed, &files(), keep).unwrap(), packed);
    let without_a = |row: &Row<'_>| {
        if row.values[0] == Value::Bytes(b"a.c") { Decision::Drop } else { Decision::Keep }
    };
    let out = filtered(&packed, &files(), without_a).unwrap();
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&out[..]).read_to_end(&mut text).unwrap();
    assert_eq!(text, archive(&[("b.c", "B")]));
}

#[test]
fn columns_that_cannot_be_read_are_refused() {
    for columns in [
        columns(&[("json.files[].id", Meaning::Sha1)]),
        columns(&[("content", Meaning::Path)]),
        columns(&[("path", Meaning::Content)]),
    ] {
        assert!(matches!(filtered(&archive(&[]), &columns, keep), Err(DatasetError::Column { .. })));
    }
    let mut seen = 0;
    let tar = archive(&[("a.c", "A"), ("b.c", "B")]);
    assert_eq!(sample(&tar[..], &files(), 1, &mut |_| seen += 1).unwrap(), 1);
    assert_eq!(seen, 1);
}
