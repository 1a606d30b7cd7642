//! What goes wrong ends in an error with the right code, and nothing is lost.

use super::*;

fn data(place: &Place) -> String {
    place.write("data.jsonl", &place.rows(&["ada-0", "bob-0"]))
}

#[test]
fn a_manifest_that_cannot_be_trusted_is_not_used() {
    let place = Place::new();
    let data = data(&place);
    let verify = |place: &Place| place.run("verify", &[&[&data[..], "--no-cache"][..], &KEY].concat());
    let entries = place.at("m/entries.jsonl");
    let text = fs::read_to_string(&entries).unwrap();
    let mut swapped: Vec<&str> = text.lines().collect();
    swapped.swap(0, 1);
    let swapped = swapped.join("\n") + "\n";
    for bad in [text[..text.len() / 2].to_owned(), text.replacen("blob", "blub", 1), swapped, String::new()] {
        fs::write(&entries, bad).unwrap();
        ended(&verify(&place), 5, "entries");
    }
    fs::write(&entries, &text).unwrap();
    let header = place.at("m/manifest.json");
    let whole = fs::read_to_string(&header).unwrap();
    for (from, to, said) in [
        ("manifest/1\"", "manifest/2\"", "this reader understands"),
        ("\"critical\":[]", "\"critical\":[\"time\"]", "does not understand"),
    ] {
        fs::write(&header, whole.replacen(from, to, 1)).unwrap();
        ended(&verify(&place), 5, said);
    }
    fs::remove_file(&header).unwrap();
    ended(&verify(&place), 5, "manifest.json");
    ended(&place.repo.withhold(["verify", &data]), 2, "nothing says what is excluded");
}

#[test]
fn a_manifest_that_has_expired_is_not_used() {
    let place = Place::new();
    let data = data(&place);
    place.write_expired();
    ended(&place.run("verify", &[&[&data[..]][..], &KEY].concat()), 4, "has expired");
}

/// Whoever names no purpose means all of them.
#[test]
fn a_manifest_that_does_not_decide_all_purposes_is_used_for_those_that_are_named() {
    let search = "[[subject.preference]]\ndecision = \"disallow\"\npurposes = [\"search\"]\n";
    let place = Place::with(&format!("{LIST}{search}"), &[]);
    let data = data(&place);
    place.change_header(|header| header["purposes"] = json!(["search", "train-ai"]));
    let verify = |more: &[&str]| place.run("verify", &[&[&data[..]][..], &KEY, more].concat());
    let refused = verify(&[]);
    ended(&refused, 4, "decides nothing for the purpose x-embed");
    ended(&refused, 4, "--purpose search --purpose train-ai");
    ended(&verify(&["--purpose", "train-ai"]), 0, "");
    ended(&verify(&["--purpose", "search"]), 1, "1 of 2 rows are excluded");
    ended(&verify(&["--purpose", "search", "--purpose", "x-eval"]), 4, "the purpose x-eval");
}

#[test]
fn a_manifest_under_an_older_list_than_one_seen_is_not_used() {
    let place = Place::new();
    let data = data(&place);
    let cache = place.arg("cache");
    let args = [&[&data[..], "--cache", &cache][..], &KEY].concat();
    ended(&place.run("verify", &args), 1, "");
    fs::rename(place.at("m"), place.at("newer")).unwrap();
    fs::write(place.at("list.toml"), LIST.replace("serial = 7", "serial = 6")).unwrap();
    place.scan();
    ended(&place.run("verify", &args), 4, "serial 6, and this machine knows serial 7");
    // Where nothing is remembered, nothing is noticed; that is said.
    let note = "note: which lists were seen is not kept, so an older list would not be noticed";
    ended(&place.run("verify", &[&[&data[..], "--no-cache"][..], &KEY].concat()), 1, note);
    let quiet = place.run("verify", &[&[&data[..], "--no-cache", "-q"][..], &KEY].concat());
    assert_eq!((quiet.status, quiet.stderr.contains("note:")), (1, false));
    let mut program = place.repo.command(env!("CARGO_BIN_EXE_withhold"));
    program.env_remove("HOME").env_remove("XDG_CACHE_HOME");
    program.args(["verify", "-m", &place.arg("m"), &data]).args(KEY);
    ended(&run(&mut program, b""), 1, note);
    fs::write(place.at("cache/lists"), "{").unwrap();
    ended(&place.run("verify", &args), 4, "which lists were seen");
    fs::remove_file(place.at("cache/lists")).unwrap();
    fs::create_dir(place.at("cache/lists")).unwrap();
    ended(&place.run("verify", &args), 4, "which lists were seen");
}

