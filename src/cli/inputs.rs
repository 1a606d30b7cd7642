//! What `scan`, `explain`, `check` and the gates work with: a repository, a revision, and the lists that apply to it.

use std::path::Path;

use clap::Args;
use withhold::identity::Key;
use withhold::manifest::Profile;
use withhold::policy::Layers;
use withhold::repo::{Objects, Repository, Tip};
use withhold::scan::Request;

use super::cache::Kept;
use super::revs::IgnoreRevs;
use super::sources::Sources;
use super::{Context, Failure};

/// The revision, and what is known of its repository.
#[derive(Debug, Args)]
pub(crate) struct Asked {
    #[command(flatten)]
    pub(crate) given: Given,

    /// Revision to look at.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
}

/// The lists, and the repository's name in them.
#[derive(Debug, Args)]
pub(crate) struct Given {
    #[command(flatten)]
    sources: Sources,

    #[command(flatten)]
    pub(crate) kept: Kept,

    #[command(flatten)]
    ignore_revs: IgnoreRevs,

    /// The repository's name in lists and manifests [default: from the URL of the remote 'origin', else the
    /// folder's name].
    #[arg(long, value_name = "NAME")]
    repo: Option<String>,
}

/// All of it, read.
pub(crate) struct Inputs {
    pub(crate) repository: Repository,
    pub(crate) objects: Objects,
    pub(crate) tips: Vec<Tip>,
    pub(crate) layers: Layers,
    key: Option<Key>,
    pub(crate) name: String,
}

impl Inputs {
    /// Opens the repository at `dir`, and reads the lists that apply to the revision; to every branch and tag, if
    /// all refs are asked about.
    pub(crate) fn read(
        context: &Context,
        dir: &Path,
        asked: &Asked,
        all_refs: bool,
    ) -> Result<Self, Failure> {
        let repository = Repository::open(dir)?;
        let objects = repository.objects();
        let tips = if all_refs { objects.all_tips()? } else { vec![objects.resolve(&asked.rev)?] };
        Self::of(context, repository, objects, tips, &asked.given)
    }

    /// Reads the lists that apply to these revisions.
    pub(crate) fn of(
        context: &Context,
        repository: Repository,
        objects: Objects,
        tips: Vec<Tip>,
        given: &Given,
    ) -> Result<Self, Failure> {
        let mut layers = given.sources.layers(context, &objects, &tips)?;
        layers.settings.ignore_revs.extend(given.ignore_revs.read(context)?);
        let key = given.sources.key(context)?;
        let name = given.repo.clone().map_or_else(|| repository.name(), Ok)?;
        Ok(Self { repository, objects, tips, layers, key, name })
    }

    /// What a scan is asked for, if nothing else is said.
    pub(crate) fn request(&self, context: &Context) -> Request<'_> {
        Request {
            repository: &self.repository,
            tips: self.tips.clone(),
            history: false,
            name: &self.name,
            layers: &self.layers,
            key: self.key.as_ref(),
            profile: Profile::default(),
            at: None,
            previous: None,
            threads: context.threads,
            keep: false,
        }
    }
}
