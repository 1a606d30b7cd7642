//! The public data sets of code, with the columns and types that they have, one row group a row.
//!
//! Each is told by its columns, judged by what stands in them, and written with all that it had. Where its columns are
//! known from stands at each: its card (`dataset_info`), the program that loads it, or what a program that reads it prints.

use std::sync::Arc;

use ::parquet::column::writer::ColumnWriter;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::record::{Field, Row};
use ::parquet::schema::parser::parse_message_type;

use super::rows::sha1;
use super::*;

const ITEMS: &str = "files[].";
const STRUCT: &str = "github_metadata.";

/// A list in Parquet's message format.
fn list(name: &str, element: &str) -> String {
    format!("optional group {name} (LIST) {{ repeated group list {{ {element} }} }}")
}

/// Writes rows as Parquet. A column is `type name`, the type being one of Parquet's message format, `text`, `time`, or `texts`
/// (a list); columns `github_metadata.name` are of a struct, columns `files[].name` of the items of a list of structs.
fn write(place: &Place, name: &str, columns: &[&str], rows: &[Value]) -> String {
    let columns: Vec<(&str, &str)> = columns.iter().map(|column| column.split_once(' ').unwrap()).collect();
    let field = |(kind, name): &(&str, &str)| match *kind {
        "text" => format!("optional binary {name} (STRING);"),
        "time" => format!("optional int64 {name} (TIMESTAMP(NANOS,false));"),
        "texts" => list(name, "optional binary element (STRING);"),
        kind => format!("optional {kind} {name};"),
    };
    let (items, plain): (Vec<_>, Vec<_>) = columns.iter().partition(|(_, name)| name.starts_with(ITEMS));
    let (inner, plain): (Vec<_>, Vec<_>) = plain.into_iter().partition(|(_, name)| name.starts_with(STRUCT));
    let mut schema: Vec<String> = plain.iter().map(&field).collect();
    let fields = |columns: &[(&str, &str)], before: &str| -> String {
        columns.iter().map(|(kind, name)| field(&(kind, &name[before.len()..]))).collect()
    };
    if !inner.is_empty() {
        schema.push(format!("optional group github_metadata {{ {} }}", fields(&inner, STRUCT)));
    }
    if !items.is_empty() {
        let fields = fields(&items, ITEMS);
        schema.push(list("files", &format!("optional group element {{ {fields} }}")));
    }
    let schema = parse_message_type(&format!("message schema {{ {} }}", schema.concat())).unwrap();
    let file = fs::File::create(place.at(name)).unwrap();
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), properties).unwrap();
    for row in rows {
        let mut group = writer.next_row_group().unwrap();
        for (kind, name) in plain.iter().chain(&inner).chain(&items) {
            let (values, defs, reps) = cells(row, kind, name);
            let levels = |levels: &[i16], most: i16| Some(levels.to_vec()).filter(|_| most > 0);
            let (defs, reps) =
                (levels(&defs, 1), levels(&reps, i16::from(*kind == "texts" || name.contains("[]"))));
            let (defs, reps) = (defs.as_deref(), reps.as_deref());
            let mut column = group.next_column().unwrap().unwrap();
            match column.untyped() {
                ColumnWriter::ByteArrayColumnWriter(to) => {
                    to.write_batch(&each(&values, |value| value.as_str().unwrap().into()), defs, reps)
                }
                ColumnWriter::Int64ColumnWriter(to) => {
                    to.write_batch(&each(&values, |value| value.as_i64().unwrap()), defs, reps)
                }
                ColumnWriter::Int32ColumnWriter(to) => to.write_batch(
                    &each(&values, |value| i32::try_from(value.as_i64().unwrap()).unwrap()),
                    defs,
                    reps,
                ),
                ColumnWriter::DoubleColumnWriter(to) => {
                    to.write_batch(&each(&values, |value| value.as_f64().unwrap()), defs, reps)
                }
                ColumnWriter::BoolColumnWriter(to) => {
                    to.write_batch(&each(&values, |value| value.as_bool().unwrap()), defs, reps)
                }
                _ => panic!("{kind} {name}"),
            }
            .unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    place.arg(name)
}

fn each<T>(values: &[&Value], value: fn(&Value) -> T) -> Vec<T> {
    values.iter().map(|json| value(json)).collect()
}

/// The values of a row in a column, with their levels.
fn cells<'r>(row: &'r Value, kind: &str, name: &str) -> (Vec<&'r Value>, Vec<i16>, Vec<i16>) {
    let listed = |list: &'r Value, depth: i16, value: &dyn Fn(&'r Value) -> &'r Value| {
        let Some(list) = list.as_array() else { return (vec![], vec![0], vec![0]) };
        if list.is_empty() {
            return (vec![], vec![1], vec![0]);
        }
        let values: Vec<&Value> = list.iter().map(value).collect();
        let defs = values.iter().map(|value| depth + i16::from(!value.is_null())).collect();
        let reps = (0..list.len()).map(|at| i16::from(at > 0)).collect();
        (values.into_iter().filter(|value| !value.is_null()).collect(), defs, reps)
    };
    // Lists of the items of a list, end to end.
    let nested = |field: &str| {
        let (mut values, mut defs, mut reps) = (vec![], vec![], vec![]);
        for (at, item) in row["files"].as_array().unwrap().iter().enumerate() {
            let (more, depths, repeats) = listed(&item[field], 2, &|item| item);
            values.extend(more);
            defs.extend(depths.iter().map(|depth| depth + 3));
            let first = i16::from(at > 0);
            reps.extend(repeats.iter().map(|&repeat| if repeat > 0 { 2 } else { first }));
        }
        (values, defs, reps)
    };
    if let Some(field) = name.strip_prefix(STRUCT) {
        let value = &row["github_metadata"][field];
        return if value.is_null() { (vec![], vec![1], vec![0]) } else { (vec![value], vec![2], vec![0]) };
    }
    match (name.strip_prefix(ITEMS), kind) {
        (Some(field), "texts") => nested(field),
        (Some(field), _) => listed(&row["files"], 3, &|item| &item[field]),
        (None, "texts") => listed(&row[name], 2, &|item| item),
        (None, _) if row[name].is_null() => (vec![], vec![0], vec![0]),
        (None, _) => (vec![&row[name]], vec![1], vec![0]),
    }
}

