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
