//! Commits that are looked through (`--ignore-revs-file`).

use super::{edited, lines};
use crate::support::blame::blame;
use crate::support::{Commit, Repo, Script, assert_same_with};

/// Holds ours against git's with these commits looked through, counted from 1, alone and together with other
/// options; what git says of `path` comes back, by the numbers of the commits.
fn credited(script: &Script, through: &[usize], path: &str) -> Vec<usize> {
    let repo = Repo::of(script);
    let all: Vec<String> =
        repo.git(["rev-list", "--reverse", "--topo-order", "HEAD"]).line().lines().map(Into::into).collect();
    let named: String = through.iter().map(|number| format!("{}\n", all[number - 1])).collect();
    std::fs::write(repo.beside("revs"), named).unwrap();
    let file = format!("--ignore-revs-file={}", repo.beside("revs").display());
    for options in [&["-w"][..], &["-M3"], &["-M3", "-C5"], &["-w", "-C"], &[]] {
        assert_same_with(&repo, &[&[&*file], options].concat());
    }
    let said = String::from_utf8(blame(&repo, &[&file], path.as_bytes())).unwrap();
    let number = |line: &str| all.iter().position(|id| line.starts_with(id.as_str())).map(|at| at + 1);
    said.lines().filter_map(number).collect()
}

#[test]
fn a_new_layout_of_lines() {
    let mut script = Script::default();
    let laid_out = "if (ready) {\n  begin(one, two);\n} else {\n  finish();\n}\n";
    script.versions("a.c", ["if(ready){\nbegin(one,two);\n}else{\nfinish();}\n", laid_out, laid_out]);
    assert_eq!(credited(&script, &[2], "a.c"), [1; 5]);
    assert_eq!(credited(&script, &[], "a.c"), [2; 5]);
}

/// What is like nothing that was there stays with the commit.
#[test]
fn what_is_new_stays() {
    let mut script = Script::default();
    let new = "zzzz\n#+#+#\n".to_owned();
    script.versions("a.txt", [lines(6), edited(6, &[3], "linen") + &new]);
    assert_eq!(credited(&script, &[2], "a.txt"), [1, 1, 1, 1, 1, 1, 2, 2]);
}

#[test]
fn the_order_of_lines_is_kept_within_a_hunk() {
    let mut script = Script::default();
    let old = "alpha beta gamma\ndelta epsilon\nzeta eta theta\niota kappa\n";
    let new = "zeta eta thetas\nalphas beta gamma\nalpha beta gammas\ndeltas epsilon\n";
    script.versions("a.txt", [format!("head\n{old}tail\n"), format!("head\n{new}tail\n")]);
    credited(&script, &[2], "a.txt");
}

/// Lines are looked for in the whole file once their hunk has nothing like them.
#[test]
fn a_change_that_the_diff_broke_in_two() {
    let mut script = Script::default();
    let first = "int compute_checksum(int first)\n{\nreturn first;\n}\nlast\n";
    let moved = "first\nlast\nint compute_checksum ( int first )\n{\nreturn  first ;\n}\n";
    script.versions("a.c", [first.to_owned(), moved.to_owned(), "x\n".to_owned() + moved]);
    credited(&script, &[2], "a.c");
    credited(&script, &[2, 3], "a.c");
}

#[test]
fn several_in_a_row() {
    let mut script = Script::default();
    script.versions(
        "a.txt",
        [
            lines(12),
            edited(12, &[2, 3, 4], "Line"),
            edited(12, &[2, 3, 4], "LINE"),
            edited(14, &[2, 3, 4, 9], "LINES"),
            edited(14, &[2, 3, 4, 9, 12], "a LINE"),
        ],
    );
    for through in [&[2, 3, 4, 5][..], &[3, 5], &[2, 4], &[1]] {
        credited(&script, through, "a.txt");
    }
}

