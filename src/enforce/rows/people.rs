//! Rows that say whose work they are: e-mail addresses and logins, held against lists; and what lists say of the place,
//! whoever wrote what stands there.
//!
//! Decides how a value in such a column is read, and whether it names anybody at all: what does not is uncovered, as a column
//! that holds something else would match nobody. A login is one of a forge, and is matched as that forge's noreply address
//! would be.

use std::cell::RefCell;
use std::collections::HashMap;

use super::judge::{Early, Seen};
use super::names;
use super::rules::{Rules, Why, texts};
use crate::dataset::{Meaning, Row, Value};
use crate::identity::email::is_address;
use crate::identity::forge::is_account;
use crate::identity::{Key, MatcherError, Person};
use crate::policy::{Globs, Layers, Purposes};
use crate::verdict::Judge;

/// So many people are remembered with what lists say of them; then all are forgotten.
const MOST_KNOWN: usize = 1 << 18;

/// The lists, by which people are judged.
pub struct People<'l> {
    judge: Judge<'l>,
    /// The forge of logins.
    host: String,
}

/// What lists said of people lately. One for each thread.
#[derive(Default)]
pub(super) struct Known(RefCell<HashMap<Who, Purposes>>);

/// Somebody, and a repository.
type Who = (Vec<u8>, Vec<u8>);

impl<'l> People<'l> {
    /// Judges by these lists. A login is one at the forge `host`.
    ///
    /// # Errors
    /// A list cannot be compiled: it has keyed hashes and there is no key.
    pub fn new(layers: &'l Layers, key: Option<&Key>, host: &str) -> Result<Self, MatcherError> {
        Ok(Self { judge: Judge::new(layers, key, "", Vec::new())?, host: host.to_owned() })
    }

    pub(super) fn look(
        &self,
        row: &Row<'_>,
        rules: &Rules<'_>,
        known: &Known,
        seen: &mut Seen,
    ) -> Result<(), Early> {
        let mut repos = Vec::new();
        let values: Vec<_> = rules.places(Meaning::Repo).iter().map(|at| row.values[*at]).collect();
        if values.iter().any(|value| has_gap(*value)) {
            repos.push(String::new());
        }
        for name in values.into_iter().flat_map(texts) {
            let value = String::from_utf8_lossy(name);
            // It could be any repository.
            if !names::are_names(&value) {
                repos.push(String::new());
            }
            // As it stands, and in every other spelling: a list's glob may mean any of them.
            for name in names::each(&value) {
                repos.push(name.to_owned());
                repos.extend(rules.aliases.all(name));
            }
        }
        if repos.is_empty() {
            repos.push(String::new());
        }
        if self.judge.has_rules() && self.is_ruled_out(row, rules, &repos) {
            return Err(Early::Excluded);
        }
        for &at in rules.places(Meaning::Identity) {
            let people = texts(row.values[at]);
            // Somebody who is not named could be anybody.
            if people.is_empty() || has_gap(row.values[at]) {
                seen.uncovered(Why::NoKey);
            }
            for value in people {
                // As a whole, too: a name may have a comma in it.
                let parts = value.split(|byte| *byte == b',').filter(|part| part.len() < value.len());
                for who in parts.chain([value]) {
                    for repo in &repos {
                        if rules.excludes(self.excluded(who, repo.as_bytes(), known)) {
                            return Err(Early::Excluded);
                        }
                    }
                }
                if value.split(|byte| *byte == b',').all(names_somebody) {
                    seen.clear();
                } else {
                    seen.uncovered(Why::Malformed(at));
                }
            }
        }
        Ok(())
    }

    /// Whether rules exclude what stands there, whoever wrote it. Those about paths count where a column tells the path.
    fn is_ruled_out(&self, row: &Row<'_>, rules: &Rules<'_>, repos: &[String]) -> bool {
        let values: Vec<_> = rules.places(Meaning::Path).iter().map(|at| row.values[*at]).collect();
        let gap = values.iter().any(|value| texts(*value).is_empty() || has_gap(*value));
        let paths: Vec<_> = values.into_iter().flat_map(texts).flat_map(names::spellings).collect();
        // It could be any path.
        let unknown = gap || !paths.iter().all(|path| names::is_path(path));
        let paths: Vec<_> = paths.into_iter().map(names::path).collect();
        let meant = |globs: Option<&Globs>| {
            globs.is_none_or(|globs| unknown || paths.iter().any(|path| globs.is_match(path)))
        };
        repos.iter().any(|repo| {
            let repo = Some(repo.as_bytes()).filter(|repo| !repo.is_empty());
            rules.excludes(self.judge.rules_in(repo, meant).purposes)
        })
    }

