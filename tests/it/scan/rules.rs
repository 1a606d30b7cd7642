//! What a list's preferences and rules make of it: purposes, paths, repositories, windows, regimes.

use super::case::{ADA, Scan, by_ada, by_bob, history, set};
use crate::support::{Commit, Repo};

fn preferences(preferences: &[&str]) -> String {
    let all: String = preferences.iter().map(|one| format!("[[subject.preference]]\n{one}\n")).collect();
    format!("{ADA}{all}")
}

/// Ada wrote `src/a.rs` and `docs/a.md`, Bob `b.txt`.
fn repo() -> Repo {
    history(|script| {
        let ada = script.add(by_ada([]).file("src/a.rs", "code\n").file("docs/a.md", "prose\n"));
        script.add(by_bob([ada]).file("b.txt", "bob\n"));
    })
}

const ALL: [&str; 5] = ["search", "train-ai", "x-embed", "x-eval", "x-train-other"];

#[test]
fn purposes_are_what_was_asked_for() {
    let found =
        Scan::of(&repo(), &preferences(&["decision = \"disallow\"\npurposes = [\"train-ai\"]"])).found();
    assert_eq!(found.purposes("src/a.rs"), ["train-ai"]);
    assert_eq!(Scan::of(&repo(), ADA).found().purposes("src/a.rs"), ALL);
}

#[test]
fn the_last_preference_that_applies_decides() {
    let back = "decision = \"allow\"";
    let gone = "decision = \"disallow\"";
    let search = "decision = \"allow\"\npurposes = [\"search\"]";
    assert!(Scan::of(&repo(), &preferences(&[gone, back])).found().entries.is_empty());
    assert_eq!(Scan::of(&repo(), &preferences(&[gone, back, gone])).found().purposes("src/a.rs"), ALL);
    assert_eq!(Scan::of(&repo(), &preferences(&[gone, search])).found().purposes("src/a.rs"), ALL[1..]);
}

/// Nobody's "allow" touches what another excludes.
#[test]
fn one_persons_consent_is_not_anothers() {
    let repo = history(|script| {
        script
            .add(by_bob([]).file("a.txt", "both\n").message("m\n\nCo-authored-by: Ada <ada@example.org>\n"));
    });
    let both = format!(
        "{ADA}[[subject]]\nid = \"s-8r5mw3pd\"\n[[subject.identity]]\nemail = \"bob@example.org\"\n\
         [[subject.preference]]\ndecision = \"allow\"\n"
    );
    assert_eq!(Scan::of(&repo, &both).found().files(), set(["a.txt"]));
}

#[test]
fn a_preference_about_paths() {
    let list = preferences(&["decision = \"disallow\"\npaths = [\"src/**\"]"]);
    let repo = repo();
    let found = Scan::of(&repo, &list).found();
    assert_eq!(found.files(), set(["src/a.rs"]));
    assert_eq!(found.ids("commit"), set([&repo.id("main~1")]), "the commit's diff shows src/a.rs");
}

/// What was written under a path that is excluded stays so when it is moved, and the other way round.
#[test]
fn a_move_does_not_leave_a_preference_about_paths() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("src/a.rs", "code\n").file("docs/a.md", "prose\n"));
        script.add(by_bob([ada]).rename("src/a.rs", "lib/a.rs").rename("docs/a.md", "src/a.md"));
    });
    let list = preferences(&["decision = \"disallow\"\npaths = [\"src/**\"]"]);
    assert_eq!(Scan::of(&repo, &list).found().files(), set(["lib/a.rs", "src/a.md"]));
    let but =
        preferences(&["decision = \"disallow\"", "decision = \"allow\"\npaths = [\"docs/**\", \"lib/**\"]"]);
    assert_eq!(Scan::of(&repo, &but).found().files(), set(["lib/a.rs", "src/a.md"]));
}

#[test]
fn a_preference_about_repositories() {
    let list = preferences(&["decision = \"disallow\"\nrepos = [\"corp/**\"]"]);
    let repo = repo();
    let named =
        |name: &str, out: &str| Scan::of(&repo, &list).args(["--repo", name]).found_in(out).files().len();
    assert_eq!(named("corp/engine", "one"), 2);
    assert_eq!(named("Corp/Engine", "two"), 2, "forges do not look at case");
    assert_eq!(named("other/engine", "three"), 0);
    // Without a name, the one in the URL of origin.
    repo.git(["remote", "add", "origin", "git@forge.example:corp/engine.git"]);
    assert_eq!(Scan::of(&repo, &list).found_in("four").files().len(), 2);
}

#[test]
fn a_preference_about_a_time() {
    let list =
        preferences(&["decision = \"disallow\"\nauthored = { from = 2020-01-01, until = 2020-12-31 }"]);
    // 1577836800 is 2020-01-01T00:00:00Z, 1609459199 is 2020-12-31T23:59:59Z.
    let repo = history(|script| {
        let mut last = None;
        for (name, written, committed) in [
            ("before", 1_577_836_799_u64, 1_577_836_799_u64),
            ("first", 1_577_836_800, 1_577_836_800),
            ("last", 1_609_459_199, 1_609_459_199),
            ("after", 1_609_459_200, 1_609_459_200),
            ("written-in-it", 1_600_000_000, 1_700_000_000),
            ("committed-in-it", 1_500_000_000, 1_600_000_000),
        ] {
            let commit = Commit::on(last).file(name, name).date(format!("{written} +0000"));
            last = Some(script.add(commit.commit_date(format!("{committed} +0000"))));
        }
    });
    let found = Scan::of(&repo, &list).found();
    assert_eq!(found.files(), set(["committed-in-it", "first", "last", "written-in-it"]));
}

