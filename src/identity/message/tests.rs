use super::*;
use proptest::prelude::*;

/// Role, name and address of everyone found.
fn found(message: impl AsRef<[u8]>) -> Vec<(Role, String, String)> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    people(message.as_ref())
        .into_iter()
        .map(|(role, person)| (role, text(person.name), text(person.email)))
        .collect()
}

fn co_author(name: &str, email: &str) -> (Role, String, String) {
    (Role::CoAuthor, name.to_owned(), email.to_owned())
}

fn ada() -> (Role, String, String) {
    co_author("Ada Byron", "ada@corp.example")
}

#[test]
fn a_trailer_counts_on_any_line() {
    for message in [
        "Fix\n\nCo-authored-by: Ada Byron <ada@corp.example>\n",
        "Co-authored-by: Ada Byron <ada@corp.example>\n\nMore prose below.\n",
        "Fix\nprose that it is glued to\nCo-authored-by: Ada Byron <ada@corp.example>\nmore prose\n",
        "Fix\r\n\r\nCo-authored-by: Ada Byron <ada@corp.example>\r\n",
        "Fix\rCo-authored-by: Ada Byron <ada@corp.example>\r",
    ] {
        assert_eq!(found(message), [ada()], "{message:?}");
    }
}

#[test]
fn whatever_stands_before_the_key() {
    for before in ["    ", "\t", "> ", ">> ", "* ", "- ", "Merged. ", "fix(a).", "(", "\u{a0}"] {
        let message = format!("Fix\n\n{before}Co-authored-by: Ada Byron <ada@corp.example>");
        assert_eq!(found(&message), [ada()], "{message:?}");
    }
}

#[test]
fn any_case_and_spelling_of_the_key() {
    for key in [
        "Co-Authored-By:",
        "CO-AUTHORED-BY:",
        "co-authored-by :",
        "Coauthored-by:",
        "Co-authored by:",
        "Co-developed-by:",
        "co_authored_by:",
        "Co-authored-by",
    ] {
        assert_eq!(found(format!("{key} Ada Byron <ada@corp.example>")), [ada()], "{key}");
    }
}

#[test]
fn who_signed_off_is_another_role() {
    let message = "Signed-off-by: Ada Byron <ada@corp.example>\nco-authored-by: Ada Byron <ada@corp.example>";
    let roles: Vec<_> = people(message.as_bytes()).into_iter().map(|(role, _)| role).collect();
    assert_eq!(roles, [Role::SignedOffBy, Role::CoAuthor]);
}

#[test]
fn several_people_on_a_line() {
    let bob = co_author("Bob", "bob@corp.example");
    for line in [
        "Co-authored-by: Ada Byron <ada@corp.example>, Bob <bob@corp.example>",
        "Co-authored-by: Ada Byron <ada@corp.example> Bob <bob@corp.example>",
        "Co-authored-by: Ada Byron <ada@corp.example>; Bob bob@corp.example",
        "Co-authored-by: Ada Byron ada@corp.example, Bob <bob@corp.example>",
        "Co-authored-by: Ada Byron <ada@corp.example> Co-authored-by: Bob <bob@corp.example>",
    ] {
        assert_eq!(found(line), [ada(), bob.clone()], "{line}");
    }
    let line = "Co-authored-by: ada@corp.example, bob@corp.example.";
    assert_eq!(found(line), [co_author("", "ada@corp.example"), co_author("", "bob@corp.example")]);
    let line = "Co-authored-by: Ada Byron <ada@corp.example>, Bob";
    assert_eq!(found(line), [ada(), co_author("Bob", "")]);
    let people = found("Co-authored-by: Ada Byron and Bob <bob@corp.example>");
    assert!(people.contains(&co_author("Ada Byron", "")));
    assert!(people.contains(&co_author("Ada Byron and Bob", "bob@corp.example")));
}

