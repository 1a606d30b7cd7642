//! Attribution as JSON Lines: one object for each range of lines, and for each file without lines.
//!
//! Decides the fields alone. Like `git blame`, it names authors: it is an answer to a question about a
//! history, not a manifest.

use std::collections::HashMap;
use std::io::Write;

use serde::Serialize;

use super::porcelain::PrintError;
use crate::attribution::history::CommitNo;
use crate::attribution::{Content, Engine, FileAttribution, TipFile};
use crate::identity::{Mailmap, Person};
use crate::manifest::path;
use crate::repo::{Commit, EntryKind, Ident, Kind, Objects, RepoError, reencode};

#[derive(Serialize)]
struct Row<'a> {
    path: &'a str,
    object: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_start: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_end: Option<u32>,
    commit: String,
    #[serde(flatten)]
    author: &'a Author,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin_line_start: Option<u32>,
    /// The lines stood here, in the very same file, before they came to where they are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    earlier: bool,
}

#[derive(Serialize)]
struct Author {
    author: String,
    author_mail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_time: Option<i64>,
}

/// Prints attributions one file after the other; remembers the authors it has read.
pub struct JsonLines<'e> {
    engine: &'e Engine,
    objects: &'e Objects,
    mailmap: &'e Mailmap,
    authors: HashMap<CommitNo, Author>,
}

impl<'e> JsonLines<'e> {
    /// A printer over what `engine` found; names are shown as `mailmap` has them.
    #[must_use]
    pub fn new(engine: &'e Engine, objects: &'e Objects, mailmap: &'e Mailmap) -> Self {
        Self { engine, objects, mailmap, authors: HashMap::new() }
    }

    /// Prints one file.
    ///
    /// # Errors
    /// A commit cannot be read, or `out` cannot be written.
    pub fn file(
        &mut self,
        file: &TipFile,
        attribution: &FileAttribution,
        out: &mut dyn Write,
    ) -> Result<(), PrintError> {
        match &attribution.content {
            Content::Text { credits, earlier, .. } => {
                let all = credits.iter().map(|credit| (credit, false));
                for (credit, earlier) in all.chain(earlier.iter().map(|credit| (credit, true))) {
                    let lines = Some((credit.line, credit.len));
                    let origin = (self.engine.path(credit.path), credit.origin_line);
                    self.row(file, credit.commit, lines, Some(origin), earlier, out)?;
                }
                if credits.is_empty() {
                    self.row(file, attribution.introduced, None, None, false, out)?;
                }
            }
            Content::Whole { changes } => {
                for (commit, path) in changes {
                    let origin = (self.engine.path(*path), 0);
                    self.row(file, *commit, None, Some(origin), false, out)?;
                }
            }
            Content::Submodule => self.row(file, attribution.introduced, None, None, false, out)?,
        }
        Ok(())
    }

    fn row(
        &mut self,
        file: &TipFile,
        commit: CommitNo,
        lines: Option<(u32, u32)>,
        origin: Option<(&[u8], u32)>,
        earlier: bool,
        out: &mut dyn Write,
    ) -> Result<(), PrintError> {
        let author = match self.authors.entry(commit) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                new.insert(author(self.engine, self.objects, self.mailmap, commit)?)
            }
        };
        let row = Row {
            path: &path::encode(&file.path),
            object: file.leaf.id.to_string(),
            kind: match file.leaf.kind {
                EntryKind::File => "file",
                EntryKind::Symlink => "symlink",
                EntryKind::Submodule => "submodule",
                EntryKind::Tree => "tree",
            },
            line_start: lines.map(|(first, _)| first + 1),
            line_end: lines.map(|(first, count)| first + count),
            commit: self.engine.history().id(commit).to_string(),
            author,
            origin_path: origin.map(|(origin, _)| path::encode(origin)),
            origin_line_start: lines.and(origin).map(|(_, line)| line + 1),
            earlier,
        };
        serde_json::to_writer(&mut *out, &row).map_err(std::io::Error::from)?;
        out.write_all(b"\n")?;
        Ok(())
    }
}

fn author(
    engine: &Engine,
    objects: &Objects,
    mailmap: &Mailmap,
    commit: CommitNo,
) -> Result<Author, RepoError> {
    let id = engine.history().id(commit);
    objects.with(id, Kind::Commit, |bytes| {
        let commit = Commit::parse(id, bytes)?;
        let Some(ident) = commit.author.and_then(Ident::parse) else {
            return Ok(Author { author: String::new(), author_mail: String::new(), author_time: None });
        };
        let [name, email] = [ident.name, ident.email].map(|text| reencode(text, commit.encoding));
        let person = Person::new(&*name, &*email);
        let person = mailmap.resolve(&person).unwrap_or(person);
        Ok(Author {
            author: String::from_utf8_lossy(&person.name).into_owned(),
            author_mail: String::from_utf8_lossy(&person.email).into_owned(),
            author_time: ident.time,
        })
    })?
}
