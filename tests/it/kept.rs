//! The index that a scan keeps for the next one: where it lies, when it is dropped, and what it never does.
//!
//! That it changes no answer is held by `random_histories::kept`.

use std::path::{Path, PathBuf};

use crate::support::{Commit, Mark, Repo, Script};

const LIST: &str = "schema = 1\nlist = \"corp.example/engineering\"\nserial = 7\n\
    [[subject]]\nid = \"s-7q4kx2mn\"\n[[subject.identity]]\nemail = \"ada@example.org\"\n";

/// A repository in which three people have changed two files.
fn repo() -> Repo {
    let mut script = Script::default();
    let lines = |count: usize| (0..count).map(|line| format!("line {line}\n")).collect::<String>();
    script.add(Commit::root().author("Ada", "ada@example.org").file("a", lines(9)).file("b/c", lines(3)));
    script.add(Commit::on([Mark(1)]).author("Bob", "bob@example.org").file("a", lines(12)));
    script.add(Commit::on([Mark(2)]).author("Eve", "eve@example.org").file("b/c", lines(1)));
    Repo::of(&script)
}

/// What a scan writes, and what it says on standard error.
fn scan(repo: &Repo, options: &[&str]) -> (Vec<Vec<u8>>, String) {
    let (out, list) = (repo.beside("manifest"), repo.beside("optout.toml"));
    std::fs::write(&list, LIST).unwrap();
    let (out_name, list) = (out.to_str().unwrap(), list.to_str().unwrap());
    let said = repo.withhold(["scan", "--list", list, "-o", out_name].iter().chain(options));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let read = |name: &str| std::fs::read(out.join(name)).unwrap();
    (["manifest.json", "entries.jsonl", "coverage.jsonl"].map(read).into(), said.stderr)
}

fn index(repo: &Repo) -> PathBuf {
    repo.path().join("withhold/index")
}

fn cache(repo: &Repo, words: &[&str]) -> String {
    let said = repo.withhold(["cache"].iter().chain(words));
    assert_eq!(said.status, 0, "{}", said.stderr);
    said.line()
}

#[test]
fn it_lies_in_the_repository_is_shown_and_cleared() {
    let repo = repo();
    assert!(cache(&repo, &["show"]).starts_with("there is no "));
    scan(&repo, &[]);
    let shown = cache(&repo, &["show"]);
    assert!(shown.contains("3 commits, 4 changes, 2 files attributed"), "{shown}");
    assert!(cache(&repo, &["clear"]).starts_with("removed "));
    assert!(!index(&repo).exists());
    assert!(cache(&repo, &["clear"]).starts_with("there is no "));
}

#[test]
fn it_is_written_again_only_when_there_is_more_to_keep() {
    let repo = repo();
    scan(&repo, &[]);
    let time = || std::fs::metadata(index(&repo)).unwrap().modified().unwrap();
    let first = time();
    scan(&repo, &[]);
    assert_eq!(time(), first);
    repo.point_main_at(&repo.id("main~1"));
    scan(&repo, &[]);
    assert_ne!(time(), first, "another version of a file stands now");
}

/// A repository with a history that is long beside a commit, and what a scan of it keeps.
fn long() -> Repo {
    let repo = repo();
    repo.import(&{
        let mut script = Script::default();
        script.add(Commit::root().author("Bob", "bob@example.org").file("a", "0\n"));
        for number in 1..60 {
            let text: String = (0..=number).map(|line| format!("line {line} of {number}\n")).collect();
            script.add(Commit::on([Mark(number)]).author("Ada", "ada@example.org").file("a", text));
        }
        script
    });
    scan(&repo, &[]);
    repo
}

