//! Shows diagnostics as a compiler would: the lines of the file, what was expected, how to mend it.
//!
//! Decides how they look. Must not decide what is a mistake.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};

use crate::policy::{Diagnostic, Label, Severity, Source};

/// Labels this many lines apart are shown in one excerpt.
const NEAR: usize = 12;

/// A longer excerpt is not shown; somebody else's file may be one endless line.
const MAX_EXCERPT: usize = 16 * 1024;

/// The text for all of them, in their order, ready to be printed. At its end stands which page tells more.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(120);
    let mut files = Files::default();
    let mut text = String::new();
    for diagnostic in diagnostics {
        text += &renderer.render(&[group(diagnostic, &mut files)]);
        text += "\n\n";
    }
    let codes: BTreeSet<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    for code in codes {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "note: for `{code}` see docs/diagnostics/{code}.md");
    }
    text
}

/// One line for each, without the list's own words: for logs, which more people read than the list.
#[must_use]
pub fn brief(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let level = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let code = diagnostic.code;
        // What points into no list quotes none: a file that cannot be read is called by its name.
        let said = match diagnostic.labels.first() {
            None => diagnostic.message.escape_debug().to_string(),
            Some(label) => {
                let (line, column) = label.source.line_column(label.span.start);
                format!("{}:{line}:{column}: {}", label.source.name.escape_debug(), code.meaning())
            }
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{level}[{code}]: {said}");
        if diagnostic.labels.is_empty() {
            diagnostic.help.iter().for_each(|help| text += &format!("  = help: {help}\n"));
        }
    }
    text
}

/// One remark that is no mistake, shown in the same way.
pub(super) fn note(title: &str, labels: &[Label], help: &[String]) -> String {
    let mut files = Files::default();
    let mut group = Group::with_title(Level::NOTE.primary_title(title));
    for (index, labels) in excerpts(labels, &mut files).into_iter().enumerate() {
        group = excerpt(group, &labels, index == 0, &mut files);
    }
    let group = group.elements(help.iter().map(|help| Level::HELP.message(help.as_str())));
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii).term_width(120);
    renderer.render(&[group]) + "\n"
}

fn group<'d>(diagnostic: &'d Diagnostic, files: &mut Files) -> Group<'d> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title =
        level.primary_title(normalize_untrusted_str(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    for (index, labels) in excerpts(&diagnostic.labels, files).into_iter().enumerate() {
        group = excerpt(group, &labels, index == 0, files);
    }
    group.elements(diagnostic.help.iter().map(|help| Level::HELP.message(normalize_untrusted_str(help))))
}

/// Labels of one file that are near each other go together.
pub(super) fn excerpts<'d>(labels: &'d [Label], files: &mut Files) -> Vec<Vec<&'d Label>> {
    let mut excerpts: Vec<Vec<&Label>> = Vec::new();
    for label in labels {
        let line = files.lines(&label.source).line(label.span.start);
        let near = excerpts.iter_mut().find(|excerpt| {
            excerpt.iter().all(|other| {
                Arc::ptr_eq(&other.source, &label.source)
                    && files.lines(&other.source).line(other.span.start).abs_diff(line) <= NEAR
            })
        });
        match near {
            Some(excerpt) => excerpt.push(label),
            None => excerpts.push(vec![label]),
        }
    }
    excerpts
}

pub(super) fn excerpt<'d>(
    group: Group<'d>,
    labels: &[&'d Label],
    main: bool,
    files: &mut Files,
) -> Group<'d> {
    let Some(first) = labels.first() else { return group };
    let source = &*first.source;
    let lines = files.lines(&first.source);
    let text = source.text.as_str();
    // An end of a label may lie behind the text, or where a syntax error left it.
    let clamp = |at: usize| floor(text, at.min(text.len()));
    let from = labels.iter().map(|label| lines.line(clamp(label.span.start))).min().unwrap_or(0);
    let to = labels.iter().map(|label| lines.line(clamp(label.span.end))).max().unwrap_or(0);
    let (start, end) = (lines.start(from), lines.start(to + 1).min(text.len()));
    if end - start > MAX_EXCERPT {
        let (line, column) = source.line_column(first.span.start);
        return group
            .element(Origin::path(normalize_untrusted_str(&source.name)).line(line).char_column(column))
            .element(Level::NOTE.message(normalize_untrusted_str(&first.text)));
    }
    let mut snippet =
        Snippet::source(&text[start..end]).path(normalize_untrusted_str(&source.name)).line_start(from + 1);
    for (index, label) in labels.iter().enumerate() {
        let kind = if main && index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let span = clamp(label.span.start) - start..clamp(label.span.end.max(label.span.start)) - start;
        snippet = snippet.annotation(kind.span(span).label(normalize_untrusted_str(&label.text)));
    }
    group.element(snippet)
}