/// Filters a data set whose columns nobody names, and sees for which it is taken and how its rows are judged. What stays of
/// it, as JSON.
#[track_caller]
fn filtered(
    place: &Place,
    columns: &[&str],
    rows: &[Value],
    (preset, judged): (&str, [u64; 4]),
) -> Vec<Value> {
    let (data, out) = (write(place, "data.parquet", columns, rows), place.arg("clean.parquet"));
    let found = place.json("filter", 0, &[&data, "-o", &out]);
    assert_eq!((found["preset"].as_str().unwrap(), counts(&found)), (preset, judged));
    let open = |path: &str| SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
    let schema = |path: &str| open(path).metadata().file_metadata().schema().clone();
    assert_eq!(schema(&data), schema(&out));
    ended(&place.run("verify", &[&out]), 0, "");
    open(&out).get_row_iter(None).unwrap().map(|row| object(&row.unwrap())).collect()
}

/// A row as JSON, as far as it is text and numbers.
fn object(row: &Row) -> Value {
    let value = |(name, field): (&String, &Field)| (name.clone(), value(field));
    row.get_column_iter().map(value).collect()
}

fn value(field: &Field) -> Value {
    match field {
        Field::Str(text) => json!(text),
        Field::Long(number) => json!(number),
        Field::Int(number) => json!(number),
        Field::Bool(is) => json!(is),
        Field::Double(number) => json!(number),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::Group(row) => object(row),
        _ => Value::Null,
    }
}

