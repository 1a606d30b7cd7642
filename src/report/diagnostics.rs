//! Shows diagnostics as a compiler would.

use crate::policy::Diagnostic;

/// The text for all of them, ready to be printed.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], color: bool) -> String {
    let _ = (diagnostics, color);
    todo!()
}
