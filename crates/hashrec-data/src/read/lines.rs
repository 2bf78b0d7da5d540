//! The lines of a file.

use std::io::{self, BufRead, ErrorKind};

use super::decode::ByteStream;

/// One line.
pub(super) struct Line {
    /// Its number, counted from 1.
    pub(super) number: u64,
    /// Its bytes with the line break; only the first ones if it is too long.
    pub(super) bytes: Vec<u8>,
    /// Whether bytes are missing.
    pub(super) too_long: bool,
}

impl Line {
    /// The line without its line break, and the line break.
    pub(super) fn split(&self) -> (&[u8], &[u8]) {
        let end = match self.bytes.as_slice() {
            [.., b'\r', b'\n'] => 2,
            [.., b'\r' | b'\n'] => 1,
            _ => 0,
        };
        self.bytes.split_at(self.bytes.len() - end)
    }

    /// Whether there is nothing to see on it.
    pub(super) fn is_blank(&self) -> bool {
        !self.too_long && self.bytes.iter().all(u8::is_ascii_whitespace)
    }

    /// Removes byte order marks at its beginning, which joined files have within.
    pub(super) fn unmark(&mut self) {
        while self.bytes.starts_with("\u{feff}".as_bytes()) {
            self.bytes.drain(..3);
        }
    }
}

/// Reads lines, of which it holds a limited number of bytes.
pub(super) struct Lines {
    input: ByteStream,
    number: u64,
    /// Whether a carriage return ends a line without a line feed.
    carriage_returns: bool,
    max_bytes: usize,
}

impl Lines {
    pub(super) fn new(input: ByteStream, carriage_returns: bool, max_bytes: usize) -> Self {
        Self { input, number: 0, carriage_returns, max_bytes }
    }

    /// How many lines were read.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next line.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        let mut line = Line { number: self.number + 1, bytes: Vec::new(), too_long: false };
        loop {
            let chunk = fill(&mut self.input)?;
            let returned = self.carriage_returns && line.bytes.last() == Some(&b'\r');
            if chunk.is_empty() || (returned && chunk.first() != Some(&b'\n')) {
                break;
            }
            let is_end = |byte: &u8| *byte == b'\n' || (self.carriage_returns && *byte == b'\r');
            let end = chunk.iter().position(is_end);
            let (taken, _) = chunk.split_at(end.map_or(chunk.len(), |end| end + 1));
            // The line break always has room.
            let (text, ending) = taken.split_at(end.unwrap_or(taken.len()));
            let room = self.max_bytes.saturating_sub(line.bytes.len());
            line.too_long |= text.len() > room;
            line.bytes.extend(text.iter().take(room).chain(ending));
            let (used, ended) = (taken.len(), taken.last() == Some(&b'\n') && end.is_some());
            self.input.consume(used);
            if ended {
                break;
            }
        }
        if line.bytes.is_empty() && !line.too_long {
            return Ok(None);
        }
        self.number = line.number;
        Ok(Some(line))
    }
}

/// What is buffered, or read if nothing is; empty at the end.
fn fill(input: &mut ByteStream) -> io::Result<&[u8]> {
    loop {
        match input.fill_buf() {
            Ok([]) => return Ok(&[]),
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    input.fill_buf()
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read};

    use super::*;

    /// Hands out one byte at a time.
    struct Slow(&'static [u8], bool);

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::Interrupted.into());
            }
            self.0.read(buffer)
        }
    }

    fn lines(text: &'static [u8], carriage_returns: bool, max_bytes: usize) -> Vec<(u64, Vec<u8>)> {
        let mut found = Vec::new();
        for capacity in [1, 64] {
            let input = Box::new(BufReader::with_capacity(capacity, Slow(text, false)));
            let mut lines = Lines::new(input, carriage_returns, max_bytes);
            let read: Vec<_> = std::iter::from_fn(|| lines.next().unwrap())
                .map(|line| (line.number, line.split().0.to_vec()))
                .collect();
            assert!(found.is_empty() || found == read, "buffer of {capacity}");
            assert_eq!(lines.number(), read.len() as u64);
            found = read;
        }
        found
    }

    fn texts(text: &'static [u8], carriage_returns: bool) -> Vec<Vec<u8>> {
        lines(text, carriage_returns, 100).into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn every_kind_of_line_break_ends_a_line() {
        assert_eq!(texts(b"a\nb\r\nc", false), [b"a", b"b", b"c"]);
        assert_eq!(texts(b"a\nb\r\nc\rd\r\r\ne\r", true), [&b"a"[..], b"b", b"c", b"d", b"", b"e"]);
        assert_eq!(texts(b"a\rb\n", false), [b"a\rb"]);
        assert_eq!(texts(b"", true).len(), 0);
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_one_is_whole() {
        assert_eq!(lines(b"abcdef\r\nxyz\r\n", true, 3), [(1, b"abc".into()), (2, b"xyz".into())]);
        let input = Box::new(BufReader::new(&b"abcd\nabc\n"[..]));
        let mut lines = Lines::new(input, false, 3);
        let too_long = [true, false].map(|_| lines.next().unwrap().unwrap().too_long);
        assert_eq!(too_long, [true, false]);
        // What is missing of a line may be more than blanks.
        let input = Box::new(BufReader::new(&b"      x\n \n"[..]));
        let mut lines = Lines::new(input, false, 3);
        let blank = [false, true].map(|_| lines.next().unwrap().unwrap().is_blank());
        assert_eq!(blank, [false, true]);
    }
}
