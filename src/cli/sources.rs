//! The lists, the policy and the key that a command works with.
//!
//! Decides where they come from: `--list`, else WITHHOLD_LIST, else git config `withhold.list`; the scanned
//! revision's own list is always added. Must not decide what they say.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use withhold::exit::Exit;
use withhold::identity::Key;
use withhold::policy::{Code, Diagnostic, Layers, List, PolicyFile, Severity, Source, Timestamp, Wanted};
use withhold::repo::{Objects, Tip};
use withhold::scan;

use super::{Context, Failure, output};

/// Where the list, the policy and the key are.
#[derive(Debug, Args)]
pub(crate) struct Sources {
    /// Opt-out list; can be given several times, each adds to the exclusions.
    ///
    /// Without it: the files in WITHHOLD_LIST (separated as in PATH), else git config withhold.list.
    /// The scanned revision's own .withhold/optout.toml is always added.
    #[arg(short, long = "list", value_name = "FILE")]
    lists: Vec<PathBuf>,

    /// How strictly the lists are applied, in a file of its own.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    #[command(flatten)]
    key: KeySource,
}

/// Where the key of keyed hashes is.
#[derive(Debug, Args)]
pub(crate) struct KeySource {
    /// Key of the list's `email-hmac` entries and of pseudonyms; else the value of WITHHOLD_KEY.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl Sources {
    /// Reads the lists that apply to revisions. Warnings are shown; any mistake ends the run.
    pub(crate) fn layers(
        &self,
        context: &Context,
        objects: &Objects,
        tips: &[Tip],
    ) -> Result<Layers, Failure> {
        self.layers_of(context, Some((objects, tips)))
    }

    /// Whether a list was named on the command line.
    pub(crate) fn is_given(&self) -> bool {
        !self.lists.is_empty()
    }

    /// Reads the lists that were given, where no repository is.
    pub(crate) fn layers_alone(&self, context: &Context) -> Result<Layers, Failure> {
        self.layers_of(context, None)
    }

    fn layers_of(&self, context: &Context, of: Option<(&Objects, &[Tip])>) -> Result<Layers, Failure> {
        let mut sources = Vec::new();
        let mut diagnostics = Vec::new();
        for path in self.paths(context, of.map(|(objects, _)| objects))? {
            match Source::read(&path, Wanted::List) {
                Ok(source) => sources.push(source),
                Err(diagnostic) => diagnostics.push(*diagnostic),
            }
        }
        let mut own_sources = Vec::new();
        let own = of.map(|(objects, tips)| scan::own_lists(objects, tips)).transpose()?;
        for own in own.into_iter().flatten() {
            match Source::from_bytes(own.name, own.bytes) {
                Ok(source) => own_sources.push((source, own.of_first)),
                Err(diagnostic) => diagnostics.push(*diagnostic),
            }
        }
        let mut parse = |source| match List::parse(source) {
            Ok((list, warnings)) => {
                diagnostics.extend(warnings);
                Some(list)
            }
            Err(mistakes) => {
                diagnostics.extend(mistakes);
                None
            }
        };
        let lists = sources.into_iter().filter_map(&mut parse).collect();
        let own: Vec<List> = own_sources
            .into_iter()
            .filter_map(|(source, of_first)| {
                let list = parse(source)?;
                // What an old tag says cannot be renewed: it goes on excluding, and sets no limit.
                Some(if of_first { list } else { List { not_after: None, ..list } })
            })
            .collect();
        let (policy, about_policy) = self.policy(context);
        let is_error = |mistake: &Diagnostic| mistake.severity == Severity::Error;
        let mut hints = Vec::new();
        if diagnostics.iter().any(is_error) {
            hints.push("to see what a list says there: withhold list check FILE");
        }
        if about_policy.iter().any(is_error) {
            hints.push("what a policy can say: docs/list-format.md, \"The policy\"");
        }
        diagnostics.extend(about_policy);
        if !hints.is_empty() {
            return Err(hints.iter().fold(Failure::diagnostics(Exit::List, diagnostics), Failure::hint));
        }
        if !context.quiet {
            output::discreet_diagnostics(&diagnostics);
        }
        let layers = Layers::new(policy.as_ref(), lists, own).map_err(|mistakes| {
            let missing = mistakes.iter().any(|mistake| mistake.code == Code::NoList);
            let failure = Failure::diagnostics(Exit::List, mistakes);
            if missing { failure.hint("write one to start from: withhold init optout.toml") } else { failure }
        })?;
        let now = now()?;
        let expired: Vec<_> = layers
            .lists
            .iter()
            .filter_map(|list| list.check_expiry(now).err())
            .map(|expired| *expired)
            .collect();
        if !expired.is_empty() {
            return Err(Failure::diagnostics(Exit::Incomplete, expired));
        }
        Ok(layers)
    }

