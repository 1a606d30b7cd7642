//! A whole manifest as one stream of JSON Lines: the header, every entry, every coverage row, one a line.
//!
//! Each line is an object with one key that says what it holds: `{"header":…}`, `{"entry":…}`, `{"coverage":…}`.
//! What it holds stands in its canonical form, so cutting off what is around it gives the bytes that are hashed.

use std::io::{self, BufRead, BufWriter, Write};

use super::build::Manifest;
use super::canonical;
use super::check::{self, Problems, RowCheck};
use super::coverage::CoverageRow;
use super::entry::Entry;
use super::error::ManifestError;
use super::header::Header;
use super::lines::Lines;
use super::row::Row;
use super::tree_hash::TreeHasher;

const HEADER: &str = "header";
pub(super) const STREAM: &str = "stream";

/// Writes the manifest as a stream.
///
/// # Errors
/// [`ManifestError::Stream`] if `out` fails.
pub fn write_stream(manifest: &Manifest, out: impl Write) -> Result<(), ManifestError> {
    let header = canonical::header(manifest.header())?;
    let mut out = BufWriter::new(out);
    write_line(HEADER, &header, &mut out)
        .and_then(|()| write_rows(manifest.entries(), &mut out))
        .and_then(|()| write_rows(manifest.coverage(), &mut out))
        .and_then(|()| out.flush())
        .map_err(ManifestError::Stream)
}

fn write_rows<T: Row>(rows: &[T], out: &mut impl Write) -> io::Result<()> {
    rows.iter().try_for_each(|row| {
        let row = canonical::row(row).map_err(io::Error::other)?;
        write_line(T::KIND, &row, out)
    })
}

fn write_line(kind: &str, content: &[u8], out: &mut impl Write) -> io::Result<()> {
    write!(out, "{{\"{kind}\":")?;
    out.write_all(content)?;
    out.write_all(b"}\n")
}

/// Reads a stream. What is not sound in every part is refused.
///
/// # Errors
/// [`ManifestError::Invalid`] with the first thing that is wrong.
pub fn read_stream(input: impl BufRead) -> Result<Manifest, ManifestError> {
    let mut problems = Problems::with_limit(1);
    let manifest = walk(&mut Lines::new(input), &mut problems);
    match (problems.into_found().pop(), manifest) {
        (None, Some(manifest)) => Ok(manifest),
        (problem, _) => Err(ManifestError::invalid(problem)),
    }
}

fn walk<R: BufRead>(lines: &mut Lines<R>, problems: &mut Problems) -> Option<Manifest> {
    let header = match lines.next() {
        Ok(Some(line)) => match content(line, HEADER) {
            Some(bytes) => check::header(bytes, STREAM, Some(1), problems)?,
            None => {
                problems.add(STREAM, Some(1), "is not a header; the stream begins with one");
                return None;
            }
        },
        Ok(None) => {
            problems.add(STREAM, None, "is empty");
            return None;
        }
        Err(what) => {
            problems.add(STREAM, Some(1), what);
            return None;
        }
    };
    let mut entries = Set::<Entry>::new(&header);
    let mut coverage = Set::<CoverageRow>::new(&header);
    let mut in_coverage = false;
    while !problems.is_full() && !entries.check.is_over() && !coverage.check.is_over() {
        let taken = match lines.next() {
            Ok(None) => break,
            Ok(Some(line)) => match (content(line, Entry::KIND), content(line, CoverageRow::KIND)) {
                (Some(row), _) if !in_coverage => entries.take(row),
                (_, Some(row)) => {
                    in_coverage = true;
                    coverage.take(row)
                }
                (Some(_), _) => Err("is an entry after the coverage".to_owned()),
                _ => Err("is neither an entry nor coverage".to_owned()),
            },
            Err(what) => Err(what),
        };
        if let Err(what) = taken {
            problems.add(STREAM, Some(lines.number()), what);
        }
    }
    let entries = entries.finish(problems);
    let coverage = coverage.finish(problems);
    Some(Manifest::from_checked(header, entries, coverage))
}

/// One set of rows.
struct Set<'h, T: Row> {
    check: RowCheck<'h, T>,
    tree: TreeHasher,
    rows: Vec<T>,
}

