//! What `filter` and `verify` state, held against the files later.

use super::*;

const FILES: [&str; 5] = ["ada-0", "bob-0", "both-0", "bob-1", "ada-1"];

/// A key of its own, and a file that allows it.
fn key(place: &Place) -> (String, String) {
    let key = place.arg("key");
    let made = run(
        place.repo.command("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", &key]),
        b"",
    );
    assert_eq!(made.status, 0, "{}", made.stderr);
    let public = fs::read_to_string(place.at("key.pub")).unwrap();
    fs::write(place.at("signers"), format!("door@corp.example {public}")).unwrap();
    (key, place.arg("signers"))
}

#[test]
fn what_was_filtered_is_stated_signed_and_checked_later() {
    let place = Place::new();
    let (key, signers) = key(&place);
    place.write("in/a.jsonl", &place.rows(&FILES));
    place.write("in/b.jsonl", &place.rows(&["bob-2"]));
    let (input, out, receipt) = (place.arg("in"), place.arg("clean/"), place.arg("receipt.json"));
    let args = [&input[..], "-o", &out, "--receipt", &receipt, "--sign", &key, "--purpose", "train-ai"];
    ended(&place.run("filter", &[&args[..], &KEY].concat()), 0, "");
    let check = |more: &[&str]| {
        place.repo.withhold(
            [&["receipt", "check", &receipt, &out, "--allowed-signers", &signers][..], more].concat(),
        )
    };
    ended(&check(&["--purpose", "train-ai", "--manifest", &place.arg("m"), "--serial", "7"]), 0, "");
    ended(&check(&["--purpose", "search"]), 4, "purpose");
    ended(&check(&["--serial", "8"]), 4, "serial");
    fs::write(place.at("clean/c.jsonl"), "{}\n").unwrap();
    ended(&check(&[]), 4, "does not hold");
    fs::remove_file(place.at("clean/c.jsonl")).unwrap();
    fs::write(place.at("clean/a.jsonl"), fs::read(place.at("in/a.jsonl")).unwrap()).unwrap();
    ended(&check(&[]), 4, "does not hold");
}

#[test]
fn what_was_verified_is_stated_whatever_it_was() {
    let place = Place::new();
    let receipt = place.arg("receipt.json");
    let verify = |paths: &[&str], more: &[&str]| {
        let data = place.write("data.jsonl", &place.rows(paths));
        let done = place.run("verify", &[&[&data[..], "--receipt", &receipt][..], &KEY, more].concat());
        let checked = place.repo.withhold(["receipt", "check", &receipt, &data]);
        (done.status, checked.status)
    };
    assert_eq!(verify(&["bob-0", "bob-1"], &[]), (0, 0));
    assert_eq!(verify(&["bob-0", "ada-0"], &[]), (1, 1));
    let mut unknown = place.row("bob-0");
    (unknown["id"], unknown["content"]) = (Value::Null, json!("nobody looked at this"));
    let data = place.write("data.jsonl", &[place.row("bob-0"), unknown]);
    let verify =
        |more: &[&str]| place.run("verify", &[&[&data[..], "--receipt", &receipt][..], &KEY, more].concat());
    let check =
        |more: &[&str]| place.repo.withhold([&["receipt", "check", &receipt, &data][..], more].concat());
    ended(&verify(&[]), 4, "covered by no manifest");
    assert_eq!(check(&[]).status, 4);
    // Kept by name, and said so: whoever checks has to say it, too.
    ended(&verify(&["--uncovered", "keep"]), 0, "");
    ended(&check(&[]), 4, "uncovered");
    ended(&check(&["--allow-uncovered"]), 0, "");
}