/// Adds commits to the branch, each with a file of its own that names it.
fn grow(repo: &Repo, name: &str, commits: usize) {
    for number in 0..commits {
        let blob =
            repo.git_with(["hash-object", "-w", "--stdin"], format!("{name} {number}\n").as_bytes()).line();
        let entry = format!("100644 blob {blob}\t{name}-{number}\n");
        let tree = repo.git(["ls-tree", "main"]).stdout;
        let tree = repo.git_with(["mktree"], &[&*tree, entry.as_bytes()].concat()).line();
        let commit = repo.git(["commit-tree", "-p", "main", "-m", name, &tree]).line();
        repo.point_main_at(&commit);
    }
}

#[test]
fn what_came_since_is_kept_beside_it_until_that_is_much() {
    let repo = long();
    let since = repo.path().join("withhold/index.since");
    let first = std::fs::read(index(&repo)).unwrap();
    assert!(!since.exists());
    for round in 0..3 {
        grow(&repo, &format!("round-{round}"), 1);
        let (kept, said) = scan(&repo, &[]);
        assert!(kept == scan(&repo, &["--no-cache"]).0 && !said.contains("made anew"), "{said}");
        assert!(std::fs::read(index(&repo)).unwrap() == first, "what was kept first stays");
        assert!(since.exists());
    }
    assert!(cache(&repo, &["show"]).contains("63 commits"));
    grow(&repo, "many", 40);
    assert!(scan(&repo, &[]).0 == scan(&repo, &["--no-cache"]).0);
    assert!(!since.exists(), "all is kept together again");
    assert!(std::fs::read(index(&repo)).unwrap() != first);
    assert!(cache(&repo, &["show"]).contains("103 commits"));
    assert!(scan(&repo, &[]).0 == scan(&repo, &["--no-cache"]).0);
}

#[test]
fn what_came_since_is_held_against_what_it_belongs_to() {
    let repo = long();
    let (first, since) = (std::fs::read(index(&repo)).unwrap(), repo.path().join("withhold/index.since"));
    grow(&repo, "one", 1);
    let (anew, _) = scan(&repo, &["--no-cache"]);
    scan(&repo, &[]);
    let whole = std::fs::read(&since).unwrap();
    // Of another index: passed over.
    cache(&repo, &["clear"]);
    assert!(!since.exists());
    scan(&repo, &[]);
    std::fs::write(&since, &whole).unwrap();
    let (found, said) = scan(&repo, &[]);
    assert!(found == anew && !said.contains("made anew"), "{said}");
    // Damaged: both are made anew, and that is said.
    for at in (0..whole.len()).step_by(41) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        std::fs::write(index(&repo), &first).unwrap();
        std::fs::write(&since, &bytes).unwrap();
        let (found, said) = scan(&repo, &[]);
        assert!(found == anew);
        assert!(said.contains("is made anew: "), "{said}");
        assert!(!since.exists());
    }
}

/// What one ref has in common with others, or with the scan of one of them, is not walked again.
#[test]
fn a_second_scan_of_all_refs_uses_what_the_first_has_kept() {
    let repo = repo();
    for (branch, commit) in [("one", "main~1"), ("two", "main~2")] {
        repo.git(["branch", branch, commit]);
    }
    let (first, _) = scan(&repo, &["--all-refs"]);
    let shown = cache(&repo, &["show"]);
    assert!(shown.contains("4 files attributed"), "two versions of each: {shown}");
    let written = || -> Vec<_> {
        let folder = std::fs::read_dir(repo.path().join("withhold")).unwrap();
        let mut files: Vec<_> = folder.map(|entry| entry.unwrap()).collect();
        files.sort_by_key(std::fs::DirEntry::file_name);
        files.iter().map(|file| (file.file_name(), file.metadata().unwrap().modified().unwrap())).collect()
    };
    let kept = written();
    assert!(scan(&repo, &["--all-refs"]).0 == first);
    for rev in ["one", "two", "main"] {
        let found = scan(&repo, &["--rev", rev]);
        assert_eq!(written(), kept, "nothing was attributed anew");
        assert!(scan(&repo, &["--rev", rev, "--no-cache"]).0 == found.0);
    }
}

