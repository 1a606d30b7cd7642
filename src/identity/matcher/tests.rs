use super::*;
use crate::policy::Source;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

/// A list with one subject for each of these, which are the body of its only identity.
fn list(identities: &[&str]) -> List {
    list_with("", identities)
}

fn list_with(top: &str, identities: &[&str]) -> List {
    let mut text = format!("schema = 1\nlist = \"test\"\nserial = 1\n{top}\n");
    for (index, identity) in identities.iter().enumerate() {
        text += &format!("[[subject]]\nid = \"s-{index:04}\"\n[[subject.identity]]\n{identity}\n");
    }
    List::parse(Source::new("test.toml", text)).unwrap().0
}

fn matcher(identities: &[&str]) -> Matcher {
    Matcher::new(&list(identities), None).unwrap()
}

fn subjects(matcher: &Matcher, name: impl Into<Vec<u8>>, email: impl Into<Vec<u8>>) -> Vec<u32> {
    matcher.find(&Person::new(name, email)).into_iter().map(|found| found.subject).collect()
}

#[test]
fn an_exact_address_in_any_case_and_composition() {
    let matcher = matcher(&["email = \"Zoë@Münch.example\"", "email = \"zo@münch.example\""]);
    assert_eq!(subjects(&matcher, "", "ZOË@MÜNCH.EXAMPLE"), [0]);
    assert_eq!(subjects(&matcher, "", "zoe\u{308}@xn--mnch-0ra.example"), [0]);
    assert_eq!(subjects(&matcher, "", b"zo\xeb@m\xfcnch.example".as_slice()), [0]);
    assert_eq!(subjects(&matcher, "", " <zo@münch.example> "), [1]);
    assert_eq!(subjects(&matcher, "", "zoe@münch.example"), [0; 0]);
}

#[test]
fn globs_on_addresses() {
    let matcher = matcher(&[
        "email = \"*@corp.example\"",
        "email = \"ada@*\"",
        "email = \"*[[]bot]@users.noreply.github.com\"",
        "email = \"*@*.münchen.example\"",
        "email = \"{bob,rob}@old.example\"",
    ]);
    assert_eq!(subjects(&matcher, "", "Ada@Corp.Example"), [0, 1]);
    assert_eq!(subjects(&matcher, "", "a/b@corp.example"), [0]);
    assert_eq!(subjects(&matcher, "", "49+app[bot]@users.noreply.github.com"), [2]);
    assert_eq!(subjects(&matcher, "", "zoe@mail.xn--mnchen-3ya.example"), [3]);
    assert_eq!(subjects(&matcher, "", "rob@old.example"), [4]);
    assert_eq!(subjects(&matcher, "", "ada@corp.example.org"), [1]);
    assert_eq!(subjects(&matcher, "", "x@notcorp.example"), [0; 0]);
}

#[test]
fn a_glob_also_means_itself() {
    let matcher = matcher(&["email = \"49+app[bot]@users.noreply.github.com\""]);
    assert_eq!(subjects(&matcher, "", "49+App[bot]@users.noreply.github.com"), [0]);
}

#[test]
fn a_glob_sees_what_the_domains_rules_drop() {
    let list = list_with("plus-addresses = [\"corp.example\"]", &["email = \"*+oss@corp.example\""]);
    let matcher = Matcher::new(&list, None).unwrap();
    assert_eq!(subjects(&matcher, "", "ada+oss@corp.example"), [0]);
}

#[test]
fn plus_and_dots_where_the_list_says_so() {
    let top = "plus-addresses = [\"gmail.com\"]\nignore-dots = [\"gmail.com\"]";
    let list = list_with(top, &["email = \"ada.byron+git@gmail.com\"", "email = \"bob@corp.example\""]);
    let matcher = Matcher::new(&list, None).unwrap();
    assert_eq!(subjects(&matcher, "", "adabyron@gmail.com"), [0]);
    assert_eq!(subjects(&matcher, "", "a.d.a.byron+x@GMAIL.com"), [0]);
    assert_eq!(subjects(&matcher, "", "bob+x@corp.example"), [0; 0]);
}

#[test]
fn a_forge_account_by_id_or_login() {
    let matcher = matcher(&["forge = \"github.com:583231\"", "forge = \"GitHub.com:Octocat\""]);
    assert_eq!(subjects(&matcher, "", "583231+renamed@users.noreply.github.com"), [0]);
    assert_eq!(subjects(&matcher, "", "583231+octocat@users.noreply.github.com"), [0, 1]);
    assert_eq!(subjects(&matcher, "", "OCTOCAT@users.noreply.github.com"), [1]);
    assert_eq!(subjects(&matcher, "", "octocat@users.noreply.gitlab.com"), [0; 0]);
    assert_eq!(subjects(&matcher, "octocat", "octocat@github.com"), [0; 0]);
}

