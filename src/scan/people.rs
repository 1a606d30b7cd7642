//! Everyone who had a part in the history, heard commit by commit.
//!
//! Decides which verdicts can be shared between lines and commits. Cost: one read for each commit, one look
//! into the lists for each distinct person.

use std::borrow::Cow;
use std::collections::HashMap;

use super::saved::{PeopleColumns, SavedPeople};
use crate::attribution::history::CommitNo;
use crate::attribution::{Engine, parallel};
use crate::identity::Person;
use crate::repo::{Kind, ObjectId, Objects, RepoError};
use crate::verdict::{Case, Evidence, Judge, Verdict};

/// The people of all commits.
pub struct People {
    /// Commits that are not reachable have none.
    cases: Vec<Option<Case>>,
    /// Where each person is named: a commit, and the how manieth of those it names.
    named: Vec<(CommitNo, u32)>,
    /// The number of each saved person, if met again.
    met: Vec<Option<u32>>,
    tags: HashMap<ObjectId, Case>,
    /// Whether a commit's lines are judged alike at every path.
    simple: Vec<bool>,
}

impl People {
    /// Hears the evidence of every commit. Of those that are saved, only one is read for each person.
    ///
    /// # Errors
    /// A commit cannot be read.
    pub fn hear(
        objects: &Objects,
        engine: &Engine,
        before: &SavedPeople,
        judge: &mut Judge<'_>,
        threads: usize,
    ) -> Result<Self, RepoError> {
        let met = vec![None; before.len()];
        let persons = persons(engine, before, threads)?;
        let mut hearing = Hearing { objects, engine, before, judge, persons, named: Vec::new(), met };
        let heard = |commit| engine.is_reached(commit).then(|| hearing.case(commit)).transpose();
        let cases = engine.history().numbers().map(heard).collect::<Result<Vec<_>, _>>()?;
        let Hearing { named, met, .. } = hearing;
        let rules = judge.has_path_rules();
        let simple = |case: &Case| !rules && !judge.depends_on_path(case);
        let simple = cases.iter().map(|case| case.as_ref().is_some_and(simple)).collect();
        Ok(Self { cases, named, met, tags: HashMap::new(), simple })
    }

    /// Hears the evidence of annotated tags.
    pub fn hear_tags(&mut self, tags: &[(ObjectId, Evidence)], judge: &mut Judge<'_>) {
        self.tags.extend(tags.iter().map(|(tag, evidence)| (*tag, judge.hear(evidence))));
    }

    /// What is to be kept for the next scan, of commits and people from these numbers on. `before` are those kept
    /// for this one, whose numbers stay.
    #[must_use]
    pub fn save(&self, before: &SavedPeople, commits: usize, people: usize) -> PeopleColumns {
        let mut numbers = vec![None; self.named.len()];
        for (saved, now) in (0_u32..).zip(&self.met) {
            if let Some(number) = now.and_then(|now| numbers.get_mut(now as usize)) {
                *number = Some(saved);
            }
        }
        let mut named: Vec<_> = (people..before.len()).map(|person| before.named(person as u32)).collect();
        let mut next = before.len() as u32;
        let numbers: Vec<u32> = numbers
            .into_iter()
            .zip(&self.named)
            .map(|(number, place)| {
                number.unwrap_or_else(|| {
                    named.push(*place);
                    next += 1;
                    next - 1
                })
            })
            .collect();
        PeopleColumns::of(self.cases.get(commits..).unwrap_or_default(), &numbers, &named)
    }

    /// The commits whose author is a bot.
    pub fn by_bots(&self, judge: &Judge<'_>) -> impl Iterator<Item = CommitNo> {
        let by_bot = |case: &Option<Case>| case.as_ref().is_some_and(|case| judge.is_by_bot(case));
        (0..).zip(&self.cases).filter(move |(_, case)| by_bot(case)).map(|(commit, _)| commit)
    }

    /// The verdict on every commit that is reachable, by its number.
    #[must_use]
    pub fn commits(&self, engine: &Engine, judge: &Judge<'_>) -> Vec<Verdict> {
        let verdict = |(commit, case): (CommitNo, &Option<Case>)| match case {
            Some(case) => judge.commit(case, engine.changed_paths(commit)),
            None => Verdict::default(),
        };
        engine.history().numbers().zip(&self.cases).map(verdict).collect()
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
        let case = self.cases[commit as usize].as_ref();
        Cow::Owned(case.map_or_else(Verdict::default, |case| judge.lines(case, now, then)))
    }

