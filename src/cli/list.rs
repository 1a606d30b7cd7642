//! `withhold list`: works on opt-out lists.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use withhold::exit::Exit;
use withhold::identity::{EmailRules, Key, email, keyed};
use withhold::policy::edit::{self, EditError, Edited, NewSubject, PSEUDONYM_BYTES, Who};
use withhold::policy::{Diagnostic, List as Parsed, Pattern, Purpose, Purposes, Source, Wanted, Window};

use super::sources::{KeySource, at, now};
use super::{Context, Failure, output};

/// Work on the opt-out list.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check lists: every mistake in one run, as a compiler shows them.
    #[command(after_help = "Example:\n  withhold list check optout.toml")]
    Check {
        /// Lists to check.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Add a person, or someone who had withdrawn. Comments and order survive; the serial grows.
    #[command(after_help = "\
Examples:
  withhold list add optout.toml --email ada@corp.example --reason 'ticket 4711'
  withhold list add optout.toml --forge github.com:583231 --purpose train-ai
  withhold list add optout.toml --email ada@corp.example --hashed --key-file key")]
    Add(Add),
    /// Record that a person may be used again. The list keeps the record; the serial grows.
    #[command(after_help = "Example:\n  withhold list withdraw optout.toml s-7q4k2mzx")]
    Withdraw(Withdraw),
    /// Print the keyed hash of addresses, as `email-hmac` holds it.
    #[command(after_help = "\
Examples:
  withhold list hash --key-file key ada@corp.example
  withhold list hash --key-file key - < addresses")]
    Hash(Hash),
    /// Print the JSON Schema of lists, by which editors complete them.
    #[command(after_help = "Example:\n  withhold list schema > optout.schema.json")]
    Schema,
}

/// The schema that is shipped.
const SCHEMA: &str = include_str!("../../config/optout.schema.json");

/// How a person is recognised.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Identities {
    /// E-mail address, or a glob on addresses.
    #[arg(long = "email", value_name = "ADDRESS")]
    emails: Vec<String>,
    /// Account: host and id or login (github.com:583231).
    #[arg(long = "forge", value_name = "HOST:ACCOUNT")]
    accounts: Vec<String>,
    /// Keyed hash of an address, as `list hash` prints it.
    #[arg(long = "email-hmac", value_name = "HEX")]
    hashes: Vec<String>,
}

#[derive(Debug, Args)]
struct Add {
    /// List to change.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    identities: Identities,
    /// Why; it stays in the list.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// For this purpose alone; can be given several times [default: all].
    #[arg(long = "purpose", value_enum, value_name = "PURPOSE")]
    purposes: Vec<PurposeName>,
    /// Put the keyed hashes of the addresses into the list instead of the addresses.
    #[arg(long)]
    hashed: bool,
    #[command(flatten)]
    key: KeySource,
}

#[derive(Debug, Args)]
struct Withdraw {
    /// List to change.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Id of the subject, or one of its addresses.
    #[arg(value_name = "ID|ADDRESS")]
    who: String,
    /// For this purpose alone; can be given several times [default: all].
    #[arg(long = "purpose", value_enum, value_name = "PURPOSE")]
    purposes: Vec<PurposeName>,
}

#[derive(Debug, Args)]
struct Hash {
    /// Addresses; '-' reads them from standard input, one a line.
    #[arg(value_name = "ADDRESS", required = true)]
    addresses: Vec<String>,
    /// List whose plus-addresses and ignore-dots apply.
    #[arg(short, long, value_name = "FILE")]
    list: Option<PathBuf>,
    #[command(flatten)]
    key: KeySource,
}

/// AIPREF's purposes, and ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PurposeName {
    Search,
    TrainAi,
    XEmbed,
    XEval,
    XTrainOther,
}

impl From<PurposeName> for Purpose {
    fn from(name: PurposeName) -> Self {
        match name {
            PurposeName::Search => Self::Search,
            PurposeName::TrainAi => Self::TrainAi,
            PurposeName::XEmbed => Self::XEmbed,
            PurposeName::XEval => Self::XEval,
            PurposeName::XTrainOther => Self::XTrainOther,
        }
    }
}

/// Purposes that were given; none at all means all.
fn purposes(names: &[PurposeName]) -> Option<Purposes> {
    (!names.is_empty()).then(|| names.iter().map(|name| Purpose::from(*name)).collect())
}

impl List {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match &self.command {
            Command::Check { files } => check(context, files),
            Command::Add(add) => add.run(context),
            Command::Withdraw(withdraw) => withdraw.run(context),
            Command::Hash(hash) => hash.run(context),
            Command::Schema => {
                std::io::stdout().write_all(SCHEMA.as_bytes())?;
                Ok(Exit::Clean)
            }
        }
    }
}

fn check(context: &Context, files: &[PathBuf]) -> Result<Exit, Failure> {
    let now = now()?;
    let mut worst = Exit::Clean;
    for path in files {
        match source(context, path).and_then(Parsed::parse) {
            Ok((list, warnings)) => {
                if !context.quiet {
                    output::diagnostics(&warnings);
                }
                if let Err(expired) = list.check_expiry(now) {
                    output::diagnostics(&[*expired]);
                    worst = if worst == Exit::Clean { Exit::Incomplete } else { worst };
                } else if !context.quiet {
                    let (subjects, rules) = (list.subjects.len(), list.rules.len());
                    let (path, name) = (path.display(), list.name.escape_debug());
                    let serial = list.serial;
                    writeln!(
                        anstream::stdout(),
                        "{path}: valid: {name}, serial {serial}, subjects: {subjects}, rules: {rules}"
                    )?;
                }
            }
            Err(mistakes) => {
                output::diagnostics(&mistakes);
                worst = Exit::List;
            }
        }
    }
    Ok(worst)
}

