//! `withhold manifest`: looks at manifests, and signs them.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use withhold::exit::Exit;
use withhold::manifest::{self, Manifest as Read};
use withhold::report::manifest as report;

use super::scan::Format;
use super::sign::Signers;
use super::sources::at;
use super::{Context, Failure};

/// Look at exclusion manifests, and sign them.
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
    Sign(super::sign::Sign),
}

impl Manifest {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match &self.command {
            Command::Show { path, format } => {
                let manifest = read(context, path)?;
                let digest = manifest.digest()?;
                let text = match format {
                    Format::Human => report::human(manifest.header(), &digest),
                    Format::Json => serde_json::to_string(manifest.header())? + "\n",
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
            Command::Sign(sign) => sign.run(context),
        }
    }
}

fn read(context: &Context, path: &Path) -> Result<Read, Failure> {
    if path == Path::new("-") {
        return Ok(manifest::read_stream(std::io::stdin().lock())?);
    }
    Ok(manifest::read(&at(context, path))?)
}
