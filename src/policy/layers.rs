//! Several lists together, and the settings in force.
//!
//! Decides what may stand beside what. Must not merge lists: each is evaluated on its own.

use super::{Bot, Code, Diagnostic, List, PolicyFile, Settings};

/// The lists that apply, in the order given. Each is evaluated on its own and what they exclude is
/// united, so a later one can only add.
#[derive(Debug, Clone)]
pub struct Layers {
    /// Never empty. Those that are given come first.
    pub lists: Vec<List>,
    /// So many of them are given. The others are those that the scanned revisions carry, and no list that is given.
    pub given: usize,
    /// What is in force.
    pub settings: Settings,
}

impl Layers {
    /// Puts lists together. The first layer (the policy file, or else the first list) says how
    /// strictly the lists are applied, the others may only be stricter. `own` is the list that the
    /// scanned revision carries, or those that the scanned revisions carry: the last layers, and if there is no
    /// other, they may only be stricter than the defaults. They may be older copies of one that is given, and
    /// then all apply. A list that is there twice, byte for byte, counts once.
    ///
    /// # Errors
    /// `no-list`, `duplicate-list` (two that are given have one name, but not the same bytes),
    /// `layer-loosens` (also if `own` names bots that no other list names).
    pub fn new(
        policy: Option<&PolicyFile>,
        lists: Vec<List>,
        own: impl IntoIterator<Item = List>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut own = own.into_iter().peekable();
        if lists.is_empty() && own.peek().is_none() {
            return Err(vec![
                Diagnostic::error(Code::NoList, "there is no list, so it is not known whom to exclude")
                    .help("give one with `--list`, in `WITHHOLD_LIST`, or as `withhold.list` in Git's configuration")
                    .help("`withhold init` writes one to start from"),
            ]);
        }
        let mut errors = Vec::new();
        let mut distinct: Vec<List> = Vec::with_capacity(lists.len());
        for list in lists {
            match distinct.iter().find(|known| known.name == list.name) {
                Some(known) if known.digest == list.digest => {}
                Some(known) => errors.push(differs(known, &list)),
                None => distinct.push(list),
            }
        }
        // A scanned repository does not say by itself how strictly it is to be treated.
        let is_own_alone = policy.is_none() && distinct.is_empty();
        let given = distinct.len();
        for own in own {
            if distinct.iter().all(|list| list.digest != own.digest) {
                errors.extend(bots_of_its_own(&distinct[..given], &own));
                distinct.push(own);
            }
        }
        let tables = distinct.iter().map(|list| list.settings.as_ref());
        let mut tables = policy.map(|policy| Some(&policy.settings)).into_iter().chain(tables);
        let first = if is_own_alone { None } else { tables.next().flatten() };
        let mut settings = first.map_or_else(Settings::default, Settings::from_table);
        for table in tables.flatten() {
            match settings.tightened_by(table) {
                Ok(tightened) => settings = tightened,
                Err(loosened) => errors.extend(loosened),
            }
        }
        if errors.is_empty() { Ok(Self { lists: distinct, given, settings }) } else { Err(errors) }
    }
}

/// A repository does not say itself whose commits in it are looked through.
fn bots_of_its_own<'l>(given: &'l [List], own: &'l List) -> impl Iterator<Item = Diagnostic> + 'l {
    let is_given = |bot: &Bot| given.iter().flat_map(|list| &list.bots).any(|one| one.pattern == bot.pattern);
    own.bots.iter().filter(move |bot| !is_given(bot)).map(|bot| {
        Diagnostic::error(Code::LayerLoosens, "the scanned repository's own list names a bot")
            .label(&own.source, bot.span.clone(), "no list that is given names it")
            .help("whose commits are looked through is said by a list that is given with `--list`")
    })
}

