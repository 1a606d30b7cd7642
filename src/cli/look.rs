//! One revision that `withhold check` looks at: its lists, its manifest, its training sources.
//!
//! Decides in which order that is done, and when to stop: what an outdated list says is of no use.

use withhold::enforce::finding::{Finding, Looked, Report, Rule};
use withhold::enforce::log;
use withhold::enforce::made::Made;
use withhold::enforce::seen::SeenHere;
use withhold::enforce::signature;
use withhold::enforce::stored::{self, StoredError};
use withhold::enforce::training::{self, NoBranch, Sources};
use withhold::exit::Exit;
use withhold::manifest::{self, Manifest, ManifestError, Profile};
use withhold::policy::{Layers, Timestamp};
use withhold::repo::{Repository, Tip};
use withhold::scan::{self, Request};

use super::check::{Check, Target, branch_of};
use super::inputs::Inputs;
use super::seen;
use super::sources::at;
use super::{Context, Failure, output};

mod compare;

/// What is known of a revision before it is scanned.
struct Look<'a> {
    asked: &'a Check,
    context: &'a Context,
    inputs: &'a Inputs,
    tip: &'a Tip,
    branch: Option<String>,
    now: Timestamp,
}

/// The manifest, and what it was made from.
struct Stored {
    manifest: Manifest,
    made: Made,
    /// What a scan of all refs works with, if it was made by one: each can carry a list.
    all_refs: Option<Inputs>,
}

/// Looks at one revision, and adds what is found to the report. Gives the layers that its verdicts refer to.
pub(super) fn look(
    asked: &Check,
    context: &Context,
    target: &Target,
    now: Timestamp,
    report: &mut Report,
) -> Result<(Tip, Layers), Failure> {
    let repository = Repository::open(&context.dir)?;
    let objects = repository.objects();
    let tips = vec![objects.resolve(&target.rev)?];
    let inputs = Inputs::of(context, repository, objects, tips, &asked.given)?;
    let [tip] = inputs.tips.as_slice() else {
        return Err(Failure::new(Exit::Bug, "more than one revision to check"));
    };
    let branch = target.branch.clone().or_else(|| branch_of(tip).map(str::to_owned));
    let look = Look { asked, context, inputs: &inputs, tip, branch, now };
    let lists = scan::list_refs(&inputs.layers);
    report.repo.clone_from(&inputs.name);
    for list in &lists {
        if !report.lists.contains(list) {
            report.lists.push(list.clone());
        }
    }
    let sources = look.sources()?;
    // HEAD is what somebody has checked out, other revisions may be anybody's.
    let mut found = seen::hold(context, &asked.given, &inputs, &lists, target.rev == "HEAD")?;
    let stored = look.stored(&mut found)?.map(|manifest| look.made(manifest)).transpose()?;
    if let Some(stored) = &stored {
        let by = format!("the manifest {}", look.from());
        let lists = scan::list_refs(&stored.all_refs.as_ref().unwrap_or(&inputs).layers);
        let older = SeenHere::of(&stored.manifest.header().lists).hold(&lists, &by);
        found.extend(older.into_iter().map(|found| found.at(tip)));
    }
    let refused = |found: &Finding| matches!(found.rule, Rule::ListRolledBack | Rule::ListSerialReused);
    if !found.iter().any(refused) {
        report.looked.push(look.scan(stored.as_ref(), sources.as_ref(), &mut found)?);
    }
    report.findings.extend(found);
    Ok((tip.clone(), inputs.layers))
}

