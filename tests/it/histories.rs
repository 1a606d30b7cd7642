//! Histories as they occur and as they should not, each held against `git blame`, byte for byte.

mod contents;
mod kinds;
mod moves;
mod oddities;
mod people;
mod renames;
mod shapes;
mod through;

/// So many different lines: `line 1` and so on.
fn lines(count: usize) -> String {
    (1..=count).map(|number| format!("line {number}\n")).collect()
}

/// [`lines`] with some replaced, counted from 1.
fn edited(count: usize, edits: &[usize], text: &str) -> String {
    let line = |number| {
        if edits.contains(&number) { format!("{text} {number}\n") } else { format!("line {number}\n") }
    };
    (1..=count).map(line).collect()
}
