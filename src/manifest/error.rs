//! What can go wrong with a manifest, and what to do about it.
//!
//! A message never carries a whole row: what a hostile manifest says is cut short and its control characters shown.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::profile::Profile;

/// Something is wrong in a manifest, at a known place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, by its name in the folder; `stream` for a stream.
    pub file: String,
    /// The line, the first being 1; `None` where it is the file as a whole.
    pub line: Option<u64>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

/// Why a manifest was not built, written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The system said no.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as in "cannot … PATH".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A stream could not be written.
    #[error("cannot write the manifest's stream")]
    Stream(#[source] io::Error),
    /// Something that is not a manifest stands where one is to be written.
    #[error("{} is not replaced, because {found}; choose another place, or move it away", out.display())]
    InTheWay {
        /// Where the manifest was to go.
        out: PathBuf,
        /// What is there.
        found: String,
    },
    /// The rows or the header given do not make a manifest.
    #[error("no manifest can be made of this: {what}")]
    Unfit {
        /// Which row or field, and what is wrong with it.
        what: String,
    },
    /// What was read is not a manifest, or not the one that its header speaks of.
    #[error(
        "the manifest cannot be trusted: {problem}; see `withhold manifest validate`, and get it again from where it was made"
    )]
    Invalid {
        /// The first problem.
        problem: Problem,
    },
    /// The program was built without zstd.
    #[error("this build cannot handle .jsonl.zst: it was made without the feature `zstd`; use plain .jsonl")]
    NoZstd,
    /// The program was built without Parquet.
    #[error("this build cannot handle .parquet: it was made without the feature `parquet`; use plain .jsonl")]
    NoParquet,
    /// Something is wrong with one of several manifests.
    #[error("{}: {why}", path.display())]
    One {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        why: Box<ManifestError>,
    },
    /// A manifest has expired.
    #[error("{} expired at {at}; make it anew: withhold scan", path.display())]
    Expired {
        /// Which one.
        path: PathBuf,
        /// When.
        at: String,
    },
    /// Manifests were made under different lists of one name and serial.
    #[error(
        "the list {list} with serial {serial} is {}; find out which is the right one, raise its serial, and make them anew under it: withhold scan",
        apart(paths)
    )]
    SerialReused {
        /// The list's name, as it may be shown.
        list: String,
        /// The serial that both have.
        serial: u64,
        /// Two manifests that were made under different ones; twice the same one, if it names both.
        paths: [PathBuf; 2],
    },
    /// Manifests that nothing can be said with together.
    #[error("these manifests cannot be merged: {what}")]
    Apart {
        /// What they have not in common.
        what: &'static str,
    },
    /// Rows that are each sound say different things of the same content.
    #[error(
        "rows contradict each other: of {content}, ranges of lines that touch have bytes that do not; get the manifests again from where they were made"
    )]
    Contradiction {
        /// Of which content: its id.
        content: String,
    },
    /// More was asked for than the manifest tells.
    #[error("{} has the profile `{found}`, and cannot tell what `{wanted}` does: scan again for that", path.display())]
    Poorer {
        /// Which one.
        path: PathBuf,
        /// The profile that it has.
        found: Profile,
        /// The one that was asked for.
        wanted: Profile,
    },
    /// Somebody stopped it.
    #[error("interrupted")]
    Interrupted,
    /// Rows of one file version, or of refs, that would have to be in memory at once are too many.
    #[error(
        "more than {most} rows have to be sorted at once, of one content or of refs: merge fewer manifests, or keep their profile"
    )]
    TooMany {
        /// So many can be.
        most: usize,
    },
}

impl ManifestError {
    /// That it is wrong with the manifest at `path`.
    pub(super) fn of(self, path: &Path) -> Self {
        Self::One { path: path.to_owned(), why: Box::new(self) }
    }

    /// What was read is not sound, because of `problem`.
    pub(super) fn invalid(problem: Option<Problem>) -> Self {
        // Something unsound without a known reason is unsound all the same.
        let problem = problem.unwrap_or_else(|| Problem {
            file: "manifest".to_owned(),
            line: None,
            what: "cannot be read".to_owned(),
        });
        Self::Invalid { problem }
    }
}

/// Where a list is not the same.
fn apart([one, other]: &[PathBuf; 2]) -> String {
    if one == other {
        return format!("there in two forms in {}", one.display());
    }
    format!("not the same in {} and in {}", one.display(), other.display())
}

/// What a manifest says, as it may stand in a message.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 200;
    let short: String = text.chars().take(MOST).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{more}")
}
