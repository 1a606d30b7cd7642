//! Everyone who had a part in the history, heard commit by commit.
//!
//! Decides which verdicts can be shared between lines and commits. Cost: one read for each commit, one look
//! into the lists for each distinct person.

use std::borrow::Cow;

use super::saved::{Before, PeopleColumns};
use crate::attribution::history::CommitNo;
use crate::attribution::{Engine, History};
use crate::repo::{Kind, ObjectId, Objects, RepoError};
use crate::verdict::{Case, Evidence, Judge, Verdict};

/// The people of all commits.
pub struct People {
    cases: Vec<Case>,
    /// Where each person is named: a commit, and the how manieth of those it names.
    named: Vec<(CommitNo, u32)>,
    tags: std::collections::HashMap<ObjectId, Case>,
    /// Whether a commit's lines are judged alike at every path.
    simple: Vec<bool>,
}

impl People {
    /// Hears the evidence of every commit and annotated tag. Of those that are saved, only one commit is read
    /// for each person.
    ///
    /// # Errors
    /// A commit or tag cannot be read.
    pub fn hear(
        objects: &Objects,
        history: &History,
        tags: &[ObjectId],
        before: &Before,
        judge: &mut Judge<'_>,
    ) -> Result<Self, RepoError> {
        let met = vec![None; before.people.len()];
        let mut hearing = Hearing { objects, history, before, judge, named: Vec::new(), met };
        let cases = history.numbers().map(|commit| hearing.case(commit)).collect::<Result<Vec<_>, _>>()?;
        let named = hearing.named;
        let mut heard = std::collections::HashMap::new();
        for id in tags {
            let evidence = objects.with(*id, Kind::Tag, |bytes| Evidence::of_tag(*id, bytes))??;
            heard.insert(*id, judge.hear(&evidence));
        }
        let rules = judge.has_path_rules();
        let simple = cases.iter().map(|case| !rules && !judge.depends_on_path(case)).collect();
        Ok(Self { cases, named, tags: heard, simple })
    }

    /// What is to be kept for the next scan.
    #[must_use]
    pub fn save(&self) -> PeopleColumns {
        PeopleColumns::of(&self.cases, &self.named)
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

/// People being heard.
struct Hearing<'h, 'l> {
    objects: &'h Objects,
    history: &'h History,
    before: &'h Before,
    judge: &'h mut Judge<'l>,
    named: Vec<(CommitNo, u32)>,
    /// The number of each saved person that has been met again.
    met: Vec<Option<u32>>,
}

impl Hearing<'_, '_> {
    fn case(&mut self, commit: CommitNo) -> Result<Case, RepoError> {
        let Some(saved) = self.before.index.number(self.history.id(commit)) else { return self.read(commit) };
        let record = self.before.people.commit(saved);
        let mut people = Vec::with_capacity(record.people.len());
        for (role, person) in record.people {
            match self.meet_again(person)? {
                Some(person) => people.push((role, person)),
                None => return self.read(commit),
            }
        }
        Ok(Case::new(people.into(), record.times, record.attributed))
    }

    fn read(&mut self, commit: CommitNo) -> Result<Case, RepoError> {
        let evidence = self.evidence(commit)?;
        let case = self.judge.hear(&evidence);
        for (at, (_, person)) in (0..).zip(case.people()) {
            self.name(*person, commit, at);
        }
        Ok(case)
    }

    /// A saved person's number of now; `None` if the commit that names the person is reachable no more.
    fn meet_again(&mut self, person: u32) -> Result<Option<u32>, RepoError> {
        if let Some(number) = self.met[person as usize] {
            return Ok(Some(number));
        }
        let (saved, at) = self.before.people.named(person);
        let Some(commit) = self.history.number(self.before.index.id(saved)) else { return Ok(None) };
        let evidence = self.evidence(commit)?;
        let Some((_, person_now)) = evidence.people.get(at as usize) else { return Ok(None) };
        let number = self.judge.meet(person_now);
        self.name(number, commit, at);
        self.met[person as usize] = Some(number);
        Ok(Some(number))
    }

    fn evidence(&self, commit: CommitNo) -> Result<Evidence, RepoError> {
        let id = self.history.id(commit);
        self.objects.with(id, Kind::Commit, |bytes| Evidence::of_commit(id, bytes))?
    }

    /// Remembers where a person is named.
    fn name(&mut self, person: u32, commit: CommitNo, at: u32) {
        if person as usize >= self.named.len() {
            self.named.push((commit, at));
        }
    }
}