impl Look<'_> {
    /// The training sources of the branch, if the policy marks any. There must be something to check.
    fn sources(&self) -> Result<Option<Sources<'_>>, Failure> {
        let rules = &self.inputs.layers.settings.training;
        if !rules.is_empty() {
            return Ok(Some(Sources::of(rules, self.branch.as_deref().map(str::as_bytes))?));
        }
        if self.asked.no_manifest {
            let nothing = "there is nothing to check: no manifest, and the policy marks no training source";
            return Err(Failure::new(Exit::Incomplete, nothing)
                .hint("mark some with [[policy.training]], or let a manifest be checked"));
        }
        Ok(None)
    }

    /// The manifest, or a finding that says why there is none.
    fn stored(&self, found: &mut Vec<Finding>) -> Result<Option<Manifest>, Failure> {
        let objects = &self.inputs.objects;
        let read = match (&self.asked.manifest, &self.branch) {
            _ if self.asked.no_manifest => return Ok(None),
            (Some(path), _) => match manifest::read(&at(self.context, path)) {
                Err(ManifestError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                    Ok(None)
                }
                read => read.map(Some).map_err(StoredError::from),
            },
            (None, Some(branch)) if self.asked.published => stored::published(objects, branch),
            (None, None) if self.asked.published => {
                let what = "it is not known which branch this is, so not which manifest is published for it";
                return Err(Failure::new(Exit::Incomplete, what).hint("name it: --branch NAME"));
            }
            (None, _) => stored::in_tree(objects, self.tip.commit, self.asked.folder()),
        };
        let from = self.from();
        match read {
            Ok(Some(manifest)) => match self.unsigned(&manifest)? {
                None => return Ok(Some(manifest)),
                Some(why) => {
                    let message = format!("the manifest {from} cannot be trusted: {why}");
                    found.push(Finding::new(Rule::ManifestInvalid, message).at(self.tip));
                }
            },
            Ok(None) => {
                let message = format!("there is no manifest {from}");
                found.push(Finding::new(Rule::ManifestMissing, message).at(self.tip));
            }
            Err(error @ (StoredError::Manifest(_) | StoredError::NotOne { .. })) => {
                // Only what the system said stands behind; what our own errors say, they say themselves.
                let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
                let message =
                    format!("the manifest {from} cannot be used: {error}{}", cause.unwrap_or_default());
                found.push(Finding::new(Rule::ManifestInvalid, message).at(self.tip));
            }
            Err(StoredError::Repo(error)) => return Err(error.into()),
            Err(error @ StoredError::Io(_)) => return Err(Failure::new(Exit::Unreadable, error)),
        }
        Ok(None)
    }

    /// Why the manifest is not signed by somebody who may, if a signature is asked for.
    fn unsigned(&self, manifest: &Manifest) -> Result<Option<String>, Failure> {
        let Some(allowed) = self.asked.signers.read(self.context)? else { return Ok(None) };
        let (signer, now) = (self.asked.signers.signer(), self.now);
        let signed = if let Some(path) = &self.asked.manifest {
            signature::require(&at(self.context, path), allowed, signer, now)
        } else {
            let read = stored::signed(&self.inputs.objects, self.tip.commit, self.asked.folder());
            let (header, text) = read.map_err(|error| Failure::new(Exit::Unreadable, error))?;
            signature::require_of(&header, text.as_deref(), allowed, signer, now)
        };
        Ok(match signed {
            Err(error) => Some(error.to_string()),
            Ok(signed) if signed.digest == manifest.digest()? => None,
            Ok(_) => Some("it was changed while it was looked at".to_owned()),
        })
    }

    /// Finds out what the manifest was made from, and reads what a scan of that needs.
    fn made(&self, manifest: Manifest) -> Result<Stored, Failure> {
        let Inputs { repository, objects, .. } = self.inputs;
        let made = Made::of(objects, &manifest, self.tip)?;
        let all_refs = if made.of_all_refs {
            // Warnings about the lists that are given have been shown.
            let context = Context { dir: self.context.dir.clone(), quiet: true, ..*self.context };
            let (tips, given) = (made.tips.clone(), &self.asked.given);
            Some(Inputs::of(&context, repository.clone(), repository.objects(), tips, given)?)
        } else {
            None
        };
        Ok(Stored { manifest, made, all_refs })
    }

    /// Where the manifest is from.
    fn from(&self) -> String {
        match &self.asked.manifest {
            Some(path) => format!("in {}", path.display()),
            None if self.asked.published => {
                let branch = self.branch.as_deref().unwrap_or_default();
                format!("at {}{}", log::REFS, branch.escape_debug())
            }
            None => format!("tracked in {}", self.asked.manifest_path.escape_debug()),
        }
    }

    /// Scans the revision, holds the manifest against that, and looks for what is excluded in training sources.
    fn scan(
        &self,
        stored: Option<&Stored>,
        sources: Option<&Sources<'_>>,
        found: &mut Vec<Finding>,
    ) -> Result<Looked, Failure> {
        let Self { context, inputs, tip, .. } = self;
        let kept = &self.asked.given.kept;
        let manifest = stored.map(|stored| &stored.manifest);
        let request = self.request(inputs, vec![(*tip).clone()], self.asked.history, manifest);
        let progress = output::progress(context);
        let (before, read) = kept.load(context, &inputs.repository);
        let done = scan::scan(&request, before, &progress).inspect_err(|_| progress.clear())?;
        let mut training = None;
        if let Some(sources) = sources {
            let sought = training::excluded(&request, &done.ground, &done.manifest, tip, sources, &progress)
                .inspect_err(|_| progress.clear())?;
            training = Some(sought.files);
            found.extend(sought.findings);
        }
        drop(done.ground);
        progress.clear();
        if let Some(saved) = done.saved {
            kept.store(context, &inputs.repository, read.as_ref(), saved);
        }
        if !context.quiet && !self.asked.published {
            output::unmatched(&inputs.layers, &done.unmatched);
        }
        let total = done.summary;
        let manifest = stored.is_some().then(|| self.from());
        if let Some(Stored { manifest, made, all_refs }) = stored {
            let wrong = self.compare(manifest, made, all_refs.as_ref(), done.manifest)?;
            found.extend(wrong.into_iter().map(|found| found.at(tip)));
        }
        Ok(Looked {
            tip: (*tip).clone(),
            branch: self.branch.clone(),
            files: total.total.files.all,
            lines: total.total.lines.all,
            commits: total.commits.all,
            training,
            manifest,
        })
    }

    /// A scan for the manifest, if there is one: it tells as much as that does, and at least paths.
    fn request<'i>(
        &self,
        inputs: &'i Inputs,
        tips: Vec<Tip>,
        history: bool,
        stored: Option<&Manifest>,
    ) -> Request<'i> {
        let profile = stored.map_or(Profile::Paths, |stored| stored.header().profile);
        Request {
            tips,
            profile: profile.max(Profile::Paths),
            history,
            keep: self.asked.given.kept.of(self.context, &inputs.repository).is_some(),
            ..inputs.request(self.context)
        }
    }
}

impl From<NoBranch> for Failure {
    fn from(error: NoBranch) -> Self {
        Self::new(Exit::Incomplete, error).hint("name it: --branch NAME")
    }
}
