//! The ranker that comes with the crate.

use crate::{Ranker, RankerError};

/// Its part, made by `benches/quality`; see `docs/builtin-ranker.md`.
const PART: &[u8] = include_bytes!("built_in.part");

impl Ranker {
    /// The ranker that comes with the crate: it was trained on posts of many kinds of communities,
    /// and ranks the hashtags of communities that it has never seen.
    ///
    /// # Errors
    /// Those of [`Ranker::read`]. The part is read like any other; a test shows that it can be.
    pub fn built_in() -> Result<Self, RankerError> {
        Self::read(PART.to_vec().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_whole_and_small() {
        let ranker = Ranker::built_in().unwrap();
        assert!(ranker.forest().trees() > 10);
        // It was trained without a net, whose columns are missing where it serves.
        let mut net = ranker.importance().iter().filter(|of| of.feature.starts_with("classifier"));
        assert!(net.all(|of| of.splits == 0));
        assert!(PART.len() < 1_500_000);
    }
}