    /// Files that are read where no repository is, each with what it is.
    pub(crate) fn read(&self, context: &Context) -> Result<Vec<(&'static str, PathBuf)>, Failure> {
        let lists = self.paths(context, None)?.into_iter().map(|list| ("a list", list));
        let one = |what, path: &Option<PathBuf>| path.as_ref().map(|path| (what, at(context, path)));
        Ok(lists.chain(one("the policy", &self.policy)).chain(one("a key", &self.key.key_file)).collect())
    }

    /// The key, if one was given.
    pub(crate) fn key(&self, context: &Context) -> Result<Option<Key>, Failure> {
        self.key.read(context)
    }

    /// The policy in a file of its own, if there is one, and what is wrong with it.
    fn policy(&self, context: &Context) -> (Option<PolicyFile>, Vec<Diagnostic>) {
        let Some(path) = &self.policy else { return (None, Vec::new()) };
        let source = Source::read(&at(context, path), Wanted::Policy).map_err(|mistake| vec![*mistake]);
        match source.and_then(PolicyFile::parse) {
            Ok((policy, warnings)) => (Some(policy), warnings),
            Err(mistakes) => (None, mistakes),
        }
    }

    fn paths(&self, context: &Context, objects: Option<&Objects>) -> Result<Vec<PathBuf>, Failure> {
        if !self.lists.is_empty() {
            return Ok(self.lists.iter().map(|path| at(context, path)).collect());
        }
        if let Some(paths) = std::env::var_os("WITHHOLD_LIST").filter(|paths| !paths.is_empty()) {
            return Ok(std::env::split_paths(&paths).map(|path| at(context, &path)).collect());
        }
        let Some(repository) = objects.map(Objects::repository) else { return Ok(Vec::new()) };
        let configured = repository.config_path("withhold.list")?;
        Ok(configured.map(|path| repository.path().join(path)).into_iter().collect())
    }
}

impl KeySource {
    /// The key, if one was given.
    pub(crate) fn read(&self, context: &Context) -> Result<Option<Key>, Failure> {
        let (bytes, from) = match (&self.key_file, std::env::var_os("WITHHOLD_KEY")) {
            (Some(path), _) => {
                let path = at(context, path);
                let bytes = std::fs::read(&path).map_err(|error| {
                    Failure::new(
                        Exit::List,
                        format_args!("cannot read the key in {}: {error}", path.display()),
                    )
                })?;
                (bytes, path.display().to_string())
            }
            (None, Some(value)) => (OsString::into_encoded_bytes(value), "WITHHOLD_KEY".to_owned()),
            (None, None) => return Ok(None),
        };
        let key =
            Key::new(&bytes).map_err(|error| Failure::new(Exit::List, format_args!("{from}: {error}")))?;
        Ok(Some(key))
    }
}

/// The time, to find out whether a list has expired. It never enters a manifest.
pub(crate) fn now() -> Result<Timestamp, Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|since| Timestamp::try_from(since.as_secs()).ok()).ok_or_else(|| {
        Failure::new(Exit::Incomplete, "the system's clock is before 1970, so no list can be held against it")
    })
}

/// Where a file is, seen from where the command works.
pub(crate) fn at(context: &Context, path: &Path) -> PathBuf {
    // Messages then call it what the user called it.
    if context.dir == Path::new(".") { path.to_path_buf() } else { context.dir.join(path) }
}
