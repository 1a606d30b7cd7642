//! `manifest merge`, `convert` and `diff`, from the command line.

use std::fs;
use std::process::Command;

use serde_json::Value;
use withhold::manifest::{
    CoverageRow, Digest, Encoding, Entry, HashKind, Hashes, HeaderParts, Keys, ListOrigin, ListRef, Manifest,
    Profile, Tool, Wanted, read, validate, write,
};
use withhold::policy::{Purpose, Purposes};

use crate::signature::desk::Desk;
use crate::support::repo::{Output, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_withhold");

fn parts() -> HeaderParts {
    HeaderParts {
        tool: Tool { name: "withhold".to_owned(), version: "0.1.0".to_owned() },
        created_at: 1_700_000_000,
        not_before: None,
        not_after: None,
        lists: vec![ListRef {
            name: "corp.example/all".to_owned(),
            serial: 42,
            digest: Digest::of(b"list"),
            origin: ListOrigin::Given,
        }],
        policy_digest: Digest::of(b"policy"),
        purposes: Purposes::ALL,
        previous: None,
        merged_from: Vec::new(),
    }
}

/// A manifest of a few files, of which the first is excluded; `which` makes them differ.
fn manifest(which: usize, change: impl FnOnce(&mut HeaderParts)) -> Manifest {
    let mut parts = parts();
    change(&mut parts);
    let hashes: Vec<_> = (0..3).map(|file| Hashes::of_blob(format!("{which} {file}").as_bytes())).collect();
    let repo = format!("corp/{which}").into();
    let entry = Entry {
        repo: Some(repo),
        path: Some("a.rs".into()),
        ..Entry::blob(&hashes[0], Purpose::TrainAi.into())
    };
    let coverage = hashes.iter().map(CoverageRow::blob).collect();
    Manifest::build(parts, vec![entry], coverage, Profile::Paths, 1).unwrap()
}

fn put(desk: &Desk, name: &str, manifest: &Manifest, encoding: Encoding) {
    write(manifest, &desk.path().join(name), encoding).unwrap();
}

fn withhold(desk: &Desk, args: &[&str]) -> Output {
    run(desk.command(PROGRAM).arg("manifest").args(args), b"")
}

#[track_caller]
fn done(desk: &Desk, args: &[&str]) -> String {
    let output = withhold(desk, args);
    assert_eq!(output.status, 0, "{}", output.stderr);
    output.line()
}

#[track_caller]
fn fails(desk: &Desk, args: &[&str], code: i32, why: &str) {
    let output = withhold(desk, args);
    assert!(output.status == code && output.stderr.contains(why), "{}: {}", output.status, output.stderr);
    assert!(!desk.path().join("out").exists());
}

#[test]
#[cfg_attr(not(all(feature = "zstd", feature = "parquet")), ignore = "needs zstd and parquet")]
fn what_is_merged_is_sound_and_excludes_what_any_of_them_does() {
    let desk = Desk::new();
    put(&desk, "a", &manifest(1, |_| ()), Encoding::Parquet);
    put(
        &desk,
        "b",
        &manifest(2, |parts| parts.policy_digest = Digest::of(b"other")),
        Encoding::JsonLinesZstd,
    );
    assert_eq!(
        done(&desk, &["merge", "a", "b", "-o", "out"]),
        "2 manifests: 2 entries, 6 rows of coverage in out"
    );
    let out = desk.path().join("out");
    assert_eq!(validate(&out).problems, []);
    let header: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    super::schema("manifest").validate(&header).unwrap();
    assert_eq!(header["policies"].as_array().unwrap().len(), 2);
    // The keys say what the keys of both together say, however rows are encoded.
    let wanted = Wanted { hashes: HashKind::ALL.to_vec(), names: true, ..Wanted::default() };
    let keys = |names: &[&str]| {
        let paths: Vec<_> = names.iter().map(|name| desk.path().join(name)).collect();
        Keys::open(&paths, &wanted, None, 1, &()).unwrap()
    };
    let (merged, both) = (keys(&["out"]), keys(&["a", "b"]));
    for which in 0..4 {
        for file in 0..4 {
            let hashes = Hashes::of_blob(format!("{which} {file}").as_bytes());
            let said = merged.blob(HashKind::Sha256, &hashes.sha256);
            assert_eq!(said, both.blob(HashKind::Sha256, &hashes.sha256));
            let train = Purpose::TrainAi;
            assert_eq!(said.whole.contains(train), (1..3).contains(&which) && file == 0);
            assert_eq!(said.covered.contains(train), (1..3).contains(&which) && file < 3);
        }
    }
    assert!(!merged.place(b"corp/1", Some(b"a.rs")).some_version.is_empty());
}

#[test]
fn more_manifests_than_files_may_be_open_are_merged_in_rounds() {
    let desk = Desk::new();
    let names: Vec<String> = (0..150).map(|which| format!("in/{which:03}")).collect();
    fs::create_dir(desk.path().join("in")).unwrap();
    for (which, name) in names.iter().enumerate() {
        put(&desk, name, &manifest(which, |_| ()), Encoding::JsonLines);
    }
    let mut shell = desk.command("sh");
    shell.args(["-c", "ulimit -n 100 && exec \"$0\" manifest merge in/* -o out --threads 1"]).arg(PROGRAM);
    let output = run(&mut shell, b"");
    assert_eq!(output.status, 0, "{}", output.stderr);
    assert_eq!(output.line(), "150 manifests: 150 entries, 450 rows of coverage in out");
    assert_eq!(read(&desk.path().join("out")).unwrap().header().merged_from.len(), 150);
    // And in two steps it is the same.
    let some = |from, to| format!("\"$0\" manifest merge $(ls -d in/* | sed -n {from},{to}p) -q -o");
    let line =
        format!("{} one && {} two && \"$0\" manifest merge two one -q -o again", some(1, 80), some(70, 150));
    let mut shell = desk.command("sh");
    shell.args(["-c", &line]).arg(PROGRAM);
    assert_eq!(run(&mut shell, b"").status, 0);
    for name in ["manifest.json", "entries.jsonl", "coverage.jsonl"] {
        let bytes = |folder: &str| fs::read(desk.path().join(folder).join(name)).unwrap();
        assert_eq!(bytes("again"), bytes("out"), "{name}");
    }
    let left: Vec<_> = fs::read_dir(desk.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".withhold")), "{left:?}");
}

