//! Who had which part: authors and co-authors count, others where a preference names them.

use super::case::{ADA, Found, Scan, by_ada, by_bob, history, set};
use crate::support::Repo;

fn asking_for(role: &str) -> String {
    format!("{ADA}[[subject.preference]]\ndecision = \"disallow\"\nroles = [\"{role}\"]\n")
}

/// One commit by Bob with this message.
fn with_message(message: &str) -> Repo {
    history(|script| {
        script.add(by_bob([]).file("a.txt", "line\n").message(message));
    })
}

#[test]
fn co_authors_wherever_and_however_they_are_named() {
    for message in [
        "subject\n\nCo-authored-by: Ada <ada@example.org>\n",
        "subject\n\nCo-Authored-By: Ada <ADA@Example.ORG>\n",
        "subject\nCO-AUTHORED-BY:ada@example.org\n",
        "subject (#12)\n\n* first\n\nCo-authored-by: Ada <ada@example.org>\n\n* second\n\nCloses: 13\n",
        "subject\n\nglued to prose\nco-authored-by: Ada\n  <ada@example.org>\nand more prose\n",
        "subject\r\n\r\nCo-developed-by: Eve <eve@x>, Ada <ada@example.org>\r\n",
        "Co-authored-by: Ada <ada@example.org>",
    ] {
        let found = Scan::of(&with_message(message), ADA).found();
        assert_eq!(found.files(), set(["a.txt"]), "{message}");
        assert_eq!(found.ids("commit").len(), 1, "{message}");
    }
    let other = with_message(
        "Thanks to Ada <ada@example.org>, who is no co-author.\n\nReviewed-by: Ada <ada@example.org>\n",
    );
    assert!(Scan::of(&other, ADA).found().entries.is_empty());
}

#[test]
fn who_signed_off_only_if_asked() {
    let repo = with_message("subject\n\nSigned-off-by: Ada <ada@example.org>\n");
    assert!(Scan::of(&repo, ADA).found().entries.is_empty());
    assert_eq!(Scan::of(&repo, &asking_for("signed-off-by")).found().files(), set(["a.txt"]));
}

/// Bob wrote it, Ada committed it.
#[test]
fn the_committer_only_if_asked() {
    let repo = history(|script| {
        script.add(by_bob([]).committer("Ada", "ada@example.org").file("a.txt", "line\n"));
    });
    assert!(Scan::of(&repo, ADA).found().entries.is_empty());
    let found = Scan::of(&repo, &asking_for("committer")).found();
    assert_eq!((found.files(), found.ids("commit").len()), (set(["a.txt"]), 1));
}

/// Asked for one role, the others are free.
#[test]
fn a_role_that_is_not_named_is_not_meant() {
    let repo = history(|script| {
        script.add(by_ada([]).committer("Bob", "bob@example.org").file("a.txt", "line\n"));
    });
    assert!(Scan::of(&repo, &asking_for("committer")).found().entries.is_empty());
    assert_eq!(Scan::of(&repo, &asking_for("author")).found().files(), set(["a.txt"]));
}

/// A repository of Bob's, and objects that are tags.
fn tagged(tags: &[(&str, &str, &str)]) -> (Repo, Vec<String>) {
    let repo = history(|script| {
        script.add(by_bob([]).file("a.txt", "line\n"));
    });
    let mut ids: Vec<String> = Vec::new();
    for (name, target, tagger) in tags {
        let (target, kind) = match *target {
            "before" => (ids.last().unwrap().clone(), "tag"),
            rev => (
                repo.id(rev),
                if rev.ends_with(".txt") {
                    "blob"
                } else if rev.ends_with("^{tree}") {
                    "tree"
                } else {
                    "commit"
                },
            ),
        };
        let tagger =
            if tagger.is_empty() { String::new() } else { format!("tagger {tagger} 1700000500 +0000\n") };
        let body = format!("object {target}\ntype {kind}\ntag {name}\n{tagger}\nabout {name}\n");
        let id = repo.write_object("tag", body.as_bytes());
        repo.git(["update-ref", &format!("refs/tags/{name}"), &id]);
        ids.push(id);
    }
    (repo, ids)
}

const BY_ADA: &str = "Ada <ada@example.org>";
const BY_BOB: &str = "Bob <bob@example.org>";

