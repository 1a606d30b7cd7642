//! Whether the lists in use are older than ones used before.
//!
//! Decides where that is remembered: beside the index. Lists that revisions carry are told apart from those that are
//! given.

use std::io::Write;

use withhold::enforce::finding::Finding;
use withhold::enforce::seen::SeenHere;
use withhold::exit::Exit;
use withhold::manifest::ListRef;
use withhold::scan;

use super::inputs::{Given, Inputs};
use super::{Context, Failure};

/// What is wrong with the lists in use, given what was seen in this repository; if nothing is, they are remembered. Those
/// that the revisions carry are, if `remember_own` says so: anybody's revision can carry one.
pub(crate) fn hold(
    context: &Context,
    given: &Given,
    inputs: &Inputs,
    lists: &[ListRef],
    remember_own: bool,
) -> Result<Vec<Finding>, Failure> {
    let Some(path) = given.kept.beside(context, &inputs.repository, "lists") else {
        return Ok(Vec::new());
    };
    let mut seen = SeenHere::load(&path).map_err(|error| {
        let what = format!("cannot read in {} which lists were seen: {error}", path.display());
        Failure::new(Exit::Incomplete, what).hint("if no newer list was ever used here, remove that file")
    })?;
    let is_own = |name: &str| inputs.tips.iter().any(|tip| scan::is_own_list(tip, name));
    let with_layers = lists.iter().cloned().zip(&inputs.layers.lists);
    let (own, given): (Vec<_>, Vec<_>) = with_layers.partition(|(_, list)| is_own(&list.source.name));
    let names = |lists: Vec<(ListRef, _)>| lists.into_iter().map(|(list, _)| list).collect::<Vec<_>>();
    let (own, given) = (names(own), names(given));
    let mut found = seen.given.hold(&given, "this repository");
    found.extend(seen.own.hold(&own, "this repository"));
    let before = seen.clone();
    seen.given.learn(&given);
    if remember_own {
        seen.own.learn(&own);
    }
    if found.is_empty()
        && seen != before
        && let Err(error) = seen.store(&path)
        && !context.quiet
    {
        let path = path.display();
        let note = format!("note: {path} is not kept, so an older list would not be noticed: {error}");
        writeln!(anstream::stderr(), "{note}")?;
    }
    Ok(found)
}
