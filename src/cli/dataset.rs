//! What `filter` and `verify` are asked: by which manifests and lists the rows of which data set are judged.
//!
//! Decides that nothing begins before manifests, lists and columns can be trusted. Must not judge.

mod bars;
mod columns;
mod held;
mod people;
mod read;
mod trust;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::{Args, ValueEnum};
use withhold::dataset::shards::{self, Shards};
use withhold::dataset::{Column, Columns, DatasetError, Meaning, Preset};
use withhold::enforce::rows::RunError;
use withhold::enforce::rows::proof::{self, Prover};
use withhold::enforce::rows::{Aliases, Canaries, Lines, Rules, Uncovered, key};
use withhold::exit::Exit;
use withhold::manifest::Digest;
use withhold::manifest::keys::{Keys, KeysError, Wanted};
use withhold::policy::{Layers, Purpose, Purposes, Timestamp};

use super::sign::Signers;
use super::sources::{Sources, at};
use super::{Context, Failure, output};
use bars::Reading;
pub(crate) use bars::{Rows, bytes};
pub(crate) use held::Held;
use words::{LIST, WITHOUT_LIST, key_column, preset, purpose};

/// By what a data set is judged.
#[derive(Debug, Args)]
#[command(mut_arg("lists", |list| list.help(LIST).long_help(LIST.to_owned() + ".\n\n" + WITHOUT_LIST)))]
pub(crate) struct Asked {
    /// Exclusion manifest; can be given several times: what one of them excludes is excluded.
    #[arg(short, long = "manifest", value_name = "DIR")]
    manifests: Vec<PathBuf>,

    /// The data set's columns are those of this one [default: told by the columns' names].
    #[arg(long, value_name = "NAME", value_parser = preset)]
    preset: Option<&'static Preset>,

    /// What stands in a column: git_sha1, sha1, sha256, swhid, repo, path, commit or revision. Fields in
    /// objects behind a dot (`meta.repo`), those of items of a list behind `[].` (`files[].content_id`).
    #[arg(short, long = "key", value_name = "COLUMN=KIND", value_parser = key_column)]
    keys: Vec<Column>,

    /// Column that holds the content itself, whole: it is hashed where a key is missing, and proves keys.
    #[arg(long, value_name = "COLUMN")]
    content: Vec<String>,

    /// Contents were changed after their keys were computed (redacted, or read in another encoding): some rows of the
    /// sample may differ from their keys, though not most, and the receipt says how many.
    #[arg(long)]
    redacted: bool,

    /// Column that says whose work a row is, by e-mail address, login or the id of an account: matched against
    /// the lists.
    #[arg(long, value_name = "COLUMN")]
    identity: Vec<String>,

    /// Forge whose logins stand in --identity [default: github.com].
    #[arg(long, value_name = "HOST", requires = "identity")]
    forge: Option<String>,

    #[command(flatten)]
    sources: Sources,

    /// What the data is to be used for; can be given several times [default: all purposes].
    #[arg(long = "purpose", value_name = "PURPOSE", value_parser = purpose)]
    purposes: Vec<Purpose>,

    /// Old names of repositories: a TOML table, `"old/name" = "new/name"`.
    #[arg(long, value_name = "FILE")]
    alias: Option<PathBuf>,

    /// Keys of rows that were planted to be found, a line each (git_sha1:…, sha1:…, sha256:…, swh:…): a run
    /// that does not find and exclude every one of them fails.
    #[arg(long, value_name = "FILE")]
    canary: Option<PathBuf>,

    /// Take a folder for a data set of files, each of them a row.
    #[arg(long)]
    files: bool,

    /// Keep the manifests' keys in this folder, ready for the next run, and which lists were seen [default:
    /// `withhold` in the user's cache].
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,

    /// Neither use nor keep a cache: then nobody notices a list that is older than one seen before.
    #[arg(long, conflicts_with = "cache")]
    no_cache: bool,

    #[command(flatten)]
    signers: Signers,
}

