//! `withhold scan`: attributes, decides, writes the manifest.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use withhold::exit::Exit;
use withhold::identity::Found;
use withhold::manifest::{self, Encoding, ManifestError, Profile};
use withhold::policy::Timestamp;
use withhold::report::summary;
use withhold::scan::{self, Request, Scan as Done, ScanError};

use super::inputs::{Asked, Inputs};
use super::sources::at;
use super::{Context, Failure, output};

/// Scan a repository and write its exclusion manifest.
///
/// Attributes every line of every file to the commit that wrote it, matches the people of all commits and
/// tags against the opt-out list, and writes what is excluded, and what was looked at.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold scan --list optout.toml -o manifest/            the repository in this folder
  withhold scan ~/src/engine -l optout.toml -o - | zstd    as a stream
  withhold scan -l optout.toml -o manifest/ --rev v1.0 --repo corp/engine
  withhold scan -l optout.toml -o manifest/ --all-refs     every branch and tag
  withhold scan -l optout.toml -o manifest/ --history      for pipelines that train on history")]
pub(crate) struct Scan {
    /// Repository, or a folder in it [default: this folder].
    #[arg(value_name = "REPO")]
    repository: Option<PathBuf>,

    #[command(flatten)]
    asked: Asked,

    /// Scan every branch and tag, local and remote-tracking, in one pass.
    #[arg(long, conflicts_with = "rev")]
    all_refs: bool,

    /// Scan every version of every file that the history has, not only those that stand.
    #[arg(long)]
    history: bool,

    /// Folder to write the manifest to; '-' streams it to standard output.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,

    /// How much the manifest tells.
    #[arg(long, value_enum, default_value_t = ProfileName::Paths)]
    profile: ProfileName,

    /// How rows are written.
    #[arg(long, value_enum, default_value_t = EncodingName::Jsonl)]
    encoding: EncodingName,

    /// Time that the manifest gives as its own, RFC 3339 [default: SOURCE_DATE_EPOCH, else the newest
    /// committer date among the tips].
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,

    /// Manifest that this one follows.
    #[arg(long, value_name = "DIR")]
    previous: Option<PathBuf>,