#[test]
fn folders_and_single_files_are_stated_by_the_names_that_they_have() {
    let place = Place::new();
    fs::create_dir_all(place.at("files/deep")).unwrap();
    for path in ["ada-0", "bob-0"] {
        fs::write(place.at("files/deep").join(path), place.row(path)["content"].as_str().unwrap()).unwrap();
    }
    let (input, out, receipt) = (place.arg("files"), place.arg("clean"), place.arg("receipt.json"));
    ended(&place.run("filter", &["--files", &input, "-o", &out, "--receipt", &receipt]), 0, "");
    ended(&place.repo.withhold(["receipt", "check", &receipt, &out]), 0, "");
    ended(&place.run("verify", &["--files", &out, "--receipt", &receipt]), 0, "");
    ended(&place.repo.withhold(["receipt", "check", &receipt, &out]), 0, "");
    let data = place.write("data.jsonl", &place.rows(&FILES));
    let single = place.arg("other.jsonl");
    ended(
        &place.run("filter", &[&[&data[..], "-o", &single, "--receipt", &receipt][..], &KEY].concat()),
        0,
        "",
    );
    ended(&place.repo.withhold(["receipt", "check", &receipt, &single]), 0, "");
    let piped = place.run("filter", &[&[&data[..], "-o", "-", "--receipt", &receipt][..], &KEY].concat());
    ended(&piped, 2, "standard output is none");
    // What comes through a pipe has no name, but what is written of it has.
    let pipe = |args: &[&str]| {
        let mut program = place.repo.command(env!("CARGO_BIN_EXE_withhold"));
        let manifest = place.arg("m");
        let args = [&args[..1], &["-m", &manifest, "-", "--receipt", &receipt], &args[1..], &KEY].concat();
        run(program.args(args), &fs::read(&data).unwrap())
    };
    ended(&pipe(&["verify"]), 2, "standard input is none");
    ended(&pipe(&["filter", "-o", &single]), 0, "");
    ended(&place.repo.withhold(["receipt", "check", &receipt, &single]), 0, "");
}

/// All that lies there: files with what stands in them, and what else there is.
fn all(folder: &Path) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let read = |path: &Path| fs::symlink_metadata(path).unwrap().is_file().then(|| fs::read(path).unwrap());
    entries.map(|entry| (entry.path().to_owned(), read(entry.path()))).collect()
}

