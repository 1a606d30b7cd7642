//! Repositories that cannot be read: exit code 5.

use std::path::Path;

use super::{assert_refused, blame, follow_the_hint, two_commits};
use crate::support::repo::run;
use crate::support::{Commit, Repo, Script};

/// Removes an object's file, which git writes read-only.
fn remove(file: &Path) {
    #[cfg(windows)]
    {
        let mut permissions = std::fs::metadata(file).unwrap().permissions();
        permissions.set_readonly(false);
        std::fs::set_permissions(file, permissions).unwrap();
    }
    std::fs::remove_file(file).unwrap();
}

/// `two_commits` with every object in a file of its own.
fn loose_objects() -> Repo {
    let repo = two_commits();
    let packs = repo.path().join(".git/objects/pack");
    let pack = std::fs::read_dir(&packs)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "pack"));
    if let Some(pack) = pack {
        let bytes = std::fs::read(pack).unwrap();
        for entry in std::fs::read_dir(&packs).unwrap() {
            remove(&entry.unwrap().path());
        }
        repo.git_with(["unpack-objects", "-q"], &bytes);
    }
    repo
}

/// A repository made by `git init` with this option, with one commit. The tests want a Git that knows it: 2.46 or newer.
#[track_caller]
fn of_format(option: &str, bare: bool) -> Repo {
    let repo = Repo::nothing("repo");
    let kind = if bare { "--bare" } else { "--quiet" };
    let init =
        run(repo.command("git").args(["init", "--quiet", "--initial-branch=main", option, kind, "."]), b"");
    assert_eq!(init.status, 0, "{option} cannot be tested with this git: {}", init.stderr);
    let mut script = Script::default();
    script.add(Commit::root().file("src/a.txt", "one\n"));
    repo.import(&script);
    repo
}

#[test]
fn object_names_of_sha256_until_they_are_converted() {
    let repo = of_format("--object-format=sha256", false);
    assert_refused(
        &repo.withhold(["attribute"]),
        5,
        &["SHA-256 object names", "git fast-export --all | git fast-import"],
    );
    let converted = Repo::bare();
    converted.git_with(["fast-import", "--quiet"], &repo.git(["fast-export", "--all"]).stdout);
    assert_eq!(converted.withhold(["attribute", "--porcelain"]).stdout, blame(&converted));
}

#[test]
fn refs_in_a_reftable_until_they_are_in_files() {
    let mut repo = of_format("--ref-format=reftable", false);
    let refused = repo.withhold(["attribute"]);
    assert_refused(&refused, 5, &["reftable", "git refs migrate --ref-format=files", "git clone --mirror"]);
    if cfg!(unix) {
        follow_the_hint(&repo, &refused);
        repo.move_to(repo.path().join("copy.git"));
        assert_eq!(repo.withhold(["attribute", "--porcelain"]).stdout, blame(&repo));
    }
    // Where there are no reflogs, every git that can convert at all can convert this.
    let repo = of_format("--ref-format=reftable", true);
    repo.git(["refs", "migrate", "--ref-format=files"]);
    assert_eq!(repo.withhold(["attribute", "--porcelain"]).stdout, blame(&repo));
}

#[test]
fn partial_clones_of_the_old_kind() {
    let repo = two_commits();
    repo.git(["config", "core.repositoryFormatVersion", "1"]);
    repo.git(["config", "extensions.partialClone", "origin"]);
    assert_refused(&repo.withhold(["attribute"]), 5, &["partial clones", "clone it again without --filter"]);
}

#[test]
fn extensions_and_versions_from_the_future() {
    let repo = two_commits();
    repo.git(["config", "core.repositoryFormatVersion", "1"]);
    repo.git(["config", "extensions.timeTravel", "true"]);
    assert_refused(&repo.withhold(["attribute"]), 5, &["extension", "timetravel", "clone it afresh"]);

    let repo = two_commits();
    repo.git(["config", "core.repositoryFormatVersion", "99"]);
    assert_refused(&repo.withhold(["attribute"]), 5, &["version", "99", "clone it afresh"]);
}

#[test]
fn damaged_objects_of_each_kind() {
    for (rev, damage) in [
        ("HEAD:src/a.txt", &b"garbage"[..]),
        ("HEAD:src/a.txt", b""),
        ("HEAD~1:src/a.txt", b"garbage"),
        ("HEAD~1:src", b"garbage"),
        ("HEAD^{tree}", b"garbage"),
        ("HEAD~1", b"garbage"),
        ("HEAD", b"garbage"),
        ("HEAD", b""),
    ] {
        let repo = loose_objects();
        let id = repo.id(rev);
        remove(&repo.loose(&id));
        std::fs::write(repo.loose(&id), damage).unwrap();
        let refused = repo.withhold(["attribute", "--porcelain"]);
        assert_refused(&refused, 5, &[&id, "cannot be read", "git fsck"]);
    }
}

