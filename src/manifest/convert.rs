//! A manifest in another encoding, or telling less.
//!
//! Decides what stays: in another encoding everything, to the header's bytes and the signature of them; with fewer fields, what
//! the header says that does not follow from the rows.

use std::fs::File;
use std::io::{self, Read};

use super::canonical;
use super::digest::Digest;
use super::error::ManifestError;
use super::folder::SIGNATURE_FILE;
use super::header::{Header, Tool};
use super::input::{Input, Work};
use super::profile::Profile;
use super::put::{Output, Put, put};
use super::row::Row;
use super::union::window::Limits;
use super::union::{Sink, Unite};

/// A signature is no longer.
const MOST_SIGNATURE: u64 = 1 << 20;

/// Writes a manifest in another encoding; telling no more than `profile`, if it is given. Gives its header: the same, byte for
/// byte, unless the profile is another one, which `tool` then writes.
///
/// # Errors
/// [`ManifestError::Poorer`] if it does not tell as much as `profile`; [`ManifestError::One`] if it is not sound;
/// [`ManifestError::TooMany`]; what writing one can end with.
pub fn convert(
    input: &Input,
    profile: Option<Profile>,
    tool: Tool,
    output: Output<'_>,
    work: Work<'_>,
) -> Result<Header, ManifestError> {
    let header = input.header().clone();
    let wanted = profile.unwrap_or(header.profile);
    if wanted > header.profile {
        let path = input.name().to_owned();
        return Err(ManifestError::Poorer { path, found: header.profile, wanted });
    }
    let out = Put::begin(output)?;
    work.begin([input]);
    if wanted == header.profile {
        return put(
            out,
            header,
            work,
            |sink| each(input, work, sink),
            |sink| each(input, work, sink),
            |new| {
                if Digest::of(&canonical::header(new)?) != input.digest() {
                    let what = "its rows are not those of its header".to_owned();
                    return Err(ManifestError::Unfit { what });
                }
                signature(input)
            },
        );
    }
    let limits = Limits { profile: wanted, purposes: header.purposes, kept: false };
    let folder = out.folder();
    let unite = Unite::new(std::slice::from_ref(input), limits, work, &folder);
    let header = Header { tool, profile: wanted, ..header };
    put(out, header, work, |sink| unite.each(sink), |sink| unite.each(sink), |_| Ok(None))
}

/// Every row as it is.
fn each<T: Row>(input: &Input, work: Work<'_>, sink: &mut Sink<'_, T>) -> Result<(), ManifestError> {
    input.rows(work.watch).try_for_each(|row| sink(row?))
}

/// The signature beside the header, if there is one.
fn signature(input: &Input) -> Result<Option<Vec<u8>>, ManifestError> {
    let path = input.folder().join(SIGNATURE_FILE);
    let read = || -> io::Result<Option<Vec<u8>>> {
        let is_file = match path.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            found => found?.is_file(),
        };
        let mut bytes = Vec::new();
        if is_file {
            File::open(&path)?.take(MOST_SIGNATURE + 1).read_to_end(&mut bytes)?;
        }
        let fits = is_file && bytes.len() as u64 <= MOST_SIGNATURE;
        if fits { Ok(Some(bytes)) } else { Err(io::Error::other("it is not a signature's file")) }
    };
    read().map_err(|source| ManifestError::Io { action: "read", path: path.clone(), source })
}
