//! Packs text again.
//!
//! Decides how hard: zstd at its own level 3, gzip at its own level 6, with check sums, and without a time or a name, so
//! that two runs write the same bytes.

#[cfg(feature = "zstd")]
use std::io;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Codec, cannot_write};
use crate::dataset::DatasetError;

/// Packs one frame after the other.
pub(crate) enum Encoder {
    Plain,
    Gzip(Option<GzEncoder<Vec<u8>>>),
    #[cfg(feature = "zstd")]
    Zstd(Box<ZstdEncoder>),
}

impl Encoder {
    pub(crate) fn new(codec: Codec) -> Result<Self, DatasetError> {
        match codec {
            Codec::Plain => Ok(Self::Plain),
            Codec::Gzip => Ok(Self::Gzip(None)),
            #[cfg(feature = "zstd")]
            Codec::Zstd => Ok(Self::Zstd(Box::new(ZstdEncoder::new().map_err(cannot_write)?))),
            #[cfg(not(feature = "zstd"))]
            Codec::Zstd => Err(super::without_zstd()),
        }
    }

    /// Appends text to the frame at hand, or begins one.
    pub(crate) fn write(&mut self, text: &[u8], out: &mut impl Write) -> Result<(), DatasetError> {
        match self {
            Self::Plain => out.write_all(text).map_err(cannot_write),
            Self::Gzip(member) => {
                let member = member.get_or_insert_with(|| GzEncoder::new(Vec::new(), Compression::default()));
                member.write_all(text).map_err(cannot_write)?;
                out.write_all(member.get_ref()).map_err(cannot_write)?;
                member.get_mut().clear();
                Ok(())
            }
            #[cfg(feature = "zstd")]
            Self::Zstd(frame) => frame.write(text, out).map_err(cannot_write),
        }
    }

    /// Ends the frame at hand, if there is one; says whether there was.
    pub(crate) fn finish(&mut self, out: &mut impl Write) -> Result<bool, DatasetError> {
        match self {
            Self::Plain => Ok(true),
            Self::Gzip(member) => {
                let Some(member) = member.take() else { return Ok(false) };
                out.write_all(&member.finish().map_err(cannot_write)?).map_err(cannot_write)?;
                Ok(true)
            }
            #[cfg(feature = "zstd")]
            Self::Zstd(frame) => frame.finish(out).map_err(cannot_write),
        }
    }
}

/// Packs frames of zstd.
#[cfg(feature = "zstd")]
pub(crate) struct ZstdEncoder {
    /// Packs the text of a frame at once, which takes less time than bit by bit, and tells readers its length.
    whole: zstd::bulk::Compressor<'static>,
    /// Packs what is too long for that.
    stream: zstd::stream::raw::Encoder<'static>,
    text: Vec<u8>,
    packed: Vec<u8>,
    open: Open,
}

#[cfg(feature = "zstd")]
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    No,
    Whole,
    Stream,
}

#[cfg(feature = "zstd")]
impl ZstdEncoder {
    /// A frame may have so much text, to be packed at once.
    const WHOLE: usize = if cfg!(test) { 600 } else { 32 << 20 };

    fn new() -> io::Result<Self> {
        use zstd::stream::raw::CParameter::ChecksumFlag;
        let level = zstd::DEFAULT_COMPRESSION_LEVEL;
        let mut whole = zstd::bulk::Compressor::new(level)?;
        whole.set_parameter(ChecksumFlag(true))?;
        let mut stream = zstd::stream::raw::Encoder::new(level)?;
        stream.set_parameter(ChecksumFlag(true))?;
        Ok(Self { whole, stream, text: Vec::new(), packed: Vec::new(), open: Open::No })
    }

    fn write(&mut self, text: &[u8], out: &mut impl Write) -> io::Result<()> {
        if self.open == Open::Stream {
            return self.pass(text, out);
        }
        self.open = Open::Whole;
        if self.text.len() + text.len() <= Self::WHOLE {
            self.text.extend_from_slice(text);
            return Ok(());
        }
        self.open = Open::Stream;
        let first = std::mem::take(&mut self.text);
        self.pass(&first, out)?;
        self.pass(text, out)
    }

    fn pass(&mut self, mut text: &[u8], out: &mut impl Write) -> io::Result<()> {
        use zstd::stream::raw::Operation;
        self.packed.resize(128 << 10, 0);
        while !text.is_empty() {
            let status = self.stream.run_on_buffers(text, &mut self.packed)?;
            out.write_all(&self.packed[..status.bytes_written])?;
            text = &text[status.bytes_read..];
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut impl Write) -> io::Result<bool> {
        use zstd::stream::raw::{Operation, OutBuffer};
        match std::mem::replace(&mut self.open, Open::No) {
            Open::No => return Ok(false),
            Open::Whole => {
                self.packed.clear();
                self.packed.reserve(zstd::zstd_safe::compress_bound(self.text.len()));
                self.whole.compress_to_buffer(&self.text, &mut self.packed)?;
                self.text.clear();
                out.write_all(&self.packed)?;
            }
            Open::Stream => {
                loop {
                    let mut buffer = OutBuffer::around(self.packed.as_mut_slice());
                    let left = self.stream.finish(&mut buffer, true)?;
                    out.write_all(buffer.as_slice())?;
                    if left == 0 {
                        break;
                    }
                }
                self.stream.reinit()?;
            }
        }
        Ok(true)
    }
}
