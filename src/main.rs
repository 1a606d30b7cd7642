//! The program `withhold`: arguments, one file per command, and what is printed.

mod cli;

use std::process::ExitCode;

/// Where the program begins.
pub(crate) fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