#[test]
fn what_cannot_be_merged_says_why() {
    let desk = Desk::new();
    put(&desk, "good", &manifest(1, |_| ()), Encoding::JsonLines);
    put(&desk, "old", &manifest(2, |parts| parts.not_after = Some(1_700_000_001)), Encoding::JsonLines);
    fails(&desk, &["merge", "good", "old", "-o", "out"], 4, "old expired at 2023-11-14T22:13:21Z");
    put(&desk, "later", &manifest(2, |parts| parts.not_before = Some(5_000_000_000)), Encoding::JsonLines);
    put(&desk, "soon", &manifest(3, |parts| parts.not_after = Some(4_000_000_000)), Encoding::JsonLines);
    fails(&desk, &["merge", "soon", "later", "-o", "out"], 4, "no time at which all of them hold");
    let newer = fs::read_to_string(desk.path().join("good/manifest.json"))
        .unwrap()
        .replace("manifest/1", "manifest/2");
    put(&desk, "newer", &manifest(4, |_| ()), Encoding::JsonLines);
    fs::write(desk.path().join("newer/manifest.json"), newer).unwrap();
    fails(&desk, &["merge", "good", "newer", "-o", "out"], 5, "newer: the manifest cannot be trusted");
    fails(
        &desk,
        &["merge", "good", "nowhere", "-o", "out"],
        5,
        "cannot read the manifest nowhere/manifest.json",
    );
    // A repository of another object format.
    let sha256 = "{\"object_format\":\"sha256\",\"unit\":\"ref\"}\n";
    put(&desk, "sha256", &manifest(5, |_| ()), Encoding::JsonLines);
    fs::write(desk.path().join("sha256/coverage.jsonl"), sha256).unwrap();
    fails(&desk, &["merge", "good", "sha256", "-o", "out"], 5, "unknown variant `sha256`");
    desk.file("else/notes.txt", "mine");
    fails(&desk, &["merge", "good", "-o", "else"], 2, "which is no part of a manifest");
}

