//! Where the program's words go: results to standard output, everything else to standard error.

use withhold::policy::Diagnostic;

/// Shows mistakes in lists and policies, with their source lines.
pub(crate) fn diagnostics(diagnostics: &[Diagnostic]) {
    let _ = diagnostics;
}
