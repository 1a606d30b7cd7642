//! `withhold completions` and `withhold man`: made from the same definitions as the arguments.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::aot::Shell;
use withhold::exit::Exit;

use super::sources::at;
use super::{Cli, Context, Failure};

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  withhold completions bash > ~/.local/share/bash-completion/completions/withhold"
)]
pub(crate) struct Completions {
    /// Shell.
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, _: &Context) -> Result<Exit, Failure> {
        // Written to memory first: the library panics where it cannot write.
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "withhold", &mut text);
        std::io::stdout().write_all(&text)?;
        Ok(Exit::Clean)
    }
}

/// Print the manual page, or write all of them to a folder.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  withhold man | man -l -\n  withhold man -o ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// Folder for a page of each command.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let command = Cli::command();
        match &self.output {
            None => clap_mangen::Man::new(command).render(&mut std::io::stdout())?,
            Some(dir) => clap_mangen::generate_to(command, at(context, dir)).map_err(|error| {
                Failure::new(Exit::Unreadable, format_args!("cannot write to {}: {error}", dir.display()))
            })?,
        }
        Ok(Exit::Clean)
    }
}