/// One under an older list would let through what the newer list excludes, whatever stands beside it.
#[test]
fn a_manifest_under_an_older_list_is_not_used_beside_a_newer_one() {
    let place = Place::new();
    let data = data(&place);
    fs::rename(place.at("m"), place.at("newer")).unwrap();
    fs::write(place.at("list.toml"), LIST.replace("serial = 7", "serial = 6")).unwrap();
    place.scan();
    let (older, newer, cache) = (place.arg("m"), place.arg("newer"), place.arg("cache"));
    let verify = |manifests: &[&str], more: &[&str]| {
        let manifests = manifests.iter().flat_map(|manifest| ["-m", manifest]);
        let args = [&[&data[..]][..], &KEY, more].concat();
        place.repo.withhold(["verify"].into_iter().chain(manifests).chain(args))
    };
    // Nobody has seen either before.
    for both in [[&newer[..], &older], [&older, &newer]] {
        for kept in [&["--no-cache"][..], &["--cache", &cache]] {
            let refused = verify(&both, kept);
            let said = "the list `corp/all` has serial 6, and another one of this run knows serial 7";
            ended(&refused, 4, &format!("{older}: {said}"));
            ended(&refused, 4, "make a new one: withhold scan");
        }
    }
    let kept = ["--cache", &cache[..]];
    // What was refused is not remembered.
    ended(&verify(&[&older], &kept), 1, "");
    ended(&verify(&[&newer], &kept), 1, "");
    for both in [[&newer[..], &older], [&older, &newer]] {
        let said = format!("{older}: the list `corp/all` has serial 6, and this machine knows serial 7");
        ended(&verify(&both, &kept), 4, &said);
    }
    // The list that people are told by is one more.
    let people = |list: &str| {
        fs::write(place.at("list.toml"), LIST.replace("serial = 7", list)).unwrap();
        let list = place.arg("list.toml");
        let args = ["--identity", "email", "--list", &list, "--no-cache"];
        verify(&[&newer], &args)
    };
    ended(&people("serial = 8"), 4, &format!("{newer}: the list `corp/all` has serial 7, and another one"));
    ended(&people("serial = 6"), 4, "--list: the list `corp/all` has serial 6, and another one");
    ended(&people("serial = 7  "), 3, "is not the one that another one of this run knows with serial 7");
}

#[test]
fn a_manifest_has_to_be_signed_if_that_is_asked_for() {
    let place = Place::new();
    let data = data(&place);
    for name in ["key", "other"] {
        let key = place.arg(name);
        let made = run(
            place.repo.command("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", &key]),
            b"",
        );
        assert_eq!(made.status, 0, "{}", made.stderr);
        let public = fs::read_to_string(place.at(&format!("{name}.pub"))).unwrap();
        fs::write(place.at(&format!("allowed-{name}")), format!("keeper@corp.example {public}")).unwrap();
    }
    let verify = |allowed: &str| {
        let allowed = place.arg(allowed);
        place.run("verify", &[&[&data[..], "--allowed-signers", &allowed][..], &KEY].concat())
    };
    ended(&verify("allowed-key"), 5, "or sign it: withhold manifest sign --key KEY MANIFEST");
    let signed = place.repo.withhold(["manifest", "sign", "--key", &place.arg("key"), &place.arg("m")]);
    assert_eq!(signed.status, 0, "{}", signed.stderr);
    ended(&verify("allowed-key"), 1, "1 of 2 rows are excluded");
    ended(&verify("allowed-other"), 5, "");
}

#[test]
fn a_shard_that_is_damaged_is_an_error_and_leaves_what_was_there() {
    let place = Place::new();
    let good = fs::read_to_string(data(&place)).unwrap();
    let out = place.arg("clean/");
    fs::create_dir_all(place.at("clean")).unwrap();
    fs::write(place.at("clean/b.jsonl"), "as it was\n").unwrap();
    for bad in ["{\"id\":", "[]\n", "\u{feff}{}\n", "{\"id\":1}\n", "{\"id\":\"a\",\"id\":\"b\"}\n"] {
        place.write("in/a.jsonl", &place.rows(&["bob-0"]));
        fs::write(place.at("in/b.jsonl"), format!("{good}{bad}")).unwrap();
        let output = place.run("filter", &[&[&place.arg("in")[..], "-o", &out][..], &KEY].concat());
        assert_eq!(output.status, 5, "{bad}: {}", output.stderr);
        assert!(output.stderr.contains("b.jsonl"), "{}", output.stderr);
        assert_eq!(fs::read_to_string(place.at("clean/b.jsonl")).unwrap(), "as it was\n");
        // What goes is not written, nor said.
        assert!(!output.stderr.contains("ada"), "{}", output.stderr);
    }
}

