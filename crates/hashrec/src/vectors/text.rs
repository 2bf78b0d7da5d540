//! What turns one text into its vector.

use hashrec_tokenize::Tokens;
use hashrec_vectorize::{FloretMean, TfIdfSvd, Vectorizer};

/// The vectorizer of a bundle.
#[derive(Clone)]
pub(crate) enum TextVectorizer {
    Floret(FloretMean),
    Svd(TfIdfSvd),
}

impl TextVectorizer {
    /// The length of every vector.
    pub(crate) fn dim(&self) -> usize {
        match self {
            Self::Floret(mean) => mean.dim(),
            Self::Svd(svd) => svd.dim(),
        }
    }

    /// The vector of a post.
    pub(crate) fn post(&self, tokens: &Tokens) -> Vec<f32> {
        let mut vector = vec![0.0; self.dim()];
        match self {
            Self::Floret(mean) => mean.vectorize(tokens, &mut vector),
            Self::Svd(svd) => svd.vectorize(tokens, &mut vector),
        }
        vector
    }
}
