//! `withhold explain`: why something is excluded, or not.

use std::ffi::OsString;
use std::io::Write;

use clap::Args;
use withhold::exit::Exit;
use withhold::repo::{ObjectId, Objects, Tip};
use withhold::report::explain as report;
use withhold::scan::explain::{ExplainError, Question, explain};

use super::inputs::{Asked, Inputs};
use super::scan::Format;
use super::target::{from_top, is_file};
use super::{Context, Failure, output};

/// Why something is excluded, or not.
///
/// Shows the line, the commit that wrote it, the list's line that decided, and what would change it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold explain src/engine.rs:120 -l optout.toml     a line
  withhold explain src/engine.rs -l optout.toml         a file
  withhold explain 3fce3b5 -l optout.toml               a commit, a tag, or a content by its blob id")]
pub(crate) struct Explain {
    /// Path and line, path, commit, tag, or blob.
    #[arg(value_name = "PATH[:LINE]|COMMIT|BLOB")]
    what: OsString,

    #[command(flatten)]
    asked: Asked,

    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

impl Explain {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let inputs = Inputs::read(context, &context.dir, &self.asked, false)?;
        let [tip] = inputs.tips.as_slice() else {
            return Err(Failure::new(Exit::Bug, "more than one revision to explain"));
        };
        let question = self.question(context, &inputs.objects, tip)?;
        let progress = output::progress(context);
        let (before, _) = self.asked.given.kept.load(context, &inputs.repository);
        let explained = explain(&inputs.request(context), &question, before, &progress);
        progress.clear();
        let mut out = anstream::stdout().lock();
        for (at, explanation) in explained?.iter().enumerate() {
            match self.format {
                Format::Json => writeln!(out, "{}", report::json(explanation, &inputs.layers)?)?,
                Format::Human if at > 0 => write!(out, "\n{}", report::human(explanation, &inputs.layers))?,
                Format::Human => write!(out, "{}", report::human(explanation, &inputs.layers))?,
            }
        }
        Ok(Exit::Clean)
    }

    /// A path that is there comes first, then a line of one, then an object.
    fn question(&self, context: &Context, objects: &Objects, tip: &Tip) -> Result<Question, Failure> {
        let asked = self.what.to_string_lossy();
        if let Ok(path) = from_top(context, objects.repository(), &self.what)
            && is_file(objects, tip, &path)?
        {
            return Ok(Question::File { path, line: None });
        }
        if let Some((path, line)) = asked.rsplit_once(':')
            && let Ok(line) = line.parse()
        {
            let path = from_top(context, objects.repository(), path.as_ref())?;
            return Ok(Question::File { path, line: Some(line) });
        }
        let object = match ObjectId::from_hex(asked.as_bytes()) {
            Some(id) => Some(id),
            None => objects.find(&asked)?,
        };
        object.map(Question::Object).ok_or_else(|| {
            Failure::new(
                Exit::Usage,
                format_args!("'{asked}' is no path in {}, and names no object", tip.name),
            )
        })
    }
}

impl From<ExplainError> for Failure {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Scan(error) => error.into(),
            error @ ExplainError::NotThere { .. } => {
                Self::new(Exit::Incomplete, error).hint("name the revision that has it: --rev REV")
            }
        }
    }
}
