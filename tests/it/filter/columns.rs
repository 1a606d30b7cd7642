//! What is known of columns before they are trusted.

use super::rows::sha1;
use super::*;

#[test]
fn a_hash_of_another_kind_is_refused_by_the_data() {
    let place = Place::new();
    let data = place.write("data.jsonl", &place.rows(&["ada-0", "bob-0"]));
    for kind in ["sha1", "sha256"] {
        let args = [&data[..], "--key", &format!("id={kind}"), "--content", "content"];
        let refused = place.run("verify", &args);
        ended(&refused, 5, &format!("column `id` does not hold {kind}, but git_sha1"));
    }
    // Without contents nothing can be proved, but nothing matches, either.
    ended(&place.run("verify", &[&data, "--key", "id=sha1"]), 4, "column `id` matched nothing in 2 rows");
}

/// Every row of the sample has to bear a column out; contents that were changed after their keys were computed have to be
/// said by name, and then the receipt says how many differ.
#[test]
fn contents_that_do_not_go_with_their_keys_have_to_be_said_by_name() {
    let place = Place::new();
    let mut rows = place.rows(&["bob-0", "bob-1", "bob-2"]);
    rows[1]["content"] = json!("bob wrote <NAME>");
    let data = place.write("data.jsonl", &rows);
    let receipt = place.arg("receipt.json");
    let args = [&[&data[..], "--receipt", &receipt][..], &KEY].concat();
    let refused = place.run("verify", &args);
    ended(&refused, 5, "column `id` does not hold git_sha1 of the content: it does in 2 of 3 rows");
    ended(&refused, 5, "--redacted");
    assert!(!place.at("receipt.json").exists());
    let redacted = [&args[..], &["--redacted"]].concat();
    let found = place.json("verify", 0, &redacted);
    assert_eq!(found["columns"][0]["proved"], json!({"rows": 3, "equal": 2}));
    let stated = fs::read_to_string(place.at("receipt.json")).unwrap();
    assert!(stated.contains(r#""proof":{"by":"redacted","equal":2,"rows":3}"#), "{stated}");
    ended(&place.repo.withhold(["receipt", "check", &receipt, &data]), 0, "");
    // Where all go with their keys, nothing else is said.
    place.write("data.jsonl", &place.rows(&["bob-0", "bob-1"]));
    ended(&place.run("verify", &redacted), 0, "");
    assert!(fs::read_to_string(place.at("receipt.json")).unwrap().contains(r#"{"by":"sample","rows":2}"#));
    // Another kind of hash, or one of something else, is none of a content that was redacted.
    rows[2]["content"] = json!("<NAME>");
    place.write("data.jsonl", &rows);
    ended(&place.run("verify", &redacted), 5, "it does in 1 of 3 rows");
    rows[1]["id"] = json!(sha1("bob wrote <NAME>"));
    rows[2] = place.row("bob-2");
    place.write("data.jsonl", &rows);
    ended(
        &place.run("verify", &redacted),
        5,
        "column `id` does not hold git_sha1, but sha1: so it is in 1 of 3 rows",
    );
}

/// Nothing that goes down a pipe can be taken back: columns are proved on its first rows before any goes on.
#[test]
fn columns_are_proved_on_what_comes_through_a_pipe() {
    let place = Place::new();
    let pipe = |rows: &[Value], args: &[&str]| {
        let text = fs::read(place.write("data.jsonl", rows)).unwrap();
        let mut program = place.repo.command(env!("CARGO_BIN_EXE_withhold"));
        run(program.args([&args[..1], &["-q", "-m", &place.arg("m"), "-"], &args[1..]].concat()), &text)
    };
    let good = place.rows(&["bob-0", "bob-1", "ada-0"]);
    let mut bad = good.clone();
    bad[1]["content"] = json!("else");
    let (out, kind) = (place.arg("clean.jsonl"), ["--key", "id=sha1", "--content", "content"]);
    for to in ["-", &out] {
        let refused = pipe(&bad, &[&["filter", "-o", to][..], &KEY].concat());
        ended(&refused, 5, "it does in 2 of 3 rows");
        assert_eq!((refused.stdout, place.at("clean.jsonl").exists()), (Vec::new(), false));
        ended(&pipe(&good, &[&["filter", "-o", to][..], &kind].concat()), 5, "but git_sha1");
    }
    ended(&pipe(&good, &[&["verify"][..], &kind].concat()), 5, "but git_sha1");
    let passed = pipe(&good, &[&["filter", "-o", "-"][..], &KEY].concat());
    assert_eq!(paths(std::str::from_utf8(&passed.stdout).unwrap()), ["bob-0", "bob-1"], "{}", passed.stderr);
    ended(&pipe(&good, &[&["verify"][..], &KEY].concat()), 1, "1 of 3 rows are excluded");
}

#[test]
fn columns_that_nobody_knows_are_asked_for() {
    let place = Place::new();
    let data = place.write("data.jsonl", &place.rows(&["ada-0"]));
    ended(&place.run("verify", &[&data]), 2, "what stands in which column of the data set is not known");
    ended(
        &place.run("verify", &[&data, "--key", "path=path"]),
        2,
        "no column tells which content or commit a row is",
    );
    let kinds = "git_sha1, sha1, sha256, swhid, repo, path, commit or revision";
    // A column of people that no list was held against would look as if it had been.
    for (wrong, or) in [
        ("id", kinds),
        ("id=md5", kinds),
        ("body=content", "--content body"),
        ("user=identity", "--identity user"),
    ] {
        ended(&place.run("verify", &[&data, "--key", wrong]), 2, or);
    }
    let help = place.repo.withhold(["verify", "--help"]).stdout;
    let help = String::from_utf8(help).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains(kinds), "the help names the same ones");
    ended(&place.run("verify", &[&data, "--preset", "the-pile"]), 2, "expected one of the-stack-v3");
    ended(&place.run("verify", &[&data, "--key", "id=git_sha1", "-l", "x"]), 2, "--identity COLUMN");
}

/// The owner's case varies, paths begin with `/`, repositories are renamed.
#[test]
fn old_names_and_other_spellings_of_repositories_are_known() {
    let rule = "[[rule]]\nid = \"r-1\"\nrepos = [\"corp/engine\"]\n";
    let place = Place::with(&format!("{LIST}{rule}"), &[]);
    fs::write(place.at("alias.toml"), "\"ada/toy\" = \"corp/engine\"\n").unwrap();
    let row =
        |repo: &str| json!({"path": repo, "id": "00000000000000000000000000000000000000aa", "repo": repo});
    let names = ["corp/engine", "/Corp/Engine", "https://x.example/corp/engine.git", "Ada/toy", "a/b"];
    let data = place.write("data.jsonl", &[vec![place.row("bob-0")], names.map(row).to_vec()].concat());
    let args = [&data[..], "--key", "id=git_sha1", "--key", "repo=repo"];
    let found = place.json("verify", 1, &[&args[..], &["--alias", &place.arg("alias.toml")]].concat());
    assert_eq!(counts(&found), [6, 0, 5, 1]);
    let found = place.json("verify", 1, &args);
    assert_eq!(counts(&found), [6, 0, 4, 2]);
    // Without the column nobody could tell, so that nothing may be kept unseen.
    let out = place.arg("clean.jsonl");
    let kept = place.run("filter", &[&data, "-o", &out, "--key", "id=git_sha1", "--uncovered", "keep"]);
    ended(&kept, 2, "a manifest excludes whole repositories or paths");
    fs::write(place.at("alias.toml"), "\"a/b\" = \"c/d\"\n\"c/d\" = \"a/b\"\n").unwrap();
    ended(
        &place.run("verify", &[&args[..], &["--alias", &place.arg("alias.toml")]].concat()),
        2,
        "in a circle",
    );
}

#[test]
fn manifests_of_several_repositories_are_one() {
    let (place, other) =
        (Place::new(), Place::with(&LIST.replace("ada@", "bob@").replace("corp/all", "corp/more"), &[]));
    let data = place.write("data.jsonl", &place.rows(&["ada-0", "bob-0", "both-0"]));
    let more = other.arg("m");
    let found = place.json("verify", 1, &[&[&data[..], "-m", &more][..], &KEY].concat());
    assert_eq!(counts(&found), [3, 0, 3, 0]);
}

/// A row that one column excludes says nothing of the others.
#[test]
fn a_column_that_was_never_looked_at_did_not_match_nothing() {
    let place = Place::new();
    let row = |path: &str| {
        let row = place.row(path);
        json!({"path": path, "id": row["id"], "same": sha1(row["content"].as_str().unwrap()), "who": "ada@example.org"})
    };
    let two = ["--key", "id=git_sha1", "--key", "same=sha1"];
    let (out, list) = (place.arg("clean.jsonl"), place.arg("list.toml"));
    let data = place.write("data.jsonl", &["ada-0", "ada-1"].map(row));
    ended(&place.run("verify", &[&[&data[..]][..], &two].concat()), 1, "2 of 2 rows are excluded");
    ended(&place.run("filter", &[&[&data[..], "-o", &out][..], &two].concat()), 0, "");
    assert_eq!(place.paths("clean.jsonl"), [""; 0]);
    let people = ["--identity", "who", "-l", &list, "--key", "id=git_sha1"];
    place.write("data.jsonl", &["bob-0", "bob-1"].map(row));
    ended(
        &place.run("verify", &[&[&data[..], "--no-cache"][..], &people].concat()),
        1,
        "2 of 2 rows are excluded",
    );
    // Looked at in one row, it has to match there.
    let mut wrong = row("bob-0");
    wrong["same"] = json!("00000000000000000000000000000000000000aa");
    place.write("data.jsonl", &[row("ada-0"), wrong]);
    let args = [&[&data[..], "--uncovered", "keep"][..], &two].concat();
    ended(&place.run("verify", &args), 4, "column `same` matched nothing in 1 rows");
}

#[test]
fn a_canary_that_no_column_can_show_is_refused_beforehand() {
    let place = Place::new();
    let row = place.row("ada-0");
    let data = place.write("data.jsonl", &place.rows(&["ada-0", "bob-0"]));
    let hash = sha1(row["content"].as_str().unwrap());
    fs::write(place.at("canary"), format!("sha1:{hash}\n")).unwrap();
    let canary = place.arg("canary");
    let refused = place.run("verify", &[&data, "--canary", &canary, "--key", "id=git_sha1"]);
    ended(&refused, 2, "no column shows a canary that is named by sha1");
    ended(&refused, 2, "--content COLUMN");
    ended(&place.run("verify", &[&[&data[..], "--canary", &canary][..], &KEY].concat()), 1, "");
}

/// The Stack v2 comes without contents, and whoever fetches them puts them beside the keys.
#[test]
fn contents_beside_the_keys_of_a_known_data_set_have_to_bear_them_out() {
    let place = Place::new();
    let file = |path: &str, content: &str| {
        let row = place.row(path);
        let blob_id = sha1(row["content"].as_str().unwrap());
        json!({"repo_name": "corp/engine", "path": path, "content_id": row["id"], "blob_id": blob_id,
               "revision_id": "x", "content": place.row(content)["content"]})
    };
    let repo =
        |path: &str, content: &str| json!({"repo_name": "corp/engine", "files": [file(path, content)]});
    for (honest, lying) in
        [(file("bob-0", "bob-0"), file("bob-0", "ada-0")), (repo("bob-0", "bob-0"), repo("bob-0", "ada-0"))]
    {
        let data = place.write("data.jsonl", &[honest]);
        ended(&place.run("verify", &[&data]), 0, "");
        let data = place.write("data.jsonl", &[lying]);
        ended(&place.run("verify", &[&data]), 5, "of the content: it does in 0 of 1 rows");
    }
}

/// What one of two data sets calls its content may be empty in rows of the other.
#[test]
fn a_data_set_that_two_known_ones_fit_is_not_guessed() {
    let place = Place::new();
    let row = |code: &str, content: &str| json!({"repo_name": "x/y", "path": "a", "code": code, "content": content, "license": "mit", "size": 3});
    let hers = place.row("ada-0")["content"].as_str().unwrap().to_owned();
    let data = place.write("data.jsonl", &[row("", &hers)]);
    ended(&place.run("verify", &[&data]), 2, "what stands in which column of the data set is not known");
    let both = ["--content", "code", "--content", "content"];
    ended(&place.run("verify", &[&[&data[..]][..], &both].concat()), 1, "");
}
