//! A list that a revision carries is not one that is given, whatever it calls itself: whoever can push can write one.

use super::*;

/// A list that names nobody.
fn own(name: &str, serial: u64) -> String {
    format!("schema = 1\nlist = \"{name}\"\nserial = {serial}\n")
}

/// A place whose list has this serial, with data that nothing is excluded of.
fn place(serial: u64) -> (Place, String) {
    let place = Place::with(&LIST.replace("serial = 7", &format!("serial = {serial}")), &[]);
    let data = place.write("data.jsonl", &place.rows(&["bob-0"]));
    (place, data)
}

impl Place {
    /// From now on the revision carries this list.
    fn carry(&self, list: &str) {
        let git = |args: &[&str]| self.repo.git(args).line();
        let blob = self.repo.write_object("blob", list.as_bytes());
        git(&["read-tree", "main"]);
        git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},.withhold/optout.toml")]);
        let tree = git(&["write-tree"]);
        self.repo.point_main_at(&git(&["commit-tree", &tree, "-p", "main", "-m", "a list"]));
    }

    /// From now on it carries none.
    fn carry_none(&self) {
        self.repo.git(["update-ref", "refs/heads/main", "main~1"]);
    }

    /// Scans into a folder, with the list that is given in this serial.
    fn scan_under(&self, serial: u64, out: &str) -> String {
        let list = self.arg("list.toml");
        fs::write(&list, LIST.replace("serial = 7", &format!("serial = {serial}"))).unwrap();
        let out = self.arg(out);
        let args = ["scan", "--repo", "corp/engine", "--no-cache", "-q", "-l", &list, "-o", &out];
        let scanned = self.repo.withhold(args);
        assert_eq!(scanned.status, 0, "{}", scanned.stderr);
        out
    }

    /// Verifies with these manifests; what was seen is kept in `cache`.
    fn verify(&self, manifests: &[&str], data: &str) -> Output {
        let cache = self.arg("cache");
        let manifests = manifests.iter().flat_map(|manifest| ["-m", manifest]);
        let args = [&["--cache", &cache, data][..], &KEY].concat();
        self.repo.withhold(["verify"].into_iter().chain(manifests).chain(args))
    }
}

/// The origin of each list in a manifest's header.
fn origins(manifest: &str) -> Vec<(String, u64, Option<String>)> {
    let text = fs::read_to_string(Path::new(manifest).join("manifest.json")).unwrap();
    let header: Value = serde_json::from_str(&text).unwrap();
    let lists = header["lists"].as_array().unwrap().iter();
    let origin = |list: &Value| list.get("origin").map(|origin| origin.as_str().unwrap().to_owned());
    lists
        .map(|list| {
            (list["name"].as_str().unwrap().to_owned(), list["serial"].as_u64().unwrap(), origin(list))
        })
        .collect()
}

