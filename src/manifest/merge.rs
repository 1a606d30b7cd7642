//! Several manifests become one.
//!
//! Decides what can be said of all of them together, and fails closed: the merged manifest excludes what any of them excludes,
//! and never claims of a row more than the manifest claimed that it is from. So it decides the purposes that all of them decide,
//! holds only as long as all of them hold, tells no more than the one that tells least, and of each list names the oldest
//! serial, as a gate that knows a newer one must refuse the rows that were made under the older.
//!
//! A union by the rows' order: associative, commutative and idempotent.

use std::collections::{BTreeMap, BTreeSet};

use super::digest::Digest;
use super::error::{ManifestError, shown};
use super::header::{Counts, Header, ListOrigin, ListRef, RowSet, SCHEMA, SCHEMA_VERSION, Tool};
use super::input::{Input, Work};
use super::profile::Profile;
use super::put::{Output, Put, put};
use super::rfc3339;
use super::union::Unite;
use super::union::window::Limits;
use crate::policy::{Purposes, Timestamp};

/// Merges manifests into one, which `tool` writes. Gives its header. No clock is read: `now` is the time
/// at which none of them may have expired.
///
/// Memory does not grow with the number of rows, but for the rows of one file version whose ranges touch, and, where manifests
/// that have names are merged with one that has not, for the rows of refs.
///
/// # Errors
/// [`ManifestError::Expired`]; [`ManifestError::SerialReused`]; [`ManifestError::Apart`] if they have no purpose or no time in common, or there is none;
/// [`ManifestError::One`] if one is not sound; [`ManifestError::TooMany`]; what writing one can end with.
pub fn merge(
    inputs: Vec<Input>,
    tool: Tool,
    now: Timestamp,
    output: Output<'_>,
    work: Work<'_>,
) -> Result<Header, ManifestError> {
    for input in &inputs {
        if let Some(after) = input.header().not_after.filter(|after| now > *after) {
            let at = rfc3339::encode(after).unwrap_or_default();
            return Err(ManifestError::Expired { path: input.name().to_owned(), at });
        }
    }
    // Each once, in an order that does not depend on the one in which they are given.
    let inputs: BTreeMap<Digest, Input> = inputs.into_iter().map(|input| (input.digest(), input)).collect();
    let inputs: Vec<Input> = inputs.into_values().collect();
    one_list_of_each_serial(&inputs)?;
    let header = merged(&inputs, tool)?;
    let (profile, purposes) = (header.profile, header.purposes);
    let kept = inputs.iter().map(Input::header).all(|one| (one.profile, one.purposes) == (profile, purposes));
    let out = Put::begin(output)?;
    let folder = out.folder();
    let unite = Unite::new(&inputs, Limits { profile, purposes, kept }, work, &folder);
    work.begin(&inputs);
    put(out, header, work, |sink| unite.each(sink), |sink| unite.each(sink), |_| Ok(None))
}

/// That of the lists that were given no two have one name and serial and are different: which rows were made under
/// which of them could not be told any more.
fn one_list_of_each_serial(inputs: &[Input]) -> Result<(), ManifestError> {
    let mut known: BTreeMap<(&str, u64), (&Digest, &Input)> = BTreeMap::new();
    for input in inputs {
        for list in input.header().lists.iter().filter(|list| list.origin.is_given()) {
            let (digest, first) = known.entry((&list.name, list.serial)).or_insert((&list.digest, input));
            if **digest != list.digest {
                return Err(ManifestError::SerialReused {
                    list: shown(&list.name),
                    serial: list.serial,
                    paths: [first, input].map(|input| input.name().to_owned()),
                });
            }
        }
    }
    Ok(())
}

/// What the header says that does not follow from the rows.
fn merged(inputs: &[Input], tool: Tool) -> Result<Header, ManifestError> {
    let headers = || inputs.iter().map(Input::header);
    let apart = |what| ManifestError::Apart { what };
    let purposes = headers().map(|header| header.purposes).reduce(Purposes::intersection);
    let purposes = purposes.ok_or_else(|| apart("there is none"))?;
    if purposes.is_empty() {
        return Err(apart("there is no purpose that all of them decide"));
    }
    let not_before = headers().filter_map(|header| header.not_before).max();
    let not_after = headers().filter_map(|header| header.not_after).min();
    if not_before.zip(not_after).is_some_and(|(before, after)| before > after) {
        return Err(apart("there is no time at which all of them hold"));
    }
    let policies: BTreeSet<Digest> = headers().flat_map(policies).collect();
    let policies: Vec<Digest> = policies.into_iter().collect();
    let of_one = |input: &Input| match &input.header().merged_from[..] {
        [] => vec![input.digest()],
        from => from.to_vec(),
    };
    let merged_from: BTreeSet<Digest> = inputs.iter().flat_map(of_one).collect();
    let critical: BTreeSet<&String> = headers().flat_map(|header| &header.critical).collect();
    Ok(Header {
        schema: SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        tool,
        created_at: headers().map(|header| header.created_at).max().unwrap_or_default(),
        not_before,
        not_after,
        lists: lists(headers()),
        policy_digest: match policies[..] {
            [one] => one,
            ref several => Header::of_policies(several),
        },
        policies: if policies.len() > 1 { policies } else { Vec::new() },
        purposes,
        profile: headers().map(|header| header.profile).min().unwrap_or(Profile::Keys),
        // Filled in when the rows are known.
        counts: Counts { entries: BTreeMap::new(), coverage: BTreeMap::new() },
        entries: nothing(),
        coverage: nothing(),
        previous: None,
        merged_from: merged_from.into_iter().collect(),
        critical: critical.into_iter().cloned().collect(),
        // What is not known cannot be said of all of them.
        extra: BTreeMap::new(),
    })
}

fn policies(header: &Header) -> Vec<Digest> {
    if header.policies.is_empty() { vec![header.policy_digest] } else { header.policies.clone() }
}

/// Every list, in the oldest serial that any of them was made under. Those that were given and
/// those that a revision carries are told apart, whatever their names.
fn lists<'h>(headers: impl Iterator<Item = &'h Header>) -> Vec<ListRef> {
    let all: BTreeSet<&ListRef> = headers.flat_map(|header| &header.lists).collect();
    let mut oldest: BTreeMap<(&str, ListOrigin), u64> = BTreeMap::new();
    // By name, then by serial.
    for list in &all {
        oldest.entry((&list.name, list.origin)).or_insert(list.serial);
    }
    let is_oldest = |list: &&ListRef| oldest.get(&(list.name.as_str(), list.origin)) == Some(&list.serial);
    all.into_iter().filter(is_oldest).cloned().collect()
}

fn nothing() -> RowSet {
    RowSet { file: String::new(), rows: 0, order: Vec::new(), tree_hash: Digest::of(b"") }
}

#[cfg(test)]
mod tests;
