//! What must be known before anything can be judged: the history, its people, and the verdict on each commit.
//!
//! Decides which histories belong to the revisions: their own, and those of the notes. And which commits are
//! looked through: those that the organisation names, and those by bots.

use super::people::{self, People};
use super::saved::SavedPeople;
use super::{Request, ScanError, through};
use crate::attribution::saved::Index;
use crate::attribution::{Engine, Follow, Options, Progress};
use crate::policy::{Evidence, Whitespace};
use crate::repo::{ObjectId, Objects, Tip};
use crate::verdict::{Judge, Verdict};

/// Everything up to the files.
pub struct Ground<'l> {
    /// A handle on the objects.
    pub objects: Objects,
    /// The revisions, then the notes.
    pub tips: Vec<Tip>,
    /// Annotated tags.
    pub tags: Vec<ObjectId>,
    /// Who wrote what.
    pub engine: Engine,
    /// How lines are followed.
    pub options: Options,
    /// Who is meant.
    pub judge: Judge<'l>,
    /// Who had a part in which commit.
    pub people: People,
    /// The verdict on each commit, in the history's order.
    pub commits: Vec<Verdict>,
}

impl<'l> Ground<'l> {
    /// Reads the history, and hears everyone in it, as far as that was not done before.
    ///
    /// # Errors
    /// See [`ScanError`].
    pub fn prepare(
        request: &Request<'l>,
        index: Index,
        saved: &SavedPeople,
        progress: &dyn Progress,
    ) -> Result<Self, ScanError> {
        let objects = request.repository.objects();
        let notes = objects.notes()?;
        let mailmaps = super::mailmaps(&objects, &request.tips)?;
        let mut judge = Judge::new(request.layers, request.key, request.name, mailmaps)?;
        let tips: Vec<Tip> = request.tips.iter().cloned().chain(notes).collect();
        let commits: Vec<ObjectId> = tips.iter().map(|tip| tip.commit).collect();
        let settings = &request.layers.settings;
        let options = Options {
            ignore_whitespace: settings.whitespace == Whitespace::Ignore,
            follow: Follow {
                moves: settings.moves.then_some(Follow::MOVES),
                copies: settings.copies.then_some(Follow::COPIES),
            },
            earlier_appearances: true,
            touched: settings.evidence == Evidence::Touched,
            as_written: true,
            // Neighbouring versions have most lines in common.
            remember: request.keep || request.history || request.tips.len() > 1,
            threads: request.threads,
        };
        // There can be thousands of tags.
        let (mut engine, people, tags) = std::thread::scope(|scope| {
            let tags = scope.spawn(|| people::of_tags(&request.repository.objects()));
            let engine = Engine::new(request.repository, &commits, options, index, progress)?;
            let mut people = People::hear(&engine, saved, &mut judge, request.threads)?;
            let tags = tags.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            people.hear_tags(&tags, &mut judge);
            let tags = tags.into_iter().map(|(tag, _)| tag).collect();
            Ok::<_, ScanError>((engine, people, tags))
        })?;
        let named = through::commits(&objects, engine.history(), &settings.ignore_revs)?;
        engine.look_through(named.into_iter().chain(people.by_bots(&judge)));
        let commits = people.commits(&engine, &judge, request.threads)?;
        Ok(Self { objects, tips, tags, engine, options, judge, people, commits })
    }
}