    /// How the summary is printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileName {
    /// Hashes, lines and purposes alone.
    Keys,
    /// Also repository, path and commit.
    Paths,
    /// Also why, under keyed pseudonyms (needs a key).
    Audit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EncodingName {
    /// Plain JSON Lines.
    Jsonl,
    /// JSON Lines in zstd frames.
    #[value(name = "jsonl.zst")]
    JsonlZst,
    /// Parquet, for query engines.
    Parquet,
}

impl ProfileName {
    pub(crate) fn profile(self) -> Profile {
        match self {
            Self::Keys => Profile::Keys,
            Self::Paths => Profile::Paths,
            Self::Audit => Profile::Audit,
        }
    }
}

impl EncodingName {
    pub(crate) fn encoding(self) -> Encoding {
        match self {
            Self::Jsonl => Encoding::JsonLines,
            Self::JsonlZst => Encoding::JsonLinesZstd,
            Self::Parquet => Encoding::Parquet,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
}

impl Scan {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let to_stdout = self.output == Path::new("-");
        if to_stdout && self.format == Format::Json {
            let failure =
                Failure::new(Exit::Usage, "the manifest and the summary cannot both go to standard output");
            return Err(failure.hint("write the manifest to a folder: -o DIR"));
        }
        let dir = self.repository.as_deref().unwrap_or(Path::new("."));
        let inputs = Inputs::read(context, &at(context, dir), &self.asked, self.all_refs)?;
        let request = Request {
            profile: self.profile.profile(),
            at: self.at.map_or_else(source_date_epoch, |at| Ok(Some(at)))?,
            previous: self.previous(context)?,
            keep: self.asked.given.kept.of(context, &inputs.repository).is_some(),
            history: self.history,
            ..inputs.request(context)
        };
        let progress = output::progress(context);
        let (before, read) = self.asked.given.kept.load(context, &inputs.repository);
        let done = scan::scan(&request, before, &progress);
        progress.clear();
        let Done { manifest, summary, unmatched, saved, ground } = done?;

        // To take it apart piece by piece would take longer than the system does when the process ends.
        std::mem::forget(ground);
        // The index is written while the manifest is.
        let kept = &self.asked.given.kept;
        std::thread::scope(|scope| {
            if let Some(saved) = saved {
                scope.spawn(|| kept.store(context, &inputs.repository, read.as_ref(), saved));
            }
            self.write(context, &manifest)
        })?;
        if context.quiet {
            return Ok(Exit::Clean);
        }
        self.report(&inputs, &manifest, &summary, &unmatched)
    }

    fn write(&self, context: &Context, manifest: &manifest::Manifest) -> Result<(), Failure> {
        if self.output == Path::new("-") {
            manifest::write_stream(manifest, std::io::stdout().lock())?;
        } else {
            manifest::write(manifest, &at(context, &self.output), self.encoding.encoding())?;
        }
        Ok(())
    }

    fn report(
        &self,
        inputs: &Inputs,
        manifest: &manifest::Manifest,
        summary: &scan::summary::Summary,
        unmatched: &[(u32, Found)],
    ) -> Result<Exit, Failure> {
        let to_stdout = self.output == Path::new("-");
        output::unmatched(&inputs.layers, unmatched);
        let out = (!to_stdout).then_some(self.output.as_path());
        match self.format {
            Format::Json => {
                let digest = manifest.digest()?;
                writeln!(
                    std::io::stdout(),
                    "{}",
                    summary::json(summary, &inputs.name, manifest.header(), &digest)?
                )?;
            }
            Format::Human => {
                let text = summary::human(summary, &inputs.name, manifest.header(), out);
                if to_stdout {
                    write!(anstream::stderr(), "{text}")?;
                } else {
                    write!(anstream::stdout(), "{text}")?;
                }
            }
        }
        Ok(Exit::Clean)
    }

    fn previous(&self, context: &Context) -> Result<Option<manifest::Digest>, Failure> {
        match &self.previous {
            None => Ok(None),
            Some(path) => Ok(Some(manifest::read(&at(context, path))?.digest()?)),
        }
    }
}

pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    withhold::policy::time::parse(text)
        .ok_or_else(|| "expected RFC 3339, such as 2026-01-31T12:00:00Z".to_owned())
}

/// The time that reproducible builds agree on.
pub(crate) fn source_date_epoch() -> Result<Option<Timestamp>, Failure> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Err(std::env::VarError::NotPresent) => Ok(None),
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => text
            .parse()
            .map(Some)
            .map_err(|_| Failure::new(Exit::Usage, "SOURCE_DATE_EPOCH is no number of seconds")),
        Err(error) => Err(Failure::new(Exit::Usage, format_args!("SOURCE_DATE_EPOCH: {error}"))),
    }
}

impl From<ScanError> for Failure {
    fn from(error: ScanError) -> Self {
        let failure = Self::new(error.exit(), &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<ManifestError> for Failure {
    fn from(error: ManifestError) -> Self {
        let exit = exit_of(&error);
        let cause = match &error {
            ManifestError::One { why, .. } => std::error::Error::source(why.as_ref()),
            error => std::error::Error::source(error),
        };
        match cause {
            Some(cause) => Self::new(exit, format_args!("{error}: {cause}")),
            None => Self::new(exit, error),
        }
    }
}

fn exit_of(error: &ManifestError) -> Exit {
    match error {
        ManifestError::One { why, .. } => exit_of(why),
        ManifestError::Interrupted => Exit::Interrupted,
        ManifestError::Unfit { .. } => Exit::Bug,
        ManifestError::NoZstd
        | ManifestError::NoParquet
        | ManifestError::InTheWay { .. }
        | ManifestError::Poorer { .. } => Exit::Usage,
        ManifestError::SerialReused { .. } => Exit::List,
        ManifestError::Expired { .. } | ManifestError::Apart { .. } => Exit::Incomplete,
        _ => Exit::Unreadable,
    }
}
