//! Unpacks text frame by frame, and holds the packed bytes of the frame at hand.
//!
//! Decides when a frame ends, and that whatever is not a whole frame is an error: cut off, bits that changed, rubbish behind
//! the last one.

use std::io::{self, BufRead, ErrorKind, Read};

use flate2::bufread::GzDecoder;

use super::{Codec, cannot_read, damaged};
use crate::dataset::DatasetError;

/// So much is unpacked at once. Tests have short frames, and are to see them in pieces, too.
pub(crate) const STEP: usize = if cfg!(test) { 256 } else { 256 << 10 };

/// So many packed bytes of frames are held at most, so that the frames can be copied as they stand.
pub(crate) const HELD: usize = if cfg!(test) { 1 << 10 } else { 64 << 20 };

/// What was read last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Text, or nothing yet.
    Text,
    /// The end of a frame.
    FrameEnd,
    /// The end of everything. Without a codec there is no frame that ends before.
    End,
}

/// A shard, as its text.
pub(crate) struct Frames<R: Read> {
    codec: Codec,
    decoder: Decoder<Held<R>>,
}

impl<R: Read> Frames<R> {
    /// Reads a shard in whichever codec it is in; holds packed bytes if `hold`.
    pub(crate) fn new(input: R, hold: bool) -> Result<Self, DatasetError> {
        let mut input = Held::new(input);
        let codec = Codec::of(input.first(4).map_err(cannot_read)?);
        if hold && codec != Codec::Plain {
            input.held = Some(Vec::new());
        }
        Ok(Self { codec, decoder: Decoder::new(input, codec)? })
    }

    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    /// Appends the next text.
    pub(crate) fn read(&mut self, text: &mut Vec<u8>) -> Result<Step, DatasetError> {
        self.decoder.read(text)
    }

    /// How many packed bytes of the frame at hand are held.
    pub(crate) fn held(&mut self) -> usize {
        self.decoder.input().and_then(|input| input.held.as_ref()).map(Vec::len).unwrap_or_default()
    }

    /// Takes the bytes held, and holds those that follow, of the next frame.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        self.decoder.input()?.held.replace(Vec::new())
    }

    /// Takes the bytes held, and holds none up to the next [`Frames::take`].
    pub(crate) fn let_go(&mut self) -> Vec<u8> {
        self.decoder.input().and_then(|input| input.held.take()).unwrap_or_default()
    }

    /// How many bytes of the input were read since it was last asked.
    pub(crate) fn passed(&mut self) -> u64 {
        self.decoder.input().map(|input| std::mem::take(&mut input.passed)).unwrap_or_default()
    }
}

/// The first bytes of the text in these packed bytes, in pieces; there are so many at least.
pub(crate) fn again(
    codec: Codec,
    packed: &[u8],
    mut length: u64,
    mut each: impl FnMut(&[u8]) -> Result<(), DatasetError>,
) -> Result<(), DatasetError> {
    let mut frames = Frames { codec, decoder: Decoder::new(Held::new(packed), codec)? };
    let mut text = Vec::new();
    while length > 0 {
        text.clear();
        if frames.read(&mut text)? == Step::End {
            return Err(DatasetError::Bug("a frame is shorter when it is read again"));
        }
        let here = usize::try_from(length).map_or(text.len(), |length| text.len().min(length));
        each(&text[..here])?;
        length -= here as u64;
    }
    Ok(())
}

/// A reader that holds what was taken from it.
struct Held<R> {
    input: R,
    buffer: Vec<u8>,
    at: usize,
    held: Option<Vec<u8>>,
    passed: u64,
}

impl<R: Read> Held<R> {
    fn new(input: R) -> Self {
        Self { input, buffer: Vec::new(), at: 0, held: None, passed: 0 }
    }

    /// The next bytes, without taking them: so many, or all that there are.
    fn first(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.buffer.len() - self.at < wanted {
            if !self.fill()? {
                break;
            }
        }
        Ok(&self.buffer[self.at..])
    }

