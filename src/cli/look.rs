//! One revision that `withhold check` looks at: its lists, its manifest, its training sources.
//!
//! Decides in which order that is done, and when to stop: what an outdated list says is of no use.

use withhold::enforce::check;
use withhold::enforce::finding::{Finding, Looked, Report, Rule};
use withhold::enforce::log;
use withhold::enforce::seen::Seen;
use withhold::enforce::stored::{self, StoredError};
use withhold::enforce::training::{self, NoBranch, Sources};
use withhold::exit::Exit;
use withhold::manifest::{self, CoverageRow, Manifest, ManifestError, Profile};
use withhold::policy::{Layers, Timestamp};
use withhold::repo::{RepoError, Repository, Tip};
use withhold::scan::{self, Request};

use super::check::{Check, Target, branch_of};
use super::inputs::Inputs;
use super::seen;
use super::sources::at;
use super::{Context, Failure, output};

/// What is known of a revision before it is scanned.
struct Look<'a> {
    asked: &'a Check,
    context: &'a Context,
    inputs: &'a Inputs,
    tip: &'a Tip,
    branch: Option<String>,
    now: Timestamp,
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
    let stored = look.stored(&mut found)?;
    if let Some(stored) = &stored {
        let by = format!("the manifest {}", look.from());
        let older = Seen::of(&stored.header().lists).hold(&lists, &by);
        found.extend(older.into_iter().map(|found| found.at(tip)));
    }
    let refused = |found: &Finding| matches!(found.rule, Rule::ListRolledBack | Rule::ListSerialReused);
    if !found.iter().any(refused) {
        report.looked.push(look.scan(stored, sources.as_ref(), &mut found)?);
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
            Ok(Some(manifest)) => return Ok(Some(manifest)),
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

    /// The commit that the manifest was made for, if it can be for this revision.
    fn made_for(&self, stored: &Manifest) -> Result<Option<Tip>, RepoError> {
        let tracked = self.asked.tracks().then(|| self.asked.folder());
        stored::made_for(&self.inputs.objects, stored, self.tip, tracked)
    }

    /// Scans the revision, holds the manifest against that, and looks for what is excluded in training sources.
    fn scan(
        &self,
        stored: Option<Manifest>,
        sources: Option<&Sources<'_>>,
        found: &mut Vec<Finding>,
    ) -> Result<Looked, Failure> {
        let Self { context, inputs, tip, .. } = self;
        let kept = &self.asked.given.kept;
        let made_for = stored.as_ref().map(|stored| self.made_for(stored)).transpose()?.flatten();
        // The manifest may know this very commit by another name, as where HEAD is detached.
        let same = made_for.as_ref().filter(|made_for| made_for.commit == tip.commit);
        let request = self.request((*same.unwrap_or(tip)).clone(), stored.as_ref());
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
        if let Some(stored) = stored {
            let wrong = self.compare(&stored, done.manifest, made_for)?;
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

    /// What is wrong with the manifest, given a scan of this revision.
    fn compare(
        &self,
        stored: &Manifest,
        own: Manifest,
        made_for: Option<Tip>,
    ) -> Result<Vec<Finding>, Failure> {
        let mut wrong = check::complete_and_fresh(stored, own.header(), self.now);
        let in_history = |made_for: &Tip| {
            let id = Some(made_for.commit);
            own.coverage()
                .iter()
                .any(|row| matches!(row, CoverageRow::Commit(commit) if commit.git_sha1 == id))
        };
        let Some(made_for) = made_for.filter(in_history) else {
            wrong.push(check::not_for(stored, self.tip));
            return Ok(wrong);
        };
        if !wrong.is_empty() {
            return Ok(wrong);
        }
        let (profile, threads) = (stored.header().profile, self.context.threads);
        if made_for.commit == self.tip.commit {
            wrong.extend(check::same_rows(stored, &check::in_profile(own, profile, threads)?));
            return Ok(wrong);
        }
        let then = check::in_profile(self.scan_of(made_for, stored)?, profile, threads)?;
        wrong.extend(check::same_rows(stored, &then));
        let is_its = |path: &[u8]| stored::is_file_of(self.asked.folder(), path);
        wrong.extend(check::still_right(stored, own, is_its, threads)?);
        Ok(wrong)
    }

    /// A scan of the commit that the manifest was made for.
    fn scan_of(&self, made_for: Tip, stored: &Manifest) -> Result<Manifest, Failure> {
        let progress = output::progress(self.context);
        let (before, _) = self.asked.given.kept.load(self.context, &self.inputs.repository);
        let done = scan::scan(&self.request(made_for, Some(stored)), before, &progress);
        progress.clear();
        Ok(done?.manifest)
    }

    /// A scan that tells as much as the manifest does, and at least paths.
    fn request(&self, tip: Tip, stored: Option<&Manifest>) -> Request<'_> {
        let profile = stored.map_or(Profile::Paths, |stored| stored.header().profile);
        Request {
            tips: vec![tip],
            profile: profile.max(Profile::Paths),
            history: self.asked.history,
            keep: self.asked.given.kept.of(self.context, &self.inputs.repository).is_some(),
            ..self.inputs.request(self.context)
        }
    }
}

impl From<NoBranch> for Failure {
    fn from(error: NoBranch) -> Self {
        Self::new(Exit::Incomplete, error).hint("name it: --branch NAME")
    }
}
