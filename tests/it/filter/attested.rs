//! Receipts of data sets whose people were matched against lists: what decided stands in them, and they end with the list.

use super::*;

/// A list that ends in 2099, with Ada in it.
fn list(place: &Place, name: &str) -> String {
    let text = LIST.replace("serial = 7", "serial = 7\nnot-after = 2099-12-31T00:00:00Z");
    fs::write(place.at(name), text.replace("corp/all", name)).unwrap();
    place.arg(name)
}

fn receipt(place: &Place) -> Value {
    serde_json::from_slice(&fs::read(place.at("receipt.json")).unwrap()).unwrap()
}

/// What a receipt says of the people.
fn people(place: &Place) -> Value {
    receipt(place)["predicate"]["https://withhold.dev/receipt/1"]["policy"]["people"].clone()
}

/// Rows of people by their addresses.
fn bob(place: &Place) -> String {
    let mut row = place.row("bob-0");
    row["who"] = json!("bob@example.org");
    place.write("people.jsonl", &[row])
}

#[test]
fn a_receipt_ends_with_the_list_that_people_were_matched_against() {
    let place = Place::new();
    let (data, list, receipt, manifest) =
        (bob(&place), list(&place, "ends"), place.arg("receipt.json"), place.arg("m"));
    let by_list = ["verify", &data, "-l", &list, "--identity", "who", "--receipt", &receipt];
    let with_manifest = [&by_list[..], &["-m", &manifest], &KEY].concat();
    for args in [&by_list[..], &with_manifest] {
        ended(&place.repo.withhold(args), 0, "");
        let check = |at: &str| place.repo.withhold(["receipt", "check", &receipt, &data, "--at", at]);
        ended(&check("2099-12-31T00:00:00Z"), 0, "");
        ended(&check("2099-12-31T00:00:01Z"), 4, "the list `ends` has expired at 2099-12-31T00:00:00Z");
        fs::remove_file(&receipt).unwrap();
        // Nothing is verified in a year in which the list has ended.
        let later = [args, &["--at", "2100-01-01T00:00:00Z"]].concat();
        let refused = place.repo.withhold(later);
        ended(&refused, 4, "the list `ends` has expired by 2100-01-01T00:00:00Z, the time of the receipt");
        ended(&refused, 4, "hint: give a time at which it holds: --at TIME");
        assert!(!place.at("receipt.json").exists());
    }
}

/// A list by itself decides for every purpose.
#[test]
fn without_a_purpose_a_receipt_is_for_all() {
    let place = Place::new();
    let (data, list, receipt) = (bob(&place), list(&place, "list"), place.arg("receipt.json"));
    let args = ["verify", &data, "-l", &list, "--identity", "who", "--receipt", &receipt];
    let check = || place.repo.withhold(["receipt", "check", &receipt, &data, "--purpose", "train-ai"]);
    ended(&place.repo.withhold(args), 0, "");
    ended(&check(), 0, "");
    ended(&place.repo.withhold([&args[..], &["--purpose", "search"]].concat()), 0, "");
    ended(&check(), 4, "it is for: search");
}

