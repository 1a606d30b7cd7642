//! Commits that are looked through: those by bots, and those that the organisation names.
//!
//! It adds, and takes nothing away: lines go also to those who had them before.

use super::case::{ADA, Found, HEAD, Scan, by_ada, by_bob, history, text};
use crate::support::{Commit, Mark, Repo};

const BOT: &str = "[[bot]]\nemail = \"*[[]bot]@example.org\"\n";

fn by_bot(parents: impl IntoIterator<Item = Mark>) -> Commit {
    Commit::on(parents).author("Formatter", "7+formatter[bot]@example.org")
}

fn shouted(text: &str) -> String {
    text.replace("says", "says:")
}

/// Ada writes five lines, Bob five more, and a bot changes all of them, and adds one.
fn reformatted(message: &str) -> Repo {
    history(|script| {
        let ada = script.add(by_ada([]).file("a.txt", text("ada", 5)));
        let both = text("ada", 5) + &text("bob", 5);
        let bob = script.add(by_bob([ada]).file("a.txt", &both));
        script.add(by_bot([bob]).file("a.txt", shouted(&both) + "~~~~\n").message(message));
    })
}

fn lines(found: &Found) -> Vec<u64> {
    found.lines("a.txt").into_iter().collect()
}

#[test]
fn a_bot_takes_no_lines() {
    let repo = reformatted("format\n");
    assert_eq!(lines(&Scan::of(&repo, ADA).found_in("without")), [0_u64; 0]);
    assert_eq!(lines(&Scan::of(&repo, &format!("{ADA}{BOT}")).found()), [1, 2, 3, 4, 5]);
}

/// What it adds of its own is judged by its own people.
#[test]
fn a_bots_own_lines_are_its_own() {
    let repo = reformatted("format\n");
    let bot = "[[subject]]\nid = \"s-8r5mw3pd\"\nidentity = [{ email = \"*formatter*\" }]\n";
    assert_eq!(lines(&Scan::of(&repo, &format!("{bot}{BOT}")).found()), (1..=11).collect::<Vec<_>>());
}

/// A claim to be a bot frees nobody who had a part in the commit.
#[test]
fn who_helps_a_bot_stays_excluded() {
    let repo = reformatted("format\n\nCo-authored-by: Ada <ada@example.org>\n");
    let all: Vec<u64> = (1..=11).collect();
    assert_eq!(lines(&Scan::of(&repo, ADA).found_in("without")), all);
    assert_eq!(lines(&Scan::of(&repo, &format!("{ADA}{BOT}")).found()), all);
}

/// Who is not on an opt-in list is excluded, under whatever name.
#[test]
fn a_claim_to_be_a_bot_includes_nothing() {
    let repo = reformatted("format\n");
    let regime = "regime = \"opt-in\"\n";
    let allow = |id: &str, email: &str| {
        format!(
            "[[subject]]\nid = \"{id}\"\nidentity = [{{ email = \"{email}\" }}]\npreference = [{{ decision = \"allow\" }}]\n"
        )
    };
    let bob = allow("s-8r5mw3pd", "bob@example.org");
    let found = Scan::of(&repo, &format!("{regime}{bob}{BOT}")).found_in("bob");
    assert_eq!(lines(&found), (1..=11).collect::<Vec<_>>());
    // Listed itself, it lets through what is Bob's; what was Ada's stays excluded.
    let bot = allow("s-9t6nx4qe", "*formatter*");
    let found = Scan::of(&repo, &format!("{regime}{bob}{bot}{BOT}")).found();
    assert_eq!(lines(&found), [1, 2, 3, 4, 5]);
}

/// A block that somebody moves under a bot's name is looked for as if it were not one, too.
#[test]
fn a_move_under_a_bots_name() {
    let moved = text("bob", 9) + &text("ada", 6);
    let repo = history(|script| {
        let ada = script.add(
            by_ada([]).file("ada.txt", text("ada", 12)).file("a.txt", text("bob", 9).replace("says", "did")),
        );
        let bob = script.add(by_bob([ada]).file("a.txt", text("bob", 9)));
        script.add(by_bot([bob]).file("a.txt", &moved).file("ada.txt", "moved\n"));
    });
    let found = Scan::of(&repo, &format!("{ADA}{BOT}")).found();
    assert!(found.lines("a.txt").is_superset(&(10..=15).collect()));
}

