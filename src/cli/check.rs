//! `withhold check`: the gate for CI.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use withhold::enforce::baseline::{Baseline, Until};
use withhold::enforce::finding::Report;
use withhold::enforce::stored;
use withhold::exit::Exit;
use withhold::policy::{Layers, Timestamp};
use withhold::repo::{Repository, Tip};
use withhold::report::findings;

use super::inputs::Given;
use super::sign::Signers;
use super::sources::{at, now};
use super::{Context, Failure, look};

/// The gate for CI: is the manifest right, and does nothing excluded stand where it must not?
///
/// Holds the manifest against a scan of its own, and looks for excluded files where the policy says that training data
/// is taken from. Fails also where it cannot know.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold check -l optout.toml                       HEAD, with the manifest that it tracks
  withhold check -l optout.toml --manifest manifest/  with a manifest that was made elsewhere
  withhold check -l optout.toml --allowed-signers signers    one that somebody signed who may
  withhold check -l optout.toml --published           every branch, with its published manifest
  withhold check -l optout.toml --no-manifest --branch main --format sarif -o withhold.sarif

To begin in an old repository, accept what is there for a while, and check the rest:
  withhold check --no-manifest --update-baseline known.toml --reason 'old work' --until 2027-06-30
  withhold check --no-manifest --baseline known.toml")]
pub(crate) struct Check {
    /// Revision to check [default: HEAD; with --published, every branch].
    #[arg(value_name = "REV")]
    rev: Option<String>,

    #[command(flatten)]
    pub(super) given: Given,

    /// The branch that the revision is for, by which the policy marks training sources [default: REV, if it is one].
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,

    /// Manifest to check.
    #[arg(long, value_name = "DIR", group = "where_from")]
    pub(super) manifest: Option<PathBuf>,

    /// Folder in the revision where its manifest is tracked.
    #[arg(long, value_name = "PATH", default_value = stored::TRACKED, group = "where_from")]
    pub(super) manifest_path: String,

    /// Check the manifests that are published for branches, in refs/exclusions/, where none is signed.
    #[arg(long, group = "where_from", conflicts_with = "allowed_signers")]
    pub(super) published: bool,

    /// Ask for no manifest.
    #[arg(long, group = "where_from", conflicts_with = "allowed_signers")]
    pub(super) no_manifest: bool,

    #[command(flatten)]
    pub(super) signers: Signers,

    /// The manifest has to be one of `scan --history` [default: whichever it is].
    #[arg(long)]
    pub(super) history: bool,

    /// What is accepted for a while.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Write a baseline that accepts what is found in training sources; what one there still accepts stays.
    #[arg(long, value_name = "FILE", requires_all = ["reason", "until"], conflicts_with = "baseline")]
    update_baseline: Option<PathBuf>,

    /// Why it is accepted: stands in the baseline, for everyone to read.
    #[arg(long, value_name = "TEXT", requires = "update_baseline", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: Option<String>,

    /// Last day on which it is accepted.
    #[arg(long, value_name = "DATE", requires = "update_baseline", value_parser = until)]
    until: Option<Until>,

    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,

    /// File to print them to; '-' is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,

    /// Show the list's own lines, also where it is no terminal that they go to.
    #[arg(long)]
    show_list: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// As a compiler would show them.
    Human,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML.
    Junit,
    /// Annotations for GitHub Actions.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
}

/// A revision that is to be checked.
pub(super) struct Target {
    pub(super) rev: String,
    pub(super) branch: Option<String>,
}

