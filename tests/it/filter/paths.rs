//! Paths that no manifest looked at: where a row is known by its place alone, none of them is clear.

use super::*;

const CLEAR: &str = "clear";
const EXCLUDED: &str = "excluded";
const UNCOVERED: &str = "uncovered";

/// Some of it is in places that no scan of this repository enters; some has names that data sets spell in more than one way.
fn place() -> Place {
    let mut script = Script::default();
    let mut ada = Commit::root().author("Ada", "ada@example.org");
    for path in
        [&b"src/ada.rs"[..], b"src/caf\xe9.rs", "src/gr\u{fc}n.rs".as_bytes(), b"src/a b.rs", b"src/A.rs"]
    {
        ada = ada.file(path, [b"ada wrote ", path, b"\n"].concat());
    }
    let ada = script.add(ada);
    let mut bob = Commit::on([ada]).author("Bob", "bob@example.org");
    for path in [
        "src/bob.rs",
        "src/gr\u{f6}n.rs",
        "src/a%20b.rs",
        "src/b c.rs",
        "src/100%.rs",
        "C#/bob.cs",
        "old/bob.rs",
    ] {
        bob = bob.file(path, format!("bob wrote {path}\n"));
    }
    bob = bob.symlink("link", "src").symlink("link.rs", "src/ada.rs").submodule("sub", &"1".repeat(40));
    let bob = script.add(bob);
    // What is a folder in one revision is a link or a submodule in another.
    let moved =
        Commit::on([bob]).author("Bob", "bob@example.org").delete("old/bob.rs").file("new/bob.rs", "bob\n");
    let moved = moved.delete("link").file("link/bob.rs", "bob\n").delete("sub").file("sub/bob.rs", "bob\n");
    script.add(moved);
    let repo = Repo::of(&script);
    repo.git(["branch", "-f", "side", "main"]);
    repo.git(["update-ref", "refs/heads/main", "main~1"]);
    Place { repo }
}

/// What becomes of a path, spelled so, at a revision.
const SPELLED: [(&str, &str); 33] = [
    ("src/bob.rs", CLEAR),
    ("/src//./bob.rs", CLEAR),
    ("src/gr\u{f6}n.rs", CLEAR),
    ("src/b c.rs", CLEAR),
    ("src/b%20c.rs", CLEAR),
    ("src/100%.rs", CLEAR),
    ("src/100%25.rs", CLEAR),
    ("old/bob.rs", CLEAR),
    ("src/ada.rs", EXCLUDED),
    ("src/caf%E9.rs", EXCLUDED),
    ("src/gr\u{fc}n.rs", EXCLUDED),
    // There is such a file, by Bob; but it may mean one of Ada's.
    ("src/a%20b.rs", EXCLUDED),
    // Never looked at: in a submodule, behind a link.
    ("sub/src/ada.rs", UNCOVERED),
    ("sub", UNCOVERED),
    ("link/ada.rs", UNCOVERED),
    ("link/bob.rs", UNCOVERED),
    ("link", UNCOVERED),
    ("link.rs", UNCOVERED),
    // Decoded with losses, or wrongly.
    ("src/caf\u{fffd}.rs", UNCOVERED),
    ("src/caf\u{e9}.rs", UNCOVERED),
    ("src/gr\u{c3}\u{bc}n.rs", UNCOVERED),
    ("src/gr\u{c3}\u{b6}n.rs", UNCOVERED),
    // In another form of Unicode.
    ("src/gru\u{308}n.rs", UNCOVERED),
    ("src/gro\u{308}n.rs", UNCOVERED),
    // With white space around it, in another case, with something before it.
    ("src/ada.rs ", UNCOVERED),
    ("src/ada.rs\n", UNCOVERED),
    (" src/bob.rs", UNCOVERED),
    ("SRC/ADA.rs", UNCOVERED),
    ("src/Bob.rs", UNCOVERED),
    ("main/src/bob.rs", UNCOVERED),
    // No file: a folder, nothing.
    ("src", UNCOVERED),
    ("src/nosuchfile", UNCOVERED),
    ("src/ada%252Ers", UNCOVERED),
];