/// What becomes of rows that no manifest looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UncoveredName {
    /// The run stops.
    Stop,
    /// They go.
    Drop,
    /// They stay, and the receipt says so.
    Keep,
}

impl From<UncoveredName> for Uncovered {
    fn from(name: UncoveredName) -> Self {
        match name {
            UncoveredName::Stop => Self::Stop,
            UncoveredName::Drop => Self::Drop,
            UncoveredName::Keep => Self::Keep,
        }
    }
}

impl Asked {
    /// Finds the shards.
    pub(crate) fn find(&self, context: &Context, inputs: &[PathBuf]) -> Result<Shards, Failure> {
        if self.manifests.is_empty() && self.identity.is_empty() {
            return Err(Failure::new(Exit::Usage, "nothing says what is excluded")
                .hint("name a manifest: --manifest DIR")
                .hint("or columns that say whose work a row is, and a list: --identity COLUMN --list FILE"));
        }
        let inputs: Vec<PathBuf> = inputs
            .iter()
            .map(|path| if path == Path::new("-") { path.clone() } else { at(context, path) })
            .collect();
        let shards = shards::find(&inputs, self.files)?;
        if let Some(first) = shards.passed_over.first() {
            let (count, first) = (shards.passed_over.len(), first.display());
            let note = format_args!("{count} files are no shards, and are passed over, such as {first}");
            output::note(context, note);
        }
        Ok(shards)
    }

    /// Reads all by which they are judged. Manifests and lists have to be in date now, and at the time of the receipt, if there is
    /// to be one.
    pub(crate) fn hold(
        &self,
        context: &Context,
        shards: Shards,
        lines: Option<Lines>,
        uncovered: Uncovered,
        receipt: Option<Timestamp>,
    ) -> Result<Held, Failure> {
        let (columns, preset) = self.columns(&shards)?;
        self.suffices(&columns, lines)?;
        let (aliases, aliases_digest) = self.aliases(context)?;
        let (canaries, canaries_digest) = self.canaries(context)?;
        columns::show(&columns, &canaries)?;
        let layers = self.layers(context)?;
        let host = people::forge(self.forge.as_deref(), layers.as_ref())?;
        if let (Some(layers), Some(at)) = (&layers, receipt) {
            trust::lists_in_date_at(at, layers)?;
        }
        let keys = self.keys(context, &columns, lines)?;
        let mut signed_with = Vec::new();
        self.newest(context, keys.as_ref(), layers.as_ref())?;
        if let Some(keys) = &keys {
            signed_with = self.trusted(context, keys, receipt)?;
            let named = columns.iter().any(|column| column.meaning == Meaning::Repo);
            if uncovered == Uncovered::Keep && !named && (keys.has_repos() || keys.has_paths()) {
                let what =
                    "a manifest excludes whole repositories or paths, and no column names the repository";
                return Err(Failure::new(Exit::Usage, what)
                    .hint("name it: --key COLUMN=repo (and --key COLUMN=path)")
                    .hint("or let rows go that no manifest looked at: --uncovered drop"));
            }
        }
        let mut prover = Prover::new(&columns);
        proof::look(&mut prover, &shards.shards).map_err(unproved)?;
        let stdin = match shards.shards.iter().any(|shard| shard.path.is_none()) {
            true => Some(Mutex::new(proof::ahead(&mut prover, std::io::stdin()).map_err(unproved)?)),
            false => None,
        };
        let proofs = prover.finish(self.redacted).map_err(|error| {
            let failure = Failure::new(Exit::Unreadable, &error);
            if error.may_be_redacted() {
                return failure.hint("if contents were changed after their keys were computed: --redacted");
            }
            failure.hint("say what stands in it: --key COLUMN=KIND")
        })?;
        let given = [("aliases", aliases_digest), ("canaries", canaries_digest)];
        Ok(Held {
            shards,
            stdin,
            columns,
            preset,
            keys,
            proofs,
            layers,
            purposes: self.purposes(),
            aliases,
            aliases_digest,
            signed_with,
            canaries,
            given: given.into_iter().filter_map(|(name, digest)| Some((name, digest?))).collect(),
            host,
            key: self.sources.key(context)?,
        })
    }