/// A place whose manifest knows every version and commit.
fn place() -> Place {
    Place::with(LIST, &["--history"])
}

fn content(place: &Place, path: &str) -> String {
    place.row(path)["content"].as_str().unwrap().to_owned()
}

const FILES: [&str; 3] = ["bob-0", "ada-0", "bob-1"];

/// The card of `bigcode/the-stack`; a copy of its `dataset_info` stands in that of `substratusai/the-stack-yaml-k8s`.
#[test]
fn the_stack() {
    let place = place();
    let mut columns = vec!["text hexsha", "int64 size", "text ext", "text lang"];
    for kind in ["stars", "issues", "forks"] {
        for column in [
            format!("text max_{kind}_repo_path"),
            format!("text max_{kind}_repo_name"),
            format!("text max_{kind}_repo_head_hexsha"),
            format!("texts max_{kind}_repo_licenses"),
            format!("int64 max_{kind}_count"),
            format!("text max_{kind}_repo_{kind}_event_min_datetime"),
            format!("text max_{kind}_repo_{kind}_event_max_datetime"),
        ] {
            columns.push(column.leak());
        }
    }
    columns.extend([
        "text content",
        "double avg_line_length",
        "int64 max_line_length",
        "double alphanum_fraction",
    ]);
    let row = |path: &&str| {
        json!({
            "hexsha": place.row(path)["id"], "size": 26, "ext": "py", "lang": "Python",
            "max_stars_repo_path": path, "max_stars_repo_name": "someone/fork", "max_stars_count": 7,
            "max_stars_repo_licenses": ["MIT", null], "max_issues_repo_licenses": [],
            "max_forks_repo_path": path, "max_forks_repo_name": "Corp/Engine",
            "content": content(&place, path), "avg_line_length": 12.5, "max_line_length": 13, "alphanum_fraction": 0.8,
        })
    };
    let left = filtered(&place, &columns, &FILES.each_ref().map(row), ("the-stack", [3, 2, 1, 0]));
    assert_eq!(left[1]["max_stars_repo_path"], "bob-1");
    assert_eq!(left[1]["max_stars_repo_licenses"], json!(["MIT", null]));
}

/// The card of `bigcode/the-stack-v2`. Its paths begin with `/`, it has no contents, and two hashes: `content_id` is Git's,
/// `blob_id` is none of Git's.
#[test]
fn the_stack_v2() {
    let place = place();
    let columns = [
        "text blob_id",
        "text directory_id",
        "text path",
        "text content_id",
        "texts detected_licenses",
        "text license_type",
        "text repo_name",
        "text snapshot_id",
        "text revision_id",
        "text branch_name",
        "time visit_date",
        "time revision_date",
        "time committer_date",
        "int64 github_id",
        "int64 star_events_count",
        "int64 fork_events_count",
        "text gha_license_id",
        "time gha_event_created_at",
        "time gha_created_at",
        "text gha_language",
        "text src_encoding",
        "text language",
        "boolean is_vendor",
        "boolean is_generated",
        "int64 length_bytes",
        "text extension",
    ];
    let row = |path: &&str| {
        json!({
            "blob_id": sha1(&content(&place, path)), "content_id": place.row(path)["id"], "path": format!("/{path}"),
            "detected_licenses": ["MIT"], "license_type": "permissive", "repo_name": "Corp/engine",
            "revision_id": place.repo.id("main"), "branch_name": "refs/heads/main", "visit_date": 1_700_000_000_i64,
            "star_events_count": 3, "src_encoding": "UTF-8", "is_vendor": false, "is_generated": false,
            "length_bytes": 26, "extension": "",
        })
    };
    let mut rows = FILES.each_ref().map(row).to_vec();
    let left = filtered(&place, &columns, &rows, ("the-stack-v2", [3, 2, 1, 0]));
    assert_eq!((&left[0]["path"], &left[1]["path"]), (&json!("/bob-0"), &json!("/bob-1")));
    // A row with both keys, of which one is of something else, is not clear.
    rows[0]["blob_id"] = json!(sha1("else"));
    let data = write(&place, "data.parquet", &columns, &rows);
    ended(&place.run("filter", &[&data, "-o", &place.arg("out.parquet")]), 4, "stopped at row 1");
    // The hashes the other way round match nothing.
    for row in &mut rows {
        (row["blob_id"], row["content_id"]) = (row["content_id"].clone(), row["blob_id"].clone());
    }
    let data = write(&place, "data.parquet", &columns, &rows);
    ended(&place.run("verify", &[&data]), 4, "column `content_id` matched nothing in 3 rows");
}