    /// Reads on; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let filled = self.buffer.len();
        self.buffer.resize(filled + STEP, 0);
        let read = loop {
            match self.input.read(&mut self.buffer[filled..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer.truncate(filled + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }
}

impl<R: Read> Read for Held<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(to)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Held<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.buffer.len() {
            self.fill()?;
        }
        Ok(&self.buffer[self.at..])
    }

    fn consume(&mut self, read: usize) {
        let taken = &self.buffer[self.at..self.at + read];
        self.at += read;
        self.passed += read as u64;
        if let Some(held) = &mut self.held {
            held.extend_from_slice(taken);
        }
    }
}

enum Decoder<B> {
    Plain(B),
    /// The member at hand.
    Gzip(Box<GzDecoder<B>>),
    /// Between two members.
    BetweenGzip(B),
    #[cfg(feature = "zstd")]
    Zstd {
        input: B,
        context: Box<zstd::stream::raw::Decoder<'static>>,
        /// A frame is begun and not ended.
        open: bool,
    },
    /// It failed.
    Broken,
}

impl<R: Read> Decoder<Held<R>> {
    fn new(input: Held<R>, codec: Codec) -> Result<Self, DatasetError> {
        match codec {
            Codec::Plain => Ok(Self::Plain(input)),
            Codec::Gzip => Ok(Self::BetweenGzip(input)),
            #[cfg(feature = "zstd")]
            Codec::Zstd => {
                let context = zstd::stream::raw::Decoder::new().map_err(cannot_read)?;
                Ok(Self::Zstd { input, context: Box::new(context), open: false })
            }
            #[cfg(not(feature = "zstd"))]
            Codec::Zstd => Err(super::without_zstd()),
        }
    }

    fn input(&mut self) -> Option<&mut Held<R>> {
        match self {
            Self::Plain(input) | Self::BetweenGzip(input) => Some(input),
            Self::Gzip(member) => Some(member.get_mut()),
            #[cfg(feature = "zstd")]
            Self::Zstd { input, .. } => Some(input),
            Self::Broken => None,
        }
    }

    fn read(&mut self, text: &mut Vec<u8>) -> Result<Step, DatasetError> {
        match self {
            Self::Plain(input) => {
                let read = input.fill_buf().map_err(cannot_read)?;
                text.extend_from_slice(read);
                let read = read.len();
                input.consume(read);
                Ok(if read == 0 { Step::End } else { Step::Text })
            }
            Self::Gzip(member) => {
                let before = text.len();
                member.take(STEP as u64).read_to_end(text).map_err(unpacking)?;
                if text.len() - before == STEP {
                    return Ok(Step::Text);
                }
                if let Self::Gzip(member) = std::mem::replace(self, Self::Broken) {
                    *self = Self::BetweenGzip(member.into_inner());
                }
                Ok(Step::FrameEnd)
            }
            Self::BetweenGzip(input) => {
                let first = input.first(2).map_err(cannot_read)?;
                if first.is_empty() {
                    return Ok(Step::End);
                }
                if Codec::of(first) != Codec::Gzip {
                    return Err(damaged(&"something that is not gzip follows"));
                }
                if let Self::BetweenGzip(input) = std::mem::replace(self, Self::Broken) {
                    *self = Self::Gzip(Box::new(GzDecoder::new(input)));
                }
                Ok(Step::Text)
            }
            #[cfg(feature = "zstd")]
            Self::Zstd { input, context, open } => zstd_step(input, context, open, text),
            Self::Broken => Err(DatasetError::Bug("a broken stream was read on")),
        }
    }
}

#[cfg(feature = "zstd")]
fn zstd_step<R: Read>(
    input: &mut Held<R>,
    context: &mut zstd::stream::raw::Decoder<'static>,
    open: &mut bool,
    text: &mut Vec<u8>,
) -> Result<Step, DatasetError> {
    use zstd::stream::raw::{InBuffer, Operation, OutBuffer};
    let mut packed = InBuffer::around(input.fill_buf().map_err(cannot_read)?);
    let at_end = packed.src.is_empty();
    if at_end && !*open {
        return Ok(Step::End);
    }
    let before = text.len();
    text.reserve(STEP);
    let mut unpacked = OutBuffer::around_pos(text, before);
    let left = context.run(&mut packed, &mut unpacked).map_err(|error| damaged(&error))?;
    let read = packed.pos();
    input.consume(read);
    *open = left != 0;
    if !*open {
        context.reinit().map_err(|error| damaged(&error))?;
        return Ok(Step::FrameEnd);
    }
    if at_end && text.len() == before {
        return Err(damaged(&"it ends within a frame of zstd"));
    }
    Ok(Step::Text)
}

/// Errors of the unpacking itself, apart from those of the system.
fn unpacking(error: io::Error) -> DatasetError {
    match error.kind() {
        ErrorKind::UnexpectedEof => damaged(&"it ends within a member of gzip"),
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other => damaged(&error),
        _ => cannot_read(error),
    }
}
