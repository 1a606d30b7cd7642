//! The text of a list that is being edited: where its parts end, and what it is with lines added.
//!
//! Decides where lines go, byte by byte. Must not decide which lines.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::block::{Block, quoted};
use super::{EditError, Edited, NewSubject};
use crate::policy::parse::MAX_SERIAL;
use crate::policy::{Code, Decision, List, Roles, Source, Subject};

/// The text of a valid list, with its spans.
pub(super) struct Text<'t> {
    source: &'t Source,
    pub(super) list: List,
    root: Spanned<DeTable<'t>>,
    line_end: &'static str,
}

impl<'t> Text<'t> {
    pub(super) fn read(source: &'t Source) -> Result<Self, EditError> {
        let (list, _) = List::parse(source.clone()).map_err(EditError::Invalid)?;
        let (root, _) = DeTable::parse_recoverable(&source.text);
        let line_end = if source.text.contains("\r\n") { "\r\n" } else { "\n" };
        Ok(Self { source, list, root, line_end })
    }

    fn subjects(&self) -> Option<&[Spanned<DeValue<'t>>]> {
        Some(self.root.get_ref().get("subject")?.get_ref().as_array()?)
    }

    /// The start of the line after the last subject; without subjects, the end of the text.
    pub(super) fn end_of_subjects(&self) -> usize {
        match self.subjects().map_or(0, <[_]>::len) {
            0 => self.source.text.len(),
            count => self.end_of_subject(count - 1),
        }
    }

    /// The start of the line after a subject.
    pub(super) fn end_of_subject(&self, index: usize) -> usize {
        let text = &self.source.text;
        let last = self.subjects().and_then(|subjects| subjects.get(index)).map_or(text.len(), last_byte);
        text[last..].find('\n').map_or(text.len(), |newline| last + newline + 1)
    }

    /// The white space before the parts of a subject.
    pub(super) fn indent(&self, index: usize) -> String {
        let part = self.subjects().and_then(|subjects| {
            subjects.get(index)?.get_ref().as_table()?.get("identity")?.get_ref().as_array()?.first()
        });
        let Some(part) = part else { return String::new() };
        let before = &self.source.text[..part.span().start];
        let line = &before[before.rfind('\n').map_or(0, |newline| newline + 1)..];
        line.chars().take_while(|char| *char == ' ' || *char == '\t').collect()
    }

    /// A subject without preferences disallows everything. As soon as it gets one, that has to be said.
    pub(super) fn implied(&self, block: &mut Block<'_>, subject: &Subject) {
        if subject.preferences.iter().any(|preference| preference.span == subject.span) {
            block.preference(Decision::Disallow, None, Roles::WRITERS);
        }
    }

    pub(super) fn new_subject(&self, id: &str, new: &NewSubject) -> String {
        let mut block = Block::new("");
        if !self.source.text.is_empty() {
            block.line("");
        }
        block.line("[[subject]]");
        block.line(&format!("id = {}", quoted(id)));
        if let Some(reason) = &new.reason {
            block.line(&format!("reason = {}", quoted(reason)));
        }
        block.indent = "  ";
        for (pattern, window) in &new.identities {
            block.identity(pattern, *window);
        }
        if let Some(purposes) = new.purposes {
            block.preference(Decision::Disallow, Some(purposes), Roles::WRITERS);
        }
        block.text
    }

    /// Inserts the blocks, raises the serial, and reads the result.
    pub(super) fn finish(
        &self,
        mut insertions: Vec<(usize, String)>,
        ids: Vec<String>,
    ) -> Result<Edited, EditError> {
        if self.list.serial >= MAX_SERIAL {
            return Err(EditError::SerialExhausted);
        }
        let serial = self.root.get_ref().get("serial").map_or(0..0, Spanned::span);
        let mut changes: Vec<(Range<usize>, String)> = vec![(serial, (self.list.serial + 1).to_string())];
        insertions.sort();
        for (at, block) in insertions {
            let unfinished = at > 0 && !self.source.text[..at].ends_with('\n');
            let start = if unfinished { self.line_end } else { "" };
            changes.push((at..at, format!("{start}{}", block.replace('\n', self.line_end))));
        }
        changes.sort_by_key(|(span, _)| span.start);
        let mut text = String::with_capacity(self.source.text.len() + 1024);
        let mut done = 0;
        for (span, new) in changes {
            text += self.source.text.get(done..span.start).unwrap_or_default();
            text += &new;
            done = span.end;
        }
        text += self.source.text.get(done..).unwrap_or_default();
        match List::parse(Source::new(self.source.name.clone(), text.clone())) {
            Ok((list, warnings)) => Ok(Edited { text, list, warnings, ids }),
            Err(errors) if errors.iter().any(|error| error.code == Code::Syntax) => Err(EditError::Inline),
            Err(errors) => Err(EditError::Invalid(errors)),
        }
    }
}

/// The last byte of a value and everything in it.
fn last_byte(value: &Spanned<DeValue<'_>>) -> usize {
    let inside = match value.get_ref() {
        DeValue::Table(table) => table.values().map(last_byte).max(),
        DeValue::Array(array) => array.iter().map(last_byte).max(),
        _ => None,
    };
    inside.unwrap_or(0).max(value.span().end)
}
