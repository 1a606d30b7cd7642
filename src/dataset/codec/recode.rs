//! Writes a shard again, without some of its text.
//!
//! Decides which frames are copied as they stand: those of whose text nothing went. All others are packed again, each for
//! itself. A frame without text is not written: it holds no rows, and what frames that readers skip do hold (sizes, tables
//! of where frames begin) need not be true of what is written.

use std::collections::VecDeque;
use std::io::{BufWriter, Read, Write};

use super::encoder::Encoder;
use super::frames::{Frames, HELD, Step, again};
use super::{Codec, cannot_write};
use crate::dataset::DatasetError;

/// So many frames wait at most for a row that began in them to end; more become one.
const WAITING: usize = if cfg!(test) { 4 } else { 4096 };

/// So many bytes are written at once.
const BUFFER: usize = 256 << 10;

const NO_FRAME: DatasetError = DatasetError::Bug("no frame is read");

/// Text that is read once, and of which it is said piece by piece, in order, what becomes of it.
pub(crate) trait Passage {
    /// Appends more text; false at its end.
    fn more(&mut self, text: &mut Vec<u8>) -> Result<bool, DatasetError>;

    /// The next text stays.
    fn keep(&mut self, text: &[u8]) -> Result<(), DatasetError>;

    /// The next text goes, all this length, and other text takes its place.
    fn replace(&mut self, length: usize, by: &[u8]) -> Result<(), DatasetError>;

    /// How many bytes of the input were read since it was last asked.
    fn passed(&mut self) -> u64;
}

/// It is read only.
impl<R: Read> Passage for Frames<R> {
    fn more(&mut self, text: &mut Vec<u8>) -> Result<bool, DatasetError> {
        Ok(self.read(text)? != Step::End)
    }

    fn keep(&mut self, _: &[u8]) -> Result<(), DatasetError> {
        Ok(())
    }

    fn replace(&mut self, _: usize, _: &[u8]) -> Result<(), DatasetError> {
        Ok(())
    }

    fn passed(&mut self) -> u64 {
        Self::passed(self)
    }
}

/// A frame whose text is not all decided.
struct Frame {
    /// Where in the text of the shard it begins.
    start: u64,
    /// Where it ends; none while it is read.
    end: Option<u64>,
    how: How,
}

enum How {
    /// Nothing went so far, and these are its packed bytes; those of the frame that is read are held by its reader.
    AsItStands(Vec<u8>),
    /// It is packed again.
    Again,
}

impl Frame {
    fn held(&self) -> usize {
        match &self.how {
            How::AsItStands(packed) => packed.len(),
            How::Again => 0,
        }
    }
}

/// Reads a shard, and writes it again.
pub(crate) struct Recode<R: Read, W> {
    frames: Frames<R>,
    /// In order; the last one is being read, until the end.
    waiting: VecDeque<Frame>,
    /// How far the text is read.
    read: u64,
    /// How far it is decided.
    at: u64,
    encoder: Encoder,
    out: W,
    empty: bool,
}

/// Writes a shard again, in its codec, as `decide` says of its text from the first to the last byte.
pub(crate) fn recode<R: Read, W: Write, T>(
    input: R,
    out: W,
    decide: impl FnOnce(&mut Recode<R, BufWriter<W>>) -> Result<T, DatasetError>,
) -> Result<T, DatasetError> {
    let mut recode = Recode::new(input, BufWriter::with_capacity(BUFFER, out))?;
    let decided = decide(&mut recode)?;
    recode.finish()?;
    Ok(decided)
}

impl<R: Read, W: Write> Recode<R, W> {
    fn new(input: R, out: W) -> Result<Self, DatasetError> {
        let frames = Frames::new(input, true)?;
        let encoder = Encoder::new(frames.codec())?;
        let mut new = Self { frames, waiting: VecDeque::new(), read: 0, at: 0, encoder, out, empty: true };
        new.begin();
        Ok(new)
    }

    /// Writes what is left once all text is decided.
    fn finish(mut self) -> Result<(), DatasetError> {
        if self.at != self.read || self.waiting.len() > 1 {
            return Err(DatasetError::Bug("text was left undecided"));
        }
        self.empty &= !self.encoder.finish(&mut self.out)?;
        if self.empty {
            // Nothing at all is no frame, and programs that unpack would call it an error.
            self.encoder.write(&[], &mut self.out)?;
            self.encoder.finish(&mut self.out)?;
        }
        self.out.flush().map_err(cannot_write)
    }

