//! Everyone who had a part in the history, heard commit by commit.
//!
//! Decides which verdicts can be shared between lines and commits. Cost: one read for each commit, one look
//! into the lists for each distinct person.

use std::borrow::Cow;

use crate::attribution::history::CommitNo;
use crate::attribution::{Engine, History};
use crate::repo::{Kind, ObjectId, Objects, RepoError};
use crate::verdict::{Case, Evidence, Judge, Verdict};

/// The people of all commits.
pub struct People {
    cases: Vec<Case>,
    tags: std::collections::HashMap<ObjectId, Case>,
    /// Whether a commit's lines are judged alike at every path.
    simple: Vec<bool>,
}

impl People {
    /// Hears the evidence of every commit and annotated tag.
    ///
    /// # Errors
    /// A commit or tag cannot be read.
    pub fn hear(
        objects: &Objects,
        history: &History,
        tags: &[ObjectId],
        judge: &mut Judge<'_>,
    ) -> Result<Self, RepoError> {
        let mut cases = Vec::with_capacity(history.len());
        for id in history.ids() {
            let evidence = objects.with(*id, Kind::Commit, |bytes| Evidence::of_commit(*id, bytes))??;
            cases.push(judge.hear(&evidence));
        }
        let mut heard = std::collections::HashMap::new();
        for id in tags {
            let evidence = objects.with(*id, Kind::Tag, |bytes| Evidence::of_tag(*id, bytes))??;
            heard.insert(*id, judge.hear(&evidence));
        }
        let rules = judge.has_path_rules();
        let simple = cases.iter().map(|case| !rules && !judge.depends_on_path(case)).collect();
        Ok(Self { cases, tags: heard, simple })
    }

    /// The commits whose author is a bot.
    pub fn by_bots(&self, judge: &Judge<'_>) -> impl Iterator<Item = CommitNo> {
        (0..).zip(&self.cases).filter(|(_, case)| judge.is_by_bot(case)).map(|(commit, _)| commit)
    }

    /// The verdict on every commit, in their order.
    #[must_use]
    pub fn commits(&self, engine: &Engine, judge: &Judge<'_>) -> Vec<Verdict> {
        let numbers = engine.history().numbers();
        numbers
            .zip(&self.cases)
            .map(|(commit, case)| judge.commit(case, engine.changed_paths(commit)))
            .collect()
    }

    /// The verdict on lines that a commit wrote at `then`, and that stand at `now`.
    #[must_use]
    pub fn lines<'v>(
        &self,
        judge: &Judge<'_>,
        commits: &'v [Verdict],
        commit: CommitNo,
        now: &[u8],
        then: &[u8],
    ) -> Cow<'v, Verdict> {
        // Where no path matters, the lines are judged as the commit is.
        if self.simple[commit as usize] {
            return Cow::Borrowed(&commits[commit as usize]);
        }
        Cow::Owned(judge.lines(&self.cases[commit as usize], now, then))
    }

    /// The verdict on an annotated tag.
    #[must_use]
    pub fn tag(&self, judge: &Judge<'_>, id: ObjectId) -> Option<Verdict> {
        self.tags.get(&id).map(|case| judge.tag(case))
    }
}
