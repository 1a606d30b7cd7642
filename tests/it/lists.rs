//! Every mistake that a list can have: `tests/lists/CODE.toml` has it, `tests/lists/CODE.txt` is what is shown.
//!
//! `CODE.policy.toml` is a policy file that goes with it, `CODE.layer.toml` a later list. With
//! `SNAPSHOTS=overwrite` in the environment the expected texts are written anew.

use std::path::{Path, PathBuf};

use withhold::identity::{Matcher, Person};
use withhold::policy::{Code, Diagnostic, Layers, List, PolicyFile, Source, Wanted};
use withhold::report::diagnostics::render;

/// 2026-01-01T00:00:00Z, when all of this happens.
const NOW: i64 = 1_767_225_600;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The file, under the name that messages are to show on every system.
fn read(name: &str) -> Result<Source, Vec<Diagnostic>> {
    let path = folder("tests/lists").join(name);
    if path.exists() {
        Source::from_bytes(format!("tests/lists/{name}"), std::fs::read(path).unwrap())
            .map_err(|one| vec![*one])
    } else {
        // Relative, so that the message is the same everywhere.
        Source::read(Path::new(&format!("tests/lists/{name}")), Wanted::List).map_err(|one| vec![*one])
    }
}

/// All that can be said about a case.
fn diagnostics(code: Code) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let exists = |suffix: &str| folder("tests/lists").join(format!("{code}{suffix}")).exists();
    let mut lists = Vec::new();
    let mut diagnostics = Vec::new();
    let mut policy = None;
    if exists(".policy.toml") {
        policy = Some(PolicyFile::parse(read(&format!("{code}.policy.toml"))?)?.0);
    }
    let only_policy = policy.is_some() && !exists(".toml");
    for suffix in [".toml", ".layer.toml"] {
        if only_policy || (suffix == ".layer.toml" && !exists(suffix)) {
            continue;
        }
        let (list, warnings) = List::parse(read(&format!("{code}{suffix}"))?)?;
        diagnostics.extend(warnings);
        diagnostics.extend(list.check_expiry(NOW).err().map(|error| *error));
        diagnostics.extend(met_nobody(&list));
        lists.push(list);
    }
    Layers::new(policy.as_ref(), lists, None)?;
    Ok(diagnostics)
}

/// The identities that do not mean the only person there is.
fn met_nobody(list: &List) -> Vec<Diagnostic> {
    let met = Matcher::new(list, None).unwrap().find(&Person::new("Ada Byron", "ada@corp.example"));
    let all = list.subjects.iter().enumerate().flat_map(|(subject, entry)| {
        (0..entry.identities.len()).map(move |identity| (subject as u32, identity as u32))
    });
    all.filter(|place| !met.iter().any(|found| (found.subject, found.identity) == *place))
        .map(|(subject, identity)| list.matched_nobody(subject, identity).unwrap())
        .collect()
}

#[test]
fn every_mistake_is_shown_as_it_is_recorded() {
    let overwrite = std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite");
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let found = diagnostics(*code).unwrap_or_else(|errors| errors);
        assert!(!found.is_empty() && found.iter().all(|one| one.code == *code), "{code}: {found:#?}");
        let shown = render(&found, false);
        let path = folder("tests/lists").join(format!("{code}.txt"));
        if overwrite {
            std::fs::write(&path, &shown).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n") != shown {
            wrong.push(format!("{}:\n{shown}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "not as recorded:\n{}", wrong.join("\n"));
}

#[test]
fn every_case_is_about_a_mistake_that_exists() {
    for entry in std::fs::read_dir(folder("tests/lists")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let code = name.split('.').next().unwrap();
        assert!(Code::ALL.iter().any(|known| known.as_str() == code), "{name}");
    }
}

#[test]
fn every_mistake_has_a_page_and_every_page_a_mistake() {
    let pages = folder("docs/diagnostics");
    let index = std::fs::read_to_string(pages.join("README.md")).unwrap();
    for code in Code::ALL {
        let page = std::fs::read_to_string(pages.join(format!("{code}.md"))).unwrap();
        assert!(page.starts_with(&format!("# {code}\n")), "{code}");
        assert!(index.contains(&format!("- [{code}]({code}.md): {}\n", code.meaning())), "{code}");
    }
    for entry in std::fs::read_dir(pages).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let stem = name.strip_suffix(".md").unwrap();
        assert!(stem == "README" || Code::ALL.iter().any(|code| code.as_str() == stem), "{name}");
    }
}

#[test]
fn the_mistakes_of_a_list_are_found_in_one_run() {
    let text = "schema = 1\nlist = \"\"\nserial = 0\nregime = \"opt\"\n[[subject]]\nid = \"ö\"\n\
        [[subject.identity]]\nemail = \"ada\"\nfrom = 2024-01-01T00:00:00\n[[rule]]\npaths = [\"/a\"]\n";
    let errors = List::parse(Source::new("x", text)).unwrap_err();
    let codes: Vec<_> = errors.iter().map(|error| error.code).collect();
    let expected = [
        Code::BadListName,
        Code::BadSerial,
        Code::UnknownValue,
        Code::BadId,
        Code::BadEmail,
        Code::LocalDate,
        Code::MissingKey,
        Code::BadGlob,
    ];
    assert_eq!(codes, expected);
}

#[test]
fn the_example_has_no_mistakes() {
    let text = include_str!("../../config/optout.example.toml");
    let (list, warnings) = List::parse(Source::new("optout.example.toml", text)).unwrap();
    assert_eq!(warnings, []);
    assert!(Layers::new(None, vec![list], None).is_ok());
}
