//! The lists that a gate has seen: the serial and digest of each, by name.
//!
//! Decides whether a list is older than one seen before, or another one under the same serial. Lists that are given and
//! those that a revision carries are told apart: whoever can push could give their own list the name of one that is
//! given, and any serial. What was seen is kept in a small file; one that cannot be read is an error, since an older
//! list could pass then. Two runs at once may forget what one of them saw; the next run sees it again. Names of lists
//! only, never of people.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::finding::{Finding, Rule};
use crate::manifest::{Digest, ListRef};

/// No file of serials is larger.
const MOST_BYTES: u64 = 16 << 20;
/// So many links lead on from each other at most, as with Linux.
const MOST_LINKS: usize = 40;

/// What was seen in a repository, or on a machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenHere {
    /// Of lists that were given.
    given: Seen,
    /// Of lists that revisions carry.
    own: Seen,
}

/// The newest that was seen of each list, by its name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Seen {
    lists: BTreeMap<String, Last>,
}

/// The newest that was seen of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Last {
    serial: u64,
    digest: Digest,
}

/// How many lists of one name and serial have to be the one that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Enough {
    One,
    All,
}

impl SeenHere {
    /// What a manifest's header names.
    #[must_use]
    pub fn of<'l>(lists: impl IntoIterator<Item = &'l ListRef> + Clone) -> Self {
        let mut seen = Self::default();
        seen.learn_given(lists.clone());
        seen.learn_own(lists);
        seen
    }

    /// Sees those of the lists that are given. Of those with one name the newest counts.
    pub fn learn_given<'l>(&mut self, lists: impl IntoIterator<Item = &'l ListRef>) {
        self.given.learn(lists.into_iter().filter(|list| list.origin.is_given()));
    }

    /// Sees those of the lists that a revision carries: anybody's can carry one of any name.
    pub fn learn_own<'l>(&mut self, lists: impl IntoIterator<Item = &'l ListRef>) {
        self.own.learn(lists.into_iter().filter(|list| !list.origin.is_given()));
    }

    /// What is wrong with lists in use, given what was seen; `by` says where that was. They are those of one scan, of a
    /// manifest or of a receipt.
    ///
    /// Of lists that revisions carry it is enough that one is the list that was seen: branches may carry others, and what any of
    /// them excludes is excluded. A list that is given has no other of its name beside it in one scan. If there is one with its
    /// serial, several scans were merged, and rows of one may have been let through that the list would exclude: so every one of
    /// them has to be the list that was seen.
    #[must_use]
    pub fn hold(&self, lists: &[ListRef], by: &str) -> Vec<Finding> {
        let (given, own): (Vec<_>, Vec<_>) = lists.iter().partition(|list| list.origin.is_given());
        let mut findings = self.given.hold(&given, Enough::All, "", by);
        findings.extend(self.own.hold(&own, Enough::One, " that a revision carries", by));
        findings
    }

    /// Reads what was kept; nothing, if nothing was.
    ///
    /// # Errors
    /// The file is there and cannot be read, or is none of ours.
    pub fn load(path: &Path) -> io::Result<Self> {
        let file = match fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let mut text = String::new();
        file.take(MOST_BYTES).read_to_string(&mut text)?;
        serde_json::from_str(&text).map_err(io::Error::other)
    }

    /// Keeps it, in one step. A link stays one: what it leads to is written.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn store(&self, path: &Path) -> io::Result<()> {
        let path = &behind_links(path)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }
}