#[test]
fn a_manifest_tells_the_lists_that_were_given_from_those_that_the_revision_carries() {
    let (place, _) = place(42);
    place.carry(&own("corp/all", 99));
    let list = |serial, origin: Option<&str>| ("corp/all".to_owned(), serial, origin.map(str::to_owned));
    let given = place.scan_under(42, "given");
    assert_eq!(origins(&given), [list(42, None), list(99, Some("revision"))]);
    let shown = place.repo.withhold(["manifest", "show", &given]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(shown.matches(" (carried by a revision)").count(), 1, "{shown}");
    // The very list that is given counts as given, wherever it lies too.
    place.carry_none();
    place.carry(&fs::read_to_string(place.at("list.toml")).unwrap());
    assert_eq!(origins(&place.scan_under(42, "same")), [list(42, None)]);
}

#[test]
fn a_carried_list_hides_no_rollback_of_the_one_that_is_given() {
    let (place, data) = place(42);
    let newer = place.arg("m");
    place.carry(&own("corp/all", 99));
    let older = place.scan_under(41, "older");
    // Beside each other, when nothing is remembered yet.
    let beside = "the list `corp/all` has serial 41, and another one of this run knows serial 42";
    ended(&place.verify(&[&newer, &older], &data), 4, &format!("{older}: {beside}"));
    // One after the other.
    ended(&place.verify(&[&newer], &data), 0, "");
    let known = "the list `corp/all` has serial 41, and this machine knows serial 42";
    ended(&place.verify(&[&older], &data), 4, &format!("{older}: {known}"));
    let (out, cache) = (place.arg("out.jsonl"), place.arg("cache"));
    let args = [&["filter", "-m", &older, "--cache", &cache, &data, "-o", &out][..], &KEY].concat();
    ended(&place.repo.withhold(args), 4, known);
    assert!(!place.at("out.jsonl").exists());
}

#[test]
fn a_carried_list_makes_no_list_that_is_given_look_old() {
    for serial in [43, 99] {
        let (place, data) = place(42);
        place.carry(&own("corp/all", serial));
        let hostile = place.scan_under(42, "hostile");
        ended(&place.verify(&[&hostile], &data), 0, "");
        place.carry_none();
        let honest = place.scan_under(43, "honest");
        ended(&place.verify(&[&honest], &data), 0, "");
        place.carry(&own("corp/all", serial));
        let both = place.scan_under(43, "both");
        ended(&place.verify(&[&both, &honest], &data), 0, "");
        // What is given is remembered as ever.
        ended(&place.verify(&[&hostile], &data), 4, "has serial 42, and this machine knows serial 43");
    }
}

/// Any repository can carry a list of any name: what one carries must not stop the others from then on.
#[test]
fn carried_lists_are_held_against_each_other_and_not_remembered() {
    let (place, data) = place(42);
    place.carry(&own("corp/own", 99));
    let newer = place.scan_under(42, "newer");
    place.carry_none();
    place.carry(&own("corp/own", 5));
    let older = place.scan_under(42, "older");
    ended(&place.verify(&[&newer], &data), 0, "");
    ended(&place.verify(&[&older], &data), 0, "");
    let said = "the list `corp/own` that a revision carries has serial 5, and another one of this run knows serial 99";
    ended(&place.verify(&[&newer, &older], &data), 4, &format!("{older}: {said}"));
}

/// A list of the given one's name and serial that leaves Ada out.
fn weak() -> String {
    LIST.replace("ada@", "nobody@")
}

impl Place {
    /// Scans into a folder, with this list.
    fn scan_with(&self, list: &str, out: &str) -> String {
        let path = self.arg(&format!("{out}.toml"));
        fs::write(&path, list).unwrap();
        let out = self.arg(out);
        let scanned = self.repo.withhold(["scan", "--no-cache", "-q", "-l", &path, "-o", &out]);
        assert_eq!(scanned.status, 0, "{}", scanned.stderr);
        out
    }
}

/// A place where Ada's row passes under the weak list alone, with manifests under the good list and the weak one.
fn good_and_weak() -> (Place, String, String, String) {
    let (place, clear) = place(7);
    let good = place.arg("m");
    let weak = place.scan_with(&weak(), "weak");
    // The machine knows the good list.
    ended(&place.verify(&[&good], &clear), 0, "");
    (place, good, weak, "the list `corp/all` is not the one that this machine knows with serial 7".to_owned())
}

#[test]
fn manifests_under_different_lists_of_one_serial_are_not_merged() {
    let (place, good, weak, known) = good_and_weak();
    let data = place.write("ada.jsonl", &place.rows(&["ada-0"]));
    ended(&place.verify(&[&weak], &data), 3, &format!("{weak}: {known}"));
    ended(&place.verify(&[&good, &weak], &data), 3, &known);
    for paths in [[&good, &weak], [&weak, &good]] {
        let merged =
            place.repo.withhold(["manifest", "merge", paths[0], paths[1], "-o", &place.arg("merged")]);
        ended(&merged, 3, "the list \"corp/all\" with serial 7 is not the same in ");
        ended(&merged, 3, "raise its serial");
        assert!(merged.stderr.contains(&good) && merged.stderr.contains(&weak), "{}", merged.stderr);
        assert!(!place.at("merged").exists());
    }
}

/// Earlier versions have merged such manifests, and so may other tools.
#[test]
fn what_was_merged_under_different_lists_of_one_serial_is_refused() {
    use withhold::manifest::{Encoding, HeaderParts, Manifest, read, write};
    let (place, good, weak, known) = good_and_weak();
    let data = place.write("ada.jsonl", &place.rows(&["ada-0"]));
    let (good, weak) = (read(Path::new(&good)).unwrap(), read(Path::new(&weak)).unwrap());
    let header = weak.header();
    let merged = |lists: &[&Manifest], folder: &str| {
        let mut merged_from = [good.digest().unwrap(), weak.digest().unwrap()];
        merged_from.sort();
        let parts = HeaderParts {
            tool: header.tool.clone(),
            created_at: header.created_at,
            not_before: None,
            not_after: None,
            lists: lists.iter().flat_map(|one| one.header().lists.clone()).collect(),
            policy_digest: header.policy_digest,
            purposes: header.purposes,
            previous: None,
            merged_from: merged_from.to_vec(),
        };
        let (entries, coverage) = (weak.entries().to_vec(), weak.coverage().to_vec());
        let merged = Manifest::build(parts, entries, coverage, header.profile, 1).unwrap();
        write(&merged, &place.at(folder), Encoding::JsonLines).unwrap();
        place.arg(folder)
    };
    for lists in [[&good, &weak], [&weak, &good]] {
        let merged = merged(&lists, "merged");
        ended(&place.verify(&[&merged], &data), 3, &format!("{merged}: {known}"));
        // Where no list was seen before, it contradicts itself.
        let out = place.repo.withhold(["verify", "-m", &merged, "--no-cache", &data, KEY[0], KEY[1]]);
        ended(&out, 3, &format!("{merged}: the list `corp/all` stands for two different ones with serial 7"));
    }
    ended(&place.verify(&[&merged(&[&good], "same")], &data), 0, "");
}

/// People write the last day that there is for never.
#[test]
fn a_list_may_hold_until_the_end_of_9999() {
    let (place, data) = place(7);
    for (written, until) in [
        ("9999-12-31", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59-02:00", "9999-12-31T23:59:59Z"),
        ("9999-12-30T22:00:00Z", "9999-12-30T22:00:00Z"),
    ] {
        let list = LIST.replace("serial = 7", &format!("serial = 7\nnot-after = {written}"));
        let out = place.scan_with(&list, "far");
        let header = fs::read_to_string(Path::new(&out).join("manifest.json")).unwrap();
        assert!(header.contains(&format!("\"not_after\":\"{until}\"")), "{written}: {header}");
        let receipt = place.arg("receipt.json");
        let last = "9999-12-30T21:00:00Z";
        let args =
            ["verify", "-m", &out, "--no-cache", &data, KEY[0], KEY[1], "--receipt", &receipt, "--at", last];
        ended(&place.repo.withhold(args), 0, "");
        ended(&place.repo.withhold(["receipt", "check", &receipt, &data, "--at", until]), 0, "");
        let shown = place.repo.withhold(["manifest", "show", &out]);
        assert!(String::from_utf8(shown.stdout).unwrap().contains(until), "{written}");
    }
}
