//! Columns that are stored as integers: ids of accounts, and nothing at all.

use super::*;
use crate::dataset::DatasetError;

const IDS: &str = "message shard {
    required binary id (STRING); optional int64 user; optional int64 actor (INTEGER(64,false)); optional int32 small;
    optional int64 day (TIMESTAMP(MILLIS,true));
    optional group all (LIST) { repeated group list { optional int64 element; } }
}";

fn ids() -> Made {
    let number = |values: &[i64], levels: &[(i16, i16)]| {
        let reps = levels.iter().map(|level| level.1).collect();
        Chunk::Number(values.to_vec(), levels.iter().map(|level| level.0).collect(), reps)
    };
    let flat = |values: &[i64], defs: &[i16]| Chunk::Number(values.to_vec(), defs.to_vec(), vec![]);
    make(
        IDS,
        vec![vec![
            text(["a", "b", "c"]),
            flat(&[583_231, -7], &[1, 0, 1]),
            flat(&[-1, 2], &[1, 1, 0]),
            Chunk::Small(vec![5], vec![0, 1, 0]),
            flat(&[1], &[1, 0, 0]),
            number(&[3, 4], &[(3, 0), (2, 1), (3, 1), (0, 0), (1, 0)]),
        ]],
    )
}

#[test]
fn the_id_of_an_account_may_be_a_number() {
    let asked = columns(&[
        ("user", Meaning::Identity),
        ("actor", Meaning::Identity),
        ("small", Meaning::Identity),
        ("all", Meaning::Identity),
    ]);
    let lines = ["583231 18446744073709551615 - [3 - 4]", "- 2 5 -", "-7 - - []"];
    assert_eq!(seen(&ids().path(), &asked), lines);
    for (name, meaning) in [("user", Meaning::Repo), ("user", Meaning::GitSha1), ("day", Meaning::Identity)] {
        let error = refused(&ids(), name, meaning).to_string();
        assert!(error.contains("is of type INT64, and should be text or bytes"), "{error}");
    }
}

fn refused(made: &Made, name: &str, meaning: Meaning) -> DatasetError {
    let keep = &mut |_: &Row<'_>| Decision::Keep;
    super::super::verify(&made.path(), &columns(&[(name, meaning)]), keep, &()).unwrap_err()
}

#[test]
fn a_column_of_nothing_has_no_value() {
    let nothing = |values: Vec<i32>, defs: Vec<i16>| {
        let schema = "message shard { required binary id (STRING); optional int32 none (UNKNOWN); }";
        make(schema, vec![vec![text(["a", "b", "c"]), Chunk::Small(values, defs)]])
    };
    let asked = columns(&[("id", Meaning::Sha1), ("none", Meaning::Repo)]);
    let made = nothing(vec![], vec![0, 0, 0]);
    assert_eq!(seen(&made.path(), &asked), ["a -", "b -", "c -"]);
    let mut judge =
        |row: &Row<'_>| if shown(&row.values[0]) == "b" { Decision::Drop } else { Decision::Keep };
    assert_eq!(rows(&made.filter(&asked, &mut judge).0).len(), 2);
    let contents = columns(&[("none", Meaning::Content), ("id", Meaning::Sha1)]);
    assert_eq!(seen(&made.path(), &contents), ["? a", "? b", "? c"]);
    let lies = nothing(vec![7], vec![0, 1, 0]);
    let error = refused(&lies, "none", Meaning::Repo);
    assert!(error.to_string().contains("a column of nothing but NULLs has a value"), "{error}");
}
