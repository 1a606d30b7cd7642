//! The manifest as its consumers meet it: by the schemas that are shipped, and by the page that describes it.

mod commands;

use std::fs;
use std::io::{BufRead, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use jsonschema::Validator;
use serde_json::{Value, json};
use withhold::manifest::{
    Basis, CoverageRow, Digest, Encoding, Entry, EntryUnit, Hashes, HeaderParts, ListOrigin, ListRef,
    Manifest, ObjectKind, Profile, RefCoverage, Strength, Tool, path, validate, write, write_stream,
};
use withhold::policy::{Purpose, Purposes, Role};
use withhold::repo::ObjectId;

const CLEAR: &[u8] = b"written by someone else\n";
const EXCLUDED: &[u8] = b"one\ntwo\nthree\n";
const PARTLY: &[u8] = b"mine\nyours\n";

fn manifest(profile: Profile) -> Manifest {
    let train = Purposes::from(Purpose::TrainAi);
    let commit = ObjectId::from_hex(b"5f0c9d0c8e1b2a3d4c5b6a79880716253443526f").unwrap();
    let found = |entry: Entry, at: &[u8]| Entry {
        repo: Some("corp/engine".into()),
        path: Some(path::encode(at).into()),
        commit: Some(commit),
        basis: Some(Basis::Author),
        strength: Some(Strength::Asserted),
        rule: Some("k-7q4k".into()),
        ..entry
    };
    let body = Hashes::of_object(ObjectKind::Commit, b"a commit's body");
    let entries = vec![
        found(Entry::blob(&Hashes::of_blob(EXCLUDED), Purposes::ALL), b"caf\xe9 100%.rs"),
        found(Entry::lfs([3; 32], 1 << 40, train), b"model.bin"),
        found(Entry::lines(&Hashes::of_blob(PARTLY), 1..=1, 0..5, train), b"both.rs"),
        Entry { repo: Some("corp/engine".into()), ..Entry::commit(&body, train) },
        Entry::tag(&Hashes::of_object(ObjectKind::Tag, b"a tag's body"), train),
        Entry::path("corp/engine".into(), "secret.txt".into(), train),
        Entry::repo("corp/legal".into(), Purposes::ALL),
    ];
    let tip = RefCoverage {
        repo: Some("corp/engine".into()),
        name: Some("refs/heads/main".to_owned()),
        tip: commit,
        files: 3,
        lines: 6,
        commits: 1,
        tags: 1,
        submodules: 0,
        history: false,
        incomplete: None,
    };
    let shallow = RefCoverage { incomplete: Some("shallow".to_owned()), ..tip.clone() };
    let mut coverage: Vec<_> =
        [CLEAR, EXCLUDED, PARTLY].map(Hashes::of_blob).iter().map(CoverageRow::blob).collect();
    coverage.extend([
        CoverageRow::lfs([3; 32], 1 << 40),
        CoverageRow::commit(body.git_sha1),
        CoverageRow::tag(commit),
        CoverageRow::of_ref(tip),
        CoverageRow::of_ref(shallow),
        CoverageRow::path("corp/engine".into(), "caf%E9 100%25.rs".into()),
    ]);
    let parts = HeaderParts {
        tool: Tool { name: "withhold".to_owned(), version: "0.1.0".to_owned() },
        created_at: 1_700_000_000,
        not_before: Some(1_700_000_000),
        not_after: Some(4_000_000_000),
        lists: vec![ListRef {
            name: "corp.example/all".to_owned(),
            serial: 42,
            digest: Digest::of(b"list"),
            origin: ListOrigin::Given,
        }],
        policy_digest: Digest::of(b"policy"),
        purposes: Purposes::ALL,
        previous: Some(Digest::of(b"the one before")),
        merged_from: vec![Digest::of(b"one"), Digest::of(b"another")],
    };
    Manifest::build(parts, entries, coverage, profile, 1).unwrap()
}

fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn schema(name: &str) -> Validator {
    let schema: Value = serde_json::from_str(&text(&format!("config/{name}.schema.json"))).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// The rows of one kind, as a stream has them.
fn rows(manifest: &Manifest, kind: &str) -> Vec<Value> {
    let mut stream = Vec::new();
    write_stream(manifest, &mut stream).unwrap();
    let lines = stream.lines().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    lines.filter_map(|line| line.get(kind).cloned()).collect()
}

/// The row of that unit, in the richest profile.
fn row(rows: &[Value], unit: &str) -> Value {
    rows.iter().find(|row| row["unit"] == unit).unwrap().clone()
}

#[test]
fn what_is_written_is_valid_by_the_schemas() {
    let (header, entry, coverage) = (schema("manifest"), schema("entry"), schema("coverage"));
    for profile in Profile::ALL {
        let manifest = manifest(profile);
        header.validate(&serde_json::to_value(manifest.header()).unwrap()).unwrap();
        for row in rows(&manifest, "entry") {
            assert!(entry.is_valid(&row), "{row}");
        }
        for row in rows(&manifest, "coverage") {
            assert!(coverage.is_valid(&row), "{row}");
        }
    }
}

#[test]
fn every_field_of_a_row_is_held_to_its_form() {
    let manifest = manifest(Profile::Audit);
    for (validator, rows) in
        [(schema("entry"), rows(&manifest, "entry")), (schema("coverage"), rows(&manifest, "coverage"))]
    {
        for row in rows {
            for field in row.as_object().unwrap().keys() {
                for wrong in [json!(null), json!(""), json!(-1), json!(0.5), json!("ABC"), json!(["nothing"])]
                {
                    // Free text may be anything readable; names, too.
                    if wrong == "ABC" && ["rule", "why", "repo", "ref", "path"].contains(&field.as_str()) {
                        continue;
                    }
                    let mut changed = row.clone();
                    changed[field] = wrong;
                    assert!(!validator.is_valid(&changed), "{changed}");
                }
            }
            let mut more = row.clone();
            more["email"] = json!("ada@corp.example");
            assert!(!validator.is_valid(&more), "{more}");
        }
    }
}

#[test]
fn the_schemas_know_the_whole_vocabulary() {
    let entry: Value = serde_json::from_str(&text("config/entry.schema.json")).unwrap();
    let header: Value = serde_json::from_str(&text("config/manifest.schema.json")).unwrap();
    let purposes = json!(Purpose::ALL.map(Purpose::as_str));
    assert_eq!(entry["properties"]["purposes"]["items"]["enum"], purposes);
    assert_eq!(header["properties"]["purposes"]["items"]["enum"], purposes);
    assert_eq!(header["properties"]["profile"]["enum"], json!(Profile::ALL));
    let (units, strengths) = (json!(EntryUnit::ALL), json!([Strength::Asserted, Strength::Verified]));
    assert_eq!(entry["properties"]["unit"]["enum"], units);
    assert_eq!(entry["properties"]["strength"]["enum"], strengths);
    for basis in
        Role::ALL.map(Basis::from).into_iter().chain([Basis::NotListed, Basis::Rule, Basis::Unattributed])
    {
        assert!(
            entry["properties"]["basis"]["enum"].as_array().unwrap().contains(&json!(basis)),
            "{basis:?}"
        );
    }
}

#[test]
fn a_row_has_the_fields_of_its_unit() {
    let entries = rows(&manifest(Profile::Audit), "entry");
    let validator = schema("entry");
    for (unit, fields) in [
        (
            "lines",
            &["git_sha1", "sha1", "sha256", "size", "line_start", "line_end", "byte_start", "byte_end"][..],
        ),
        ("blob", &["sha256", "size", "purposes", "unit", "repo"]),
        ("commit", &["git_sha1", "sha1", "sha256", "size"]),
        ("path", &["repo", "path"]),
        ("repo", &["repo"]),
    ] {
        for field in fields {
            let mut row = row(&entries, unit);
            row.as_object_mut().unwrap().remove(*field).unwrap();
            assert!(!validator.is_valid(&row), "{row}");
        }
    }
    let lines = row(&entries, "lines");
    for (unit, field) in [
        ("blob", "line_start"),
        ("commit", "path"),
        ("tag", "commit"),
        ("path", "sha256"),
        ("path", "commit"),
        ("repo", "size"),
        ("repo", "path"),
    ] {
        let mut row = row(&entries, unit);
        row[field] = lines[field].clone();
        assert!(!validator.is_valid(&row), "{row}");
    }
}

#[test]
fn a_path_that_was_looked_at_has_its_repository_and_no_keys() {
    let rows = rows(&manifest(Profile::Paths), "coverage");
    let (validator, path) = (schema("coverage"), row(&rows, "path"));
    for field in ["repo", "path"] {
        let mut less = path.clone();
        less.as_object_mut().unwrap().remove(field).unwrap();
        assert!(!validator.is_valid(&less), "{less}");
    }
    for (unit, field) in [("blob", "sha256"), ("blob", "size"), ("ref", "ref"), ("ref", "tip")] {
        let mut more = path.clone();
        more[field] = row(&rows, unit)[field].clone();
        assert!(!validator.is_valid(&more), "{more}");
    }
}

#[test]
fn a_ref_is_complete_or_says_why_it_is_not() {
    let rows = rows(&manifest(Profile::Paths), "coverage");
    let refs: Vec<_> = rows.into_iter().filter(|row| row["unit"] == "ref").collect();
    let validator = schema("coverage");
    for mut row in refs {
        row["complete"] = json!(row["complete"] == false);
        assert!(!validator.is_valid(&row), "{row}");
    }
}

#[test]
fn the_header_is_held_to_its_form() {
    let header = serde_json::to_value(manifest(Profile::Paths).header()).unwrap();
    let validator = schema("manifest");
    for field in header.as_object().unwrap().keys() {
        let mut changed = header.clone();
        changed[field] = json!("something else");
        assert!(!validator.is_valid(&changed), "{field}");
        let mut without = header.clone();
        without.as_object_mut().unwrap().remove(field).unwrap();
        let optional = ["not_before", "not_after", "previous"].contains(&field.as_str());
        assert_eq!(validator.is_valid(&without), optional, "{field}");
    }
    for (pointer, wrong) in [
        ("/schema", json!("https://withhold.dev/manifest/2")),
        ("/schema_version", json!("2.0.0")),
        ("/critical", json!(["anything"])),
        ("/lists", json!([])),
        ("/entries/file", json!("../entries")),
        ("/coverage/order/0", json!("repo")),
        ("/counts/entries/blob", json!(-1)),
        ("/created_at", json!("2024-01-01")),
    ] {
        let mut changed = header.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&changed), "{pointer}");
    }
    let mut carried = header.clone();
    for (origin, right) in [("revision", true), ("given", false), ("", false)] {
        carried["lists"][0]["origin"] = json!(origin);
        assert_eq!(validator.is_valid(&carried), right, "{origin}");
        assert_eq!(serde_json::from_value::<ListRef>(carried["lists"][0].clone()).is_ok(), right, "{origin}");
    }
    let mut later = header;
    later["regions"] = json!(["eu"]);
    assert!(validator.is_valid(&later));
}

