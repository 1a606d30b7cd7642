use super::*;
use crate::policy::parse::MAX_SERIAL;
use crate::policy::{Code, Purpose};
use proptest::prelude::*;

const LIST: &str = r#"# Who is out.
schema = 1
list = "corp.example"   # us
serial = 0x29           # 41

[[subject]]
id = "s-7q4k"
  [[subject.identity]]
  email = "ada@corp.example"  # left

# Bob asked by mail.
[[subject]]
id = "s-8r5m"
    [[subject.preference]]
    decision = "disallow"
    roles = ["author", "committer"]
    paths = ["src/**"]
    [[subject.identity]]
    email = "bob@corp.example"

[[rule]]
id = "r-1"
# the end"#;

const RANDOM: [u8; PSEUDONYM_BYTES] = [7; PSEUDONYM_BYTES];

fn source(text: &str) -> Source {
    Source::new("optout.toml", text)
}

fn email(email: &str) -> NewSubject {
    let identities = vec![(Pattern::Email(email.to_owned()), Window::ALWAYS)];
    NewSubject { reason: None, identities, purposes: None }
}

fn id(id: &str) -> Who {
    Who::Id(id.to_owned())
}

/// The lines of `after` that `before` does not have, and the other way round.
fn changes(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let minus = |one: &str, other: &str| {
        let mut others: Vec<_> = other.lines().collect();
        let is_new = |line: &&str| match others.iter().position(|other| other == line) {
            Some(at) => {
                others.remove(at);
                false
            }
            None => true,
        };
        one.lines().filter(is_new).map(str::to_owned).collect()
    };
    (minus(after, before), minus(before, after))
}

#[test]
fn a_new_subject_comes_after_the_others_and_raises_the_serial() {
    let new = NewSubject { reason: Some("ticket \"9\"".to_owned()), ..email("cleo@corp.example") };
    let edited = add(&source(LIST), &new, RANDOM).unwrap();
    let id = &edited.ids[0];
    let block = format!(
        "    email = \"bob@corp.example\"\n\n[[subject]]\nid = \"{id}\"\nreason = 'ticket \"9\"'\n  \
         [[subject.identity]]\n  email = \"cleo@corp.example\"\n\n[[rule]]\n"
    );
    assert!(edited.text.contains(&block), "{}", edited.text);
    assert!(edited.text.contains("serial = 42           # 41\n"));
    assert!(edited.text.ends_with("# the end"));
    assert_eq!(edited.list.subjects.len(), 3);
}

#[test]
fn pseudonyms_are_random_and_unlike_each_other() {
    let ids: Vec<_> = (0..50)
        .map(|byte| add(&source(LIST), &email("c@d.example"), [byte; 16]).unwrap().ids[0].clone())
        .collect();
    for id in &ids {
        assert!(
            id.len() == 10 && id.starts_with("s-") && !id[2..].contains(['i', 'l', 'o', '0', '1']),
            "{id}"
        );
    }
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), 50);
    // The same randomness twice: the second one takes another.
    let first = add(&source(LIST), &email("c@d.example"), RANDOM).unwrap();
    let second = add(&source(&first.text), &email("e@d.example"), RANDOM).unwrap();
    assert_ne!(first.ids, second.ids);
}

#[test]
fn an_empty_list_and_one_without_a_last_line_end() {
    let text = "schema = 1\nlist = \"x\"\nserial = 1";
    let edited = add(&source(text), &email("c@d.example"), RANDOM).unwrap();
    assert!(edited.text.starts_with("schema = 1\nlist = \"x\"\nserial = 2\n\n[[subject]]\n"));
}

#[test]
fn line_ends_stay_as_they_are() {
    let text = LIST.replace('\n', "\r\n");
    let edited = add(&source(&text), &email("c@d.example"), RANDOM).unwrap();
    assert_eq!(edited.text.replace("\r\n", "").find(['\r', '\n']), None);
    let edited = withdraw(&source(&text), &id("s-7q4k"), None).unwrap();
    assert_eq!(edited.text.replace("\r\n", "").find(['\r', '\n']), None);
}

