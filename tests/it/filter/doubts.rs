//! Values that are there, and do not say what their column is for: nothing passes by them.

use super::*;

/// What a list says about people, held against one value a row.
fn by_identity(place: &Place, values: &[Value]) -> [u64; 4] {
    let rows: Vec<Value> = values.iter().map(|who| json!({"path": "x", "who": who})).collect();
    let data = place.write("people.jsonl", &rows);
    let list = place.arg("list.toml");
    let args = ["verify", "--no-cache", "--format", "json", &data, "-l", &list, "--identity", "who"];
    counts(&serde_json::from_slice(&place.repo.withhold(args).stdout).unwrap())
}

/// A column that holds something else would match nobody, silently.
#[test]
fn what_names_nobody_is_uncovered() {
    let login = "[[subject.identity]]\nforge = \"github.com:ada-b\"\n\
                 [[subject.identity]]\nname = \"Ada, B & Co\"\nname-alone = true\n";
    let place = Place::with(&format!("{LIST}{login}"), &[]);
    for who in ["bob", "@bob", "583231", "dependabot[bot]", "bob@example.org", "Bob <bob@example.org>"] {
        assert_eq!(by_identity(&place, &[json!(who)]), [1, 1, 0, 0], "{who}");
    }
    for who in [
        "Fix the bug in parser",
        "https://api.github.com/users/ada-b",
        "github.com/ada-b",
        "mailto:ada@example.org",
        "ada\u{ff20}example.org",
        "{\"login\":\"ada-b\"}",
        "bob,",
        "bob, Fix the bug",
        " ",
    ] {
        assert_eq!(by_identity(&place, &[json!(who)]), [1, 0, 0, 1], "{who}");
    }
    // Of several each is looked at.
    assert_eq!(by_identity(&place, &[json!("bob, eve@example.org,Bob <bob@example.org>")]), [1, 1, 0, 0]);
    assert_eq!(by_identity(&place, &[json!(["bob", "eve"])]), [1, 1, 0, 0]);
    assert_eq!(by_identity(&place, &[json!(["bob", "no login"])]), [1, 0, 0, 1]);
    for who in
        ["bob, ada-b", "ada@example.org,bob@x", "Fix the bug,ada-b", "Fix <ADA@example.org", "Ada, B & Co"]
    {
        assert_eq!(by_identity(&place, &[json!(who)]), [1, 0, 1, 0], "{who}");
    }
    assert_eq!(by_identity(&place, &[json!(["no login", "ada-b"])]), [1, 0, 1, 0]);
}

/// Nobody who is known to be somebody else makes a row clear that nothing else is known of.
#[test]
fn whose_work_a_row_is_does_not_tell_what_it_is() {
    let place = Place::new();
    let rows = [
        json!({"path": "1", "who": "bob", "id": place.row("bob-0")["id"]}),
        json!({"path": "2", "who": "bob", "id": null}),
    ];
    let data = place.write("data.jsonl", &rows);
    let list = place.arg("list.toml");
    let args = [&data[..], "--key", "id=git_sha1", "--identity", "who", "-l", &list, "--no-cache"];
    assert_eq!(counts(&place.json("verify", 4, &args)), [2, 1, 0, 1]);
}

/// Whoever excludes a path means whatever stands there.
#[test]
fn where_a_path_is_excluded_a_row_has_to_name_its_own() {
    let rule = "[[rule]]\nid = \"r-1\"\npaths = [\"both-0\"]\n";
    let (place, ruled) = (Place::new(), Place::with(&format!("{LIST}{rule}"), &[]));
    let id = place.row("bob-0")["id"].clone();
    let row = |repo: Value, path: Value| json!({"id": id, "repo": repo, "path": path});
    let (repo, path) = (json!("corp/engine"), json!("bob-0"));
    let args = ["--key", "id=git_sha1", "--key", "repo=repo", "--key", "path=path"];
    let look = |place: &Place, status, row| {
        let data = place.write("data.jsonl", &[row]);
        counts(&place.json("verify", status, &[&[&data[..]][..], &args].concat()))
    };
    for row in
        [row(Value::Null, path.clone()), row(repo.clone(), Value::Null), row(json!("[]"), path.clone())]
    {
        // Where nothing is excluded by its place, no place counts.
        assert_eq!(look(&place, 0, row.clone()), [1, 1, 0, 0]);
        assert_eq!(look(&ruled, 4, row), [1, 0, 0, 1]);
    }
    assert_eq!(look(&ruled, 0, row(repo.clone(), path)), [1, 1, 0, 0]);
    assert_eq!(look(&ruled, 1, row(json!("a/b;corp//engine"), json!(".//both%2D0"))), [1, 0, 1, 0]);
    let data = ruled.write("data.jsonl", &[row(repo, Value::Null)]);
    let out = ruled.arg("clean.jsonl");
    let stopped = ruled.run("filter", &[&[&data[..], "-o", &out][..], &args].concat());
    ended(&stopped, 4, "the row names no repository or no path");
}