/// How each of these rows is judged, beside one that is clear.
fn judged(
    place: &Place,
    manifest: &[&str],
    clear: &Value,
    rows: &[Value],
    preset: &str,
) -> Vec<&'static str> {
    let judge = |row: &Value| {
        let data = place.write("data.jsonl", &[clear.clone(), row.clone()]);
        let manifests = manifest.iter().flat_map(|name| ["-m".to_owned(), place.arg(name)]);
        let more = ["--no-cache", "--preset", preset, "--format", "json"].map(str::to_owned);
        let args = [&["verify".to_owned()][..], &manifests.collect::<Vec<_>>(), &[data], &more].concat();
        let output = place.repo.withhold(args);
        let found: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", output.stderr));
        let said = match counts(&found) {
            [2, 2, 0, 0] => CLEAR,
            [2, 1, 1, 0] => EXCLUDED,
            [2, 1, 0, 1] => UNCOVERED,
            other => panic!("{other:?}, {row}"),
        };
        assert_eq!(
            output.status,
            match said {
                CLEAR => 0,
                EXCLUDED => 1,
                _ => 4,
            },
            "{}",
            output.stderr
        );
        said
    };
    rows.iter().map(judge).collect()
}

/// A row as CodeSearchNet has it.
fn function(revision: &str, path: &str, in_url: &str) -> Value {
    let url = format!("https://github.com/corp/engine/blob/{revision}/{in_url}#L1-L9");
    json!({"repository_name": "corp/engine", "func_path_in_repository": path, "func_code_url": url, "func_name": "f"})
}

#[track_caller]
fn hold(
    place: &Place,
    manifests: &[&str],
    preset: &str,
    row: impl Fn(&str) -> Value,
    cases: &[(&str, &str)],
) {
    let rows: Vec<Value> = cases.iter().map(|(path, _)| row(path)).collect();
    let found = judged(place, manifests, &row("src/bob.rs"), &rows, preset);
    for ((path, expected), found) in cases.iter().zip(found) {
        assert_eq!(found, *expected, "{path:?}");
    }
}

#[test]
fn a_path_of_a_revision_is_clear_only_if_a_file_of_that_very_path_was_looked_at() {
    let place = place();
    place.scan_to(LIST, "m", &[]);
    let main = place.repo.id("main");
    hold(&place, &["m"], "code-search-net", |path| function(&main, path, path), &SPELLED);
}

#[test]
fn a_path_of_a_commit_is_clear_only_if_its_history_has_a_file_of_that_very_path() {
    let place = place();
    place.scan_to(LIST, "m", &["--history"]);
    let main = place.repo.id("main");
    let row = |path: &str| json!({"commit": main, "repos": "a/b,corp/engine", "old_file": path, "new_file": "src/bob.rs", "content": "x"});
    hold(&place, &["m"], "git-commits-cleaned", row, &SPELLED);
    // One manifest does not speak for another: the tip of `side` says nothing of the history of `main`.
    place.scan_to(LIST, "side", &["--rev", "side"]);
    hold(&place, &["m", "side"], "git-commits-cleaned", row, &[("new/bob.rs", UNCOVERED)]);
}

/// The URL of a function names a path, too. Whichever is right, neither may be another's.
#[test]
fn a_url_that_names_another_path_is_looked_up() {
    let place = place();
    place.scan_to(LIST, "m", &[]);
    let main = place.repo.id("main");
    let row = |in_url: &str| function(&main, "src/bob.rs", in_url);
    hold(&place, &["m"], "code-search-net", row, &SPELLED);
    // Not everybody encodes what stands in names.
    hold(
        &place,
        &["m"],
        "code-search-net",
        row,
        &[("C#/bob.cs", CLEAR), ("C%23/bob.cs", CLEAR), ("C#/ada.cs", UNCOVERED)],
    );
}

