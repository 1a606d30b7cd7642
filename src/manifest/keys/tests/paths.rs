//! Which paths are covered: those that a manifest names, of those that count.

use super::*;

fn tip_of(repo: &str, history: bool) -> CoverageRow {
    CoverageRow::of_ref(RefCoverage { repo: Some(repo.into()), history, ..tip() })
}

/// A manifest for these purposes that speaks of these refs and of `src/a.rs` in these repositories.
fn looked_at(purposes: Purposes, refs: &[CoverageRow], repos: &[&str], profile: Profile) -> Manifest {
    let paths = repos.iter().map(|repo| CoverageRow::path((*repo).into(), "src/a.rs".into()));
    let coverage = refs.iter().cloned().chain(paths).collect();
    Manifest::build(parts_of(purposes), Vec::new(), coverage, profile, 1).unwrap()
}

fn covered(manifests: &[Manifest], paths: Paths, repo: &str) -> Purposes {
    let wanted = Wanted { paths, ..all() };
    opened(manifests, &wanted).place(repo.as_bytes(), Some(b"src/a.rs")).covered
}

#[test]
fn a_path_is_covered_in_its_repository_and_spelling() {
    let keys = opened(&[looked_at(train(), &[tip_of("corp/a", false)], &["corp/a"], Profile::Paths)], &all());
    let covered = |repo: &str, path: &[u8]| keys.place(repo.as_bytes(), Some(path)).covered;
    assert_eq!(covered("Corp/A.git", b"/src/a.rs"), train());
    for other in [&b"src/a.rs "[..], b"src/A.rs", b"src", b"src/a.rs/b", b"src/a.rs\n", b"", b"a.rs"] {
        assert_eq!(covered("corp/a", other), Purposes::NONE, "{}", other.escape_ascii());
    }
    assert_eq!(covered("corp/b", b"src/a.rs"), Purposes::NONE);
    assert_eq!(keys.place(b"corp/a", None), Place::default(), "a repository is not covered by its paths");
}

/// Whichever manifest met it, and in whatever order.
#[test]
fn what_one_manifest_did_not_follow_is_covered_by_none() {
    let speaks = |rows: &[CoverageRow]| {
        Manifest::build(parts(), Vec::new(), rows.to_vec(), Profile::Paths, 1).unwrap()
    };
    let file = |path: &str| CoverageRow::path("corp/a".into(), path.into());
    let files = speaks(&["a/b/c", "a/b", "ab/c", "x"].map(file));
    let not = |repo: &str, path: &str| speaks(&[CoverageRow::not_followed(repo.into(), path.into(), "link")]);
    let covered = |manifests: &[Manifest]| {
        let keys = opened(manifests, &all());
        ["a/b/c", "a/b", "ab/c", "x"]
            .map(|path| !keys.place(b"corp/a", Some(path.as_bytes())).covered.is_empty())
    };
    assert_eq!(covered(from_ref(&files)), [true; 4]);
    assert_eq!(covered(&[files.clone(), not("corp/a", "a/b")]), [false, false, true, true]);
    assert_eq!(covered(&[not("Corp/A", "a"), files.clone()]), [false, false, true, true]);
    assert_eq!(covered(&[files.clone(), not("corp/b", "a")]), [true; 4]);
    assert_eq!(covered(&[files, not("corp/a", "a/b/c/d")]), [true; 4]);
}

#[test]
fn bytes_that_are_no_text_are_covered_as_they_are() {
    let rows = ["caf%E9", "100%25"].map(|path| CoverageRow::path("corp/a".into(), path.into()));
    let keys =
        opened(&[Manifest::build(parts(), Vec::new(), rows.into(), Profile::Paths, 1).unwrap()], &all());
    let covered = |path: &[u8]| !keys.place(b"corp/a", Some(path)).covered.is_empty();
    assert!(covered(b"caf\xe9") && covered(b"100%"));
    assert!(!covered(b"caf%E9") && !covered(b"100%25") && !covered("caf\u{fffd}".as_bytes()));
}

#[test]
fn where_all_versions_are_asked_for_only_a_manifest_of_that_history_covers_a_path() {
    let paths = Profile::Paths;
    let of = |refs: &[CoverageRow], repos: &[&str]| looked_at(train(), refs, repos, paths);
    let (history, tip) = (tip_of("corp/a", true), tip_of("corp/a", false));
    for (manifest, by_any, by_histories) in [
        (of(from_ref(&history), &["corp/a"]), train(), train()),
        (of(from_ref(&tip), &["corp/a"]), train(), Purposes::NONE),
        (of(&[history.clone(), tip.clone()], &["corp/a"]), train(), Purposes::NONE),
        (of(&[history.clone(), tip_of("corp/b", true)], &["corp/a"]), train(), Purposes::NONE),
        (of(&[tip_of("corp/b", true)], &["corp/a", "corp/b"]), train(), Purposes::NONE),
        (of(&[], &["corp/a"]), train(), Purposes::NONE),
        (of(from_ref(&history), &["corp/b"]), Purposes::NONE, Purposes::NONE),
        (looked_at(train(), from_ref(&history), &["corp/a"], Profile::Keys), Purposes::NONE, Purposes::NONE),
    ] {
        let manifest = from_ref(&manifest);
        assert_eq!(covered(manifest, Paths::Any, "corp/a"), by_any, "{manifest:?}");
        assert_eq!(covered(manifest, Paths::Histories, "corp/a"), by_histories, "{manifest:?}");
        assert_eq!(covered(manifest, Paths::None, "corp/a"), Purposes::NONE);
    }
    // One manifest does not speak for another: the one of the history has no such path.
    let two = [of(from_ref(&history), &[]), of(&[tip], &["corp/a"])];
    assert_eq!(covered(&two, Paths::Histories, "corp/a"), Purposes::NONE);
    assert_eq!(covered(&two, Paths::Any, "corp/a"), train());
}

#[test]
fn a_path_that_nobody_asks_for_takes_no_memory() {
    let manifest = [looked_at(train(), &[tip_of("corp/a", true)], &["corp/a"], Profile::Paths)];
    let len = |paths| opened(&manifest, &Wanted { names: true, paths, ..Wanted::default() }).len();
    // The tip alone.
    assert_eq!((len(Paths::None), len(Paths::Any), len(Paths::Histories)), (1, 2, 2));
    assert_eq!(opened(&manifest, &Wanted { paths: Paths::Any, ..Wanted::default() }).len(), 0);
    // What was kept for one is not used for another.
    let (folder, cache) = (written(&manifest), tempfile::tempdir().unwrap());
    for (paths, len) in [(Paths::None, 1), (Paths::Any, 2), (Paths::Histories, 2), (Paths::None, 1)] {
        let wanted = Wanted { names: true, paths, ..Wanted::default() };
        assert_eq!(Keys::open(&folder.1, &wanted, Some(cache.path()), 1, &()).unwrap().len(), len);
    }
}

#[test]
fn a_path_is_covered_for_what_each_manifest_decides() {
    let search = Purposes::from(Purpose::Search);
    let of = |purposes| looked_at(purposes, &[tip_of("corp/a", true)], &["corp/a"], Profile::Paths);
    let both = [of(train()), of(search)];
    for paths in [Paths::Any, Paths::Histories] {
        assert_eq!(covered(&both[..1], paths, "corp/a"), train());
        assert_eq!(covered(&both, paths, "corp/a"), train().union(search));
    }
}