impl Check {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let now = now()?;
        let baseline = self.read_baseline(context)?;
        let mut report = Report::default();
        let mut layers = Vec::new();
        for target in self.targets(context)? {
            layers.push(look::look(self, context, &target, now, &mut report)?);
        }
        if let (Some(path), Some(reason), Some(until)) = (&self.update_baseline, &self.reason, &self.until) {
            if report.looked.is_empty() {
                // What is not looked at is not gone.
                self.print(context, &report, &layers)?;
                return Ok(report.exit());
            }
            let (renewed, new) = baseline.renewed(&report.findings, reason, until, now);
            write(&at(context, path), renewed.to_toml().as_bytes())?;
            if !context.quiet {
                let (all, path) = (renewed.len(), path.display());
                writeln!(anstream::stderr(), "{path} accepts {all}, {new} of them new")?;
            }
            sift(&renewed, &mut report, now);
        } else {
            sift(&baseline, &mut report, now);
        }
        self.print(context, &report, &layers)?;
        Ok(report.exit())
    }

    fn targets(&self, context: &Context) -> Result<Vec<Target>, Failure> {
        if self.rev.is_some() || !self.published {
            let rev = self.rev.clone().unwrap_or_else(|| "HEAD".to_owned());
            return Ok(vec![Target { rev, branch: self.branch.clone() }]);
        }
        if let Some(branch) = &self.branch {
            return Ok(vec![Target { rev: format!("refs/heads/{branch}"), branch: Some(branch.clone()) }]);
        }
        let objects = Repository::open(&context.dir)?.objects();
        let tips = objects.all_tips()?.into_iter().filter(|tip| branch_of(tip).is_some());
        let targets: Vec<_> = tips.map(|tip| Target { rev: tip.name, branch: None }).collect();
        if targets.is_empty() {
            return Err(Failure::new(Exit::Incomplete, "there is no branch, so nothing was checked")
                .hint("name the revision and its branch: REV --branch NAME"));
        }
        Ok(targets)
    }

    /// The folder in which a revision tracks its manifest.
    pub(super) fn folder(&self) -> &[u8] {
        self.manifest_path.trim_end_matches('/').as_bytes()
    }

    /// Whether the manifest is one that the revision tracks.
    pub(super) fn tracks(&self) -> bool {
        self.manifest.is_none() && !self.published && !self.no_manifest
    }

    fn read_baseline(&self, context: &Context) -> Result<Baseline, Failure> {
        let (path, may_be_missing) = match (&self.baseline, &self.update_baseline) {
            (Some(path), _) => (path, false),
            (None, Some(path)) => (path, true),
            (None, None) => return Ok(Baseline::default()),
        };
        let failed =
            |why: String| Failure::new(Exit::List, format_args!("the baseline {}: {why}", path.display()));
        match std::fs::read_to_string(at(context, path)) {
            Ok(text) => Baseline::parse(&text).map_err(failed),
            Err(error) if may_be_missing && error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Baseline::default())
            }
            Err(error) => Err(failed(format!("cannot be read: {error}"))),
        }
    }

    fn print(&self, context: &Context, report: &Report, layers: &[(Tip, Layers)]) -> Result<(), Failure> {
        let to_stdout = self.output == Path::new("-");
        let to_terminal = to_stdout && std::io::stdout().is_terminal();
        let text = match self.format {
            Format::Human => {
                let text = findings::human::print(report, layers, self.show_list || to_terminal);
                // In colours only where they can be shown.
                if to_stdout {
                    write!(anstream::stdout(), "{text}")?;
                    String::new()
                } else {
                    anstream::adapter::strip_str(&text).to_string()
                }
            }
            Format::Json => findings::json::print(report)?,
            Format::Sarif => findings::sarif::print(report)?,
            Format::Junit => findings::junit::print(report),
            Format::Github => findings::github::print(report),
            Format::Gitlab => findings::gitlab::print(report)?,
        };
        if to_stdout {
            write!(std::io::stdout(), "{text}")?;
        } else {
            write(&at(context, &self.output), text.as_bytes())?;
        }
        if !context.quiet {
            write!(anstream::stderr(), "{}", findings::human::summary(report))?;
        }
        Ok(())
    }
}

/// Takes out of the report what the baseline accepts.
fn sift(baseline: &Baseline, report: &mut Report, now: Timestamp) {
    // Where nothing was looked at, no entry is known to be of no use.
    if report.looked.is_empty() {
        return;
    }
    let sifted = baseline.sift(std::mem::take(&mut report.findings), now);
    report.findings = sifted.findings;
    report.accepted = sifted.accepted;
}

/// The branch that a ref is.
pub(super) fn branch_of(tip: &Tip) -> Option<&str> {
    tip.name.strip_prefix("refs/heads/")
}

fn until(text: &str) -> Result<Until, String> {
    Until::parse(text).ok_or_else(|| "expected a date, such as 2027-06-30".to_owned())
}

/// Writes a file in one step, with the rights that the umask leaves. What is no regular file, such as a device, is
/// written to and never replaced.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let replace = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok::<_, std::io::Error>(())
    };
    let written = match std::fs::metadata(path) {
        // A link stays one.
        Ok(there) if there.is_file() => path.canonicalize().and_then(|path| replace(&path)),
        Ok(_) => {
            std::fs::OpenOptions::new().write(true).open(path).and_then(|mut file| file.write_all(bytes))
        }
        Err(_) => replace(path),
    };
    written.map_err(|error| {
        Failure::new(Exit::Unreadable, format_args!("cannot write {}: {error}", path.display()))
    })
}