fn tags(found: &Found, ids: &[String], excluded: &[usize]) {
    let expected = excluded.iter().map(|at| ids[*at].as_str()).collect();
    assert_eq!(found.ids("tag"), expected);
    for id in ids {
        assert!(found.covers(id), "{id}");
    }
    assert!(found.files().is_empty() && found.ids("commit").is_empty(), "a tagger wrote no file");
}

#[test]
fn an_annotated_tag_is_its_taggers() {
    let (repo, ids) = tagged(&[("one", "main", BY_ADA), ("two", "main", BY_BOB)]);
    tags(&Scan::of(&repo, ADA).found(), &ids, &[0]);
    tags(&Scan::of(&repo, &asking_for("tagger")).found(), &ids, &[0]);
    tags(&Scan::of(&repo, &asking_for("committer")).found(), &ids, &[]);
}

#[test]
fn a_tag_of_a_file_or_a_folder_or_a_tag() {
    let (repo, ids) = tagged(&[
        ("file", "main:a.txt", BY_ADA),
        ("folder", "main^{tree}", BY_ADA),
        ("inner", "main", BY_ADA),
        ("outer", "before", BY_BOB),
        ("outermost", "before", BY_ADA),
    ]);
    tags(&Scan::of(&repo, ADA).found(), &ids, &[0, 1, 2, 4]);
}

/// Old tags have no tagger; then nobody can be found for them.
#[test]
fn a_tag_without_a_tagger_is_unknown() {
    let (repo, ids) = tagged(&[("old", "main", "")]);
    let found = Scan::of(&repo, ADA).found();
    tags(&found, &ids, &[0]);
    assert_eq!(found.summary["tags"], serde_json::json!({"all": 1, "excluded": 1, "unknown": 1}));
    tags(&Scan::of(&repo, &format!("on-unattributed = \"include\"\n{ADA}")).found(), &ids, &[]);
}

/// A nested tag is looked at even if only the outer one has a ref.
#[test]
fn a_tag_that_only_a_tag_names() {
    let (repo, ids) = tagged(&[("inner", "main", BY_ADA), ("outer", "before", BY_BOB)]);
    repo.git(["update-ref", "-d", "refs/tags/inner"]);
    tags(&Scan::of(&repo, ADA).found(), &ids, &[0]);
}

#[test]
fn a_lightweight_tag_is_nothing() {
    let repo = history(|script| {
        script.add(by_ada([]).file("a.txt", "line\n"));
    });
    repo.git(["tag", "light", "main"]);
    repo.git(["tag", "of-a-file", "main:a.txt"]);
    let found = Scan::of(&repo, ADA).found();
    assert_eq!(found.summary["tags"]["all"], 0);
    assert!(found.unit("tag").is_empty());
}

/// Notes are texts about commits, with a history of their own.
#[test]
fn notes_are_their_authors() {
    let repo = history(|script| {
        script.add(by_bob([]).file("a.txt", "line\n"));
    });
    // The environment's author is Ada.
    repo.git(["notes", "add", "-m", "ada thinks so", "main"]);
    repo.git(["notes", "--ref", "review", "add", "-m", "and reviewed it", "main"]);
    let found = Scan::of(&repo, ADA).found();
    let note = |name: &str| repo.id(&format!("refs/notes/{name}:{}", repo.id("main")));
    for name in ["commits", "review"] {
        assert!(found.ids("commit").contains(repo.id(&format!("refs/notes/{name}")).as_str()));
        assert!(found.ids("blob").contains(note(name).as_str()), "{name}");
        assert!(found.ids("lines").contains(note(name).as_str()), "{name}");
        assert_eq!(found.reference(&format!("refs/notes/{name}"))["files"], 1);
    }
    assert!(!found.files().contains("a.txt") && !found.ids("commit").contains(repo.id("main").as_str()));
    assert_eq!(found.summary["files"]["excluded"], 0, "notes are no files of the revision");
}

/// A commit message and a diff are training data as much as a file, though nothing of it stands any more.
#[test]
fn commits_whose_lines_are_gone() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("a.txt", "ada\n"));
        let empty = script.add(by_ada([ada]).message("nothing changed\n"));
        script.add(by_bob([empty]).file("a.txt", "bob\n"));
    });
    let found = Scan::of(&repo, ADA).found();
    assert_eq!(found.files(), set([]));
    assert_eq!(found.ids("commit"), set([&repo.id("main~2"), &repo.id("main~1")]));
}
