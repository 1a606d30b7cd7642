//! A manifest as files that change little when it does: for keeping its history in Git.
//!
//! Decides where a long file of rows is cut: by the first byte of the rows' ids, so that a few new rows touch a few
//! parts. Put together in the order of their names, the parts are the file again, byte for byte.

use super::build::Manifest;
use super::canonical;
use super::encode::Encoding;
use super::error::ManifestError;
use super::folder::HEADER_FILE;
use super::row::Row;
use crate::attribution::parallel;

/// A file of rows that is longer, in bytes, is cut.
const LONG: usize = 1 << 20;

/// The files of a manifest, plain JSON Lines, by name: `manifest.json`, and of entries and coverage either the one
/// file, or the parts of a long one in a folder of that name. So many threads write out the rows.
///
/// # Errors
/// [`ManifestError::Unfit`] if the header or a row has no canonical form.
pub fn parts(manifest: &Manifest, threads: usize) -> Result<Vec<(String, Vec<u8>)>, ManifestError> {
    let mut files = vec![(HEADER_FILE.to_owned(), canonical::header(manifest.header())?)];
    cut(manifest.entries(), LONG, threads, &mut files)?;
    cut(manifest.coverage(), LONG, threads, &mut files)?;
    Ok(files)
}

/// Adds the file of these rows, in parts if it is longer than `long`.
fn cut<T: Row>(
    rows: &[T],
    long: usize,
    threads: usize,
    files: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), ManifestError> {
    // Rows come in the order of their parts.
    let runs: Vec<&[T]> = rows.chunk_by(|one, other| one.part() == other.part()).collect();
    let write = |(): &mut (), number: usize| {
        let mut bytes = Vec::new();
        for row in runs[number] {
            canonical::append(row, &mut bytes)?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    };
    let mut parts: Vec<(String, Vec<u8>)> = Vec::with_capacity(runs.len());
    let take = |number: usize, bytes| {
        let part = runs[number].first().map(|row| format!("{}/{}", T::FILE, row.part().name()));
        parts.push((part.unwrap_or_default(), bytes));
        Ok(())
    };
    parallel::in_order(threads, runs.len(), || (), write, take)?;
    if parts.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > long {
        files.append(&mut parts);
    } else {
        let whole = parts.into_iter().flat_map(|(_, bytes)| bytes).collect();
        files.push((Encoding::JsonLines.file_name::<T>(), whole));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::any_manifest;
    use super::super::{CoverageRow, Entry};
    use super::*;

    fn whole<T: Row>(rows: &[T]) -> Vec<u8> {
        let lines = rows.iter().map(|row| [canonical::row(row).unwrap(), b"\n".to_vec()].concat());
        lines.collect::<Vec<_>>().concat()
    }

    proptest! {
        #[test]
        fn parts_in_the_order_of_their_names_are_the_file_again(manifest in any_manifest()) {
            let put_together = |files: Vec<(String, Vec<u8>)>| {
                let mut sorted = files.clone();
                sorted.sort();
                assert_eq!(sorted, files, "and they are written in that order");
                sorted.dedup_by(|one, other| one.0 == other.0);
                assert_eq!(sorted.len(), files.len(), "each name once");
                files.into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<u8>>()
            };
            let (mut entries, mut coverage) = (Vec::new(), Vec::new());
            cut::<Entry>(manifest.entries(), 0, 1, &mut entries).unwrap();
            cut::<CoverageRow>(manifest.coverage(), 0, 3, &mut coverage).unwrap();
            prop_assert_eq!(put_together(entries), whole(manifest.entries()));
            prop_assert_eq!(put_together(coverage), whole(manifest.coverage()));
        }
    }

    #[test]
    fn what_is_short_stays_in_one_file() {
        let manifest = super::super::samples::manifest(super::super::Profile::Paths);
        let names: Vec<String> = parts(&manifest, 2).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["manifest.json", "entries.jsonl", "coverage.jsonl"]);
    }
}