/// What programs print that read `bigcode/the-stack-v2-train-smol-ids`; `the-stack-v2-train-full-ids` has the same.
#[test]
fn the_stack_v2_as_ids() {
    let place = place();
    let columns = [
        "text repo_name",
        "text repo_url",
        "text snapshot_id",
        "text revision_id",
        "text directory_id",
        "text branch_name",
        "time visit_date",
        "time revision_date",
        "time committer_date",
        "int64 github_id",
        "int64 star_events_count",
        "int64 fork_events_count",
        "text gha_license_id",
        "time gha_created_at",
        "time gha_updated_at",
        "time gha_pushed_at",
        "text gha_language",
        "int64 num_files",
        "text files[].blob_id",
        "text files[].path",
        "text files[].content_id",
        "text files[].language",
        "int64 files[].length_bytes",
        "texts files[].detected_licenses",
        "text files[].license_type",
        "text files[].src_encoding",
        "boolean files[].is_vendor",
        "boolean files[].is_generated",
        "double files[].alphanum_fraction",
        "double files[].alpha_fraction",
        "int64 files[].num_lines",
        "double files[].avg_line_length",
        "int64 files[].max_line_length",
    ];
    let file = |path: &&str| {
        json!({
            "blob_id": sha1(&content(&place, path)), "content_id": place.row(path)["id"], "path": format!("/{path}"),
            "language": "Text", "length_bytes": 26, "detected_licenses": ["MIT", "0BSD"], "is_vendor": false,
            "alphanum_fraction": 0.5, "num_lines": 2,
        })
    };
    let files = |paths: &[&str]| paths.iter().map(file).collect::<Vec<_>>();
    let rows = [
        json!({"repo_name": "corp/engine", "num_files": 3, "files": files(&["bob-0", "ada-0", "bob-1"])}),
        json!({"repo_name": "a/fork", "num_files": 1, "files": files(&["ada-1"])}),
        json!({"repo_name": "b/fork", "num_files": 1, "files": files(&["bob-2"])}),
    ];
    let left = filtered(&place, &columns, &rows, ("the-stack-v2-ids", [5, 3, 2, 0]));
    assert_eq!(left.len(), 2);
    let paths: Vec<&Value> = left[0]["files"].as_array().unwrap().iter().map(|file| &file["path"]).collect();
    assert_eq!(paths, ["/bob-0", "/bob-1"]);
    assert_eq!(left[0]["files"][1]["detected_licenses"], json!(["MIT", "0BSD"]));
}