impl Seen {
    fn learn<'l>(&mut self, lists: impl IntoIterator<Item = &'l ListRef>) {
        for list in lists {
            let last = Last { serial: list.serial, digest: list.digest };
            match self.lists.get_mut(&list.name) {
                Some(known) if known.serial >= last.serial => {}
                Some(known) => *known = last,
                None => drop(self.lists.insert(list.name.clone(), last)),
            }
        }
    }

    fn hold(&self, lists: &[&ListRef], enough: Enough, what: &str, by: &str) -> Vec<Finding> {
        let mut newest = Self::default();
        newest.learn(lists.iter().copied());
        let mut findings = Vec::new();
        for (name, used) in &newest.lists {
            let mut same = lists.iter().filter(|list| list.name == *name && list.serial == used.serial);
            let seen = self.lists.get(name);
            let name = name.escape_debug();
            if let Some(seen) = seen.filter(|seen| seen.serial > used.serial) {
                let message = format!(
                    "the list `{name}`{what} has serial {}, and {by} knows serial {}",
                    used.serial, seen.serial
                );
                findings.push(Finding::new(Rule::ListRolledBack, message));
                continue;
            }
            let known = seen.filter(|seen| seen.serial == used.serial);
            let is_known = |list: &&ListRef| known.unwrap_or(used).is(list);
            let holds = match enough {
                Enough::One => same.any(is_known),
                Enough::All => same.all(is_known),
            };
            if !holds {
                let how = match known {
                    Some(_) => format!("is not the one that {by} knows with serial {}", used.serial),
                    None => format!("stands for two different ones with serial {}", used.serial),
                };
                findings.push(Finding::new(Rule::ListSerialReused, format!("the list `{name}`{what} {how}")));
            }
        }
        findings
    }
}

/// Where links lead, whether something is there or not.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = fs::read_link(&place) else { return Ok(place) };
        place = place.parent().unwrap_or(Path::new("")).join(target);
    }
    Err(io::Error::other("there are too many links to follow"))
}