/// By the name in the commit alone: the repository's mailmap makes nobody a bot.
#[test]
fn a_mailmap_makes_no_bots() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("a.txt", text("ada", 5)));
        let map = "Formatter <7+formatter[bot]@example.org> <bob@example.org>\n";
        script.add(by_bob([ada]).file("a.txt", shouted(&text("ada", 5))).file(".mailmap", map));
    });
    assert_eq!(lines(&Scan::of(&repo, &format!("{ADA}{BOT}")).found()), [0_u64; 0]);
}

/// The organisation names a commit, in its policy or in a file.
#[test]
fn commits_that_are_named() {
    let repo = reformatted("format\n");
    let id = repo.id("HEAD");
    let policy = format!("{ADA}[policy]\nignore-revs = [\"{id}\"]\n");
    let by_policy = Scan::of(&repo, &policy).found_in("policy");
    assert_eq!(lines(&by_policy), [1, 2, 3, 4, 5]);
    std::fs::write(repo.beside("revs"), format!("# the formatter\n{id}\n")).unwrap();
    let file = repo.beside("revs").into_os_string();
    let by_file = Scan::of(&repo, ADA).args(["--ignore-revs-file".into(), file]).found_in("file");
    assert_eq!(lines(&by_file), [1, 2, 3, 4, 5]);
    assert_eq!(by_policy.header["policy_digest"], by_file.header["policy_digest"]);
    assert_ne!(by_file.header["policy_digest"], Scan::of(&repo, ADA).found().header["policy_digest"]);
}

/// To name Ada's commit takes nothing of hers away.
#[test]
fn naming_a_commit_frees_nobody() {
    let repo = history(|script| {
        let bob = script.add(by_bob([]).file("a.txt", text("bob", 8)));
        script.add(by_ada([bob]).file("a.txt", shouted(&text("bob", 8))));
    });
    let policy = format!("{ADA}[policy]\nignore-revs = [\"{}\"]\n", repo.id("HEAD"));
    assert_eq!(lines(&Scan::of(&repo, &policy).found()), (1..=8).collect::<Vec<_>>());
}

/// The scanned repository has no say in it: not by its configuration, and not by its own list.
#[test]
fn the_repository_has_no_say_in_it() {
    let own = |rest: &str| HEAD.replace("corp.example", "own.example") + rest;
    for rest in [BOT.to_owned(), format!("[policy]\nignore-revs = [\"{}\"]\n", "1".repeat(40))] {
        let repo = history(|script| {
            script.add(by_ada([]).file("a.txt", text("ada", 5)).file(".withhold/optout.toml", own(&rest)));
        });
        let said = Scan::of(&repo, ADA).fails(3);
        assert!(said.contains("layer-loosens"), "{said}");
        assert!(Scan::without_list(&repo).fails(3).contains("layer-loosens"));
        // Who gives it on the command line, means it.
        Scan::without_list(&repo).list("same.toml", &own(&rest)).found();
    }
    let repo = reformatted("format\n");
    std::fs::write(repo.beside("revs"), repo.id("HEAD")).unwrap();
    repo.git(["config", "blame.ignoreRevsFile", &repo.beside("revs").display().to_string()]);
    assert_eq!(lines(&Scan::of(&repo, ADA).found()), [0_u64; 0]);
}

#[test]
fn explain_tells_both_commits() {
    let repo = reformatted("format\n\nCo-authored-by: Ada <ada@example.org>\n");
    std::fs::write(repo.beside("list.toml"), format!("{HEAD}{ADA}{BOT}")).unwrap();
    let list = repo.beside("list.toml").into_os_string();
    let told = repo.withhold(["explain".into(), "a.txt:7".into(), "--list".into(), list]);
    let told = String::from_utf8(told.stdout).unwrap();
    let [bot, bob] = ["HEAD", "HEAD~1"].map(|rev| repo.id(rev));
    assert!(told.contains("excluded") && told.contains(&bot) && told.contains(&bob), "{told}");
}
