//! The judge of one repository: lists, compiled, and the people met so far.
//!
//! Decides what follows from evidence: layer by layer, person by person, for each date that the evidence
//! leaves possible and each path at which the work stood; the union of all of it is the verdict.
//! Cost: each distinct person is looked for in each list once; a verdict costs the people it names.

use std::collections::{BTreeSet, HashMap};

use super::case::{Case, Cases};
use super::evidence::Evidence;
use super::outcome::{Basis, Reason, Verdict};
use super::preference::{Work, wish, within};
use crate::identity::{Found, Key, Mailmap, Matcher, MatcherError, Person};
use crate::policy::{Globs, Layers, List, OnUnattributed, Purposes, Regime, Role};

/// Judges the work in one repository.
pub struct Judge<'l> {
    repo: String,
    layers: Vec<Layer<'l>>,
    mailmaps: Vec<Mailmap>,
    known: HashMap<Person, u32>,
    /// For each person known, and each layer: whom the list means by it.
    people: Vec<Vec<Matches>>,
    /// For each person known, whether a list calls them a bot.
    bots: Vec<bool>,
}

struct Layer<'l> {
    list: &'l List,
    matcher: Matcher,
    bots: Matcher,
}

/// The identities of one list that mean one person.
#[derive(Debug, Clone, Default)]
struct Matches {
    raw: Vec<Found>,
    /// Only those that the raw spelling does not find.
    mapped: Vec<Found>,
}

impl<'l> Judge<'l> {
    /// A judge for the repository called `repo`. `mailmaps` may add identities, never take one away.
    ///
    /// # Errors
    /// A list cannot be compiled: it has keyed hashes and there is no key.
    pub fn new(
        layers: &'l Layers,
        key: Option<&Key>,
        repo: &str,
        mailmaps: Vec<Mailmap>,
    ) -> Result<Self, MatcherError> {
        let layers = layers
            .lists
            .iter()
            .map(|list| {
                let (matcher, bots) = (Matcher::new(list, key)?, Matcher::of_bots(list, key)?);
                Ok(Layer { list, matcher, bots })
            })
            .collect::<Result<_, MatcherError>>()?;
        Ok(Self {
            repo: repo.to_owned(),
            layers,
            mailmaps,
            known: HashMap::new(),
            people: Vec::new(),
            bots: Vec::new(),
        })
    }

    /// Makes the people of the evidence known, and adds the case to the others.
    pub fn hear(&mut self, evidence: &Evidence, cases: &mut Cases) {
        let people = evidence.people.iter().map(|(role, person)| (*role, self.meet(person)));
        let times = evidence.times.iter().copied().map(Some);
        cases.push(people, times.chain(evidence.undated.then_some(None)), evidence.attributed);
    }

    /// The number of a person, who is looked for in the lists when met first.
    pub fn meet(&mut self, person: &Person) -> u32 {
        if let Some(number) = self.known.get(person) {
            return *number;
        }
        let matches = self.matches(person);
        let number = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        // By the name as it stands: no mailmap of the repository's makes a bot of anyone.
        self.bots.push(self.layers.iter().any(|layer| !layer.bots.find(person).is_empty()));
        self.people.push(matches);
        self.known.insert(person.clone(), number);
        number
    }

    /// Whom each layer means by a person.
    fn matches(&self, person: &Person) -> Vec<Matches> {
        let mut mapped: Vec<Person> =
            self.mailmaps.iter().filter_map(|mailmap| mailmap.resolve(person)).collect();
        mapped.sort_unstable();
        mapped.dedup();
        let matches = self.layers.iter().map(|layer| {
            let raw = layer.matcher.find(person);
            let mut also: Vec<Found> = mapped.iter().flat_map(|mapped| layer.matcher.find(mapped)).collect();
            also.retain(|found| !raw.contains(found));
            also.sort_unstable();
            also.dedup();
            Matches { raw, mapped: also }
        });
        matches.collect()
    }

    /// The verdict on work that somebody is the author of, of which nothing else is known but maybe the repository: what might be excluded
    /// is. Nobody is remembered, however many are asked about.
    #[must_use]
    pub fn work_by(&self, person: &Person, repo: Option<&[u8]>) -> Verdict {
        let mut verdict = Verdict::default();
        for ((number, layer), matches) in (0..).zip(&self.layers).zip(self.matches(person)) {
            let work = Work { role: Role::Author, repo, path: None, time: None };
            layer.judge(number, &matches, work, &mut verdict);
        }
        verdict
    }

    /// The verdict on lines that a commit wrote, which stand at `now` and were written at `then`.
    #[must_use]
    pub fn lines(&self, case: Case<'_>, now: &[u8], then: &[u8]) -> Verdict {
        let mut verdict = self.path(now);
        if now != then {
            verdict.extend(&self.path(then));
        }
        self.people_at(case, Some(now), &mut verdict);
        if now != then && self.depends_on_path(case) {
            self.people_at(case, Some(then), &mut verdict);
        }
        verdict
    }

