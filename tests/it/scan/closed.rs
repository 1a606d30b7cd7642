//! Whatever cannot be read ends the scan: an error is never "nothing excluded".

use super::case::{ADA, HEAD, Scan, by_ada, by_bob, history, text};
use super::privacy::unpacked;
use crate::support::{Commit, Repo};

/// A file whose first version is only in history.
fn repo() -> Repo {
    history(|script| {
        let ada = script.add(by_ada([]).file("a.txt", text("ada", 20)));
        script.add(by_bob([ada]).file("a.txt", text("ada", 20) + "bob\n"));
    })
}

#[test]
fn an_object_of_history_that_is_missing() {
    for rev in ["main~1:a.txt", "main:a.txt", "main~1^{tree}", "main~1"] {
        let repo = repo();
        let id = unpacked(&repo, rev);
        std::fs::remove_file(repo.loose(&id)).unwrap();
        let said = Scan::of(&repo, ADA).fails(5);
        assert!(said.contains(&id), "{rev}: {said}");
    }
}

/// As after a crash or on a bad disk: cut short, empty, or filled with something else.
#[test]
fn an_object_that_is_damaged() {
    let cut: fn(&mut Vec<u8>) = |bytes| bytes.truncate(bytes.len() / 2);
    let empty: fn(&mut Vec<u8>) = Vec::clear;
    let garbled: fn(&mut Vec<u8>) = |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle..].fill(0xaa);
    };
    for rev in ["main~1:a.txt", "main:a.txt", "main^{tree}", "main"] {
        let repo = repo();
        let id = unpacked(&repo, rev);
        let file = repo.loose(&id);
        let whole = std::fs::read(&file).unwrap();
        for damage in [cut, empty, garbled] {
            let mut bytes = whole.clone();
            damage(&mut bytes);
            std::fs::remove_file(&file).unwrap();
            std::fs::write(&file, bytes).unwrap();
            let said = Scan::of(&repo, ADA).fails(5);
            assert!(said.contains(&id), "{rev}: {said}");
        }
    }
}

/// A blob that says something else than its id: its keys would be lies.
#[test]
fn a_content_under_a_wrong_id() {
    let repo = repo();
    let id = unpacked(&repo, "main:a.txt");
    let other = repo.write_object("blob", b"something else\n");
    std::fs::remove_file(repo.loose(&id)).unwrap();
    std::fs::copy(repo.loose(&other), repo.loose(&id)).unwrap();
    let said = Scan::of(&repo, ADA).fails(5);
    assert!(said.contains(&id), "{said}");
}

#[test]
fn a_tag_or_a_note_that_cannot_be_read() {
    let missing = "1234567890123456789012345678901234567890\n";
    for name in ["tags/v1", "notes/commits"] {
        let repo = repo();
        let file = repo.path().join("refs").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, missing).unwrap();
        let said = Scan::of(&repo, ADA).fails(5);
        assert!(said.contains(missing.trim()), "{name}: {said}");
    }
}

/// Nothing scanned is not nothing found.
#[test]
fn nothing_to_scan() {
    let empty = history(|script| {
        let file = script.add(by_ada([]).file("a.txt", "ada\n"));
        script.add(by_bob([file]).delete_all());
    });
    assert!(Scan::of(&empty, ADA).fails(4).contains("holds no file"));
    assert!(Scan::of(&Repo::bare(), ADA).fails(4).contains("no commit"));
    Scan::of(&Repo::nothing("folder"), ADA).fails(5);
}

#[test]
fn a_shallow_clone_tells_nothing_of_what_is_older() {
    let mut repo = repo();
    let clone = repo.beside("clone");
    let url = format!("file://{}", repo.path().display());
    repo.git(["clone", "--quiet", "--depth", "1", &url, clone.to_str().unwrap()]);
    repo.move_to(clone);
    let said = Scan::of(&repo, ADA).fails(4);
    assert!(said.contains("shallow") && said.contains("fetch --unshallow"), "{said}");
}