#[test]
#[cfg_attr(not(all(feature = "zstd", feature = "parquet")), ignore = "needs zstd and parquet")]
fn a_signature_is_required_where_it_is_asked_for_and_survives_another_encoding() {
    let desk = Desk::new();
    let key = desk.ed25519("key");
    desk.file("allowed", format!("ada@corp.example {}\n", Desk::public(&key)));
    put(&desk, "a", &manifest(1, |_| ()), Encoding::JsonLines);
    put(&desk, "b", &manifest(2, |_| ()), Encoding::JsonLines);
    done(&desk, &["sign", "--key", "key", "a"]);
    let allowed = ["--allowed-signers", "allowed"];
    fails(&desk, &[&["merge", "a", "b", "-o", "out"][..], &allowed].concat(), 5, "b/manifest.json.sig");
    fails(&desk, &[&["convert", "b", "-o", "out"][..], &allowed].concat(), 5, "b/manifest.json.sig");
    fails(&desk, &[&["convert", "-", "-o", "out"][..], &allowed].concat(), 2, "a stream has no signature");
    let by_bob = ["--signer", "bob@corp.example"];
    fails(
        &desk,
        &[&["convert", "a", "-o", "out"][..], &allowed, &by_bob].concat(),
        5,
        "not one of the signer",
    );
    let signed = |folder: &str| withhold(&desk, &[&["validate", folder][..], &allowed].concat()).status;
    done(&desk, &[&["convert", "a", "-o", "table", "--encoding", "parquet"][..], &allowed].concat());
    assert_eq!(signed("table"), 0);
    done(&desk, &["convert", "table", "-o", "keys", "--profile", "keys"]);
    assert_eq!(signed("keys"), 5, "another manifest is signed anew");
    assert!(!desk.path().join("keys/manifest.json.sig").exists());
    done(&desk, &["sign", "--key", "key", "b"]);
    done(&desk, &[&["merge", "a", "b", "-o", "out"][..], &allowed].concat());
    assert_eq!(signed("out"), 5);
}

#[test]
#[cfg_attr(not(all(feature = "zstd", feature = "parquet")), ignore = "needs zstd and parquet")]
fn streams_go_in_and_out() {
    let desk = Desk::new();
    put(&desk, "a", &manifest(1, |_| ()), Encoding::JsonLines);
    put(&desk, "b", &manifest(2, |_| ()), Encoding::JsonLines);
    let piped = |command: &str| {
        let mut shell = desk.command("sh");
        run(shell.args(["-c", command]).arg(PROGRAM), b"")
    };
    let line = "\"$0\" manifest merge a b -q -o - | \"$0\" manifest convert - -q -o table --encoding parquet";
    assert_eq!(piped(line).status, 0);
    done(&desk, &["merge", "b", "a", "-o", "folder"]);
    done(&desk, &["diff", "folder", "table", "--exit-code"]);
    let output = piped("\"$0\" manifest convert table -q -o - | \"$0\" manifest diff - folder --exit-code");
    assert_eq!(output.status, 0, "{}", output.stderr);
    if cfg!(target_os = "linux") {
        assert_eq!(piped("\"$0\" manifest merge a b -q -o - > /dev/full").status, 5);
    }
    // What goes out is whole or nothing.
    let rows = fs::read_to_string(desk.path().join("b/coverage.jsonl")).unwrap();
    fs::write(desk.path().join("b/coverage.jsonl"), rows.trim_end()).unwrap();
    let output = withhold(&desk, &["merge", "a", "b", "-o", "-"]);
    assert!(output.status == 5 && output.stdout.is_empty(), "{}", output.stderr);
    assert!(output.stderr.contains("the file is cut off"), "{}", output.stderr);
    assert_eq!(
        piped("\"$0\" manifest convert table -q -o - | head -c 900 | \"$0\" manifest convert - -o cut")
            .status,
        5
    );
    assert!(!desk.path().join("cut").exists());
}

#[test]
#[cfg_attr(not(all(feature = "zstd", feature = "parquet")), ignore = "needs zstd and parquet")]
fn a_difference_is_told_by_its_code_and_by_lines() {
    let desk = Desk::new();
    put(&desk, "old", &manifest(1, |_| ()), Encoding::JsonLines);
    put(&desk, "again", &manifest(1, |parts| parts.created_at += 9), Encoding::Parquet);
    put(&desk, "newer", &manifest(1, |parts| parts.lists[0].serial = 43), Encoding::JsonLines);
    let code = |new: &str, more: &[&str]| withhold(&desk, &[&["diff", "old", new][..], more].concat()).status;
    assert_eq!(code("again", &["--exit-code"]), 0, "only when it was made differs");
    assert_eq!(code("newer", &["--exit-code"]), 1);
    assert_eq!(code("newer", &[]), 0);
    let output = withhold(&desk, &["diff", "old", "newer"]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains(", serial 42\n+ lists  ") && told.contains(", serial 43\n"), "{told}");
    let output = withhold(&desk, &["diff", "old", "newer", "--format", "json"]);
    let lines: Vec<Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!((&lines[0]["field"], &lines[1]["summary"]["differ"]), (&"lists".into(), &true.into()));
    fs::write(desk.path().join("newer/entries.jsonl"), "").unwrap();
    assert_eq!(code("newer", &["--exit-code", "--quiet"]), 5, "no error is taken for a difference");
}

