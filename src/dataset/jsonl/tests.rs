use std::io;

use super::*;
use crate::dataset::codec::{Codec, encoder::Encoder};
use crate::dataset::{Column, Meaning, Value};

mod whole;

fn columns(names: &[(&str, Meaning)]) -> Columns {
    let column = |(name, meaning): &(&str, Meaning)| Column { name: (*name).to_owned(), meaning: *meaning };
    Columns::new(names.iter().map(column).collect()).unwrap()
}

fn repo() -> Columns {
    columns(&[("repo", Meaning::Repo)])
}

/// Lets go what has this first value.
fn without(gone: &'static str) -> impl FnMut(&Row<'_>) -> Decision {
    move |row| {
        if row.values[0] == Value::Bytes(gone.as_bytes()) { Decision::Drop } else { Decision::Keep }
    }
}

fn filtered<J: Judge>(input: &[u8], columns: &Columns, mut judge: J) -> Result<Vec<u8>, DatasetError> {
    let mut out = Vec::new();
    let tally = filter(input, columns, &mut judge, &(), &mut out)?;
    assert!(tally.written <= tally.read);
    Ok(out)
}

fn why(input: &[u8], columns: &Columns) -> String {
    let error = filtered(input, columns, |_: &Row<'_>| Decision::Keep).map(|out| out.len()).unwrap_err();
    assert_eq!(error.exit(), crate::exit::Exit::Unreadable);
    error.to_string()
}

/// Packs pieces of text, each as a frame.
fn packed(codec: Codec, pieces: &[&[u8]]) -> Vec<u8> {
    let (mut encoder, mut out) = (Encoder::new(codec).unwrap(), Vec::new());
    for piece in pieces {
        encoder.write(piece, &mut out).unwrap();
        encoder.finish(&mut out).unwrap();
    }
    out
}

fn unpacked(packed: &[u8]) -> Vec<u8> {
    let (mut frames, mut text) = (Frames::new(packed, false).unwrap(), Vec::new());
    while frames.more(&mut text).unwrap() {}
    text
}

fn codecs() -> Vec<Codec> {
    if cfg!(feature = "zstd") {
        vec![Codec::Plain, Codec::Gzip, Codec::Zstd]
    } else {
        vec![Codec::Plain, Codec::Gzip]
    }
}

#[test]
fn rows_that_stay_are_byte_for_byte_what_they_were() {
    let input = "\n{\"repo\":\"a\"}\r\n{ \"repo\" : \"b\" }\n \t\n{\"x\":1.50,\"repo\":\"\\u0061\"}\n\r\n{\"repo\":\"c\",\"é\":\"\\/\"}";
    let without_a = "\n{ \"repo\" : \"b\" }\n \t\n\r\n{\"repo\":\"c\",\"é\":\"\\/\"}";
    assert_eq!(filtered(input.as_bytes(), &repo(), without("a")).unwrap(), without_a.as_bytes());
    let without_c = &input[..input.find("{\"repo\":\"c\"").unwrap()];
    assert_eq!(filtered(input.as_bytes(), &repo(), without("c")).unwrap(), without_c.as_bytes());
    assert_eq!(filtered(input.as_bytes(), &repo(), without("?")).unwrap(), input.as_bytes());
    assert_eq!(filtered(b"", &repo(), without("?")).unwrap(), b"");
}

#[test]
fn every_value_is_told_as_a_reader_would_have_it() {
    let columns = columns(&[
        ("repo", Meaning::Repo),
        ("meta.path", Meaning::Path),
        ("people", Meaning::Identity),
        ("content", Meaning::Content),
    ]);
    let mut seen = Vec::new();
    let judge = |row: &Row<'_>| {
        seen.push(format!("{:?}", row.values));
        if seen.len() % 2 == 1 { Decision::Read } else { Decision::Keep }
    };
    let row = r#"{"r\u0065po":"o\/r\n","meta":{"x":{"path":1},"path":"\ud83d\ude00"},"people":["a",null,"\u0062"],"content":"\"q\"","path":2}"#;
    filtered(row.as_bytes(), &columns, judge).unwrap();
    let known = |content| {
        format!(
            "{:?}",
            [
                Value::Bytes(b"o/r\n"),
                Value::Bytes("😀".as_bytes()),
                Value::List(&[Some(b"a"), None, Some(b"b")]),
                content
            ]
        )
    };
    assert_eq!(seen, [known(Value::Unread), known(Value::Bytes(b"\"q\""))]);
    for row in [r#"{}"#, r#"{"repo":null,"meta":null,"people":null,"content":null}"#, r#"{"meta":{}}"#] {
        filtered(row.as_bytes(), &columns, |row: &Row<'_>| {
            assert_eq!(row.values, [Value::Null; 4]);
            Decision::Keep
        })
        .unwrap();
    }
}

