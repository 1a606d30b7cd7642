//! `withhold receipt`: holds receipts against data sets, and shows them.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use withhold::dataset::Watch;
use withhold::enforce::receipt::{self, Asked, DataFile, ReceiptError, Rule, Sealed};
use withhold::enforce::signature::Signer;
use withhold::exit::Exit;
use withhold::manifest::{self, Digest};
use withhold::policy::{Purpose, Timestamp};
use withhold::report::receipt as report;

use super::scan::{Format, time};
use super::seen::Memory;
use super::sign::Signers;
use super::sources::{at, now};
use super::{Context, Failure, output};

/// Check that a receipt holds for a data set, and look at receipts.
#[derive(Debug, Args)]
pub(crate) struct Receipt {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(Box<Check>),
    /// Show what a receipt says. Whether that is true, and who signed it, `check` tells.
    #[command(after_help = "Example:\n  withhold receipt show receipt.json")]
    Show {
        /// The receipt.
        #[arg(value_name = "RECEIPT")]
        path: PathBuf,
        /// How it is printed; `json` is the statement as it stands there.
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
}

/// Check that a receipt holds: for these files, now, and for what is asked.
///
/// Every file that it names must be there as it was verified, and no other that `verify` reads beside them; the
/// verification must have passed; and no manifest or list that it rests on may have expired.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold receipt check receipt.json data/
  withhold receipt check receipt.json data/ --purpose train-ai --allowed-signers signers
  withhold receipt check receipt.json data/ --manifest manifest/ --serial 42

Exit codes: 0 it holds · 1 excluded content was found · 3 two lists have one serial · 4 it does
not hold: other files, expired, rolled back, for another purpose, uncovered · 5 it cannot be read
or trusted")]
struct Check {
    /// The receipt.
    #[arg(value_name = "RECEIPT")]
    path: PathBuf,
    /// The data set, as `verify` takes it: files, folders, globs. In folders, every file counts that `verify` reads there.
    /// Without any, only the receipt is looked at.
    #[arg(value_name = "DATASET")]
    datasets: Vec<PathBuf>,
    /// Folder at which the names in the receipt begin [default: the one given, the one in front of a glob's wildcards, or the
    /// one in which a file lies; of several, what they have in common].
    #[arg(long, value_name = "DIR")]
    base: Option<PathBuf>,
    /// Folder of a manifest that the data set must have been held against.
    #[arg(long = "manifest", value_name = "MANIFEST")]
    manifests: Vec<PathBuf>,
    /// Least serial of a list that is accepted; without a name, of every list. Lists that were given count, not those that
    /// revisions carry.
    #[arg(long = "serial", value_name = "[LIST=]N", value_parser = serial)]
    serials: Vec<(Option<String>, u64)>,
    /// File that remembers the newest lists; a receipt under an older one is refused. One that holds, and is signed, is
    /// remembered there.
    #[arg(long, value_name = "FILE", requires = "allowed_signers")]
    seen: Option<PathBuf>,
    #[command(flatten)]
    signers: Signers,
    /// What the data is to be used for.
    #[arg(long = "purpose", value_name = "PURPOSE", value_parser = purpose())]
    purposes: Vec<Purpose>,
    /// Accept rows that no manifest looked at.
    #[arg(long)]
    allow_uncovered: bool,
    /// Time at which it has to hold, RFC 3339 [default: now].
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
    /// How the outcome is printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

impl Receipt {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match &self.command {
            Command::Check(check) => check.run(context),
            Command::Show { path, format } => {
                let sealed = Sealed::read(&at(context, path))?;
                let receipt = sealed.receipt()?;
                match format {
                    Format::Human => {
                        write!(anstream::stdout(), "{}", report::human(&receipt, &sealed.claimed()))?;
                    }
                    Format::Json => {
                        let mut stdout = std::io::stdout().lock();
                        stdout.write_all(sealed.payload())?;
                        stdout.write_all(b"\n")?;
                    }
                }
                Ok(Exit::Clean)
            }
        }
    }
}

impl Check {
    fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let now = self.at.map_or_else(now, Ok)?;
        let sealed = Sealed::read(&at(context, &self.path))?;
        // What a receipt says is not looked at before it is known whose it is.
        let signer = match self.signers.read(context)? {
            Some(allowed) => Some(sealed.verify(allowed, self.signers.signer(), now)?),
            None => None,
        };
        let receipt = sealed.receipt()?;
        let files = self.files(context, receipt.is_of_files())?;
        let manifests = self.manifests.iter().map(|path| digest(context, path));
        let seen = self.seen.as_ref().map(|path| at(context, path));
        let mut memory = seen.map(|path| Memory::open(context, Some(path))).transpose()?;
        let asked = Asked {
            files: files.as_deref(),
            manifests: &manifests.collect::<Result<Vec<_>, _>>()?,
            serials: &self.serials,
            seen: memory.as_ref().map(|memory| &memory.seen),
            purposes: self.purposes.iter().copied().collect(),
            allow_uncovered: self.allow_uncovered,
            now,
        };
        let problems = receipt::check(&receipt, &asked, context.threads, &Interrupts)?;
        let exit = receipt::check::exit(&problems);
        if let (true, Some(memory)) = (problems.is_empty(), &mut memory) {
            memory.seen.learn_given(&receipt.lists().collect::<Vec<_>>());
            memory.keep().map_err(|why| Failure::new(Exit::Unreadable, why))?;
        }
        let looked_at = files.as_ref().map(Vec::len);
        match self.format {
            Format::Json => {
                let digest = Digest::of(sealed.payload());
                let json = report::json(&digest, signer.as_ref(), looked_at, &problems, exit);
                writeln!(std::io::stdout(), "{json}")?;
                return Ok(exit);
            }
            Format::Human if problems.is_empty() => {
                if !context.quiet {
                    writeln!(anstream::stdout(), "{}", self.holds(&receipt, signer.as_ref(), looked_at))?;
                }
            }
            Format::Human => {
                write!(anstream::stderr(), "{}", report::problems(&problems))?;
                let failure = Failure::new(exit, format_args!("{} does not hold", self.path.display()));
                let told = |rule| problems.iter().any(|problem| problem.rule == rule);
                if self.base.is_none() && told(Rule::FileMissing) && told(Rule::FileExtra) {
                    let hint = "give it what `verify` was given, or say where its names begin: --base DIR";
                    return Err(failure.hint(hint));
                }
                return Err(failure);
            }
        }
        Ok(exit)
    }

