//! Who is meant: every spelling of a person, and nobody else.

use super::case::{ADA, HEAD, Scan, by_bob, history, set};
use crate::support::{Commit, Repo};

/// One subject with these identities, each a line of TOML or several.
fn subject(identities: &[&str]) -> String {
    let identities: String =
        identities.iter().map(|identity| format!("[[subject.identity]]\n{identity}\n")).collect();
    format!("[[subject]]\nid = \"s-7q4kx2mn\"\n{identities}")
}

/// A file for each of these authors, called by its number.
fn files_of<N: AsRef<[u8]>, E: AsRef<[u8]>>(authors: &[(N, E)]) -> Repo {
    history(|script| {
        let mut last = None;
        for (number, (name, email)) in authors.iter().enumerate() {
            let commit = Commit::on(last).author(name, email);
            last = Some(script.add(commit.file(number.to_string(), format!("work {number}\n"))));
        }
    })
}

/// Which of the authors a list excludes.
#[track_caller]
fn excluded<N: AsRef<[u8]>, E: AsRef<[u8]>>(list: &str, authors: &[(N, E)]) -> Vec<usize> {
    let repo = files_of(authors);
    let found = Scan::of(&repo, list).found();
    found.files().iter().map(|name| name.parse().unwrap()).collect()
}

