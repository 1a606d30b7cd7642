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
use crate::verdict::{Case, Cases, Evidence, Judge, Verdict};

/// The people of all commits.
pub struct People {
    /// Commits that are not reachable have none.
    cases: Cases,
    /// Where each person is named: a commit, and the how manieth of those it names.
    named: Vec<(CommitNo, u32)>,
    /// The number of each saved person, if met again.
    met: Vec<Option<u32>>,
    /// Of annotated tags, and the place of each.
    of_tags: Cases,
    tags: HashMap<ObjectId, usize>,
    /// Whether a commit's lines are judged alike at every path.
    simple: Vec<bool>,
}

impl People {
    /// Hears the evidence of every commit. Of those that are saved, only one is read for each person.
    ///
    /// # Errors
    /// A commit cannot be read.
    pub fn hear(
        engine: &Engine,
        before: &SavedPeople,
        judge: &mut Judge<'_>,
        threads: usize,
    ) -> Result<Self, RepoError> {
        let mut hearing = Hearing { judge, named: Vec::new(), met: Vec::with_capacity(before.len()) };
        hearing.meet_again(engine, before, threads)?;
        let cases = hearing.cases(engine, before, threads)?;
        let Hearing { named, met, .. } = hearing;
        let rules = judge.has_path_rules();
        let simple = |case: Case<'_>| !rules && !judge.depends_on_path(case);
        let simple = cases.iter().map(|case| case.is_some_and(simple)).collect();
        Ok(Self { cases, named, met, of_tags: Cases::default(), tags: HashMap::new(), simple })
    }

    /// Hears the evidence of annotated tags.
    pub fn hear_tags(&mut self, tags: &[(ObjectId, Evidence)], judge: &mut Judge<'_>) {
        for (tag, evidence) in tags {
            self.tags.insert(*tag, self.of_tags.len());
            judge.hear(evidence, &mut self.of_tags);
        }
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
        PeopleColumns::of(self.cases.iter().skip(commits), &numbers, &named)
    }

    /// The commits whose author is a bot.
    pub fn by_bots(&self, judge: &Judge<'_>) -> impl Iterator<Item = CommitNo> {
        let by_bot = |case: &Option<Case<'_>>| case.is_some_and(|case| judge.is_by_bot(case));
        (0..).zip(self.cases.iter()).filter(move |(_, case)| by_bot(case)).map(|(commit, _)| commit)
    }

    /// The verdict on every commit that is reachable, by its number.
    ///
    /// # Errors
    /// A thread was lost, which is a bug.
    pub fn commits(
        &self,
        engine: &Engine,
        judge: &Judge<'_>,
        threads: usize,
    ) -> Result<Vec<Verdict>, RepoError> {
        let verdict = |commit: CommitNo| match self.cases.get(commit as usize) {
            Some(case) => judge.commit(case, engine.changed_paths(commit)),
            None => Verdict::default(),
        };
        let mut verdicts = Vec::with_capacity(self.cases.len());
        let work = |(): &mut (), piece: usize| {
            let commits = engine.history().numbers().skip(piece * PIECE).take(PIECE);
            Ok(commits.map(verdict).collect::<Vec<_>>())
        };
        let take = |_, mut done| {
            verdicts.append(&mut done);
            Ok(())
        };
        parallel::in_order(threads, self.cases.len().div_ceil(PIECE), || (), work, take)?;
        Ok(verdicts)
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
        let case = self.cases.get(commit as usize);
        Cow::Owned(case.map_or_else(Verdict::default, |case| judge.lines(case, now, then)))
    }

