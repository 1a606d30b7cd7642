use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::super::samples::{any_manifest, manifest};
use super::super::{Profile, write};
use super::*;

fn written(manifest: &Manifest, encoding: Encoding) -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("manifest");
    write(manifest, &out, encoding).unwrap();
    (home, out)
}

/// What is told of a sample after `damage` was done to one of its files.
fn told(file: &str, damage: impl FnOnce(String) -> String) -> Vec<String> {
    let (_home, out) = written(&manifest(Profile::Audit), Encoding::JsonLines);
    let file = out.join(file);
    fs::write(&file, damage(fs::read_to_string(&file).unwrap())).unwrap();
    let problems: Vec<_> = validate(&out).problems.iter().map(ToString::to_string).collect();
    let first = read(&out).unwrap_err().to_string();
    assert!(first.contains(&problems[0]), "{first} is the first of {problems:?}");
    problems
}

#[track_caller]
fn tells(problems: &[String], what: &str) {
    assert!(problems.iter().any(|problem| problem.contains(what)), "{what} is not in {problems:?}");
}

fn change<'r>(from: &'r str, to: &'r str) -> impl FnOnce(String) -> String + 'r {
    move |text| {
        assert!(text.contains(from), "{from} is in the sample");
        text.replacen(from, to, 1)
    }
}

fn lines(change: impl FnOnce(&mut Vec<String>)) -> impl FnOnce(String) -> String {
    move |text| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        change(&mut lines);
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

#[test]
fn what_was_written_is_read() {
    for profile in Profile::ALL {
        for encoding in Encoding::ALL.into_iter().filter(|encoding| encoding.check().is_ok()) {
            let manifest = manifest(profile);
            let (_home, out) = written(&manifest, encoding);
            assert_eq!(read(&out).unwrap(), manifest);
            let validation = validate(&out);
            assert_eq!(validation.problems, []);
            assert_eq!(validation.header.as_ref(), Some(manifest.header()));
            assert_eq!(validation.digest, Some(manifest.digest().unwrap()));
        }
    }
}

#[test]
fn without_a_manifest_there_is_an_error_not_an_empty_one() {
    let home = tempfile::tempdir().unwrap();
    let error = read(home.path()).unwrap_err();
    assert!(matches!(error, ManifestError::Io { .. }), "{error}");
    assert_eq!(validate(home.path()).problems.len(), 1);
}

#[test]
fn rows_taken_away_added_moved_or_changed_are_found() {
    let file = "entries.jsonl";
    tells(&told(file, lines(|lines| lines.truncate(3))), "has 3 rows where the header says 9");
    tells(&told(file, lines(Vec::clear)), "has 0 rows where the header says 9");
    tells(&told(file, lines(|lines| lines.swap(0, 1))), "entries.jsonl:2: is out of order");
    tells(&told(file, lines(|lines| lines.insert(0, lines[0].clone()))), "is out of order, or there twice");
    tells(&told(file, change("src/a.rs", "src/z.rs")), "tree hash");
    tells(&told("coverage.jsonl", change("shallow", "shallot")), "tree hash");
    tells(&told(file, |text| text.trim_end().to_owned()), "has no LF");
}

#[test]
fn a_row_in_another_spelling_is_found() {
    let file = "entries.jsonl";
    tells(&told(file, change(",\"size\"", ", \"size\"")), "canonical");
    tells(&told(file, change("\"size\":1000", "\"size\":1e3")), "is not a row of entries");
    tells(&told(file, change("\"corp/engine\"", "\"corp\\/engine\"")), "canonical");
    tells(&told(file, change("\"sha1\":\"", "\"sha1\":\"A")), "is not a row of entries");
    tells(&told(file, change("{\"basis\"", "{\"basis\":\"author\",\"basis\"")), "duplicate");
    tells(&told(file, change("{\"basis\":\"author\"", "{\"basis\":null")), "canonical");
}

#[test]
fn what_this_reader_does_not_know_is_refused() {
    tells(&told("entries.jsonl", change("\"unit\":\"repo\"", "\"unit\":\"tree\"")), "unknown variant");
    tells(&told("entries.jsonl", change("\"search\"", "\"x-sing\"")), "unknown purpose");
    tells(
        &told("entries.jsonl", change("\"unit\":\"repo\"", "\"unit\":\"repo\",\"who\":1")),
        "unknown field",
    );
    tells(&told("coverage.jsonl", change("\"unit\":\"ref\"", "\"unit\":\"tree\"")), "unknown variant");
    tells(&told("coverage.jsonl", change("\"sha1\",\"ref\"", "\"sha256\",\"ref\"")), "unknown variant");
    let header = "manifest.json";
    tells(
        &told(header, change("manifest/1\"", "manifest/2\"")),
        "understands https://withhold.dev/manifest/1 only",
    );
    tells(&told(header, change("\"1.0.0\"", "\"2.0.0\"")), "is not 1.x.y");
    tells(&told(header, change("\"critical\":[]", "\"critical\":[\"x-sign\"]")), "names \"x-sign\"");
    tells(&told(header, change("\"search\"", "\"x-sing\"")), "unknown purpose");
    tells(&told(header, change("\"audit\"", "\"whole\"")), "unknown variant");
    for origin in ["given", "mail"] {
        let to = format!("\"origin\":\"{origin}\",\"serial\":42");
        tells(&told(header, change("\"serial\":42", &to)), "unknown variant");
    }
}

/// They belong to a later minor version, and are no place to fill a memory from.
#[test]
fn fields_that_are_not_known_are_kept_if_they_are_small() {
    let aside = |length: usize| format!("{{\"aside\":\"{}\",\"counts\"", "x".repeat(length));
    // What would not be written again as it stands would not be canonical.
    let (_home, out) = written(&manifest(Profile::Audit), Encoding::JsonLines);
    let path = out.join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, change("{\"counts\"", &aside(60 << 10))(text)).unwrap();
    assert_eq!(read(&out).unwrap().header().extra["aside"].as_str().unwrap().len(), 60 << 10);
    tells(
        &told("manifest.json", change("{\"counts\"", &aside(64 << 10))),
        "has more than 64 KiB of fields that this reader does not know",
    );
    let twice = "{\"aside\":1,\"aside\":1,\"counts\"";
    tells(&told("manifest.json", change("{\"counts\"", twice)), "canonical");
    let twice = "\"critical\":[],\"critical\":[]";
    tells(&told("manifest.json", change("\"critical\":[]", twice)), "duplicate");
}

