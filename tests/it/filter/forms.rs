//! Every form of data set, whole runs.

use super::*;

const FILES: [&str; 5] = ["ada-0", "bob-0", "both-0", "bob-1", "ada-1"];

/// A folder of files, and the same as an archive.
fn folder(place: &Place) -> PathBuf {
    let folder = place.at("files");
    fs::create_dir_all(folder.join("deep")).unwrap();
    for (at, path) in FILES.iter().enumerate() {
        let to = if at % 2 == 0 { folder.join(path) } else { folder.join("deep").join(path) };
        fs::write(to, place.row(path)["content"].as_str().unwrap()).unwrap();
    }
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = walk.filter(|entry| entry.file_type().is_file());
    files.map(|file| file.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn folders_of_files_are_copied_without_what_is_excluded() {
    let place = Place::new();
    let (input, out) = (folder(&place), place.arg("clean"));
    let args = ["--files", input.to_str().unwrap(), "-o", &out];
    let found = place.json("filter", 0, &args);
    assert_eq!(counts(&found), [5, 2, 3, 0]);
    assert_eq!(names(&place.at("clean")), ["deep/bob-0", "deep/bob-1"]);
    ended(&place.run("verify", &["--files", &out]), 0, "");
    ended(&place.run("filter", &args), 5, "is not empty");
}

#[test]
fn archives_are_written_without_what_is_excluded() {
    let place = Place::new();
    let input = folder(&place);
    let tar = place.arg("data.tar");
    let made = run(
        place.repo.command("tar").args([
            "--format=ustar",
            "-cf",
            &tar,
            "-C",
            input.to_str().unwrap(),
            "ada-0",
            "deep/bob-0",
            "both-0",
        ]),
        b"",
    );
    assert_eq!(made.status, 0, "{}", made.stderr);
    let out = place.arg("clean.tar");
    assert_eq!(counts(&place.json("filter", 0, &[&tar, "-o", &out])), [3, 1, 2, 0]);
    let listed = run(place.repo.command("tar").args(["-tf", &out]), b"");
    assert_eq!(String::from_utf8(listed.stdout).unwrap(), "deep/bob-0\n");
    ended(&place.run("verify", &[&out]), 0, "");
}

#[test]
fn lines_in_every_codec_come_out_in_theirs() {
    let place = Place::new();
    let data = place.write("data.jsonl", &place.rows(&FILES));
    {
        let (tool, ending, magic) = ("gzip", "gz", &[0x1f, 0x8b][..]);
        let packed = run(place.repo.command(tool).args(["-k", &data]), b"");
        assert_eq!(packed.status, 0, "{}", packed.stderr);
        let (input, out) =
            (place.arg(&format!("data.jsonl.{ending}")), place.arg(&format!("clean.jsonl.{ending}")));
        let found = place.json("filter", 0, &[&[&input[..], "-o", &out][..], &KEY].concat());
        assert_eq!(counts(&found), [5, 2, 3, 0]);
        assert!(fs::read(&out).unwrap().starts_with(magic));
        ended(&place.run("verify", &[&[&out[..]][..], &KEY].concat()), 0, "");
    }
}

#[cfg(feature = "zstd")]
#[test]
fn zstd_comes_out_as_zstd() {
    let place = Place::new();
    let text = fs::read(place.write("data.jsonl", &place.rows(&FILES))).unwrap();
    let (input, out) = (place.arg("data.jsonl.zst"), place.arg("clean.jsonl.zst"));
    fs::write(&input, zstd::encode_all(&text[..], 3).unwrap()).unwrap();
    let args = [&[&input[..], "-o", &out][..], &KEY].concat();
    assert_eq!(counts(&place.json("filter", 0, &args)), [5, 2, 3, 0]);
    let left = zstd::decode_all(&fs::read(&out).unwrap()[..]).unwrap();
    assert_eq!(paths(std::str::from_utf8(&left).unwrap()), ["bob-0", "bob-1"]);
    // Cut off.
    let whole = fs::read(&input).unwrap();
    fs::write(&input, &whole[..whole.len() - 9]).unwrap();
    ended(&place.run("filter", &args), 5, "data.jsonl.zst");
}

#[cfg(feature = "parquet")]
mod parquet {
    use std::sync::Arc;

    use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
    use ::parquet::data_type::{ByteArray, ByteArrayType};
    use ::parquet::file::properties::WriterProperties;
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::record::RowAccessor;
    use ::parquet::schema::types::Type;

    use super::*;

    /// Writes rows, two to a row group.
    fn write(place: &Place, name: &str, rows: &[Value]) -> String {
        let columns = ["path", "id", "content"];
        let field = |name: &&str| {
            let text = Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
                .with_logical_type(Some(LogicalType::String));
            Arc::new(text.with_repetition(Repetition::OPTIONAL).build().unwrap())
        };
        let schema = Type::group_type_builder("schema")
            .with_fields(columns.iter().map(field).collect())
            .build()
            .unwrap();
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let file = fs::File::create(place.at(name)).unwrap();
        let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).unwrap();
        for group in rows.chunks(2) {
            let mut out = writer.next_row_group().unwrap();
            for name in columns {
                let values: Vec<Option<&str>> = group.iter().map(|row| row[name].as_str()).collect();
                let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
                let values: Vec<ByteArray> = values.into_iter().flatten().map(ByteArray::from).collect();
                let mut column = out.next_column().unwrap().unwrap();
                column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
                column.close().unwrap();
            }
            out.close().unwrap();
        }
        writer.close().unwrap();
        place.arg(name)
    }

    fn paths(path: &str) -> Vec<String> {
        let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
        reader.get_row_iter(None).unwrap().map(|row| row.unwrap().get_string(0).unwrap().clone()).collect()
    }

    #[test]
    fn parquet_is_filtered_and_verified() {
        let place = Place::new();
        let data = write(&place, "data.parquet", &place.rows(&FILES));
        let out = place.arg("clean.parquet");
        let found = place.json("filter", 0, &[&[&data[..], "-o", &out][..], &KEY].concat());
        assert_eq!(counts(&found), [5, 2, 3, 0]);
        assert_eq!(found["columns"][0]["proved"], json!({"rows": 5, "equal": 5}));
        assert_eq!(paths(&out), ["bob-0", "bob-1"]);
        ended(&place.run("verify", &[&[&out[..]][..], &KEY].concat()), 0, "");
        ended(&place.run("verify", &[&data, "--key", "id=sha1", "--content", "content"]), 5, "but git_sha1");
        ended(&place.run("verify", &[&data, "--key", "idd=sha1"]), 5, "column `idd`");
    }

    #[test]
    fn a_null_in_the_key_column_is_uncovered_or_told_by_the_content() {
        let place = Place::new();
        let mut rows = place.rows(&["bob-0", "bob-1", "ada-0"]);
        rows[1]["id"] = Value::Null;
        rows[2]["id"] = Value::Null;
        let data = write(&place, "data.parquet", &rows);
        ended(
            &place.run("verify", &[&data, "--key", "id=git_sha1"]),
            4,
            "2 of 3 rows are covered by no manifest",
        );
        let found = place.json("verify", 1, &[&[&data[..]][..], &KEY].concat());
        assert_eq!(counts(&found), [3, 2, 1, 0]);
    }

    #[test]
    fn parquet_without_a_row_is_not_filtered() {
        let place = Place::new();
        let (data, out) = (write(&place, "data.parquet", &[]), place.arg("clean.parquet"));
        let refused = place.run("filter", &[&[&data[..], "-o", &out][..], &KEY].concat());
        ended(&refused, 4, "no row, so nothing was filtered");
        assert!(!place.at("clean.parquet").exists());
    }

    #[test]
    fn a_shard_with_another_schema_is_an_error() {
        let place = Place::new();
        fs::create_dir(place.at("in")).unwrap();
        write(&place, "in/a.parquet", &place.rows(&["bob-0"]));
        fs::write(place.at("in/b.jsonl"), "{\"hexsha\":\"x\"}\n").unwrap();
        let out = place.arg("out/");
        ended(&place.run("filter", &[&[&place.arg("in")[..], "-o", &out][..], &KEY].concat()), 4, "b.jsonl");
        assert!(!place.at("out/b.jsonl").exists());
    }
}

#[test]
fn an_output_is_named_as_what_it_will_be() {
    let place = Place::new();
    let data = place.write("data.jsonl", &place.rows(&FILES));
    for (name, better) in [("x.parquet", "x.jsonl"), ("x.tar.gz", "x.jsonl"), ("x.jsonl.zst", "x.jsonl")] {
        let out = place.arg(name);
        let refused = place.run("filter", &[&[&data[..], "-o", &out][..], &KEY].concat());
        ended(&refused, 5, &format!("it would be: JSON Lines; name it `{better}`"));
        assert!(!place.at(name).exists());
    }
    let out = place.arg("x.txt");
    ended(&place.run("filter", &[&[&data[..], "-o", &out][..], &KEY].concat()), 0, "");
}

#[test]
fn only_lines_are_read_from_standard_input() {
    let place = Place::new();
    let mut program = place.repo.command(env!("CARGO_BIN_EXE_withhold"));
    let manifest = place.arg("m");
    let args = [&["verify", "-q", "-m", &manifest, "-"][..], &KEY].concat();
    let refused = run(program.args(&args), b"PAR1\x15\0\x15\0\nPAR1");
    ended(
        &refused,
        5,
        "it is Parquet, and only JSON Lines are read from standard input: name the file itself",
    );
}

/// It goes before what one is about to run.
#[test]
fn a_dry_run_writes_nothing_wherever_it_would_go() {
    let place = Place::new();
    let data = place.write("data.jsonl", &place.rows(&["ada-0", "bob-0"]));
    for out in ["out.jsonl", "out/", "-"] {
        let out = if out == "-" { out.to_owned() } else { place.arg(out) };
        let done = place.run("filter", &[&["-n", &data, "-o", &out][..], &KEY].concat());
        ended(&done, 0, "");
        assert!(!String::from_utf8_lossy(&done.stdout).contains("bob wrote"));
        assert!(!place.at("out.jsonl").exists() && !place.at("out").exists());
    }
    // What the real one would refuse is refused.
    ended(
        &place.run("filter", &[&["-n", &data, "-o", &place.arg("out.parquet")][..], &KEY].concat()),
        5,
        "name it",
    );
}

#[test]
fn names_that_differ_in_case_only_are_refused() {
    let place = Place::new();
    let mut row = place.row("bob-0");
    row["Content"] = place.row("ada-0")["content"].clone();
    let data = place.write("data.jsonl", &[row]);
    for (command, out) in [("verify", &[][..]), ("filter", &["-o", "-"][..])] {
        let args = [&[&data[..], "--content", "content"][..], out].concat();
        ended(&place.run(command, &args), 5, "a name differs from `content` in case only");
    }
}

#[test]
fn people_are_known_by_the_number_of_their_account() {
    let place = Place::new();
    let list = place.arg("people.toml");
    let text = "schema = 1\nlist = \"x/people\"\nserial = 1\n[[subject]]\nid = \"s-7q4k\"\n\
        [[subject.identity]]\nforge = \"github.com:583231\"\n";
    fs::write(&list, text).unwrap();
    let data = place.write("data.jsonl", &[json!({"user": {"id": 583_231}}), json!({"user": {"id": 7}})]);
    let found =
        place.repo.withhold(["verify", "--format", "json", "-l", &list, "--identity", "user.id", &data]);
    ended(&found, 1, "");
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(counts(&found), [2, 1, 1, 0]);
}
