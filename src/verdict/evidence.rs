//! Who had a part in a commit or a tag, as its bytes claim.
//!
//! Decides who is named. Must not decide whether they are on a list. Nobody has checked these claims: any
//! of them may exclude.

use crate::identity::{Person, message};
use crate::policy::{Role, Timestamp};
use crate::repo::{Commit, Ident, ObjectId, RepoError, Tag, reencode};

/// The people of a commit, and its dates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Everyone named, in the part they had.
    pub people: Vec<(Role, Person)>,
    /// When it was written and when committed, as far as the dates can be read: both, one or none.
    pub times: Vec<Timestamp>,
    /// Whether a date is missing or cannot be read: then it may have been any time.
    pub undated: bool,
    /// Whether there is an author with an address.
    pub attributed: bool,
}

/// The people of an annotated tag.
///
/// The tagger wrote the tag's message, and so counts as its author too.
pub type TagEvidence = Evidence;

impl Evidence {
    /// Reads the evidence from a commit's bytes.
    ///
    /// # Errors
    /// The bytes are no commit.
    pub fn of_commit(id: ObjectId, bytes: &[u8]) -> Result<Self, RepoError> {
        let commit = Commit::parse(id, bytes)?;
        let mut evidence = Self::of_headers(&commit);
        evidence.message(commit.message, commit.encoding);
        Ok(evidence)
    }

    /// The people of a commit, at least up to the one with number `last`, if it has so many. The message, which is
    /// long to read, is looked at only where those before it are not enough.
    ///
    /// # Errors
    /// The bytes are no commit.
    pub fn people_of_commit(
        id: ObjectId,
        bytes: &[u8],
        last: usize,
    ) -> Result<Vec<(Role, Person)>, RepoError> {
        let commit = Commit::parse(id, bytes)?;
        let mut evidence = Self::of_headers(&commit);
        if last >= evidence.people.len() {
            evidence.message(commit.message, commit.encoding);
        }
        Ok(evidence.people)
    }

    fn of_headers(commit: &Commit<'_>) -> Self {
        let encoding = commit.encoding;
        let mut evidence = Self::default();
        let author = evidence.ident(&[Role::Author], commit.author, encoding);
        evidence.attributed = author;
        evidence.ident(&[Role::Committer], commit.committer, encoding);
        evidence
    }

    /// Reads the evidence from a tag's bytes.
    ///
    /// # Errors
    /// The bytes are no tag.
    pub fn of_tag(id: ObjectId, bytes: &[u8]) -> Result<Self, RepoError> {
        let tag = Tag::parse(id, bytes)?;
        let mut evidence = Self::default();
        evidence.attributed = evidence.ident(&[Role::Author, Role::Tagger], tag.tagger, None);
        evidence.message(tag.message, None);
        Ok(evidence)
    }

    /// Takes in a person line in the given roles; whether it names an address.
    fn ident(&mut self, roles: &[Role], line: Option<&[u8]>, encoding: Option<&[u8]>) -> bool {
        let ident = line.and_then(Ident::parse);
        match ident.as_ref().and_then(|ident| ident.time) {
            Some(time) if !self.times.contains(&time) => self.times.push(time),
            Some(_) => {}
            None => self.undated = true,
        }
        let Some(ident) = ident else { return false };
        for role in roles {
            self.person(*role, ident.name, ident.email, encoding);
        }
        !ident.email.trim_ascii().is_empty()
    }

    fn message(&mut self, bytes: &[u8], encoding: Option<&[u8]>) {
        for (role, person) in message::people(bytes) {
            self.person(role, &person.name, &person.email, encoding);
        }
    }

    /// A name that the commit's encoding spells otherwise is looked for in both spellings.
    fn person(&mut self, role: Role, name: &[u8], email: &[u8], encoding: Option<&[u8]>) {
        let raw = Person::new(name, email);
        let shown = Person::new(&*reencode(name, encoding), &*reencode(email, encoding));
        // A message can name a million people: nobody is compared with those before.
        let differs = shown != raw;
        self.people.push((role, raw));
        if differs {
            self.people.push((role, shown));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: ObjectId = ObjectId::from_bytes([0; 20]);

    fn commit(headers: &str, message: &str) -> Evidence {
        let text = format!("tree {ID}\n{headers}\n\n{message}");
        Evidence::of_commit(ID, text.as_bytes()).unwrap()
    }

    #[test]
    fn author_committer_and_all_whom_the_message_names() {
        let evidence = commit(
            "author Ada <ada@x> 100 +0000\ncommitter Bob <bob@x> 200 +0000",
            "subject\n\nglued to prose\nCo-Authored-By: Eve <eve@x>\n\nlast paragraph\n",
        );
        let person = |role, name: &str| (role, Person::new(name, format!("{}@x", name.to_lowercase())));
        assert_eq!(
            evidence.people,
            [person(Role::Author, "Ada"), person(Role::Committer, "Bob"), person(Role::CoAuthor, "Eve")]
        );
        assert_eq!((evidence.times, evidence.undated, evidence.attributed), (vec![100, 200], false, true));
    }

    #[test]
    fn the_message_is_read_only_for_those_whom_it_names() {
        let text =
            format!("tree {ID}\nauthor Ada <ada@x> 1 +0000\n\nsubject\n\nCo-Authored-By: Eve <eve@x>\n");
        let people = |last| Evidence::people_of_commit(ID, text.as_bytes(), last).unwrap();
        let all = Evidence::of_commit(ID, text.as_bytes()).unwrap().people;
        assert_eq!((people(0), people(1), people(7)), (all[..1].to_vec(), all.clone(), all));
    }

    #[test]
    fn a_commit_without_a_usable_author_is_unattributed() {
        assert!(!commit("committer Bob <bob@x> 200 +0000", "m").attributed);
        assert!(!commit("author Ada <> 100 +0000\ncommitter Bob <bob@x> 200 +0000", "m").attributed);
        assert!(!commit("author nonsense\ncommitter Bob <bob@x> 200 +0000", "m").attributed);
    }

    #[test]
    fn dates_that_cannot_be_read_are_said_to_be_missing() {
        let evidence = commit("author Ada <ada@x> -5 +0000\ncommitter Bob <bob@x> 200 +0000", "m");
        assert_eq!((evidence.times, evidence.undated), (vec![200], true));
        let beyond = commit("author Ada <ada@x> 99999999999999999999 +0000\ncommitter B <b@x> 1 +0000", "m");
        assert!(beyond.undated);
    }

    #[test]
    fn names_in_another_encoding_are_looked_for_in_both_spellings() {
        let mut bytes = format!("tree {ID}\nauthor J").into_bytes();
        bytes.extend_from_slice(b"\xf6rg <joerg@x> 1 +0000\nencoding ISO-8859-1\n\nm");
        let evidence = Evidence::of_commit(ID, &bytes).unwrap();
        let names: Vec<_> = evidence.people.iter().map(|(_, person)| person.name.as_slice()).collect();
        assert_eq!(names, [b"J\xf6rg".as_slice(), "Jörg".as_bytes()]);
    }

    #[test]
    fn a_crowd_takes_no_longer_than_its_number() {
        let crowd: String = (0..100_000).map(|at| format!("Co-authored-by: P <p{at}@x>\n")).collect();
        let evidence = commit("author Ada <ada@x> 1 +0000\ncommitter Ada <ada@x> 1 +0000", &crowd);
        assert_eq!(evidence.people.len(), 100_002);
    }
}
