//! The program `withhold`.

use std::process::ExitCode;

/// Where the program begins.
pub(crate) fn main() -> ExitCode {
    withhold::exit::Exit::Clean.into()
}