/// The start of the character that `at` is in.
fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Where lines begin, looked up once for each file.
#[derive(Default)]
pub(super) struct Files(HashMap<*const Source, Lines>);

impl Files {
    fn lines(&mut self, source: &Arc<Source>) -> &Lines {
        self.0.entry(Arc::as_ptr(source)).or_insert_with(|| Lines::new(source))
    }
}

/// The starts of the lines of a file that is kept alive by the diagnostics.
struct Lines {
    starts: Vec<usize>,
    end: usize,
}

impl Lines {
    fn new(source: &Source) -> Self {
        let after_newlines = source.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(after_newlines.map(|(at, _)| at + 1)).collect();
        Self { starts, end: source.text.len() }
    }

    /// The line, from 0, that a byte is in.
    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Code, List};
    use proptest::prelude::*;

    #[test]
    fn a_mistake_is_shown_where_it_is() {
        let text = "schema = 1\nlist = \"x\"\nserial = 1\nregimee = \"opt-in\"\n";
        let errors = List::parse(Source::new("optout.toml", text)).unwrap_err();
        let shown = render(&errors, false);
        assert!(shown.starts_with("error[unknown-key]: unknown key `regimee` in the list\n"), "{shown}");
        assert!(shown.contains("--> optout.toml:4:1"), "{shown}");
        assert!(shown.contains("help: did you mean `regime`?"), "{shown}");
        assert!(shown.ends_with("note: for `unknown-key` see docs/diagnostics/unknown-key.md\n"), "{shown}");
        assert!(render(&errors, true).contains("\u{1b}["));
    }

    #[test]
    fn what_goes_to_a_log_does_not_repeat_the_list() {
        let text = "schema = 1\nlist = \"x\"\nserial = 1\n[[subject]]\nid = \"s-a1b2c3\"\n[[subject.identity]]\nemail = \"ada\"\n";
        let errors = List::parse(Source::new("optout.toml", text)).unwrap_err();
        assert_eq!(
            brief(&errors),
            "error[bad-email]: optout.toml:7:9: an exact e-mail address without `@`\n"
        );
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let text = "schema = 1\nlist = \"x\"\nserial = 1\n\"\\u001b[31m\" = 1\nregime = \"\\u001b[31m\"\n\
            subject = [{ identity = [{ forge = \"a/\\u001b[31m\" }] }]\nx\u{1b}[31m = 1\n";
        let shown = render(&List::parse(Source::new("a\u{1b}[31m.toml", text)).unwrap_err(), false);
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }

    #[test]
    fn an_endless_line_is_not_shown() {
        let source = Arc::new(Source::new("a.toml", "x".repeat(MAX_EXCERPT + 1)));
        let error = Diagnostic::error(Code::Syntax, "no").label(&source, 5..9, "here");
        let shown = render(&[error], false);
        assert!(shown.contains("a.toml:1:6") && shown.len() < 1000, "{shown}");
    }

    proptest! {
        /// Whatever the file and wherever the label.
        #[test]
        fn nothing_is_too_strange_to_be_shown(text in any::<String>(), from in 0usize..40, to in 0usize..40) {
            let source = Arc::new(Source::new("a.toml", text));
            let error = Diagnostic::error(Code::Syntax, "no").label(&source, from..to, "here").label(&source, to..from, "");
            let _ = render(&[error], false);
        }

        /// No file makes the parser panic, and what it says can be shown.
        #[test]
        fn no_list_is_too_strange(text in "(schema|list|serial|[a-z\"'=\\[\\]{}., \n0-9-]){0,40}") {
            if let Err(errors) = List::parse(Source::new("a.toml", text)) {
                prop_assert!(!render(&errors, false).is_empty());
            }
        }
    }
}
