//! `withhold cache`: what is kept of a scan for the next one.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use withhold::exit::Exit;
use withhold::repo::Repository;
use withhold::scan::cache;
use withhold::scan::saved::{Before, SavedScan};

use super::sources::at;
use super::{Context, Failure, output};

/// Where the index is kept.
#[derive(Debug, Clone, Args)]
pub(crate) struct Kept {
    /// Keep the index of the history in this folder [default: `withhold` in the repository's `.git`].
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,

    /// Neither use nor keep an index.
    #[arg(long, conflicts_with = "cache")]
    no_cache: bool,
}

impl Kept {
    /// The index of a repository, if one is to be used.
    pub(crate) fn of(&self, context: &Context, repository: &Repository) -> Option<cache::Cache> {
        if self.no_cache { None } else { self.place(context, repository) }
    }

    /// Where another file about the repository is kept, with or without an index: as the index, with this word in its name.
    pub(crate) fn beside(&self, context: &Context, repository: &Repository, word: &str) -> Option<PathBuf> {
        let index = self.place(context, repository)?.file().to_path_buf();
        let name = index.file_name()?.to_str()?.strip_suffix("index")?.to_owned() + word;
        Some(index.with_file_name(name))
    }

    fn place(&self, context: &Context, repository: &Repository) -> Option<cache::Cache> {
        let folder = self.cache.as_deref().map(|folder| at(context, folder));
        cache::Cache::of(repository, folder.as_deref())
    }

    /// What was kept. An index that cannot be used is dropped, with a line that says so.
    pub(crate) fn load(&self, context: &Context, repository: &Repository) -> (Before, Option<cache::Read>) {
        let Some(cache) = self.of(context, repository) else { return Default::default() };
        cache.load(repository).unwrap_or_else(|dropped| {
            output::note(
                context,
                format_args!("the index {} is made anew: {dropped}", cache.file().display()),
            );
            Default::default()
        })
    }

    /// Keeps a scan for the next one, in or beside the file that was read. Where nothing can be written, nothing is kept.
    pub(crate) fn store(
        &self,
        context: &Context,
        repository: &Repository,
        read: Option<&cache::Read>,
        scan: SavedScan,
    ) {
        let Some(cache) = self.of(context, repository) else { return };
        let Err(error) = cache.store(repository, read, scan) else { return };
        let read_only = matches!(
            error.kind(),
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem
        );
        if self.cache.is_some() || !read_only {
            output::note(context, format_args!("the index {} is not kept: {error}", cache.file().display()));
        }
    }
}

/// Show or clear the index that makes the next scan faster.
///
/// A scan keeps an index of the history, and whose the lines of the files are, in `.git/withhold/`. It never
/// changes an answer, holds no names, and can be cleared at any time.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold cache show                  where it is, and how large
  withhold cache clear ~/src/engine    remove it; the next scan makes it anew")]
pub(crate) struct Cache {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show where the index is, and what it holds.
    Show(Of),
    /// Remove the index.
    Clear(Of),
}

#[derive(Debug, Args)]
struct Of {
    /// Repository, or a folder in it [default: this folder].
    #[arg(value_name = "REPO")]
    repository: Option<PathBuf>,

    /// The folder given to `scan --cache`.
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
}

impl Cache {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let (Command::Show(of) | Command::Clear(of)) = &self.command;
        let repository = Repository::open(&at(context, of.repository.as_deref().unwrap_or(Path::new("."))))?;
        let kept = Kept { cache: of.cache.clone(), no_cache: false };
        let mut out = std::io::stdout().lock();
        let Some(cache) = kept.of(context, &repository) else {
            writeln!(out, "no index is kept in a repository of another user")?;
            return Ok(Exit::Clean);
        };
        let file = cache.file().display().to_string();
        if let Command::Clear(_) = self.command {
            let gone = cache.clear().map_err(|error| {
                Failure::new(Exit::Unreadable, format_args!("cannot remove {file}: {error}"))
            })?;
            writeln!(
                out,
                "{}",
                if gone { format!("removed {file}") } else { format!("there is no {file}") }
            )?;
            return Ok(Exit::Clean);
        }
        match cache.counts() {
            Ok(None) => writeln!(out, "there is no {file}")?,
            Ok(Some((bytes, [commits, changes, files]))) => writeln!(
                out,
                "{file}\n  {bytes} bytes\n  {commits} commits, {changes} changes, {files} files attributed"
            )?,
            Err(dropped) => writeln!(out, "{file}\n  of no use: {dropped}; the next scan makes it anew")?,
        }
        Ok(Exit::Clean)
    }
}
