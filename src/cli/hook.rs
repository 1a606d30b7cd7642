//! `withhold hook`: gets the gates to where Git runs them, and looks whether it does.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use withhold::enforce::hook::{self, Event, HookError, Install, Site};
use withhold::exit::Exit;
use withhold::report::hook as report;

use super::{Context, Failure};

/// Install the gates as Git hooks, and look whether they run.
#[derive(Debug, Args)]
pub(crate) struct Hook {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install hooks. A hook that is there already is kept, and runs after ours.
    #[command(after_help = "\
Examples:
  withhold hook install              in this repository
  withhold hook install --global     in all repositories of yours
  withhold -C /srv/git/engine.git hook install pre-receive")]
    Install(InstallArgs),
    /// Take hooks away, and put back what was there before.
    #[command(after_help = "\
Examples:
  withhold hook uninstall
  withhold hook uninstall --global")]
    Uninstall(UninstallArgs),
    /// Say whether the hooks would run here, and if not, what keeps them from it. Ends with 4 if one would not.
    #[command(after_help = "\
Examples:
  withhold hook doctor
  withhold -C /srv/git/engine.git hook doctor pre-receive")]
    Doctor(DoctorArgs),
    Run(super::gate::Run),
}

#[derive(Debug, Args)]
struct InstallArgs {
    #[command(flatten)]
    events: Events,
    /// For all repositories of yours, in place of this one.
    #[arg(long)]
    global: bool,
    /// Write a file also where Git knows config hooks (2.54): an older Git runs it, too.
    #[arg(long)]
    as_file: bool,
    /// Install pre-receive or post-receive also in a repository with a work tree, and into a folder outside of it.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
struct UninstallArgs {
    /// Hooks [default: all of them].
    #[arg(value_parser = event(), value_name = "HOOK")]
    events: Vec<Event>,
    /// For all repositories of yours, in place of this one.
    #[arg(long)]
    global: bool,
}

#[derive(Debug, Args)]
struct DoctorArgs {
    #[command(flatten)]
    events: Events,
}

#[derive(Debug, Args)]
struct Events {
    /// Hooks [default: pre-push; in a repository without a work tree pre-receive and post-receive].
    #[arg(value_parser = event(), value_name = "HOOK")]
    events: Vec<Event>,
}

/// Takes an event by the name that Git has for it.
pub(super) fn event() -> impl TypedValueParser<Value = Event> {
    PossibleValuesParser::new(Event::ALL.map(|event| PossibleValue::new(event.name()).help(event.when())))
        .try_map(|name| Event::named(&name).ok_or("git knows no such hook"))
}

impl Events {
    /// Those that were named, each once.
    fn or(&self, default: &[Event]) -> Vec<Event> {
        chosen(&self.events, default)
    }
}

fn chosen(names: &[Event], default: &[Event]) -> Vec<Event> {
    let mut events = if names.is_empty() { default } else { names }.to_vec();
    events.sort_unstable();
    events.dedup();
    events
}

impl Hook {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match &self.command {
            Command::Install(args) => args.run(context),
            Command::Uninstall(args) => args.run(context),
            Command::Doctor(args) => args.run(context),
            Command::Run(run) => run.run(context),
        }
    }
}

impl InstallArgs {
    fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let program = this_program()?;
        let how = Install { program: &program, as_file: self.as_file, force: self.force };
        if self.global {
            for event in self.events.or(&[Event::PrePush]) {
                let installed = hook::install_everywhere(&context.dir, data().as_deref(), event, how)?;
                say(context, &report::installed(&installed))?;
            }
            return Ok(Exit::Clean);
        }
        let site = Site::find(&context.dir)?;
        let mut worst = Exit::Clean;
        for event in self.events.or(Event::usual(site.bare)) {
            say(context, &report::installed(&hook::install(&site, event, how)?))?;
            // What is in its place may still be kept from running.
            let diagnosis = hook::diagnose(&site, event, None)?;
            if !diagnosis.is_sound() {
                write!(anstream::stderr(), "{}", report::diagnosis(&diagnosis))?;
                worst = Exit::Incomplete;
            }
        }
        Ok(worst)
    }
}

impl UninstallArgs {
    fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let site = if self.global { None } else { Some(Site::find(&context.dir)?) };
        for event in chosen(&self.events, &Event::ALL) {
            let removed = match &site {
                None => hook::uninstall_everywhere(&context.dir, data().as_deref(), event)?,
                Some(site) => hook::uninstall(site, event)?,
            };
            // Of those that nobody named, only what was there is worth a word.
            let of_note = !self.events.is_empty() || event == Event::PrePush || !removed.from.is_empty();
            if of_note {
                say(context, &report::removed(event.name(), &removed))?;
            }
        }
        Ok(Exit::Clean)
    }
}

impl DoctorArgs {
    fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let site = Site::find(&context.dir)?;
        let instead = std::env::var_os("WITHHOLD").filter(|name| !name.is_empty()).map(PathBuf::from);
        let mut worst = Exit::Clean;
        for event in self.events.or(Event::usual(site.bare)) {
            let diagnosis = hook::diagnose(&site, event, instead.as_deref())?;
            say(context, &report::diagnosis(&diagnosis))?;
            if !diagnosis.is_sound() {
                worst = Exit::Incomplete;
            }
        }
        Ok(worst)
    }
}

fn say(context: &Context, text: &str) -> Result<(), Failure> {
    if !context.quiet {
        write!(anstream::stdout(), "{text}")?;
    }
    Ok(())
}

/// The folder for what is the user's own.
fn data() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")))
}

/// The path that is frozen into hooks: the one by which the user's PATH finds this program, so that it survives an
/// upgrade that changes what the path points at; else the file itself.
fn this_program() -> Result<PathBuf, HookError> {
    let this = std::env::current_exe().map_err(HookError::NoProgram)?;
    let Some(name) = this.file_name() else { return Ok(this) };
    let real = |path: &Path| path.canonicalize().ok();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    Ok(found.filter(|file| file.is_absolute() && real(file) == real(&this)).unwrap_or(this))
}

impl From<HookError> for Failure {
    fn from(error: HookError) -> Self {
        error.hints().into_iter().fold(Self::new(error.exit(), &error), Self::hint)
    }
}
