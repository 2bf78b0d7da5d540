//! Reading numbers and tables off the front of bytes, with every length checked.

use crate::problem::Damage;

/// The bytes not read yet, in the fixed-width little-endian form that vibrato writes.
pub(super) struct Cursor<'b> {
    left: &'b [u8],
}

/// Rows of `N` bytes.
#[derive(Clone, Copy)]
pub(super) struct Rows<'b, const N: usize> {
    rows: &'b [[u8; N]],
}

impl<'b, const N: usize> Rows<'b, N> {
    pub(super) fn len(self) -> usize {
        self.rows.len()
    }

    pub(super) fn get(self, row: usize) -> Option<&'b [u8; N]> {
        self.rows.get(row)
    }

    pub(super) fn as_bytes(self) -> &'b [u8] {
        self.rows.as_flattened()
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'b [u8; N]> {
        self.rows.iter()
    }
}

impl<'b> Cursor<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { left: bytes }
    }

    fn take(&mut self, what: &'static str, len: usize) -> Result<&'b [u8], Damage> {
        let claimed = len as u64;
        let short = Damage::Table { what, claimed, left: self.left.len() as u64 };
        let (taken, left) = self.left.split_at_checked(len).ok_or(short)?;
        self.left = left;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Damage> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(what, N)?);
        Ok(bytes)
    }

    pub(super) fn u8(&mut self, what: &'static str) -> Result<u8, Damage> {
        Ok(self.array::<1>(what)?[0])
    }

    pub(super) fn u32(&mut self, what: &'static str) -> Result<u32, Damage> {
        self.array(what).map(u32::from_le_bytes)
    }

    /// A number that vibrato keeps as `usize`.
    pub(super) fn u64(&mut self, what: &'static str) -> Result<u64, Damage> {
        self.array(what).map(u64::from_le_bytes)
    }

    /// As many rows of `N` bytes as the 64-bit number in front of them says.
    pub(super) fn rows<const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<Rows<'b, N>, Damage> {
        let count = self.u64(what)?;
        self.counted(what, count)
    }

    /// `count` rows of `N` bytes.
    pub(super) fn counted<const N: usize>(
        &mut self,
        what: &'static str,
        count: u64,
    ) -> Result<Rows<'b, N>, Damage> {
        let claimed = count.saturating_mul(N as u64);
        let bytes = self.take(what, usize::try_from(claimed).unwrap_or(usize::MAX))?;
        Ok(Rows { rows: bytes.as_chunks().0 })
    }

    /// A text of at most `max` bytes with its length in front.
    pub(super) fn text(&mut self, what: &'static str, max: u64) -> Result<&'b str, Damage> {
        let len = self.u64(what)?;
        at_most(what, len, max)?;
        let bytes = self.take(what, usize::try_from(len).unwrap_or(usize::MAX))?;
        std::str::from_utf8(bytes).map_err(|_| Damage::Utf8 { what })
    }

    /// That nothing follows.
    pub(super) fn end(self) -> Result<(), Damage> {
        at_most("the number of bytes after the last table", self.left.len() as u64, 0)
    }
}

/// That `found` is at most `max`.
pub(super) fn at_most(what: &'static str, found: u64, max: u64) -> Result<(), Damage> {
    if found > max { Err(Damage::Content { what, found, max }) } else { Ok(()) }
}