impl Last {
    fn is(&self, list: &ListRef) -> bool {
        self.serial == list.serial && self.digest == list.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::ListOrigin;

    fn list(name: &str, serial: u64, text: &str) -> ListRef {
        ListRef { name: name.into(), serial, digest: Digest::of(text.as_bytes()), origin: ListOrigin::Given }
    }

    fn own(name: &str, serial: u64, text: &str) -> ListRef {
        ListRef { origin: ListOrigin::Revision, ..list(name, serial, text) }
    }

    fn rules(seen: &SeenHere, lists: &[ListRef]) -> Vec<Rule> {
        seen.hold(lists, "a test").iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn an_older_list_and_another_of_the_same_serial_are_found() {
        let of = [list as fn(&str, u64, &str) -> ListRef, own];
        for list in of {
            let seen = SeenHere::of(&[list("a", 7, "seven")]);
            assert_eq!(rules(&seen, &[list("a", 7, "seven")]), []);
            assert_eq!(rules(&seen, &[list("a", 8, "eight")]), []);
            assert_eq!(rules(&seen, &[list("b", 1, "other")]), []);
            assert_eq!(rules(&seen, &[list("a", 6, "six")]), [Rule::ListRolledBack]);
            assert_eq!(rules(&seen, &[list("a", 7, "changed")]), [Rule::ListSerialReused]);
        }
    }

    #[test]
    fn an_older_copy_beside_the_newest_is_no_matter() {
        let seen = SeenHere::of(&[list("a", 7, "seven")]);
        assert_eq!(rules(&seen, &[list("a", 6, "six"), list("a", 7, "seven")]), []);
    }

    /// Only what was merged from several scans names two lists of one name and serial that were given.
    #[test]
    fn another_list_of_the_serial_beside_the_one_that_was_seen_is_no_matter_if_revisions_carry_them() {
        let messages = |seen: &SeenHere, lists: &[ListRef]| -> Vec<String> {
            seen.hold(lists, "a test").into_iter().map(|finding| finding.message).collect()
        };
        let of = |list: fn(&str, u64, &str) -> ListRef| [list("a", 7, "other"), list("a", 7, "seven")];
        let (both, carried) = (of(list), of(own));
        for which in 0..2 {
            let known = "the list `a` is not the one that a test knows with serial 7";
            assert_eq!(messages(&SeenHere::of(&both[which..=which]), &both), [known]);
            assert_eq!(messages(&SeenHere::of(&carried[which..=which]), &carried), [""; 0]);
        }
        for older in [SeenHere::default(), SeenHere::of(&[list("a", 6, "six"), own("a", 6, "six")])] {
            let twice = "the list `a` stands for two different ones with serial 7";
            assert_eq!(messages(&older, &both), [twice]);
            assert_eq!(messages(&older, &carried), [""; 0]);
            assert_eq!(messages(&older, &both[..1]), [""; 0]);
        }
    }

    #[test]
    fn what_is_given_and_what_a_revision_carries_are_never_held_against_each_other() {
        let seen = SeenHere::of(&[list("a", 7, "seven"), own("b", 7, "seven")]);
        assert_eq!(rules(&seen, &[own("a", 6, "six"), list("b", 6, "six")]), []);
        assert_eq!(rules(&seen, &[own("a", 7, "other"), list("b", 7, "other")]), []);
        // Nor does one stand for the other.
        assert_eq!(rules(&seen, &[list("a", 6, "six"), own("a", 99, "")]), [Rule::ListRolledBack]);
        assert_eq!(rules(&seen, &[own("b", 6, "six"), list("b", 99, "")]), [Rule::ListRolledBack]);
        assert_eq!(rules(&seen, &[list("a", 7, "other"), own("a", 7, "seven")]), [Rule::ListSerialReused]);
    }

    #[test]
    fn each_is_learnt_by_itself() {
        let both = [list("a", 7, "seven"), own("b", 7, "seven")];
        let old = [list("a", 6, "six"), own("b", 6, "six")];
        let mut seen = SeenHere::default();
        seen.learn_given(&both);
        assert_eq!(seen.hold(&old, "a test").len(), 1);
        let message = "the list `a` has serial 6, and a test knows serial 7";
        assert_eq!(seen.hold(&old, "a test")[0].message, message);
        let mut seen = SeenHere::default();
        seen.learn_own(&both);
        assert_eq!(seen.hold(&old, "a test").len(), 1);
        let message = "the list `b` that a revision carries has serial 6, and a test knows serial 7";
        assert_eq!(seen.hold(&old, "a test")[0].message, message);
    }

    #[test]
    fn what_was_seen_is_kept_and_only_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/lists");
        assert_eq!(SeenHere::load(&path).unwrap(), SeenHere::default());
        let mut seen = SeenHere::of(&[list("a", 7, "seven"), list("b", 1, "b"), own("own", 3, "")]);
        seen.learn_given(&[list("a", 6, "six")]);
        seen.store(&path).unwrap();
        let seen = SeenHere::load(&path).unwrap();
        assert_eq!(rules(&seen, &[list("a", 6, "six")]), [Rule::ListRolledBack]);
        assert_eq!(rules(&seen, &[own("own", 2, "")]), [Rule::ListRolledBack]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("links")).unwrap();
        symlink("../more", at("links/lists")).unwrap();
        symlink("kept/lists", at("more")).unwrap();
        let seen = SeenHere::of(&[list("a", 7, "seven")]);
        // Whether what it leads to is there or not.
        for seen in [seen, SeenHere::of(&[list("a", 8, "eight")])] {
            seen.store(&at("links/lists")).unwrap();
            assert!(at("links/lists").is_symlink() && at("more").is_symlink());
            assert_eq!(SeenHere::load(&at("kept/lists")).unwrap(), seen);
            assert_eq!(SeenHere::load(&at("links/lists")).unwrap(), seen);
        }
        symlink("loop", at("loop")).unwrap();
        assert!(SeenHere::default().store(&at("loop")).is_err());
        assert!(at("loop").is_symlink());
    }

    #[test]
    fn a_file_that_is_damaged_is_an_error_and_not_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lists");
        for text in [
            "",
            "{",
            "{}",
            "{\"given\":{},\"own\":{},\"more\":1}",
            "{\"given\":{\"a\":{\"serial\":-1}},\"own\":{}}",
        ] {
            fs::write(&path, text).unwrap();
            assert!(SeenHere::load(&path).is_err(), "{text}");
        }
    }
}
