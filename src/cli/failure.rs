//! A command that did not do what it was asked: with which code the process ends, and what is said.

use std::fmt::Display;
use std::io::Write;

use withhold::exit::Exit;
use withhold::policy::Diagnostic;
use withhold::repo::RepoError;
use withhold::report::porcelain::PrintError;

use super::output;

/// Why a command stopped.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hints: Vec<String>,
    diagnostics: Vec<Diagnostic>,
    /// Whether the list's own lines may be shown wherever it goes.
    open: bool,
}

impl Failure {
    /// A failure with its code and one line that says what happened.
    pub(crate) fn new(exit: Exit, message: impl Display) -> Self {
        Self { exit, message: message.to_string(), hints: Vec::new(), diagnostics: Vec::new(), open: false }
    }

    /// Adds what can be done about it.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// Mistakes in a list or a policy, for who uses it.
    pub(crate) fn diagnostics(exit: Exit, diagnostics: Vec<Diagnostic>) -> Self {
        Self { diagnostics, ..Self::new(exit, "") }
    }

    /// Mistakes in a list, for who works on it.
    pub(crate) fn in_full(diagnostics: Vec<Diagnostic>) -> Self {
        Self { open: true, ..Self::diagnostics(Exit::List, diagnostics) }
    }

    /// Says it on standard error.
    pub(crate) fn report(self) -> Exit {
        // A reader that has seen enough (`withhold … | head`) is no failure to talk about.
        if self.message.is_empty() && self.diagnostics.is_empty() {
            return self.exit;
        }
        if self.open {
            output::diagnostics(&self.diagnostics);
        } else {
            output::discreet_diagnostics(&self.diagnostics);
        }
        let mut stderr = anstream::stderr().lock();
        if !self.message.is_empty() {
            let style = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
            // Nothing can be said where standard error is closed.
            let _ = writeln!(stderr, "{style}error{style:#}: {}", visible(&self.message));
        }
        for hint in self.hints {
            let style = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Cyan.into()));
            let _ = writeln!(stderr, "{style}hint{style:#}: {}", visible(&hint));
        }
        self.exit
    }
}

/// A message as it may be shown on a terminal: names in a repository can hold anything.
fn visible(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for char in message.chars() {
        if char.is_control() { text.extend(char.escape_default()) } else { text.push(char) }
    }
    text
}

impl From<RepoError> for Failure {
    fn from(error: RepoError) -> Self {
        let failure = Self::new(error.exit(), &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::new(Exit::Unreadable, "");
        }
        Self::new(Exit::Unreadable, format_args!("cannot write the output: {error}"))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(Exit::Bug, format_args!("cannot write JSON: {error}"))
    }
}

impl From<PrintError> for Failure {
    fn from(error: PrintError) -> Self {
        match error {
            PrintError::Repo(error) => error.into(),
            PrintError::Write(error) => error.into(),
        }
    }
}
