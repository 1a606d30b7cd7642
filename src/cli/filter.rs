//! `withhold filter`: a data set without what is excluded.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::{Args, ValueEnum};
use withhold::dataset::named;
use withhold::dataset::shards::Shards;
use withhold::enforce::receipt::statement::Outcome;
use withhold::enforce::rows::RunError;
use withhold::enforce::rows::run::{Place, Run, total};
use withhold::enforce::rows::{Lines, Uncovered, Why};
use withhold::exit::Exit;
use withhold::report::dataset::{self as report, Summary};

use super::attest::Attest;
use super::dataset::{Asked, Held, Rows, UncoveredName, bytes};
use super::scan::Format;
use super::sources::at;
use super::{Context, Failure, output};

/// Write a data set without what is excluded.
///
/// Reads Parquet, JSON Lines (plain, gzip, zstd), tar archives (WebDataset) and folders of files, shard by
/// shard, and writes each in its own form and order. A row that no manifest looked at stops the run, unless
/// --uncovered says otherwise. A run that was stopped goes on where it ended. One that cannot
/// be trusted leaves what was there as it is, an older receipt, too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold filter -m manifest/ data/ -o clean/                    columns told by their names
  withhold filter -m manifest/ 'data/*.parquet' -o clean/ --key hexsha=git_sha1 --content content
  withhold filter -m a/ -m b/ data.jsonl.zst -o clean.jsonl.zst --key blob_id=sha1 --uncovered drop
  withhold filter -m manifest/ data/ -o clean/ --lines mark       lines in place of whole rows
  withhold filter -l optout.toml --identity user.login issues.jsonl -o clean.jsonl
  withhold filter -m manifest/ data/ -o clean/ --receipt receipt.json --sign ~/.ssh/id_ed25519
  producer | withhold filter -m manifest/ --key sha256=sha256 - -o - | consumer

Exit codes: 0 written, whatever went · 2 wrong usage · 3 a list is missing or invalid · 4 it
cannot be trusted, and nothing took its place: an uncovered row (--uncovered), no row at all, a
column that matched nothing, a canary that was missed, a manifest or list that is expired or
rolled back · 5 data set, manifest, signature or receipt cannot be read or written")]
pub(crate) struct Filter {
    /// Shards: files, folders, globs; '-' reads JSON Lines from standard input.
    #[arg(value_name = "IN", required = true)]
    inputs: Vec<PathBuf>,

    #[command(flatten)]
    asked: Asked,

    /// Folder to write to; or a file, if there is one shard; '-' writes to standard output.
    #[arg(short, long, value_name = "OUT", required_unless_present = "dry_run")]
    output: Option<PathBuf>,

    /// What becomes of rows that no manifest looked at, or whose keys are missing or malformed.
    #[arg(long, value_enum, default_value_t = UncoveredName::Stop)]
    uncovered: UncoveredName,

    /// Take out excluded lines in place of rows of which only lines are excluded.
    #[arg(long, value_enum)]
    lines: Option<LinesName>,

    /// Look at everything, and write nothing, whatever --output says.
    #[arg(short = 'n', long, conflicts_with = "receipt")]
    dry_run: bool,

    #[command(flatten)]
    attest: Attest,

    /// How the summary is printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LinesName {
    /// The lines that follow move up.
    Cut,
    /// An empty line stands for each.
    Blank,
    /// `<withheld>` stands for each.
    Mark,
}