/// Two lists of one name: which of them is meant, and is one of them out of date?
fn differs(known: &List, list: &List) -> Diagnostic {
    let message = format!("two different lists are called `{}`", list.name);
    Diagnostic::error(Code::DuplicateList, message)
        .label(&list.source, list.name_span.clone(), format!("this one has serial {}", list.serial))
        .label(&known.source, known.name_span.clone(), format!("this one has serial {}", known.serial))
        .help("drop the outdated one, or give them different names")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Source, Unit};

    fn list(name: &str, rest: &str) -> List {
        let text = format!("schema = 1\nlist = \"{name}\"\nserial = 1\n{rest}");
        List::parse(Source::new(name, text)).unwrap().0
    }

    fn policy(rest: &str) -> PolicyFile {
        PolicyFile::parse(Source::new("policy", format!("schema = 1\n[policy]\n{rest}"))).unwrap().0
    }

    #[test]
    fn no_list_is_an_error() {
        assert_eq!(Layers::new(None, Vec::new(), None).unwrap_err()[0].code, Code::NoList);
        assert_eq!(Layers::new(Some(&policy("")), Vec::new(), None).unwrap_err()[0].code, Code::NoList);
    }

    #[test]
    fn the_same_list_twice_counts_once_and_two_of_one_name_are_an_error() {
        assert_eq!(Layers::new(None, vec![list("a", ""), list("a", "")], None).unwrap().lists.len(), 1);
        let errors = Layers::new(None, vec![list("a", ""), list("a", "# x")], None).unwrap_err();
        assert_eq!(errors[0].code, Code::DuplicateList);
    }

    #[test]
    fn an_older_copy_in_the_repository_applies_too() {
        let given = || vec![list("a", "")];
        assert_eq!(Layers::new(None, given(), Some(list("a", "# older"))).unwrap().lists.len(), 2);
        assert_eq!(Layers::new(None, given(), Some(list("a", ""))).unwrap().lists.len(), 1);
        assert_eq!(Layers::new(None, Vec::new(), Some(list("a", ""))).unwrap().lists.len(), 1);
    }

    #[test]
    fn what_is_given_is_told_from_what_the_revisions_carry() {
        let given = || vec![list("a", ""), list("a", ""), list("b", "")];
        let own = || [list("a", "# own"), list("b", ""), list("c", "")];
        let layers = Layers::new(None, given(), own()).unwrap();
        assert_eq!((layers.lists.len(), layers.given), (4, 2));
        assert_eq!(Layers::new(None, Vec::new(), own()).unwrap().given, 0);
    }

    #[test]
    fn the_lists_of_several_revisions_all_apply() {
        let own = || [list("a", "# old"), list("a", "# new"), list("b", ""), list("a", "# old")];
        assert_eq!(Layers::new(None, vec![list("a", "# new")], own()).unwrap().lists.len(), 3);
        assert_eq!(Layers::new(None, Vec::new(), own()).unwrap().lists.len(), 3);
        let loose = [list("a", ""), list("b", "[policy]\nunit = \"lines\"")];
        assert!(Layers::new(None, Vec::new(), loose).is_err(), "none of them is the first layer");
    }

    #[test]
    fn a_repository_names_no_bots_of_its_own() {
        let bot = |email: &str| format!("[[bot]]\nemail = \"{email}\"\n");
        let given = || vec![list("a", &bot("*@bots.example"))];
        assert!(Layers::new(None, given(), Some(list("own", &bot("*@bots.example")))).is_ok());
        for own in [bot("*"), bot("*@bots.example") + &bot("x@bots.example")] {
            let errors = Layers::new(None, given(), Some(list("own", &own))).unwrap_err();
            assert_eq!(errors.iter().map(|error| error.code).collect::<Vec<_>>(), [Code::LayerLoosens]);
            assert!(Layers::new(None, Vec::new(), Some(list("own", &own))).is_err());
            assert!(Layers::new(None, vec![list("own", &own)], Some(list("own", &own))).is_ok());
        }
    }

    #[test]
    fn the_first_layer_decides_how_strictly_even_if_it_says_nothing() {
        let lines = "[policy]\nunit = \"lines\"";
        assert_eq!(Layers::new(None, vec![list("a", lines)], None).unwrap().settings.unit, Unit::Lines);
        assert!(Layers::new(None, vec![list("a", ""), list("b", lines)], None).is_err());
        assert!(Layers::new(Some(&policy("")), vec![list("a", lines)], None).is_err());
        let loose = policy("unit = \"lines\"");
        let both =
            Layers::new(Some(&loose), vec![list("a", ""), list("b", "[policy]\nunit = \"file\"")], None);
        assert_eq!(both.unwrap().settings.unit, Unit::File);
    }
}
