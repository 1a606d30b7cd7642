//! `withhold attribute`: who wrote which line.

use std::ffi::OsString;
use std::io::Write;

use clap::Args;
use withhold::attribution::saved::Index;
use withhold::attribution::{Content, Engine, Options};
use withhold::exit::Exit;
use withhold::identity::Mailmap;
use withhold::repo::{EntryKind, Kind, Objects, RepoError, Repository};
use withhold::report::attribution::JsonLines;
use withhold::report::porcelain::Porcelain;
use withhold::scan;

use super::target::Target;
use super::{Context, Failure, output};

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
    /// Print as `git blame --porcelain` does: text files alone.
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
            earlier_appearances: !self.porcelain,
            touched: false,
            remember: false,
            threads: context.threads,
        };
        let progress = output::progress(context);
        let mailmap = mailmap(&repository, &objects)?;
        let tip = target.tip.commit;
        let attributed =
            Engine::new(&repository, &[tip], options, Index::default(), &progress).and_then(|engine| {
                let files = engine.files(tip)?;
                Ok((engine, files))
            });
        let (engine, files) = attributed.inspect_err(|_| progress.clear())?;
        let files = target.select(files).inspect_err(|_| progress.clear())?;
        let attributions = engine.attribute(tip, &files, &progress, |_, _, _| None, |_, found, _| Ok(found));
        progress.clear();

        let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        let mut porcelain = Porcelain::new(&engine, &objects, &mailmap);
        let mut json = JsonLines::new(&engine, &objects, &mailmap);
        for (file, attribution) in files.iter().zip(attributions?) {
            if !self.porcelain {
                json.file(file, &attribution, &mut out)?;
            } else if let (Content::Text { credits, .. }, EntryKind::File) =
                (&attribution.content, file.leaf.kind)
            {
                let content = objects.read(file.leaf.id, Kind::Blob)?;
                porcelain.file(credits, &content, &mut out)?;
            }
        }
        out.flush()?;
        Ok(Exit::Clean)
    }
}

/// The mailmap that git would use: of the work tree, or of HEAD where there is none.
fn mailmap(repository: &Repository, objects: &Objects) -> Result<Mailmap, RepoError> {
    let Some(top) = repository.work_dir() else {
        return match objects.resolve("HEAD") {
            Ok(head) => scan::mailmap(objects, &head),
            // A revision was named, and HEAD has none: there is no mailmap, as there is none for git.
            Err(RepoError::Nothing { .. }) => Ok(Mailmap::default()),
            Err(error) => Err(error),
        };
    };
    let path = top.join(".mailmap");
    let corrupt = |error: std::io::Error| RepoError::Corrupt {
        what: path.display().to_string(),
        why: error.to_string(),
    };
    // Like git, no link is followed.
    match std::fs::symlink_metadata(&path) {
        Ok(file) if file.is_file() => Ok(Mailmap::parse(&std::fs::read(&path).map_err(corrupt)?)),
        Ok(_) => Ok(Mailmap::default()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Mailmap::default()),
        Err(error) => Err(corrupt(error)),
    }
}
