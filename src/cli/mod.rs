//! The command line: what can be asked, and by which file it is answered.

mod attest;
mod attribute;
mod cache;
mod check;
mod completions;
mod dataset;
mod explain;
mod failure;
mod filter;
mod gate;
mod hook;
mod init;
mod inputs;
mod list;
mod look;
mod manifest;
mod output;
mod receipt;
mod revs;
mod scan;
mod seen;
mod sign;
mod sources;
mod target;
mod verify;

use std::ffi::OsString;
use std::panic::AssertUnwindSafe;
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
    // Not global: behind `attribute` it is the option of `git blame`.
    #[arg(short = 'C', value_name = "DIR")]
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
    Hook(hook::Hook),
    Check(check::Check),
    Filter(filter::Filter),
    Verify(verify::Verify),
    Cache(cache::Cache),
    Manifest(manifest::Manifest),
    Receipt(receipt::Receipt),
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
    guarded(|| answer(args)).into()
}

/// A panic is a bug, and ends with the code of one.
fn guarded(work: impl FnOnce() -> Exit) -> Exit {
    std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Failure::new(Exit::Bug, "this is a bug in withhold, and nothing was decided")
            .hint("please report what stands above, with the command that led to it")
            .report()
    })
}

fn answer(args: impl Iterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(attribute::with_scores(args)) {
        Ok(cli) => cli,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Clean };
            // Where nothing can be printed, the exit code still says it.
            let _ = error.print();
            return exit;
        }
    };
    if let Err(error) = withhold::repo::set_options(cli.any_owner) {
        return Failure::from(error).report();
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
        Command::Hook(hook) => hook.run(&context),
        Command::Check(check) => check.run(&context),
        Command::Filter(filter) => filter.run(&context),
        Command::Verify(verify) => verify.run(&context),
        Command::Cache(cache) => cache.run(&context),
        Command::Manifest(manifest) => manifest.run(&context),
        Command::Receipt(receipt) => receipt.run(&context),
        Command::List(list) => list.run(&context),
        Command::Completions(completions) => completions.run(&context),
        Command::Man(man) => man.run(&context),
    };
    done.unwrap_or_else(Failure::report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_with_the_code_of_a_bug_also_on_another_thread() {
        assert_eq!(guarded(|| Exit::Excluded), Exit::Excluded);
        assert_eq!(guarded(|| panic!("as it should")), Exit::Bug);
        let elsewhere = || {
            std::thread::scope(|scope| {
                scope.spawn(|| panic!("as it should"));
            });
            Exit::Clean
        };
        assert_eq!(guarded(elsewhere), Exit::Bug);
    }

    #[test]
    fn the_definitions_of_the_arguments_are_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
