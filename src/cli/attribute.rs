//! `withhold attribute`: who wrote which line.

use std::ffi::OsString;
use std::io::Write;

use clap::Args;
use withhold::attribution::saved::Index;
use withhold::attribution::{Content, Engine, Follow, Options};
use withhold::exit::Exit;
use withhold::identity::Mailmap;
use withhold::repo::{EntryKind, Kind, Objects, RepoError, Repository};
use withhold::report::attribution::JsonLines;
use withhold::report::porcelain::Porcelain;
use withhold::scan;

use super::revs::IgnoreRevs;
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
  withhold attribute --porcelain -- a.c    as git blame --porcelain HEAD -- a.c
  withhold attribute -w -C -- src          lines that moved stay with who wrote them")]
pub(crate) struct Attribute {
    /// Print as `git blame --porcelain` does: text files alone.
    #[arg(long)]
    porcelain: bool,

    /// Ignore white space when looking for where a line came from.
    #[arg(short = 'w')]
    ignore_whitespace: bool,

    /// Follow lines that moved within a file, in blocks of so many letters and digits (-M20) [default: 20].
    #[arg(short = 'M', value_name = "NUM", num_args = 0..=1, require_equals = true, default_missing_value = "0")]
    moves: Option<u32>,

    /// Follow also lines from other files that the same commit changed, in blocks of so many letters and
    /// digits (-C40) [default: 40].
    #[arg(short = 'C', value_name = "NUM", num_args = 0..=1, require_equals = true, default_missing_value = "0")]
    copies: Option<u32>,

    #[command(flatten)]
    ignore_revs: IgnoreRevs,

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
        let objects = repository.objects();
        let target = Target::parse(context, &objects, &self.before, &self.behind)?;
        let options = Options {
            ignore_whitespace: self.ignore_whitespace,
            follow: self.follow(),
            earlier_appearances: !self.porcelain,
            touched: false,
            as_written: false,
            remember: false,
            threads: context.threads,
        };
        let progress = output::progress(context);
        let mailmap = mailmap(&repository, &objects)?;
        let tip = target.tip.commit;
        let revs = self.ignore_revs.read(context)?;
        let attributed =
            Engine::new(&repository, &[tip], options, Index::default(), &progress).and_then(|mut engine| {
                let through = scan::through::commits(&objects, engine.history(), &revs)?;
                engine.look_through(through);
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

    /// As in git, `-C` means `-M` too, and 0 the default.
    fn follow(&self) -> Follow {
        let score = |asked: u32, default| if asked == 0 { default } else { asked };
        let moves = self.moves.or(self.copies.and(Some(0)));
        Follow {
            moves: moves.map(|asked| score(asked, Follow::MOVES)),
            copies: self.copies.map(|asked| score(asked, Follow::COPIES)),
        }
    }
}

/// The arguments with `-M20` and `-C40` as git takes them: a number only if it follows at once.
pub(super) fn with_scores(args: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    args.scan(false, |after_paths, arg| {
        *after_paths |= arg == "--";
        let number = arg.to_str().and_then(|arg| arg.strip_prefix("-M").or_else(|| arg.strip_prefix("-C")));
        let is_score = number.is_some_and(|number| number.starts_with(|char: char| char.is_ascii_digit()));
        match number.filter(|_| is_score && !*after_paths) {
            Some(number) => {
                let option = arg.to_string_lossy()[..2].to_owned();
                Some(format!("{option}={number}").into())
            }
            None => Some(arg),
        }
    })
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
