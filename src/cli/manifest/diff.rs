//! `withhold manifest diff`: how two manifests differ.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use withhold::exit::Exit;
use withhold::manifest::diff;
use withhold::report::manifest::diff as report;

use super::super::scan::Format;
use super::super::sign::Signers;
use super::super::{Context, Failure};
use super::{Reading, trusted};

/// Show how two manifests differ: what is excluded and covered newly, and no longer.
///
/// Also what their headers say differently. If one of them tells less than the other, rows are compared by what it can tell.
/// Nothing is shown before both were read to their ends and are sound: where rows are shown, they are read twice.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold manifest diff before/ after/
  withhold manifest diff before/ after/ --stat
  withhold manifest diff before/ after/ --exit-code --quiet && echo nothing has changed
  withhold manifest diff before/ after/ --format json | jq -r 'select(.change == \"added\").entry.path'")]
pub(crate) struct Diff {
    /// Folder of the old one; '-' reads a stream from standard input.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// Folder of the new one; '-' reads a stream from standard input.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Show only how many rows differ, not which.
    #[arg(long)]
    stat: bool,
    /// End with 1 if they differ in more than how they came to be (time, tool, what they follow or were merged from).
    #[arg(long)]
    exit_code: bool,
    /// How it is printed; JSON is one object a line, the last a summary.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    signers: Signers,
}

impl Diff {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        if self.old == Path::new("-") && self.new == Path::new("-") {
            return Err(Failure::new(Exit::Usage, "only one of the two can come from standard input"));
        }
        let old = trusted(context, &self.old, &self.signers)?;
        let new = trusted(context, &self.new, &self.signers)?;
        let fields = diff::fields(old.header(), new.header())?;
        let json = self.format == Format::Json;
        let reading = Reading::new(context);
        let counts = diff::count(&old, &new, reading.work(context))?;
        reading.clear();
        let mut out = BufWriter::new(anstream::stdout().lock());
        if !context.quiet && json {
            fields.iter().try_for_each(|field| out.write_all(report::field_json(field).as_bytes()))?;
        } else if !context.quiet {
            out.write_all(report::fields(&fields).as_bytes())?;
        }
        if !context.quiet && !self.stat && counts != diff::Counts::default() {
            let reading = Reading::new(context);
            diff::diff(&old, &new, reading.work(context), |row| {
                let line = if json { report::row_json(row)? } else { report::row(row).into_bytes() };
                Ok::<(), Failure>(out.write_all(&line)?)
            })?;
            reading.clear();
        }
        let differ = counts != diff::Counts::default() || !fields.iter().all(diff::Field::is_origin);
        if !context.quiet {
            let last =
                if json { report::counts_json(&counts, &fields, differ) } else { report::counts(&counts) };
            out.write_all(last.as_bytes())?;
        }
        out.flush()?;
        Ok(if self.exit_code && differ { Exit::Excluded } else { Exit::Clean })
    }
}