    /// The purposes for which the work of somebody is excluded.
    fn excluded(&self, who: &[u8], repo: &[u8], known: &Known) -> Purposes {
        let mut known = known.0.borrow_mut();
        let key = (who.to_vec(), repo.to_vec());
        if let Some(purposes) = known.get(&key) {
            return *purposes;
        }
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        let repo = Some(repo).filter(|repo| !repo.is_empty());
        let purposes = self.judge.work_by(&self.person(who), repo).purposes;
        known.insert(key, purposes);
        purposes
    }

    /// Somebody by an address, by a name and an address as Git spells them, or by a login.
    fn person(&self, who: &[u8]) -> Person {
        let who = who.trim_ascii();
        if let Some(open) = who.iter().position(|byte| *byte == b'<') {
            let (name, rest) = (&who[..open], &who[open + 1..]);
            return Person::new(name.trim_ascii(), rest.strip_suffix(b">").unwrap_or(rest));
        }
        if who.contains(&b'@') && !who.starts_with(b"@") {
            return Person::new(Vec::new(), who);
        }
        let login = who.strip_prefix(b"@").unwrap_or(who);
        let noreply = [login, b"@users.noreply.", self.host.as_bytes()].concat();
        // It may also be somebody's name.
        Person::new(login, noreply)
    }
}

/// Whether one of a list is not there.
fn has_gap(value: Value<'_>) -> bool {
    matches!(value, Value::List(all) if all.len() != texts(value).len())
}

/// Whether this is an address, alone or in `<>` behind a name, a login or the id of an account, and nothing else.
fn names_somebody(who: &[u8]) -> bool {
    let who = who.trim_ascii();
    match who.iter().position(|byte| *byte == b'<') {
        Some(open) => who[open + 1..].strip_suffix(b">").is_some_and(is_address),
        None => is_address(who) || is_account(who.strip_prefix(b"@").unwrap_or(who)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{List, Source};

    const LIST: &str = "schema = 1\nlist = \"corp/all\"\nserial = 1\n\
        [[subject]]\nid = \"s-ada\"\n[[subject.identity]]\nemail = \"ada@corp.example\"\n\
        [[subject.identity]]\nforge = \"github.com:AdaB\"\n[[subject.identity]]\nforge = \"github.com:583231\"\n\
        [[subject]]\nid = \"s-eve\"\n[[subject.identity]]\nemail = \"eve@corp.example\"\n\
        [[subject.preference]]\ndecision = \"disallow\"\nrepos = [\"corp/**\"]\n";

    fn excluded(who: &str, repo: &str) -> bool {
        let source = Source::from_bytes("list".to_owned(), LIST.as_bytes().to_vec()).unwrap();
        let layers = Layers::new(None, vec![List::parse(source).unwrap().0], Vec::new()).unwrap();
        let people = People::new(&layers, None, "github.com").unwrap();
        !people.excluded(who.as_bytes(), repo.as_bytes(), &Known::default()).is_empty()
    }

    #[test]
    fn addresses_logins_and_ids_are_known() {
        for who in
            ["ada@corp.example", "ADA@Corp.example", "Ada <ada@corp.example>", "adab", "@AdaB", "583231"]
        {
            assert!(excluded(who, ""), "{who}");
        }
        for who in ["bob@corp.example", "ada@other.example", "ada", "5832310"] {
            assert!(!excluded(who, ""), "{who}");
        }
    }

    #[test]
    fn what_names_nobody_is_told() {
        for who in
            ["ada@corp.example", " Ada B <ada@corp.example> ", "<ada@corp.example>", "@AdaB", "7", "x[bot]"]
        {
            assert!(names_somebody(who.as_bytes()), "{who}");
        }
        for other in [
            "",
            " ",
            "@",
            "Ada B",
            "Ada <>",
            "Ada <ada>",
            "Ada <ada@x",
            "Ada <a@x> b",
            "<<a@x>>",
            "a/b",
            "@a@b",
        ] {
            assert!(!names_somebody(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn where_the_repository_is_not_known_whoever_disallows_it_somewhere_is_excluded() {
        assert!(excluded("eve@corp.example", ""));
        assert!(excluded("eve@corp.example", "corp/engine"));
        assert!(!excluded("eve@corp.example", "other/engine"));
    }
}
