//! Whether the lists in use are older than ones used before.
//!
//! Decides where that is remembered: in a repository beside the index, for data sets in the cache; and that it is said where
//! it is not. Lists that revisions carry are told apart from those that are given.

use std::path::PathBuf;

use withhold::enforce::finding::Finding;
use withhold::enforce::seen::SeenHere;
use withhold::exit::Exit;
use withhold::manifest::ListRef;

use super::inputs::{Given, Inputs};
use super::{Context, Failure, output};

/// The lists that were seen before.
pub(crate) struct Memory {
    pub(crate) seen: SeenHere,
    before: SeenHere,
    path: Option<PathBuf>,
}

impl Memory {
    /// Reads what is remembered in a file. Where there is none, an older list would not be noticed; that is said.
    pub(crate) fn open(context: &Context, path: Option<PathBuf>) -> Result<Self, Failure> {
        let Some(file) = &path else {
            output::note(context, "which lists were seen is not kept, so an older list would not be noticed");
            return Ok(Self { seen: SeenHere::default(), before: SeenHere::default(), path });
        };
        let seen = SeenHere::load(file).map_err(|error| {
            let what = format_args!("cannot read in {} which lists were seen: {error}", file.display());
            Failure::new(Exit::Incomplete, what).hint("if no newer list was ever seen, remove that file")
        })?;
        Ok(Self { before: seen.clone(), seen, path })
    }

    /// Keeps what was seen since.
    ///
    /// # Errors
    /// It cannot be kept; in words.
    pub(crate) fn keep(&self) -> Result<(), String> {
        let Some(path) = self.path.as_ref().filter(|_| self.seen != self.before) else { return Ok(()) };
        let path_shown = path.display();
        self.seen.store(path).map_err(|error| {
            format!("{path_shown} is not kept, so an older list would not be noticed: {error}")
        })
    }
}

/// What is wrong with the lists in use, given what was seen in this repository; if nothing is, they are remembered. Those
/// that the revisions carry are, if `remember_own` says so: anybody's revision can carry one.
pub(crate) fn hold(
    context: &Context,
    given: &Given,
    inputs: &Inputs,
    lists: &[ListRef],
    remember_own: bool,
) -> Result<Vec<Finding>, Failure> {
    let mut memory = Memory::open(context, given.kept.beside(context, &inputs.repository, "lists"))?;
    let found = memory.seen.hold(lists, "this repository");
    memory.seen.learn_given(lists);
    if remember_own {
        memory.seen.learn_own(lists);
    }
    if found.is_empty()
        && let Err(why) = memory.keep()
    {
        output::note(context, why);
    }
    Ok(found)
}
