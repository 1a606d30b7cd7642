//! What stands at a path changes its kind: modes, symbolic links, folders, submodules, LFS pointers.

use super::{edited, lines};
use crate::support::{Commit, Repo, Script, assert_same_as_blame};

#[test]
fn a_change_of_mode_is_no_change() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.sh", lines(9)));
    let second = script.add(Commit::on([first]).executable("a.sh", lines(9)));
    let third = script.add(Commit::on([second]).executable("a.sh", edited(9, &[2], "x")));
    script.add(Commit::on([third]).file("a.sh", edited(9, &[2], "x")));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(!blame.contains("summary commit 2") && !blame.contains("summary commit 4"));
}

#[test]
fn a_rename_with_a_change_of_mode() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.sh", lines(9)).file("b.sh", edited(9, &[1], "b")));
    script.add(
        Commit::on([first])
            .delete_all()
            .executable("bin/a", lines(9))
            .executable("bin/b", edited(9, &[1, 2], "b")),
    );
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("filename a.sh") && blame.contains("filename b.sh"));
}

#[test]
fn a_symbolic_link_turns_file() {
    let mut script = Script::default();
    let first = script.add(Commit::root().symlink("a", lines(3)).file("b", lines(5)));
    let second = script.add(Commit::on([first]).file("a", lines(3)));
    script.add(Commit::on([second]).file("a", lines(4)));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn a_file_turns_symbolic_link_and_back() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a", lines(5)));
    let second = script.add(Commit::on([first]).symlink("a", "elsewhere").file("elsewhere", lines(5)));
    let third = script.add(Commit::on([second]).file("a", lines(5)).delete("elsewhere"));
    script.add(Commit::on([third]).file("a", edited(5, &[1], "x")));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn a_file_moves_and_leaves_a_link() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a", lines(9)));
    script.add(Commit::on([first]).symlink("a", "b").file("b", lines(9)));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn a_link_is_no_source_for_a_file_of_the_same_bytes() {
    let mut script = Script::default();
    let first = script.add(Commit::root().symlink("link", lines(9)).file("other", "o\n"));
    script.add(Commit::on([first]).delete("link").file("file", lines(9)));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn a_folder_turns_file_and_back() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a/one", lines(9)).file("a/two", "2\n").file("a.b", "b\n"));
    let file = script.add(Commit::on([first]).delete("a").file("a", lines(9)));
    let edit = script.add(Commit::on([file]).file("a", edited(9, &[3], "x")));
    let back =
        script.add(Commit::on([edit]).delete("a").file("a/one", edited(9, &[3], "x")).file("a/b/c", "c\n"));
    let merge = script.add(Commit::on([back, edit]).file("a/one", edited(9, &[3, 4], "x")));
    script.add(Commit::on([file, merge]).delete("a").file("a/one", edited(9, &[4], "x")));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn a_submodule_is_passed_over_and_may_become_files() {
    let other = "1234567890123456789012345678901234567890";
    let mut script = Script::default();
    let first = script.add(
        Commit::root()
            .submodule("lib", other)
            .file(".gitmodules", "[submodule \"lib\"]\n\tpath = lib\n\turl = https://example.org/lib\n")
            .file("a.txt", lines(3)),
    );
    let second = script.add(Commit::on([first]).submodule("lib", &other.replace('1', "2")));
    let repo = Repo::of(&script);
    assert_same_as_blame(&repo);
    let third = script.add(Commit::on([second]).delete("lib").file("lib/a.txt", lines(3)).delete("a.txt"));
    script.add(Commit::on([third]).delete("lib").file("lib", "once a submodule\n"));
    assert_same_as_blame(&Repo::of(&script));
}

#[test]
fn of_an_lfs_file_the_pointer_is_attributed() {
    let pointer = |digit: &str, size: u32| {
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {size}\n", digit.repeat(64))
    };
    let mut script = Script::default();
    let first = script.add(
        Commit::root()
            .file(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
            .file("model.bin", pointer("a", 10)),
    );
    script.add(Commit::on([first]).file("model.bin", pointer("b", 10)));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("\tsize 10"));
}

#[test]
fn binary_files_and_links_among_text_are_left_out() {
    let mut script = Script::default();
    script.add(Commit::root().file("a.bin", "a\0b\n").file("b.txt", "b\n").symlink("c", "b.txt").file(
        "late",
        {
            let mut bytes = vec![b'x'; 8_000];
            bytes.extend_from_slice(b"\n\0\n");
            bytes
        },
    ));
    let blame = assert_same_as_blame(&Repo::of(&script));
    assert!(blame.contains("filename late"), "a NUL behind the first 8,000 bytes does not make it binary");
    assert!(!blame.contains("filename a.bin") && !blame.contains("filename c\n"));
}
