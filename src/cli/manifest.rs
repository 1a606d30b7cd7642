//! `withhold manifest`: looks at manifests, puts them together, writes them in other forms, and signs them.

mod convert;
mod diff;
mod merge;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use withhold::attribution::Progress;
use withhold::exit::Exit;
use withhold::manifest::keys::Watch;
use withhold::manifest::{self, Encoding, Header, Input, ManifestError, Output, Tool, Work};
use withhold::report::manifest as report;
use withhold::report::progress::Bar;

use super::scan::{EncodingName, Format};
use super::sign::Signers;
use super::sources::at;
use super::{Context, Failure, output};

/// Look at exclusion manifests, merge, convert, compare and sign them.
#[derive(Debug, Args)]
pub(crate) struct Manifest {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what a manifest is, and how much it excludes and covers.
    #[command(after_help = "Example:\n  withhold manifest show manifest/")]
    Show {
        /// Folder of the manifest; '-' reads a stream from standard input.
        #[arg(value_name = "MANIFEST")]
        path: PathBuf,
        /// How it is printed.
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Check a manifest: form, order, counts, digests and tree hashes; and, if asked, who signed it.
    #[command(after_help = "\
Examples:
  withhold manifest validate manifest/
  withhold manifest validate manifest/ --allowed-signers signers --signer ada@corp.example")]
    Validate {
        /// Folder of the manifest.
        #[arg(value_name = "MANIFEST")]
        path: PathBuf,
        #[command(flatten)]
        signers: Signers,
    },
    Merge(merge::Merge),
    Convert(convert::Convert),
    Diff(diff::Diff),
    Sign(super::sign::Sign),
}

impl Manifest {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match &self.command {
            Command::Show { path, format } => {
                let input = open(context, path)?;
                let reading = Reading::new(context);
                input.check(reading.work(context))?;
                reading.clear();
                let text = match format {
                    Format::Human => report::human(input.header(), &input.digest()),
                    Format::Json => serde_json::to_string(input.header())? + "\n",
                };
                write!(anstream::stdout(), "{text}")?;
                Ok(Exit::Clean)
            }
            Command::Validate { path, signers } => {
                let validation = manifest::validate(&at(context, path));
                if !validation.problems.is_empty() {
                    for problem in &validation.problems {
                        writeln!(anstream::stderr(), "{problem}")?;
                    }
                    let failure =
                        Failure::new(Exit::Unreadable, format_args!("{} cannot be trusted", path.display()));
                    return Err(failure.hint("get it again from where it was made"));
                }
                let signed = signers.require(context, path, validation.digest)?;
                if !context.quiet {
                    writeln!(anstream::stdout(), "{}: sound{signed}", path.display())?;
                }
                Ok(Exit::Clean)
            }
            Command::Merge(merge) => merge.run(context),
            Command::Convert(convert) => convert.run(context),
            Command::Diff(diff) => diff.run(context),
            Command::Sign(sign) => sign.run(context),
        }
    }
}

fn open(context: &Context, path: &Path) -> Result<Input, Failure> {
    if path == Path::new("-") {
        return Ok(Input::unpack(std::io::stdin().lock())?);
    }
    Ok(Input::open(&at(context, path))?)
}

/// Opens a manifest, and requires its signature if one is asked for.
fn trusted(context: &Context, path: &Path, signers: &Signers) -> Result<Input, Failure> {
    let asked = signers.read(context)?.is_some();
    if asked && path == Path::new("-") {
        let failure = Failure::new(Exit::Usage, "a stream has no signature that could be required");
        return Err(failure.hint("name the manifest's folder"));
    }
    let input = open(context, path)?;
    if asked {
        let of = |failure: Failure| failure.hint(format_args!("the manifest is {}", path.display()));
        signers.require(context, path, Some(input.digest())).map_err(of)?;
    }
    Ok(input)
}

/// What writes manifests here.
fn tool() -> Tool {
    Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

/// Does work whose output goes to a folder, or to standard output.
fn with_output(
    context: &Context,
    path: &Path,
    encoding: EncodingName,
    work: impl FnOnce(Output<'_>) -> Result<Header, ManifestError>,
) -> Result<Header, Failure> {
    let encoding = encoding.encoding();
    if path != Path::new("-") {
        return Ok(work(Output::Folder(&at(context, path), encoding))?);
    }
    if encoding != Encoding::JsonLines {
        let failure = Failure::new(Exit::Usage, "a stream is plain JSON Lines");
        return Err(failure.hint("write to a folder: -o DIR"));
    }
    Ok(work(Output::Stream(&mut std::io::stdout().lock()))?)
}

/// Says what was written.
fn told(context: &Context, of: &str, header: &Header, out: &Path) -> Result<Exit, Failure> {
    let to_stdout = out == Path::new("-");
    if !context.quiet && to_stdout {
        write!(anstream::stderr(), "{of}{}", report::written(header, None))?;
    } else if !context.quiet {
        write!(anstream::stdout(), "{of}{}", report::written(header, Some(out)))?;
    }
    Ok(Exit::Clean)
}

/// Shows how far manifests are read.
struct Reading(Bar<'static>);

impl Reading {
    fn new(context: &Context) -> Self {
        Self(output::progress(context))
    }

    fn work(&self, context: &Context) -> Work<'_> {
        Work { threads: context.threads, watch: self }
    }

    fn clear(&self) {
        self.0.clear();
    }
}

impl Watch for Reading {
    fn begin(&self, rows: u64) {
        self.0.rows("reading manifests", rows);
    }

    fn advance(&self, rows: u64) {
        Progress::advance(&self.0, rows);
    }

    fn interrupted(&self) -> bool {
        output::interrupted()
    }
}