/// The card of `HuggingFaceCode/stack-v3-train`; the fields of `files[]` from `size_bytes` on as rows have them, in copies.
/// Its ids are of what was there before it was redacted: the contents prove them only where somebody says so.
#[test]
fn the_stack_v3() {
    let place = place();
    let columns = [
        "text repo_path",
        "text commit_id",
        "int64 repo_id",
        "int64 num_files",
        "text github_metadata.branch",
        "int32 github_metadata.commit_count",
        "text github_metadata.repo_created_at",
        "boolean github_metadata.is_fork",
        "boolean github_metadata.is_org_owned",
        "text github_metadata.forked_from",
        "int32 github_metadata.stars",
        "int32 github_metadata.forks",
        "int32 github_metadata.issues",
        "int32 github_metadata.pull_requests",
        "text files[].content_id",
        "text files[].content",
        "int64 files[].size_bytes",
        "text files[].file_path",
        "int64 files[].file_timestamp",
        "text files[].language",
        "boolean files[].is_vendor",
        "text files[].license_type",
        "texts files[].detected_licenses",
    ];
    let file = |path: &&str| {
        json!({
            "content_id": sha1(&content(&place, path)), "content": content(&place, path), "size_bytes": 26,
            "file_path": path, "file_timestamp": 1_700_000_000, "is_vendor": false, "detected_licenses": [],
        })
    };
    let files = |paths: &[&str]| paths.iter().map(file).collect::<Vec<_>>();
    let github = json!({"branch": "main", "stars": 1, "is_fork": false});
    let mut rows = [
        json!({"repo_path": "corp/engine", "commit_id": place.repo.id("main"), "github_metadata": github, "files": files(&FILES)}),
        json!({"repo_path": "a/fork", "commit_id": place.repo.id("main"), "files": files(&["ada-1", "ada-2"])}),
    ];
    rows[0]["files"][0]["content"] = json!("<NAME> wrote 0\nand that\n");
    let left = filtered(&place, &columns, &rows, ("the-stack-v3", [5, 2, 3, 0]));
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["files"][1]["file_path"], "bob-1");
    assert_eq!(
        (&left[0]["github_metadata"]["stars"], &left[0]["github_metadata"]["issues"]),
        (&json!(1), &Value::Null)
    );
    let data = place.arg("data.parquet");
    let args = [&data[..], "--preset", "the-stack-v3", "--content", "files[].content"];
    ended(&place.run("verify", &args), 5, "it does in 4 of 5 rows");
    let found = place.json("verify", 1, &[&args[..], &["--redacted"]].concat());
    let proved = |column: &Value| column["proved"] == json!({"rows": 5, "equal": 4});
    assert!(found["columns"].as_array().unwrap().iter().any(proved), "{found}");
    assert_eq!(super::counts(&found), [5, 2, 3, 0]);
}

/// `commitpack.py`, which loads `bigcode/commitpack`, and the card's example; `bigcode/commitpackft` has the same.
#[test]
fn git_commits() {
    let place = place();
    let columns = [
        "text commit",
        "text old_file",
        "text new_file",
        "text old_contents",
        "text new_contents",
        "text subject",
        "text message",
        "text lang",
        "text license",
        "text repos",
    ];
    let row = |commit: &str, path: &str| {
        json!({
            "commit": place.repo.id(commit), "old_file": path, "new_file": path, "old_contents": "",
            "new_contents": content(&place, path), "subject": "x", "message": "x\n", "repos": "a/b,Corp/Engine,c/d",
        })
    };
    let rows = [row("main", "bob-0"), row("main~1", "ada-0"), row("main~1", "bob-1"), row("main", "ada-1")];
    let left = filtered(&place, &columns, &rows, ("git-commits", [4, 1, 3, 0]));
    assert_eq!(left.len(), 1);
}

/// What `filtering_git_commits.ipynb` of `bigcode-project/bigcode-dataset` leaves and publishes: `content` is made of parts of both
/// versions and the message, so that no key is of it.
const CLEANED: [&str; 5] = ["text commit", "text repos", "text old_file", "text new_file", "text content"];

fn cleaned(place: &Place, commit: &str, repos: &str, path: &str) -> Value {
    let commit = if commit.len() == 40 { commit.to_owned() } else { place.repo.id(commit) };
    let content = "<commit_before>ada began 0\n<commit_msg>x<commit_after>ada began 0\nbob went on 0\n";
    json!({"commit": commit, "repos": repos, "old_file": path, "new_file": path, "content": content})
}

