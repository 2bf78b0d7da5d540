//! A post as the stages read it: what one of them computes, the others reuse.

use std::cell::OnceCell;

use hashrec_data::{CommunityId, CommunitySpace};
use hashrec_features::{Analysis, PostView};
use hashrec_tokenize::Tokens;

use super::{meaning::Meaning, vectors::Vectors};
use crate::error::RecommendError;

/// A post in one community.
pub(crate) struct Reading<'a> {
    pub(crate) community: CommunityId,
    pub(crate) space: &'a CommunitySpace,
    pub(crate) text: &'a str,
    pub(crate) tokens: &'a Tokens,
    pub(crate) created_at: Option<i64>,
    analysis: OnceCell<Analysis>,
    vector: OnceCell<Vec<f32>>,
    meaning: OnceCell<Vec<f32>>,
}

impl<'a> Reading<'a> {
    /// A post that is split into tokens.
    pub(crate) fn new(
        (community, space): (CommunityId, &'a CommunitySpace),
        text: &'a str,
        tokens: &'a Tokens,
        created_at: Option<i64>,
    ) -> Self {
        let (analysis, vector, meaning) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { community, space, text, tokens, created_at, analysis, vector, meaning }
    }

    /// The post as the features see it.
    pub(crate) fn analysis(&self) -> &Analysis {
        self.analysis
            .get_or_init(|| Analysis::new(&PostView::new(self.text, self.tokens, self.created_at)))
    }

    /// The post's vector. A pipeline has one kind of vectors, so each post has one.
    pub(crate) fn vector(&self, vectors: &Vectors) -> Result<&[f32], RecommendError> {
        if let Some(vector) = self.vector.get() {
            return Ok(vector);
        }
        let vector = vectors.text().post(self.text, self.tokens).map_err(RecommendError::score)?;
        Ok(self.vector.get_or_init(|| vector))
    }

    /// What the post means: the vector of its text, then that of its title.
    pub(crate) fn meaning(&self, meaning: &Meaning) -> Result<&[f32], RecommendError> {
        if let Some(vector) = self.meaning.get() {
            return Ok(vector);
        }
        let vector = meaning.post(self.text).map_err(RecommendError::score)?;
        Ok(self.meaning.get_or_init(|| vector))
    }

    /// The error of a part that has nothing for the post's community.
    pub(crate) fn missing(&self, part: &'static str) -> RecommendError {
        RecommendError::MissingCommunity { part, community: self.space.name().to_owned() }
    }
}