#[test]
fn a_data_set_that_is_not_there_or_empty_is_not_clean() {
    let place = Place::new();
    ended(&place.run("verify", &[&[&place.arg("nowhere")[..]][..], &KEY].concat()), 5, "nowhere");
    fs::create_dir(place.at("empty")).unwrap();
    ended(&place.run("verify", &[&[&place.arg("empty")[..]][..], &KEY].concat()), 5, "means no shard");
    let none = place.write("none.jsonl", &[]);
    ended(&place.run("verify", &[&[&none[..]][..], &KEY].concat()), 4, "no rows");
}

#[test]
fn the_output_is_never_an_input() {
    let place = Place::new();
    let data = data(&place);
    let before = fs::read(&data).unwrap();
    let into = |out: &str, input: &str| place.run("filter", &[&[input, "-o", out][..], &KEY].concat());
    ended(&into(&data, &data), 5, "is an input");
    fs::create_dir(place.at("in")).unwrap();
    fs::copy(&data, place.at("in/a.jsonl")).unwrap();
    ended(&into(&place.arg("in/out"), &place.arg("in")), 5, "lies in the input");
    assert_eq!(fs::read(&data).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn a_disk_that_is_full_leaves_the_old_output() {
    let place = Place::new();
    let rows: Vec<Value> = place.rows(&["bob-0", "bob-1"]).into_iter().cycle().take(4000).collect();
    let data = place.write("data.jsonl", &rows);
    fs::write(place.at("clean.jsonl"), "as it was\n").unwrap();
    let (manifest, out) = (place.arg("m"), place.arg("clean.jsonl"));
    // No file may be longer than 64 blocks, and who writes more hears of it as of a full disk.
    let script = "trap '' XFSZ; ulimit -f 64; exec \"$0\" filter --no-cache -m \"$1\" \"$2\" -o \"$3\" --key id=git_sha1";
    let output = run(
        place.repo.command("sh").args(["-c", script, env!("CARGO_BIN_EXE_withhold"), &manifest, &data, &out]),
        b"",
    );
    ended(&output, 5, "cannot write");
    assert_eq!(fs::read_to_string(&out).unwrap(), "as it was\n");
    let left: Vec<_> = fs::read_dir(place.at("clean.jsonl").parent().unwrap())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| name.contains("partial"))
        .collect();
    assert_eq!(left, [""; 0]);
}

impl Place {
    /// Scans again.
    fn scan(&self) {
        let (list, manifest) = (self.arg("list.toml"), self.arg("m"));
        let scanned = self.repo.withhold([
            "scan",
            "--repo",
            "corp/engine",
            "--no-cache",
            "-q",
            "-l",
            &list,
            "-o",
            &manifest,
        ]);
        assert_eq!(scanned.status, 0, "{}", scanned.stderr);
    }

    /// Gives the manifest a date that is past. Nothing else ties the header to itself than a signature.
    fn write_expired(&self) {
        self.change_header(|header| header["not_after"] = json!("2026-01-01T00:00:00Z"));
    }

    pub(super) fn change_header(&self, change: impl FnOnce(&mut Value)) {
        let header = self.at("m/manifest.json");
        let text = fs::read_to_string(&header).unwrap();
        let mut value: Value = serde_json::from_str(&text).unwrap();
        change(&mut value);
        fs::write(&header, serde_json_canonicalizer::to_vec(&value).unwrap()).unwrap();
    }
}

#[test]
fn an_output_folder_with_other_shards_in_it_is_no_clean_data_set() {
    let place = Place::new();
    let data = data(&place);
    fs::create_dir(place.at("clean")).unwrap();
    fs::write(place.at("clean/README.md"), "What it is\n").unwrap();
    let filter = || place.run("filter", &[&[&data[..], "-o", &place.arg("clean/")][..], &KEY].concat());
    ended(&filter(), 0, "");
    fs::write(place.at("clean/old.jsonl"), "{}\n").unwrap();
    ended(&filter(), 5, "old.jsonl");
}

#[cfg(unix)]
#[test]
fn what_stands_in_the_place_of_an_output_stays() {
    let place = Place::new();
    place.write("in/a.jsonl", &place.rows(&["bob-0"]));
    let filter =
        || place.run("filter", &[&[&place.arg("in")[..], "-o", &place.arg("clean/")][..], &KEY].concat());
    fs::write(place.at("else"), "as it was\n").unwrap();
    fs::create_dir(place.at("clean")).unwrap();
    std::os::unix::fs::symlink("../else", place.at("clean/a.jsonl")).unwrap();
    ended(&filter(), 5, "stands there, and is no regular file");
    assert!(place.at("clean/a.jsonl").is_symlink());
    fs::remove_file(place.at("clean/a.jsonl")).unwrap();
    fs::create_dir(place.at("clean/a.jsonl")).unwrap();
    ended(&filter(), 5, "stands there, and is no regular file");
}

#[test]
fn what_is_passed_over_is_told() {
    let place = Place::new();
    place.write("in/a.jsonl", &place.rows(&["bob-0"]));
    fs::write(place.at("in/b.csv"), "a,b\n").unwrap();
    let verified = place.run("verify", &[&[&place.arg("in")[..]][..], &KEY].concat());
    ended(&verified, 0, "note: 1 files are no shards, and are passed over");
}

/// "Nothing was looked at" is not "nothing was found".
#[test]
fn a_data_set_without_a_row_is_not_filtered() {
    let place = Place::new();
    let said = "no row, so nothing was filtered";
    let (out, empty) = (place.arg("clean.jsonl"), place.write("empty.jsonl", &[]));
    let receipt = ["--receipt", &place.arg("receipt.json")];
    fs::write(&out, "as it was\n").unwrap();
    for more in [&[][..], &receipt] {
        let refused = place.run("filter", &[&[&empty[..], "-o", &out][..], &KEY, more].concat());
        ended(&refused, 4, said);
        ended(&refused, 4, "hint: ");
        assert_eq!(fs::read_to_string(&out).unwrap(), "as it was\n");
        assert!(!place.at("receipt.json").exists());
    }
    ended(&place.run("filter", &[&[&empty[..], "--dry-run"][..], &KEY].concat()), 4, said);
    ended(&place.run("filter", &[&["-", "-o", "-"][..], &KEY].concat()), 4, said);
    // Shards without a row stand beside others in any data set.
    place.write("in/a.jsonl", &[]);
    place.write("in/b.jsonl", &[]);
    let filter =
        || place.run("filter", &[&[&place.arg("in")[..], "-o", &place.arg("folder/")][..], &KEY].concat());
    ended(&filter(), 4, said);
    assert!(!place.at("folder/a.jsonl").exists());
    place.write("in/b.jsonl", &place.rows(&["bob-0", "ada-0"]));
    ended(&filter(), 0, "");
    assert_eq!((place.paths("folder/a.jsonl").len(), place.paths("folder/b.jsonl").len()), (0, 1));
    // Nor does a folder of files, none of which is there.
    fs::create_dir(place.at("files")).unwrap();
    ended(&place.run("filter", &["--files", &place.arg("files"), "-o", &place.arg("none")]), 4, said);
    assert!(!place.at("none").exists());
}

#[test]
fn where_nothing_can_be_kept_there_is_a_way_out() {
    let place = Place::new();
    let data = data(&place);
    let hint = "hint: keep them elsewhere: --cache DIR; or nowhere: --no-cache";
    let verify = |more: &[&str]| place.run("verify", &[&[&data[..]][..], &KEY, more].concat());
    ended(&verify(&["--cache", &data]), 5, hint);
    let mut program = place.repo.command(env!("CARGO_BIN_EXE_withhold"));
    program.env("HOME", "/dev/null").env_remove("XDG_CACHE_HOME");
    ended(&run(program.args(["verify", "-m", &place.arg("m"), &data]).args(KEY), b""), 5, hint);
    ended(&verify(&["--no-cache"]), 1, "");
    // What is wrong with a manifest is so with and without a cache.
    fs::remove_file(place.at("m/manifest.json")).unwrap();
    let missing = verify(&["--cache", &place.arg("cache")]);
    ended(&missing, 5, "manifest.json");
    assert!(!missing.stderr.contains(hint), "{}", missing.stderr);
}

#[test]
fn a_shard_that_is_empty_and_cannot_be_is_called_so() {
    let place = Place::new();
    let data = place.arg("data.parquet");
    fs::write(&data, "").unwrap();
    ended(
        &place.run("verify", &[&[&data[..]][..], &KEY].concat()),
        5,
        "data.parquet` is empty, which no Parquet file is",
    );
    fs::write(&data, "{}").unwrap();
    ended(&place.run("verify", &[&[&data[..]][..], &KEY].concat()), 5, "says another form than its bytes");
}
