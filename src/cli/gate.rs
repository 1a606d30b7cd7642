//! `withhold hook run`: what Git calls when work moves.
//!
//! Decides what each hook does with what it is told: look, then refuse, publish or warn. All words go to standard error.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use withhold::enforce::budget::Budget;
use withhold::enforce::hook::Event;
use withhold::enforce::log::{self, LogError};
use withhold::enforce::publish::{self, PublishError};
use withhold::enforce::pushed::Pushed;
use withhold::enforce::updates::{self, Update, UpdateError};
use withhold::exit::Exit;
use withhold::policy::Gate;
use withhold::repo::{Git, GitError, ObjectId, Objects, Repository, Tip};
use withhold::report::gate;
use withhold::scan::added::{Added, added};
use withhold::scan::{self, Request, Scan};

use super::inputs::{Given, Inputs};
use super::seen;
use super::{Context, Failure, output};

/// So many bytes are read of what git says: far more than a push of all refs of the largest repositories.
const MOST_INPUT: u64 = 256 << 20;

/// Be the hook: Git calls this when work moves.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold hook run pre-push origin https://forge.example/corp/engine.git < updates
  withhold hook run pre-receive --time 4 < updates")]
pub(crate) struct Run {
    /// The hook.
    #[arg(value_parser = super::hook::event(), value_name = "HOOK")]
    event: Event,

    /// What Git gives it: of pre-push the remote's name and URL.
    #[arg(value_name = "ARG", num_args = 0..=2)]
    args: Vec<OsString>,

    #[command(flatten)]
    given: Given,

    /// Seconds after which the push is refused if the work is not done by then [default: git config
    /// withhold.time, else no limit].
    #[arg(long, value_name = "SECONDS")]
    time: Option<u64>,
}

/// What a hook works on.
struct Work<'r> {
    context: &'r Context,
    run: &'r Run,
    repository: Repository,
    objects: Objects,
    pushed: Pushed,
    updates: Vec<Update>,
    /// What the logs of exclusions name there already.
    logs: Vec<ObjectId>,
}

impl Run {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let mut input = Vec::new();
        std::io::stdin().lock().take(MOST_INPUT + 1).read_to_end(&mut input).map_err(|error| {
            Failure::new(Exit::Incomplete, format_args!("cannot read what git says it pushes: {error}"))
        })?;
        if input.len() as u64 > MOST_INPUT {
            return Err(Failure::new(Exit::Incomplete, "git says more than can be read of one push"));
        }
        let updates = match self.event {
            Event::PrePush => updates::of_push(&input)?,
            Event::PreReceive | Event::PostReceive => updates::of_receive(&input)?,
        };
        if updates.iter().all(|update| update.new.is_none()) && self.event == Event::PrePush {
            // Up to date, or nothing but refs to be deleted: their manifests stay where they are.
            return Ok(Exit::Clean);
        }
        let repository = Repository::open_for_hook()?;
        let objects = repository.objects();
        match self.event {
            Event::PrePush => {
                let there = objects.tracked(&self.arg(0).to_string_lossy())?;
                self.work(context, repository, objects, updates, there)?.push(&self.arg(0), &self.arg(1))
            }
            Event::PreReceive => {
                let mut there = objects.refs()?;
                there.extend(objects.borrowed_refs());
                self.work(context, repository, objects, updates, there)?.receive()
            }
            Event::PostReceive => self.work(context, repository, objects, updates, Vec::new())?.received(),
        }
    }

    fn arg(&self, at: usize) -> OsString {
        self.args.get(at).cloned().unwrap_or_default()
    }

    fn work<'r>(
        &'r self,
        context: &'r Context,
        repository: Repository,
        objects: Objects,
        updates: Vec<Update>,
        there: Vec<(String, ObjectId)>,
    ) -> Result<Work<'r>, Failure> {
        let id = |(_, id): (String, ObjectId)| id;
        let (logs, there): (Vec<_>, Vec<_>) =
            there.into_iter().partition(|(name, _)| log::is_log(name.as_bytes()));
        let (logs, there): (_, Vec<_>) =
            (logs.into_iter().map(id).collect(), there.into_iter().map(id).collect());
        let pushed = Pushed::read(&objects, &updates, &there)?;
        Ok(Work { context, run: self, repository, objects, pushed, updates, logs })
    }
}