impl Add {
    fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let source = source(context, &self.file).map_err(invalid)?;
        let mut random = [0; PSEUDONYM_BYTES];
        getrandom::fill(&mut random).map_err(|error| {
            Failure::new(Exit::Unreadable, format_args!("the system gives no random bytes: {error}"))
        })?;
        let identities =
            self.patterns(context, &source)?.into_iter().map(|pattern| (pattern, Window::ALWAYS)).collect();
        let new = NewSubject { reason: self.reason.clone(), identities, purposes: purposes(&self.purposes) };
        save(context, &self.file, edit::add(&source, &new, random), "added")
    }

    fn patterns(&self, context: &Context, source: &Source) -> Result<Vec<Pattern>, Failure> {
        let mut patterns = Vec::new();
        let hasher =
            if self.hashed { Some(Hasher::new(self.key.read(context)?, Some(source))?) } else { None };
        for address in &self.identities.emails {
            patterns.push(match &hasher {
                Some(hasher) => Pattern::EmailHmac(hasher.hash(address)),
                None => email_pattern(address),
            });
        }
        for account in &self.identities.accounts {
            let (host, account) = account.split_once(':').ok_or_else(|| {
                Failure::new(Exit::Usage, format_args!("'{account}' is no account"))
                    .hint("write host and id or login: github.com:583231")
            })?;
            patterns.push(Pattern::Forge { host: host.to_owned(), account: account.to_owned() });
        }
        for hash in &self.identities.hashes {
            let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(hash.as_bytes()).ok();
            let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
            patterns.push(Pattern::EmailHmac(bytes.ok_or_else(|| {
                Failure::new(Exit::Usage, "a keyed hash is 64 hex digits")
                    .hint("print one: withhold list hash")
            })?));
        }
        Ok(patterns)
    }
}

/// Like the list itself: what holds glob characters is a glob.
fn email_pattern(address: &str) -> Pattern {
    if address.contains(['*', '?', '[', '{']) {
        Pattern::EmailGlob(address.to_owned())
    } else {
        Pattern::Email(address.to_owned())
    }
}

impl Withdraw {
    fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let source = source(context, &self.file).map_err(invalid)?;
        let who = if self.who.contains('@') {
            Who::Identity(email_pattern(&self.who))
        } else {
            Who::Id(self.who.clone())
        };
        save(context, &self.file, edit::withdraw(&source, &who, purposes(&self.purposes)), "withdrew")
    }
}

impl Hash {
    fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let list = self.list.as_deref().map(|path| source(context, path).map_err(invalid)).transpose()?;
        let hasher = Hasher::new(self.key.read(context)?, list.as_ref())?;
        let mut out = std::io::stdout().lock();
        for address in &self.addresses {
            if address == "-" {
                for line in std::io::stdin().lock().lines() {
                    let line = line?;
                    if !line.trim().is_empty() {
                        writeln!(out, "{}", data_encoding::HEXLOWER.encode(&hasher.hash(&line)))?;
                    }
                }
            } else {
                writeln!(out, "{}", data_encoding::HEXLOWER.encode(&hasher.hash(address)))?;
            }
        }
        Ok(Exit::Clean)
    }
}

/// A key, and the spelling of addresses that a list asks for.
struct Hasher {
    key: Key,
    rules: EmailRules,
}

impl Hasher {
    fn new(key: Option<Key>, list: Option<&Source>) -> Result<Self, Failure> {
        let key = key.ok_or_else(|| {
            Failure::new(Exit::List, "a keyed hash needs a key")
                .hint("give it with --key-file FILE, or in WITHHOLD_KEY")
        })?;
        let rules = match list {
            None => EmailRules::new(&[], &[]),
            Some(source) => EmailRules::of(&Parsed::parse(source.clone()).map_err(invalid)?.0),
        };
        Ok(Self { key, rules })
    }

    fn hash(&self, address: &str) -> [u8; 32] {
        keyed::email_hmac(&self.key, &email::normalise(address.as_bytes(), &self.rules))
    }
}

fn source(context: &Context, path: &Path) -> Result<Source, Vec<Diagnostic>> {
    Source::read(&at(context, path), Wanted::List).map_err(|diagnostic| vec![*diagnostic])
}

fn invalid(mistakes: Vec<Diagnostic>) -> Failure {
    Failure::in_full(mistakes)
}

/// Puts the new text in the old one's place in one step.
fn save(
    context: &Context,
    path: &Path,
    edited: Result<Edited, EditError>,
    what: &str,
) -> Result<Exit, Failure> {
    let edited = edited.map_err(|error| match error {
        EditError::Invalid(mistakes) => invalid(mistakes),
        error @ (EditError::NoSuchSubject | EditError::AlreadyListed(_) | EditError::AlreadyWithdrawn(_)) => {
            Failure::new(Exit::Usage, error)
        }
        error => Failure::new(Exit::List, error),
    })?;
    let target = at(context, path);
    let shown = path.display();
    let fail =
        |error: std::io::Error| Failure::new(Exit::Unreadable, format_args!("cannot write {shown}: {error}"));
    // A link stays a link: the file that it points at is replaced.
    let target = target.canonicalize().map_err(fail)?;
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    file.write_all(edited.text.as_bytes()).map_err(fail)?;
    let permissions = std::fs::metadata(&target).map_err(fail)?.permissions();
    file.as_file().set_permissions(permissions).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(&target).map_err(|error| fail(error.error))?;
    output::diagnostics(&edited.warnings);
    if !context.quiet {
        for id in &edited.ids {
            writeln!(anstream::stdout(), "{what} {id}; the list's serial is {}", edited.list.serial)?;
        }
    }
    Ok(Exit::Clean)
}
