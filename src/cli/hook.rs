//! `withhold hook`: the gates that Git calls.

use clap::{Args, Subcommand};
use withhold::exit::Exit;

use super::gate::Run;
use super::{Context, Failure};

/// Work with the hooks by which Git asks before work moves.
#[derive(Debug, Args)]
pub(crate) struct Hook {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Run),
}

impl Hook {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match &self.command {
            Command::Run(run) => run.run(context),
        }
    }
}
