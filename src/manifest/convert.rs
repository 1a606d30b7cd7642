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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::samples::{any_manifest, manifest, parts, profile};
    use super::super::{Encoding, Manifest, read, read_stream, write};
    use super::*;
    use crate::manifest::keys::Watch;

    const WORK: Work<'_> = Work { threads: 1, watch: &() };

    fn tool() -> Tool {
        Tool { name: "converter".to_owned(), version: "1".to_owned() }
    }

    /// One that this build has.
    fn encoding() -> impl Strategy<Value = Encoding> {
        select(Vec::from_iter(Encoding::ALL.into_iter().filter(|encoding| encoding.check().is_ok())))
    }

    fn bytes(folder: &Path) -> Vec<(String, Vec<u8>)> {
        let file = |entry: io::Result<fs::DirEntry>| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())
        };
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(file).collect();
        files.sort();
        files
    }

    proptest! {
        // Each writes and syncs a dozen files.
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn there_and_back_loses_nothing(
            manifest in any_manifest(), from in encoding(), to in encoding(),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            write(&manifest, &at("one"), from).unwrap();
            fs::write(at("one").join(SIGNATURE_FILE), "signed").unwrap();
            for (source, out, encoding) in [("one", "other", to), ("other", "back", from)] {
                let input = Input::open(&at(source)).unwrap();
                convert(&input, None, tool(), Output::Folder(&at(out), encoding), WORK).unwrap();
            }
            prop_assert_eq!(&read(&at("other")).unwrap(), &manifest);
            prop_assert_eq!(bytes(&at("back")), bytes(&at("one")), "with its signature");
        }

        #[test]
        fn a_profile_loses_what_it_may_not_tell(manifest in any_manifest(), profile in profile(), threads in 1..3_usize) {
            let folder = tempfile::tempdir().unwrap();
            write(&manifest, folder.path(), Encoding::JsonLines).unwrap();
            let input = Input::open(folder.path()).unwrap();
            let mut stream = Vec::new();
            let work = Work { threads, ..WORK };
            let done = convert(&input, Some(profile), tool(), Output::Stream(&mut stream), work);
            if profile > manifest.header().profile {
                let poorer = matches!(done, Err(ManifestError::Poorer { .. }));
                prop_assert!(poorer && stream.is_empty());
                return Ok(());
            }
            let found = read_stream(&stream[..]).unwrap();
            prop_assert_eq!(found.header(), &done.unwrap());
            let same = profile == manifest.header().profile;
            let tool = if same { parts().tool } else { tool() };
            let (header, entries, coverage) = manifest.into_parts();
            let parts = crate::manifest::HeaderParts { tool, ..header.into() };
            prop_assert_eq!(found, Manifest::build(parts, entries, coverage, profile, 1).unwrap());
        }

        #[test]
        fn a_stream_is_taken_as_a_folder_is(manifest in any_manifest()) {
            let mut stream = Vec::new();
            crate::manifest::write_stream(&manifest, &mut stream).unwrap();
            let input = Input::unpack(&stream[..]).unwrap();
            let mut again = Vec::new();
            convert(&input, None, tool(), Output::Stream(&mut again), WORK).unwrap();
            prop_assert_eq!(again, stream);
        }
    }

    #[test]
    fn a_folder_may_be_converted_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest");
        let whole = manifest(Profile::Audit);
        write(&whole, &path, Encoding::JsonLines).unwrap();
        let input = Input::open(&path).unwrap();
        convert(&input, Some(Profile::Keys), tool(), Output::Folder(&path, Encoding::JsonLines), WORK)
            .unwrap();
        let (header, entries, coverage) = whole.into_parts();
        let parts = crate::manifest::HeaderParts { tool: tool(), ..header.into() };
        let expected = Manifest::build(parts, entries, coverage, Profile::Keys, 1).unwrap();
        assert_eq!(read(&path).unwrap(), expected);
    }

    #[test]
    fn a_stream_that_is_none_is_refused_wherever_it_ends() {
        let mut stream = Vec::new();
        crate::manifest::write_stream(&manifest(Profile::Keys), &mut stream).unwrap();
        let whole = String::from_utf8(stream).unwrap();
        let taken = |stream: &str| Input::unpack(stream.as_bytes()).and_then(|input| input.check(WORK));
        assert!(taken(&whole).is_ok());
        for end in (0..whole.len()).step_by(11) {
            assert!(taken(&whole[..end]).is_err(), "cut at {end}");
        }
        let lines: Vec<&str> = whole.lines().collect();
        let refused = |lines: &[&str], because: &str| {
            let error = taken(&lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap_err();
            assert!(error.to_string().contains(because), "{error}");
        };
        refused(&[], "stream:1: is empty");
        refused(&lines[1..], "stream:1: is not a header");
        refused(&[lines[0], lines[0]], "stream:2: is a second header");
        refused(&[&lines[..], &[lines[1]]].concat(), "is an entry after the coverage");
        refused(&[&lines[..], &["{\"more\":{}}"]].concat(), "is neither a header nor an entry nor coverage");
    }

    #[test]
    fn what_is_not_sound_or_stopped_leaves_nothing_behind() {
        struct Now;
        impl Watch for Now {
            fn interrupted(&self) -> bool {
                true
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let (path, out) = (folder.path().join("manifest"), folder.path().join("out"));
        let many = (0..5000).map(|size| super::super::CoverageRow::lfs([1; 32], size)).collect();
        let many = Manifest::build(parts(), Vec::new(), many, Profile::Keys, 1).unwrap();
        write(&many, &path, Encoding::JsonLines).unwrap();
        let to = || Output::Folder(&out, Encoding::JsonLines);
        let input = Input::open(&path).unwrap();
        let work = Work { watch: &Now, ..WORK };
        assert!(matches!(convert(&input, None, tool(), to(), work), Err(ManifestError::Interrupted)));
        let rows = fs::read_to_string(path.join("coverage.jsonl")).unwrap();
        fs::write(path.join("coverage.jsonl"), rows.replacen("\"size\":0", "\"size\":1", 1)).unwrap();
        let error = convert(&input, None, tool(), to(), WORK).unwrap_err().to_string();
        assert!(error.contains("coverage.jsonl:2: is out of order"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        // What is no signature's file is not passed over.
        fs::write(path.join("coverage.jsonl"), rows).unwrap();
        fs::create_dir(path.join(SIGNATURE_FILE)).unwrap();
        assert!(convert(&input, None, tool(), to(), WORK).is_err());
    }
}