#[test]
fn identities_of_every_kind_come_back_as_they_were() {
    let identities = vec![
        (Pattern::Email("zoë@corp.example".to_owned()), Window { from: Some(0), until: Some(86_399) }),
        (Pattern::EmailGlob("*@x.example".to_owned()), Window { from: Some(1), until: Some(-1) }),
        (Pattern::Forge { host: "github.com".to_owned(), account: "1".to_owned() }, Window::ALWAYS),
        (Pattern::EmailHmac([171; 32]), Window::ALWAYS),
        (Pattern::Name("Zoë \"Z\" \\ Byron".to_owned()), Window::ALWAYS),
    ];
    let mut new = NewSubject { reason: None, identities, purposes: Some(Purpose::TrainAi.into()) };
    // The second one ends before it begins: refused, with the mistake.
    let error = add(&source(LIST), &new, RANDOM).unwrap_err();
    assert!(matches!(error, EditError::Invalid(errors) if errors[0].code == Code::EmptyWindow));
    new.identities[1].1 = Window { from: Some(-1), until: Some(1) };
    let edited = add(&source(LIST), &new, RANDOM).unwrap();
    let subject = &edited.list.subjects[2];
    let found: Vec<_> =
        subject.identities.iter().map(|identity| (identity.pattern.clone(), identity.window)).collect();
    assert_eq!(found, new.identities);
    assert_eq!(subject.preferences[0].purposes, Purpose::TrainAi.into());
    assert!(edited.text.contains("from = 1970-01-01\n  until = 1970-01-01\n"));
    assert!(edited.text.contains("from = 1969-12-31T23:59:59Z\n  until = 1970-01-01T00:00:01Z\n"));
}

#[test]
fn withdrawing_keeps_the_record() {
    let edited = withdraw(&source(LIST), &id("s-7q4k"), None).unwrap();
    let (added, removed) = changes(LIST, &edited.text);
    assert_eq!(
        added,
        [
            "serial = 42           # 41",
            "  [[subject.preference]]",
            "  decision = \"disallow\"",
            "  [[subject.preference]]",
            "  decision = \"allow\""
        ]
    );
    assert_eq!(removed, ["serial = 0x29           # 41"]);
    assert!(edited.text.contains("# left\n  [[subject.preference]]\n"));
    let decisions: Vec<_> = edited.list.subjects[0].preferences.iter().map(|one| one.decision).collect();
    assert_eq!(decisions, [Decision::Disallow, Decision::Allow]);
}

#[test]
fn withdrawing_takes_back_every_role_that_was_disallowed() {
    let edited = withdraw(&source(LIST), &id("s-8r5m"), None).unwrap();
    let preferences = &edited.list.subjects[1].preferences;
    assert_eq!(preferences.len(), 2);
    assert!(
        [Role::Author, Role::CoAuthor, Role::Committer]
            .iter()
            .all(|role| preferences[1].roles.contains(*role))
    );
    assert!(edited.text.contains("    [[subject.preference]]\n    decision = \"allow\"\n    roles ="));
}

#[test]
fn withdrawing_for_one_purpose_leaves_the_others() {
    let edited = withdraw(&source(LIST), &id("s-7q4k"), Some(Purpose::Search.into())).unwrap();
    let preferences = &edited.list.subjects[0].preferences;
    assert_eq!(preferences[0].purposes, Purposes::ALL);
    assert_eq!(preferences[1].purposes, Purpose::Search.into());
}

