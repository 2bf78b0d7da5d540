//! A few rows that are scored together.

/// The most rows of a block, one per bit of a word.
pub(super) const BLOCK: usize = u64::BITS as usize;

/// At most [`BLOCK`] rows, one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) values: &'a [f32],
    /// Number of columns, at least 1.
    pub(super) width: usize,
}

impl<'a> Block<'a> {
    pub(super) fn rows(self) -> impl Iterator<Item = &'a [f32]> {
        self.values.chunks_exact(self.width)
    }
}
