//! Files that name commits to look through.
//!
//! Decides where they come from: the command line alone, never the repository's own configuration.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use clap::Args;
use withhold::exit::Exit;
use withhold::policy::{Rev, Source, Wanted, parse_revs};

use super::sources::at;
use super::{Context, Failure};

/// Commits to look through.
#[derive(Debug, Args)]
pub(crate) struct IgnoreRevs {
    /// Look through the commits that a file names, as git blame does; can be given several times. An empty
    /// name forgets the files before.
    #[arg(long = "ignore-revs-file", value_name = "FILE")]
    files: Vec<OsString>,
}

impl IgnoreRevs {
    /// The ids in all files.
    pub(crate) fn read(&self, context: &Context) -> Result<BTreeSet<Rev>, Failure> {
        let mut revs = BTreeSet::new();
        for file in &self.files {
            if file.is_empty() {
                revs.clear();
                continue;
            }
            let source = Source::read(&at(context, Path::new(file)), Wanted::IgnoreRevs)
                .map_err(|mistake| vec![*mistake]);
            let more = source.and_then(parse_revs);
            revs.extend(more.map_err(|mistakes| Failure::diagnostics(Exit::List, mistakes))?);
        }
        Ok(revs)
    }
}
