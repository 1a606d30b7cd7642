//! What becomes of rows.

use super::*;

const FILES: [&str; 6] = ["ada-0", "bob-0", "both-0", "bob-1", "ada-1", "bob-2"];

#[test]
fn a_data_set_without_what_is_excluded() {
    let place = Place::new();
    let data = place.write("data.jsonl", &place.rows(&FILES));
    let found = place.json("verify", 1, &[&[&data[..]][..], &KEY].concat());
    assert_eq!(counts(&found), [6, 3, 3, 0]);
    let out = place.arg("clean.jsonl");
    let found = place.json("filter", 0, &[&[&data[..], "-o", &out][..], &KEY].concat());
    assert_eq!(counts(&found), [6, 3, 3, 0]);
    assert_eq!(place.paths("clean.jsonl"), ["bob-0", "bob-1", "bob-2"]);
    let found = place.json("verify", 0, &[&[&out[..]][..], &KEY].concat());
    assert_eq!(counts(&found), [3, 3, 0, 0]);
}

#[test]
fn what_nobody_looked_at_stops_the_run_unless_somebody_says_otherwise() {
    let place = Place::new();
    let mut rows = place.rows(&["bob-0", "ada-0"]);
    let mut new = place.row("bob-1");
    new["id"] = json!("00000000000000000000000000000000000000aa");
    rows.insert(1, new);
    let data = place.write("data.jsonl", &rows);
    let key = ["--key", "id=git_sha1"];
    let out = place.arg("clean.jsonl");
    let filter = |how: &[&str]| place.run("filter", &[&[&data[..], "-o", &out][..], &key, how].concat());
    let stopped = filter(&[]);
    ended(&stopped, 4, "data.jsonl: stopped at row 2");
    ended(&stopped, 4, "no manifest looked at the row");
    assert!(!place.at("clean.jsonl").exists());
    ended(&place.run("verify", &[&[&data[..]][..], &key].concat()), 1, "1 of 3 rows are excluded");
    ended(&filter(&["--uncovered", "drop"]), 0, "");
    assert_eq!(place.paths("clean.jsonl"), ["bob-0"]);
    ended(&filter(&["--uncovered", "keep"]), 0, "");
    assert_eq!(place.paths("clean.jsonl"), ["bob-0", "bob-1"]);
    ended(
        &place.run("verify", &[&[&out[..]][..], &key].concat()),
        4,
        "1 of 2 rows are covered by no manifest",
    );
    ended(&place.run("verify", &[&[&out[..]][..], &key, &["--uncovered", "keep"]].concat()), 0, "");
}

/// A NULL key passes every anti-join, and one NULL in a `NOT IN` list returns nothing at all.
#[test]
fn a_key_that_is_null_empty_or_malformed_passes_nothing() {
    let place = Place::new();
    let good = place.row("bob-0");
    for (id, why) in [
        (Value::Null, "the row has no key"),
        (json!(""), "the row has no key"),
        (json!("nan"), "what stands in column `id` is not what the column is for"),
        (json!("swh:1:cnt:x"), "what stands in column `id`"),
    ] {
        let mut bad = place.row("bob-1");
        bad["id"] = id;
        let data = place.write("data.jsonl", &[good.clone(), bad]);
        let out = place.arg("clean.jsonl");
        let args = [&data[..], "-o", &out, "--key", "id=git_sha1"];
        let stopped = place.run("filter", &args);
        ended(&stopped, 4, "row 2");
        ended(&stopped, 4, why);
        ended(&place.run("filter", &[&args[..], &["--uncovered", "drop"]].concat()), 0, "");
        assert_eq!(place.paths("clean.jsonl"), ["bob-0"]);
    }
    // The column is not there at all.
    let data = place.write("data.jsonl", &[json!({"path": "x"})]);
    ended(&place.run("verify", &[&data, "--key", "id=git_sha1"]), 4, "matched nothing in 1 rows");
}