#[test]
fn people_return_and_leave_again() {
    let who = Who::Identity(Pattern::Email("ADA@corp.example".to_owned()));
    let gone = withdraw(&source(LIST), &who, None).unwrap();
    assert!(matches!(withdraw(&source(&gone.text), &who, None), Err(EditError::AlreadyWithdrawn(_))));
    let back = add(&source(&gone.text), &email("Ada@corp.example"), RANDOM).unwrap();
    assert_eq!(back.ids, ["s-7q4k"]);
    assert_eq!(back.list.serial, 43);
    let decisions: Vec<_> = back.list.subjects[0].preferences.iter().map(|one| one.decision).collect();
    assert_eq!(decisions, [Decision::Disallow, Decision::Allow, Decision::Disallow]);
    assert!(matches!(
        add(&source(&back.text), &email("ada@corp.example"), RANDOM),
        Err(EditError::AlreadyListed(_))
    ));
}

#[test]
fn a_known_person_gets_the_identities_that_are_new() {
    let mut new = email("ada@corp.example");
    new.identities.push((Pattern::Email("ada@home.example".to_owned()), Window::ALWAYS));
    let edited = add(&source(LIST), &new, RANDOM).unwrap();
    assert_eq!(edited.list.subjects[0].identities.len(), 2);
    // Nothing was said about preferences, so it is still everything.
    assert_eq!(surely_disallowed(&edited.list.subjects[0]), Purposes::ALL);
    // Bob's is limited to a path, so this is more.
    let edited = add(&source(LIST), &email("bob@corp.example"), RANDOM).unwrap();
    assert_eq!(surely_disallowed(&edited.list.subjects[1]), Purposes::ALL);
}

#[test]
fn what_cannot_be_done_is_said() {
    assert!(matches!(withdraw(&source(LIST), &id("s-none"), None), Err(EditError::NoSuchSubject)));
    assert!(matches!(add(&source("x"), &email("a@b.c"), RANDOM), Err(EditError::Invalid(_))));
    assert!(matches!(add(&source(LIST), &email("nobody"), RANDOM), Err(EditError::Invalid(_))));
    let inline = "schema = 1\nlist = \"x\"\nserial = 1\n\
        subject = [{ id = \"s-1\", identity = [{ email = \"a@b.example\" }] }]\n";
    assert!(matches!(add(&source(inline), &email("c@b.example"), RANDOM), Err(EditError::Inline)));
    let last = format!("schema = 1\nlist = \"x\"\nserial = {MAX_SERIAL}\n");
    assert!(matches!(add(&source(&last), &email("c@b.example"), RANDOM), Err(EditError::SerialExhausted)));
}

proptest! {
    /// Whoever is added is in the list, and nothing else of the text has changed.
    #[test]
    fn adding_adds_and_changes_nothing_else(
        local in "[a-z0-9._+-]{1,12}",
        name in "\\PC{0,12}",
        reason in prop::option::of(any::<String>()),
        random in any::<[u8; PSEUDONYM_BYTES]>(),
    ) {
        let mut new = NewSubject { reason, ..email(&format!("{local}@new.example")) };
        if !name.trim().is_empty() {
            new.identities.push((Pattern::Name(name), Window::ALWAYS));
        }
        let edited = add(&source(LIST), &new, random).unwrap();
        let subject = edited.list.subjects.iter().find(|subject| subject.id == edited.ids[0]).unwrap();
        let found: Vec<_> =
            subject.identities.iter().map(|identity| (identity.pattern.clone(), identity.window)).collect();
        prop_assert_eq!(&found, &new.identities);
        prop_assert_eq!(&subject.reason, &new.reason);
        // Taking the new block out again gives the old text, but for the serial.
        let start = edited.text.find(&format!("\n[[subject]]\nid = \"{}\"", edited.ids[0])).unwrap();
        let end = edited.text.find("\n[[rule]]\n").unwrap();
        let rest = format!("{}{}", &edited.text[..start], &edited.text[end..]);
        prop_assert_eq!(rest.replace("serial = 42", "serial = 0x29"), LIST);
    }
}
