//! Where the program's words go: results to standard output, everything else to standard error.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use withhold::exit::Exit;
use withhold::identity::Found;
use withhold::policy::{Diagnostic, Layers};
use withhold::report::diagnostics::{brief, render};
use withhold::report::progress::Bar;

use super::Context;

/// So many warnings of one kind are shown; the rest is counted.
const MOST_WARNINGS: usize = 10;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Says what does not change the outcome, unless nothing is to be said.
pub(crate) fn note(context: &Context, words: impl std::fmt::Display) {
    if !context.quiet {
        let _ = writeln!(anstream::stderr(), "note: {words}");
    }
}

/// Shows mistakes in lists and policies, with their source lines: to who works on the list.
pub(crate) fn diagnostics(diagnostics: &[Diagnostic]) {
    if diagnostics.is_empty() {
        return;
    }
    // anstream takes the colours out where they cannot be shown.
    let _ = write!(anstream::stderr(), "{}", render(diagnostics, true));
}

/// Shows them to who uses the list: on a terminal in full; elsewhere, where it may become a log that others
/// read, without the list's own lines.
pub(crate) fn discreet_diagnostics(diagnostics: &[Diagnostic]) {
    if std::io::stderr().is_terminal() {
        return self::diagnostics(diagnostics);
    }
    let _ = write!(anstream::stderr(), "{}", brief(diagnostics));
}

/// Warns of identities that nobody in the history has.
pub(crate) fn unmatched(layers: &Layers, unmatched: &[(u32, Found)]) {
    let warning = |(layer, found): &(u32, Found)| {
        layers.lists.get(*layer as usize)?.matched_nobody(found.subject, found.identity)
    };
    let shown: Vec<_> = unmatched.iter().take(MOST_WARNINGS).filter_map(warning).collect();
    discreet_diagnostics(&shown);
    let more = unmatched.len().saturating_sub(MOST_WARNINGS);
    if more > 0 {
        let _ = writeln!(anstream::stderr(), "warning: {more} more identities matched nobody");
    }
}

/// Shows how far the work has come, on a terminal.
pub(crate) fn progress(context: &Context) -> Bar<'static> {
    Bar::new(!context.quiet && std::io::stderr().is_terminal(), &INTERRUPTED)
}

/// Whether somebody wants it to end.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// From now on, Ctrl-C and its like end the work at the next good moment; the second time at once.
pub(crate) fn listen_for_interrupts() {
    let heard = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    });
    // Without a handler the system ends the process; a manifest is then still whole or not there.
    drop(heard);
}
