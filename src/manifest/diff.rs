//! How two manifests differ.
//!
//! Decides which rows are in one and not in the other, in the memory of a few rows; and what their headers say differently.
//! Where one tells less than the other, both are compared by what that one can tell. Must not judge what a difference means.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::thread;

use serde_json::Value;

use super::canonical;
use super::coverage::CoverageRow;
use super::entry::Entry;
use super::error::ManifestError;
use super::header::Header;
use super::input::{Input, Work};
use super::row::Row;
use super::union::ahead;
use super::union::window::{Limits, Settle, Window};
use crate::policy::Purposes;

/// The fields of a header that follow from the rows, which are compared themselves.
const OF_ROWS: [&str; 3] = ["counts", "coverage", "entries"];
/// Those that tell how a manifest came to be: to make it again changes them.
const ORIGIN: [&str; 5] = ["created_at", "merged_from", "previous", "schema_version", "tool"];

/// In which of the two a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In the old one only.
    Old,
    /// In the new one only.
    New,
}

/// A row that is in one of the two only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed<'r> {
    /// What is excluded.
    Entry(Side, &'r Entry),
    /// What was looked at.
    Coverage(Side, &'r CoverageRow),
}

impl Changed<'_> {
    /// The row in its canonical form.
    ///
    /// # Errors
    /// [`ManifestError::Unfit`] if it has none.
    pub fn json(&self) -> Result<Vec<u8>, ManifestError> {
        match self {
            Self::Entry(_, row) => canonical::row(*row),
            Self::Coverage(_, row) => canonical::row(*row),
        }
    }
}

/// A field of the header that differs; `None` where it is not there.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What the old one has.
    pub old: Option<Value>,
    /// What the new one has.
    pub new: Option<Value>,
}

impl Field {
    /// Whether it tells only how a manifest came to be, and nothing of what it says.
    #[must_use]
    pub fn is_origin(&self) -> bool {
        ORIGIN.contains(&self.name.as_str())
    }
}

/// How many rows there are in one of the two only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// In the old one only.
    pub old: u64,
    /// In the new one only.
    pub new: u64,
}

/// How many rows differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Of what is excluded.
    pub entries: Count,
    /// Of what was looked at.
    pub coverage: Count,
}

/// The fields in which two headers differ, by name; without those that only follow from the rows.
///
/// # Errors
/// [`ManifestError::Unfit`] if a header has no JSON.
pub fn fields(old: &Header, new: &Header) -> Result<Vec<Field>, ManifestError> {
    let fields = |header| match serde_json::to_value(header) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(ManifestError::Unfit { what: "the header is no object".to_owned() }),
        Err(error) => Err(ManifestError::Unfit { what: format!("the header: {error}") }),
    };
    let (mut old, mut new) = (fields(old)?, fields(new)?);
    let mut names: Vec<String> = old.keys().chain(new.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names.retain(|name| !OF_ROWS.contains(&name.as_str()));
    let differs = |name: String| {
        let (old, new) = (old.remove(&name), new.remove(&name));
        (old != new).then_some(Field { name, old, new })
    };
    Ok(names.into_iter().filter_map(differs).collect())
}

/// How many rows are in one of two manifests only. Both are read to their ends for it, so that they are sound if this returns
/// well: then [`diff`] can be asked to show them.
///
/// # Errors
/// One of them is not sound.
pub fn count(old: &Input, new: &Input, work: Work<'_>) -> Result<Counts, ManifestError> {
    diff(old, new, work, |_| Ok(()))
}