/// A date that is made up does not allow: both would have to be in the window.
#[test]
fn dates_that_disagree_allow_nothing() {
    let list =
        preferences(&["decision = \"disallow\"", "decision = \"allow\"\nauthored = { from = 2020-01-01 }"]);
    let repo = history(|script| {
        let both = script.add(Commit::root().file("both", "both\n").date("1600000000 +0000"));
        script.add(
            Commit::on([both]).file("one", "one\n").date("1600000000 +0000").commit_date("1500000000 +0000"),
        );
    });
    assert_eq!(Scan::of(&repo, &list).found().files(), set(["one"]));
}

#[test]
fn a_rule_about_paths_excludes_whoever_wrote_it() {
    let rule = "[[rule]]\nid = \"r-hold\"\npaths = [\"docs/**\"]\npurposes = [\"train-ai\"]\n";
    let repo = repo();
    let found = Scan::of(&repo, rule).found();
    assert_eq!(found.files(), set(["docs/a.md"]));
    assert_eq!(found.purposes("docs/a.md"), ["train-ai"]);
    let path = &found.unit("path")[0];
    assert_eq!((path["path"].as_str(), path["repo"].as_str()), (Some("docs/a.md"), Some("repo")));
    assert_eq!(found.ids("commit"), set([&repo.id("main~1")]), "its diff shows docs/a.md");
    assert!(found.unit("repo").is_empty());
}

#[test]
fn a_rule_about_a_repository_excludes_all_of_it() {
    let rule = "[[rule]]\nid = \"r-hold\"\nrepos = [\"corp/legal/*\"]\n";
    let repo = repo();
    let held = Scan::of(&repo, rule).args(["--repo", "corp/legal/deeds"]).found_in("held");
    assert_eq!(held.unit("repo")[0]["repo"], "corp/legal/deeds");
    assert_eq!(held.files(), set(["b.txt", "docs/a.md", "src/a.rs"]));
    assert_eq!(held.ids("commit").len(), 2);
    assert!(Scan::of(&repo, rule).args(["--repo", "corp/engine"]).found_in("free").entries.is_empty());
}

/// In an opt-in regime only who allows is in.
#[test]
fn opt_in() {
    let allows = |id: &str, email: &str| {
        format!(
            "[[subject]]\nid = \"{id}\"\n[[subject.identity]]\nemail = \"{email}\"\n[[subject.preference]]\ndecision = \"allow\"\n"
        )
    };
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("ada", "ada\n"));
        let bob = script.add(by_bob([ada]).file("bob", "bob\n"));
        script.add(
            by_ada([bob]).file("both", "both\n").message("m\n\nCo-authored-by: Bob <bob@example.org>\n"),
        );
    });
    let ada = format!("regime = \"opt-in\"\n{}", allows("s-7q4kx2mn", "ada@example.org"));
    assert_eq!(Scan::of(&repo, &ada).found_in("one").files(), set(["bob", "both"]));
    let both = ada.clone() + &allows("s-8r5mw3pd", "bob@example.org");
    assert!(Scan::of(&repo, &both).found_in("two").entries.is_empty());
    let search = ada + "purposes = [\"search\"]\n";
    assert_eq!(Scan::of(&repo, &search).found_in("three").purposes("ada"), ALL[1..]);
}

/// A mapping only widens: in an opt-in regime the mailmap of the scanned tree lets nobody in.
#[test]
fn opt_in_by_mailmap_is_no_consent() {
    let list = "regime = \"opt-in\"\n[[subject]]\nid = \"s-7q4kx2mn\"\n[[subject.identity]]\nemail = \"ada@example.org\"\n\
                [[subject.preference]]\ndecision = \"allow\"\n";
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file(".mailmap", "Ada <ada@example.org> <bob@example.org>\n"));
        script.add(by_bob([ada]).file("bob", "bob\n"));
    });
    assert_eq!(Scan::of(&repo, list).found().files(), set(["bob"]));
}

/// Imported history without a usable author.
#[test]
fn what_nobody_can_be_found_for() {
    let repo = history(|script| {
        let import = script.add(Commit::root().author("(no author)", "").file("imported", "one\ntwo\n"));
        script.add(by_bob([import]).file("bob", "bob\n"));
    });
    let found = Scan::of(&repo, ADA).found_in("one");
    assert_eq!(found.files(), set(["imported"]));
    assert_eq!(found.summary["files"], serde_json::json!({"all": 2, "excluded": 1, "unknown": 1}));
    assert_eq!(found.summary["lines"], serde_json::json!({"all": 3, "excluded": 2, "unknown": 2}));
    assert_eq!(found.summary["commits"], serde_json::json!({"all": 2, "excluded": 1, "unknown": 1}));
    let included = Scan::of(&repo, &format!("on-unattributed = \"include\"\n{ADA}")).found_in("two");
    assert!(included.entries.is_empty());
    // An address is missing, but the name is known and asked for.
    let named = "on-unattributed = \"include\"\n[[subject]]\nid = \"s-7q4kx2mn\"\n\
                 [[subject.identity]]\nname = \"(no author)\"\nname-alone = true\n";
    let found = Scan::of(&repo, named).found_in("three");
    assert_eq!(found.summary["lines"], serde_json::json!({"all": 3, "excluded": 2, "unknown": 0}));
}
