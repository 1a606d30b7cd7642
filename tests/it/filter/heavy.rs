//! Rows of two gigabytes, which is the most that a row may have. They take minutes and gigabytes of memory: `just heavy`.

use std::io::{BufWriter, Write};

use super::*;

const GIB: u64 = 1 << 30;

/// JSON Lines of three rows, the second of which has a content of so many bytes and no key.
fn lines(place: &Place, length: u64) -> String {
    let path = place.at("data.jsonl");
    let mut out = BufWriter::with_capacity(1 << 20, fs::File::create(&path).unwrap());
    writeln!(out, "{}", place.row("bob-0")).unwrap();
    out.write_all(b"{\"path\":\"giant\",\"content\":\"").unwrap();
    let piece = [b'x'; 1 << 16];
    for from in (0..length).step_by(piece.len()) {
        let left = usize::try_from(length - from).unwrap().min(piece.len());
        out.write_all(&piece[..left]).unwrap();
    }
    writeln!(out, "\"}}\n{}", place.row("bob-1")).unwrap();
    out.flush().unwrap();
    place.arg("data.jsonl")
}

#[test]
#[ignore = "heavy: minutes, and gigabytes of memory and disk; just heavy"]
fn a_row_of_two_gigabytes_is_judged_and_one_that_is_longer_is_an_error() {
    let place = Place::new();
    let out = place.arg("clean.jsonl");
    let data = lines(&place, 2 * GIB - 4096);
    let found = place.json("verify", 4, &[&[&data[..]][..], &KEY].concat());
    assert_eq!(counts(&found), [3, 2, 0, 1]);
    let found =
        place.json("filter", 0, &[&[&data[..], "-o", &out, "--uncovered", "drop"][..], &KEY].concat());
    assert_eq!(counts(&found), [3, 2, 0, 1]);
    assert_eq!(place.paths("clean.jsonl"), ["bob-0", "bob-1"]);
    fs::remove_file(&out).unwrap();
    let data = lines(&place, 2 * GIB);
    for command in [&["verify"][..], &["filter", "--uncovered", "drop", "-o", &out]] {
        let args = [&[&data[..]], &command[1..], &KEY].concat();
        ended(&place.run(command[0], &args), 5, "longer than 2147483648 bytes");
    }
    assert!(!place.at("clean.jsonl").exists());
}

#[test]
#[ignore = "heavy: minutes, and gigabytes of memory and disk; just heavy"]
fn a_file_of_two_gigabytes_is_judged_and_one_that_is_longer_is_an_error() {
    let place = Place::new();
    fs::create_dir(place.at("in")).unwrap();
    let giant = fs::File::create(place.at("in/giant")).unwrap();
    let folder = place.arg("in");
    giant.set_len(2 * GIB).unwrap();
    let found = place.json("verify", 4, &["--files", &folder]);
    assert_eq!(counts(&found), [1, 0, 0, 1]);
    giant.set_len(2 * GIB + 1).unwrap();
    ended(&place.run("verify", &["--files", &folder]), 5, "is longer than 2147483648 bytes");
    // GNU tar has other headers for members from 8 GB on; no row gets there.
    let tar = place.arg("data.tar");
    let made = run(place.repo.command("tar").args(["-cf", &tar, "-C", &folder, "giant"]), b"");
    assert_eq!(made.status, 0, "{}", made.stderr);
    ended(&place.run("verify", &[&tar]), 5, "a member is too long");
}
