//! No name, no address, no login and no id of a list's subject is ever in a manifest.

use super::case::{HEAD, Scan, history};
use crate::support::{Commit, Repo};

/// Everything that could give somebody away, in the list and in the history.
const SECRETS: [&str; 18] = [
    "Adelheid",
    "Zwiebelturm",
    "adelheid.zt",
    "person.example",
    "583231",
    "octokatze",
    "Bertrand",
    "Quellwasser",
    "bertrand.qw",
    "elsewhere.example",
    "Cunegonde",
    "cunegonde.x",
    "Dietlinde",
    "dietlinde.y",
    "s-7q4kx2mn",
    "r-legal-hold",
    "ticket 4711",
    "Geheimvertrag",
];

const LIST: &str = r#"
[[subject]]
id = "s-7q4kx2mn"
reason = "ticket 4711"
[[subject.identity]]
email = "adelheid.zt@person.example"
[[subject.identity]]
forge = "github.com:583231"
[[subject.identity]]
name = "Adelheid Zwiebelturm"
name-alone = true
[[subject.preference]]
decision = "disallow"
roles = ["author", "co-author", "committer", "tagger", "signed-off-by"]

[[rule]]
id = "r-legal-hold"
reason = "Geheimvertrag"
paths = ["held/**"]
"#;

fn repo() -> Repo {
    let repo = history(|script| {
        let one = script.add(
            Commit::root()
                .author("Adelheid Zwiebelturm", "adelheid.zt@person.example")
                .file("a.txt", "one\n"),
        );
        let two = script.add(
            Commit::on([one])
                .author("octokatze", "583231+octokatze@users.noreply.github.com")
                .committer("Cunegonde", "cunegonde.x@elsewhere.example")
                .file("b.txt", "two\n")
                .file("held/c.txt", "three\n"),
        );
        script.add(
            Commit::on([two])
                .author("Bertrand Quellwasser", "bertrand.qw@elsewhere.example")
                .message("m\n\nCo-authored-by: Dietlinde <dietlinde.y@person.example>\nSigned-off-by: Adelheid Zwiebelturm <x@y>\n")
                .file("d.txt", "four\n"),
        );
    });
    let tag = format!(
        "object {}\ntype commit\ntag v1\ntagger Adelheid Zwiebelturm <adelheid.zt@person.example> 1700000000 +0000\n\nm\n",
        repo.id("main")
    );
    let tag = repo.write_object("tag", tag.as_bytes());
    repo.git(["update-ref", "refs/tags/v1", &tag]);
    repo
}

#[track_caller]
fn assert_discreet(what: &str, text: &[u8]) {
    let text = String::from_utf8_lossy(text).to_lowercase();
    for secret in SECRETS {
        assert!(!text.contains(&secret.to_lowercase()), "{what} tells `{secret}`");
    }
}

#[test]
fn manifests_name_nobody_in_any_profile() {
    let repo = repo();
    for profile in ["keys", "paths", "audit"] {
        let scan =
            || Scan::of(&repo, LIST).args(["--profile", profile]).env("WITHHOLD_KEY", "0123456789abcdef");
        let found = scan().found_in(profile);
        // They are all in it, under keys and pseudonyms.
        assert_eq!((found.unit("commit").is_empty(), found.unit("tag").is_empty()), (false, false));
        assert_eq!(found.ids("commit").len(), 3);
        for file in std::fs::read_dir(&found.out).unwrap() {
            let file = file.unwrap();
            assert_discreet(
                &format!("{profile}/{:?}", file.file_name()),
                &std::fs::read(file.path()).unwrap(),
            );
        }
        assert_discreet("the summary for programs", found.summary.to_string().as_bytes());
        assert_discreet("standard error", found.said.as_bytes());
        let stream = scan().stream().output();
        assert!(stream.stdout.len() > 1000);
        assert_discreet("the stream", &stream.stdout);
        let shown = repo.withhold(["manifest".as_ref(), "show".as_ref(), found.out.as_os_str()]);
        assert_discreet("manifest show", &shown.stdout);
        let human = scan().args(["--threads", "1"]).output();
        assert_discreet("the summary for people", &human.stdout);
        std::fs::remove_dir_all(repo.beside("manifest")).unwrap();
    }
}

/// A pseudonym is of its list's serial and key: two manifests cannot be joined by it.
#[test]
fn pseudonyms_change_with_the_serial_and_the_key() {
    let repo = repo();
    let rules = |serial: &str, key: &str, out: &str| {
        let list = HEAD.replace("serial = 7", serial) + LIST;
        let scan = Scan::without_list(&repo).list("optout.toml", &list);
        let found = scan.args(["--profile", "audit"]).env("WITHHOLD_KEY", key).found_in(out);
        found
            .entries
            .iter()
            .map(|row| row["rule"].as_str().unwrap().to_owned())
            .collect::<std::collections::BTreeSet<_>>()
    };
    let first = rules("serial = 7", "0123456789abcdef", "one");
    assert_eq!(first.len(), 2, "a subject and a rule");
    assert!(first.is_disjoint(&rules("serial = 8", "0123456789abcdef", "two")));
    assert!(first.is_disjoint(&rules("serial = 7", "0123456789abcdeX", "three")));
    assert_eq!(first, rules("serial = 7", "0123456789abcdef", "four"));
}

/// Where a scan fails, its words are about objects, not about people.
#[test]
fn errors_name_nobody_in_the_history() {
    let missing = repo();
    std::fs::remove_file(missing.loose(&unpacked(&missing, "main~1:b.txt"))).unwrap();
    assert_discreet("a missing blob", Scan::of(&missing, LIST).fails(5).as_bytes());

    let odd = repo();
    let commit = String::from_utf8(odd.git(["cat-file", "commit", "main"]).stdout).unwrap();
    let broken = odd.write_object("commit", commit.replace("tree ", "true ").as_bytes());
    std::fs::write(odd.path().join("refs/heads/main"), broken + "\n").unwrap();
    assert_discreet("a broken commit", Scan::of(&odd, LIST).fails(5).as_bytes());
}

/// Makes every object a file of its own; the id of `rev`.
pub(super) fn unpacked(repo: &Repo, rev: &str) -> String {
    let id = repo.id(rev);
    let packs = repo.path().join("objects/pack");
    for file in std::fs::read_dir(&packs).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pack") {
            let pack = std::fs::read(&path).unwrap();
            for extension in ["pack", "idx", "rev"] {
                let _ = std::fs::remove_file(path.with_extension(extension));
            }
            repo.git_with(["unpack-objects", "-q"], &pack);
        }
    }
    assert!(repo.loose(&id).exists());
    id
}
