//! The rankers that come with the crate.

use crate::{Ranker, RankerError};

/// Their parts, made by `benches/quality`; see `docs/builtin-ranker.md`.
const PART: &[u8] = include_bytes!("built_in.part");
const MEANING_PART: &[u8] = include_bytes!("built_in_meaning.part");

impl Ranker {
    /// The ranker that comes with the crate: it was trained on posts of many kinds of communities,
    /// and ranks the hashtags of communities that it has never seen.
    ///
    /// # Errors
    /// Those of [`Ranker::read`]. The part is read like any other; a test shows that it can be.
    pub fn built_in() -> Result<Self, RankerError> {
        Self::read(PART.to_vec().into())
    }

    /// The same for communities whose texts an encoder reads: it also knows the columns by meaning.
    ///
    /// # Errors
    /// As [`built_in`](Self::built_in).
    pub fn built_in_by_meaning() -> Result<Self, RankerError> {
        Self::read(MEANING_PART.to_vec().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_whole_and_small() {
        for (ranker, knows_meaning) in
            [(Ranker::built_in(), false), (Ranker::built_in_by_meaning(), true)]
        {
            let ranker = ranker.unwrap();
            assert!(ranker.forest().trees() > 10);
            let uses = |columns: &str| {
                let mut used = ranker.importance().iter().filter(|of| of.splits > 0);
                used.any(|of| of.feature.starts_with(columns))
            };
            // They were trained without a net, whose columns are missing where they serve.
            assert!(!uses("classifier"));
            assert_eq!(uses("meaning"), knows_meaning);
        }
        assert!(PART.len() + MEANING_PART.len() < 1_500_000);
    }
}
