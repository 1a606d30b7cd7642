//! How columns, data sets and purposes are spelled on the command line.
//!
//! Decides what is told of a word that nobody knows.

use withhold::dataset::{Column, Meaning, Preset};
use withhold::policy::Purpose;

pub(super) fn preset(name: &str) -> Result<&'static Preset, String> {
    let names = || Preset::ALL.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", ");
    Preset::named(name).ok_or_else(|| format!("expected one of {}", names()))
}

pub(super) fn key_column(text: &str) -> Result<Column, String> {
    let expected = || {
        let kinds: Vec<&str> = Meaning::ALL.iter().map(|meaning| meaning.as_str()).collect();
        format!("expected COLUMN=KIND, the kind being one of {}", kinds.join(", "))
    };
    let (name, kind) = text.rsplit_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(expected)?;
    let meaning = Meaning::parse(kind).ok_or_else(expected)?;
    Ok(Column { name: name.to_owned(), meaning })
}

pub(super) fn purpose(name: &str) -> Result<Purpose, String> {
    let names = || Purpose::ALL.map(Purpose::as_str).join(", ");
    Purpose::parse(name).ok_or_else(|| format!("expected one of {}", names()))
}
