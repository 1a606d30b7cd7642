use super::*;
use crate::policy::{Decision, OnUnattributed, Pattern, Purposes, Regime, Role, Roles, Unit, Window};
use proptest::prelude::*;

const TOP: &str = "schema = 1\nlist = \"x\"\nserial = 7\n";

fn read(rest: &str) -> List {
    let (list, warnings) = super::list(Source::new("x", format!("{TOP}{rest}"))).unwrap();
    assert_eq!(warnings, []);
    list
}

fn codes(rest: &str) -> Vec<Code> {
    match super::list(Source::new("x", format!("{TOP}{rest}"))) {
        Ok((_, warnings)) => warnings.iter().map(|warning| warning.code).collect(),
        Err(errors) => errors.iter().map(|error| error.code).collect(),
    }
}

fn subject(rest: &str) -> String {
    format!("[[subject]]\nid = \"s-7q4k\"\n[[subject.identity]]\nemail = \"a@b.example\"\n{rest}\n")
}

#[test]
fn what_is_left_out_is_the_default() {
    let list = read("");
    assert_eq!((list.name.as_str(), list.serial, list.not_after), ("x", 7, None));
    assert_eq!((list.regime, list.on_unattributed), (Regime::OptOut, OnUnattributed::Exclude));
    assert!(list.settings.is_none() && list.subjects.is_empty() && list.rules.is_empty());
    // printf 'schema = 1\nlist = "x"\nserial = 7\n' | sha256sum
    let digest = data_encoding::HEXLOWER.encode(&list.digest);
    assert_eq!(digest, "78b167b24af514976b6766b4e211f3227089a20552db9a052caaffcbba22399b");
}

#[test]
fn a_subject_without_preferences_disallows_everything() {
    for rest in [String::new(), "preference = []".to_owned()] {
        let text =
            format!("[[subject]]\nid = \"s-7q4k\"\n{rest}\nidentity = [{{ email = \"a@b.example\" }}]\n");
        let preferences = &read(&text).subjects[0].preferences;
        assert_eq!(preferences.len(), 1);
        assert_eq!(preferences[0].decision, Decision::Disallow);
        assert_eq!(preferences[0].purposes, Purposes::ALL);
        assert_eq!(preferences[0].roles, Roles::WRITERS);
        assert_eq!(preferences[0].authored, Window::ALWAYS);
        assert!(preferences[0].repos.is_none() && preferences[0].paths.is_none());
    }
}

#[test]
fn a_preference_says_what_it_says() {
    let list = read(&subject(
        "[[subject.preference]]\ndecision = \"allow\"\npurposes = [\"search\"]\nroles = [\"tagger\"]\n\
         repos = [\"corp/**\"]\npaths = [\"src/**\"]\nauthored = { until = 1970-01-01 }\n\
         [[subject.preference]]\ndecision = \"disallow\"\n",
    ));
    let preferences = &list.subjects[0].preferences;
    assert_eq!(preferences[0].decision, Decision::Allow);
    assert!(preferences[0].roles.contains(Role::Tagger) && !preferences[0].roles.contains(Role::Author));
    assert!(preferences[0].repos.as_ref().unwrap().is_match(b"Corp/tool"));
    assert!(!preferences[0].paths.as_ref().unwrap().is_match(b"docs/a"));
    assert_eq!(preferences[0].authored, Window { from: None, until: Some(86_399) });
    assert_eq!(preferences[1].decision, Decision::Disallow);
    assert_eq!(list.source.slice(preferences[1].span.clone()), "decision = \"disallow\"");
    assert_eq!(list.source.slice(list.subjects[0].span.clone()), "id = \"s-7q4k\"");
    assert_eq!(list.source.slice(list.subjects[0].identities[0].span.clone()), "email = \"a@b.example\"");
}

#[test]
fn an_address_with_wildcards_is_a_glob() {
    let pattern = |email: &str| {
        let text = format!("[[subject]]\nid = \"s-1\"\nidentity = [{{ email = '{email}' }}]\n");
        read(&text).subjects[0].identities[0].pattern.clone()
    };
    for glob in ["*@b.example", "a?@b.example", "[ab]@c.example", "{a,b}@c.example", "*"] {
        assert_eq!(pattern(glob), Pattern::EmailGlob(glob.to_owned()));
    }
    for exact in ["a@b.example", "a]@b.example", "a\\b@c.example", " <a@b.example>"] {
        assert_eq!(pattern(exact), Pattern::Email(exact.to_owned()));
    }
}

#[test]
fn ids_are_shared_by_subjects_and_rules() {
    assert_eq!(codes(&format!("{}[[rule]]\nid = \"s-7q4k\"", subject(""))), [Code::DuplicateId]);
    assert_eq!(codes(&subject(&subject(""))), [Code::DuplicateId]);
}