/// Runs the page's example in Python, which has to be there.
fn example(folder: &Path, purpose: &str, input: &str) -> Output {
    let page = text("docs/manifest-format.md");
    let (_, code) = page.split_once("```python\n").unwrap();
    let (code, _) = code.split_once("```").unwrap();
    let script = folder.parent().unwrap().join("clear.py");
    fs::write(&script, code).unwrap();
    let child = Command::new("python3")
        .arg(&script)
        .arg(folder)
        .arg(purpose)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("the page's example needs python3");
    // It may end before it has read everything: then the pipe is closed.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn the_readers_example_in_python_does_what_the_page_says() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("manifest");
    write(&manifest(Profile::Keys), &out, Encoding::JsonLines).unwrap();
    let data_row = |content: &[u8]| format!("{{\"content_id\":\"{}\"}}\n", Hashes::of_blob(content).git_sha1);
    let all = [CLEAR, EXCLUDED, PARTLY, b"never looked at\n"].map(data_row).concat();
    let output = example(&out, "train-ai", &all);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((String::from_utf8(output.stdout).unwrap(), said.as_str()), (data_row(CLEAR), ""));
    // The lines are excluded for training only.
    let output = example(&out, "search", &all);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), data_row(CLEAR) + &data_row(PARTLY));

    let refused = |input: &str, purpose: &str, because: &str| {
        let output = example(&out, purpose, input);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(because), "{said}");
        assert_eq!(output.stdout, b"");
    };
    refused(&all, "x-sing", "decides nothing about x-sing");
    refused("{\"content_id\":null}\n", "train-ai", "no key");
    let entries = out.join("entries.jsonl");
    let rows = fs::read_to_string(&entries).unwrap();
    fs::write(&entries, rows.replace("x-train-other", "x-train-otter")).unwrap();
    refused(&all, "train-ai", "entries is not what the header says");
    assert!(!validate(&out).problems.is_empty());
}

#[test]
fn the_page_names_every_field_and_word() {
    let page = text("docs/manifest-format.md");
    let header = serde_json::to_value(manifest(Profile::Audit).header()).unwrap();
    let mut words: Vec<String> = header.as_object().unwrap().keys().cloned().collect();
    words.extend(["entries", "coverage"].into_iter().flat_map(|set| {
        header[set]["order"].as_array().unwrap().iter().map(|field| field.as_str().unwrap().to_owned())
    }));
    words.extend(
        ["entries", "coverage"]
            .into_iter()
            .flat_map(|set| header["counts"][set].as_object().unwrap().keys().cloned().collect::<Vec<_>>()),
    );
    words.extend(Purpose::ALL.map(|purpose| purpose.as_str().to_owned()));
    words.extend(Profile::ALL.map(|profile| profile.as_str().to_owned()));
    for word in words {
        assert!(page.contains(&format!("`{word}`")), "`{word}` is not on the page");
    }
}