#[test]
fn lines_go_in_place_of_rows() {
    let place = Place::with(&format!("{LIST}{PLAIN}"), &[]);
    let data = place.write("data.jsonl", &place.rows(&FILES));
    let contents = |lines: &str| {
        let out = place.arg("clean.jsonl");
        let found = place.json("filter", 0, &[&[&data[..], "-o", &out, "--lines", lines][..], &KEY].concat());
        let text = fs::read_to_string(&out).unwrap();
        let row = |line| serde_json::from_str::<Value>(line).unwrap();
        let both = text.lines().map(row).find(|row: &Value| row["path"] == "both-0").unwrap();
        assert_eq!(both["id"], place.row("both-0")["id"]);
        (found, both["content"].as_str().unwrap().to_owned())
    };
    let (found, cut) = contents("cut");
    assert_eq!(cut, "bob went on 0\n");
    // Files that are hers alone are lines of hers, and nothing else.
    assert_eq!(counts(&found), [6, 4, 2, 0]);
    assert_eq!((&found["rows_cut"], &found["lines_cut"]), (&json!(1), &json!(1)));
    assert_eq!(contents("blank").1, "\nbob went on 0\n");
    assert_eq!(contents("mark").1, "<withheld>\nbob went on 0\n");
    // Where the content is not the one that the key says, nobody knows which lines are hers.
    let mut other = place.row("both-0");
    other["content"] = json!("bob went on 0\nada began 0\n");
    let data = place.write("other.jsonl", &[place.row("bob-0"), place.row("bob-1"), other]);
    let out = place.arg("clean.jsonl");
    let args = [&[&data[..], "-o", &out, "--lines", "cut"][..], &KEY].concat();
    ended(&place.run("filter", &args), 5, "it does in 2 of 3 rows");
    let found = place.json("filter", 0, &[&args[..], &["--redacted"]].concat());
    assert_eq!(counts(&found), [3, 2, 1, 0]);
}

#[test]
fn a_file_that_is_excluded_whole_is_not_cut() {
    let place = Place::new();
    let data = place.write("data.jsonl", &place.rows(&["both-0", "bob-0"]));
    let out = place.arg("clean.jsonl");
    let found = place.json("filter", 0, &[&[&data[..], "-o", &out, "--lines", "cut"][..], &KEY].concat());
    assert_eq!((counts(&found), &found["rows_cut"]), ([2, 1, 1, 0], &json!(0)));
}

#[test]
fn only_what_is_excluded_for_the_purpose_goes() {
    let search = "[[subject.preference]]\ndecision = \"disallow\"\npurposes = [\"search\"]\n";
    let place = Place::with(&format!("{LIST}{search}"), &[]);
    let data = place.write("data.jsonl", &place.rows(&FILES));
    let found = |purposes: &[&str], status| {
        let purposes = purposes.iter().flat_map(|purpose| ["--purpose", purpose]);
        let args: Vec<&str> = [&data[..]].into_iter().chain(KEY).chain(purposes).collect();
        counts(&place.json("verify", status, &args))
    };
    assert_eq!(found(&["train-ai"], 0), [6, 6, 0, 0]);
    assert_eq!(found(&["search"], 1), [6, 3, 3, 0]);
    assert_eq!(found(&["train-ai", "search"], 1), [6, 3, 3, 0]);
    assert_eq!(found(&[], 1), [6, 3, 3, 0]);
    ended(&place.run("verify", &[&data, "--purpose", "fun"]), 2, "expected one of");
}

#[test]
fn a_row_about_a_commit_goes_whichever_repository_it_sits_in() {
    let place = Place::with(LIST, &["--history"]);
    let row = |commit: &str, path: &str, repos: &str| {
        json!({
            "commit": place.repo.id(commit), "repos": repos, "path": path, "old_file": path, "new_file": path,
            "old_contents": "", "new_contents": place.row(path)["content"],
        })
    };
    let rows = [
        row("main~1", "bob-0", "else/where,corp/engine"),
        row("main", "bob-0", "else/where"),
        row("main", "ada-0", "x/y"),
    ];
    let data = place.write("commits.jsonl", &rows);
    let out = place.arg("clean.jsonl");
    let found = place.json("filter", 0, &[&data, "-o", &out]);
    assert_eq!(found["preset"], "git-commits");
    assert_eq!(counts(&found), [3, 1, 2, 0]);
    assert_eq!(place.paths("clean.jsonl"), ["bob-0"]);
}