    /// The purposes that are named; `None` if none is.
    fn purposes(&self) -> Option<Purposes> {
        (!self.purposes.is_empty()).then(|| self.purposes.iter().copied().collect())
    }

    fn aliases(&self, context: &Context) -> Result<(Aliases, Option<Digest>), Failure> {
        let Some(path) = &self.alias else { return Ok((Aliases::default(), None)) };
        let (text, digest) = text(context, path)?;
        let aliases = Aliases::parse(&text)
            .map_err(|error| Failure::new(Exit::Usage, format_args!("{}: {error}", path.display())))?;
        Ok((aliases, Some(digest)))
    }

    fn canaries(&self, context: &Context) -> Result<(Canaries, Option<Digest>), Failure> {
        let Some(path) = &self.canary else { return Ok((Canaries::default(), None)) };
        let (text, digest) = text(context, path)?;
        let canaries = Canaries::parse(&text).map_err(|line| {
            let what = match line {
                0 => format!("{} names no canary", path.display()),
                line => format!("{}, line {line}: it is no key of a content", path.display()),
            };
            Failure::new(Exit::Usage, what)
        })?;
        Ok((canaries, Some(digest)))
    }

    fn layers(&self, context: &Context) -> Result<Option<Layers>, Failure> {
        if self.identity.is_empty() { Ok(None) } else { self.sources.layers_alone(context).map(Some) }
    }

    fn keys(
        &self,
        context: &Context,
        columns: &Columns,
        lines: Option<Lines>,
    ) -> Result<Option<Keys>, Failure> {
        if self.manifests.is_empty() {
            return Ok(None);
        }
        let has = |meaning| columns.iter().any(|column: &Column| column.meaning == meaning);
        let mut hashes: Vec<_> = columns.iter().filter_map(|column| key::kind(column.meaning)).collect();
        if has(Meaning::Content) {
            hashes.push(Rules::content_kind(columns));
        }
        hashes.sort_unstable();
        hashes.dedup();
        let wanted = Wanted {
            hashes,
            commits: has(Meaning::Commit),
            lines: lines.is_some(),
            names: has(Meaning::Repo),
            paths: Rules::paths(columns),
        };
        let manifests: Vec<PathBuf> = self.manifests.iter().map(|path| at(context, path)).collect();
        let cache = self.cache_folder(context);
        let bar = output::progress(context);
        let keys = Keys::open(&manifests, &wanted, cache.as_deref(), context.threads, &Reading(&bar));
        bar.clear();
        keys.map(Some).map_err(|error| {
            let of_cache = matches!(&error, KeysError::Io { path, .. } if Some(path) == cache.as_ref());
            let failure = Failure::from(error);
            if of_cache {
                return failure.hint("keep them elsewhere: --cache DIR; or nowhere: --no-cache");
            }
            failure
        })
    }
}

fn unproved(error: RunError) -> Failure {
    Failure::new(error.exit(), error)
}

fn text(context: &Context, path: &Path) -> Result<(String, Digest), Failure> {
    let read = std::fs::read_to_string(at(context, path));
    let text = read.map_err(|error| {
        Failure::new(Exit::Unreadable, format_args!("cannot read {}: {error}", path.display()))
    })?;
    let digest = Digest::of(text.as_bytes());
    Ok((text, digest))
}

impl From<DatasetError> for Failure {
    fn from(error: DatasetError) -> Self {
        let failure = Self::new(error.exit(), &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<KeysError> for Failure {
    fn from(error: KeysError) -> Self {
        match std::error::Error::source(&error) {
            Some(cause) if !error.to_string().contains(&cause.to_string()) => {
                Self::new(error.exit(), format_args!("{error}: {cause}"))
            }
            _ => Self::new(error.exit(), error),
        }
    }
}
