//! What is said of hooks: where they are, and whether they run.
//!
//! Decides the words, and what to type against each finding. Must not look at anything.

use std::fmt::Write;
use std::path::Path;

use crate::enforce::hook::{Change, Diagnosis, Finding, HooksPath, Installed, Neighbour, Removed, Runs};

/// What was done to install a hook.
#[must_use]
pub fn installed(installed: &Installed) -> String {
    let mut text = String::new();
    let what = match installed.change {
        Change::New => "installed",
        Change::Renewed => "renewed",
        Change::Unchanged => "was installed already",
    };
    line(&mut text, &format!("{}: {what}: {}", installed.event.name(), place(&installed.runs)));
    if let Some(kept) = &installed.kept {
        line(&mut text, &format!("  the hook that was there is kept as {}, and runs after it", shown(kept)));
    }
    if installed.committed {
        line(
            &mut text,
            "  this folder is not ignored: do not commit the hook, it names a path of this machine",
        );
    }
    text
}

/// What was taken away of a hook.
#[must_use]
pub fn removed(event: &str, removed: &Removed) -> String {
    let mut text = String::new();
    for place in removed.from.iter().map(place) {
        line(&mut text, &format!("{event}: removed: {place}"));
    }
    if removed.from.is_empty() {
        line(&mut text, &format!("{event}: was not installed"));
    }
    for path in &removed.restored {
        line(&mut text, &format!("  the hook that was there before is back: {}", shown(path)));
    }
    if let Some(path) = &removed.stays {
        line(&mut text, &format!("  {} is not ours, and stays", shown(path)));
    }
    text
}

/// Whether a hook runs, why not, and what to do.
#[must_use]
pub fn diagnosis(diagnosis: &Diagnosis) -> String {
    let mut text = String::new();
    let event = diagnosis.event.name();
    let verdict = match (&diagnosis.runs, diagnosis.is_sound()) {
        (Some(runs), true) => format!("runs: {}", place(runs)),
        (Some(runs), false) => format!("does not work: {}", place(runs)),
        (None, _) => "does not run".to_owned(),
    };
    line(&mut text, &format!("{event}: {verdict}"));
    if let Some(program) = &diagnosis.program {
        line(&mut text, &format!("  program: {}", shown(program)));
    }
    for finding in &diagnosis.findings {
        let (what, remedy) = words(finding, event);
        line(&mut text, &format!("  {}: {what}", if finding.is_fatal() { "problem" } else { "note" }));
        if let Some(remedy) = remedy {
            line(&mut text, &format!("    to mend it: {remedy}"));
        }
    }
    text
}

fn words(finding: &Finding, event: &str) -> (String, Option<String>) {
    let again = || Some(format!("withhold hook install {event}"));
    match finding {
        Finding::NotInstalled => ("it is not installed".to_owned(), again()),
        Finding::Shadowed { ours, by } => {
            (format!("it is at {}, but {}", shown(ours), elsewhere(by.as_ref())), again())
        }
        Finding::WrittenOver { path, by } => (
            format!("{} has written its own hook over it: {}", whose(*by), shown(path)),
            again().map(|again| format!("{again}, each time after that tool installs its hooks")),
        ),
        Finding::Other { path, by } => {
            (format!("the hook there is {}: {}", of_whom(*by), shown(path)), again())
        }
        Finding::NotExecutable(path) => {
            (format!("{} is not executable, so Git passes it over", shown(path)), again())
        }
        Finding::GitTooOld(version) => {
            (format!("it is a config hook, and Git {version} does not know those"), again())
        }
        Finding::Disabled(setting) => (
            format!("{setting} is false"),
            Some(format!("git config --show-origin --get-all {setting}, then unset it there")),
        ),
        Finding::BrokenConfig(section) => (
            format!("the section '{section}' of the configuration is not as withhold writes it"),
            Some(format!("git config --remove-section {section}; withhold hook install {event}")),
        ),
        Finding::NoProgram(path) => (
            format!("the program is not there: {}", shown(path)),
            Some(format!("put it there, or: withhold hook install {event}")),
        ),
        Finding::NoEarlier(path) => (
            format!("the hook that was there before is gone, so everything is refused: {}", shown(path)),
            Some(format!("bring it back, or go on without it: withhold hook install {event}")),
        ),
        Finding::Circle(path) => (format!("it and pre-commit call each other: {}", shown(path)), again()),
        Finding::Edited(path) => (format!("somebody has changed it: {}", shown(path)), again()),
        Finding::Outdated => ("another version of withhold wrote it".to_owned(), again()),
        Finding::Twice => ("it is there twice, so Git asks twice".to_owned(), again()),
        Finding::SendsAnyway(path) => (
            format!("a push that is refused still runs git-lfs, which sends its objects: {}", shown(path)),
            Some(format!("withhold hook install {event} --as-file")),
        ),
        Finding::EarlierIdle(path) => (
            format!("the hook that was there before is not executable, and does not run: {}", shown(path)),
            None,
        ),
        Finding::Override(path) => (format!("WITHHOLD names another program: {}", shown(path)), None),
    }
}

fn elsewhere(by: Option<&HooksPath>) -> String {
    match by {
        Some(by) => format!(
            "core.hooksPath leads Git to {} ({}, {})",
            shown(&by.folder),
            printable(&by.scope),
            printable(&by.origin)
        ),
        None => "Git looks elsewhere".to_owned(),
    }
}

fn whose(by: Neighbour) -> &'static str {
    by.name().unwrap_or("somebody")
}

fn of_whom(by: Neighbour) -> String {
    by.name().map_or_else(|| "not withhold's".to_owned(), |name| format!("{name}'s"))
}

fn place(runs: &Runs) -> String {
    match runs {
        Runs::File(path) => shown(path),
        Runs::Config(name) => format!("config hook {name}"),
        Runs::Through(by, path) => format!("{}, run by {}", shown(path), whose(*by)),
    }
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

/// A path or a setting can hold anything.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() { shown.extend(char.escape_default()) } else { shown.push(char) }
    }
    shown
}

fn line(text: &mut String, words: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{words}");
}