#[test]
fn items_of_rows_go_by_themselves() {
    let place = Place::new();
    let file = |path: &str| {
        let row = place.row(path);
        json!({"file_path": path, "content_id": sha1(row["content"].as_str().unwrap()), "text": row["content"]})
    };
    let rows = [
        json!({"repo_path": "corp/engine", "commit_id": "x", "path": "first", "files": [file("ada-0"), file("bob-0"), file("bob-1")]}),
        json!({"repo_path": "a/fork", "commit_id": "x", "path": "second", "files": [file("ada-1")]}),
    ];
    let data = place.write("v3.jsonl", &rows);
    let out = place.arg("clean.jsonl");
    let found = place.json("filter", 0, &[&data, "-o", &out]);
    assert_eq!((&found["preset"], counts(&found)), (&json!("the-stack-v3"), [4, 2, 2, 0]));
    let text = fs::read_to_string(&out).unwrap();
    assert_eq!(place.paths("clean.jsonl"), ["first"]);
    assert!(text.contains("bob-0") && text.contains("bob-1") && !text.contains("ada"), "{text}");
}

pub(super) fn sha1(text: &str) -> String {
    use sha1::Digest as _;
    data_encoding::HEXLOWER.encode(&sha1::Sha1::digest(text))
}

#[test]
fn people_are_matched_where_rows_name_them() {
    let place = Place::new();
    let rows = [
        json!({"path": "1", "user": {"login": "bob"}, "email": "bob@example.org"}),
        json!({"path": "2", "user": {"login": "ada-b"}, "email": "ADA@example.org"}),
        json!({"path": "3", "user": {"login": "x"}, "email": ["bob@example.org", "Ada <ada@example.org>"]}),
    ];
    let data = place.write("issues.jsonl", &rows);
    let (list, out) = (place.arg("list.toml"), place.arg("clean.jsonl"));
    let filter = |args: &[&str]| {
        place.repo.withhold([&["filter", "--no-cache", &data, "-o", &out, "-l", &list][..], args].concat())
    };
    ended(&filter(&["--identity", "email"]), 0, "");
    assert_eq!(place.paths("clean.jsonl"), ["1"]);
    assert!(!fs::read_to_string(&out).unwrap().contains("ada"));
    // Nobody named could be anybody.
    ended(&filter(&["--identity", "user.name"]), 4, "the row has no key");
    ended(&filter(&[]), 2, "nothing says what is excluded");
    let forge = LIST.replace("email = \"ada@example.org\"", "forge = \"github.com:ada-b\"");
    fs::write(place.at("list.toml"), forge).unwrap();
    ended(&filter(&["--identity", "user.login"]), 0, "");
    assert_eq!(place.paths("clean.jsonl"), ["1", "3"]);
}

/// What a person says of a repository holds however a data set spells it.
#[test]
fn people_are_matched_in_the_repositories_that_they_mean() {
    let only = "[[subject.preference]]\ndecision = \"disallow\"\nrepos = [\"corp/**\"]\n";
    let place = Place::with(&format!("{LIST}{only}"), &[]);
    let row = |repo: &str| json!({"path": repo, "repo": repo, "email": "ada@example.org"});
    let names =
        ["corp/engine", "/Corp/Engine.git", "https://x.example/corp/engine", "a/b,corp/engine", "a/b"];
    let data = place.write("issues.jsonl", &names.map(row));
    let (list, out) = (place.arg("list.toml"), place.arg("clean.jsonl"));
    let args =
        ["filter", "--no-cache", &data, "-o", &out, "-l", &list, "--identity", "email", "--key", "repo=repo"];
    ended(&place.repo.withhold(args), 0, "");
    assert_eq!(place.paths("clean.jsonl"), ["a/b"]);
}

/// A row of which every line goes is gone.
#[test]
fn a_canary_of_which_all_lines_go_is_found() {
    let place = Place::with(&format!("{LIST}{PLAIN}"), &[]);
    let data = place.write("data.jsonl", &place.rows(&FILES));
    let (out, canary) = (place.arg("clean.jsonl"), place.arg("canary"));
    let filter = |path: &str, lines: &str| {
        fs::write(place.at("canary"), format!("swh:1:cnt:{}\n", place.row(path)["id"].as_str().unwrap()))
            .unwrap();
        place.run(
            "filter",
            &[&[&data[..], "-o", &out, "--canary", &canary, "--lines", lines][..], &KEY].concat(),
        )
    };
    for lines in ["cut", "blank", "mark"] {
        ended(&filter("ada-0", lines), 0, "");
        // One that stays in part was not dropped.
        ended(&filter("both-0", lines), 4, "1 of 1 canaries were not found");
    }
}