    /// The files of the data set. The receipt itself counts like any other: it has room for text that nobody verified.
    fn files(&self, context: &Context, as_files: bool) -> Result<Option<Vec<DataFile>>, Failure> {
        if self.datasets.is_empty() {
            return Ok(None);
        }
        let inputs: Vec<_> = self.datasets.iter().map(|path| at(context, path)).collect();
        let base = self.base.as_ref().map(|base| at(context, base));
        Ok(Some(receipt::collect(&inputs, base.as_deref(), as_files)?))
    }

    /// What is said if nothing stands against it: also what was not looked at.
    fn holds(&self, receipt: &receipt::Receipt, signer: Option<&Signer>, files: Option<usize>) -> String {
        let rows = receipt.predicate.withhold.counts.rows;
        let mut text =
            format!("{}: holds, {rows} rows in {} files", self.path.display(), receipt.subject.len());
        match signer {
            Some(signer) => text += &format!(", signed by {} with {}", signer.principal, signer.fingerprint),
            None => text += "; who signed it was not looked at",
        }
        if files.is_none() {
            text += "; the files were not looked at";
        }
        text
    }
}

/// The digest of a manifest, which must be sound.
fn digest(context: &Context, path: &Path) -> Result<(String, Digest), Failure> {
    let validation = manifest::validate(&at(context, path));
    match (validation.problems.first(), validation.digest) {
        (None, Some(digest)) => Ok((path.display().to_string(), digest)),
        (problem, _) => {
            let why = problem.map(ToString::to_string).unwrap_or_default();
            let what = format_args!("{} cannot be trusted: {why}", path.display());
            Err(Failure::new(Exit::Unreadable, what).hint("get it again from where it was made"))
        }
    }
}

/// `N`, or `LIST=N`.
fn serial(text: &str) -> Result<(Option<String>, u64), String> {
    let (list, serial) = match text.rsplit_once('=') {
        Some((list, serial)) => (Some(list.to_owned()), serial),
        None => (None, text),
    };
    let serial = serial.parse().map_err(|_| "expected a serial, or LIST=SERIAL".to_owned())?;
    Ok((list, serial))
}

fn purpose() -> impl TypedValueParser<Value = Purpose> {
    let names = PossibleValuesParser::new(Purpose::ALL.map(Purpose::as_str));
    names.try_map(|name| Purpose::parse(&name).ok_or("no such purpose"))
}

/// Ctrl-C ends it between two pieces of a file.
struct Interrupts;

impl Watch for Interrupts {
    fn advance(&self, _: u64, _: u64) {}

    fn interrupted(&self) -> bool {
        output::interrupted()
    }
}

impl From<ReceiptError> for Failure {
    fn from(error: ReceiptError) -> Self {
        let failure = Self::new(error.exit(), &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