#[test]
fn an_id_may_share_three_letters_with_a_name_by_chance_and_no_more() {
    let id = |id: &str| {
        codes(&format!("[[subject]]\nid = \"{id}\"\nidentity = [{{ email = \"ada.byron@b.example\" }}]"))
    };
    assert_eq!(id("s-x7adaq9"), []);
    assert_eq!(id("s-ada"), [Code::IdNotRandom]);
    assert_eq!(id("s-xbyronx"), [Code::IdNotRandom]);
    // The domain is the organisation's, not the person's.
    assert_eq!(id("s-example"), []);
}

#[test]
fn what_asks_for_nothing_is_no_request() {
    assert_eq!(
        codes(
            "require-verified = false\nbot = []\n[policy]\nmoves = false\ncopies = false\nignore-revs = []"
        ),
        []
    );
    assert_eq!(codes("[policy]\nrequire-verified = true"), [Code::NotYetSupported]);
}

#[test]
fn commits_to_look_through_are_named_in_full() {
    let id = "0123456789abcdef0123456789abcdef01234567";
    let list = read(&format!("[policy]\nignore-revs = [\"{id}\", \"{}\"]", id.to_uppercase()));
    assert_eq!(list.settings.unwrap().ignore_revs.unwrap().0.len(), 1);
    assert_eq!(codes("[policy]\nignore-revs = \"file\""), [Code::WrongType]);
    for rev in ["HEAD", "0123", &id[..39], "", "#"] {
        assert_eq!(codes(&format!("[policy]\nignore-revs = [\"{rev}\"]")), [Code::BadRev], "{rev}");
    }
}

#[test]
fn a_bot_is_recognised_like_a_person() {
    let list = read("[[bot]]\nemail = \"*[[]bot]@b.example\"\n[[bot]]\nforge = \"github.com:1\"\n");
    assert_eq!(list.bots.len(), 2);
    assert_eq!(list.source.slice(list.bots[0].span.clone()), "[[bot]]");
    assert_eq!(codes("[[bot]]\nname = \"bot\""), [Code::NameAlone]);
    assert_eq!(codes("[[bot]]\n"), [Code::IdentityKind]);
}

#[test]
fn the_policy_of_a_list() {
    let unit = |unit: &str| read(&format!("[policy]\nunit = {unit}")).settings.unwrap().unit.unwrap().0;
    assert_eq!(unit("\"file\""), Unit::File);
    assert_eq!(unit("\"lines\""), Unit::Lines);
    assert_eq!(unit("{ share = 0.2 }"), Unit::Share(0.2));
    assert_eq!(unit("{ share = 1 }"), Unit::Share(1.0));
    for share in ["0", "0.0", "-0.1", "1.1", "nan", "inf", "-inf", "0x10"] {
        assert_eq!(codes(&format!("[policy]\nunit = {{ share = {share} }}")), [Code::BadShare], "{share}");
    }
}

#[test]
fn after_a_syntax_error_nothing_is_said_to_be_missing() {
    assert_eq!(codes("[[subject]]\nid = \"s-7q4k\n"), [Code::Syntax]);
}

#[test]
fn numbers_may_be_written_as_toml_allows() {
    let serial = |serial: &str| {
        super::list(Source::new("x", format!("schema = 0x1\nlist = \"x\"\nserial = {serial}\n")))
            .map(|(list, _)| list.serial)
            .map_err(|errors| errors[0].code)
    };
    assert_eq!(serial("0x_2A").ok(), None);
    assert_eq!(serial("0x2A"), Ok(42));
    assert_eq!(serial("1_000"), Ok(1000));
    assert_eq!(serial("9007199254740991"), Ok(MAX_SERIAL));
    for bad in ["9007199254740992", "-1", "0", "99999999999999999999999999"] {
        assert_eq!(serial(bad), Err(Code::BadSerial), "{bad}");
    }
}

proptest! {
    /// Nothing makes it panic, and it never refuses without a reason.
    #[test]
    fn no_list_is_too_strange(text in any::<String>()) {
        if let Err(errors) = super::list(Source::new("x", text)) {
            prop_assert!(errors.iter().any(|error| error.severity == Severity::Error));
        }
    }

    /// Nor one of which a part is cut away.
    #[test]
    fn nor_a_part_of_one(from in 0usize..4000, length in 0usize..60) {
        let text = include_str!("../../../config/optout.example.toml");
        let cut: String = text.chars().enumerate().filter(|(at, _)| !(from..from + length).contains(at)).map(|(_, char)| char).collect();
        let _ = super::list(Source::new("x", cut));
    }
}
