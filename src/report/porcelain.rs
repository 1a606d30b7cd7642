//! Attribution as `git blame --porcelain` prints it, byte for byte.
//!
//! Decides the spelling alone: headers, quoting of paths, which details a commit shows and when.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use crate::attribution::history::CommitNo;
use crate::attribution::{Credit, Engine};
use crate::identity::{Mailmap, Person};
use crate::repo::{Commit, Ident, Kind, Objects, RepoError, reencode, subject};

/// Prints attributions one file after the other; remembers the commits it has shown.
pub struct Porcelain<'e> {
    engine: &'e Engine,
    objects: &'e Objects,
    mailmap: &'e Mailmap,
    details: HashMap<CommitNo, Vec<u8>>,
}

impl<'e> Porcelain<'e> {
    /// A printer over what `engine` found; names are shown as `mailmap` has them, as in git.
    #[must_use]
    pub fn new(engine: &'e Engine, objects: &'e Objects, mailmap: &'e Mailmap) -> Self {
        Self { engine, objects, mailmap, details: HashMap::new() }
    }

    /// Prints one file: its `credits` in order, and its lines from `content`.
    ///
    /// # Errors
    /// A commit cannot be read, or `out` cannot be written.
    pub fn file(
        &mut self,
        credits: &[Credit],
        content: &[u8],
        out: &mut dyn Write,
    ) -> Result<(), PrintError> {
        let mut lines = content.split_inclusive(|byte| *byte == b'\n');
        let mut shown = HashSet::new();
        let several_paths = several_paths(credits);
        for credit in credits {
            let id = self.engine.history().id(credit.commit);
            for at in 0..credit.len {
                let (origin, line) = (credit.origin_line + at + 1, credit.line + at + 1);
                if at == 0 {
                    writeln!(out, "{id} {origin} {line} {}", credit.len)?;
                    let first = shown.insert(credit.commit);
                    if first {
                        out.write_all(self.details(credit.commit)?)?;
                    }
                    if first || several_paths.contains(&credit.commit) {
                        self.paths(credit, out)?;
                    }
                } else {
                    writeln!(out, "{id} {origin} {line}")?;
                }
                out.write_all(b"\t")?;
                let text = lines.next().unwrap_or_default();
                out.write_all(text)?;
                if text.last() != Some(&b'\n') {
                    out.write_all(b"\n")?;
                }
            }
        }
        Ok(())
    }

    fn paths(&self, credit: &Credit, out: &mut dyn Write) -> io::Result<()> {
        if let Some((commit, path)) = credit.previous {
            write!(out, "previous {} ", self.engine.history().id(commit))?;
            out.write_all(&quoted(self.engine.path(path)))?;
            out.write_all(b"\n")?;
        }
        out.write_all(b"filename ")?;
        out.write_all(&quoted(self.engine.path(credit.path)))?;
        out.write_all(b"\n")
    }

    fn details(&mut self, commit: CommitNo) -> Result<&[u8], RepoError> {
        if !self.details.contains_key(&commit) {
            let id = self.engine.history().id(commit);
            let root = self.engine.history().parents(commit).is_empty();
            let text = self.objects.with(id, Kind::Commit, |bytes| {
                let encoding = Commit::parse(id, bytes)?.encoding.map(<[u8]>::to_vec);
                // git shows a commit as a C string, in UTF-8.
                let shown = reencode(until_nul(bytes), encoding.as_deref());
                let parsed = Commit::parse(id, &shown)?;
                let mut text = Vec::new();
                self.person("author", parsed.author, &mut text);
                self.person("committer", parsed.committer, &mut text);
                text.extend_from_slice(b"summary ");
                match subject(parsed.message) {
                    b"" => text.extend_from_slice(format!("({id})").as_bytes()),
                    subject => text.extend_from_slice(subject),
                }
                text.push(b'\n');
                if root {
                    text.extend_from_slice(b"boundary\n");
                }
                Ok::<_, RepoError>(text)
            })??;
            self.details.insert(commit, text);
        }
        Ok(self.details.get(&commit).map_or(&[], Vec::as_slice))
    }

    fn person(&self, role: &str, line: Option<&[u8]>, text: &mut Vec<u8>) {
        let Some(ident) = line.and_then(Ident::parse) else {
            text.extend_from_slice(
                format!("{role} (unknown)\n{role}-mail (unknown)\n{role}-time 0\n{role}-tz (unknown)\n")
                    .as_bytes(),
            );
            return;
        };
        let person = Person { name: ident.name.to_vec(), email: ident.email.to_vec() };
        let person = self.mailmap.resolve(&person).unwrap_or(person);
        let time = ident.time_digits.map_or(0, saturating);
        text.extend_from_slice(format!("{role} ").as_bytes());
        text.extend_from_slice(&person.name);
        text.extend_from_slice(format!("\n{role}-mail <").as_bytes());
        text.extend_from_slice(&person.email);
        text.extend_from_slice(format!(">\n{role}-time {time}\n{role}-tz ").as_bytes());
        text.extend_from_slice(ident.zone.unwrap_or(b"(unknown)"));
        text.push(b'\n');
    }
}

/// Why printing stopped.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The repository gave no answer.
    #[error(transparent)]
    Repo(#[from] RepoError),
    /// The output cannot be written.
    #[error("cannot write the output: {0}")]
    Write(#[from] io::Error),
}

/// A number as C's `strtoul` reads it.
fn saturating(digits: &[u8]) -> u64 {
    digits.iter().fold(0_u64, |number, digit| {
        number.saturating_mul(10).saturating_add(u64::from(digit.wrapping_sub(b'0')))
    })
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or(bytes)
}

/// The commits that wrote lines at more than one path: there the path is shown each time.
fn several_paths(credits: &[Credit]) -> HashSet<CommitNo> {
    let mut first = HashMap::new();
    let differs = |credit: &&Credit| *first.entry(credit.commit).or_insert(credit.path) != credit.path;
    credits.iter().filter(differs).map(|credit| credit.commit).collect()
}

/// A path as git prints it: in quotes with C's escapes, if there is anything in it to be escaped.
#[must_use]
pub fn quoted(path: &[u8]) -> Vec<u8> {
    let plain = |byte: &u8| (0x20..0x7f).contains(byte) && *byte != b'"' && *byte != b'\\';
    if path.iter().all(plain) {
        return path.to_vec();
    }
    let mut text = vec![b'"'];
    for byte in path {
        let escape = match byte {
            0x07 => b'a',
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0b => b'v',
            0x0c => b'f',
            b'\r' => b'r',
            b'"' => b'"',
            b'\\' => b'\\',
            byte if plain(byte) => {
                text.push(*byte);
                continue;
            }
            byte => {
                text.extend_from_slice(format!("\\{byte:03o}").as_bytes());
                continue;
            }
        };
        text.extend_from_slice(&[b'\\', escape]);
    }
    text.push(b'"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_as_git_quotes_them() {
        assert_eq!(quoted(b"src/a b.rs"), b"src/a b.rs");
        assert_eq!(quoted("ä\"\\\t\u{1}".as_bytes()), br#""\303\244\"\\\t\001""#);
    }
}
