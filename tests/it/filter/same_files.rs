//! `verify` and `receipt check` mean the same files by the same arguments, and call them the same.

use super::*;

impl Place {
    /// Runs the program in the folder in which all lies.
    fn here<A: AsRef<std::ffi::OsStr>>(&self, before: &[&str], args: &[A], after: &[&str]) -> Output {
        let mut program = self.repo.command(env!("CARGO_BIN_EXE_withhold"));
        run(program.current_dir(self.at("")).args(before).args(args).args(after), b"")
    }

    fn verify_here<A: AsRef<std::ffi::OsStr>>(&self, args: &[A]) -> Output {
        self.here(&["verify", "-m", "m", "--receipt", "receipt.json"], args, &KEY)
    }

    fn check_here<A: AsRef<std::ffi::OsStr>>(&self, args: &[A]) -> Output {
        self.here(&["receipt", "check", "receipt.json"], args, &[])
    }
}

/// The files of which a receipt speaks are those that `verify` reads, and no others.
#[test]
fn verify_and_its_receipt_mean_the_same_files() {
    let place = Place::new();
    place.write("in/a.jsonl", &place.rows(&["bob-0"]));
    place.write("in/.more/b", &place.rows(&["ada-0"]));
    fs::create_dir(place.at("in/more")).unwrap();
    place.write("in/c.csv", &place.rows(&["ada-1"]));
    let (input, receipt) = (place.arg("in"), place.arg("receipt.json"));
    let check = || place.check_here(&["in"]);
    ended(&place.verify_here(&["in"]), 0, "");
    ended(&check(), 0, "");
    // Whatever it is called, it is the next thing that verify would read.
    for name in ["in/d.parquet", "in/d.tar", "in/more/d.ndjson.zst", "in/D.JSONL"] {
        fs::write(place.at(name), "").unwrap();
        ended(&check(), 4, "was not verified");
        fs::remove_file(place.at(name)).unwrap();
    }
    // Of files that are each a row, their names say nothing.
    fs::write(place.at("in/bob-0"), place.row("bob-0")["content"].as_str().unwrap()).unwrap();
    let verify = || place.run("verify", &["--files", &input, "--uncovered", "keep", "--receipt", &receipt]);
    ended(&verify(), 0, "");
    ended(&place.check_here(&["in", "--allow-uncovered"]), 0, "");
    fs::write(place.at("in/README"), "").unwrap();
    ended(&place.check_here(&["in", "--allow-uncovered"]), 4, "README was not verified");
}

/// Nobody must take it for no shard: others read it all the same.
#[cfg(target_os = "linux")]
#[test]
fn a_shard_whose_name_is_not_utf8_is_an_error() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let odd = |name: &'static [u8]| OsStr::from_bytes(name);
    let place = Place::new();
    place.write("in/a.jsonl", &place.rows(&["bob-0"]));
    place.write("excluded", &place.rows(&["ada-0"]));
    // What is no shard under any name is still passed over.
    fs::copy(place.at("excluded"), place.at("in").join(odd(b"\xff.md"))).unwrap();
    ended(&place.verify_here(&["in"]), 0, "");
    ended(&place.check_here(&["in"]), 0, "");
    for name in [&b"b\xff.jsonl"[..], b"\xff.JSON.Zst", b"b\xff.parquet", b"\xff/b.jsonl"] {
        let file = place.at("in").join(odd(name));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::copy(place.at("excluded"), &file).unwrap();
        for args in [&[OsStr::new("in")][..], &[OsStr::new("in/**/*.[jJp]*")]] {
            for output in [
                place.verify_here(args),
                place.check_here(args),
                place.here(&["filter", "-m", "m", "-o", "out"], args, &KEY),
            ] {
                ended(&output, 5, "\\xFF");
                ended(&output, 5, "is not UTF-8");
                ended(&output, 5, "hint: rename it");
            }
        }
        // Names begin below the folder of a file that is named alone.
        let alone = if name.contains(&b'/') { (1, "excluded") } else { (5, "is not UTF-8") };
        ended(&place.verify_here(&[&file]), alone.0, alone.1);
        assert!(!place.at("out").exists());
        fs::remove_file(&file).unwrap();
    }
    // What a run did not write is told, whatever it is called.
    fs::create_dir(place.at("out")).unwrap();
    fs::copy(place.at("excluded"), place.at("out").join(odd(b"b\xff.jsonl"))).unwrap();
    ended(&place.here(&["filter", "-m", "m", "-o", "out"], &["in"], &KEY), 5, "is not of this run");
    // Nor is a receipt put there under such a name.
    let receipt = [OsStr::new("in"), OsStr::new("--receipt"), odd(b"in/r\xff.jsonl")];
    ended(&place.here(&["verify", "-m", "m"], &receipt, &KEY), 2, "it would pass for a shard");
}

