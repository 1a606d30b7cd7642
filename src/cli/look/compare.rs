//! A manifest, held against scans like the one that it was made by.
//!
//! Decides what to scan again: the revision or all refs, as they stand now or stood before the commit that brings the
//! manifest, what stands there or the whole history. Must not decide what differs.

use withhold::enforce::check;
use withhold::enforce::finding::Finding;
use withhold::enforce::made::Made;
use withhold::enforce::stored;
use withhold::manifest::{CoverageRow, Manifest};
use withhold::repo::Tip;
use withhold::scan;

use super::super::inputs::Inputs;
use super::super::{Failure, output};
use super::Look;

impl Look<'_> {
    /// What is wrong with the manifest, given a scan of this revision alone.
    pub(super) fn compare(
        &self,
        stored: &Manifest,
        made: &Made,
        all_refs: Option<&Inputs>,
        own: Manifest,
    ) -> Result<Vec<Finding>, Failure> {
        if let Some(merged) = check::merged(stored) {
            return Ok(vec![merged]);
        }
        let tracked = self.asked.tracks().then(|| self.asked.folder());
        let made_for = stored::made_for(&self.inputs.objects, stored, self.tip, tracked)?;
        let in_history = |made_for: &Tip| {
            let id = Some(made_for.commit);
            own.coverage()
                .iter()
                .any(|row| matches!(row, CoverageRow::Commit(commit) if commit.git_sha1 == id))
        };
        let Some(made_for) = made_for.filter(in_history) else {
            let mut wrong = check::complete_and_fresh(stored, own.header(), self.now);
            wrong.push(check::not_for(stored, self.tip));
            return Ok(wrong);
        };
        let before = made.before(self.tip.commit, made_for.commit);
        if let Some(moved) = before.moved(stored) {
            return Ok(vec![moved]);
        }
        let is_now = made_for.commit == self.tip.commit;
        let (inputs, mut history) = (all_refs.unwrap_or(self.inputs), self.asked.history);
        let scan = |tips: &[Tip], history| self.scan_of(inputs, tips, history, stored);
        let own = if made.of_all_refs { None } else { Some(own) };
        let (then, now) = match own {
            Some(own) if is_now => (own, None),
            own => (scan(&before.tips, history)?, own),
        };
        let mut wrong = check::complete_and_fresh(stored, then.header(), self.now);
        if !wrong.is_empty() {
            return Ok(wrong);
        }
        let (profile, threads) = (stored.header().profile, self.context.threads);
        let mut differs = check::same_rows(stored, &check::in_profile(then, profile, threads)?);
        // Nothing in a manifest says whether it is of the whole history, but that has more.
        if let Some(standing) = differs.take_if(|differs| differs.has_more && !history) {
            let whole = check::in_profile(scan(&before.tips, true)?, profile, threads)?;
            let of_history = check::same_rows(stored, &whole);
            history = of_history.as_ref().is_none_or(|found| found.rows < standing.rows);
            differs = if history { of_history } else { Some(standing) };
        }
        wrong.extend(differs.map(|differs| differs.finding));
        if !is_now {
            let now = match now {
                Some(now) if history == self.asked.history => now,
                _ => scan(&made.tips, history)?,
            };
            let is_its = |path: &[u8]| stored::is_file_of(self.asked.folder(), path);
            wrong.extend(check::still_right(stored, now, is_its, threads)?);
        }
        Ok(wrong)
    }

    /// A scan like that which the manifest was made by.
    fn scan_of(
        &self,
        inputs: &Inputs,
        tips: &[Tip],
        history: bool,
        stored: &Manifest,
    ) -> Result<Manifest, Failure> {
        let kept = &self.asked.given.kept;
        let progress = output::progress(self.context);
        let (before, read) = kept.load(self.context, &inputs.repository);
        let request = self.request(inputs, tips.to_vec(), history, Some(stored));
        let done = scan::scan(&request, before, &progress);
        progress.clear();
        let done = done?;
        if let Some(saved) = done.saved {
            kept.store(self.context, &inputs.repository, read.as_ref(), saved);
        }
        Ok(done.manifest)
    }
}