/// Whether a run can be trusted is known at its end: before that nothing takes its place.
#[test]
fn the_output_of_a_run_that_cannot_be_trusted_takes_no_place() {
    let place = Place::new();
    let mut rows = place.rows(&["ada-0", "bob-0", "bob-1"]);
    for row in &mut rows {
        row["other"] = json!(null);
    }
    let data = place.write("in/data.jsonl", &rows);
    place.write("in/more.jsonl", &rows);
    for (path, of) in [("ada-0", "ada-0"), ("deep/bob-0", "bob-0")] {
        let path = place.at("files").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, place.row(of)["content"].as_str().unwrap()).unwrap();
    }
    fs::write(place.at("canary"), "sha1:00000000000000000000000000000000000000aa\n").unwrap();
    let (canary, folder, files) = (place.arg("canary"), place.arg("in"), place.arg("files"));
    let missed = [&["--canary", &canary][..], &KEY].concat();
    let nothing = [&["--key", "other=sha1", "--key", "id=git_sha1"][..], &[]].concat();
    for (why, said) in
        [(missed, "1 of 1 canaries were not found"), (nothing, "column `other` matched nothing")]
    {
        let filter = |input: &[&str], out: &str| {
            place.run("filter", &[input, &["-o", &place.arg(out)], &why[..]].concat())
        };
        fs::write(place.at("one.jsonl"), "as it was\n").unwrap();
        ended(&filter(&[&data], "one.jsonl"), 4, said);
        assert_eq!(fs::read_to_string(place.at("one.jsonl")).unwrap(), "as it was\n");
        ended(&filter(&[&data], "none.jsonl"), 4, said);
        assert!(!place.at("none.jsonl").exists());
        ended(&filter(&[&folder], "clean/"), 4, said);
        let left: Vec<_> =
            fs::read_dir(place.at("clean")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| name.to_str().unwrap().starts_with(".withhold-")), "{left:?}");
    }
    let args = ["--files", &files, "-o", &place.arg("copied"), "--canary", &canary];
    ended(&place.run("filter", &args), 4, "1 of 1 canaries were not found");
    assert!(!place.at("copied").exists());
    let beside = place.at("copied");
    let partial = |entry: std::io::Result<fs::DirEntry>| {
        entry.unwrap().file_name().to_str().unwrap().contains("partial")
    };
    assert!(!fs::read_dir(beside.parent().unwrap()).unwrap().any(partial));
}

#[test]
fn canaries_have_to_be_found() {
    let place = Place::new();
    let data = place.write("data.jsonl", &place.rows(&FILES));
    let out = place.arg("clean");
    let run = |keys: String| {
        fs::write(place.at("canaries"), keys).unwrap();
        let canaries = place.arg("canaries");
        place.run(
            "filter",
            &[&[&data[..], "-o", &format!("{out}/"), "--canary", &canaries][..], &KEY].concat(),
        )
    };
    let id = |path: &str| place.row(path)["id"].as_str().unwrap().to_owned();
    ended(&run(format!("git_sha1:{}\nswh:1:cnt:{}\n", id("ada-0"), id("both-0"))), 0, "");
    // By another hash than that of the column, too.
    ended(&run(format!("sha1:{}\n", sha1(place.row("ada-0")["content"].as_str().unwrap()))), 0, "");
    ended(
        &run(format!("git_sha1:{}\ngit_sha1:{}\n", id("ada-0"), id("ada-3"))),
        4,
        "1 of 2 canaries were not found",
    );
    // One that is there and not excluded is worse.
    ended(&run(format!("git_sha1:{}\n", id("bob-0"))), 4, "1 of 1 canaries were not found");
    // What was there stays, and nothing else is where somebody could take it for the data set.
    assert_eq!(fs::read_to_string(place.at("clean/data.jsonl")).unwrap().lines().count(), 3);
    assert!(place.at("clean/.withhold-journal.jsonl").exists());
    ended(&run("bob".to_owned()), 2, "canaries, line 1: it is no key of a content");
}