    /// A frame begins where reading has come to.
    fn begin(&mut self) {
        let how = match self.frames.codec() {
            Codec::Plain => How::Again,
            Codec::Gzip | Codec::Zstd => How::AsItStands(Vec::new()),
        };
        self.waiting.push_back(Frame { start: self.read, end: None, how });
    }

    /// The frame that was read has come to its end.
    fn end(&mut self) -> Result<(), DatasetError> {
        if self.waiting.len() >= WAITING {
            // It goes on in the next one.
            return self.pack_again(self.waiting.len() - 1);
        }
        let held = self.frames.take().unwrap_or_default();
        let waiting: usize = self.waiting.iter().map(Frame::held).sum();
        let Some(last) = self.waiting.back_mut() else { return Err(NO_FRAME) };
        if last.start == self.read {
            // No text, thus no frame.
            last.how = How::AsItStands(Vec::new());
            return Ok(());
        }
        last.end = Some(self.read);
        if let How::AsItStands(packed) = &mut last.how {
            if waiting + held.len() <= HELD {
                *packed = held;
            } else {
                // Others wait before it, so nothing of it is decided.
                last.how = How::Again;
            }
        }
        self.begin();
        self.ended()
    }

    /// Packs the frame again, with what was decided to stay of it so far.
    fn pack_again(&mut self, frame: usize) -> Result<(), DatasetError> {
        let Some(frame) = self.waiting.get_mut(frame) else { return Err(NO_FRAME) };
        let How::AsItStands(packed) = std::mem::replace(&mut frame.how, How::Again) else { return Ok(()) };
        let decided = self.at.saturating_sub(frame.start);
        let codec = self.frames.codec();
        let packed = if frame.end.is_some() { packed } else { self.frames.let_go() };
        again(codec, &packed, decided, |text| self.encoder.write(text, &mut self.out))
    }

    /// Writes the frames that are decided to their ends.
    fn ended(&mut self) -> Result<(), DatasetError> {
        while self.waiting.front().is_some_and(|frame| frame.end.is_some_and(|end| end <= self.at)) {
            let Some(frame) = self.waiting.pop_front() else { break };
            match frame.how {
                How::AsItStands(packed) => {
                    self.out.write_all(&packed).map_err(cannot_write)?;
                    self.empty = false;
                }
                How::Again => self.empty &= !self.encoder.finish(&mut self.out)?,
            }
        }
        Ok(())
    }

    /// How much of the next text, of this length, lies in the first frame that waits.
    fn here(&self, length: usize) -> usize {
        let end = self.waiting.front().and_then(|frame| frame.end).unwrap_or(u64::MAX);
        usize::try_from(end - self.at).map_or(length, |here| here.min(length))
    }
}

impl<R: Read, W: Write> Passage for Recode<R, W> {
    fn more(&mut self, text: &mut Vec<u8>) -> Result<bool, DatasetError> {
        let before = text.len();
        let step = self.frames.read(text)?;
        self.read += (text.len() - before) as u64;
        match step {
            Step::FrameEnd => self.end()?,
            Step::Text if self.frames.held() > HELD => self.pack_again(self.waiting.len() - 1)?,
            Step::Text | Step::End => {}
        }
        Ok(step != Step::End)
    }

    fn keep(&mut self, mut text: &[u8]) -> Result<(), DatasetError> {
        while !text.is_empty() {
            let here = self.here(text.len());
            if self.waiting.front().is_some_and(|frame| matches!(frame.how, How::Again)) {
                self.encoder.write(&text[..here], &mut self.out)?;
            }
            self.at += here as u64;
            text = &text[here..];
            self.ended()?;
        }
        Ok(())
    }

    fn replace(&mut self, mut length: usize, mut by: &[u8]) -> Result<(), DatasetError> {
        while length > 0 {
            self.pack_again(0)?;
            if !by.is_empty() {
                self.encoder.write(std::mem::take(&mut by), &mut self.out)?;
            }
            let here = self.here(length);
            self.at += here as u64;
            length -= here;
            self.ended()?;
        }
        Ok(())
    }

    fn passed(&mut self) -> u64 {
        self.frames.passed()
    }
}