    /// The verdict on an annotated tag.
    #[must_use]
    pub fn tag(&self, judge: &Judge<'_>, id: ObjectId) -> Option<Verdict> {
        Some(judge.tag(self.of_tags.get(*self.tags.get(&id)?)?))
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

/// Commits in a piece of work.
const PIECE: usize = 4096;
/// Saved people in a piece of work.
const PEOPLE: usize = 256;

/// People being heard.
struct Hearing<'h, 'l> {
    judge: &'h mut Judge<'l>,
    named: Vec<(CommitNo, u32)>,
    /// The number of each saved person; none if the commit that names the person is reachable no more.
    met: Vec<Option<u32>>,
}

/// The cases of some commits.
#[derive(Default)]
struct Heard {
    /// Those that are known.
    cases: Cases,
    /// Of those that had to be read: the how manieth, and its evidence.
    read: Vec<(usize, Evidence)>,
}

impl Hearing<'_, '_> {
    /// Meets the saved people, each read from the commit that names the person.
    fn meet_again(&mut self, engine: &Engine, before: &SavedPeople, threads: usize) -> Result<(), RepoError> {
        let places = |piece: usize| {
            let people = (0..before.len() as u32).skip(piece * PEOPLE).take(PEOPLE);
            people.map(|person| before.named(person)).collect::<Vec<_>>()
        };
        let work = |objects: &mut Objects, piece: usize| read_people(engine, objects, &places(piece));
        let take = |piece: usize, people: Vec<Option<Person>>| {
            for (person, (commit, at)) in people.iter().zip(places(piece)) {
                let number = person.as_ref().map(|person| self.judge.meet(person));
                if let Some(number) = number {
                    self.name(number, commit, at);
                }
                self.met.push(number);
            }
            Ok(())
        };
        parallel::in_order(threads, before.len().div_ceil(PEOPLE), || engine.objects(), work, take)
    }

    /// The case of every commit; none of those that are not reachable.
    fn cases(&mut self, engine: &Engine, before: &SavedPeople, threads: usize) -> Result<Cases, RepoError> {
        let count = engine.history().len();
        let mut cases = Cases::default();
        let met = std::mem::take(&mut self.met);
        let hear = |objects: &Objects, commit: CommitNo, heard: &mut Heard| -> Result<(), RepoError> {
            if engine.is_reached(commit) && !again(before, &met, commit, &mut heard.cases) {
                let id = engine.history().id(commit);
                let evidence = objects.with(id, Kind::Commit, |bytes| Evidence::of_commit(id, bytes))??;
                heard.read.push((heard.cases.len(), evidence));
            }
            Ok(())
        };
        let work = |objects: &mut Objects, piece: usize| {
            let mut heard = Heard::default();
            for (at, commit) in engine.history().numbers().skip(piece * PIECE).take(PIECE).enumerate() {
                hear(objects, commit, &mut heard)?;
                if heard.cases.len() == at {
                    heard.cases.leave_out();
                }
            }
            Ok(heard)
        };
        let take = |_, heard: Heard| {
            self.add(&mut cases, &heard);
            Ok(())
        };
        parallel::in_order(threads, count.div_ceil(PIECE), || engine.objects(), work, take)?;
        self.met = met;
        Ok(cases)
    }

    /// Adds the next commits' cases.
    fn add(&mut self, cases: &mut Cases, heard: &Heard) {
        let mut read = heard.read.iter().peekable();
        if read.peek().is_none() {
            cases.append(&heard.cases);
            return;
        }
        for at in 0..heard.cases.len() {
            let Some((_, evidence)) = read.next_if(|(place, _)| *place == at) else {
                cases.push_case(heard.cases.get(at));
                continue;
            };
            let commit = cases.len();
            self.judge.hear(evidence, cases);
            let people = cases.get(commit).map_or(&[][..], |case| case.people);
            for (at, (_, person)) in (0..).zip(people) {
                self.name(*person, commit as CommitNo, at);
            }
        }
    }

    /// Remembers where a person is named.
    fn name(&mut self, person: u32, commit: CommitNo, at: u32) {
        if person as usize >= self.named.len() {
            self.named.push((commit, at));
        }
    }
}

/// Adds the case of a commit that is saved, if all its people were met again.
fn again(before: &SavedPeople, met: &[Option<u32>], commit: CommitNo, cases: &mut Cases) -> bool {
    let Some(record) = before.commit(commit) else { return false };
    let now = |person: u32| met[person as usize];
    let all = record.people().all(|(_, person)| now(person).is_some());
    if all {
        let people = record.people().filter_map(|(role, person)| Some((role, now(person)?)));
        cases.push(people, record.times(), record.attributed);
    }
    all
}

/// The people who are named at these places: a commit, and the how manieth there; none where it is not reachable.
fn read_people(
    engine: &Engine,
    objects: &Objects,
    places: &[(CommitNo, u32)],
) -> Result<Vec<Option<Person>>, RepoError> {
    let mut found = Vec::with_capacity(places.len());
    // Those who were met together are named by one commit.
    for together in places.chunk_by(|one, other| one.0 == other.0) {
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
}