/// Shows every row that is in one of two manifests only, entries first, in their order. Gives how many they were.
///
/// What was shown is all of it, and true, only if this returns well: that a manifest was tampered with is known at its end.
/// Whoever cannot take back what was shown asks [`count`] first; what changes after that is still an error here.
///
/// # Errors
/// One of them is not sound, or `see` fails.
pub fn diff<E: From<ManifestError>>(
    old: &Input,
    new: &Input,
    work: Work<'_>,
    mut see: impl FnMut(Changed<'_>) -> Result<(), E>,
) -> Result<Counts, E> {
    work.begin([old, new]);
    let entries = each(old, new, work, |side, row: &Entry| see(Changed::Entry(side, row)))?;
    let coverage = each(old, new, work, |side, row: &CoverageRow| see(Changed::Coverage(side, row)))?;
    Ok(Counts { entries, coverage })
}

fn each<T: Settle, E: From<ManifestError>>(
    old: &Input,
    new: &Input,
    work: Work<'_>,
    see: impl FnMut(Side, &T) -> Result<(), E>,
) -> Result<Count, E> {
    let profile = old.header().profile.min(new.header().profile);
    let limits =
        |input: &Input| Limits { profile, purposes: Purposes::ALL, kept: input.header().profile == profile };
    let rows = |input| Window::new(Input::rows::<T>(input, work.watch), limits(input));
    let (one, other) = (rows(old), rows(new));
    if work.threads < 2 {
        return compare(one.peekable(), other.peekable(), see);
    }
    thread::scope(|scope| {
        compare(ahead::ahead(scope, one).peekable(), ahead::ahead(scope, other).peekable(), see)
    })
}

fn compare<T: Row, E: From<ManifestError>>(
    mut old: Peekable<impl Iterator<Item = Result<T, ManifestError>>>,
    mut new: Peekable<impl Iterator<Item = Result<T, ManifestError>>>,
    mut see: impl FnMut(Side, &T) -> Result<(), E>,
) -> Result<Count, E> {
    let mut count = Count::default();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return Ok(count),
            (Some(Ok(one)), Some(Ok(other))) => one.cmp(other),
            // An error comes first, whichever it is.
            (Some(Err(_)), _) | (Some(_), None) => Ordering::Less,
            (None | Some(Ok(_)), Some(_)) => Ordering::Greater,
        };
        match order {
            Ordering::Equal => drop((old.next(), new.next())),
            Ordering::Less => {
                if let Some(row) = old.next() {
                    count.old += 1;
                    see(Side::Old, &row?)?;
                }
            }
            Ordering::Greater => {
                if let Some(row) = new.next() {
                    count.new += 1;
                    see(Side::New, &row?)?;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::samples::{any_manifest, lines, manifest, parts};
    use super::super::{Encoding, HeaderParts, ListRef, Manifest, Profile, write};
    use super::*;

    type Seen = Vec<(Side, String)>;

    fn diffed(old: &Manifest, new: &Manifest, threads: usize) -> Result<(Counts, Seen), ManifestError> {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str, manifest: &Manifest| {
            write(manifest, &folder.path().join(name), Encoding::JsonLines)?;
            Input::open(&folder.path().join(name))
        };
        let (old, new) = (open("old", old)?, open("new", new)?);
        let mut seen = Vec::new();
        let counts = diff(&old, &new, Work { threads, watch: &() }, |row| {
            let (Changed::Entry(side, _) | Changed::Coverage(side, _)) = row;
            seen.push((side, String::from_utf8(row.json()?).unwrap()));
            Ok::<(), ManifestError>(())
        })?;
        Ok((counts, seen))
    }

    fn of(entries: Vec<Entry>, profile: Profile) -> Manifest {
        Manifest::build(parts(), entries, Vec::new(), profile, 1).unwrap()
    }

    fn rows(manifest: &Manifest) -> BTreeSet<String> {
        let entries = manifest.entries().iter().map(canonical::row);
        let coverage = manifest.coverage().iter().map(canonical::row);
        entries.chain(coverage).map(|row| String::from_utf8(row.unwrap()).unwrap()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn it_shows_what_is_in_one_only(old in any_manifest(), new in any_manifest(), threads in 1..3_usize) {
            // By what both can tell.
            let profile = old.header().profile.min(new.header().profile);
            let told = |manifest: &Manifest| {
                let (_, entries, coverage) = manifest.clone().into_parts();
                Manifest::build(parts(), entries, coverage, profile, 1).unwrap()
            };
            let (before, after) = (rows(&told(&old)), rows(&told(&new)));
            let (counts, seen) = diffed(&old, &new, threads).unwrap();
            for (side, mine, others) in [(Side::Old, &before, &after), (Side::New, &after, &before)] {
                let seen: BTreeSet<String> =
                    seen.iter().filter(|(of, _)| *of == side).map(|(_, row)| row.clone()).collect();
                prop_assert_eq!(seen, mine.difference(others).cloned().collect());
            }
            let all = counts.entries.old + counts.entries.new + counts.coverage.old + counts.coverage.new;
            prop_assert_eq!(all, seen.len() as u64);
        }
    }

    #[test]
    fn nothing_differs_from_itself() {
        let (counts, seen) = diffed(&manifest(Profile::Audit), &manifest(Profile::Audit), 1).unwrap();
        assert_eq!((counts, seen), (Counts::default(), Vec::new()));
        assert_eq!(fields(manifest(Profile::Keys).header(), manifest(Profile::Keys).header()).unwrap(), []);
    }

    #[test]
    fn headers_differ_by_their_fields() {
        let new = HeaderParts {
            created_at: 5,
            previous: None,
            lists: vec![ListRef { serial: 43, ..parts().lists[0].clone() }],
            ..parts()
        };
        let new = Manifest::build(new, vec![lines(1, 1, 1)], Vec::new(), Profile::Keys, 1).unwrap();
        let found = fields(of(Vec::new(), Profile::Keys).header(), new.header()).unwrap();
        let names: Vec<_> = found.iter().map(|field| (field.name.as_str(), field.is_origin())).collect();
        assert_eq!(names, [("created_at", true), ("lists", false), ("previous", true)]);
        assert_eq!(
            (&found[1].old.as_ref().unwrap()[0]["serial"], found[2].new.is_none()),
            (&42.into(), true)
        );
    }

    #[test]
    fn what_changes_after_it_was_counted_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str, from: u64| {
            let path = folder.path().join(name);
            write(&of(vec![lines(1, from, from)], Profile::Keys), &path, Encoding::JsonLines).unwrap();
            Input::open(&path).unwrap()
        };
        let (old, new) = (open("old", 1), open("new", 2));
        let work = Work { threads: 1, watch: &() };
        let one = Count { old: 1, new: 1 };
        assert_eq!(count(&old, &new, work).unwrap(), Counts { entries: one, ..Counts::default() });
        std::fs::write(folder.path().join("new/entries.jsonl"), "").unwrap();
        let error = diff(&old, &new, work, |_| Ok::<(), ManifestError>(())).unwrap_err();
        assert!(error.to_string().contains("new: "), "{error}");
    }

    #[test]
    fn what_is_not_sound_is_an_error_on_either_side() {
        let folder = tempfile::tempdir().unwrap();
        let (good, bad) = (folder.path().join("good"), folder.path().join("bad"));
        write(&of(vec![lines(1, 1, 1), lines(2, 1, 1)], Profile::Keys), &good, Encoding::JsonLines).unwrap();
        write(&of(vec![lines(1, 1, 1), lines(3, 1, 1)], Profile::Keys), &bad, Encoding::JsonLines).unwrap();
        let rows = std::fs::read_to_string(good.join("entries.jsonl")).unwrap();
        std::fs::write(bad.join("entries.jsonl"), rows).unwrap();
        for threads in [1, 2] {
            for (old, new) in [(&good, &bad), (&bad, &good)] {
                let (old, new) = (Input::open(old).unwrap(), Input::open(new).unwrap());
                let work = Work { threads, watch: &() };
                let error = diff(&old, &new, work, |_| Ok::<(), ManifestError>(())).unwrap_err();
                assert!(error.to_string().contains("bad: "), "{error}");
            }
        }
    }
}
