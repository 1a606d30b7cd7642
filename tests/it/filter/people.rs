//! Lists held directly against rows that name people: what else a list says counts, too.

use super::*;

/// How `verify` ends for each row by itself; `who` names the person.
fn each<const N: usize>(list: &str, more: &[&str], rows: [Value; N]) -> [i32; N] {
    let place = Place::new();
    fs::write(place.at("list.toml"), list).unwrap();
    rows.map(|row| {
        let data = place.write("data.jsonl", &[row]);
        let list = place.arg("list.toml");
        let args = ["verify", "--no-cache", &data, "-l", &list, "--identity", "who"];
        place.repo.withhold([&args[..], more].concat()).status
    })
}

fn row(repo: Option<&str>, path: Option<&str>) -> Value {
    json!({"who": "bob@example.org", "repo": repo, "path": path})
}

#[test]
fn a_rule_counts_in_the_repository_that_it_names_or_may_name() {
    let rule =
        "schema = 1\nlist = \"corp/all\"\nserial = 7\n[[rule]]\nid = \"r-1\"\nrepos = [\"corp/legal\"]\n";
    let rows = || {
        [Some("corp/legal"), Some("https://github.com/Corp/legal/issues/7"), None, Some("a|b"), Some("a/b")]
            .map(|repo| row(repo, Some("x.rs")))
    };
    assert_eq!(each(rule, &["--key", "repo=repo"], rows()), [1, 1, 1, 1, 0]);
    // Where nothing tells the repository it may be any.
    assert_eq!(each(rule, &[], rows()), [1; 5]);
    let other = format!("{rule}purposes = [\"search\"]\n");
    assert_eq!(each(&other, &["--key", "repo=repo", "--purpose", "train-ai"], rows()), [0; 5]);
}

#[test]
fn a_rule_about_paths_counts_where_rows_tell_theirs() {
    let rule = "schema = 1\nlist = \"corp/all\"\nserial = 7\n\
                [[rule]]\nid = \"r-1\"\nrepos = [\"corp/legal\"]\npaths = [\"secret/**\"]\n";
    let rows = || {
        [
            row(Some("corp/legal"), Some("/secret/a.rs")),
            row(Some("corp/legal"), None),
            row(Some("corp/legal"), Some("src/a.rs")),
            row(Some("a/b"), Some("secret/a.rs")),
        ]
    };
    // What is no path could be any.
    let doubts = ["src/../secret/a.rs", "secret\\a.rs", "https://x.example/corp/legal/secret/a.rs"];
    let doubts = doubts.map(|path| row(Some("corp/legal"), Some(path)));
    assert_eq!(each(rule, &["--key", "repo=repo", "--key", "path=path"], doubts), [1; 3]);
    let gap = |name: &str| json!({"who": "bob@example.org", "repo": ["corp/legal"], "path": ["x.rs"], name: [null, "x/y"]});
    assert_eq!(each(rule, &["--key", "repo=repo", "--key", "path=path"], [gap("path")]), [1]);
    let anywhere = rule.replace("paths = [\"secret/**\"]\n", "");
    assert_eq!(each(&anywhere, &["--key", "repo=repo"], [gap("repo")]), [1]);
    assert_eq!(each(rule, &["--key", "repo=repo", "--key", "path=path"], rows()), [1, 1, 0, 0]);
    // An issue has no path, and a rule about paths says nothing of it.
    assert_eq!(each(rule, &["--key", "repo=repo"], rows()), [0; 4]);
}

#[test]
fn logins_are_of_a_forge_that_a_list_names() {
    let list = "schema = 1\nlist = \"corp/all\"\nserial = 7\n\
                [[subject]]\nid = \"s-ada\"\n[[subject.identity]]\nforge = \"gitlab.com:ada\"\n";
    let look = |more: &[&str]| each(list, more, [json!({"who": "ada"}), json!({"who": "bob"})]);
    for forge in ["gitlab.com", "GitLab.com", "gitlab.com."] {
        assert_eq!(look(&["--forge", forge]), [1, 0], "{forge}");
    }
    for wrong in ["https://gitlab.com", "gitlab.com/", "gitlab", "gitlab.com:443", "", "github.com"] {
        assert_eq!(look(&["--forge", wrong]), [2, 2], "{wrong:?}");
    }
    assert_eq!(look(&[]), [2, 2], "logins of the forge that is meant by default would match nobody");
    // Where lists name nobody by an account there is nothing to mistake.
    assert_eq!(each(LIST, &[], [json!({"who": "ada@example.org"}), json!({"who": "bob"})]), [1, 0]);

    let place = Place::new();
    fs::write(place.at("list.toml"), list).unwrap();
    let data = place.write("data.jsonl", &[json!({"who": "ada"})]);
    let refused = place.repo.withhold(["verify", &data, "-l", &place.arg("list.toml"), "--identity", "who"]);
    ended(&refused, 2, "no list names an account at github.com");
    ended(&refused, 2, "--forge gitlab.com");
}
