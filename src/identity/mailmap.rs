//! `.mailmap`, resolved as Git does.
//!
//! Decides whom a mailmap maps someone to. Must not decide which mailmap counts, nor forget the one mapped:
//! a mapping may only add identities.

use std::fmt;

use super::Person;

/// A mailmap.
#[derive(Clone, Default)]
pub struct Mailmap(gix_mailmap::Snapshot);

impl Mailmap {
    /// Reads a mailmap; lines that say nothing are passed over, as Git does.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        Self(gix_mailmap::Snapshot::from_bytes(bytes))
    }

    /// Whom it maps `person` to, if it maps them at all.
    #[must_use]
    pub fn resolve(&self, person: &Person) -> Option<Person> {
        let signature = gix_actor::SignatureRef {
            name: person.name.as_slice().into(),
            email: person.email.as_slice().into(),
            time: "",
        };
        let resolved = self.0.try_resolve_ref(signature)?;
        Some(Person {
            name: resolved.name.map_or_else(|| person.name.clone(), |name| name.to_vec()),
            email: resolved.email.map_or_else(|| person.email.clone(), |email| email.to_vec()),
        })
    }
}

impl fmt::Debug for Mailmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailmap").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAILMAP: &[u8] = b"# people\n\
        Ada Byron <ada@old.example>\n\
        <bob@corp.example> <bob@old.example>\n\
        Cleo <cleo@corp.example> <cleo@old.example>\n\
        Dan Dee <dan@corp.example> dan <shared@old.example>\n\
        nonsense\n";

    fn resolve(name: &str, email: &str) -> Option<(String, String)> {
        let person = Mailmap::parse(MAILMAP).resolve(&Person::new(name, email))?;
        Some((String::from_utf8(person.name).unwrap(), String::from_utf8(person.email).unwrap()))
    }

    fn to(name: &str, email: &str) -> Option<(String, String)> {
        Some((name.to_owned(), email.to_owned()))
    }

    #[test]
    fn each_form_of_line_maps_what_it_says() {
        assert_eq!(resolve("ada", "ada@old.example"), to("Ada Byron", "ada@old.example"));
        assert_eq!(resolve("bob", "bob@old.example"), to("bob", "bob@corp.example"));
        assert_eq!(resolve("cleo", "cleo@old.example"), to("Cleo", "cleo@corp.example"));
        assert_eq!(resolve("dan", "shared@old.example"), to("Dan Dee", "dan@corp.example"));
        assert_eq!(resolve("eve", "shared@old.example"), None);
        assert_eq!(resolve("ada", "ada@corp.example"), None);
    }

    #[test]
    fn case_does_not_matter_as_in_git() {
        assert_eq!(resolve("cleo", "CLEO@Old.Example"), to("Cleo", "cleo@corp.example"));
        assert_eq!(resolve("DAN", "Shared@OLD.example"), to("Dan Dee", "dan@corp.example"));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_kept() {
        let mailmap = Mailmap::parse(b"Zo\xeb <zoe@corp.example> <z@old.example>\n");
        let person = mailmap.resolve(&Person::new(b"\xff".as_slice(), "z@old.example")).unwrap();
        assert_eq!(person.name, b"Zo\xeb");
    }
}