/// Of a manifest that is not what it says, nobody is told what it says.
#[test]
fn nothing_is_shown_of_a_manifest_that_was_tampered_with_or_is_cut_off() {
    let desk = Desk::new();
    put(&desk, "good", &manifest(1, |_| ()), Encoding::JsonLines);
    put(&desk, "bad", &manifest(2, |parts| parts.lists[0].serial = 43), Encoding::JsonLines);
    let told = |args: &[&str]| withhold(&desk, &[&["diff"], args].concat());
    assert_eq!(told(&["good", "bad"]).stdout.split(|byte| *byte == b'\n').count(), 2 + 2 + 6 + 1 + 1);
    let last = desk.path().join("bad/coverage.jsonl");
    let rows = fs::read_to_string(&last).unwrap();
    let (first, _) = rows.trim_end().rsplit_once('\n').unwrap();
    // The last row of all is gone, or is another one.
    for damaged in [format!("{first}\n"), rows.replace("\"size\":3", "\"size\":4")] {
        assert_ne!(damaged, rows);
        fs::write(&last, damaged).unwrap();
        for sides in [["good", "bad"], ["bad", "good"]] {
            for how in [&[][..], &["--format", "json"], &["--stat"], &["--threads", "1"]] {
                let output = told(&[&sides[..], how].concat());
                assert_eq!((output.status, String::from_utf8(output.stdout).unwrap()), (5, String::new()));
                assert!(output.stderr.contains("bad: the manifest cannot be trusted"), "{}", output.stderr);
            }
        }
    }
    fs::write(&last, &rows).unwrap();
    let piped =
        |stream: &str| run(desk.command(PROGRAM).args(["manifest", "diff", "good", "-"]), stream.as_bytes());
    let stream = withhold(&desk, &["convert", "bad", "-q", "-o", "-"]).stdout;
    let stream = String::from_utf8(stream).unwrap();
    assert_eq!(piped(&stream).stdout, told(&["good", "bad"]).stdout);
    let (cut, _) = stream.trim_end().rsplit_once('\n').unwrap();
    let output = piped(&format!("{cut}\n"));
    assert_eq!((output.status, output.stdout.len()), (5, 0), "{}", output.stderr);
}

/// Whatever reads a manifest reads it in Parquet.
#[test]
#[cfg_attr(not(all(feature = "zstd", feature = "parquet")), ignore = "needs zstd and parquet")]
fn a_gate_and_a_scan_take_a_manifest_in_parquet() {
    use crate::scan::case::{ADA, HEAD, by_ada, by_bob, history, text};
    let repo = history(|script| {
        let one = script.add(by_ada([]).file("ada.txt", text("ada", 5)));
        script.add(by_bob([one]).file("bob.txt", text("bob", 5)));
    });
    fs::write(repo.beside("optout.toml"), format!("{HEAD}{ADA}")).unwrap();
    let list = repo.beside("optout.toml").to_str().unwrap().to_owned();
    let out = repo.beside("table").to_str().unwrap().to_owned();
    let withhold = |args: &[&str]| {
        let mut command: Command = repo.command(PROGRAM);
        run(command.args(args), b"")
    };
    let scanned = withhold(&["scan", "--list", &list, "-q", "-o", &out, "--encoding", "parquet"]);
    assert_eq!(scanned.status, 0, "{}", scanned.stderr);
    for args in [
        &["check", "--list", &list, "--manifest", &out][..],
        &["manifest", "validate", &out],
        &["manifest", "show", &out],
        &["scan", "--list", &list, "-q", "--previous", &out, "-o", "-"],
    ] {
        let output = withhold(args);
        assert_eq!(output.status, 0, "{args:?}: {}", output.stderr);
    }
    fs::write(repo.beside("data.jsonl"), "").unwrap();
    let row = |content: &str| format!("{{\"id\":\"{}\"}}\n", Hashes::of_blob(content.as_bytes()).git_sha1);
    let data = repo.beside("data.jsonl").to_str().unwrap().to_owned();
    for (rows, code) in [(row(&text("bob", 5)), 0), (row(&text("ada", 5)), 1), (row("never seen"), 4)] {
        fs::write(&data, rows).unwrap();
        let output = withhold(&["verify", "-m", &out, &data, "--key", "id=git_sha1", "--no-cache"]);
        assert_eq!(output.status, code, "{}", output.stderr);
    }
}