#[test]
fn a_receipt_names_the_forge_the_policy_and_the_key_that_decided() {
    let place = Place::new();
    let (data, list, file) = (bob(&place), list(&place, "list"), place.arg("receipt.json"));
    for (name, text) in [
        ("policy", "schema = 1\n[policy]\nunit = \"lines\"\n"),
        ("one", "0123456789abcdef0123456789abcdef\n"),
        ("other", "another key, of enough bytes\n"),
    ] {
        fs::write(place.at(name), text).unwrap();
    }
    let [policy, one, other] = ["policy", "one", "other"].map(|name| place.arg(name));
    let verify = |more: &[&str]| {
        let args = ["verify", &data, "-l", &list, "--identity", "who", "--receipt", &file];
        ended(&place.repo.withhold([&args[..], more].concat()), 0, "");
        ended(&place.repo.withhold(["receipt", "check", &file, &data]), 0, "");
        people(&place)
    };
    let plain = verify(&[]);
    assert_eq!((&plain["forge"], &plain["key_check"]), (&json!("github.com"), &Value::Null));
    let forge = verify(&["--forge", "git.corp.example"]);
    assert_eq!(forge["forge"], "git.corp.example");
    let under = verify(&["--policy", &policy]);
    assert_ne!(under["policy_digest"], plain["policy_digest"]);
    // It is called what manifests call it.
    let scan = ["scan", "-l", &list, "--policy", &policy, "--no-cache", "-q", "-o", &place.arg("under")];
    ended(&place.repo.withhold(scan), 0, "");
    let header: Value = serde_json::from_slice(&fs::read(place.at("under/manifest.json")).unwrap()).unwrap();
    assert_eq!(under["policy_digest"], header["policy_digest"]);
    let keyed = verify(&["--key-file", &one]);
    assert_eq!(keyed["key_check"], "9702e5fabfc44099");
    assert_ne!(verify(&["--key-file", &other])["key_check"], keyed["key_check"]);
    let shown = place.repo.withhold(["receipt", "show", &file]).line();
    for part in ["forge  github.com", "policy  sha256:", "key check  ", "until 2099-12-31T00:00:00Z"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // Where nobody is matched, none of it decides.
    ended(&place.run("verify", &[&[&data[..], "--receipt", &file][..], &KEY].concat()), 0, "");
    assert_eq!(people(&place), Value::Null);
}

/// Nothing is scanned, so no revision adds a list.
#[test]
fn the_help_says_which_lists_count() {
    let place = Place::new();
    for command in ["filter", "verify"] {
        let help = place.repo.withhold([command, "--help"]).line();
        assert!(help.contains("Opt-out list for --identity"), "{help}");
        assert!(!help.contains("is always added") && !help.contains("git config"), "{help}");
    }
}

#[test]
fn a_receipt_is_not_of_a_time_before_its_manifest() {
    let place = Place::new();
    // Nobody gets as far as to find out that it is no JSON.
    let (data, receipt) = (place.arg("data.jsonl"), place.arg("receipt.json"));
    fs::write(&data, "no JSON\n").unwrap();
    let args = [&[&data[..], "--receipt", &receipt][..], &KEY].concat();
    let refused = place.run("verify", &[&args[..], &["--at", "2000-01-01T00:00:00Z"]].concat());
    let mut program = place.repo.command(env!("CARGO_BIN_EXE_withhold"));
    program.env("SOURCE_DATE_EPOCH", "946684800").args(["verify", "-m", &place.arg("m")]).args(&args);
    for refused in [refused, run(&mut program, b"")] {
        ended(&refused, 4, "after 2000-01-01T00:00:00Z, the time of the receipt");
        ended(&refused, 4, "hint: give a time at which it holds: --at TIME");
        ended(&refused, 4, "hint: SOURCE_DATE_EPOCH may be that of something older");
        assert!(!place.at("receipt.json").exists());
    }
}

/// What was judged under another key or policy was judged by other rules.
#[test]
fn a_run_with_another_key_or_policy_does_not_go_on_where_one_ended() {
    let place = Place::new();
    // Ada, by her keyed hash.
    let list = "schema = 1\nlist = \"keyed\"\nserial = 1\n[[subject]]\nid = \"s-ada\"\n[[subject.identity]]\n\
                email-hmac = \"e376aeaf1ef6cc28a8bb66563477d6556d4925eb21388e184b57811cfe20abc4\"\n";
    for (name, text) in [
        ("list", list),
        ("right", "0123456789abcdef0123456789abcdef"),
        ("wrong", "another key, of enough bytes"),
        ("policy", "schema = 1\n[policy]\nunit = \"lines\"\n"),
    ] {
        fs::write(place.at(name), text).unwrap();
    }
    let [list, right, wrong, policy, input, out] =
        ["list", "right", "wrong", "policy", "in", "out/"].map(|name| place.arg(name));
    let filter = |second: &str, more: &[&str]| {
        place.write("in/1.jsonl", &[json!({ "who": "ada@corp.example" })]);
        place.write("in/2.jsonl", &[json!({ "who": second })]);
        let args = ["filter", &input, "-o", &out, "-l", &list, "--identity", "who", "--threads", "1"];
        place.repo.withhold([&args[..], more].concat())
    };
    let first = || fs::read_to_string(place.at("out/1.jsonl")).unwrap();
    ended(&filter("no body", &["--key-file", &wrong]), 4, "stopped at row 1");
    assert!(place.at("out/.withhold-unfinished/1.jsonl").exists());
    ended(&filter("bob@corp.example", &["--key-file", &right]), 0, "");
    assert_eq!(first(), "", "Ada has opted out");
    ended(&filter("no body", &["--key-file", &right]), 4, "stopped at row 1");
    let more = ["--key-file", &right, "--policy", &policy, "--format", "json"];
    let found: Value = serde_json::from_slice(&filter("bob@corp.example", &more).stdout).unwrap();
    assert!(found["shards"].as_array().unwrap().iter().all(|shard| shard["before"] == json!(false)));
}