#[test]
fn a_receipt_takes_the_place_of_nothing_that_the_run_reads_or_writes() {
    let place = Place::new();
    let (key, signers) = key(&place);
    let (data, input) = (place.write("data.jsonl", &place.rows(&["bob-0"])), place.arg("in"));
    place.write("in/a.jsonl", &place.rows(&["bob-0", "ada-0"]));
    fs::write(place.at("in/README"), "What it is\n").unwrap();
    fs::create_dir(place.at("files")).unwrap();
    fs::write(place.at("files/bob-0"), place.row("bob-0")["content"].as_str().unwrap()).unwrap();
    for (name, text) in [
        ("aliases", "\"corp/old\" = \"corp/engine\"\n".to_owned()),
        ("canaries", format!("git_sha1:{}\n", place.row("ada-0")["id"].as_str().unwrap())),
        ("secret", "0123456789abcdef0123456789abcdef".to_owned()),
        ("policy", PLAIN.to_owned()),
    ] {
        fs::write(place.at(name), text).unwrap();
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(".", place.at("way")).unwrap();
        std::os::unix::fs::symlink("elsewhere", place.at("link")).unwrap();
        // The store of a manifest's files, perhaps.
        fs::rename(place.at("m/entries.jsonl"), place.at("stored")).unwrap();
        std::os::unix::fs::symlink("../stored", place.at("m/entries.jsonl")).unwrap();
        let made = run(place.repo.command("mkfifo").arg(place.at("pipe")), b"");
        assert_eq!(made.status, 0, "{}", made.stderr);
    }
    let [list, aliases, canaries, secret, policy, cache, out, one, files] =
        ["list.toml", "aliases", "canaries", "secret", "policy", "cache", "clean/", "one.jsonl", "files"]
            .map(|name| place.arg(name));
    let folder = ["filter", &input, "-o", &out];
    let file = ["filter", &data, "-o", &one];
    let whole = ["filter", "--files", &files, "-o", &out];
    let verify = ["verify", &input];
    let people = ["--identity", "email", "--list", &list, "--policy", &policy, "--key-file", &secret];
    let people = [&verify[..], &people].concat();
    let given =
        ["--alias", &aliases, "--canary", &canaries, "--allowed-signers", &signers, "--cache", &cache];
    let given = [&verify[..], &given].concat();
    let glob = place.arg("in/**/a*.jsonl");
    let cases: &[(&str, &[&str])] = &[
        ("data.jsonl", &file),
        ("repo.git/../data.jsonl", &file),
        ("one.jsonl", &file),
        ("in/a.jsonl", &folder),
        ("in/new.json", &folder),
        ("clean/a.jsonl", &folder),
        ("clean/receipt.json", &folder),
        ("clean", &folder),
        ("files/bob-0", &whole),
        ("files/receipt", &whole),
        ("clean/receipt", &whole),
        ("in/a.jsonl", &verify),
        ("in/new.jsonl", &["verify", &glob]),
        ("files/receipt", &["verify", "--files", &files]),
        ("m/manifest.json", &verify),
        ("m/manifest.json.sig", &verify),
        ("list.toml", &people),
        ("policy", &people),
        ("secret", &people),
        ("aliases", &given),
        ("canaries", &given),
        ("signers", &given),
        ("cache/lists", &given),
        ("key", &["verify", &input, "--sign", &key]),
        ("key.pub", &["verify", &input, "--sign", &key]),
        // What is no regular file stays, whatever it is.
        ("home", &verify),
        #[cfg(unix)]
        ("way/data.jsonl", &file),
        #[cfg(unix)]
        ("way/one.jsonl", &file),
        #[cfg(unix)]
        ("link", &verify),
        #[cfg(unix)]
        ("stored", &verify),
        #[cfg(unix)]
        ("pipe", &verify),
    ];
    let before = all(&place.at(""));
    for (receipt, args) in cases {
        let place_of = place.arg(receipt);
        let more = [&args[1..], &["--receipt", &place_of], &KEY].concat();
        let refused = place.run(args[0], &more);
        ended(&refused, 2, "--receipt");
        ended(&refused, 2, "hint: ");
        assert!(all(&place.at("")) == before, "{receipt} {more:?}: something changed");
    }
    // Where lists are told by the environment, they count, too.
    let mut program = place.repo.command(env!("CARGO_BIN_EXE_withhold"));
    program.env("WITHHOLD_LIST", &list).args(["verify", "-m", &place.arg("m"), &input, "--receipt", &list]);
    ended(&run(&mut program, b""), 2, "--receipt");
    assert!(all(&place.at("")) == before);
}

#[test]
fn a_receipt_takes_the_place_of_an_older_one() {
    let place = Place::new();
    place.write("in/a.jsonl", &place.rows(&["bob-0"]));
    // Beside the data set, or in its folder under a name that is no shard's.
    for receipt in ["receipt.json", "in/receipt"] {
        let (input, receipt) = (place.arg("in"), place.arg(receipt));
        let args = [&[&input[..], "--receipt", &receipt][..], &KEY].concat();
        for purpose in ["search", "train-ai"] {
            ended(&place.run("verify", &[&args[..], &["--purpose", purpose]].concat()), 0, "");
        }
        let check = |purpose: &str| {
            place.repo.withhold(["receipt", "check", &receipt, &input, "--purpose", purpose]).status
        };
        assert_eq!((check("train-ai"), check("search")), (0, 4));
    }
}

#[test]
fn the_folder_of_a_receipt_comes_into_being() {
    let place = Place::new();
    place.write("a.jsonl", &place.rows(&["bob-0"]));
    let [input, new, below] =
        ["a.jsonl", "new/day/receipt.json", "a.jsonl/receipt.json"].map(|name| place.arg(name));
    let verify =
        |receipt: &str| place.run("verify", &[&[&input[..], "--receipt", receipt][..], &KEY].concat());
    ended(&verify(&new), 0, "");
    ended(&place.repo.withhold(["receipt", "check", &new, &input]), 0, "");
    // It is noticed before anything is judged.
    let refused = verify(&below);
    ended(&refused, 2, "hint: give it a place of its own");
    assert!(!refused.stderr.contains("rows"), "{}", refused.stderr);
}

