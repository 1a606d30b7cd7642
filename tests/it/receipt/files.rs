//! A receipt is for these files: not for others, not for fewer, and not for more.

use super::case::{bare, check, desk, edit, holds, refused, withhold};

#[test]
fn it_holds_for_the_files_that_were_verified_wherever_they_are() {
    let desk = desk();
    bare(&desk, |_| {});
    assert!(holds(&desk, &[]).contains("30 rows in 3 files; who signed it was not looked at"));
    std::fs::rename(desk.path().join("data"), desk.path().join("moved")).unwrap();
    let at = ["--at", "2024-03-01T14:00:00Z"];
    let args = [&["check", "receipt.json", "moved"][..], &at].concat();
    assert_eq!(withhold(&desk, &args).status, 0);
    let files = ["moved/one.parquet", "moved/more/two.parquet", "moved/three.jsonl.zst"];
    assert_eq!(withhold(&desk, &[&["check", "receipt.json"], &files[..], &at].concat()).status, 0);
    let more = [&["check", "receipt.json", "moved/more", "--base", "moved"], &files[..], &at].concat();
    assert_eq!(withhold(&desk, &more).status, 0);
    // Without the files, only the receipt is looked at, and that is said.
    let alone = withhold(&desk, &[&["check", "receipt.json"][..], &at].concat());
    assert_eq!(alone.status, 0);
    assert!(alone.line().ends_with("the files were not looked at"), "{}", alone.line());
}

#[test]
fn a_changed_file_is_found_also_one_of_the_same_size() {
    let desk = desk();
    bare(&desk, |_| {});
    edit(&desk.path().join("data/one.parquet"), |text| text.replace("one", "ONE"));
    refused(&desk, &[], 4, &["file-changed"]);
    edit(&desk.path().join("data/more/two.parquet"), |text| text + "more");
    refused(&desk, &[], 4, &["file-changed", "file-changed"]);
}

#[test]
fn swapped_files_are_found() {
    let desk = desk();
    bare(&desk, |_| {});
    let at = |name: &str| desk.path().join("data").join(name);
    std::fs::rename(at("one.parquet"), at("x")).unwrap();
    std::fs::rename(at("more/two.parquet"), at("one.parquet")).unwrap();
    std::fs::rename(at("x"), at("more/two.parquet")).unwrap();
    refused(&desk, &[], 4, &["file-changed", "file-changed"]);
}

#[test]
fn a_missing_file_is_found() {
    let desk = desk();
    bare(&desk, |_| {});
    std::fs::remove_file(desk.path().join("data/more/two.parquet")).unwrap();
    refused(&desk, &[], 4, &["file-missing"]);
    let part =
        withhold(&desk, &["check", "receipt.json", "data/one.parquet", "--at", "2024-03-01T14:00:00Z"]);
    assert_eq!(part.status, 4, "a part is not the whole");
    std::fs::remove_dir_all(desk.path().join("data")).unwrap();
    let nowhere = check(&desk, &[]);
    assert_eq!(nowhere.status, 5);
    std::fs::create_dir(desk.path().join("data")).unwrap();
    refused(&desk, &[], 4, &["file-missing", "file-missing", "file-missing"]);
}

/// In a folder, every file counts that `verify` would read there, of whatever form; a file that is named counts always.
#[test]
fn a_file_more_is_found() {
    let desk = desk();
    bare(&desk, |_| {});
    desk.file("data/README.md", "about");
    holds(&desk, &[]);
    refused(&desk, &["data/README.md"], 4, &["file-extra"]);
    desk.file("data/more/four.JSON.gz", "four");
    refused(&desk, &[], 4, &["file-extra"]);
    desk.file("data/index.tar", "a form that the receipt does not have");
    refused(&desk, &[], 4, &["file-extra", "file-extra"]);
}

/// To call it extra would be a dead end: no receipt could ever name it.
#[cfg(unix)]
#[test]
fn a_file_that_verify_never_reads_is_none_more() {
    let desk = desk();
    bare(&desk, |_| {});
    for name in [".more/four.lock", ".cache/five", "six.csv.bz2", "seven.xz"] {
        desk.file(&format!("data/{name}"), "nobody reads this");
    }
    std::os::unix::fs::symlink("nowhere", desk.path().join("data/.cache/link")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(desk.path().join("data/socket")).unwrap();
    holds(&desk, &[]);
    refused(&desk, &["data/.more/four.lock"], 4, &["file-extra"]);
}

/// Where a data set is a folder of files of any kind, every file in it is a part of it: the receipt, too, whose text nobody
/// verified.
#[test]
fn in_a_folder_of_files_every_file_counts() {
    let desk = desk();
    // What was counted is known of shards, not of files.
    bare(&desk, |parts| parts.files.iter_mut().for_each(|file| file.counts = None));
    holds(&desk, &[]);
    std::fs::copy(desk.path().join("receipt.json"), desk.path().join("data/receipt")).unwrap();
    let args = ["check", "data/receipt", "data", "--at", "2024-03-01T14:00:00Z"];
    let within = withhold(&desk, &args);
    assert_eq!(within.status, 4);
    assert!(within.stderr.contains("receipt was not verified"), "{}", within.stderr);
    std::fs::remove_file(desk.path().join("data/receipt")).unwrap();
    desk.file("data/main.rs", "any kind");
    desk.file("data/.hidden/file", "any kind");
    refused(&desk, &[], 4, &["file-extra", "file-extra"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../receipt.json", desk.path().join("data/link")).unwrap();
        refused(&desk, &[], 4, &["file-extra", "file-extra", "file-extra"]);
    }
}

#[test]
fn many_problems_are_told_once_and_counted() {
    let desk = desk();
    bare(&desk, |_| {});
    for number in 0..30 {
        desk.file(&format!("data/{number:02}.parquet"), "more");
    }
    refused(&desk, &[], 4, &["file-extra"; 21]);
    assert!(check(&desk, &[]).stderr.contains("and 10 more"));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_an_error() {
    let desk = desk();
    bare(&desk, |_| {});
    let socket = desk.path().join("data/four.parquet");
    let _socket = std::os::unix::net::UnixListener::bind(socket).unwrap();
    let output = check(&desk, &[]);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("is neither a file nor a folder"), "{}", output.stderr);
}
