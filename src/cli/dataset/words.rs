//! How columns, data sets and purposes are spelled on the command line, and what is said of lists there.
//!
//! Decides what is told of a word that nobody knows.

use withhold::dataset::{Column, Meaning, Preset};
use withhold::policy::Purpose;

/// What lists are for where nothing is scanned.
pub(super) const LIST: &str =
    "Opt-out list for --identity; can be given several times, each adds to the exclusions";
/// Where they come from, if none is named.
pub(super) const WITHOUT_LIST: &str = "\
    Without it: the files in WITHHOLD_LIST (separated as in PATH). No revision is scanned here, so no list of a revision is \
    added.";

pub(super) fn preset(name: &str) -> Result<&'static Preset, String> {
    let names = || Preset::ALL.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", ");
    Preset::named(name).ok_or_else(|| format!("expected one of {}", names()))
}

pub(super) fn key_column(text: &str) -> Result<Column, String> {
    let expected = || {
        let kinds: Vec<&str> =
            Meaning::ALL.into_iter().filter(|kind| option(*kind).is_none()).map(Meaning::as_str).collect();
        let (last, others) = kinds.split_last().unwrap_or((&"", &[]));
        format!("expected COLUMN=KIND, the kind being {} or {last}", others.join(", "))
    };
    let (name, kind) = text.rsplit_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(expected)?;
    let meaning = Meaning::parse(kind).ok_or_else(expected)?;
    match option(meaning) {
        Some(option) => Err(format!("such a column is named otherwise: {option} {name}")),
        None => Ok(Column { name: name.to_owned(), meaning }),
    }
}

/// The option that names columns of a kind that is none of `--key`: with it goes what else has to be given.
fn option(meaning: Meaning) -> Option<&'static str> {
    match meaning {
        Meaning::Content => Some("--content"),
        Meaning::Identity => Some("--identity"),
        _ => None,
    }
}

pub(super) fn purpose(name: &str) -> Result<Purpose, String> {
    let names = || Purpose::ALL.map(Purpose::as_str).join(", ");
    Purpose::parse(name).ok_or_else(|| format!("expected one of {}", names()))
}
