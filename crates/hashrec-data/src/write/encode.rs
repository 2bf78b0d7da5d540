//! Compression while writing.

use std::io::{self, BufWriter, Write};

use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::read::Compression;

/// Uncompressed bytes of one zstd frame: enough to compress well, few enough to buffer.
const FRAME: usize = 4 << 20;

/// Compresses what is written to it.
pub(super) enum Encoder<W: Write> {
    Plain(BufWriter<W>),
    Gzip(GzEncoder<BufWriter<W>>),
    /// zstd data as consecutive frames, which every decoder reads as one stream.
    Zstd {
        sink: W,
        pending: Vec<u8>,
        empty: bool,
    },
}

impl<W: Write> Encoder<W> {
    pub(super) fn new(sink: W, compression: Compression) -> Self {
        match compression {
            Compression::None => Self::Plain(BufWriter::new(sink)),
            Compression::Gzip => {
                Self::Gzip(GzEncoder::new(BufWriter::new(sink), flate2::Compression::default()))
            }
            Compression::Zstd => Self::Zstd { sink, pending: Vec::new(), empty: true },
        }
    }

    /// Writes what is pending and returns the sink.
    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(writer) => writer.into_inner().map_err(io::IntoInnerError::into_error),
            Self::Gzip(encoder) => {
                encoder.finish()?.into_inner().map_err(io::IntoInnerError::into_error)
            }
            Self::Zstd { mut sink, pending, empty } => {
                // A file without posts is still a zstd file.
                if empty || !pending.is_empty() {
                    write_frame(&mut sink, &pending)?;
                }
                sink.flush()?;
                Ok(sink)
            }
        }
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(writer) => writer.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd { sink, pending, empty } => {
                pending.extend_from_slice(bytes);
                if pending.len() >= FRAME {
                    write_frame(sink, pending)?;
                    pending.clear();
                    *empty = false;
                }
                Ok(bytes.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(writer) => writer.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            // A frame is written when it is full; flushing it earlier would compress less.
            Self::Zstd { sink, .. } => sink.flush(),
        }
    }
}

fn write_frame(sink: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    sink.write_all(&compress_to_vec(bytes, CompressionLevel::Fastest))
}