#[test]
fn git_commits_cleaned() {
    let place = place();
    let row = |commit: &str, path: &str| cleaned(&place, commit, "a/b,Corp/Engine,c/d", path);
    let rows = [
        row("main", "bob-0"),
        row("main~1", "ada-0"),
        // Bob's commit, but what is shown of the file may be Ada's.
        row("main", "both-0"),
        row("main~1", "new"),
    ];
    let left = filtered(&place, &CLEANED, &rows, ("git-commits-cleaned", [4, 1, 3, 0]));
    assert_eq!(left, rows[..1]);
}

#[test]
fn whose_lines_a_commit_shows_is_not_known_without_the_names_of_its_files() {
    let row = |place: &Place, repos: &str, path: &str| cleaned(place, "main", repos, path);
    let uncovered = |place: &Place, row: Value| {
        let data = write(place, "data.parquet", &CLEANED, &[row]);
        let found = place.json("verify", 4, &[&data]);
        assert_eq!(counts(&found), [1, 0, 0, 1]);
        ended(
            &place.run("filter", &[&data, "-o", &place.arg("clean.parquet")]),
            4,
            "names no repository and path",
        );
    };
    let place = place();
    uncovered(&place, row(&place, "other/fork", "bob-0"));
    uncovered(&place, row(&place, "Corp/Engine", ""));
    uncovered(&place, row(&place, "", "bob-0"));
    let keys = Place::with(LIST, &["--history", "--profile", "keys"]);
    uncovered(&keys, row(&keys, "Corp/Engine", "bob-0"));
}

/// The columns that `load_dataset("code_search_net", …)` prints, and TensorFlow's catalogue tells with their types.
#[test]
fn code_search_net() {
    let place = place();
    let columns = [
        "text repository_name",
        "text func_path_in_repository",
        "text func_name",
        "text whole_func_string",
        "text language",
        "text func_code_string",
        "texts func_code_tokens",
        "text func_documentation_string",
        "texts func_documentation_tokens",
        "text split_name",
        "text func_code_url",
    ];
    let row = |path: &&str| {
        json!({
            "repository_name": "corp/engine", "func_path_in_repository": path, "func_name": "f",
            "func_code_string": "def f(): pass", "func_code_tokens": ["def", "f"], "func_documentation_tokens": null,
            "func_code_url": format!("https://github.com/corp/engine/blob/{}/{path}#L1-L2", place.repo.id("main")),
        })
    };
    let rows = FILES.each_ref().map(row);
    // A row that names a path of which some version is excluded is not known to be clear: it is excluded.
    let left = filtered(&place, &columns, &rows, ("code-search-net", [3, 2, 1, 0]));
    assert_eq!(left.len(), 2);
}

/// The `dataset_info` of data sets made of `bigcode/starcoderdata` (`zhensuuu/starcoderdata_100star_py`); `github-code.py`,
/// which loads `codeparrot/github-code`: what it gives out, and what its shards have, where the code is `content`.
#[test]
fn data_sets_without_any_hash() {
    let place = place();
    let stars = [
        "text max_stars_repo_path",
        "text max_stars_repo_name",
        "int64 max_stars_count",
        "text id",
        "text content",
    ];
    let row = |path: &&str| {
        json!({
            "max_stars_repo_path": path, "max_stars_repo_name": "corp/engine", "max_stars_count": 1, "id": "7",
            "content": content(&place, path),
        })
    };
    filtered(&place, &stars, &FILES.each_ref().map(row), ("starcoderdata", [3, 2, 1, 0]));
    let github = ["text code", "text repo_name", "text path", "text language", "text license", "int32 size"];
    let row = |path: &&str| json!({"code": content(&place, path), "repo_name": "corp/engine", "path": path, "license": "mit", "size": 26});
    filtered(&place, &github, &FILES.each_ref().map(row), ("github-code", [3, 2, 1, 0]));
    let shards = ["text repo_name", "text path", "text license", "text content", "int64 size"];
    let row = |path: &&str| json!({"content": content(&place, path), "repo_name": "corp/engine", "path": path, "license": "mit", "size": 26});
    filtered(&place, &shards, &FILES.each_ref().map(row), ("github-code-shards", [3, 2, 1, 0]));
}