#[test]
fn nothing_is_kept_if_it_is_not_wanted_and_elsewhere_if_that_is() {
    let repo = repo();
    scan(&repo, &["--no-cache"]);
    assert!(!index(&repo).exists());
    let elsewhere = repo.beside("elsewhere");
    scan(&repo, &["--cache", elsewhere.to_str().unwrap()]);
    assert!(!index(&repo).exists());
    assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 1);
    assert!(cache(&repo, &["show", "--cache", elsewhere.to_str().unwrap()]).contains("3 commits"));
}

#[test]
fn a_damaged_one_is_made_anew_and_that_is_said() {
    let repo = repo();
    let (anew, _) = scan(&repo, &["--no-cache"]);
    scan(&repo, &[]);
    let whole = std::fs::read(index(&repo)).unwrap();
    let mut cases: Vec<Vec<u8>> = (0..whole.len()).step_by(97).map(|end| whole[..end].to_vec()).collect();
    for at in (0..whole.len()).step_by(61) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        cases.push(bytes);
    }
    cases.push([&*whole, b"more"].concat());
    for bytes in cases {
        std::fs::write(index(&repo), &bytes).unwrap();
        let (found, said) = scan(&repo, &[]);
        assert!(found == anew);
        assert!(said.contains("is made anew: "), "{said}");
        assert!(std::fs::read(index(&repo)).unwrap().len() == whole.len(), "and is whole again");
    }
}

#[test]
fn one_of_another_version_is_made_anew() {
    let repo = repo();
    scan(&repo, &[]);
    let mut bytes = std::fs::read(index(&repo)).unwrap();
    bytes[8] += 1;
    std::fs::write(index(&repo), &bytes).unwrap();
    let (_, said) = scan(&repo, &[]);
    assert!(said.contains("another version of withhold wrote it"), "{said}");
}

#[test]
fn it_is_made_anew_after_objects_were_repacked_but_not_after_they_were_added() {
    let repo = repo();
    repo.git(["repack", "-a", "-d", "--quiet"]);
    scan(&repo, &[]);
    repo.import(&{
        let mut script = Script::default();
        script.add(Commit::root().author("Ada", "ada@example.org").file("new", "one\n"));
        script
    });
    let (_, said) = scan(&repo, &[]);
    assert!(!said.contains("made anew"), "{said}");
    repo.git(["repack", "-a", "-d", "-f", "--quiet"]);
    let (found, said) = scan(&repo, &[]);
    assert!(said.contains("repacked or removed"), "{said}");
    assert!(found == scan(&repo, &["--no-cache"]).0);
}

#[test]
fn it_names_nobody() {
    let repo = repo();
    scan(&repo, &[]);
    let bytes = std::fs::read(index(&repo)).unwrap();
    for name in ["Ada", "ada@", "bob", "Bob", "eve@", "example.org", "s-7q4kx2mn", "corp.example"] {
        let found = bytes.windows(name.len()).any(|window| window == name.as_bytes());
        assert!(!found, "{name}");
    }
}

#[test]
fn many_scans_at_once_do_each_other_no_harm() {
    let repo = repo();
    let (anew, _) = scan(&repo, &["--no-cache"]);
    let list = repo.beside("optout.toml");
    let mut running: Vec<_> = (0..6)
        .map(|number| {
            let out = repo.beside(&format!("manifest-{number}"));
            let mut command = repo.command(env!("CARGO_BIN_EXE_withhold"));
            command.args(["-q".as_ref(), "scan".as_ref(), "-l".as_ref(), list.as_os_str(), "-o".as_ref()]);
            (command.arg(&out).spawn().unwrap(), out)
        })
        .collect();
    for (process, out) in &mut running {
        assert!(process.wait().unwrap().success());
        assert!(std::fs::read(out.join("entries.jsonl")).unwrap() == anew[1]);
    }
    assert!(cache(&repo, &["show"]).contains("3 commits"));
}

