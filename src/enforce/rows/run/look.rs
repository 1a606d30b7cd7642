//! One shard of a run: read, judged, and written beside its place.
//!
//! Decides how that is done for a shard of each form and for each place to write to, and that a receipt speaks of the very
//! bytes that were judged. Puts nothing in its place.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Mutex;

use super::{Found, Looked, Place, Run};
use crate::dataset::output::{Hashing, Output, OutputFolder, Written, replaceable};
use crate::dataset::resume::{Done, Journal, Stamp};
use crate::dataset::shards::{Form, Shard};
use crate::dataset::{DatasetError, Tally, Watch, files, form, jsonl};
use crate::enforce::rows::judge::RowJudge;

/// What was written of a shard, and has not taken its place yet.
pub(super) enum Waiting {
    /// Nothing was written, or it went down a stream.
    Nothing,
    /// The journal knows it, and where it waits.
    Noted,
    /// A file.
    File(Output),
    /// A folder of files.
    Folder(OutputFolder),
}

/// A shard that was looked at, and what was written of it.
pub(super) type Shown = (Looked, Waiting);

impl Run<'_> {
    /// Shows the rows of a shard to the judge, and writes what stays. It takes its place later, if it was not done before.
    pub(super) fn look(
        &self,
        shard: &Shard,
        target: Option<&Path>,
        journal: Option<&Mutex<Journal>>,
        watch: &dyn Watch,
        judge: &mut RowJudge<'_, '_>,
    ) -> Result<Shown, DatasetError> {
        let locked = || {
            let broken = |_| DatasetError::Bug("a thread that wrote the journal ended as a bug");
            journal.map(|journal| journal.lock().map_err(broken)).transpose()
        };
        let columns = self.rules.columns;
        let looked = |file, tally: Tally, judge: &RowJudge<'_, '_>| {
            let found = Found { read: tally.read, written: tally.written, counts: judge.counts().clone() };
            Looked { name: shard.name.clone(), file, files: Vec::new(), found, before: false }
        };
        let Some(path) = &shard.path else {
            let stdin = self.stdin.ok_or(DatasetError::Bug("there is no stream to read"))?;
            let input =
                &mut *stdin.lock().map_err(|_| DatasetError::Bug("a thread that read ended as a bug"))?;
            return match (&self.place, target) {
                (Place::None, _) => {
                    let tally = jsonl::verify(input, columns, judge, watch)?;
                    Ok((looked(None, tally, judge), Waiting::Nothing))
                }
                (_, Some(target)) => {
                    let mut out = Output::create(target)?;
                    let write =
                        |out: &mut (dyn Write + Send)| jsonl::filter(input, columns, judge, watch, out);
                    let (tally, file) = written(&mut out, self.hash, write)?;
                    Ok((looked(file, tally, judge), Waiting::File(out)))
                }
                (_, None) => {
                    let tally = self.streamed(|out| jsonl::filter(input, columns, judge, watch, out))?;
                    Ok((looked(None, tally, judge), Waiting::Nothing))
                }
            };
        };
        if shard.form == Form::Files && self.place != Place::Stream {
            let mut files = Vec::new();
            let mut hashed = |file| files.extend(self.hash.then_some(file));
            let (tally, waiting) = if let Some(target) = target {
                let out = OutputFolder::create(target)?;
                (files::filter(path, columns, judge, watch, out.path(), &mut hashed)?, Waiting::Folder(out))
            } else if self.hash {
                (files::verify_hashed(path, columns, judge, watch, &mut hashed)?, Waiting::Nothing)
            } else {
                (files::verify(path, columns, judge, watch)?, Waiting::Nothing)
            };
            return Ok((Looked { files, ..looked(None, tally, judge) }, waiting));
        }
        let stamp = Stamp::of(path)?;
        let Some(target) = target else {
            if self.place == Place::Stream {
                let tally =
                    self.streamed(|out| form::filter(shard.form, path, columns, judge, watch, out))?;
                return Ok((looked(None, tally, judge), Waiting::Nothing));
            }
            let tally = form::verify(shard.form, path, columns, judge, watch)?;
            let file = if self.hash { Some(Written::of(path)?) } else { None };
            // It has to be the file that was looked at which a receipt speaks of.
            stamp.still(path)?;
            return Ok((looked(file, tally, judge), Waiting::Nothing));
        };
        if let Some(journal) = locked()?
            && let Some(done) = journal.done(&shard.name, path, target)?
            && let Ok(found) = serde_json::from_value::<Found>(done.counts.clone())
        {
            watch.advance(stamp.length, found.read);
            let (name, file) = (shard.name.clone(), Some(done.output.clone()));
            return Ok((Looked { name, file, files: Vec::new(), found, before: true }, Waiting::Noted));
        }
        // It is known before the work is done, and not at its end.
        replaceable(target)?;
        let waits = locked()?.map(|journal| journal.waits(&shard.name));
        let mut out = Output::create(waits.as_deref().unwrap_or(target))?;
        // Without a journal or a receipt nobody asks what was written.
        let (tally, file) = written(&mut out, journal.is_some() || self.hash, |out| {
            form::filter(shard.form, path, columns, judge, watch, out)
        })?;
        stamp.still(path)?;
        let looked = looked(file.clone(), tally, judge);
        let Some((mut journal, output)) = locked()?.zip(file) else {
            return Ok((looked, Waiting::File(out)));
        };
        out.finish()?;
        let counts = serde_json::to_value(&looked.found)
            .map_err(|_| DatasetError::Bug("what was counted cannot be written"))?;
        journal.note(path, Done { name: shard.name.clone(), input: stamp, output, counts })?;
        Ok((looked, Waiting::Noted))
    }

    /// Writes to the stream.
    fn streamed(
        &self,
        write: impl FnOnce(&mut (dyn Write + Send)) -> Result<Tally, DatasetError>,
    ) -> Result<Tally, DatasetError> {
        let stream = self.stream.as_ref().ok_or(DatasetError::Bug("there is no stream to write to"))?;
        let mut stream =
            stream.lock().map_err(|_| DatasetError::Bug("a thread that wrote ended as a bug"))?;
        buffered(&mut **stream, write)
    }
}

/// Writes to a file that is begun; what was written, if it is to be hashed.
fn written(
    out: &mut Output,
    hash: bool,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<Tally, DatasetError>,
) -> Result<(Tally, Option<Written>), DatasetError> {
    if hash {
        let mut hashing = Hashing::new(out);
        let tally = buffered(&mut hashing, write)?;
        return Ok((tally, Some(hashing.written())));
    }
    Ok((buffered(out, write)?, None))
}

/// Writes with a buffer.
fn buffered(
    out: &mut (dyn Write + Send),
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<Tally, DatasetError>,
) -> Result<Tally, DatasetError> {
    let mut out = BufWriter::with_capacity(1 << 20, out);
    let tally = write(&mut out)?;
    out.flush().map_err(|source| DatasetError::Io { action: "write".to_owned(), source })?;
    Ok(tally)
}
