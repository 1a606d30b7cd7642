//! The command line: each file in `tests/cmd` is a story with what is typed, what is said, and how it ends.
//!
//! With `TRYCMD=overwrite` in the environment the answers are written anew; then read them.

use std::process::Command;

/// Runs the stories in an environment that nothing from outside reaches.
#[test]
#[cfg_attr(not(all(feature = "zstd", feature = "parquet")), ignore = "needs zstd and parquet")]
fn stories() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "cli::stories_in_a_clean_environment", "--ignored", "--nocapture"]);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        let ours = ["GIT_", "WITHHOLD_", "SOURCE_DATE_EPOCH", "CLICOLOR", "COLUMNS"];
        if ours.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    assert!(command.status().unwrap().success(), "see above for the story that went otherwise");
}

#[test]
#[ignore = "run by `stories`, which cleans the environment"]
fn stories_in_a_clean_environment() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().to_str().unwrap();
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_git-withhold")).parent().unwrap();
    let mut path = vec![programs.to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let mut git =
        path.iter().map(|folder| folder.join("git").with_extension(std::env::consts::EXE_EXTENSION));
    let git = git.find(|file| file.is_file()).expect("git is installed");
    let path = std::env::join_paths(&path).unwrap().into_string().unwrap();

    let cases = trycmd::TestCases::new();
    for (name, value) in [
        ("HOME", home),
        ("USERPROFILE", home),
        ("XDG_CONFIG_HOME", home),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CEILING_DIRECTORIES", std::env::temp_dir().to_str().unwrap()),
        ("GIT_AUTHOR_NAME", "Bob"),
        ("GIT_AUTHOR_EMAIL", "bob@corp.example"),
        ("GIT_AUTHOR_DATE", "2024-03-01T12:00:00Z"),
        ("GIT_COMMITTER_NAME", "Bob"),
        ("GIT_COMMITTER_EMAIL", "bob@corp.example"),
        ("GIT_COMMITTER_DATE", "2024-03-01T12:00:00Z"),
        ("GIT_PAGER", "cat"),
        ("LC_ALL", "C"),
        ("LANGUAGE", "C"),
        ("TZ", "UTC"),
        ("NO_COLOR", "1"),
        ("PATH", &path),
    ] {
        cases.env(name, value);
    }
    cases
        .register_bin("git", git.as_path())
        .register_bin("withhold", std::path::Path::new(env!("CARGO_BIN_EXE_withhold")))
        .register_bin("git-withhold", std::path::Path::new(env!("CARGO_BIN_EXE_git-withhold")))
        .case("tests/cmd/*.md")
        .run();
}