    /// The verdict on an annotated tag.
    #[must_use]
    pub fn tag(&self, judge: &Judge<'_>, id: ObjectId) -> Option<Verdict> {
        self.tags.get(&id).map(|case| judge.tag(case))
    }
}

/// The annotated tags of a repository, and the evidence of each.
///
/// # Errors
/// A ref or a tag cannot be read.
pub fn of_tags(objects: &Objects) -> Result<Vec<(ObjectId, Evidence)>, RepoError> {
    let read = |id: ObjectId| Ok((id, objects.with(id, Kind::Tag, |bytes| Evidence::of_tag(id, bytes))??));
    objects.tag_objects()?.into_iter().map(read).collect()
}

/// The saved people, each read from the commit that names the person; none where that is reachable no more.
fn persons(engine: &Engine, before: &SavedPeople, threads: usize) -> Result<Vec<Option<Person>>, RepoError> {
    let mut persons = Vec::with_capacity(before.len());
    let work = |objects: &mut Objects, piece: usize| -> Result<Vec<Option<Person>>, RepoError> {
        let people = (0..before.len() as u32).skip(piece * PIECE).take(PIECE);
        let named: Vec<(CommitNo, u32)> = people.map(|person| before.named(person)).collect();
        let mut found = Vec::with_capacity(named.len());
        // Those who were met together are named by one commit.
        for together in named.chunk_by(|one, other| one.0 == other.0) {
            let commit = together[0].0;
            if !engine.is_reached(commit) {
                found.extend(together.iter().map(|_| None));
                continue;
            }
            let id = engine.history().id(commit);
            let last = together.iter().map(|(_, at)| *at as usize).max().unwrap_or_default();
            let read = |bytes: &[u8]| Evidence::people_of_commit(id, bytes, last);
            let people = objects.with(id, Kind::Commit, read)??;
            let person = |at: u32| people.get(at as usize).map(|(_, person)| person.clone());
            found.extend(together.iter().map(|(_, at)| person(*at)));
        }
        Ok(found)
    };
    let pieces = before.len().div_ceil(PIECE);
    parallel::in_order(
        threads,
        pieces,
        || engine.objects(),
        work,
        |_, mut done| {
            persons.append(&mut done);
            Ok(())
        },
    )?;
    Ok(persons)
}

/// People in a piece of work.
const PIECE: usize = 256;

/// People being heard.
struct Hearing<'h, 'l> {
    objects: &'h Objects,
    engine: &'h Engine,
    before: &'h SavedPeople,
    judge: &'h mut Judge<'l>,
    /// Each saved person, as the commit that names the person does; none if it is reachable no more.
    persons: Vec<Option<Person>>,
    named: Vec<(CommitNo, u32)>,
    /// The number of each saved person that has been met again.
    met: Vec<Option<u32>>,
}

impl Hearing<'_, '_> {
    fn case(&mut self, commit: CommitNo) -> Result<Case, RepoError> {
        let Some(record) = self.before.commit(commit) else { return self.read(commit) };
        let mut people = Vec::with_capacity(record.people.len());
        for (role, person) in record.people {
            match self.meet_again(person) {
                Some(person) => people.push((role, person)),
                None => return self.read(commit),
            }
        }
        Ok(Case::new(people.into(), record.times, record.attributed))
    }

    fn read(&mut self, commit: CommitNo) -> Result<Case, RepoError> {
        let id = self.engine.history().id(commit);
        let evidence = self.objects.with(id, Kind::Commit, |bytes| Evidence::of_commit(id, bytes))??;
        let case = self.judge.hear(&evidence);
        for (at, (_, person)) in (0..).zip(case.people()) {
            self.name(*person, commit, at);
        }
        Ok(case)
    }

    /// A saved person's number of now; `None` if the commit that names the person is reachable no more.
    fn meet_again(&mut self, person: u32) -> Option<u32> {
        if let Some(number) = self.met[person as usize] {
            return Some(number);
        }
        let number = self.judge.meet(self.persons[person as usize].as_ref()?);
        let (commit, at) = self.before.named(person);
        self.name(number, commit, at);
        self.met[person as usize] = Some(number);
        Some(number)
    }

    /// Remembers where a person is named.
    fn name(&mut self, person: u32, commit: CommitNo, at: u32) {
        if person as usize >= self.named.len() {
            self.named.push((commit, at));
        }
    }
}
