//! From TOML to a valid list or policy, with all mistakes in one run.
//!
//! The parser keeps every span and goes on after a mistake; so does everything here. What has a mistake
//! is left out of the result, and as soon as there is an error there is no result.

mod identity;
mod list;
mod policy;
mod subject;
mod table;
mod value;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use toml::de::DeTable;

use super::globs::{GlobKind, Globs};
use super::{Code, Diagnostic, List, PolicyFile, Severity, Source};
use table::Table;

pub(super) use list::MAX_SERIAL;

/// A list.
pub(super) fn list(source: Source) -> Result<(List, Vec<Diagnostic>), Vec<Diagnostic>> {
    document(source, "the list", list::KEYS, list::read)
}

/// A policy in a file of its own.
pub(super) fn policy_file(source: Source) -> Result<(PolicyFile, Vec<Diagnostic>), Vec<Diagnostic>> {
    document(source, "a policy file", policy::FILE_KEYS, policy::read_file)
}

/// What the parts share: the text, and the mistakes so far.
struct Reader {
    source: Arc<Source>,
    diagnostics: Vec<Diagnostic>,
    /// After a syntax error a part may be missing because it could not be read.
    broken: bool,
    /// Many preferences name the same repositories: each set is compiled once.
    globs: HashMap<(GlobKind, Vec<String>), Globs>,
}

impl Reader {
    /// Adds an error at `span`, where `expected` is what should have been there.
    fn error(
        &mut self,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) -> &mut Diagnostic {
        let error = Diagnostic::error(code, message).label(&self.source, span, expected);
        self.add(error)
    }

    fn add(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        self.diagnostics.push(diagnostic);
        let last = self.diagnostics.len() - 1;
        &mut self.diagnostics[last]
    }
}

fn document<T>(
    source: Source,
    what: &'static str,
    keys: &'static [&'static str],
    read: impl FnOnce(&mut Reader, &Table<'_>) -> Option<T>,
) -> Result<(T, Vec<Diagnostic>), Vec<Diagnostic>> {
    let source = Arc::new(source);
    let mut reader =
        Reader { source: Arc::clone(&source), diagnostics: Vec::new(), broken: false, globs: HashMap::new() };
    let (root, errors) = DeTable::parse_recoverable(&source.text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        reader.broken = true;
        reader.error(Code::Syntax, span, "this is not TOML", error.message());
    }
    let table = Table::new(&mut reader, root.get_ref(), 0..0, what, keys);
    let result = read(&mut reader, &table);
    let mut diagnostics = reader.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.labels.first().map_or(0, |label| label.span.start));
    let refused = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    match result {
        Some(result) if !refused => Ok((result, diagnostics)),
        _ if refused => Err(diagnostics),
        // A part is missing and nobody said why: never a list, rather a message that is too plain.
        _ => Err(vec![Diagnostic::error(Code::Syntax, format!("{what} cannot be read"))]),
    }
}

#[cfg(test)]
mod tests;
