//! What is refused before anything is allocated for it.

/// The largest token id.
pub(crate) const MOST_TOKENS: u32 = 1 << 24;