#[test]
fn a_manifest_without_paths_covers_none() {
    let place = place();
    let main = place.repo.id("main");
    place.scan_to(LIST, "m", &[]);
    place.scan_to(LIST, "keys", &["--profile", "keys"]);
    let converted =
        ["manifest", "convert", "--profile", "keys", "-o", &place.arg("converted"), &place.arg("m")];
    ended(&place.repo.withhold(converted), 0, "");
    for name in ["keys", "converted"] {
        let data = place.write("data.jsonl", &[function(&main, "src/bob.rs", "src/bob.rs")]);
        let found = place.repo.withhold(["verify", "-m", &place.arg(name), &data, "--format", "json"]);
        assert_eq!(found.status, 4, "{}", found.stderr);
    }
}

/// What stands below a link or a submodule in one of the revisions is not covered by what stands there in another.
#[test]
fn a_folder_that_is_a_link_or_a_submodule_elsewhere_covers_nothing() {
    let place = place();
    let (main, side) = (place.repo.id("main"), place.repo.id("side"));
    place.scan_to(LIST, "m", &["--all-refs"]);
    place.scan_to(LIST, "alone", &["--rev", "side"]);
    // Manifests of several days know of each other, merged or not.
    place.scan_to(LIST, "main", &[]);
    let merge = ["manifest", "merge", &place.arg("main"), &place.arg("alone"), "-o", &place.arg("both")];
    ended(&place.repo.withhold(merge), 0, "");
    let below = ["link/bob.rs", "sub/bob.rs"];
    for (at, manifests, expected) in [
        (&main, &["m"][..], UNCOVERED),
        (&side, &["m"], UNCOVERED),
        (&side, &["alone"], CLEAR),
        (&main, &["main", "alone"], UNCOVERED),
        (&main, &["alone", "main"], UNCOVERED),
        (&side, &["alone", "main"], UNCOVERED),
        (&main, &["both"], UNCOVERED),
    ] {
        let rows = below.map(|path| function(at, path, path));
        let clear = function(at, "src/bob.rs", "src/bob.rs");
        assert_eq!(
            judged(&place, manifests, &clear, &rows, "code-search-net"),
            [expected; 2],
            "{manifests:?}"
        );
    }
}

#[test]
fn a_run_that_stops_at_such_a_path_says_why() {
    let place = place();
    place.scan_to(LIST, "m", &[]);
    let main = place.repo.id("main");
    let data = place.write("data.jsonl", &[function(&main, "src/nosuchfile", "src/nosuchfile")]);
    let stopped = place.run("filter", &[&data, "-o", &place.arg("clean.jsonl")]);
    ended(&stopped, 4, "no manifest looked at a file of the path that the row names");
    // A column that never names such a path does not hold paths.
    let kept = place.run("filter", &[&data, "-o", &place.arg("clean.jsonl"), "--uncovered", "keep"]);
    ended(&kept, 4, "matched nothing in 1 rows");
}

/// Merged manifests cover what each of them covered, in its own repository.
#[test]
fn paths_stay_with_their_repository_when_manifests_are_merged() {
    let place = place();
    place.scan_to(LIST, "m", &[]);
    let other = place.arg("other");
    let args =
        ["scan", "--repo", "corp/other", "--rev", "side", "--no-cache", "-q", "-l", &place.arg("list.toml")];
    ended(&place.repo.withhold(args.into_iter().chain(["-o", &other])), 0, "");
    let merge = ["manifest", "merge", &place.arg("m"), &other, "-o", &place.arg("both")];
    ended(&place.repo.withhold(merge), 0, "");
    let main = place.repo.id("main");
    hold(
        &place,
        &["both"],
        "code-search-net",
        |path| function(&main, path, path),
        &[
            ("src/bob.rs", CLEAR),
            ("old/bob.rs", CLEAR),
            ("new/bob.rs", UNCOVERED),
            ("sub/bob.rs", UNCOVERED),
            ("src/ada.rs", EXCLUDED),
        ],
    );
}
