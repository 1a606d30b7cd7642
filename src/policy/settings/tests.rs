use super::*;

fn table(text: &str) -> SettingsTable {
    let text = format!("schema = 1\n[policy]\n{text}");
    PolicyFile::parse(Source::new("policy.toml", text)).unwrap().0.settings
}

fn settings(text: &str) -> Settings {
    Settings::from_table(&table(text))
}

#[test]
fn what_is_left_out_is_the_default() {
    let settings = settings("");
    assert_eq!(settings.unit, Unit::File);
    assert_eq!(settings.whitespace, Whitespace::Ignore);
    assert!(settings.moves && settings.copies && settings.ignore_revs.is_empty());
    assert_eq!(settings.digest(), Settings::default().digest());
    assert_eq!(settings.gate(b"origin", b"https://a.example/b"), Gate::Publish);
}

#[test]
fn a_layer_may_be_stricter_and_never_looser() {
    let file = settings("unit = \"file\"");
    let share = settings("unit = { share = 0.2 }");
    let lines = settings("unit = \"lines\"");
    assert_eq!(lines.tightened_by(&table("unit = { share = 1 }")).unwrap().unit, Unit::Share(1.0));
    assert_eq!(share.tightened_by(&table("unit = { share = 0.1 }")).unwrap().unit, Unit::Share(0.1));
    assert_eq!(share.tightened_by(&table("unit = \"file\"")).unwrap().unit, Unit::File);
    assert_eq!(file.tightened_by(&table("")).unwrap().unit, Unit::File);
    for (first, later) in
        [(&file, "unit = \"lines\""), (&file, "unit = { share = 0.01 }"), (&share, "unit = { share = 0.3 }")]
    {
        let errors = first.tightened_by(&table(later)).unwrap_err();
        assert_eq!(errors[0].code, Code::LayerLoosens);
    }
}

#[test]
fn whoever_touched_a_file_is_more_than_whose_lines_stand() {
    let (surviving, touched) = (settings(""), settings("evidence = \"touched\""));
    assert_eq!(surviving.tightened_by(&table("evidence = \"touched\"")).unwrap().evidence, Evidence::Touched);
    assert_eq!(touched.tightened_by(&table("")).unwrap().evidence, Evidence::Touched);
    let errors = touched.tightened_by(&table("evidence = \"surviving\"")).unwrap_err();
    assert_eq!(errors[0].code, Code::LayerLoosens);
    assert_ne!(surviving.digest(), touched.digest());
}

#[test]
fn whitespace_is_the_first_layers_alone() {
    let exact = settings("whitespace = \"exact\"");
    assert!(exact.tightened_by(&table("whitespace = \"exact\"")).is_ok());
    assert!(exact.tightened_by(&table("whitespace = \"ignore\"")).is_err());
    assert!(settings("").tightened_by(&table("whitespace = \"exact\"")).is_err());
}

#[test]
fn moves_and_copies_are_the_first_layers_alone() {
    let (on, off) = (settings(""), settings("moves = false\ncopies = false"));
    for key in ["moves", "copies"] {
        assert!(on.tightened_by(&table(&format!("{key} = true"))).is_ok());
        assert!(on.tightened_by(&table(&format!("{key} = false"))).is_err());
        assert!(off.tightened_by(&table(&format!("{key} = false"))).is_ok());
        assert!(off.tightened_by(&table(&format!("{key} = true"))).is_err());
        assert_ne!(settings(&format!("{key} = false")).digest(), on.digest());
    }
    assert!(!settings("moves = false").moves && settings("moves = false").copies);
}

#[test]
fn commits_to_look_through_are_the_first_layers_alone() {
    let named = |digits: &[&str]| {
        let ids: Vec<String> = digits.iter().map(|digit| format!("\"{}\"", digit.repeat(40))).collect();
        format!("ignore-revs = [{}]", ids.join(", "))
    };
    let first = settings(&named(&["a", "b"]));
    assert_eq!(first.tightened_by(&table(&named(&["b"]))).unwrap().ignore_revs.len(), 2);
    assert!(first.tightened_by(&table(&named(&["b", "c"]))).is_err());
    assert!(settings("").tightened_by(&table(&named(&["a"]))).is_err());
    assert_ne!(first.digest(), settings("").digest());
    assert_eq!(first.digest(), settings(&named(&["b", "a"])).digest());
}

#[test]
fn of_a_layers_remotes_the_first_that_matches_counts_and_of_the_layers_the_strictest() {
    let first = settings(
        "[[policy.remote]]\nname = \"train*\"\ngate = \"block\"\n\
         [[policy.remote]]\nurl = \"ssh://feed.example/**\"\ngate = \"warn\"\n",
    );
    assert_eq!(first.gate(b"Training", b"ssh://feed.example/a/b"), Gate::Block);
    assert_eq!(first.gate(b"origin", b"ssh://feed.example/a/b"), Gate::Warn);
    assert_eq!(first.gate(b"origin", b"https://other.example/"), Gate::Publish);
    let later = table("[[policy.remote]]\nname = [\"origin\", \"up*\"]\ngate = \"publish\"\n");
    let both = first.tightened_by(&later).unwrap();
    assert_eq!(both.gate(b"origin", b"ssh://feed.example/a/b"), Gate::Publish);
    assert_eq!(both.gate(b"training", b"x"), Gate::Block);
    let warns = table("[[policy.remote]]\nname = \"**\"\ngate = \"warn\"\n");
    assert!(first.tightened_by(&warns).is_err());
}

#[test]
fn the_digest_is_of_what_is_asked_for_and_not_of_how_it_is_written() {
    assert_eq!(settings("").digest(), settings("# nothing\nunit = \"file\"").digest());
    assert_eq!(settings("").digest(), Settings::default().digest());
    assert_eq!(settings("").digest(), settings("").tightened_by(&table("")).unwrap().digest());
    assert_ne!(settings("").digest(), settings("unit = \"lines\"").digest());
    let remote = "[[policy.remote]]\nname = \"a\\\"b\"\ngate = \"block\"";
    assert_eq!(
        settings(&format!("unit = {{ share = 0.2 }}\n{remote}")).canonical(),
        r#"{"copies":true,"evidence":"surviving","ignore-revs":[],"moves":true,"remotes":[[{"gate":"block","name":["a\"b"],"url":null}]],"unit":{"share":0.2},"whitespace":"ignore"}"#
    );
}

#[test]
fn sources_of_training_data_add_up_and_are_in_the_digest() {
    let rule = |path: &str| format!("[[policy.training]]\npaths = \"{path}\"\n");
    let first = settings(&rule("a/**"));
    let both = first.tightened_by(&table(&rule("b/**"))).unwrap();
    assert_eq!((first.training.len(), both.training.len()), (1, 2));
    assert_ne!(first.digest(), both.digest());
    assert!(
        first.canonical().contains(r#""training":[{"branches":null,"paths":["a/**"]}],"unit""#),
        "{}",
        first.canonical()
    );
}
