//! Vectors of posts and hashtags, for stages that compare them.

use std::sync::Arc;

use hashrec_data::{CommunityId, HashtagId, HashtagSpace};
#[cfg(feature = "trainer")]
use hashrec_storage::PartWriter;
use hashrec_storage::{
    Bytes, Part, StorageError, Table,
    offsets::{are_offsets, span},
};
use hashrec_tokenize::Tokens;
#[cfg(feature = "trainer")]
use hashrec_tokenize::{TextTokenizer, Tokenizer, Worker};
#[cfg(feature = "encoder")]
use hashrec_vectorize::Transformer;
use hashrec_vectorize::{VectorizeError, Vectorizer};

use super::parts::same_hashtags;
use crate::bundle::error::BundleError;

const KIND: &str = "vectors";
const VERSION: u32 = 1;

/// What turns one text into its vector.
#[derive(Clone)]
pub(crate) enum TextVectorizer {
    /// It sees the text's tokens.
    Tokens(Arc<dyn Vectorizer>),
    #[cfg(feature = "encoder")]
    Transformer(Arc<Transformer>),
}

impl TextVectorizer {
    /// The length of every vector.
    pub(crate) fn dim(&self) -> usize {
        match self {
            Self::Tokens(vectorizer) => vectorizer.dim(),
            #[cfg(feature = "encoder")]
            Self::Transformer(model) => model.dim(),
        }
    }

    /// The vector of a post with these tokens.
    #[cfg_attr(not(feature = "encoder"), expect(unused_variables))]
    pub(crate) fn post(&self, text: &str, tokens: &Tokens) -> Result<Vec<f32>, VectorizeError> {
        let mut vector = match self {
            Self::Tokens(vectorizer) => of_tokens(&**vectorizer, tokens),
            #[cfg(feature = "encoder")]
            Self::Transformer(model) => model.posts(&[text])?,
        };
        // A damaged bundle can make sums overflow.
        vector.iter_mut().filter(|value| !value.is_finite()).for_each(|value| *value = 0.0);
        Ok(vector)
    }

    /// The vector of a hashtag.
    #[cfg(feature = "trainer")]
    fn hashtag(
        &self,
        hashtag: &str,
        worker: &mut (dyn Worker + '_),
    ) -> Result<Vec<f32>, VectorizeError> {
        match self {
            Self::Tokens(vectorizer) => {
                let mut tokens = Tokens::default();
                let spaced = hashtag.replace(['-', '_', '/'], " ");
                worker.tokenize(&spaced, &mut tokens);
                if tokens.is_empty() {
                    tokens.push(hashtag, 0..hashtag.len());
                }
                Ok(of_tokens(&**vectorizer, &tokens))
            }
            #[cfg(feature = "encoder")]
            Self::Transformer(model) => model.hashtags(&[hashtag]),
        }
    }

    /// The vectors of a post with each of these hashtags, one after another; none where only a
    /// transformer has such vectors.
    #[cfg_attr(not(feature = "encoder"), expect(unused_variables))]
    pub(crate) fn pairs(&self, text: &str, hashtags: &[&str]) -> Result<Vec<f32>, VectorizeError> {
        match self {
            Self::Tokens(_) => Ok(Vec::new()),
            #[cfg(feature = "encoder")]
            Self::Transformer(model) => {
                let pairs: Vec<(&str, &str)> = hashtags.iter().map(|&tag| (text, tag)).collect();
                model.pairs(&pairs)
            }
        }
    }
}

fn of_tokens(vectorizer: &dyn Vectorizer, tokens: &Tokens) -> Vec<f32> {
    let mut vector = vec![0.0; vectorizer.dim()];
    vectorizer.vectorize(tokens, &mut vector);
    vector
}

/// What turns texts into vectors, and the vector of every hashtag of every community.
#[derive(Clone)]
pub(crate) struct Vectors {
    text: TextVectorizer,
    /// Where each community's vectors start, counted in hashtags; one more than communities.
    starts: Table<u32>,
    values: Table<f32>,
}

impl Vectors {
    /// Computes the vectors of all hashtags.
    #[cfg(feature = "trainer")]
    pub(crate) fn new(
        text: TextVectorizer,
        space: &HashtagSpace,
        tokenizer: &TextTokenizer,
    ) -> Result<Self, VectorizeError> {
        let mut worker = tokenizer.worker();
        let mut starts = vec![0];
        let mut values = Vec::new();
        for (_, community) in space.communities() {
            for hashtag in community.hashtags() {
                values.extend(text.hashtag(hashtag, &mut *worker)?);
            }
            starts.push((values.len() / text.dim()) as u32);
        }
        Ok(Self { text, starts: starts.into(), values: values.into() })
    }

    pub(crate) fn dim(&self) -> usize {
        self.text.dim()
    }

    /// What turns a post into a vector.
    pub(crate) fn text(&self) -> &TextVectorizer {
        &self.text
    }

    /// The vectors of a community's hashtags, one after another.
    pub(crate) fn community(&self, community: CommunityId) -> &[f32] {
        let hashtags = span(&self.starts, community.index());
        let values = hashtags.start * self.dim()..hashtags.end * self.dim();
        self.values.get(values).unwrap_or_default()
    }

    /// The vector of a hashtag.
    pub(crate) fn hashtag(&self, community: CommunityId, hashtag: HashtagId) -> &[f32] {
        let vectors = self.community(community);
        vectors
            .get(hashtag.index() * self.dim()..(hashtag.index() + 1) * self.dim())
            .unwrap_or_default()
    }

    /// Checks that there are vectors of the communities and hashtags of this space.
    pub(crate) fn check_space(&self, space: &HashtagSpace) -> Result<(), BundleError> {
        same_hashtags(KIND, space, |community| {
            self.starts.get(community.index() + 1)?;
            Some(span(&self.starts, community.index()).len())
        })
    }

    /// The hashtags' vectors as a part; what they were made by is a part of its own.
    #[cfg(feature = "trainer")]
    pub(crate) fn write(&self) -> Result<Vec<u8>, StorageError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&self.dim())?;
        writer.table("starts", &self.starts)?;
        writer.table("values", &self.values)?;
        writer.to_bytes()
    }

    /// Reads what [`Vectors::write`] wrote, beside what they were made by.
    pub(crate) fn read(text: TextVectorizer, bytes: Bytes) -> Result<Self, StorageError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let dim: usize = part.header()?;
        let starts = part.table::<u32>("starts")?;
        let values = part.table::<f32>("values")?;
        if dim != text.dim() {
            let problem = format!("has vectors of {dim} numbers, the vectorizer of {}", text.dim());
            return Err(part.wrong("values", problem));
        }
        let vectors = values.len().checked_div(dim).unwrap_or(0);
        if vectors * dim != values.len() || !are_offsets(&starts, vectors) {
            return Err(part.wrong("starts", format!("does not divide {vectors} vectors of {dim}")));
        }
        if !values.iter().all(|value| value.is_finite()) {
            return Err(part.wrong("values", "holds a number that is not finite".into()));
        }
        Ok(Self { text, starts, values })
    }
}