impl Filter {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let lines = self.lines.map(|lines| match lines {
            LinesName::Cut => Lines::Cut,
            LinesName::Blank => Lines::Blank,
            LinesName::Mark => Lines::Mark,
        });
        let to_stdout = self.output.as_deref() == Some(Path::new("-"));
        if to_stdout && self.format == Format::Json {
            let failure =
                Failure::new(Exit::Usage, "the data set and the summary cannot both go to standard output");
            return Err(failure.hint("write the data set to a folder: -o DIR"));
        }
        if to_stdout && self.attest.is_asked() {
            return Err(Failure::new(Exit::Usage, "a receipt speaks of files, and standard output is none"));
        }
        let uncovered = Uncovered::from(self.uncovered);
        let receipt = self.attest.begin(context)?;
        let at_time = receipt.as_ref().map(|receipt| receipt.at);
        let shards = self.asked.find(context, &self.inputs)?;
        let place = match self.place(context, &shards)? {
            _ if self.dry_run => Place::None,
            place => place,
        };
        self.attest.has_its_own_place(context, &self.asked, &shards, &place)?;
        let held = self.asked.hold(context, shards, lines, uncovered, at_time)?;
        let rules = held.rules(uncovered, lines)?;
        let run = Run {
            rules: &rules,
            shards: &held.shards,
            place,
            digest: held.digest(uncovered, lines)?,
            threads: context.threads,
            hash: self.attest.is_asked(),
            stdin: held.stdin.as_ref(),
            stream: Some(Mutex::new(Box::new(std::io::stdout()))),
        };
        let bar = output::progress(context);
        let done = run.run(&Rows::new(&bar, bytes(&held.shards)));
        bar.clear();
        let done = done.map_err(|error| told(&error, &held))?;
        if self.dry_run && total(&done.looked).rows == 0 {
            return Err(told(&RunError::NoRow, &held));
        }
        let receipt = receipt
            .map(|receipt| receipt.make(&held, &run, uncovered, &done.looked, Outcome::Passed))
            .transpose()?;
        let looked = done.place().map_err(|error| told(&error, &held))?;
        receipt.map(|receipt| receipt.write()).transpose()?;
        if context.quiet {
            return Ok(Exit::Clean);
        }
        let summary = Summary {
            looked: &looked,
            columns: &held.columns,
            proofs: &held.proofs,
            preset: held.preset.map(|preset| preset.name),
            written: !self.dry_run,
        };
        match self.format {
            Format::Json => writeln!(std::io::stdout(), "{}", report::json(&summary)?)?,
            Format::Human if to_stdout => write!(anstream::stderr(), "{}", report::human(&summary))?,
            Format::Human => write!(anstream::stdout(), "{}", report::human(&summary))?,
        }
        Ok(Exit::Clean)
    }

    fn place(&self, context: &Context, shards: &Shards) -> Result<Place, Failure> {
        let Some(out) = &self.output else { return Ok(Place::None) };
        let one = shards.shards.len() == 1;
        if out == Path::new("-") {
            return if one {
                Ok(Place::Stream)
            } else {
                Err(Failure::new(Exit::Usage, "several shards cannot go to standard output"))
            };
        }
        let path = at(context, out);
        // As `cp` has it: what is no folder yet, and is not written like one, is a file.
        let like_folder = path.is_dir() || out.as_os_str().as_encoded_bytes().ends_with(b"/");
        let is_file = |input: &PathBuf| input == Path::new("-") || at(context, input).is_file();
        if one && !like_folder && self.inputs.len() == 1 && self.inputs.iter().all(is_file) {
            shards.shards.iter().try_for_each(|shard| named::fits(shard, &path))?;
            return Ok(Place::File(path));
        }
        Ok(Place::Folder(path))
    }
}

/// Why a run ended, with what can be done about it.
pub(crate) fn told(error: &RunError, held: &Held) -> Failure {
    let failure = Failure::new(error.exit(), error);
    match error {
        RunError::Shard { why: Some(why), .. } => {
            let what = match why {
                Why::NoKey => "the row has no key: the columns that tell what it is are empty".to_owned(),
                Why::Malformed(at) => {
                    let column = held.columns.get(*at).map_or("?", |column| column.name.as_str());
                    format!("what stands in column `{column}` is not what the column is for")
                }
                Why::Unknown => "no manifest looked at the row, so nobody knows whose work it is".to_owned(),
                Why::UnknownPath => {
                    "no manifest looked at a file of the path that the row names: at such a path nobody knows \
                                     whose work stands there"
                        .to_owned()
                }
                Why::Unnamed => {
                    "the row names no repository and path of a manifest that names paths, so nobody \
                                 knows whose lines it shows"
                        .to_owned()
                }
                Why::Unplaced => "the row names no repository or no path, and a manifest excludes some \
                                  whatever is in them"
                    .to_owned(),
            };
            failure
                .hint(what)
                .hint("how many there are: withhold verify")
                .hint("to let such rows go: --uncovered drop")
        }
        RunError::Canaries { .. } => {
            failure.hint("they have to be in the data set, and excluded by a manifest")
        }
        RunError::NoRow => failure.hint("is it the right one, and did whatever made it end well?"),
        RunError::Nothing { .. } => failure.hint("say what stands in which column: --key COLUMN=KIND"),
        RunError::Shard { .. } | RunError::Dataset(_) => failure,
    }
}
