//! Packs text again.
//!
//! Decides how hard: zstd at its own level 3, gzip at its own level 6, with check sums, and without a time or a name, so
//! that two runs write the same bytes.

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
    Zstd {
        context: Box<zstd::stream::raw::Encoder<'static>>,
        packed: Vec<u8>,
        open: bool,
    },
}

impl Encoder {
    pub(crate) fn new(codec: Codec) -> Result<Self, DatasetError> {
        match codec {
            Codec::Plain => Ok(Self::Plain),
            Codec::Gzip => Ok(Self::Gzip(None)),
            #[cfg(feature = "zstd")]
            Codec::Zstd => {
                use zstd::stream::raw::CParameter::ChecksumFlag;
                let mut context =
                    zstd::stream::raw::Encoder::new(zstd::DEFAULT_COMPRESSION_LEVEL).map_err(cannot_write)?;
                context.set_parameter(ChecksumFlag(true)).map_err(cannot_write)?;
                Ok(Self::Zstd { context: Box::new(context), packed: vec![0; 128 << 10], open: false })
            }
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
            Self::Zstd { context, packed, open } => {
                use zstd::stream::raw::Operation;
                *open = true;
                let mut rest = text;
                while !rest.is_empty() {
                    let status = context.run_on_buffers(rest, packed).map_err(cannot_write)?;
                    out.write_all(&packed[..status.bytes_written]).map_err(cannot_write)?;
                    rest = &rest[status.bytes_read..];
                }
                Ok(())
            }
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
            Self::Zstd { context, packed, open } => {
                use zstd::stream::raw::{Operation, OutBuffer};
                if !std::mem::take(open) {
                    return Ok(false);
                }
                loop {
                    let mut buffer = OutBuffer::around(packed.as_mut_slice());
                    let left = context.finish(&mut buffer, true).map_err(cannot_write)?;
                    out.write_all(buffer.as_slice()).map_err(cannot_write)?;
                    if left == 0 {
                        break;
                    }
                }
                context.reinit().map_err(cannot_write)?;
                Ok(true)
            }
        }
    }
}
