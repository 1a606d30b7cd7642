//! The command line: what can be asked, and by which file it is answered.

mod attribute;
mod completions;
mod explain;
mod failure;
mod init;
mod inputs;
mod list;
mod manifest;
mod output;
mod scan;
mod sources;
mod target;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use withhold::exit::Exit;

pub(crate) use failure::Failure;

/// Keep a person's work out of training data, and prove it.
///
/// Withhold reads who wrote what from Git, matches it line by line against an opt-out list, and writes
/// exclusion manifests that training pipelines honour.
#[derive(Debug, Parser)]
#[command(name = "withhold", version, max_term_width = 100, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// Run as if started in this folder.
    #[arg(short = 'C', value_name = "DIR", global = true)]
    dir: Option<PathBuf>,

    /// Number of threads [default: one for each processor].
    #[arg(long, value_name = "N", global = true)]
    threads: Option<std::num::NonZeroUsize>,

    /// Read repositories that belong to another user.
    #[arg(long, global = true)]
    any_owner: bool,

    /// Say nothing but errors.
    #[arg(short, long, global = true)]
    quiet: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Scan(scan::Scan),
    Attribute(attribute::Attribute),
    Explain(explain::Explain),
    Manifest(manifest::Manifest),
    List(list::List),
    Completions(completions::Completions),
    Man(completions::Man),
}

/// What all commands share.
pub(crate) struct Context {
    /// Where the command works.
    pub(crate) dir: PathBuf,
    /// At least one.
    pub(crate) threads: usize,
    /// Nothing but errors is said.
    pub(crate) quiet: bool,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done · 1 a gate found excluded content · 2 wrong usage · 3 list or policy missing or
invalid · 4 incomplete, so no verdict · 5 repository or manifest cannot be read · 70 a bug";

/// Runs the program with these arguments, the first of which is its name.
pub(crate) fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Clean };
            // Where nothing can be printed, the exit code still says it.
            let _ = error.print();
            return exit.into();
        }
    };
    if let Err(error) = withhold::repo::set_options(cli.any_owner) {
        return Failure::from(error).report().into();
    }
    output::listen_for_interrupts();
    let context = Context {
        dir: cli.dir.unwrap_or_else(|| PathBuf::from(".")),
        threads: cli.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, Into::into),
        quiet: cli.quiet,
    };
    let done = match cli.command {
        Command::Init(init) => init.run(&context),
        Command::Scan(scan) => scan.run(&context),
        Command::Attribute(attribute) => attribute.run(&context),
        Command::Explain(explain) => explain.run(&context),
        Command::Manifest(manifest) => manifest.run(&context),
        Command::List(list) => list.run(&context),
        Command::Completions(completions) => completions.run(&context),
        Command::Man(man) => man.run(&context),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => failure.report().into(),
    }
}