#[test]
fn merges_and_renames() {
    let mut script = Script::default();
    let base = script.add(Commit::root().file("a.txt", lines(20)));
    let left = script.add(Commit::on([base]).file("a.txt", edited(20, &[2, 3], "left")));
    let right = script.add(Commit::on([base]).file("a.txt", edited(20, &[18, 19], "right")));
    let merged = edited(20, &[2, 18], "either").replace("line 3\n", "lefts 3\nnew\n");
    let merge = script.add(Commit::on([left, right]).file("a.txt", merged.clone()));
    script.add(Commit::on([merge]).delete("a.txt").file("b.txt", merged.replace("line 1", "Line 1")));
    for through in [&[4][..], &[5], &[2, 3, 4, 5], &[1, 4]] {
        credited(&script, through, "b.txt");
    }
}

/// Ranges that differ in how they came to their commit are not joined, as in git.
#[test]
fn ranges_are_kept_apart_as_git_keeps_them() {
    let mut script = Script::default();
    script.versions(
        "a.txt",
        [lines(9), edited(9, &[4, 5], "line:"), edited(9, &[4, 5], "line:") + "brand new\n~\n"],
    );
    let repo = Repo::of(&script);
    std::fs::write(repo.beside("revs"), repo.git(["rev-list", "HEAD"]).stdout).unwrap();
    let file = format!("--ignore-revs-file={}", repo.beside("revs").display());
    let said = assert_same_with(&repo, &[&file]);
    let root = repo.git(["rev-list", "--max-parents=0", "HEAD"]).line();
    let ranges = said.lines().filter(|line| line.starts_with(&root) && line.split(' ').count() == 4).count();
    assert_eq!(ranges, 3, "one commit, contiguous, and yet three ranges: {said}");
}

#[test]
fn how_the_file_is_written() {
    let mut script = Script::default();
    let first = script.add(Commit::root().file("a.txt", lines(5)));
    script.add(Commit::on([first]).file("a.txt", edited(5, &[2], "Line")));
    let repo = Repo::of(&script);
    repo.git(["tag", "--annotate", "-m", "a tag", "style"]);
    repo.git(["tag", "--annotate", "-m", "a tag on a tag", "styles", "style"]);
    let (id, tag, blob) = (repo.id("HEAD"), repo.id("refs/tags/styles"), repo.id("HEAD:a.txt"));
    let option = |name: &str| format!("--ignore-revs-file={}", repo.beside(name).display());
    let none = assert_same_with(&repo, &[]);
    for (name, text, looks_through) in [
        ("plain", format!("# why\n\n  {id}  # and which\n"), true),
        ("upper", id.to_uppercase(), true),
        ("tag", format!("{tag}\r\n"), true),
        ("others", format!("{}\n{blob}\n", "1".repeat(40)), false),
    ] {
        std::fs::write(repo.beside(name), text).unwrap();
        assert_eq!(assert_same_with(&repo, &[&option(name)]) != none, looks_through, "{name}");
    }
    // Several add up, and an empty name forgets those before.
    assert_ne!(assert_same_with(&repo, &[&option("plain"), &option("others")]), none);
    assert_eq!(assert_same_with(&repo, &[&option("plain"), "--ignore-revs-file="]), none);
    for text in ["HEAD\n", &id[..39], "g"] {
        std::fs::write(repo.beside("bad"), text).unwrap();
        let refused = repo.withhold(["attribute", "--porcelain", &option("bad")]);
        assert_eq!(refused.status, 3, "{}", refused.stderr);
        assert!(refused.stderr.contains("bad-rev"), "{}", refused.stderr);
    }
    let missing = repo.withhold(["attribute", "--porcelain", &option("no-such-file")]);
    assert_eq!(missing.status, 3, "{}", missing.stderr);
}

/// What the repository's own configuration asks for is not heard.
#[test]
fn the_repositorys_own_configuration_is_not_heard() {
    let mut script = Script::default();
    script.versions("a.txt", [lines(5), edited(5, &[2], "Line")]);
    let repo = Repo::of(&script);
    let plain = repo.withhold(["attribute", "--porcelain"]).stdout;
    std::fs::write(repo.beside("revs"), repo.id("HEAD")).unwrap();
    repo.git(["config", "blame.ignoreRevsFile", &repo.beside("revs").display().to_string()]);
    assert_eq!(repo.withhold(["attribute", "--porcelain"]).stdout, plain);
    assert_ne!(blame(&repo, &[], b"a.txt"), plain);
}