/// A receipt has room for text that nobody verified: whoever reads the folder must not come upon it.
#[test]
fn a_receipt_that_verify_would_read_as_a_shard_is_a_file_more() {
    let place = Place::new();
    place.write("in/a.jsonl", &place.rows(&["bob-0"]));
    ended(&place.verify_here(&["in"]), 0, "");
    let check = |receipt: &str| place.here(&["receipt", "check", receipt], &["in"], &[]);
    // Under a name that is no shard's nobody reads it.
    fs::copy(place.at("receipt.json"), place.at("in/receipt")).unwrap();
    ended(&check("in/receipt"), 0, "");
    fs::copy(place.at("receipt.json"), place.at("in/more.jsonl")).unwrap();
    ended(&check("in/more.jsonl"), 4, "more.jsonl was not verified");
    fs::remove_file(place.at("in/more.jsonl")).unwrap();
    fs::hard_link(place.at("receipt.json"), place.at("in/more.jsonl")).unwrap();
    ended(&check("receipt.json"), 4, "more.jsonl was not verified");
    #[cfg(unix)]
    {
        fs::remove_file(place.at("in/more.jsonl")).unwrap();
        std::os::unix::fs::symlink("../receipt.json", place.at("in/more.jsonl")).unwrap();
        ended(&check("receipt.json"), 4, "more.jsonl was not verified");
    }
}

/// Names begin at the same folder for both, whatever is given.
#[test]
fn a_receipt_holds_for_the_arguments_that_verify_had() {
    let place = Place::new();
    for (name, path) in [
        ("d/top.jsonl", "bob-0"),
        ("d/one/x.jsonl", "bob-1"),
        ("d/two/x.jsonl", "bob-2"),
        ("d/two/deep/y.jsonl", "bob-3"),
        ("h/.hidden/z.jsonl", "bob-0"),
        ("d/o*/x.jsonl", "bob-0"),
    ] {
        if cfg!(unix) || !name.contains('*') {
            place.write(name, &place.rows(&[path]));
        }
    }
    let same: &[&[&str]] = &[
        &["d"],
        &["./d/../d"],
        &["d/one"],
        &["d/one/x.jsonl"],
        &["d/one/x.jsonl", "d/two"],
        &["d/one", "d/two/x.jsonl"],
        &["h/.hidden"],
        &["h/.hidden/*"],
        &["d/*.jsonl"],
        &["d/t*/x.jsonl"],
        &["d/*/x.jsonl"],
        &["d/**/*.jsonl"],
        &["d/{one,two}/*"],
        &["*/top.jsonl"],
        &["d/t*/*/*.jsonl", "d/top.jsonl"],
        #[cfg(unix)]
        &["d/o*/x.jsonl"],
    ];
    for args in same {
        ended(&place.verify_here(args), 0, "");
        let checked = place.check_here(args);
        assert_eq!(checked.status, 0, "{args:?}: {}", checked.stderr);
    }
    // A glob is as good as the folder in front of it, and as the files that it matches, if these lie side by side.
    for (verified, checked) in [
        (&["d/**/*.jsonl"][..], &["d"][..]),
        (&["d"], &["d/**/*"]),
        (&["d/two/*.jsonl"], &["d/two/x.jsonl"]),
        (&["d/two/x.jsonl"], &["d/two/[x].jsonl"]),
        (&["d/{one,two}/x.jsonl"], &["d/one/x.jsonl", "d/two/x.jsonl"]),
    ] {
        ended(&place.verify_here(verified), 0, "");
        ended(&place.check_here(checked), 0, "");
    }
    // Where they do not, it can be said where names begin.
    ended(&place.verify_here(&["d/tw*/x.jsonl"]), 0, "");
    ended(&place.check_here(&["d/two/x.jsonl"]), 4, "hint: give it what `verify` was given");
    ended(&place.check_here(&["d/two/x.jsonl"]), 4, "--base");
    ended(&place.check_here(&["d/two/x.jsonl", "--base", "d"]), 0, "");
    // A glob that matches nothing, or is none, is no data set without files.
    ended(&place.check_here(&["d/*.parquet"]), 5, "`d/*.parquet` means no file");
    ended(&place.check_here(&["d/[.jsonl"]), 5, "is no glob");
}

