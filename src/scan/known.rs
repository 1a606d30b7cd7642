//! What is known of a file before anyone is judged: whose each line is, and the keys of its content.
//!
//! Decides nothing: the same file has the same whatever the lists say, so it can be kept for the next scan.

use super::lfs::Pointer;
use crate::attribution::change_index::PathNo;
use crate::attribution::history::CommitNo;
use crate::attribution::{Content, Credit, FileAttribution, TipFile};
use crate::manifest::Hashes;
use crate::repo::{Kind, RepoError};

/// A file, attributed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The commit that brought this content to this path.
    pub introduced: CommitNo,
    /// Where the very bytes appeared first, if in several places: commits, each with the path.
    pub first: Vec<(CommitNo, PathNo)>,
    /// How many lines it has; none if it is binary or a symbolic link.
    pub lines: u32,
    /// Lines and whom they are credited to. Lines with several credits are there more than once.
    pub pieces: Vec<Piece>,
    /// Of a binary file or a symbolic link, and of any file where that counts: the commits that ever changed it,
    /// each with the path.
    pub changes: Vec<(CommitNo, PathNo)>,
    /// The keys of its content.
    pub hashes: Hashes,
    /// What it points at, if it is an LFS pointer.
    pub lfs: Option<Pointer>,
}

/// Lines that a commit wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The first line, counted from 0.
    pub line: u32,
    /// How many.
    pub len: u32,
    /// Where their bytes begin.
    pub start: u32,
    /// Where their bytes end.
    pub end: u32,
    /// The commit.
    pub commit: CommitNo,
    /// The path at which it wrote them.
    pub path: PathNo,
}

impl Known {
    /// What is known of a file with this content; `None` for a submodule.
    ///
    /// # Errors
    /// The content is not what its id says.
    pub fn new(
        file: &TipFile,
        attribution: FileAttribution,
        content: &[u8],
    ) -> Result<Option<Self>, RepoError> {
        let (lines, pieces, changes) = match attribution.content {
            Content::Submodule => return Ok(None),
            Content::Text { lines, credits, earlier, as_written } => {
                let all = credits.iter().chain(&earlier).chain(&as_written);
                (lines, pieces(content, all), attribution.touched)
            }
            Content::Whole { changes } => (0, Vec::new(), changes),
        };
        Ok(Some(Self {
            introduced: attribution.introduced,
            first: attribution.first,
            lines,
            pieces,
            changes,
            hashes: super::objects::hashes(file.leaf.id, Kind::Blob, content)?,
            lfs: Pointer::parse(content),
        }))
    }
}

fn pieces<'c>(content: &[u8], credits: impl Iterator<Item = &'c Credit>) -> Vec<Piece> {
    // Objects are smaller than 1 GiB.
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let ends = memchr::memchr_iter(b'\n', content).map(|end| offset(end + 1));
    let starts: Vec<u32> = std::iter::once(0).chain(ends).collect();
    let at = |line: u32| starts.get(line as usize).copied().unwrap_or(offset(content.len()));
    credits
        .map(|credit| Piece {
            line: credit.line,
            len: credit.len,
            start: at(credit.line),
            end: at(credit.line + credit.len),
            commit: credit.commit,
            path: credit.path,
        })
        .collect()
}
