//! Numbers of a few bits each, one after the other.

/// Writes bits, the lowest of each number first.
#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits that make up no whole byte yet.
    pending: u64,
    count: u32,
}

impl BitWriter {
    /// The lowest `width` bits of a number; at most 32.
    pub(super) fn bits(&mut self, value: u32, width: u32) {
        let mask = (1u64 << width) - 1;
        self.pending |= (u64::from(value) & mask) << self.count;
        self.count += width;
        while self.count >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    /// A number of at least 1, in one bit if it is 1 and in two more each time it doubles (Elias'
    /// gamma code).
    pub(super) fn positive(&mut self, value: u32) {
        let value = value.max(1);
        let width = value.ilog2();
        self.bits(0, width);
        self.bits(1, 1);
        self.bits(value, width);
    }

    /// A number that is often near 2 to the power of `width` or below (Rice's code).
    pub(super) fn near(&mut self, value: u32, width: u32) {
        for _ in 0..value >> width {
            self.bits(0, 1);
        }
        self.bits(1, 1);
        self.bits(value, width);
    }

    /// All bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.pending as u8);
        }
        self.bytes
    }
}

/// Reads what a [`BitWriter`] wrote; `None` past the end.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    pending: u64,
    count: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, pending: 0, count: 0 }
    }

    /// How many bits are left at most.
    pub(super) fn left(&self) -> usize {
        self.bytes.len().saturating_mul(8).saturating_add(self.count as usize)
    }

    fn fill(&mut self) {
        if self.count > 32 {
            return;
        }
        if let Some((first, rest)) = self.bytes.split_first_chunk::<4>() {
            self.pending |= u64::from(u32::from_le_bytes(*first)) << self.count;
            (self.bytes, self.count) = (rest, self.count + 32);
            return;
        }
        while let Some((&first, rest)) = self.bytes.split_first()
            && self.count <= 56
        {
            self.pending |= u64::from(first) << self.count;
            (self.bytes, self.count) = (rest, self.count + 8);
        }
    }

    /// A number of `width` bits; at most 32.
    pub(super) fn bits(&mut self, width: u32) -> Option<u32> {
        self.fill();
        let left = self.count.checked_sub(width)?;
        let value = self.pending & ((1u64 << width) - 1);
        (self.pending, self.count) = (self.pending >> width, left);
        Some(value as u32)
    }

    /// How many zeros are before the next one, which is read too.
    fn zeros(&mut self) -> Option<u32> {
        let mut zeros = 0u32;
        loop {
            self.fill();
            let run = self.pending.trailing_zeros().min(self.count);
            zeros = zeros.checked_add(run)?;
            if run < self.count {
                (self.pending, self.count) = (self.pending >> run >> 1, self.count - run - 1);
                return Some(zeros);
            }
            if self.bytes.is_empty() {
                return None;
            }
            (self.pending, self.count) = (0, 0);
        }
    }

    /// What [`BitWriter::positive`] wrote.
    pub(super) fn positive(&mut self) -> Option<u32> {
        let width = self.zeros().filter(|&width| width < 32)?;
        Some(1 << width | self.bits(width)?)
    }

    /// What [`BitWriter::near`] wrote.
    pub(super) fn near(&mut self, width: u32) -> Option<u32> {
        let high = self.zeros()?.checked_mul(1 << width)?;
        high.checked_add(self.bits(width)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            numbers in proptest::collection::vec((1u32..=u32::MAX, 0u32..=32, 0u32..8), 0..200),
        ) {
            let mut writer = BitWriter::default();
            for &(number, width, near) in &numbers {
                writer.bits(number, width);
                writer.positive(number);
                writer.near(number % 1000, near);
            }
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes);
            for &(number, width, near) in &numbers {
                let low = (u64::from(number) & ((1 << width) - 1)) as u32;
                prop_assert_eq!(reader.bits(width), Some(low));
                prop_assert_eq!(reader.positive(), Some(number));
                prop_assert_eq!(reader.near(near), Some(number % 1000));
            }
            prop_assert!(reader.left() < 8);
            prop_assert_eq!(reader.bits(8), None);
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), width in 0u32..=32) {
            let mut reader = BitReader::new(&bytes);
            while reader.positive().is_some() && reader.near(width.min(31)).is_some() && reader.bits(width).is_some() {}
        }
    }
}
