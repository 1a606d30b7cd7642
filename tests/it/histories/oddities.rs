//! Things that no porcelain writes but that exist: old trees, replacements, grafts.

use super::{edited, lines};
use crate::support::{Commit, Repo, Script, assert_same_as_blame};

/// The bytes of a tree's entry.
fn entry(mode: &str, name: &str, id: &str) -> Vec<u8> {
    let mut bytes = format!("{mode} {name}\0").into_bytes();
    bytes.extend((0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()));
    bytes
}

/// Commits these trees one on another.
fn commit_trees(repo: &Repo, trees: &[String]) {
    let mut parent = None;
    for tree in trees {
        let mut args = vec!["commit-tree".to_owned(), "-m".into(), "tree".into(), tree.clone()];
        args.extend(parent.into_iter().flat_map(|parent| ["-p".to_owned(), parent]));
        let commit = repo.git(args).line();
        repo.point_main_at(&commit);
        parent = Some(commit);
    }
}

#[test]
fn modes_are_numbers_not_strings() {
    let repo = Repo::bare();
    let [one, two] = [lines(9), edited(9, &[2], "x")].map(|text| repo.write_object("blob", text.as_bytes()));
    let inner = |mode: &str, id: &str| repo.write_object("tree", &entry(mode, "a.txt", id));
    let outer = |folder: &str, inner: &str, file: &str| {
        let bytes = [entry(folder, "dir", inner), entry(file, "top.txt", &one)].concat();
        repo.write_object("tree", &bytes)
    };
    let trees = [
        outer("40000", &inner("100644", &one), "100644"),
        outer("040000", &inner("100664", &one), "100664"),
        outer("40000", &inner("100600", &two), "100777"),
        outer("040000", &inner("100644", &two), "100755"),
    ];
    commit_trees(&repo, &trees);
    let blame = assert_same_as_blame(&repo);
    assert_eq!(blame.matches("summary tree").count(), 3, "modes alone change nothing");
}

#[test]
fn a_folder_and_a_file_of_nearly_the_same_name_are_sorted_as_git_sorts_them() {
    let mut script = Script::default();
    let first = script.add(
        Commit::root()
            .file("a/x", "1\n")
            .file("a.b", "2\n")
            .file("a0", "3\n")
            .file("a-b/y", "4\n")
            .file("ab", "5\n"),
    );
    let second = script.add(Commit::on([first]).file("a.b/z", "6\n").file("a/x", "1\n1\n").delete("a0"));
    script.add(Commit::on([second]).rename("a", "a0").file("a", "2\n2\n").file("ab", "5\n5\n"));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn replaced_commits_keep_their_author() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.txt", lines(9)));
    script.add(Commit::on([first]).file("a.txt", edited(9, &[5], "x")));
    let repo = Repo::of(&script);
    let before = assert_same_as_blame(&repo);

    let original = repo.id("HEAD~1");
    let forged =
        repo.git(["cat-file", "commit", &original]).line().replace("Ada", "Eve").replace("ada@", "eve@");
    let forged = repo.write_object("commit", forged.as_bytes());
    repo.git(["replace", &original, &forged]);
    let replaced =
        String::from_utf8(repo.git(["blame", "--porcelain", "HEAD", "--", "a.txt"]).stdout).unwrap();
    assert!(replaced.contains("author Eve"), "git itself shows the replacement");
    assert_eq!(assert_same_as_blame(&repo), before);

    // So do replaced blobs and trees.
    let forged = repo.write_object("blob", b"forged\n");
    repo.git(["replace", &repo.id("HEAD~1:a.txt"), &forged]);
    assert_eq!(assert_same_as_blame(&repo), before);
}

#[test]
fn grafts_change_nothing() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.txt", lines(9)));
    let second = script.add(Commit::on([first]).file("a.txt", edited(9, &[5], "x")));
    script.add(Commit::on([second]).file("a.txt", edited(9, &[5, 6], "x")));
    let repo = Repo::of(&script);
    let original = assert_same_as_blame(&repo);

    let grafts = repo.path().join("info/grafts");
    std::fs::create_dir_all(grafts.parent().unwrap()).unwrap();
    std::fs::write(&grafts, format!("{}\n", repo.id("HEAD"))).unwrap();
    let grafted = repo.git(["blame", "--porcelain", "HEAD", "--", "a.txt"]).stdout;
    assert_ne!(grafted, original.as_bytes(), "git itself follows the graft");
    let ours = repo.withhold(["attribute", "--porcelain"]);
    assert_eq!((ours.status, ours.stdout), (0, original.into_bytes()), "{}", ours.stderr);
}
