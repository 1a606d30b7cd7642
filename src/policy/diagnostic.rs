//! One mistake in a list: what, where, what was expected, and how to mend it.
//!
//! Pure data; how it looks is decided by `report`.

use std::ops::Range;
use std::sync::Arc;

use super::{Code, Source};

/// Whether a list with it may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The list is refused.
    Error,
    /// The list is used, but someone should look.
    Warning,
}

/// A place in a source, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub source: Arc<Source>,
    /// The bytes in its text.
    pub span: Range<usize>,
    /// What was expected there, or what it has to do with the mistake.
    pub text: String,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The stable name of this kind of mistake.
    pub code: Code,
    /// What is wrong, in one line.
    pub message: String,
    /// Where: the first is the place itself, the others explain it. Empty if there is no text to show.
    pub labels: Vec<Label>,
    /// How to mend it.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error without a place yet.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A warning without a place yet.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Adds a place; the first one added is the main one.
    #[must_use]
    pub fn label(mut self, source: &Arc<Source>, span: Range<usize>, text: impl Into<String>) -> Self {
        self.labels.push(Label { source: Arc::clone(source), span, text: text.into() });
        self
    }

    /// Adds another place in the same file, if there is one already.
    pub fn also(&mut self, span: Range<usize>, text: impl Into<String>) -> &mut Self {
        if let Some(first) = self.labels.first() {
            let source = Arc::clone(&first.source);
            self.labels.push(Label { source, span, text: text.into() });
        }
        self
    }

    /// Adds a way to mend it.
    pub fn advise(&mut self, text: impl Into<String>) -> &mut Self {
        self.help.push(text.into());
        self
    }

    /// Adds a way to mend it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}
