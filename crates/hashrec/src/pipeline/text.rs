//! What turns one text into its vector.

use hashrec_tokenize::Tokens;
#[cfg(feature = "encoder")]
use hashrec_vectorize::Transformer;
use hashrec_vectorize::{FloretMean, TfIdfSvd, VectorizeError, Vectorizer};

/// The vectorizer of a bundle.
#[derive(Clone)]
pub(crate) enum TextVectorizer {
    Floret(FloretMean),
    Svd(TfIdfSvd),
    #[cfg(feature = "encoder")]
    Transformer(std::sync::Arc<Transformer>),
}

impl TextVectorizer {
    /// The length of every vector.
    pub(crate) fn dim(&self) -> usize {
        match self {
            Self::Floret(mean) => mean.dim(),
            Self::Svd(svd) => svd.dim(),
            #[cfg(feature = "encoder")]
            Self::Transformer(model) => model.dim(),
        }
    }

    /// The vector of a post with these tokens.
    #[cfg_attr(not(feature = "encoder"), expect(unused_variables))]
    pub(crate) fn post(&self, text: &str, tokens: &Tokens) -> Result<Vec<f32>, VectorizeError> {
        match self {
            Self::Floret(mean) => Ok(of_tokens(mean, tokens)),
            Self::Svd(svd) => Ok(of_tokens(svd, tokens)),
            #[cfg(feature = "encoder")]
            Self::Transformer(model) => model.posts(&[text]),
        }
    }

    /// The vector of a hashtag, which is `tokens` with its hyphens, underscores and slashes taken
    /// for spaces.
    #[cfg(feature = "trainer")]
    #[cfg_attr(not(feature = "encoder"), expect(unused_variables))]
    pub(crate) fn hashtag(
        &self,
        hashtag: &str,
        tokens: &Tokens,
    ) -> Result<Vec<f32>, VectorizeError> {
        match self {
            Self::Floret(mean) => Ok(of_tokens(mean, tokens)),
            Self::Svd(svd) => Ok(of_tokens(svd, tokens)),
            #[cfg(feature = "encoder")]
            Self::Transformer(model) => model.hashtags(&[hashtag]),
        }
    }

    /// The vectors of a post with each of these hashtags, one after another; none where only a
    /// transformer has such vectors.
    #[cfg_attr(not(feature = "encoder"), expect(unused_variables))]
    pub(crate) fn pairs(&self, text: &str, hashtags: &[&str]) -> Result<Vec<f32>, VectorizeError> {
        match self {
            Self::Floret(_) | Self::Svd(_) => Ok(Vec::new()),
            #[cfg(feature = "encoder")]
            Self::Transformer(model) => {
                let pairs: Vec<(&str, &str)> = hashtags.iter().map(|&tag| (text, tag)).collect();
                model.pairs(&pairs)
            }
        }
    }
}

fn of_tokens(vectorizer: &impl Vectorizer, tokens: &Tokens) -> Vec<f32> {
    let mut vector = vec![0.0; vectorizer.dim()];
    vectorizer.vectorize(tokens, &mut vector);
    vector
}
