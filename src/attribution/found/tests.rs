use super::*;

/// Numbers that stay.
const SAME: [ChangeNo; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

#[test]
fn what_is_learned_is_found_after_it_was_kept() {
    let follow = Follow { moves: Some(20), copies: None };
    let part = Part { at: 1, len: 2, parent: 0, path: 7, there: 30 };
    let (full, none) = (wanted(5, b"text"), wanted(4, b"text"));
    let first = Found::new(Later::default(), follow, true, true);
    first.learn(full, vec![part]);
    let mut saved = first.learned(&SAME);
    let second = Found::new(Later::now(vec![saved.clone()]), follow, true, true);
    second.learn(none, vec![]);
    saved.extend(second.learned(&SAME));
    let bytes = saved.encode();
    saved = SavedFound::decode(&*bytes, bytes.len() as u64).unwrap();
    assert!(SavedFound::decode(&*bytes, bytes.len() as u64 - 1).is_none());
    let kept = vec![SavedFound::default(), saved];
    let later = |follow, white| Found::new(Later::now(kept.clone()), follow, white, false);
    let third = later(follow, true);
    for found in [&second, &third] {
        assert_eq!(found.find(full), Some(vec![part]));
        assert_eq!(found.find(none), Some(vec![]));
        assert_eq!(found.find(wanted(5, b"another")), None);
        assert_eq!(found.find(wanted(6, b"text")), None);
    }
    let other = Follow { copies: Some(40), ..follow };
    assert_eq!(later(other, true).find(full), None);
    assert_eq!(later(follow, false).find(full), None);
}

#[test]
fn parts_of_barren_lines_are_barren() {
    let mut saved = SavedFound::default();
    for ranges in [vec![(5, 10, 20), (5, 12, 18), (5, 15, 30), (7, 0, 4)], vec![(5, 0, 11), (4, 0, 99)]] {
        let found = Found::new(Later::now(vec![saved.clone()]), Follow::default(), false, true);
        for (change, first, end) in &ranges {
            found.learn_barren(*change, *first, *end);
            assert!(found.is_barren(*change, *first, *end), "also in the run that learned it");
        }
        assert!(!found.is_barren(5, 12, 31) && !found.is_barren(6, 0, 1));
        saved.extend(found.learned(&SAME));
        let bytes = saved.encode();
        saved = SavedFound::decode(&*bytes, bytes.len() as u64).unwrap();
    }
    let found = Found::new(Later::now(vec![saved]), Follow::default(), false, false);
    for (first, end) in [(10, 20), (11, 19), (15, 30), (0, 11), (3, 4)] {
        assert!(found.is_barren(5, first, end), "{first}..{end}");
    }
    for (first, end) in [(10, 21), (9, 20), (14, 30), (29, 31), (0, 12)] {
        assert!(!found.is_barren(5, first, end), "{first}..{end}");
    }
    assert!(!found.is_barren(6, 0, 4) && !found.is_barren(3, 0, 1));
}

#[test]
fn changes_can_be_renumbered() {
    let found = Found::new(Later::default(), Follow::default(), false, true);
    let part = Part { at: 0, len: 1, parent: 0, path: 0, there: 0 };
    found.learn(wanted(0, b"a"), vec![part]);
    found.learn(wanted(1, b"b"), vec![]);
    found.learn_barren(0, 4, 9);
    let saved = found.learned(&[1, 0]);
    let found = Found::new(Later::now(vec![saved]), Follow::default(), false, false);
    assert_eq!(found.find(wanted(1, b"a")), Some(vec![part]));
    assert_eq!(found.find(wanted(0, b"b")), Some(vec![]));
    assert!(found.is_barren(1, 4, 9) && !found.is_barren(0, 4, 9));
}

#[test]
fn columns_that_do_not_hold_together_are_forgotten() {
    let found = Found::new(Later::default(), Follow::default(), false, true);
    found.learn(wanted(1, b"a"), vec![]);
    let mut saved = found.learned(&SAME);
    saved.counts[0] = 3;
    assert_eq!(
        Found::new(Later::now(vec![saved]), Follow::default(), false, false).find(wanted(1, b"a")),
        None
    );
}

#[test]
fn what_has_no_room_is_not_remembered_and_what_is_known_stays() {
    let part = Part { at: 1, len: 2, parent: 0, path: 7, there: 30 };
    let with_most = |most| Found::with_most(Later::default(), Follow::default(), false, true, most);
    let learn = |found: &Found, changes: std::ops::Range<ChangeNo>| {
        for change in changes.clone() {
            found.learn(wanted(change, b"text"), vec![part; 2]);
            found.learn_barren(change, 5, 9);
        }
        let known = |change: &ChangeNo| found.find(wanted(*change, b"text")) == Some(vec![part; 2]);
        changes.filter(known).count()
    };
    let none = with_most(0);
    assert_eq!(learn(&none, 0..9), 0);
    let few = with_most(2 * (24 + 2 * 20 + 12));
    assert_eq!(learn(&few, 0..9), 2);
    let saved = few.learned(&SAME);
    assert_eq!((saved.texts.len(), saved.barren.len()), (2, 2));
    assert!(few.find(wanted(1, b"text")).is_some() && few.find(wanted(2, b"text")).is_none());
}