#[cfg(unix)]
#[test]
fn what_stands_in_its_place_is_neither_followed_nor_overwritten() {
    let repo = repo();
    let (anew, _) = scan(&repo, &["--no-cache"]);
    let (folder, elsewhere) = (repo.path().join("withhold"), repo.beside("elsewhere"));
    std::fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &folder).unwrap();
    assert!(scan(&repo, &[]).0 == anew);
    assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 0);
    std::fs::remove_file(&folder).unwrap();
    std::fs::write(&folder, "a file").unwrap();
    assert!(scan(&repo, &[]).0 == anew);
    assert_eq!(std::fs::read(&folder).unwrap(), b"a file");
    // The index itself is a link.
    std::fs::remove_file(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    let target = elsewhere.join("target");
    std::fs::write(&target, "another's").unwrap();
    std::os::unix::fs::symlink(&target, index(&repo)).unwrap();
    assert!(scan(&repo, &[]).0 == anew);
    assert_eq!(std::fs::read(&target).unwrap(), b"another's");
}

/// Only root can give a repository to another user, and only others can be kept from writing.
#[cfg(unix)]
#[test]
fn nothing_is_written_into_a_repository_of_another_user_or_one_that_is_read_only() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    let repo = repo();
    let (anew, _) = scan(&repo, &["--no-cache"]);
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if is_root {
        give(repo.path(), &|path| chown(path, Some(12_345), Some(12_345)).unwrap());
        let options: &[&str] = &["--any-owner"];
        assert!(scan(&repo, options).0 == anew);
        let said = repo.withhold(["--any-owner", "cache", "show"]);
        assert_eq!(said.line(), "no index is kept in a repository of another user");
    } else {
        let mode = |mode| std::fs::set_permissions(repo.path(), PermissionsExt::from_mode(mode)).unwrap();
        mode(0o555);
        let (found, said) = scan(&repo, &[]);
        mode(0o755);
        assert!(found == anew && !said.contains("not kept"), "{said}");
    }
    assert!(!repo.path().join("withhold").exists());
}

#[cfg(unix)]
fn give(path: &Path, to: &dyn Fn(&Path)) {
    to(path);
    if path.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| give(&entry.unwrap().path(), to));
    }
}

/// A branch that is merged later can show that a file's bytes stood elsewhere at the same time as where they are
/// known to come from.
#[test]
fn a_file_is_attributed_anew_when_its_bytes_turn_out_to_have_appeared_elsewhere() {
    let text = "the same in both places\nto the last byte\n";
    let mut script = Script::default();
    script.add(Commit::root().author("Eve", "eve@example.org").file("z", "z\n"));
    script.add(Commit::on([Mark(1)]).author("Bob", "bob@example.org").file("a", text));
    script.add(Commit::on([Mark(1)]).author("Ada", "ada@example.org").file("b", text));
    script.add(Commit::on([Mark(2), Mark(3)]).author("Eve", "eve@example.org"));
    let repo = Repo::of(&script);
    let tip = repo.id("main");
    repo.point_main_at(&repo.id("main~1"));
    let (before, _) = scan(&repo, &[]);
    assert!(before[1].is_empty(), "all of it is Bob's and Eve's");
    repo.point_main_at(&tip);
    let (found, _) = scan(&repo, &[]);
    assert!(String::from_utf8_lossy(&found[1]).contains("\"path\":\"a\""), "it is Ada's, too");
    assert!(found == scan(&repo, &["--no-cache"]).0);
}

