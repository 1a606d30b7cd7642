//! Structs and lists: values within, and items that are judged each by itself.

use super::*;
use crate::dataset::DatasetError;

/// As The Stack v3: a repository a row, its files in a list.
const FILES: &str = "message shard {
    optional binary repo (STRING);
    optional group files (LIST) { repeated group list { optional group element {
        optional binary id (STRING);
        optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
    } } }
    optional group meta { optional binary lang (STRING); }
    optional group who (LIST) { repeated group list { optional binary element (STRING); } }
}";

/// Three rows: `a` has files 1, 2 (without an id) and 3; `b` has NULL for a list; `c` an empty one; `d` has file 4.
fn files() -> Made {
    let group = vec![
        maybe([Some("a"), Some("b"), Some("c"), Some("d")]),
        nested(&["1", "3", "4"], &[(4, 0), (3, 1), (4, 1), (0, 0), (1, 0), (4, 0)]),
        nested(
            &["x", "y", "z"],
            // Of file 1 x and y; of 2 none (NULL); of 3 a NULL; of 4 z.
            &[(6, 0), (6, 2), (3, 1), (5, 1), (0, 0), (1, 0), (6, 0)],
        ),
        nested(&["rust"], &[(2, 0), (1, 0), (0, 0), (1, 0)]),
        nested(&["p", "q"], &[(3, 0), (2, 1), (3, 1), (1, 0), (0, 0), (1, 0)]),
    ];
    make(FILES, vec![group])
}

#[test]
fn leaves_have_the_names_that_people_give_them() {
    let made = files();
    let names = super::super::names(&made.path()).unwrap();
    assert_eq!(names, ["repo", "files[].id", "files[].tags", "meta.lang", "who"]);
    let old = "message shard {
        repeated binary plain; repeated group rows { required binary id; }
        optional group two (LIST) { repeated group array { required binary id; } }
        optional group one (LIST) { repeated binary element; }
        optional group deep (LIST) { repeated group list { optional group element (LIST) { repeated group list {
            optional binary element; } } } }
        optional group pairs (MAP) { repeated group key_value { required binary key; optional binary value; } }
    }";
    let made = make(old, vec![]);
    let names = super::super::names(&made.path()).unwrap();
    assert_eq!(names, ["plain", "rows[].id", "two[].id", "one", "deep[]", "pairs[].key", "pairs[].value"]);
}

#[test]
fn items_are_judged_each_with_what_their_row_has() {
    let asked = columns(&[
        ("files[].id", Meaning::Sha1),
        ("repo", Meaning::Repo),
        ("files[].tags", Meaning::Identity),
        ("who", Meaning::Identity),
        ("meta.lang", Meaning::Path),
    ]);
    let lines = [
        "1 a [x y] [p - q] rust",
        "- a - [p - q] rust",
        "3 a [-] [p - q] rust",
        "- b - [] -",
        "- c - - -",
        "4 d [z] [] -",
    ];
    assert_eq!(seen(&files().path(), &asked), lines);
}

#[test]
fn rows_are_judged_as_a_whole_where_no_item_is_asked_for() {
    let asked = columns(&[("repo", Meaning::Repo), ("who", Meaning::Identity)]);
    assert_eq!(seen(&files().path(), &asked), ["a [p - q]", "b []", "c -", "d []"]);
    let mut judge =
        |row: &Row<'_>| if shown(&row.values[0]) == "a" { Decision::Drop } else { Decision::Keep };
    let made = files();
    let (out, tally) = made.filter(&asked, &mut judge);
    assert_eq!((tally.written, rows(&out)), (3, made.rows()[1..].to_vec()));
}

/// The rows that are left when the items of these ids, and of these repositories, go.
fn without(ids: &[&str], repos: &[&str]) -> (Vec<String>, Tally) {
    let asked = columns(&[("repo", Meaning::Repo), ("files[].id", Meaning::Sha1)]);
    let mut judge = |row: &Row<'_>| {
        let goes =
            repos.contains(&shown(&row.values[0]).as_str()) || ids.contains(&shown(&row.values[1]).as_str());
        if goes { Decision::Drop } else { Decision::Keep }
    };
    let (out, tally) = files().filter(&asked, &mut judge);
    (rows(&out), tally)
}