#[test]
fn a_keyed_hash_needs_the_key() {
    let key = Key::new(b"0123456789abcdef").unwrap();
    let hash = keyed::email_hmac(&key, "ada@gmail.com");
    let entry = format!("email-hmac = \"{}\"", data_encoding::HEXLOWER.encode(&hash));
    let list = list_with("plus-addresses = [\"gmail.com\"]", &[&entry]);
    assert!(matches!(Matcher::new(&list, None), Err(MatcherError::NoKey { .. })));
    let matcher = Matcher::new(&list, Some(&key)).unwrap();
    assert_eq!(subjects(&matcher, "", "Ada+x@Gmail.com"), [0]);
    let other = Key::new(b"another key, as long").unwrap();
    assert_eq!(subjects(&Matcher::new(&list, Some(&other)).unwrap(), "", "ada@gmail.com"), [0; 0]);
}

#[test]
fn a_name_alone() {
    let matcher = matcher(&["name = \"Zoë  Byron\"\nname-alone = true"]);
    assert_eq!(subjects(&matcher, "zoe\u{308} BYRON", "anything@corp.example"), [0]);
    assert_eq!(subjects(&matcher, b"Zo\xeb Byron".as_slice(), ""), [0]);
    assert_eq!(subjects(&matcher, "Zoë", ""), [0; 0]);
}

#[test]
fn nobody_has_no_name_and_no_address() {
    let matcher = matcher(&["email = \"*\"", "name = \"\u{200b}\"\nname-alone = true"]);
    assert_eq!(subjects(&matcher, "", ""), [0; 0]);
    assert_eq!(subjects(&matcher, " ", "<>"), [0; 0]);
    assert_eq!(subjects(&matcher, "", "@"), [0; 0]);
    assert_eq!(subjects(&matcher, "", "x"), [0]);
}

#[test]
fn what_is_found_names_subject_and_identity_once() {
    let text = "schema = 1\nlist = \"test\"\nserial = 1\n[[subject]]\nid = \"s-7q4k\"\n\
        identity = [{ email = \"bob@corp.example\" }, { email = \"Ada@corp.example\" }, { email = \"*@corp.example\" }]\n";
    let list = List::parse(Source::new("test.toml", text)).unwrap().0;
    let found = Matcher::new(&list, None).unwrap().find(&Person::new("", "ada@corp.example"));
    assert_eq!(found, [Found { subject: 0, identity: 1 }, Found { subject: 0, identity: 2 }]);
}

#[test]
fn more_globs_than_fit_in_one_set() {
    let entries: Vec<_> = (0..1500).map(|index| format!("email = \"x*@c{index}.example\"")).collect();
    let entries: Vec<_> = entries.iter().map(String::as_str).collect();
    let matcher = matcher(&entries);
    assert_eq!(subjects(&matcher, "", "xy@c1400.example"), [1400]);
}

#[test]
fn a_matcher_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Matcher>();
}

fn entries() -> impl Strategy<Value = Vec<String>> {
    let entry = prop_oneof![
        "[a-c]{1,2}@[a-c]\\.example".prop_map(|email| format!("email = \"{email}\"")),
        "[a-c]\\*@[a-c]\\.example".prop_map(|email| format!("email = \"{email}\"")),
        "[1-3]".prop_map(|id| format!("forge = \"github.com:{id}\"")),
        "[A-C][a-c]".prop_map(|name| format!("name = \"{name}\"\nname-alone = true")),
    ];
    prop::collection::vec(entry, 0..6)
}

fn person() -> impl Strategy<Value = Person> {
    let email = prop_oneof!["[a-cA-C]{1,2}@[a-c]\\.Example", "[1-3]\\+[a-c]@users\\.noreply\\.github\\.com"];
    ("[a-c]{0,2}", email).prop_map(|(name, email)| Person::new(name, email))
}

proptest! {
    /// More in the list never means that fewer are found.
    #[test]
    fn a_longer_list_finds_no_fewer(first in entries(), more in entries(), person in person()) {
        let all: Vec<_> = first.iter().chain(&more).map(String::as_str).collect();
        let short = matcher(&all[..first.len()]).find(&person);
        let long = matcher(&all).find(&person);
        prop_assert!(short.iter().all(|found| long.contains(found)));
    }

    /// However someone writes their address, they are found.
    #[test]
    fn case_and_composition_hide_nobody(local in "[a-zA-Zäöüéñßçå0-9._-]{1,12}", domain in "[a-zäöüé]{1,8}") {
        let email = format!("{local}@{domain}.example");
        let matcher = matcher(&[&format!("email = \"{email}\"")]);
        let upper = format!("{}@{}.EXAMPLE", local.to_uppercase(), domain.to_uppercase());
        for variant in [email.nfc().collect(), email.nfd().collect::<String>(), upper] {
            prop_assert_eq!(subjects(&matcher, "", variant.as_str()), [0], "{}", variant);
        }
    }

    #[test]
    fn nobody_is_too_strange(name in any::<Vec<u8>>(), email in any::<Vec<u8>>()) {
        let matcher = matcher(&["email = \"*a*\"", "forge = \"github.com:1\"", "name = \"a\"\nname-alone = true"]);
        let _ = matcher.find(&Person::new(name, email));
    }
}
