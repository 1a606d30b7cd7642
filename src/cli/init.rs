//! `withhold init`: a list and policy to start from.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use withhold::exit::Exit;

use super::sources::at;
use super::{Context, Failure};

/// The example that is shipped.
const EXAMPLE: &str = include_str!("../../config/optout.example.toml");

/// Write a commented opt-out list to start from.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold init                write optout.toml
  withhold init - | less       look at it first")]
pub(crate) struct Init {
    /// File to write; '-' is standard output. A file that is there is never replaced.
    #[arg(value_name = "FILE", default_value = "optout.toml")]
    path: PathBuf,
}

impl Init {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        if self.path == Path::new("-") {
            std::io::stdout().write_all(EXAMPLE.as_bytes())?;
            return Ok(Exit::Clean);
        }
        let shown = self.path.display();
        let mut file = File::create_new(at(context, &self.path)).map_err(|error| {
            if error.kind() == ErrorKind::AlreadyExists {
                Failure::new(Exit::Usage, format_args!("{shown} is there already"))
                    .hint("choose another name, or '-' for standard output")
            } else {
                Failure::new(Exit::Unreadable, format_args!("cannot write {shown}: {error}"))
            }
        })?;
        file.write_all(EXAMPLE.as_bytes())?;
        if !context.quiet {
            writeln!(anstream::stderr(), "wrote {shown}; edit it, then: withhold list check {shown}")?;
        }
        Ok(Exit::Clean)
    }
}