#[test]
fn what_is_not_what_it_has_to_be_is_an_error_and_never_null() {
    let all =
        columns(&[("repo", Meaning::Repo), ("meta.path", Meaning::Path), ("files[].id", Meaning::Sha1)]);
    for (row, what) in [
        (r#"{"repo":1}"#, "`repo` is not a string"),
        (r#"{"repo":true}"#, "`repo` is not a string"),
        (r#"{"repo":{}}"#, "`repo` is not a string"),
        (r#"{"repo":["a",1]}"#, "`repo` has something that is not a string"),
        (r#"{"repo":"a","repo":"b"}"#, "`repo` stands twice"),
        (r#"{"repo":"a","r\u0065po":"a"}"#, "`repo` stands twice"),
        (r#"{"meta":"x"}"#, "`meta` is, or has, something that is not an object"),
        (r#"{"meta":{"path":"a","path":null}}"#, "`path` stands twice"),
        (r#"{"files":{}}"#, "`files` is not a list"),
        (r#"{"files":[{"id":"a"},1]}"#, "`files` is, or has, something that is not an object"),
        (r#"{"files":[{"id":"a","id":"a"}]}"#, "`id` stands twice"),
        (r#"{"files":[{"id":7}]}"#, "`id` is not a string"),
        (r#"{"repo":"\ud800"}"#, "half of a surrogate pair"),
        (r#"[{"repo":"a"}]"#, "it is a list"),
        (r#"{"repo":"a"} {"repo":"b"}"#, "something follows"),
        ("\u{feff}{}", "byte order mark"),
        ("null", "not an object"),
        ("\"a\"", "not an object"),
        ("{\"repo\":\"a\"", "a comma or an end is missing"),
    ] {
        let said = why(format!("\n{{}}\n{row}\n").as_bytes(), &all);
        assert!(said.contains(what) && said.contains("(row 2)"), "{row}: {said}");
    }
    assert!(why(b"{\"x\":\"\xff\"}", &all).contains("not UTF-8"));
    for (row, what) in [
        (r#"{"repo":"a","Repo":"b"}"#, "a name differs from `repo` in case only"),
        (r#"{"REPO":"b"}"#, "a name differs from `repo` in case only"),
        (r#"{"r\u0045po":"b"}"#, "a name differs from `repo` in case only"),
        (r#"{"Meta":{},"meta":{"path":"a"}}"#, "a name differs from `meta` in case only"),
        (r#"{"meta":{"path":"a","pat\u0048":"a"}}"#, "a name differs from `path` in case only"),
        (r#"{"File\u017f":[]}"#, "a name differs from `files` in case only"),
        (r#"{"files":[{"ID":"a"}]}"#, "a name differs from `id` in case only"),
    ] {
        let said = why(format!("{{}}\n{row}\n").as_bytes(), &all);
        assert!(said.contains(what) && said.contains("(row 2)"), "{row}: {said}");
    }
    let both = columns(&[("repo", Meaning::Repo), ("Repo", Meaning::Path)]);
    assert!(why(b"{}", &both).contains("`Repo` differs from another one in case only"));
    // Of names and strings that nobody seeks nothing hangs on it.
    let row = r#"{"x":1,"x":2,"y":"\ud800","repo":"a"}"#;
    assert_eq!(filtered(row.as_bytes(), &repo(), without("b")).unwrap(), row.as_bytes());
}

#[test]
fn what_is_no_text_at_all_is_told_by_its_form() {
    let mut tar = vec![b'a'; 2000];
    tar[257..262].copy_from_slice(b"ustar");
    for (bytes, form) in [(&b"PAR1\x15\0\n"[..], "Parquet"), (&tar, "a tar archive")] {
        let why = why(bytes, &repo());
        assert!(why.starts_with(&format!("it is {form}, and only JSON Lines")), "{why}");
    }
    let row = format!("{{\"repo\":\"{}ustar\"}}", "x".repeat(248));
    assert_eq!(filtered(row.as_bytes(), &repo(), without("a")).unwrap(), row.as_bytes());
}

#[test]
fn the_id_of_an_account_may_be_an_integer() {
    let user = columns(&[("user.id", Meaning::Identity), ("repo", Meaning::Repo)]);
    let mut seen = Vec::new();
    let input = "{\"user\":{\"id\": 583231 }}\n{\"user\":{\"id\":[7,null,\"a\",-1]}}\n{\"user\":{\"id\":0}}";
    let mut judge = |row: &Row<'_>| {
        seen.push(format!("{:?}", row.values[0]));
        Decision::Keep
    };
    assert_eq!(filtered(input.as_bytes(), &user, &mut judge).unwrap(), input.as_bytes());
    let list = Value::List(&[Some(b"7"), None, Some(b"a"), Some(b"-1")]);
    assert_eq!(seen, [Value::Bytes(b"583231"), list, Value::Bytes(b"0")].map(|value| format!("{value:?}")));
    for (row, what) in [
        (r#"{"user":{"id":1.0}}"#, "it is not a whole number"),
        (r#"{"user":{"id":1e3}}"#, "it is not a whole number"),
        (r#"{"user":{"id":[1E3]}}"#, "it is not a whole number"),
        (r#"{"user":{"id":-}}"#, "a digit is missing"),
        (r#"{"user":{"id":true}}"#, "`id` is not a string"),
        (r#"{"repo":1}"#, "`repo` is not a string"),
    ] {
        assert!(why(row.as_bytes(), &user).contains(what), "{row}");
    }
    // What it is said to be besides has to be a string.
    let both = columns(&[("id", Meaning::Identity), ("id", Meaning::Path)]);
    assert!(why(br#"{"id":1}"#, &both).contains("`id` is not a string"));
}

#[test]
fn items_that_go_are_cut_from_their_list() {
    let all = columns(&[
        ("files[].id", Meaning::Sha1),
        ("repo", Meaning::Repo),
        ("files[].text", Meaning::Content),
    ]);
    let cut = |row: &str, gone: &'static str| {
        let out = filtered(row.as_bytes(), &all, |row: &Row<'_>| match row.values {
            [Value::Bytes(id), Value::Bytes(b"r"), _] if gone.as_bytes().contains(&id[0]) => Decision::Drop,
            [Value::Bytes(b"x"), _, Value::Unread] => Decision::Read,
            [Value::Bytes(b"x"), _, Value::Bytes(text)] => Decision::Replace([b"<", *text, b">"].concat()),
            [Value::Null, Value::Bytes(b"r"), _] if gone.contains('r') => Decision::Drop,
            _ => Decision::Keep,
        });
        String::from_utf8(out.unwrap()).unwrap()
    };
    let row = r#"{"n":1,"files": [ {"id":"a"} , {"z":[],"id":"b"},{"id":"c" }],"repo":"r"}"#;
    assert_eq!(cut(row, ""), row);
    assert_eq!(cut(row, "a"), r#"{"n":1,"files": [ {"z":[],"id":"b"},{"id":"c" }],"repo":"r"}"#);
    assert_eq!(cut(row, "b"), r#"{"n":1,"files": [ {"id":"a"} ,{"id":"c" }],"repo":"r"}"#);
    assert_eq!(cut(row, "c"), r#"{"n":1,"files": [ {"id":"a"} , {"z":[],"id":"b"}],"repo":"r"}"#);
    assert_eq!(cut(row, "ac"), r#"{"n":1,"files": [ {"z":[],"id":"b"}],"repo":"r"}"#);
    assert_eq!(cut(row, "ab"), r#"{"n":1,"files": [{"id":"c" }],"repo":"r"}"#);
    assert_eq!(cut(row, "bc"), r#"{"n":1,"files": [ {"id":"a"} ],"repo":"r"}"#);
    assert_eq!(cut(row, "abc"), "");
    let row = r#"{"repo":"r","files":[{"id":"a"},{"text":"\u00e9\n" ,"id":"x"},{"id":"b"}]}"#;
    assert_eq!(cut(row, ""), r#"{"repo":"r","files":[{"id":"a"},{"text":"<é\n>" ,"id":"x"},{"id":"b"}]}"#);
    assert_eq!(cut(row, "ab"), r#"{"repo":"r","files":[{"text":"<é\n>" ,"id":"x"}]}"#);
    // Nothing is in it, but of whose repository it is can be told; NULL is an item of which nothing is known.
    for row in [
        r#"{"repo":"r","files":[ ]}"#,
        r#"{"repo":"r","files":null}"#,
        r#"{"repo":"r"}"#,
        r#"{"repo":"r","files":[null]}"#,
    ] {
        assert_eq!((cut(row, ""), cut(row, "r")), (row.to_owned(), String::new()));
    }
}

#[test]
fn a_content_is_replaced_in_its_place() {
    let all = columns(&[("id", Meaning::Sha1), ("text", Meaning::Content)]);
    let by = |_: &Row<'_>| Decision::Replace("\"é\u{1}\\\n".into());
    let out = filtered(b"{ \"text\" : \"a\\\"b\" ,\"id\":null}\r\n{\"text\":\"\"}", &all, by).unwrap();
    let expected = "{ \"text\" : \"\\\"é\\u0001\\\\\\n\" ,\"id\":null}\r\n{\"text\":\"\\\"é\\u0001\\\\\\n\"}";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
    let bug = |row: &[u8], decision: Decision| {
        filtered(row, &all, |_: &Row<'_>| decision.clone()).unwrap_err().exit()
    };
    for (row, decision) in [
        (&b"{}"[..], Decision::Replace(vec![])),
        (b"{\"text\":\"\"}", Decision::Replace(vec![0xff])),
        (b"{\"text\":\"\"}", Decision::Read),
    ] {
        assert_eq!(bug(row, decision), crate::exit::Exit::Bug);
    }
}

#[test]
fn a_frame_of_which_nothing_goes_is_copied_as_it_stands() {
    // The row of `b` lies across two frames, that of `c` across three.
    let pieces: [&[u8]; 6] = [
        b"{\"repo\":\"a\"}\n",
        b"{\"repo\":\"x\"}\n{\"repo\":",
        b"\"b\"}\n{\"re",
        b"po\":\"",
        b"c\"}\n",
        b"{\"repo\":\"d\"}",
    ];
    for codec in codecs() {
        // Packed in another way than it would be packed here, so that a copy can be told.
        let frames: Vec<Vec<u8>> = match codec {
            Codec::Plain => continue,
            Codec::Gzip => pieces.iter().map(|piece| gzip(piece, "name")).collect(),
            Codec::Zstd => pieces.iter().map(|piece| zst(piece, 19)).collect(),
        };
        let out = |gone| filtered(&frames.concat(), &repo(), without(gone)).unwrap();
        let stands = |out: &[u8]| -> Vec<bool> {
            frames.iter().map(|frame| memchr::memmem::find(out, frame).is_some()).collect()
        };
        assert_eq!(out("?"), frames.concat());
        assert_eq!(stands(&out("a")), [false, true, true, true, true, true]);
        assert_eq!(stands(&out("b")), [true, false, false, true, true, true]);
        assert_eq!(stands(&out("c")), [true, true, false, false, false, true]);
        assert_eq!(stands(&out("d")), [true, true, true, true, true, false]);
        assert_eq!(
            unpacked(&out("c")),
            b"{\"repo\":\"a\"}\n{\"repo\":\"x\"}\n{\"repo\":\"b\"}\n{\"repo\":\"d\"}"
        );
        let mut none = filtered(&frames.concat(), &repo(), |_: &Row<'_>| Decision::Drop).unwrap();
        assert_eq!((Codec::of(&none), unpacked(&none)), (codec, vec![]));
        // What holds no rows is not written.
        none.extend(frames.concat());
        assert_eq!(filtered(&none, &repo(), without("?")).unwrap(), frames.concat());
    }
}

fn gzip(text: &[u8], name: &str) -> Vec<u8> {
    let builder = flate2::GzBuilder::new().filename(name).mtime(7);
    let mut encoder = builder.write(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[cfg(feature = "zstd")]
fn zst(text: &[u8], level: i32) -> Vec<u8> {
    zstd::bulk::compress(text, level).unwrap()
}

#[cfg(not(feature = "zstd"))]
fn zst(_: &[u8], _: i32) -> Vec<u8> {
    unreachable!()
}

#[cfg(feature = "zstd")]
#[test]
fn what_readers_of_zstd_skip_is_not_written() {
    let skipped = b"\x5a\x2a\x4d\x18\x03\0\0\0abc";
    let frame = zst(b"{\"repo\":\"a\"}\n", 3);
    let input = [&skipped[..], &frame, skipped, &frame, skipped].concat();
    assert_eq!(filtered(&input, &repo(), without("?")).unwrap(), [&frame[..], &frame].concat());
    assert!(filtered(&input[..input.len() - 1], &repo(), without("?")).is_err());
}

#[test]
fn whatever_is_cut_off_or_changed_is_an_error() {
    let text: String =
        (0..40).map(|row| format!("{{\"repo\":\"{row}\",\"x\":\"{}\"}}\n", row * 77)).collect();
    for codec in codecs() {
        let pieces: [&[u8]; 2] = [&text.as_bytes()[..300], &text.as_bytes()[300..]];
        let whole = packed(codec, &pieces);
        assert_eq!(unpacked(&filtered(&whole, &repo(), without("?")).unwrap()), text.as_bytes());
        if codec == Codec::Plain {
            continue;
        }
        let first = packed(codec, &pieces[..1]).len();
        for end in 1..whole.len() {
            // Between two frames nobody can tell; but a row lies there.
            let error = filtered(&whole[..end], &repo(), without("7")).unwrap_err();
            assert_eq!(error.exit(), crate::exit::Exit::Unreadable, "{end} of {} ({first})", whole.len());
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            // A bit of gzip's header says nothing of the text.
            if let Ok(out) = filtered(&changed, &repo(), without("?")) {
                assert_eq!(unpacked(&out), text.as_bytes(), "{at}");
            }
        }
        for rubbish in [&b"x"[..], b"\0\0\0\0", b"{\"repo\":\"z\"}\n", &[0x1f], b"\x28\xb5"] {
            let error = filtered(&[&whole[..], rubbish].concat(), &repo(), without("?")).unwrap_err();
            assert!(error.to_string().contains("damaged"), "{codec:?}: {error}");
        }
    }
}

#[test]
fn a_line_that_is_too_long_is_an_error() {
    for end in ["\n", ""] {
        let input = format!("{{\"repo\":\"a\"}}\n{{\"repo\":\"{}\"}}{end}", "b".repeat(1000));
        let walked = |longest| {
            walk(&mut Frames::new(input.as_bytes(), false).unwrap(), &repo(), &mut without("?"), &(), longest)
        };
        assert_eq!(walked(1012).unwrap(), Tally { read: 2, written: 2 });
        let error = walked(1000).unwrap_err().to_string();
        assert!(error.contains("(row 2)") && error.contains("longer than 1000 bytes"), "{error}");
    }
}

#[test]
fn a_judge_and_who_watches_can_stop_it() {
    struct Now;
    impl Watch for Now {
        fn advance(&self, _: u64, _: u64) {}
        fn interrupted(&self) -> bool {
            true
        }
    }
    let rows = b"{}\n{}\n{}\n";
    let mut seen = 0;
    let third = |_: &Row<'_>| {
        seen += 1;
        if seen == 3 { Decision::Stop } else { Decision::Keep }
    };
    assert!(matches!(filtered(rows, &repo(), third), Err(DatasetError::Stopped { row: 3 })));
    let stopped = verify(&rows[..], &repo(), &mut without("?"), &Now);
    assert!(matches!(stopped, Err(DatasetError::Interrupted)));
}

#[test]
fn an_input_that_fails_is_an_error_of_the_system() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::IsADirectory))
        }
    }
    let start = packed(Codec::Gzip, &[b"{}\n{}\n"]);
    for begin in [&b""[..], b"{}\n", &start[..15], &start] {
        let error = verify(begin.chain(Broken), &repo(), &mut without("?"), &()).unwrap_err();
        assert!(matches!(error, DatasetError::Io { .. }), "{error}");
    }
}

#[test]
fn names_and_samples_come_from_the_first_rows() {
    let rows = br#"{"b":1,"a":{"c":"x","d":{}},"files":[{"p":1},{"q":[{"z":1}]}],"l":["x"],"e":[],"x.y":1,"\ud800":2}
{"late":null}
{"later":"x"}
["#;
    let known = ["a.c", "b", "e", "files[].p", "l"];
    assert_eq!(names(&rows[..], 1).unwrap(), known);
    assert_eq!(names(&rows[..], 2).unwrap(), [&known[..], &["late"]].concat());
    assert!(names(&rows[..], 9).unwrap_err().to_string().contains("(row 4)"));
    let mut seen = Vec::new();
    let columns = columns(&[("later", Meaning::Content)]);
    let count = sample(&rows[..], &columns, 3, &mut |row| seen.push(format!("{:?}", row.values))).unwrap();
    assert_eq!((count, &seen[2]), (3, &format!("{:?}", [Value::Bytes(b"x")])));
    assert!(sample(&rows[..], &columns, 9, &mut |_| {}).is_err());
}