impl Work<'_> {
    /// Before a push.
    fn push(self, name: &OsStr, url: &OsStr) -> Result<Exit, Failure> {
        let inputs = self.inputs(self.pushed.tips.clone())?;
        let (name, url) = (name.as_encoded_bytes(), url.as_encoded_bytes());
        let remote = if name.is_empty() { url } else { name };
        let shown = String::from_utf8_lossy(remote).into_owned();
        match inputs.layers.settings.gate(name, url) {
            Gate::Block => {
                self.held_logs()??;
                if self.pushed.is_empty() {
                    return Ok(Exit::Clean);
                }
                self.block(&inputs, &format!("to '{shown}'"))
            }
            Gate::Warn => {
                match self.held_logs()? {
                    Err(LogError::Repo(error)) => return Err(error.into()),
                    Err(error) => self.say(&format!("warning: {error}")),
                    Ok(()) => {}
                }
                for name in &self.pushed.unattributable {
                    self.say(&format!("warning: {name} names no commit: nobody can tell whose work it is"));
                }
                if self.pushed.tips.is_empty() {
                    return Ok(Exit::Clean);
                }
                let added = self.added(&inputs, true)?;
                if !added.excluded.is_empty() {
                    self.say(&format!("warning: this push to '{shown}' brings excluded work"));
                    self.say(&gate::excluded(&added, &inputs.layers));
                }
                Ok(Exit::Clean)
            }
            Gate::Publish => {
                self.publish(Some(remote))?;
                Ok(Exit::Clean)
            }
        }
    }

    /// Before a push is accepted.
    fn receive(self) -> Result<Exit, Failure> {
        self.held_logs()??;
        if self.pushed.is_empty() {
            return Ok(Exit::Clean);
        }
        let inputs = self.inputs(self.pushed.tips.clone())?;
        self.block(&inputs, "here")
    }

    /// After a push was accepted.
    fn received(self) -> Result<Exit, Failure> {
        if self.pushed.tips.is_empty() {
            return Ok(Exit::Clean);
        }
        self.publish(None)?;
        Ok(Exit::Clean)
    }

    fn inputs(&self, tips: Vec<Tip>) -> Result<Inputs, Failure> {
        // Who pushes is not who keeps the list: its warnings are none of theirs, and of a server's log.
        let context = Context { dir: self.context.dir.clone(), quiet: true, ..*self.context };
        let given = &self.run.given;
        let inputs = Inputs::of(&context, self.repository.clone(), self.repository.objects(), tips, given)?;
        let lists = scan::list_refs(&inputs.layers);
        let found = seen::hold(&context, given, &inputs, &lists, false)?;
        match found.into_iter().next() {
            None => Ok(inputs),
            Some(old) => Err(Failure::new(old.rule.exit(), &old.message).hint(old.rule.help())),
        }
    }

    /// Lets nothing excluded through.
    fn block(&self, inputs: &Inputs, place: &str) -> Result<Exit, Failure> {
        if let Some(name) = self.pushed.unattributable.first() {
            let what =
                format!("{name} names a file or a folder, not a commit: nobody can tell whose work it is");
            return Err(Failure::new(Exit::Incomplete, what).hint("push a commit that has it, in its place"));
        }
        let added = self.added(inputs, self.run.event == Event::PrePush)?;
        if added.excluded.is_empty() {
            self.say(&format!("withhold: {} looked at, nothing excluded", gate::looked_at(&added)));
            return Ok(Exit::Clean);
        }
        let mut stderr = self.stderr();
        let _ = write!(stderr, "{}", self.lines(&gate::excluded(&added, &inputs.layers)));
        drop(stderr);
        let count = added.excluded.len();
        let what =
            if count == 1 { "one thing that is".to_owned() } else { format!("{count} things that are") };
        Err(Failure::new(
            Exit::Excluded,
            self.lines(&format!("this push brings {what} excluded, and may not go {place}")).trim_end(),
        )
        .hint("why, for each: withhold explain COMMIT, or withhold explain --rev COMMIT PATH")
        .hint("push a branch without these commits, or to a remote that feeds no training")
        .hint("who thinks the list is wrong asks those who keep it: a push cannot change it"))
    }

    fn added(&self, inputs: &Inputs, keep: bool) -> Result<Added, Failure> {
        let kept = &self.run.given.kept;
        let bar = output::progress(self.context);
        let budget = Budget::new(&bar, self.time()?);
        let request = Request {
            keep: keep && kept.of(self.context, &self.repository).is_some(),
            ..inputs.request(self.context)
        };
        let (before, read) = kept.load(self.context, &self.repository);
        let done = added(&request, &self.pushed.tags, &self.pushed.hidden, before, &budget);
        bar.clear();
        let mut done = done.map_err(|error| if budget.is_over() { overrun() } else { error.into() })?;
        if let Some(saved) = done.saved.take() {
            kept.store(self.context, &self.repository, read.as_ref(), saved);
        }
        Ok(done)
    }

    /// Publishes the manifest of each branch.
    fn publish(&self, remote: Option<&[u8]>) -> Result<(), Failure> {
        let kept = &self.run.given.kept;
        let git = Git::in_hook(Path::new("."));
        let bar = output::progress(self.context);
        for name in &self.pushed.unattributable {
            self.say(&format!("warning: {name} names no commit, so no manifest covers it"));
        }
        if let Some(name) = self.pushed.unnameable.first() {
            let what = format!("the name of {name} is not UTF-8, so no manifest can be published for it");
            return Err(
                Failure::new(Exit::Incomplete, what).hint("give the branch another name: git branch -m")
            );
        }
        for tip in &self.pushed.tips {
            let Some(to) = publish::ref_of(tip.name.as_bytes()) else { continue };
            let inputs = self.inputs(vec![tip.clone()])?;
            let request = Request {
                keep: kept.of(self.context, &self.repository).is_some(),
                ..inputs.request(self.context)
            };
            let (before, read) = kept.load(self.context, &self.repository);
            let budget = Budget::new(&bar, self.time()?);
            let done = scan::scan(&request, before, &budget);
            bar.clear();
            let done = done.map_err(|error| if budget.is_over() { overrun() } else { error.into() })?;
            let Scan { manifest, saved, ground, .. } = done;
            // To take it apart piece by piece would take longer than the system does when the process ends.
            std::mem::forget(ground);
            let tree = publish::tree(&self.repository, &manifest, self.context.threads)?;
            // The index is written while the manifest is published.
            let (context, repository) = (self.context, &self.repository);
            std::thread::scope(|scope| {
                if let Some(saved) = saved {
                    scope.spawn(|| kept.store(context, repository, read.as_ref(), saved));
                }
                publish::publish(repository, &git, &to, tip.commit, (&manifest, tree), remote)
            })?;
            let rows = manifest.header().entries.rows;
            let to = String::from_utf8_lossy(&to).into_owned();
            self.say(&format!("withhold: manifest of {} published at {to}, {rows} exclusions", tip.name));
        }
        Ok(())
    }

    /// Whether nothing but manifests comes into the logs of exclusions, and none of them is lost.
    fn held_logs(&self) -> Result<Result<(), LogError>, Failure> {
        let bar = output::progress(self.context);
        let budget = Budget::new(&bar, self.time()?);
        let held = log::check(&self.objects, &self.updates, &self.logs, &budget);
        bar.clear();
        if budget.is_over() { Err(overrun()) } else { Ok(held) }
    }

    fn time(&self) -> Result<Option<Duration>, Failure> {
        if let Some(seconds) = self.run.time {
            return Ok(Some(Duration::from_secs(seconds)));
        }
        let Some(text) = self.repository.config("withhold.time")? else { return Ok(None) };
        let seconds = text.trim().parse().map_err(|_| {
            Failure::new(
                Exit::Usage,
                format_args!("git config withhold.time is '{text}', not a number of seconds"),
            )
        })?;
        Ok(Some(Duration::from_secs(seconds)))
    }

    fn say(&self, text: &str) {
        if !self.context.quiet {
            let _ = write!(self.stderr(), "{}", self.lines(text));
        }
    }

    fn stderr(&self) -> impl Write + use<> {
        anstream::stderr()
    }

    /// GitLab shows its users only lines that begin so.
    fn lines(&self, text: &str) -> String {
        let before = if std::env::var_os("GL_ID").is_some() && self.run.event != Event::PrePush {
            "GL-HOOK-ERR: "
        } else {
            ""
        };
        text.lines().map(|line| format!("{before}{line}\n")).collect()
    }
}