#[test]
fn items_that_go_are_cut_from_every_column_of_their_list() {
    let whole = files().rows();
    assert!(
        whole[0].contains(
            "[{id: \"1\", tags: [\"x\", \"y\"]}, {id: null, tags: null}, {id: \"3\", tags: [null]}]"
        ),
        "{whole:?}"
    );
    let (left, tally) = without(&["1"], &[]);
    assert!(left[0].contains("files: [{id: null, tags: null}, {id: \"3\", tags: [null]}]"), "{left:?}");
    assert_eq!((&left[1..], tally), (&whole[1..], Tally { read: 4, written: 4 }));
    let (left, _) = without(&["3"], &[]);
    assert!(
        left[0].contains("files: [{id: \"1\", tags: [\"x\", \"y\"]}, {id: null, tags: null}]"),
        "{left:?}"
    );
    let (left, _) = without(&["1", "3"], &[]);
    assert!(left[0].contains("files: [{id: null, tags: null}]"), "{left:?}");
}

#[test]
fn a_row_none_of_whose_items_stays_goes() {
    let whole = files().rows();
    let (left, tally) = without(&["4"], &["a"]);
    assert_eq!((left, tally.written), (whole[1..3].to_vec(), 2));
    // A row without items is judged once, by what it has.
    let (left, _) = without(&[], &["b", "c"]);
    assert_eq!(left, [whole[0].clone(), whole[3].clone()]);
    assert_eq!(without(&["-", "1", "3", "4"], &[]).0, Vec::<String>::new());
}

#[test]
fn a_content_of_an_item_can_be_replaced() {
    let asked = columns(&[("files[].id", Meaning::Content), ("repo", Meaning::Repo)]);
    let made = files();
    let mut judge = |row: &Row<'_>| match (shown(&row.values[0]).as_str(), shown(&row.values[1]).as_str()) {
        ("?", "a" | "d") => Decision::Read,
        ("3", _) => Decision::Replace(b"new".to_vec()),
        ("4", _) => Decision::Drop,
        _ => Decision::Keep,
    };
    let (out, tally) = made.filter(&asked, &mut judge);
    let left = rows(&out);
    assert_eq!(tally, Tally { read: 4, written: 3 });
    assert!(left[0].contains(
        "[{id: \"1\", tags: [\"x\", \"y\"]}, {id: null, tags: null}, {id: \"new\", tags: [null]}]"
    ));
    assert_eq!(left[1..], made.rows()[1..3]);
}

#[test]
fn a_column_that_another_one_is_but_for_case_is_refused() {
    let told = |schema: &str, name: &str| {
        let columns = columns(&[(name, Meaning::Sha1)]);
        super::super::verify(&make(schema, vec![]).path(), &columns, &mut |_: &Row<'_>| Decision::Keep, &())
            .map_err(|error| error.to_string())
    };
    let list = |name: &str, id: &str| {
        format!(
            "optional group {name} (LIST) {{ repeated group list {{ optional group element {{
                optional binary {id}; }} }} }}"
        )
    };
    let of = |fields: &str| format!("message shard {{ {fields} }}");
    let flat = of("required binary Content; required binary content; required binary other;");
    let why = "column `content` is there more than once but for case: `Content`";
    assert_eq!(told(&flat, "content").unwrap_err(), why);
    assert!(told(&flat, "other").is_ok());
    let lists = of(&[list("files", "id"), list("Files", "x")].concat());
    assert!(told(&lists, "files[].id").unwrap_err().ends_with("but for case: `Files[].x`"));
    let fields = of("optional group files { required binary id; required binary ID; required binary x; }");
    assert!(told(&fields, "files.id").unwrap_err().ends_with("but for case: `files.ID`"));
    assert!(told(&fields, "files.x").is_ok());
    let apart = of("optional group a { required binary id; } optional group b { required binary ID; }");
    assert!(told(&apart, "a.id").is_ok());
}

#[test]
fn what_cannot_be_looked_at_says_so() {
    let schema = "message shard { optional group deep (LIST) { repeated group list {
        optional group element (LIST) { repeated group list { optional binary element; } } } }
        optional group a (LIST) { repeated group list { optional group element { optional binary id; } } } }";
    let made = make(schema, vec![]);
    let refused = |name: &str, meaning| {
        let error = super::super::verify(
            &made.path(),
            &columns(&[(name, meaning)]),
            &mut |_: &Row<'_>| Decision::Keep,
            &(),
        );
        assert!(matches!(error, Err(DatasetError::Column { .. })), "{error:?}");
        error.unwrap_err().to_string()
    };
    assert!(refused("deep[]", Meaning::Repo).contains("lists within lists"));
    assert!(refused("a", Meaning::Repo).contains("name one of its fields, as in `a[].id`"));
    assert!(refused("a[].if", Meaning::Repo).contains("did you mean `a[].id`?"));
}