    /// The verdict on a commit that changed these paths: its message and its diff.
    #[must_use]
    pub fn commit<'p>(&self, case: Case<'_>, paths: impl Iterator<Item = &'p [u8]>) -> Verdict {
        let mut verdict = self.repository();
        let by_path = self.depends_on_path(case);
        let mut any = false;
        if by_path || self.has_path_rules() {
            for path in paths {
                any = true;
                verdict.extend(&self.path(path));
                if by_path {
                    self.people_at(case, Some(path), &mut verdict);
                }
            }
        }
        if !by_path || !any {
            self.people_at(case, None, &mut verdict);
        }
        verdict
    }

    /// Whether a bot is the author: a list calls it one.
    #[must_use]
    pub fn is_by_bot(&self, case: Case<'_>) -> bool {
        let is_bot = |(role, person): &(Role, u32)| *role == Role::Author && self.bots[*person as usize];
        case.people.iter().any(is_bot)
    }

    /// The verdict on a tag.
    #[must_use]
    pub fn tag(&self, case: Case<'_>) -> Verdict {
        let mut verdict = self.repository();
        self.people_at(case, None, &mut verdict);
        verdict
    }

    /// What rules say of a path, whoever wrote what stands there.
    #[must_use]
    pub fn path(&self, path: &[u8]) -> Verdict {
        self.rules(|paths| paths.is_none_or(|paths| paths.is_match(path)))
    }

    /// What rules about paths say of a path.
    #[must_use]
    pub fn path_rules(&self, path: &[u8]) -> Verdict {
        self.rules(|paths| paths.is_some_and(|paths| paths.is_match(path)))
    }

    /// What rules say of the whole repository.
    #[must_use]
    pub fn repository(&self) -> Verdict {
        self.rules(|paths| paths.is_none())
    }

    /// Whether the same person's work can be judged differently at different paths.
    #[must_use]
    pub fn depends_on_path(&self, case: Case<'_>) -> bool {
        case.people.iter().any(|(_, person)| {
            self.layers.iter().zip(&self.people[*person as usize]).any(|(layer, matches)| {
                matches.raw.iter().chain(&matches.mapped).any(|found| {
                    let subject = &layer.list.subjects[found.subject as usize];
                    subject.preferences.iter().any(|preference| preference.paths.is_some())
                })
            })
        })
    }

    /// Whether there is a rule.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        self.layers.iter().any(|layer| !layer.list.rules.is_empty())
    }

    /// Whether a rule is about paths.
    #[must_use]
    pub fn has_path_rules(&self) -> bool {
        self.layers.iter().any(|layer| layer.list.rules.iter().any(|rule| rule.paths.is_some()))
    }

    /// The identities that nobody met so far has: pairs of layer and identity. Typing mistakes, often.
    #[must_use]
    pub fn unmatched(&self) -> Vec<(u32, Found)> {
        let mut met: BTreeSet<(u32, Found)> = BTreeSet::new();
        for person in &self.people {
            for (layer, matches) in (0..).zip(person) {
                met.extend(matches.raw.iter().chain(&matches.mapped).map(|found| (layer, *found)));
            }
        }
        let mut left = Vec::new();
        for (layer, this) in (0..).zip(&self.layers) {
            for (subject, entry) in (0..).zip(&this.list.subjects) {
                for (identity, _) in (0..).zip(&entry.identities) {
                    let found = Found { subject, identity };
                    if !met.contains(&(layer, found)) {
                        left.push((layer, found));
                    }
                }
            }
        }
        left
    }

    fn rules(&self, meant: impl Fn(Option<&Globs>) -> bool) -> Verdict {
        self.rules_in(Some(self.repo.as_bytes()), meant)
    }

    /// What rules say of a place, whoever wrote what stands there: in this repository, or where that is not known, in any.
    /// `meant` tells of a rule's globs whether they mean the path; of a rule without any, whether it counts.
    #[must_use]
    pub fn rules_in(&self, repo: Option<&[u8]>, meant: impl Fn(Option<&Globs>) -> bool) -> Verdict {
        let mut verdict = Verdict::default();
        for (layer, this) in (0..).zip(&self.layers) {
            for (index, rule) in (0..).zip(&this.list.rules) {
                let here = rule.repos.as_ref().zip(repo).is_none_or(|(repos, repo)| repos.is_match(repo));
                if here && meant(rule.paths.as_ref()) {
                    verdict.add(Reason {
                        layer,
                        basis: Basis::Rule { rule: index },
                        purposes: rule.purposes,
                    });
                }
            }
        }
        verdict
    }

    fn people_at(&self, case: Case<'_>, path: Option<&[u8]>, verdict: &mut Verdict) {
        for (number, layer) in (0..).zip(&self.layers) {
            if !case.attributed && layer.list.on_unattributed == OnUnattributed::Exclude {
                verdict.add(Reason { layer: number, basis: Basis::Unattributed, purposes: Purposes::ALL });
            }
            for (role, person) in case.people {
                let matches = &self.people[*person as usize][number as usize];
                // Where the dates disagree about a window, either may be true.
                for time in case.times {
                    let work = Work { role: *role, repo: Some(self.repo.as_bytes()), path, time: *time };
                    layer.judge(number, matches, work, verdict);
                }
            }
        }
    }
}

impl Layer<'_> {
    fn judge(&self, layer: u32, matches: &Matches, work: Work<'_>, verdict: &mut Verdict) {
        let mut allowed = Purposes::NONE;
        for (mapped, all) in [(false, &matches.raw), (true, &matches.mapped)] {
            for found in all {
                let subject = &self.list.subjects[found.subject as usize];
                let window = &subject.identities[found.identity as usize].window;
                if !within(window, work.time, true) {
                    continue;
                }
                let wish = wish(&subject.preferences, work);
                for (purposes, preference) in wish.disallowed {
                    let basis = Basis::Subject {
                        subject: found.subject,
                        identity: found.identity,
                        preference,
                        role: work.role,
                        mapped,
                    };
                    verdict.add(Reason { layer, basis, purposes });
                }
                // Only what the commit itself says, and surely says, lets anything in.
                if !mapped && within(window, work.time, false) {
                    allowed = allowed.union(wish.allowed);
                }
            }
        }
        let writes = matches!(work.role, Role::Author | Role::CoAuthor);
        if self.list.regime == Regime::OptIn && writes {
            let basis = Basis::NotListed { role: work.role };
            verdict.add(Reason { layer, basis, purposes: Purposes::ALL.without(allowed) });
        }
    }
}