/// A run that ends without its receipt: nothing is said of a data set that was put into place all the same.
#[track_caller]
fn nothing_came_of_it(place: &Place, output: &Output, status: i32, said: &str) {
    ended(output, status, said);
    assert!(output.stderr.contains("hint: "), "{}", output.stderr);
    assert_eq!(fs::read_to_string(place.at("clean.jsonl")).unwrap(), "as it was\n");
    assert!(!place.at("receipt.json").exists());
}

#[test]
fn a_receipt_of_a_time_when_its_manifest_is_not_to_be_used_is_refused_before_anything_is_read() {
    let place = Place::new();
    place.change_header(|header| {
        header["not_before"] = json!("2020-01-01T00:00:00Z");
        header["not_after"] = json!("2030-01-01T00:00:00Z");
    });
    // Nobody gets as far as to find out that it is no JSON.
    let data = place.arg("data.jsonl");
    fs::write(&data, "no JSON\n").unwrap();
    fs::write(place.at("clean.jsonl"), "as it was\n").unwrap();
    let (out, receipt) = (place.arg("clean.jsonl"), place.arg("receipt.json"));
    for (time, said) in [
        ("2031-01-01T00:00:00Z", "has expired by 2031-01-01T00:00:00Z, the time of the receipt"),
        ("2019-12-31T00:00:00Z", "is not to be used yet at 2019-12-31T00:00:00Z, the time of the receipt"),
    ] {
        let args = [&[&data[..], "--receipt", &receipt, "--at", time][..], &KEY].concat();
        nothing_came_of_it(&place, &place.run("filter", &[&args[..], &["-o", &out]].concat()), 4, said);
        nothing_came_of_it(&place, &place.run("verify", &args), 4, said);
    }
    let mut program = place.repo.command(env!("CARGO_BIN_EXE_withhold"));
    program.env("SOURCE_DATE_EPOCH", "99999999999999").args(["verify", "-m", &place.arg("m")]);
    let far = run(program.args([&data[..], "--receipt", &receipt]).args(KEY), b"");
    nothing_came_of_it(&place, &far, 2, "the time of the receipt");
}

#[test]
fn a_key_that_cannot_sign_is_told_before_anything_is_read() {
    let place = Place::new();
    let (out, receipt) = (place.arg("clean.jsonl"), place.arg("receipt.json"));
    let data = place.arg("data.jsonl");
    fs::write(&data, "no JSON\n").unwrap();
    fs::write(&out, "as it was\n").unwrap();
    fs::write(place.at("no-key"), "no key\n").unwrap();
    fs::create_dir(place.at("folder")).unwrap();
    for name in ["nowhere", "no-key", "folder"] {
        let key = place.arg(name);
        let args = [&[&data[..], "--receipt", &receipt, "--sign", &key][..], &KEY].concat();
        nothing_came_of_it(&place, &place.run("filter", &[&args[..], &["-o", &out]].concat()), 5, name);
        nothing_came_of_it(&place, &place.run("verify", &args), 5, name);
    }
}

/// A public key is one, but the other half of it may be nowhere. That is known only once somebody signs.
#[test]
fn nothing_takes_its_place_before_its_receipt_is_signed() {
    let place = Place::new();
    let (key, _) = key(&place);
    fs::remove_file(&key).unwrap();
    let (out, receipt, data) =
        (place.arg("clean.jsonl"), place.arg("receipt.json"), place.write("data.jsonl", &place.rows(&FILES)));
    fs::write(&out, "as it was\n").unwrap();
    let public = format!("{key}.pub");
    let args = [&[&data[..], "-o", &out, "--receipt", &receipt, "--sign", &public][..], &KEY].concat();
    nothing_came_of_it(&place, &place.run("filter", &args), 5, "did not sign");
    // A data set of which no file stays has nothing that a receipt could name.
    fs::create_dir(place.at("files")).unwrap();
    fs::write(place.at("files/ada-0"), place.row("ada-0")["content"].as_str().unwrap()).unwrap();
    let none = place
        .run("filter", &["--files", &place.arg("files"), "-o", &place.arg("none"), "--receipt", &receipt]);
    nothing_came_of_it(&place, &none, 4, "no file stays");
    assert!(!place.at("none").exists());
}
