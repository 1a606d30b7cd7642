//! What a push brings: the commits that refs are to name, and the annotated tags on the way to them.
//!
//! Decides what counts as there already: never what stands in a log of exclusions, as no gate looks there for anybody's
//! work. What a ref names that is no commit has no author whom anybody could ask.

use super::log;
use super::updates::Update;
use crate::repo::{Kind, ObjectId, Objects, RepoError, Tag, Tip};
use crate::verdict::Evidence;

/// What a push brings.
#[derive(Debug, Default)]
pub struct Pushed {
    /// The commits, each with the ref at the remote.
    pub tips: Vec<Tip>,
    /// The annotated tags, and the evidence of each.
    pub tags: Vec<(ObjectId, Evidence)>,
    /// The refs that name a file or a folder in place of a commit.
    pub unattributable: Vec<String>,
    /// The branches whose names are not UTF-8, as far as they can be shown.
    pub unnameable: Vec<String>,
    /// Commits that are there already.
    pub hidden: Vec<ObjectId>,
}

impl Pushed {
    /// Looks at what the updates set. `there` is what is known to be there already, commits and tags.
    ///
    /// # Errors
    /// An object that is pushed is missing or damaged.
    pub fn read(objects: &Objects, updates: &[Update], there: &[ObjectId]) -> Result<Self, RepoError> {
        let mut pushed = Self::default();
        let work = || updates.iter().filter(|update| !log::is_log(&update.name));
        let old = work().filter_map(|update| update.old);
        for id in there.iter().copied().chain(old) {
            match objects.peel(id) {
                Ok(commit) => pushed.hidden.extend(commit),
                // After a forced push, or where a tracking ref lies, it need not be here: then it hides nothing.
                Err(RepoError::Missing { .. } | RepoError::Partial { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        for update in work() {
            let Some(new) = update.new else { continue };
            let name = String::from_utf8_lossy(&update.name).into_owned();
            let mut at = new;
            let commit = loop {
                match objects.header(at)?.0 {
                    Kind::Commit => break Some(at),
                    Kind::Blob | Kind::Tree => break None,
                    Kind::Tag => {
                        let bytes = objects.read(at, Kind::Tag)?;
                        if !pushed.tags.iter().any(|(tag, _)| *tag == at) {
                            pushed.tags.push((at, Evidence::of_tag(at, &bytes)?));
                        }
                        at = Tag::parse(at, &bytes)?.target;
                    }
                }
            };
            if name.as_bytes() != update.name && name.starts_with("refs/heads/") {
                pushed.unnameable.push(name.clone());
            }
            match commit {
                Some(commit) => pushed.tips.push(Tip { name, commit }),
                None => pushed.unattributable.push(name),
            }
        }
        Ok(pushed)
    }

    /// Whether nothing is brought, but refs deleted or logs of exclusions changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tips.is_empty() && self.unattributable.is_empty()
    }
}