#[test]
fn a_header_that_does_not_fit_its_rows_is_found() {
    let header = "manifest.json";
    tells(&told(header, change("\"rows\":9", "\"rows\":8")), "has more rows than the 8 of the header");
    tells(&told(header, change("\"blob\":3", "\"blob\":2")), "counts by unit");
    tells(&told(header, change("\"audit\"", "\"paths\"")), "tells more than profile `paths`");
    tells(&told(header, change(",\"x-train-other\"", "")), "names a purpose that the header does not");
    tells(&told(header, |text| format!("{text}\n")), "canonical");
    tells(&told(header, |_| "{}".to_owned()), "missing field `schema`");
    tells(&told(header, |_| String::new()), "is not the header of a manifest");
}

#[test]
fn only_the_fixed_files_are_read_whatever_the_header_says() {
    for name in ["../entries", "/etc/passwd", "entries.jsonl", ""] {
        let to = format!("\"file\":\"{name}\"");
        tells(&told("manifest.json", change("\"file\":\"entries\"", &to)), "the file of `entries` is not");
    }
}

#[test]
fn a_count_that_is_a_lie_reserves_no_memory() {
    let lie = format!("\"rows\":{}", u64::MAX / 2);
    tells(&told("manifest.json", change("\"rows\":9", &lie)), "canonical");
    let lie = format!("\"rows\":{}", (1_u64 << 53) - 1);
    tells(
        &told("manifest.json", change("\"rows\":9", &lie)),
        "has 9 rows where the header says 9007199254740991",
    );
}

#[test]
fn a_field_of_a_later_minor_version_is_kept() {
    let (_home, out) = written(&manifest(Profile::Keys), Encoding::JsonLines);
    let file = out.join(HEADER_FILE);
    let text = fs::read_to_string(&file).unwrap();
    let later =
        text.replace("\"schema\"", "\"regions\":[\"eu\"],\"schema\"").replace("\"1.0.0\"", "\"1.1.0\"");
    fs::write(&file, &later).unwrap();
    let again = read(&out).unwrap();
    write(&again, &out, Encoding::JsonLines).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), later);
}

#[test]
fn two_files_of_one_name_are_refused() {
    let (_home, out) = written(&manifest(Profile::Keys), Encoding::JsonLines);
    fs::write(out.join("entries.jsonl.zst"), "").unwrap();
    assert!(read(&out).unwrap_err().to_string().contains("more than one file"));
    fs::remove_file(out.join("entries.jsonl.zst")).unwrap();
    fs::remove_file(out.join("entries.jsonl")).unwrap();
    assert!(read(&out).unwrap_err().to_string().contains("no file of that name"));
}

#[test]
fn problems_are_told_up_to_a_limit() {
    let many = lines(|lines| lines.extend(std::iter::repeat_n("{}".to_owned(), 1000)));
    let problems = told("coverage.jsonl", many);
    assert!(problems.len() <= MOST_PROBLEMS);
}