#[test]
fn a_list_that_has_expired() {
    let repo = repo();
    let said = Scan::of(&repo, &format!("not-after = 2025-01-01\n{ADA}")).fails(4);
    assert!(said.contains("expired"), "{said}");
    // Also if it is but one of them.
    let other = HEAD.replace("corp", "other") + "not-after = 2025-01-01T00:00:00Z\n";
    Scan::of(&repo, ADA).list("other.toml", &other).fails(4);
    let found = Scan::of(&repo, &format!("not-after = 2999-12-31\n{ADA}")).found();
    assert_eq!(found.header["not_after"], "2999-12-31T23:59:59Z");
}

#[test]
fn a_list_or_a_policy_that_cannot_be_read() {
    let repo = repo();
    let folder = repo.beside("folder");
    std::fs::create_dir(&folder).unwrap();
    for option in ["--list", "--policy"] {
        for path in [folder.clone(), repo.beside("missing.toml")] {
            let said = Scan::of(&repo, ADA).args([option.as_ref(), path.as_os_str()]).fails(3);
            assert!(said.contains("unreadable"), "{option}: {said}");
            let about = if option == "--list" {
                ["without the list", "list check FILE"]
            } else {
                ["without the policy", "what a policy can say"]
            };
            assert!(about.iter().all(|words| said.contains(words)), "{option}: {said}");
            let other = if option == "--list" { "policy can say" } else { "list check" };
            assert!(!said.contains(other), "{option}: {said}");
        }
    }
    let said =
        Scan::of(&repo, ADA).args(["--policy".as_ref(), repo.beside("optout.toml").as_os_str()]).fails(3);
    assert!(said.contains("unknown-key"), "a list is no policy: {said}");
    assert!(said.contains("what a policy can say") && !said.contains("list check"), "{said}");
    let nowhere = repo.beside("missing");
    let said = Scan::of(&repo, ADA).args(["--ignore-revs-file".as_ref(), nowhere.as_os_str()]).fails(3);
    assert!(said.contains("which commits to look through"), "{said}");
}

#[test]
fn a_configuration_that_cannot_be_read() {
    let repo = repo();
    std::fs::write(repo.path().join("config"), "[core\n\tbare = perhaps").unwrap();
    Scan::of(&repo, ADA).fails(5);
    // The user's, too: it may name the list.
    let repo = self::repo();
    std::fs::write(repo.beside("home").join(".gitconfig"), "[withhold\nlist =").unwrap();
    let output = Scan::without_list(&repo).output();
    assert!([3, 5].contains(&output.status), "{}: {}", output.status, output.stderr);
    assert!(!repo.beside("manifest").exists());
}

/// Without a date that can be read the manifest has no time: it is asked for, not made up.
#[test]
fn no_time() {
    let repo = repo();
    let commit = String::from_utf8(repo.git(["cat-file", "commit", "main"]).stdout).unwrap();
    let (head, committer) = commit.split_once("committer ").unwrap();
    let (_, message) = committer.split_once('\n').unwrap();
    let undated = format!("{head}committer Bob <bob@example.org> never\n{message}");
    repo.point_main_at(&repo.write_object("commit", undated.as_bytes()));
    assert!(Scan::of(&repo, ADA).fails(4).contains("--at"));
    Scan::of(&repo, ADA).args(["--at", "2026-01-31T12:00:00Z"]).found();
}

/// Somebody who is on no list, under odd bytes everywhere: nothing of it is an error.
#[test]
fn odd_is_not_broken() {
    let repo = history(|script| {
        let odd = Commit::root().author(b"\xff\x01", b"\xfe").message(b"\xff\xfe").date("-5 +9999");
        let commit = script.add(odd.file("a", "a\n"));
        script.add(by_bob([commit]).file(b"\xff", b"\xff"));
    });
    assert!(Scan::of(&repo, ADA).found().entries.is_empty());
}
