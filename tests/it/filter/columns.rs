//! What is known of columns before they are trusted.

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
    ended(&place.run("verify", &[&data, "--key", "id"]), 2, "expected COLUMN=KIND");
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
        (Place::new(), Place::with(&LIST.replace("ada@", "bob@").replace("serial = 7", "serial = 8"), &[]));
    let data = place.write("data.jsonl", &place.rows(&["ada-0", "bob-0", "both-0"]));
    let more = other.arg("m");
    let found = place.json("verify", 1, &[&[&data[..], "-m", &more][..], &KEY].concat());
    assert_eq!(counts(&found), [3, 0, 3, 0]);
}
