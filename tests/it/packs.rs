//! Objects in packs of every kind, as `git cat-file` shows them.

use withhold::repo::{Kind, ObjectId, Repository};

use crate::support::{Commit, Mark, Repo, Script};

/// A file that grows at both ends, so that its versions are deltas on one another.
fn repo() -> Repo {
    let mut script = Script::default();
    let text = |version: usize| -> String {
        (0..400)
            .map(|line| format!("line {line} of {}\n", if line % 40 == version % 40 { version } else { 0 }))
            .collect()
    };
    script.add(Commit::root().file("a", text(0)).file("b/large", text(7).repeat(40)));
    for version in 1..40 {
        script.add(
            Commit::on([Mark(version)]).file("a", text(version)).file("b/large", text(version).repeat(40)),
        );
    }
    Repo::of(&script)
}

/// Every object of a repository, read by the library and by git.
#[track_caller]
fn assert_all_are_read(repo: &Repo) {
    let repository = Repository::open(repo.path()).unwrap();
    let objects = repository.objects();
    let all = repo.git(["cat-file", "--batch-all-objects", "--batch-check"]).line();
    assert!(all.lines().count() > 100);
    for line in all.lines() {
        let [id, kind, size] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let kind = [Kind::Blob, Kind::Tree, Kind::Commit, Kind::Tag]
            .into_iter()
            .find(|k| k.as_str() == kind)
            .unwrap();
        let number = ObjectId::from_hex(id.as_bytes()).unwrap();
        assert_eq!(objects.header(number).unwrap(), (kind, size.parse().unwrap()), "{line}");
        let bytes = objects.read(number, kind).unwrap();
        assert_eq!(*bytes, repo.git(["cat-file", kind.as_str(), id]).stdout, "{line}");
    }
}

#[test]
fn deltas_by_offset_and_by_name() {
    for by_offset in ["true", "false"] {
        let repo = repo();
        let setting = format!("repack.useDeltaBaseOffset={by_offset}");
        repo.git(["-c", &*setting, "repack", "-a", "-d", "-f", "--quiet", "--depth=50", "--window=50"]);
        let deltas = repo.git(["cat-file", "--batch-all-objects", "--batch-check=%(deltabase)"]).line();
        assert!(deltas.lines().filter(|base| !base.starts_with("0000")).count() > 40);
        assert_all_are_read(&repo);
    }
}

#[test]
fn several_packs_and_loose_objects() {
    let repo = repo();
    repo.git([
        "-c",
        "pack.packSizeLimit=1m",
        "-c",
        "core.compression=0",
        "repack",
        "-a",
        "-d",
        "-f",
        "--quiet",
    ]);
    repo.write_object("blob", b"a loose one");
    assert_all_are_read(&repo);
}

#[test]
fn packs_that_another_repository_lends() {
    let lender = repo();
    lender.git(["repack", "-a", "-d", "-f", "--quiet"]);
    let borrower = Repo::bare();
    let lent = format!("{}\n", lender.path().join("objects").display());
    std::fs::create_dir_all(borrower.path().join("objects/info")).unwrap();
    std::fs::write(borrower.path().join("objects/info/alternates"), lent).unwrap();
    assert_all_are_read(&borrower);
}

#[test]
fn a_damaged_pack_gives_errors_and_no_panic() {
    let repo = repo();
    repo.git(["repack", "-a", "-d", "-f", "--quiet", "--depth=50"]);
    let all = repo.git(["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]).line();
    let ids: Vec<ObjectId> = all.lines().map(|id| ObjectId::from_hex(id.as_bytes()).unwrap()).collect();
    let folder = repo.path().join("objects/pack");
    for extension in ["pack", "idx"] {
        let found = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
        let file = found.into_iter().find(|path| path.extension().is_some_and(|it| it == extension)).unwrap();
        let whole = std::fs::read(&file).unwrap();
        // git makes packs read-only.
        std::fs::remove_file(&file).unwrap();
        let step = whole.len() / 60;
        let mut errors = 0;
        for at in (0..whole.len()).step_by(step.max(1)) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            for bytes in [&bytes[..], &whole[..at]] {
                std::fs::write(&file, bytes).unwrap();
                let repository = Repository::open(repo.path()).unwrap();
                let objects = repository.objects();
                errors += ids
                    .iter()
                    .filter(|id| objects.header(**id).is_err() || objects.read(**id, Kind::Blob).is_err())
                    .count();
            }
        }
        assert!(errors > 100, "{extension}: {errors}");
        std::fs::write(&file, &whole).unwrap();
    }
    assert_all_are_read(&repo);
}
