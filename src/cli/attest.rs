//! The receipt of a run of `filter` or `verify`.
//!
//! Decides what of a run stands in it, and when it was: it is made before anything takes its place, so that nothing is put
//! into place of which it cannot be made. Must not verify anything.

use std::path::PathBuf;

use clap::Args;
use withhold::dataset::Meaning;
use withhold::dataset::output::{self, Written};
use withhold::enforce::receipt::statement::{
    Canaries, Counts, KeyColumn, Mode, Outcome, People, Proof, Uncovered,
};
use withhold::enforce::receipt::{self, FileParts, ListParts, Receipt, ReceiptParts};
use withhold::enforce::rows::run::{Looked, Place, Run, total};
use withhold::enforce::{rows, signature};
use withhold::exit::Exit;
use withhold::identity::KeyCheck;
use withhold::manifest::{Digest, Tool, path, rfc3339};
use withhold::policy::{Layers, Timestamp};
use withhold::scan;

use super::dataset::Held;
use super::scan::time;
use super::sources::{at, now};
use super::{Context, Failure};

mod place;

/// Where the receipt goes, and by whom it is signed.
#[derive(Debug, Args)]
pub(crate) struct Attest {
    /// Write a receipt: an in-toto statement that the data set honours the manifests, by the digests of its
    /// files.
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,

    /// Sign the receipt with this SSH key (or a public key whose other half an agent holds).
    #[arg(long, value_name = "KEY", requires = "receipt")]
    sign: Option<PathBuf>,

    /// Time of the receipt, RFC 3339 [default: SOURCE_DATE_EPOCH, else now].
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
}

impl Attest {
    /// Whether there is to be one.
    pub(crate) fn is_asked(&self) -> bool {
        self.receipt.is_some()
    }

    /// What can be known of it before anything is read: when it is, and that there is a key to sign it. None if there is to
    /// be none.
    pub(crate) fn begin(&self, context: &Context) -> Result<Option<Begun>, Failure> {
        let Some(file) = &self.receipt else { return Ok(None) };
        let at_time = match self.at {
            Some(at) => at,
            None => super::scan::source_date_epoch()?.map_or_else(now, Ok)?,
        };
        if rfc3339::encode(at_time).is_none() {
            let what = format_args!("the time of the receipt, {at_time} seconds after 1970, is no date");
            return Err(
                Failure::new(Exit::Usage, what).hint("give another one: --at TIME, or SOURCE_DATE_EPOCH")
            );
        }
        let key = self.sign.as_ref().map(|key| at(context, key));
        key.as_deref().map(signature::is_key).transpose()?;
        Ok(Some(Begun { file: at(context, file), key, at: at_time }))
    }
}

/// A receipt that is to be written.
pub(crate) struct Begun {
    file: PathBuf,
    key: Option<PathBuf>,
    /// Its time.
    pub(crate) at: Timestamp,
}

/// A receipt that waits, signed, until what it speaks of is in its place.
pub(crate) struct Made {
    file: PathBuf,
    bytes: Vec<u8>,
}

impl Made {
    /// Writes it. Its folder comes into being if it is not there, as that of an output does.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        output::make_folder(output::parent(&self.file))?;
        Ok(receipt::put(&self.bytes, &self.file)?)
    }
}

impl Begun {
    /// Makes it, and signs it. `uncovered` says what became of rows that no manifest looked at.
    pub(crate) fn make(
        self,
        held: &Held,
        run: &Run<'_>,
        uncovered: Uncovered,
        looked: &[Looked],
        outcome: Outcome,
    ) -> Result<Made, Failure> {
        let found = total(looked);
        let files = files(run, looked)?;
        if files.is_empty() && outcome == Outcome::Passed {
            let what = "no file stays, so a receipt has nothing to speak of";
            return Err(Failure::new(Exit::Incomplete, what).hint("for an empty folder: without --receipt"));
        }
        let parts = ReceiptParts {
            mode: if run.place == Place::None { Mode::Verify } else { Mode::Filter },
            outcome,
            at: self.at,
            tool: Tool { name: "withhold".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            files,
            resource: None,
            manifests: held
                .keys
                .iter()
                .flat_map(withhold::manifest::Keys::sources)
                .zip(&held.signed_with)
                .map(|(source, key)| (&source.header, source.digest, key.clone()))
                .collect(),
            lists: held.layers.as_ref().map(lists).unwrap_or_default(),
            people: people(held),
            aliases: held.aliases_digest,
            purposes: held.purposes,
            uncovered,
            lines: run.rules.lines.into(),
            keys: keys(held, &found),
            canaries: Canaries { given: held.canaries.len() as u64, found: found.canaries.len() as u64 },
            counts: Counts::from(&found),
        };
        let bytes = receipt::to_bytes(&Receipt::new(parts)?, self.key.as_deref())?;
        Ok(Made { file: self.file, bytes })
    }
}

fn lists(layers: &Layers) -> Vec<ListParts> {
    let each = scan::list_refs(layers).into_iter().zip(&layers.lists);
    each.map(|(list, of)| ListParts { list, not_after: of.not_after }).collect()
}

/// What else decided about people.
fn people(held: &Held) -> Option<People> {
    held.layers.as_ref().map(|layers| People {
        forge: held.host.clone(),
        policy_digest: Digest::from_bytes(layers.settings.digest()),
        key_check: held.key.as_ref().map(KeyCheck::of),
    })
}

fn keys(held: &Held, found: &rows::Counts) -> Vec<KeyColumn> {
    let column = |(at, column): (usize, &withhold::dataset::Column)| {
        let sampled = held.proofs.iter().find(|proof| proof.column == at && proof.rows > 0);
        let matched = found.matched.get(at).copied().unwrap_or(0);
        let proof = match (column.meaning, sampled) {
            (Meaning::Content, _) => Proof::Content,
            (_, Some(sampled)) if sampled.equal == sampled.rows => Proof::Sample { rows: sampled.rows },
            (_, Some(sampled)) => Proof::Redacted { rows: sampled.rows, equal: sampled.equal },
            _ if matched > 0 => Proof::Matches { rows: matched },
            _ => Proof::Nothing,
        };
        KeyColumn { column: column.name.clone(), meaning: column.meaning.as_str().to_owned(), proof }
    };
    held.columns.iter().enumerate().map(column).collect()
}

/// The files that the receipt speaks of: those that were written; else those that were looked at.
fn files(run: &Run<'_>, looked: &[Looked]) -> Result<Vec<FileParts>, Failure> {
    let mut files = Vec::new();
    for looked in looked {
        let name = match &run.place {
            Place::File(out) => out.file_name().map_or(b"-".as_slice(), std::ffi::OsStr::as_encoded_bytes),
            _ => looked.name.as_bytes(),
        };
        if let Some(file) = &looked.file {
            files.push(part(path::encode(name), file, Some(Counts::from(&looked.found.counts)))?);
        }
        // A folder of files is all the files in it.
        for file in &looked.files {
            let below = if name.is_empty() { file.name.clone() } else { [name, b"/", &file.name].concat() };
            files.push(part(path::encode(&below), &file.written, None)?);
        }
    }
    Ok(files)
}

fn part(name: String, file: &Written, counts: Option<Counts>) -> Result<FileParts, Failure> {
    let digest = Digest::parse(&format!("sha256:{}", file.sha256));
    let digest = digest.ok_or_else(|| Failure::new(Exit::Bug, "a digest cannot be read"))?;
    Ok(FileParts { name, digest, size: file.length, counts })
}