#[test]
fn a_message_shows_no_control_characters_and_no_novel() {
    let wild = format!("{{\"\u{1b}[31m{}\":1,\"basis\"", "x".repeat(10_000)).replace('\u{1b}', "\\u001b");
    for problem in told("entries.jsonl", change("{\"basis\"", &wild)) {
        assert!(problem.len() < 500 && !problem.chars().any(char::is_control), "{problem:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let (_home, out) = written(&manifest(Profile::Keys), Encoding::JsonLines);
    let pipe = out.join("entries.jsonl");
    fs::remove_file(&pipe).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
        .unwrap();
    assert!(read(&out).unwrap_err().to_string().contains("not a regular file"));
}

#[cfg(feature = "zstd")]
mod zstd_frames {
    use std::io::Write;

    use zstd::stream::raw::CParameter;

    use super::*;

    #[test]
    fn frames_put_one_after_the_other_are_one_file() {
        let (_home, out) = written(&manifest(Profile::Paths), Encoding::JsonLines);
        let rows = fs::read_to_string(out.join("entries.jsonl")).unwrap();
        let frames: Vec<u8> = rows
            .split_inclusive('\n')
            .flat_map(|row| zstd::bulk::compress(row.as_bytes(), 1).unwrap())
            .collect();
        fs::write(out.join("entries.jsonl.zst"), frames).unwrap();
        fs::remove_file(out.join("entries.jsonl")).unwrap();
        assert_eq!(read(&out).unwrap(), manifest(Profile::Paths));
    }

    #[test]
    fn a_frame_that_asks_for_too_much_memory_is_refused() {
        let (_home, out) = written(&manifest(Profile::Paths), Encoding::JsonLinesZstd);
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.set_parameter(CParameter::WindowLog(27)).unwrap();
        encoder.write_all(&[b' '; 1 << 16]).unwrap();
        fs::write(out.join("entries.jsonl.zst"), encoder.finish().unwrap()).unwrap();
        assert!(read(&out).unwrap_err().to_string().contains("cannot be read on"));
    }

    #[test]
    fn a_bomb_without_line_ends_is_not_unpacked() {
        let (_home, out) = written(&manifest(Profile::Paths), Encoding::JsonLinesZstd);
        let bomb = zstd::bulk::compress(&vec![b' '; 64 << 20], 1).unwrap();
        assert!(bomb.len() < 1 << 16);
        fs::write(out.join("entries.jsonl.zst"), bomb).unwrap();
        assert!(read(&out).unwrap_err().to_string().contains("longer than 16 MiB"));
    }

    #[test]
    fn a_manifest_of_many_frames_comes_back() {
        let entries: Vec<_> = (0..20_000_u64)
            .map(|size| super::super::super::Entry::lfs([0; 32], size, crate::policy::Purposes::ALL))
            .collect();
        let parts = super::super::super::samples::parts();
        let manifest = Manifest::build(parts, entries, Vec::new(), Profile::Keys, 1).unwrap();
        let (_home, out) = written(&manifest, Encoding::JsonLinesZstd);
        let bytes = fs::read(out.join("entries.jsonl.zst")).unwrap();
        let frames = bytes.windows(4).filter(|bytes| *bytes == [0x28, 0xb5, 0x2f, 0xfd]).count();
        assert!(frames > 1, "{frames}");
        assert_eq!(read(&out).unwrap(), manifest);
    }

    proptest! {
        /// A few bits of a zstd file mean nothing; whatever else is changed is found.
        #[test]
        fn a_changed_byte_is_found_or_changes_no_row(
            manifest in any_manifest(), file in 0..2_usize, at: prop::sample::Index, flip in 1..=255_u8,
        ) {
            let (_home, out) = written(&manifest, Encoding::JsonLinesZstd);
            flip_byte(&out.join(["entries.jsonl.zst", "coverage.jsonl.zst"][file]), at, flip);
            if let Ok(read) = read(&out) {
                prop_assert_eq!(read, manifest);
            }
        }
    }
}

/// Changes one byte; `false` if the file has none.
fn flip_byte(file: &Path, at: prop::sample::Index, flip: u8) -> bool {
    let mut bytes = fs::read(file).unwrap();
    if bytes.is_empty() {
        return false;
    }
    let at = at.index(bytes.len());
    bytes[at] ^= flip;
    fs::write(file, bytes).unwrap();
    true
}

proptest! {
    #[test]
    fn any_manifest_comes_back(manifest in any_manifest()) {
        let (_home, out) = written(&manifest, Encoding::JsonLines);
        prop_assert_eq!(read(&out).unwrap(), manifest);
    }

    #[test]
    fn a_changed_byte_in_the_rows_is_found(
        manifest in any_manifest(), file in 0..2_usize, at: prop::sample::Index, flip in 1..=255_u8,
    ) {
        let (_home, out) = written(&manifest, Encoding::JsonLines);
        if flip_byte(&out.join(["entries.jsonl", "coverage.jsonl"][file]), at, flip) {
            prop_assert!(!validate(&out).problems.is_empty());
            prop_assert!(read(&out).is_err());
        }
    }

    /// The header speaks for itself (its tool, its times), so a changed one may be sound: then it is another manifest.
    #[test]
    fn a_changed_byte_in_the_header_is_found_or_gives_another_digest(
        manifest in any_manifest(), at: prop::sample::Index, flip in 1..=255_u8,
    ) {
        let (_home, out) = written(&manifest, Encoding::JsonLines);
        flip_byte(&out.join(HEADER_FILE), at, flip);
        if let Ok(read) = read(&out) {
            prop_assert_ne!(read.digest().unwrap(), manifest.digest().unwrap());
        }
    }
}