fn overrun() -> Failure {
    Failure::new(
        Exit::Incomplete,
        "the time for it is over, and not all of the push was looked at; so it is refused",
    )
    .hint("push fewer commits at a time, or ask for more time: git config withhold.time SECONDS")
    .hint("a scan keeps an index, with which this takes a moment: withhold scan")
}

impl From<UpdateError> for Failure {
    fn from(error: UpdateError) -> Self {
        Self::new(error.exit(), &error).hint("this command is called by git's hooks: withhold hook install")
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        let failure = Self::new(error.exit(), &error);
        match error {
            LogError::TakenBack { .. } => {
                failure.hint("fetch it, and let the new manifest follow the one that is there")
            }
            LogError::NoCommit { .. } | LogError::NoManifest { .. } => {
                failure.hint("a push publishes manifests by itself; push anything else to a branch")
            }
            LogError::Repo(_) => failure,
        }
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        let failure = Self::new(error.exit(), &error);
        let failure = if error.to_string().contains("cannot lock ref") {
            failure.hint(
                "a log of exclusions stays when its branch is deleted, and git can have no ref below or above \
                 another: give the branch another name",
            )
        } else {
            failure
        };
        match error {
            PublishError::Refused { .. } => failure
                .hint("the remote has to accept refs/exclusions/*; ask who keeps it")
                .hint("nothing of this push has gone out"),
            _ => failure,
        }
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        Self::new(Exit::Unreadable, error)
    }
}