#[test]
fn an_address_in_any_spelling() {
    let list = subject(&["email = \"Zo\u{eb}@B\u{fc}cher.example\""]);
    let authors: [(&str, &[u8]); 8] = [
        ("a", "zo\u{eb}@b\u{fc}cher.example".as_bytes()),
        ("b", "ZO\u{cb}@B\u{dc}CHER.EXAMPLE".as_bytes()),
        ("c", "zoe\u{308}@bu\u{308}cher.example".as_bytes()),
        ("d", "zo\u{eb}@xn--bcher-kva.example".as_bytes()),
        ("e", b"Zo\xeb@B\xfccher.example"),
        ("f", " zo\u{eb}@b\u{fc}cher.example ".as_bytes()),
        ("g", b"zoe@bucher.example"),
        ("h", b"zoe+x@b\xc3\xbccher.example"),
    ];
    assert_eq!(excluded(&list, &authors), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn noreply_addresses_are_the_accounts() {
    let list = subject(&["forge = \"github.com:583231\"", "forge = \"gitlab.com:Ada-B\""]);
    let authors = [
        ("a", "583231+octocat@users.noreply.github.com"),
        ("b", "583231+renamed@users.noreply.github.com"),
        ("c", "583231-ada@users.noreply.github.com"),
        ("d", "12-ada-b@users.noreply.gitlab.com"),
        ("e", "ada-b@users.noreply.gitlab.com"),
        ("f", "583231@users.noreply.github.com"),
        ("g", "58323+octocat@users.noreply.github.com"),
        ("h", "583231+octocat@users.noreply.gitlab.com"),
        ("i", "octocat@users.noreply.github.com"),
        ("j", "583231@github.com"),
    ];
    assert_eq!(excluded(&list, &authors), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn globs_names_and_domains() {
    let list = subject(&["email = \"*@consultants.example\"", "name = \"Ada Byron\"\nname-alone = true"]);
    let authors = [
        ("x", "eve@Consultants.Example"),
        ("ada  BYRON", "x@y.example"),
        ("Ada", "ada@consultants.example.org"),
        ("Ada Byron Jr", "x@y.example"),
    ];
    assert_eq!(excluded(&list, &authors), [0, 1]);
    let plus = format!(
        "plus-addresses = [\"gmail.com\"]\nignore-dots = [\"gmail.com\"]\n{}",
        subject(&["email = \"ada@gmail.com\""])
    );
    let authors = [("x", "A.da+git@gmail.com"), ("x", "a.da@corp.example"), ("x", "adb@gmail.com")];
    assert_eq!(excluded(&plus, &authors), [0]);
}

/// The hash of ada@corp.example under this key, by openssl.
const KEY: &str = "0123456789abcdef0123456789abcdef";
const HASH: &str = "email-hmac = \"e376aeaf1ef6cc28a8bb66563477d6556d4925eb21388e184b57811cfe20abc4\"";

#[test]
fn keyed_hashes_need_their_key() {
    let repo = files_of(&[("x", "ADA@Corp.example"), ("y", "bob@corp.example")]);
    let list = subject(&[HASH]);
    let said = Scan::of(&repo, &list).fails(3);
    assert!(said.contains("no key") && said.contains("--key-file"), "{said}");

    let file = repo.beside("key");
    std::fs::write(&file, format!("{KEY}\n")).unwrap();
    let by_file = Scan::of(&repo, &list).args(["--key-file".as_ref(), file.as_os_str()]).found_in("one");
    assert_eq!(by_file.files(), set(["0"]));
    assert_eq!(Scan::of(&repo, &list).env("WITHHOLD_KEY", KEY).found_in("two").files(), set(["0"]));
    // With another key nobody is met, and that is said.
    let wrong = Scan::of(&repo, &list).env("WITHHOLD_KEY", &KEY.replace('0', "1")).found_in("three");
    assert!(wrong.files().is_empty() && wrong.said.contains("matched-nobody"), "{}", wrong.said);
    assert!(Scan::of(&repo, &list).env("WITHHOLD_KEY", "short").fails(3).contains("needs at least"));
    assert!(Scan::of(&repo, &list).args(["--key-file", "/nowhere/key"]).fails(3).contains("/nowhere/key"));
}

/// The scanned tree's own mailmap says that Ada is Bob. It does not free her.
#[test]
fn a_mailmap_frees_nobody() {
    let repo = history(|script| {
        let ada = script.add(Commit::root().file("ada.txt", "ada\n"));
        script.add(by_bob([ada]).file(".mailmap", "Bob <bob@example.org> <ada@example.org>\n"));
    });
    assert_eq!(Scan::of(&repo, ADA).found().files(), set(["ada.txt"]));
}

/// It says that an alias is Ada: then the alias is excluded too.
#[test]
fn a_mailmap_adds_an_alias() {
    let repo = history(|script| {
        let alias = script.add(Commit::root().author("A.", "Old@Home.example").file("alias.txt", "alias\n"));
        script.add(by_bob([alias]).file(".mailmap", "Ada <ADA@example.org> <old@home.example>\n"));
    });
    let found = Scan::of(&repo, ADA).found();
    assert_eq!(found.files(), set(["alias.txt"]));
    assert!(!found.said.contains("matched-nobody"));
}

/// The mailmap of the scanned revision counts, not one of another, nor one that is a link.
#[test]
fn only_the_scanned_revisions_mailmap_counts() {
    let repo = history(|script| {
        let alias = script.add(Commit::root().author("A.", "old@home.example").file("alias.txt", "alias\n"));
        script.add(
            by_bob([alias])
                .file("map", "Ada <ada@example.org> <old@home.example>\n")
                .symlink(".mailmap", "map"),
        );
    });
    assert!(Scan::of(&repo, ADA).found().files().is_empty());
}

/// 2024-09-30 is the last day on which the address was Ada's.
#[test]
fn an_address_that_went_to_somebody_else() {
    let list = subject(&["email = \"ada@example.org\"\nuntil = 2024-09-30"]);
    // 1727740799 is 2024-09-30T23:59:59Z.
    let repo = history(|script| {
        let hers = script.add(Commit::root().file("hers", "hers\n").date("1727740799 +0200"));
        let theirs = script.add(Commit::on([hers]).file("theirs", "theirs\n").date("1727740800 -0500"));
        // Where the dates disagree, either may be true.
        let old = script.add(
            Commit::on([theirs])
                .file("dated-back", "1\n")
                .date("1727740800 +0000")
                .commit_date("1727740799 +0000"),
        );
        script.add(
            Commit::on([old])
                .file("dated-on", "2\n")
                .date("1727740000 +0000")
                .commit_date("1800000000 +0000"),
        );
    });
    assert_eq!(Scan::of(&repo, &list).found().files(), set(["dated-back", "dated-on", "hers"]));
}

/// A date that nobody can read may have been any time.
#[test]
fn an_unreadable_date_is_decided_for_the_person() {
    let repo = Repo::bare();
    let blob = repo.git_with(["hash-object", "-w", "--stdin"], b"hers\n").line();
    let tree = repo.git_with(["mktree"], format!("100644 blob {blob}\ta.txt\n").as_bytes()).line();
    let commit = format!(
        "tree {tree}\nauthor Ada <ada@example.org> sometime\ncommitter Bob <bob@example.org> 1800000000 +0000\n\nm\n"
    );
    let commit = repo.write_object("commit", commit.as_bytes());
    repo.point_main_at(&commit);
    let list = subject(&["email = \"ada@example.org\"\nuntil = 2024-09-30"]);
    assert_eq!(Scan::of(&repo, &list).found().files(), set(["a.txt"]));
}

/// Latin-1 in the header, UTF-8 in the list.
#[test]
fn a_name_in_another_encoding() {
    let repo = history(|script| {
        script.add(
            Commit::root()
                .author(b"J\xf6rg B\xe4r", "x@y.example")
                .encoding("ISO-8859-1")
                .file("a.txt", "a\n"),
        );
    });
    let list = subject(&["name = \"JÖRG Bär\"\nname-alone = true"]);
    assert_eq!(Scan::of(&repo, &list).found().files(), set(["a.txt"]));
}

/// Nobody relabels authorship by pushing a replacement.
#[test]
fn a_replacement_frees_nobody() {
    let repo = history(|script| {
        script.add(Commit::root().file("a.txt", "ada\n"));
    });
    let original = repo.git(["cat-file", "commit", "main"]).stdout;
    let replaced =
        String::from_utf8(original).unwrap().replace("Ada <ada@example.org>", "Bob <bob@example.org>");
    let replaced = repo.write_object("commit", replaced.as_bytes());
    repo.git(["update-ref", &format!("refs/replace/{}", repo.id("main")), &replaced]);
    assert_eq!(Scan::of(&repo, ADA).found().files(), set(["a.txt"]));
}

/// Two lists that know each one of them: both are excluded, and each is met.
#[test]
fn two_lists_add_up() {
    let repo =
        files_of(&[("Ada", "ada@example.org"), ("Bob", "bob@example.org"), ("Eve", "eve@example.org")]);
    let bob = HEAD.replace("corp", "other") + &subject(&["email = \"bob@example.org\""]);
    let found = Scan::of(&repo, ADA).list("other.toml", &bob).found();
    assert_eq!(found.files(), set(["0", "1"]));
    assert_eq!(found.header["lists"].as_array().unwrap().len(), 2);
    assert!(!found.said.contains("matched-nobody"));
}
