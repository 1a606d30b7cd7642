//! `withhold completions` and `withhold man`: made from the same definitions as the arguments.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::aot::{Bash, Elvish, Fish, Generator, PowerShell, Zsh};
use withhold::exit::Exit;

use super::sources::at;
use super::{Cli, Context, Failure};

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  withhold completions bash > ~/.local/share/bash-completion/completions/withhold"
)]
pub(crate) struct Completions {
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Zsh,
}

impl Completions {
    pub(crate) fn run(&self, _: &Context) -> Result<Exit, Failure> {
        let mut text = Vec::new();
        match self.shell {
            Shell::Bash => generate(Bash, &mut text),
            Shell::Elvish => generate(Elvish, &mut text),
            Shell::Fish => generate(Fish, &mut text),
            Shell::PowerShell => generate(PowerShell, &mut text),
            Shell::Zsh => generate(Zsh, &mut text),
        }
        std::io::stdout().write_all(&text)?;
        Ok(Exit::Clean)
    }
}

fn generate(shell: impl Generator, text: &mut Vec<u8>) {
    clap_complete::generate(shell, &mut Cli::command(), "withhold", text);
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