#[test]
fn an_address_without_brackets_or_in_markdown_or_html() {
    for line in [
        "Co-authored-by: Ada Byron ada@corp.example",
        "Co-authored-by: Ada Byron (ada@corp.example)",
        "Co-authored-by: [Ada Byron](mailto:ada@corp.example)",
        "Co-authored-by: Ada Byron &lt;ada@corp.example&gt;",
        "Co-authored-by: Ada Byron <ada@corp.example",
    ] {
        let people = found(line);
        assert_eq!(people.len(), 1, "{line}");
        assert_eq!(people[0].2, "ada@corp.example", "{line}");
    }
}

#[test]
fn a_name_without_an_address() {
    assert_eq!(found("Co-authored-by: Ada Byron"), [co_author("Ada Byron", "")]);
    assert_eq!(
        found("Co-authored-by: Ada & Bob"),
        [co_author("Ada & Bob", ""), co_author("Ada", ""), co_author("Bob", "")]
    );
    assert_eq!(found("Co-authored-by: Ada Byron <>"), [co_author("Ada Byron", "")]);
}

#[test]
fn a_value_that_goes_on_in_the_next_line() {
    for message in [
        "Co-authored-by: Ada Byron\n  <ada@corp.example>\n",
        "Co-authored-by: Ada Byron\n<ada@corp.example>\n",
        "Co-authored-by: Ada\n Byron\n\t<ada@corp.example>\n",
        "> Co-authored-by: Ada Byron\n>   <ada@corp.example>\n",
        "Co-authored-by:\n Ada Byron <ada@corp.example>\n and that was it\n",
    ] {
        assert_eq!(found(message), [ada()], "{message:?}");
    }
    let two = found("Co-authored-by: Ada Byron <ada@corp.example>,\n Bob <bob@corp.example>\n");
    assert_eq!(two, [ada(), co_author("Bob", "bob@corp.example")]);
    let two = found("    Co-authored-by: Ada\n    Co-authored-by: Bob\n    More prose.");
    assert_eq!(two, [co_author("Ada", ""), co_author("Bob", "")]);
}

#[test]
fn prose_is_not_taken_for_a_trailer() {
    for message in
        ["It was co-authored by Ada.", "co-authored-bytes: 3", "Signed-off-by", "Co-authored-by:", ""]
    {
        assert_eq!(found(message), [], "{message:?}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_kept() {
    let people = people(b"\xff\xfe\nCo-authored-by: Zo\xeb <zo\xeb@corp.example>\xff");
    assert_eq!(
        people,
        [(Role::CoAuthor, Person::new(b"Zo\xeb".as_slice(), b"zo\xeb@corp.example".as_slice()))]
    );
}

#[test]
fn the_same_person_counts_once() {
    assert_eq!(found("Co-authored-by: Ada Byron <ada@corp.example>\n".repeat(3)), [ada()]);
}

/// Ten times the text takes about ten times as long, not a hundred times.
#[test]
fn a_hostile_message_costs_no_more_than_its_length() {
    for part in
        ["co-authored-by:", "co-authored-by:\n ", "co-", "<", "Co-authored-by: a\n x\n", "co-authored-by: <,"]
    {
        let time = |times: usize| {
            let message = part.repeat(times);
            let start = std::time::Instant::now();
            let _ = people(message.as_bytes());
            start.elapsed()
        };
        let (short, long) = (time(10_000), time(200_000));
        let limit = short * 100 + std::time::Duration::from_secs(2);
        assert!(long < limit, "{part:?}: {short:?}, then {long:?}");
    }
    let wide = format!("Co-authored-by: {}", "<a@b>, c d@e ".repeat(50_000));
    assert!(people(wide.as_bytes()).len() <= 4);
}

proptest! {
    #[test]
    fn no_message_is_too_strange(message in any::<Vec<u8>>()) {
        let _ = people(&message);
    }

    #[test]
    fn nor_one_that_is_nearly_right(message in "(Co-authored-by:? ?|Signed-off-by: |[ <>@,;.a]|\r|\n|é){0,30}") {
        let _ = people(message.as_bytes());
    }

    /// Whatever stands around it, the trailer is found.
    #[test]
    fn a_trailer_is_found_between_any_lines(before in "[^\r\n]{0,40}", after in any::<String>()) {
        let message = format!("{before}\nCo-authored-by: Ada Byron <ada@corp.example>\n{after}");
        prop_assert!(found(message).contains(&ada()));
    }
}
