//! `withhold attribute`: who wrote which line.

use std::ffi::OsString;
use std::io::Write;

use clap::Args;
use withhold::attribution::progress::Silent;
use withhold::attribution::{Content, Engine, Options};
use withhold::exit::Exit;
use withhold::identity::Mailmap;
use withhold::repo::{EntryKind, Kind, Repository};
use withhold::report::porcelain::Porcelain;

use super::target::Target;
use super::{Context, Failure};

/// Who wrote which line, of all files at once.
///
/// Prints JSON Lines, one for each range of lines; or, with --porcelain, byte for byte what
/// `git blame --porcelain REV -- PATH` prints, for each text file in the order of `git ls-tree -r`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold attribute                       every file of HEAD
  withhold attribute v1.0 -- src           what stands below src in v1.0
  withhold attribute --porcelain -- a.c    as git blame --porcelain HEAD -- a.c")]
pub(crate) struct Attribute {
    /// Print as `git blame --porcelain` does.
    #[arg(long)]
    porcelain: bool,

    /// Ignore white space when looking for where a line came from.
    #[arg(short = 'w')]
    ignore_whitespace: bool,

    /// Revision [default: HEAD], and paths.
    #[arg(value_name = "REV] [PATH")]
    before: Vec<OsString>,

    /// Paths [default: all].
    #[arg(value_name = "PATH", last = true)]
    behind: Vec<OsString>,
}

impl Attribute {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let repository = Repository::open(&context.dir)?;
        let objects = repository.objects()?;
        let target = Target::parse(context, &objects, &self.before, &self.behind)?;
        let options = Options {
            ignore_whitespace: self.ignore_whitespace,
            earlier_appearances: false,
            threads: context.threads,
        };
        let engine = Engine::new(&repository, &[target.tip.commit], options, &Silent)?;
        let files = target.select(engine.files(target.tip.commit)?)?;
        let mailmap = Mailmap::default();
        let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        let mut porcelain = Porcelain::new(&engine, &objects, &mailmap);
        let attributions = engine.attribute(target.tip.commit, &files, &Silent, |_, found, _| Ok(found))?;
        for (file, attribution) in files.iter().zip(attributions) {
            if let Content::Text { credits, .. } = &attribution.content
                && file.leaf.kind == EntryKind::File
            {
                let content = objects.read(file.leaf.id, Kind::Blob)?;
                porcelain.file(credits, &content, &mut out)?;
            }
        }
        out.flush()?;
        Ok(Exit::Clean)
    }
}