/// What is remembered of a change must not be taken for another's: the changes of side branches and merges get
/// other numbers when they are kept.
#[test]
fn what_was_found_elsewhere_stays_with_its_change() {
    let lines = |topic: &str, count: usize| -> String {
        (0..count)
            .map(|line| format!("{topic} says a thing that weighs enough, for the time number {line}\n"))
            .collect()
    };
    let (old, block, own) = (lines("ada", 5), lines("the block", 6), lines("bob", 8));
    let mut script = Script::default();
    let file = |commit: Commit, f: &[&str], g: &[&str]| commit.file("f", f.concat()).file("g", g.concat());
    let (rest, more) = (lines("what stays", 9), "and more\n");
    script.add(file(Commit::root().author("Ada", "ada@example.org"), &[&old], &[&block, &rest]));
    script.add(Commit::on([Mark(1)]).author("Eve", "eve@example.org").file("z", "main goes on\n"));
    script.add(file(
        Commit::on([Mark(1)]).author("Bob", "bob@example.org"),
        &[&own, &old],
        &[&block, &rest, more],
    ));
    // The merge, which changes as many files as the side branch, moves Ada's block to the other file.
    let merge = Commit::on([Mark(2), Mark(3)]).author("Eve", "eve@example.org");
    script.add(file(merge, &[&block, &own, &old], &[&rest, more]));
    let next = Commit::on([Mark(4)]).author("Eve", "eve@example.org");
    script.add(file(next, &[&block, &own, &old, "one more line\n"], &[&rest, more]));
    let repo = Repo::of(&script);
    let tip = repo.id("main");
    repo.point_main_at(&repo.id("main~1"));
    scan(&repo, &[]);
    repo.point_main_at(&tip);
    let (found, _) = scan(&repo, &[]);
    let (anew, _) = scan(&repo, &["--no-cache"]);
    assert!(found == anew);
    let entries = String::from_utf8(anew[1].clone()).unwrap();
    assert!(entries.contains("\"line_start\":1"), "the block is Ada's: {entries}");
}

/// A line that a commit to be looked through changed is taken for an older one that reads otherwise. That its own
/// text stands nowhere else says nothing about the older line.
#[test]
fn what_a_guess_did_not_find_is_not_held_against_the_line_itself() {
    let line = |word: &str| format!("a line that Ada wrote, and that weighs enough by itself to be {word}\n");
    let rest = |topic: &str| -> String { (0..9).map(|at| format!("{topic} number {at}\n")).collect() };
    let (f, g) = (rest("what f begins with"), rest("what g begins with"));
    let mut script = Script::default();
    let both = |commit: Commit, in_f: &str, in_g: &str| {
        commit.file("f", [&*f, in_f].concat()).file("g", [&*g, in_g].concat())
    };
    let found = line("found");
    script.add(both(Commit::root().author("Ada", "ada@example.org"), "", &found));
    script.add(both(Commit::on([Mark(1)]).author("Eve", "eve@example.org"), &found, ""));
    script.add(both(Commit::on([Mark(2)]).author("Bot", "bot@example.org"), &line("FOUND, here"), ""));
    let more = format!("{found}one more\n");
    script.add(both(Commit::on([Mark(2)]).author("Eve", "eve@example.org"), &more, ""));
    let repo = Repo::of(&script);
    let list = repo.beside("bots.toml");
    let bots = "schema = 1\nlist = \"corp.example/bots\"\nserial = 1\n[[bot]]\nemail = \"bot@example.org\"\n";
    std::fs::write(&list, bots).unwrap();
    let options = ["--list", list.to_str().unwrap()];
    let all =
        repo.git(["cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)"]).line();
    let is_bots = |id: &&str| repo.git(["cat-file", "commit", id]).line().contains("author Bot");
    let by_bot = all.lines().filter_map(|line| line.strip_prefix("commit ")).find(is_bots).unwrap();
    let tip = repo.id("main");
    repo.point_main_at(by_bot);
    scan(&repo, &options);
    repo.point_main_at(&tip);
    let (found, _) = scan(&repo, &options);
    let (anew, _) = scan(&repo, &[&options[..], &["--no-cache"]].concat());
    assert!(found == anew);
    assert!(String::from_utf8_lossy(&anew[1]).contains("\"path\":\"f\""), "the line in f is Ada's");
}