/// Whose lines a commit shows is told by the paths that it names.
#[test]
fn a_commit_that_names_a_malformed_path_shows_what_nobody_knows() {
    let place = Place::with(LIST, &["--history"]);
    let look = |status, repos: &str, old: &str| {
        let commit = place.repo.id("main");
        let row =
            json!({"commit": commit, "repos": repos, "old_file": old, "new_file": "bob-0", "content": "x"});
        let data = place.write("cleaned.jsonl", &[row]);
        counts(&place.json("verify", status, &[&data, "--preset", "git-commits-cleaned"]))
    };
    assert_eq!(look(0, "a/b,Corp/Engine", "/bob-0"), [1, 1, 0, 0]);
    assert_eq!(look(4, "a/b,Corp/Engine", "x/../ada-0"), [1, 0, 0, 1]);
    assert_eq!(look(4, "[\"a/b\",Corp/Engine", "bob-0"), [1, 0, 0, 1]);
    assert_eq!(look(1, "a/b;Corp//Engine", ".//ada-0"), [1, 0, 1, 0]);
}

/// A wrong column holds contents that nobody looked at, and under `keep` all that is excluded would stay.
#[test]
fn a_column_of_contents_that_matches_nothing_is_none() {
    let place = Place::with(LIST, &["--history"]);
    let data = place.write("data.jsonl", &place.rows(&["bob-0", "ada-0"]));
    let out = place.arg("clean.jsonl");
    let filter = |data: &str, args: &[&str]| place.run("filter", &[&[data, "-o", &out], args].concat());
    for how in ["keep", "drop"] {
        let wrong = filter(&data, &["--content", "path", "--uncovered", how]);
        ended(&wrong, 4, "column `path` matched nothing in 2 rows");
        ended(&filter(&data, &["--content", "gone", "--uncovered", how]), 4, "column `gone` matched nothing");
        assert!(!place.at("clean.jsonl").exists());
    }
    ended(&place.run("verify", &[&data, "--content", "path"]), 4, "column `path` matched nothing in 2 rows");
    ended(&filter(&data, &["--content", "content"]), 0, "");
    // Where keys decide, contents are there for rows without one.
    let mut rows = place.rows(&["bob-0", "bob-1"]);
    rows[1]["id"] = Value::Null;
    rows[1]["content"] = json!("new");
    let keyed = place.write("keyed.jsonl", &rows);
    ended(&filter(&keyed, &[&KEY[..], &["--uncovered", "keep"]].concat()), 0, "");
    // Nothing but empty contents shows nothing.
    let empty = place.write("empty.jsonl", &[json!({"path": "x", "content": ""})]);
    ended(&filter(&empty, &["--content", "content"]), 4, "column `content` matched nothing in 1 rows");
}

#[test]
fn of_the_contents_of_commits_one_has_to_match() {
    let place = Place::with(LIST, &["--history"]);
    let row = |old: &str, new: &str| json!({"path": "x", "commit": place.repo.id("main"), "old": old, "new": new, "subject": "x"});
    let both = place.row("bob-0")["content"].as_str().unwrap().to_owned();
    let (data, out) = (place.write("commits.jsonl", &[row("", &both)]), place.arg("clean.jsonl"));
    let filter = |data: &str, contents: &[&str]| {
        let contents = contents.iter().flat_map(|name| ["--content", name]);
        let args = [data, "-o", &out, "--key", "commit=commit", "--uncovered", "keep"];
        place.run("filter", &args.into_iter().chain(contents).collect::<Vec<_>>())
    };
    ended(&filter(&data, &["old", "new"]), 0, "");
    ended(&filter(&data, &["subject"]), 4, "column `subject` matched nothing in 1 rows");
    // Files that have nothing in them, before or after.
    ended(&filter(&place.write("empty.jsonl", &[row("", "")]), &["old", "new"]), 0, "");
    // What a commit says is enough to exclude it, and its contents are not looked at.
    let mut hers = row("other", "else");
    hers["commit"] = json!(place.repo.id("main~1"));
    ended(&filter(&place.write("hers.jsonl", &[hers]), &["old", "new"]), 0, "");
}

#[test]
fn a_column_of_revisions_that_matches_nothing_is_none() {
    let place = Place::new();
    let row = |revision: &str| json!({"repo": "corp/engine", "path": "bob-0", "at": revision});
    let filter = |revision: &str| {
        let data = place.write("data.jsonl", &[row(revision)]);
        let keys = ["--key", "repo=repo", "--key", "path=path", "--key", "at=revision"];
        let out = place.arg("clean.jsonl");
        place.run("filter", &[&[&data[..], "-o", &out, "--uncovered", "keep"][..], &keys].concat())
    };
    ended(&filter(&place.repo.id("main")), 0, "");
    for wrong in [&place.repo.id("main:bob-0")[..], "main", ""] {
        ended(&filter(wrong), 4, "column `at` matched nothing in 1 rows");
    }
}
