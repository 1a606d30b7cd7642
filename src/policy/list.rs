//! A list that has been read and found valid: who is meant, and what they want.

use std::ops::Range;
use std::sync::Arc;

use super::{
    Code, Diagnostic, Globs, Purposes, Roles, SettingsTable, Source, Timestamp, Window, parse, time,
};

/// An opt-out list.
#[derive(Debug, Clone)]
pub struct List {
    /// Its name, such as `corp.example/engineering`.
    pub name: String,
    /// Where the name is written.
    pub name_span: Range<usize>,
    /// Grows with every change; from 1 to 2^53 − 1, so that every JSON reader keeps it.
    pub serial: u64,
    /// The last second at which the list may be used.
    pub not_after: Option<Timestamp>,
    /// Where that is written; empty if it is not.
    pub not_after_span: Range<usize>,
    /// What happens to people who are not listed.
    pub regime: Regime,
    /// What happens to content that nobody can be found for.
    pub on_unattributed: OnUnattributed,
    /// Domains whose addresses compare without what follows a `+` (`plus-addresses`).
    pub plus_addresses: Vec<String>,
    /// Domains whose addresses compare without dots before the `@` (`ignore-dots`).
    pub ignore_dots: Vec<String>,
    /// The people.
    pub subjects: Vec<Subject>,
    /// What is excluded whoever wrote it.
    pub rules: Vec<Rule>,
    /// Whose commits are looked through.
    pub bots: Vec<Bot>,
    /// SHA-256 of the file's bytes.
    pub digest: [u8; 32],
    /// The `[policy]` table, if the list has one.
    pub settings: Option<SettingsTable>,
    /// The text, for messages.
    pub source: Arc<Source>,
}

/// What happens to people who are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Regime {
    /// They are included.
    OptOut,
    /// They are excluded.
    OptIn,
}

/// What happens to content without a usable author.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnUnattributed {
    /// It is excluded.
    #[default]
    Exclude,
    /// It is included.
    Include,
}

/// A person with a preference.
#[derive(Debug, Clone)]
pub struct Subject {
    /// A pseudonym, unique in the list among subjects and rules.
    pub id: String,
    /// Why; it stays in the list.
    pub reason: Option<String>,
    /// How the person is recognised; never empty.
    pub identities: Vec<Identity>,
    /// What the person wants, in order: the last that applies decides. Never empty: a subject
    /// without any in the file gets [`Preference::everything`].
    pub preferences: Vec<Preference>,
    /// Where it is written.
    pub span: Range<usize>,
}

/// One way to recognise a person.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What to compare with.
    pub pattern: Pattern,
    /// When it meant this person.
    pub window: Window,
    /// Where it is written.
    pub span: Range<usize>,
}

/// What an identity is compared with. Strings are as written in the list: `identity` normalises them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// An exact address.
    Email(String),
    /// A glob on addresses; `*` matches anything, `/` too.
    EmailGlob(String),
    /// An account: its id or its login.
    Forge {
        /// The host, such as `github.com`.
        host: String,
        /// The id or the login.
        account: String,
    },
    /// The keyed hash of a normalised address.
    EmailHmac([u8; 32]),
    /// A name, whatever the address.
    Name(String),
}

impl Pattern {
    /// The pattern that `email = "…"` says: a glob if it has `*`, `?`, `[` or `{` in it. Whether it is
    /// sound is not looked at.
    #[must_use]
    pub fn email(text: &str) -> Self {
        if text.contains(['*', '?', '[', '{']) {
            Self::EmailGlob(text.to_owned())
        } else {
            Self::Email(text.to_owned())
        }
    }

    /// The account that `forge = "host:account"` says, if it is written so.
    #[must_use]
    pub fn forge(text: &str) -> Option<Self> {
        let odd = |char: char| char.is_whitespace() || char.is_control() || ":/@<>\"".contains(char);
        let (host, account) = text.split_once(':')?;
        let sound = [host, account].iter().all(|part| !part.is_empty() && !part.contains(odd));
        sound.then(|| Self::Forge { host: host.to_owned(), account: account.to_owned() })
    }
}

/// What a person wants for a part of their work.
#[derive(Debug, Clone)]
pub struct Preference {
    /// To be excluded, or not.
    pub decision: Decision,
    /// For which uses; never empty.
    pub purposes: Purposes,
    /// In which roles; never empty.
    pub roles: Roles,
    /// In which repositories; all if missing.
    pub repos: Option<Globs>,
    /// At which paths; all if missing.
    pub paths: Option<Globs>,
    /// Written when, by the author's date.
    pub authored: Window,
    /// Where it is written.
    pub span: Range<usize>,
}

impl Preference {
    /// What a subject without preferences means: everything, every purpose, always. `span` is the subject's.
    #[must_use]
    pub fn everything(span: Range<usize>) -> Self {
        Self {
            decision: Decision::Disallow,
            purposes: Purposes::ALL,
            roles: Roles::WRITERS,
            repos: None,
            paths: None,
            authored: Window::ALWAYS,
            span,
        }
    }
}

/// Whether something may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It may not.
    Disallow,
    /// It may, as far as this person is concerned.
    Allow,
}

/// What is excluded whoever wrote it.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Unique in the list among subjects and rules.
    pub id: String,
    /// Why; it stays in the list.
    pub reason: Option<String>,
    /// For which uses; never empty.
    pub purposes: Purposes,
    /// In which repositories; all if missing.
    pub repos: Option<Globs>,
    /// At which paths; all if missing.
    pub paths: Option<Globs>,
    /// Where it is written.
    pub span: Range<usize>,
}

/// Someone whose commits are looked through.
#[derive(Debug, Clone)]
pub struct Bot {
    /// What to compare with.
    pub pattern: Pattern,
    /// Where it is written.
    pub span: Range<usize>,
}

impl List {
    /// Reads a list, and finds all its mistakes in one run.
    ///
    /// # Errors
    /// Every mistake, in the order of the text. Warnings are among them if there is an error;
    /// otherwise they come with the list.
    pub fn parse(source: Source) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        parse::list(source)
    }

    /// Whether the list may still be used at `at`.
    ///
    /// # Errors
    /// `expired` if its `not-after` has passed.
    pub fn check_expiry(&self, at: Timestamp) -> Result<(), Box<Diagnostic>> {
        let Some(last) = self.not_after.filter(|last| at > *last) else { return Ok(()) };
        let day = time::text(last).unwrap_or_else(|| last.to_string());
        Err(Box::new(
            Diagnostic::error(Code::Expired, format!("the list `{}` has expired", self.name))
                .label(&self.source, self.not_after_span.clone(), format!("{day} has passed"))
                .help("look it through, raise `serial` and set a later `not-after`"),
        ))
    }

    /// The warning that a full scan met nobody with that identity: a typo keeps someone in the training set.
    /// None if the list has no such identity.
    #[must_use]
    pub fn matched_nobody(&self, subject: u32, identity: u32) -> Option<Diagnostic> {
        let subject = self.subjects.get(usize::try_from(subject).ok()?)?;
        let identity = subject.identities.get(usize::try_from(identity).ok()?)?;
        let message = format!("this identity of `{}` was met nowhere", subject.id);
        let warning = Diagnostic::warning(Code::MatchedNobody, message)
            .label(&self.source, identity.span.clone(), "no author, co-author, committer or tagger is that")
            .help(
                "a typo here keeps someone's work in: compare it with `git shortlog --summary --email --all`",
            );
        Some(warning)
    }
}