/// What is written lies where the folder of a glob says, however much it matches.
#[test]
fn outputs_of_a_glob_keep_their_folders_below_it() {
    let place = Place::new();
    place.write("d/one/x.jsonl", &place.rows(&["bob-0", "ada-0"]));
    let out = ["-o", "out/", "--receipt", "receipt.json"];
    ended(&place.here(&["filter", "-m", "m", "d/o*/x.jsonl"], &out, &KEY), 0, "");
    assert_eq!(place.paths("out/one/x.jsonl"), ["bob-0"]);
    ended(&place.check_here(&["out"]), 0, "");
    ended(&place.check_here(&["out/o*/x.jsonl"]), 0, "");
}

/// It is as true as it was, as is what `filter` wrote before.
#[test]
fn a_run_that_cannot_be_trusted_leaves_an_older_receipt() {
    let place = Place::new();
    place.write("in/a.jsonl", &place.rows(&["bob-0"]));
    ended(&place.verify_here(&["in"]), 0, "");
    let before = fs::read(place.at("receipt.json")).unwrap();
    fs::write(place.at("canaries"), format!("git_sha1:{}\n", "0".repeat(40))).unwrap();
    ended(&place.verify_here(&["in", "--canary", "canaries"]), 4, "canar");
    assert_eq!(fs::read(place.at("receipt.json")).unwrap(), before);
    // Rows that are excluded are a verdict.
    place.write("in/a.jsonl", &place.rows(&["ada-0"]));
    ended(&place.verify_here(&["in"]), 1, "");
    ended(&place.check_here(&["in"]), 1, "FAILED");
}

/// DuckDB and Polars read it where others do not.
#[test]
fn a_shard_that_is_hidden_is_an_error() {
    let place = Place::new();
    place.write("d/a.jsonl", &place.rows(&["bob-0"]));
    place.write("d/.cache/b.lock", &place.rows(&["ada-0"]));
    fs::write(place.at("d/.gitattributes"), "").unwrap();
    let [folder, glob, receipt, out] = ["d", "d/*.jsonl", "receipt.json", "out"].map(|name| place.arg(name));
    let args = [&[&folder[..], "--receipt", &receipt][..], &KEY].concat();
    ended(&place.run("verify", &args), 0, "");
    ended(&place.repo.withhold(["receipt", "check", &receipt, &folder]), 0, "");
    place.write("d/.b.jsonl", &place.rows(&["ada-0"]));
    for input in [&folder, &glob] {
        let refused = place.run("verify", &[&[&input[..]][..], &KEY].concat());
        ended(&refused, 5, "d/.b.jsonl` is hidden");
        ended(&refused, 5, "hint: take it away");
        ended(&place.run("filter", &[&[&input[..], "-o", &out][..], &KEY].concat()), 5, "is hidden");
        ended(&place.repo.withhold(["receipt", "check", &receipt, input]), 5, "is hidden");
    }
    // Named by itself it is meant.
    let named = place.arg("d/.b.jsonl");
    ended(&place.run("verify", &[&[&named[..]][..], &KEY].concat()), 1, "1 of 1 rows are excluded");
    // So it is in a folder that is hidden.
    fs::remove_file(&named).unwrap();
    place.write("d/.h/more/b.jsonl", &place.rows(&["ada-0"]));
    for input in [&folder, &place.arg("d/**/*.jsonl")] {
        ended(&place.run("verify", &[&[&input[..]][..], &KEY].concat()), 5, "d/.h/more/b.jsonl` is hidden");
        ended(&place.repo.withhold(["receipt", "check", &receipt, input]), 5, "is hidden");
    }
    ended(
        &place.run("verify", &[&[&place.arg("d/.h")[..]][..], &KEY].concat()),
        1,
        "1 of 1 rows are excluded",
    );
}

#[test]
fn a_shard_in_a_codec_that_is_not_read_is_an_error() {
    let place = Place::new();
    place.write("d/a.jsonl", &place.rows(&["bob-0"]));
    let folder = place.arg("d");
    for name in ["b.jsonl.xz", "b.JSON.BZ2", "b.parquet.lz4", "b.tar.br"] {
        place.write(&format!("d/{name}"), &place.rows(&["ada-0"]));
        let refused = place.run("verify", &[&[&folder[..]][..], &KEY].concat());
        ended(&refused, 5, "of codecs only gzip and zstd can");
        fs::remove_file(place.at("d").join(name)).unwrap();
    }
    // By whatever name Parquet goes.
    place.write("d/b.pq", &place.rows(&["ada-0"]));
    ended(&place.run("verify", &[&[&folder[..]][..], &KEY].concat()), 5, "d/b.pq");
}
