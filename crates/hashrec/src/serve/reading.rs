//! A post, read once a request: its tokens, and what each stage makes of them when it first asks.

use std::cell::OnceCell;

use hashrec_candidates::{IndexScores, PostFeatures, Scratch};
use hashrec_data::{CommunityId, HashtagId};
use hashrec_features::{Analysis, PostView};
use hashrec_tokenize::{Tokens, Worker};

use crate::{RecommendError, model::Model};

/// What one thread reuses from request to request.
#[derive(Default)]
pub(crate) struct Buffers {
    pub(crate) tokens: Tokens,
    pub(crate) features: PostFeatures,
    pub(crate) scratch: Scratch,
    pub(crate) rows: Vec<f32>,
    /// Those of their columns that the ranker knows, if not all.
    pub(crate) picked: Vec<f32>,
    pub(crate) scores: Vec<f64>,
}

/// A post in one community.
pub(crate) struct Reading<'a> {
    pub(crate) model: &'a Model,
    pub(crate) community: CommunityId,
    pub(crate) text: &'a str,
    pub(crate) tokens: &'a Tokens,
    pub(crate) created_at: Option<i64>,
    analysis: OnceCell<Analysis>,
    vector: OnceCell<Vec<f32>>,
}

impl<'a> Reading<'a> {
    /// Tokenizes into `tokens`.
    pub(crate) fn new(
        model: &'a Model,
        worker: &mut (dyn Worker + '_),
        tokens: &'a mut Tokens,
        community: CommunityId,
        text: &'a str,
        created_at: Option<i64>,
    ) -> Self {
        worker.tokenize(text, tokens);
        Self::of_tokens(model, tokens, community, text, created_at)
    }

    /// A post whose tokens are known.
    pub(crate) fn of_tokens(
        model: &'a Model,
        tokens: &'a Tokens,
        community: CommunityId,
        text: &'a str,
        created_at: Option<i64>,
    ) -> Self {
        let (analysis, vector) = (OnceCell::new(), OnceCell::new());
        Self { model, community, text, tokens, created_at, analysis, vector }
    }

    /// What the features see of it.
    pub(crate) fn analysis(&self) -> &Analysis {
        self.analysis
            .get_or_init(|| Analysis::new(&PostView::new(self.text, self.tokens, self.created_at)))
    }

    /// Its vector, empty if the system has none.
    pub(crate) fn vector(&self) -> Result<&[f32], RecommendError> {
        if let Some(vector) = self.vector.get() {
            return Ok(vector);
        }
        let vector = match &self.model.vectors {
            Some(vectors) => vectors
                .text()
                .post(self.text, self.tokens)
                .map_err(|source| RecommendError::Score { source: Box::new(source) })?,
            None => Vec::new(),
        };
        Ok(self.vector.get_or_init(|| vector))
    }

    /// What the generators over the posts' index say of it where its author has `chosen`
    /// hashtags, if the system has them.
    pub(crate) fn index_scores(
        &self,
        chosen: &[HashtagId],
        features: &mut PostFeatures,
        scratch: &mut Scratch,
    ) -> Option<IndexScores> {
        let view = self.model.index.as_ref()?.community(self.community)?;
        view.extractor().extract(self.tokens, self.text, features);
        Some(view.scores(features, self.created_at, chosen, scratch))
    }

    /// How many hashtags its community has.
    pub(crate) fn hashtags(&self) -> usize {
        self.model.space.community(self.community).map_or(0, |space| space.len())
    }
}