#[test]
fn an_object_of_another_kind_than_its_place_says() {
    let repo = two_commits();
    let blob = repo.id("HEAD:src/a.txt");
    let commit = format!("tree {blob}\nauthor Ada <a@x> 1 +0000\ncommitter Ada <a@x> 1 +0000\n\nx\n");
    let commit = repo.write_object("commit", commit.as_bytes());
    repo.point_main_at(&commit);
    assert_refused(
        &repo.withhold(["attribute"]),
        5,
        &[&blob, "it is a blob where a tree was expected", "git fsck"],
    );
}

#[test]
fn a_tree_that_is_cut_off() {
    let repo = two_commits();
    let tree = repo.write_object("tree", b"100644 a\0too short");
    let commit = repo.git(["commit-tree", "-m", "cut off", &tree]).line();
    repo.point_main_at(&commit);
    assert_refused(&repo.withhold(["attribute"]), 5, &["a tree cannot be read", "cut off", "git fsck"]);
}

#[test]
fn missing_objects_of_each_kind() {
    for rev in ["HEAD:src/a.txt", "HEAD~1:src/a.txt", "HEAD~1:src", "HEAD~1", "HEAD^{tree}", "HEAD"] {
        let repo = loose_objects();
        let id = repo.id(rev);
        remove(&repo.loose(&id));
        let refused = repo.withhold(["attribute", "--porcelain"]);
        assert_refused(&refused, 5, &[&format!("object {id} is missing"), "fsck"]);
    }
}

#[test]
fn no_repository_at_all() {
    let repo = Repo::nothing("plain folder");
    assert_refused(&repo.withhold(["attribute"]), 5, &["no Git repository at or above", "name the folder"]);
    let refused = repo.withhold(["-C", "no/such/folder", "attribute"]);
    assert_refused(&refused, 5, &["no Git repository at or above no/such/folder"]);
}

#[test]
fn the_environment_names_no_other_repository() {
    let (here, other) = (two_commits(), two_commits());
    other.git(["commit", "--quiet", "--allow-empty", "-m", "another HEAD"]);
    let nowhere = Repo::nothing("plain folder");
    let git = |repo: &Repo, name: &str| repo.path().join(".git").join(name);
    let misled = |repo: &Repo| {
        let mut command = repo.command(env!("CARGO_BIN_EXE_withhold"));
        command
            .args(["attribute", "--porcelain"])
            .env("GIT_DIR", git(&other, ""))
            .env("GIT_WORK_TREE", other.path())
            .env("GIT_COMMON_DIR", git(&other, ""))
            .env("GIT_OBJECT_DIRECTORY", git(&other, "objects"))
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", git(&other, "objects"))
            .env("GIT_INDEX_FILE", git(&other, "index"))
            .env("GIT_NAMESPACE", "other")
            .env("GIT_SHALLOW_FILE", git(&other, "HEAD"))
            .env("GIT_GRAFT_FILE", git(&other, "HEAD"))
            .env("GIT_REPLACE_REF_BASE", "refs/heads/");
        run(&mut command, b"")
    };
    let answer = misled(&here);
    assert_eq!((answer.status, answer.stdout), (0, blame(&here)), "{}", answer.stderr);
    assert_refused(&misled(&nowhere), 5, &["no Git repository at or above"]);
}

/// That the repository is refused until `folder`, which is another user's, is trusted.
#[cfg(unix)]
#[track_caller]
fn assert_refused_until_trusted(repo: &Repo, folder: &Path) {
    let refused = repo.withhold(["attribute"]);
    assert_refused(&refused, 5, &["belongs to another user", "git config --global --add safe.directory "]);
    assert_eq!(repo.withhold(["attribute", "--any-owner"]).status, 0, "an explicit flag, for once");
    follow_the_hint(repo, &refused);
    let trusted = repo.git(["config", "--global", "safe.directory"]).line();
    assert_eq!(Path::new(&trusted), folder, "the very folder that is another's");
    assert_eq!(repo.withhold(["attribute"]).status, 0);
}

#[cfg(unix)]
#[test]
fn a_work_tree_in_another_users_folder_until_it_is_trusted() {
    let repo = two_commits();
    let given = repo.beside("given away");
    std::fs::create_dir(&given).unwrap();
    // Who cannot give a folder away is not root, and to them root is another user.
    let is_given = std::os::unix::fs::chown(&given, Some(54_321), None).is_ok();
    let folder = if is_given { given.as_path() } else { Path::new("/") };
    repo.git(["config", "core.worktree", folder.to_str().unwrap()]);
    assert_refused_until_trusted(&repo, folder);
}

#[cfg(unix)]
#[test]
#[ignore = "needs root, who can give a repository away: .ci/run"]
fn another_users_repository_until_it_is_trusted() {
    for bare in [false, true] {
        let mut repo = two_commits();
        if bare {
            let copy = repo.beside("bare's.git");
            repo.git(["clone", "--quiet", "--bare", ".", copy.to_str().unwrap()]);
            repo.move_to(copy);
        }
        let mut owned = vec![repo.path().to_path_buf()];
        if !bare {
            owned.push(repo.path().join(".git"));
        }
        owned.iter().for_each(|path| std::os::unix::fs::chown(path, Some(54_321), None).unwrap());
        assert_refused_until_trusted(&repo, repo.path());
    }
}