impl<'h, T: Row> Set<'h, T> {
    fn new(header: &'h Header) -> Self {
        Self { check: RowCheck::new(header), tree: TreeHasher::default(), rows: Vec::new() }
    }

    fn take(&mut self, row: &[u8]) -> Result<(), String> {
        self.tree.push(row);
        self.rows.extend(self.check.take(row)?);
        Ok(())
    }

    fn finish(mut self, problems: &mut Problems) -> Vec<T> {
        let problem = |what| problems.add(STREAM, None, format!("{}: {what}", T::FILE));
        self.rows.extend(self.check.finish(self.tree.finish(), problem));
        self.rows
    }
}

/// What a line can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Header,
    Entry,
    Coverage,
}

/// What the line holds.
pub(super) fn held(line: &[u8]) -> Option<(Held, &[u8])> {
    let kinds = [(Held::Header, HEADER), (Held::Entry, Entry::KIND), (Held::Coverage, CoverageRow::KIND)];
    kinds.into_iter().find_map(|(held, kind)| Some((held, content(line, kind)?)))
}

/// Writes a header and files of its rows, plain JSON Lines, as a stream.
pub(super) fn write_files(
    header: &[u8],
    entries: impl BufRead,
    coverage: impl BufRead,
    out: impl Write,
) -> Result<(), ManifestError> {
    fn copy(kind: &str, lines: impl BufRead, out: &mut impl Write) -> io::Result<()> {
        let mut lines = Lines::new(lines);
        while let Some(line) = lines.next().map_err(io::Error::other)? {
            write_line(kind, line, out)?;
        }
        Ok(())
    }
    let mut out = BufWriter::new(out);
    write_line(HEADER, header, &mut out)
        .and_then(|()| copy(Entry::KIND, entries, &mut out))
        .and_then(|()| copy(CoverageRow::KIND, coverage, &mut out))
        .and_then(|()| out.flush())
        .map_err(ManifestError::Stream)
}

/// What the line holds, if it holds that.
fn content<'l>(line: &'l [u8], kind: &str) -> Option<&'l [u8]> {
    line.strip_prefix(b"{\"")?.strip_prefix(kind.as_bytes())?.strip_prefix(b"\":")?.strip_suffix(b"}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Profile;
    use super::super::samples::{any_manifest, manifest};
    use super::*;

    fn stream(manifest: &Manifest) -> Vec<u8> {
        let mut out = Vec::new();
        write_stream(manifest, &mut out).unwrap();
        out
    }

    fn refused(stream: &[u8]) -> String {
        read_stream(stream).unwrap_err().to_string()
    }

    #[test]
    fn each_line_says_what_it_holds() {
        let stream = String::from_utf8(stream(&manifest(Profile::Audit))).unwrap();
        let kinds: Vec<_> = stream.lines().filter_map(|line| line.split('"').nth(1)).collect();
        let expected = [&["header"][..], &["entry"; 9], &["coverage"; 13]].concat();
        assert_eq!(kinds, expected);
        assert!(stream.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    }

    #[test]
    fn a_stream_that_is_cut_off_anywhere_is_refused() {
        let stream = stream(&manifest(Profile::Keys));
        for end in 0..stream.len() {
            assert!(read_stream(&stream[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn what_follows_the_end_is_refused() {
        let mut stream = stream(&manifest(Profile::Keys));
        stream.extend_from_slice(b"{\"more\":{}}\n");
        assert!(refused(&stream).contains("is neither an entry nor coverage"));
    }

    #[test]
    fn an_entry_after_the_coverage_is_refused() {
        let stream = String::from_utf8(stream(&manifest(Profile::Keys))).unwrap();
        let mut lines: Vec<_> = stream.lines().collect();
        let entry = lines.remove(1);
        lines.push(entry);
        assert!(
            refused(format!("{}\n", lines.join("\n")).as_bytes()).contains("is an entry after the coverage")
        );
    }

    #[test]
    fn without_a_header_nothing_is_read() {
        assert!(refused(b"").contains("is empty"));
        assert!(refused(b"{\"entry\":{}}\n").contains("is not a header"));
    }

    proptest! {
        #[test]
        fn a_manifest_comes_back(manifest in any_manifest()) {
            prop_assert_eq!(read_stream(&stream(&manifest)[..]).unwrap(), manifest);
        }
    }
}
