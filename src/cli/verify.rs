//! `withhold verify`: the gate at the pipeline's door.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use withhold::enforce::receipt::statement::Outcome;
use withhold::enforce::rows::Uncovered;
use withhold::enforce::rows::run::{Done, Place, Run, total};
use withhold::exit::Exit;
use withhold::report::dataset::{self as report, Summary};

use super::attest::Attest;
use super::dataset::{Asked, Rows, bytes};
use super::filter::told;
use super::scan::Format;
use super::{Context, Failure, output};

/// Verify that a data set holds nothing that is excluded, and nothing that nobody looked at.
///
/// Writes nothing to the data set. Ends with 0 if all rows are clear, 1 if one is excluded, 4 if one is
/// uncovered (no manifest looked at it, or its keys are missing or malformed) or none was looked at. A run
/// that cannot be trusted (an error, a missed canary) writes no receipt, and leaves an older one as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold verify -m manifest/ data/                         columns told by their names
  withhold verify -m manifest/ 'data/*.parquet' --key hexsha=git_sha1
  withhold verify -m manifest/ data/ --purpose train-ai --receipt receipt.json --sign ~/.ssh/id_ed25519
  withhold receipt check receipt.json data/ --allowed-signers signers

Exit codes: 0 all rows are clear · 1 a row is excluded · 2 wrong usage · 3 a list is missing or
invalid · 4 no verdict: an uncovered row, no row at all, a column that matched nothing, a
canary that was missed, a manifest or list that is expired or rolled back · 5 data set,
manifest, signature or receipt cannot be read or written")]
pub(crate) struct Verify {
    /// Shards: files, folders, globs; '-' reads JSON Lines from standard input.
    #[arg(value_name = "DATASET", required = true)]
    inputs: Vec<PathBuf>,

    #[command(flatten)]
    asked: Asked,

    /// Whether rows that no manifest looked at fail.
    #[arg(long, value_enum, default_value_t = UncoveredRows::Fail)]
    uncovered: UncoveredRows,

    #[command(flatten)]
    attest: Attest,

    /// How the result is printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Whether rows that no manifest looked at fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum UncoveredRows {
    /// The data set fails.
    Fail,
    /// They are let through, and the receipt says so.
    Keep,
}

impl Verify {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        if self.attest.is_asked() && self.inputs.iter().any(|input| input == Path::new("-")) {
            return Err(Failure::new(Exit::Usage, "a receipt speaks of files, and standard input is none"));
        }
        let receipt = self.attest.begin(context)?;
        let at_time = receipt.as_ref().map(|receipt| receipt.at);
        // All are counted, whatever becomes of them in the end.
        let shards = self.asked.find(context, &self.inputs)?;
        self.attest.has_its_own_place(context, &self.asked, &shards, &Place::None)?;
        let held = self.asked.hold(context, shards, None, Uncovered::Keep, at_time)?;
        let rules = held.rules(Uncovered::Keep, None)?;
        let run = Run {
            rules: &rules,
            shards: &held.shards,
            place: Place::None,
            digest: held.digest(Uncovered::Keep, None)?,
            threads: context.threads,
            hash: self.attest.is_asked(),
            stdin: held.stdin.as_ref(),
            stream: None,
        };
        let bar = output::progress(context);
        let looked = run.run(&Rows::new(&bar, bytes(&held.shards)));
        bar.clear();
        let looked = looked.and_then(Done::place).map_err(|error| told(&error, &held))?;
        let counts = total(&looked);
        let summary = Summary {
            looked: &looked,
            columns: &held.columns,
            proofs: &held.proofs,
            preset: held.preset.map(|preset| preset.name),
            written: false,
        };
        let clear = counts.rows > 0
            && counts.excluded == 0
            && (counts.uncovered == 0 || self.uncovered == UncoveredRows::Keep);
        let outcome = if clear { Outcome::Passed } else { Outcome::Failed };
        // What is not let through stops it; all of it was counted first.
        let uncovered = if self.uncovered == UncoveredRows::Keep { Uncovered::Keep } else { Uncovered::Stop };
        if let Some(receipt) = receipt {
            receipt.make(&held, &run, uncovered, &looked, outcome)?.write()?;
        }
        match self.format {
            Format::Json => writeln!(std::io::stdout(), "{}", report::json(&summary)?)?,
            Format::Human if context.quiet => {}
            Format::Human => write!(anstream::stdout(), "{}", report::human(&summary))?,
        }
        if counts.rows == 0 {
            return Err(Failure::new(Exit::Incomplete, "the data set has no rows, so nothing was verified"));
        }
        if counts.excluded > 0 {
            let what = format_args!("{} of {} rows are excluded", counts.excluded, counts.rows);
            let failure = Failure::new(Exit::Excluded, what);
            return Err(failure.hint("to write the data set without them: withhold filter"));
        }
        if counts.uncovered > 0 && self.uncovered == UncoveredRows::Fail {
            let what =
                format_args!("{} of {} rows are covered by no manifest", counts.uncovered, counts.rows);
            return Err(Failure::new(Exit::Incomplete, what).hint(
                "scan the repositories that they come from, or let them go: withhold filter --uncovered drop",
            ));
        }
        Ok(Exit::Clean)
    }
}
