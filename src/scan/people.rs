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
    ///
    /// # Errors
    /// A thread was lost, which is a bug.
    pub fn commits(
        &self,
        engine: &Engine,
        judge: &Judge<'_>,
        threads: usize,
    ) -> Result<Vec<Verdict>, RepoError> {
        let verdict = |(commit, case): (CommitNo, &Option<Case>)| match case {
            Some(case) => judge.commit(case, engine.changed_paths(commit)),
            None => Verdict::default(),
        };
        let mut verdicts = Vec::with_capacity(self.cases.len());
        let pieces: Vec<&[Option<Case>]> = self.cases.chunks(PIECE).collect();
        let work = |(): &mut (), piece: usize| {
            let commits = (piece * PIECE) as CommitNo..;
            Ok(commits.zip(pieces[piece]).map(verdict).collect::<Vec<_>>())
        };
        let take = |_, mut done| {
            verdicts.append(&mut done);
            Ok(())
        };
        parallel::in_order(threads, pieces.len(), || (), work, take)?;
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

/// What is known of a commit, or was read of it.
enum Heard {
    /// It is not reachable.
    Not,
    Again(Case),
    Now(Evidence),
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
    fn cases(
        &mut self,
        engine: &Engine,
        before: &SavedPeople,
        threads: usize,
    ) -> Result<Vec<Option<Case>>, RepoError> {
        let count = engine.history().len();
        let mut cases = Vec::with_capacity(count);
        let met = std::mem::take(&mut self.met);
        let hear = |objects: &Objects, commit: CommitNo| -> Result<Heard, RepoError> {
            if !engine.is_reached(commit) {
                return Ok(Heard::Not);
            }
            if let Some(case) = again(before, &met, commit) {
                return Ok(Heard::Again(case));
            }
            let id = engine.history().id(commit);
            objects.with(id, Kind::Commit, |bytes| Evidence::of_commit(id, bytes))?.map(Heard::Now)
        };
        let work = |objects: &mut Objects, piece: usize| {
            let commits = engine.history().numbers().skip(piece * PIECE).take(PIECE);
            commits.map(|commit| hear(objects, commit)).collect::<Result<Vec<_>, _>>()
        };
        let take = |_, heard: Vec<Heard>| {
            for heard in heard {
                let commit = cases.len() as CommitNo;
                cases.push(match heard {
                    Heard::Not => None,
                    Heard::Again(case) => Some(case),
                    Heard::Now(evidence) => Some(self.hear(commit, &evidence)),
                });
            }
            Ok(())
        };
        parallel::in_order(threads, count.div_ceil(PIECE), || engine.objects(), work, take)?;
        self.met = met;
        Ok(cases)
    }

    fn hear(&mut self, commit: CommitNo, evidence: &Evidence) -> Case {
        let case = self.judge.hear(evidence);
        for (at, (_, person)) in (0..).zip(case.people()) {
            self.name(*person, commit, at);
        }
        case
    }

    /// Remembers where a person is named.
    fn name(&mut self, person: u32, commit: CommitNo, at: u32) {
        if person as usize >= self.named.len() {
            self.named.push((commit, at));
        }
    }
}

/// The case of a commit that is saved, if all its people were met again.
fn again(before: &SavedPeople, met: &[Option<u32>], commit: CommitNo) -> Option<Case> {
    let record = before.commit(commit)?;
    let people = record.people.iter().map(|(role, person)| Some((*role, met[*person as usize]?)));
    Some(Case::new(people.collect::<Option<_>>()?, record.times, record.attributed))
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
