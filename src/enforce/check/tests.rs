use super::*;
use crate::manifest::{Digest, Hashes, HeaderParts, ListOrigin, ListRef, Tool};
use crate::policy::Purposes;

const NOW: Timestamp = 1_700_000_000;

fn parts() -> HeaderParts {
    HeaderParts {
        tool: Tool { name: "withhold".into(), version: "0".into() },
        created_at: NOW,
        not_before: None,
        not_after: None,
        lists: vec![ListRef {
            name: "a".into(),
            serial: 1,
            digest: Digest::of(b"a"),
            origin: ListOrigin::Given,
        }],
        policy_digest: Digest::of(b"policy"),
        purposes: Purposes::ALL,
        previous: None,
        merged_from: Vec::new(),
    }
}

fn reference(incomplete: Option<&str>) -> CoverageRow {
    CoverageRow::of_ref(RefCoverage {
        repo: Some("r".into()),
        name: Some("refs/heads/main".into()),
        tip: ObjectId::from_bytes([1; 20]),
        files: 1,
        lines: 1,
        commits: 1,
        tags: 0,
        submodules: 0,
        history: false,
        incomplete: incomplete.map(str::to_owned),
    })
}

fn manifest(parts: HeaderParts, coverage: CoverageRow) -> Manifest {
    let blob = CoverageRow::blob(&Hashes::of_blob(b"x"));
    Manifest::build(parts, Vec::new(), vec![coverage, blob], Profile::Paths, 1).unwrap()
}

fn found(manifest: &Manifest) -> Vec<(Rule, String)> {
    let own = self::manifest(parts(), reference(None));
    let findings = complete_and_fresh(manifest, own.header(), NOW);
    findings.into_iter().map(|finding| (finding.rule, finding.notes.join("; "))).collect()
}

#[test]
fn one_that_is_complete_and_in_date_passes() {
    assert_eq!(found(&manifest(parts(), reference(None))), []);
    let last = HeaderParts { not_after: Some(NOW), not_before: Some(NOW), ..parts() };
    assert_eq!(found(&manifest(last, reference(None))), []);
}

#[test]
fn one_that_says_it_is_incomplete_is_taken_at_its_word() {
    let found = found(&manifest(parts(), reference(Some("shallow"))));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, Rule::ManifestIncomplete);
    assert!(found[0].1.contains("shallow"), "{}", found[0].1);
}

#[test]
fn one_that_is_out_of_date_says_in_what() {
    let other_list = ListRef { serial: 2, ..parts().lists[0].clone() };
    let more_lists = vec![parts().lists[0].clone(), ListRef { name: "b".into(), ..other_list.clone() }];
    for (stale, why) in [
        (HeaderParts { not_after: Some(NOW - 1), ..parts() }, "expired"),
        (HeaderParts { not_before: Some(NOW + 1), ..parts() }, "not be used yet"),
        (HeaderParts { lists: vec![other_list], ..parts() }, "serial 2"),
        (HeaderParts { lists: more_lists, ..parts() }, "`b`"),
        (HeaderParts { policy_digest: Digest::of(b"other"), ..parts() }, "another policy"),
    ] {
        let found = found(&manifest(stale, reference(None)));
        assert_eq!(found.len(), 1, "{why}");
        assert_eq!(found[0].0, Rule::ManifestStale);
        assert!(found[0].1.contains(why), "{}", found[0].1);
    }
}

#[test]
fn the_order_of_lists_makes_no_difference() {
    let lists = vec![parts().lists[0].clone(), ListRef { name: "b".into(), ..parts().lists[0].clone() }];
    let reversed = lists.iter().rev().cloned().collect();
    let one = manifest(HeaderParts { lists, ..parts() }, reference(None));
    let other = manifest(HeaderParts { lists: reversed, ..parts() }, reference(None));
    assert_eq!(complete_and_fresh(&one, other.header(), NOW), []);
}

#[test]
fn rows_are_held_against_each_other() {
    let one = manifest(parts(), reference(None));
    assert_eq!(same_rows(&one, &one), None);
    let id = Hashes::of_blob(b"y").git_sha1;
    for (row, said) in [
        (CoverageRow::blob(&Hashes::of_blob(b"y")), format!("coverage of blob {id}")),
        (CoverageRow::path("corp/engine".into(), "src/y.rs".into()), "coverage of path src/y.rs".to_owned()),
    ] {
        let coverage = [one.coverage(), &[row]].concat();
        let more = Manifest::build(parts(), Vec::new(), coverage, Profile::Paths, 1).unwrap();
        assert_eq!(same_rows(&one, &more).unwrap().finding.notes, [format!("lacks {said}")]);
        assert_eq!(same_rows(&more, &one).unwrap().finding.notes, [format!("has {said}")]);
    }
}
