//! Decompression, and what the first bytes of a file tell.

use std::{
    error::Error,
    io::{self, BufRead, BufReader, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

/// The bytes of a file: decompressed and buffered.
pub(super) type ByteStream = Box<dyn BufRead + Send>;

const BUFFER: usize = 1 << 16;
/// How many bytes tell what a file is.
const FIRST: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// The compression that the extension of a name stands for.
    pub(crate) fn of_name(name: &str) -> Self {
        match name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).as_deref() {
            Some("gz") => Self::Gzip,
            Some("zst") => Self::Zstd,
            _ => Self::None,
        }
    }

    /// The compression that the first bytes of a file tell. Text never begins with these bytes,
    /// because they are not valid UTF-8.
    fn of_bytes(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A skippable frame may come before the data.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// A file that was opened.
pub(super) struct Decoded {
    pub(super) compression: Compression,
    /// The first bytes, decompressed.
    pub(super) first: Vec<u8>,
    pub(super) input: ByteStream,
    pub(super) tail: Tail,
}

/// Whether something else than zeros follows compressed data. It is known when the data has ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail(Arc<AtomicBool>);

impl Tail {
    pub(super) fn is_foreign(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Decompresses the source if it is compressed.
pub(super) fn decode(source: impl Read + Send + 'static) -> io::Result<Decoded> {
    let (first, source) = peek::<FIRST>(source)?;
    let source = BufReader::with_capacity(BUFFER, source);
    let compression = Compression::of_bytes(&first);
    let tail = Tail::default();
    let input: Box<dyn Read + Send> = match compression {
        Compression::None => Box::new(source),
        Compression::Gzip => Box::new(GzipReader::new(source, tail.clone())),
        Compression::Zstd => Box::new(ZstdReader::new(source, tail.clone())),
    };
    let (first, input) = peek::<FIRST>(input)?;
    let input = Box::new(BufReader::with_capacity(BUFFER, input));
    Ok(Decoded { compression, first, input, tail })
}

/// What a file is whose first bytes are those of an archive or of compressed data that is not read
/// here, and what to do.
pub(super) fn of_other_program(first: &[u8]) -> Option<(&'static str, &'static str)> {
    match first {
        [b'P', b'K', 3, 4, ..] => {
            Some(("a ZIP archive or an Excel file", "unpack it, or export it as CSV in UTF-8"))
        }
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some(("xz data", "unpack it with xz -d")),
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A'] => {
            Some(("bzip2 data", "unpack it with bzip2 -d"))
        }
        _ => None,
    }
}

/// The first `N` bytes, or fewer if the source is shorter, and the source from its beginning.
fn peek<const N: usize>(mut source: impl Read) -> io::Result<(Vec<u8>, impl Read)> {
    let mut first = Vec::with_capacity(N);
    source.by_ref().take(N as u64).read_to_end(&mut first)?;
    Ok((first.clone(), io::Cursor::new(first).chain(source)))
}

/// Passes over zeros, with which tapes and some programs fill up. The byte that follows them.
fn skip_zeros(source: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let buffer = source.fill_buf()?;
        let zeros = buffer.iter().take_while(|byte| **byte == 0).count();
        if zeros < buffer.len() || buffer.is_empty() {
            let next = buffer.get(zeros).copied();
            source.consume(zeros);
            return Ok(next);
        }
        source.consume(zeros);
    }
}

/// An error of compressed data, which says so if the data is cut.
fn damaged(name: &str, error: impl Into<Box<dyn Error + Send + Sync>>) -> io::Error {
    let error = error.into();
    let mut cause: Option<&(dyn Error + 'static)> = Some(&*error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof) {
            let message = format!("the {name} data ends early: the file is cut short");
            return io::Error::new(io::ErrorKind::UnexpectedEof, message);
        }
        cause = error.source();
    }
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Reads gzip data of any number of members.
struct GzipReader<R> {
    /// `None` after the last member.
    decoder: Option<GzDecoder<R>>,
    /// Whether the decoder is at the first member.
    is_first: bool,
    tail: Tail,
}

impl<R: BufRead> GzipReader<R> {
    fn new(source: R, tail: Tail) -> Self {
        Self { decoder: Some(GzDecoder::new(source)), is_first: true, tail }
    }
}

impl<R: BufRead> Read for GzipReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            match decoder.read(buffer) {
                Ok(0) if !buffer.is_empty() => {
                    let mut source = self.decoder.take().map(GzDecoder::into_inner);
                    let next = source.as_mut().map_or(Ok(None), skip_zeros)?;
                    let is_member = next == Some(0x1f);
                    self.tail.0.fetch_or(next.is_some() && !is_member, Ordering::Relaxed);
                    self.decoder = source.filter(|_| is_member).map(GzDecoder::new);
                    self.is_first = false;
                }
                Err(error)
                    if !self.is_first
                        && decoder.header().is_none()
                        && error.kind() == io::ErrorKind::InvalidInput =>
                {
                    self.tail.0.store(true, Ordering::Relaxed);
                    self.decoder = None;
                }
                read => return read.map_err(|error| damaged("gzip", error)),
            }
        }
        Ok(0)
    }
}

/// Reads zstd data of any number of frames and verifies the checksums of those that have one.
struct ZstdReader<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
    /// Whether a frame was read.
    started: bool,
    tail: Tail,
}

impl<R: BufRead> ZstdReader<R> {
    fn new(source: R, tail: Tail) -> Self {
        Self { source, decoder: FrameDecoder::new(), in_frame: false, started: false, tail }
    }

    fn start_frame(&mut self) -> io::Result<()> {
        match self.decoder.init(&mut self.source) {
            Ok(()) => self.in_frame = true,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                let length = u64::from(length);
                let skipped = io::copy(&mut self.source.by_ref().take(length), &mut io::sink())?;
                if skipped < length {
                    return Err(damaged("zstd", io::Error::from(io::ErrorKind::UnexpectedEof)));
                }
            }
            Err(FrameDecoderError::ReadFrameHeaderError(
                ReadFrameHeaderError::BadMagicNumber(_)
                | ReadFrameHeaderError::MagicNumberReadError(_),
            )) if self.started => {
                self.tail.0.store(true, Ordering::Relaxed);
                io::copy(&mut self.source, &mut io::sink())?;
            }
            Err(error) => return Err(damaged("zstd", error)),
        }
        self.started = true;
        Ok(())
    }

    fn end_frame(&mut self) -> io::Result<()> {
        self.in_frame = false;
        let stored = self.decoder.get_checksum_from_data();
        if stored.is_some() && stored != self.decoder.get_calculated_checksum() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the zstd checksum does not match",
            ));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for ZstdReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame {
                let follows = if self.started {
                    skip_zeros(&mut self.source)?.is_some()
                } else {
                    !self.source.fill_buf()?.is_empty()
                };
                if !follows {
                    return Ok(0);
                }
                self.start_frame()?;
                continue;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(|error| damaged("zstd", error))?;
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            self.end_frame()?;
        }
    }
}
