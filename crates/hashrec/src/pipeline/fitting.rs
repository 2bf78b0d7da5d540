//! What stages are fitted to, and whom they talk to meanwhile.

use std::sync::Arc;

use hashrec_candidates::{Loo, MeaningLoo};
use hashrec_data::{CommunityId, HashtagSpace, Post, fold_of};
use hashrec_floret::FloretTable;
use hashrec_tokenize::TextTokenizer;

use super::{meaning::Meaning, reading::Reading, vectors::Vectors};
use crate::{
    bundle::error::BundleError, cache::Cache, error::TrainError, prepared::Prepared,
    reporter::Reporter,
};

/// A training run: the posts, and what earlier steps made of them.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) prepared: &'a Prepared<'a>,
    pub(crate) tokenizer: &'a TextTokenizer,
    pub(crate) cache: &'a Cache,
    pub(crate) reporter: Reporter<'a>,
    /// Word vectors of the posts, if a stage starts from them.
    pub(crate) words: Option<&'a FloretTable>,
    /// Vectors of posts and hashtags, if a stage compares them.
    pub(crate) vectors: Option<&'a Arc<Vectors>>,
    /// What texts mean, if a stage wants to know.
    pub(crate) meaning: Option<&'a Arc<Meaning>>,
    /// Generators with [`folds`](super::stage::Generator::folds) leave the posts of this fold out.
    #[cfg_attr(not(feature = "net"), expect(dead_code, reason = "only the net has folds"))]
    pub(crate) fold: Option<Fold>,
}

impl<'a> Run<'a> {
    pub(crate) fn space(&self) -> &'a HashtagSpace {
        &self.prepared.space
    }

    /// A post as the stages read it.
    pub(crate) fn reading(&self, post: usize) -> Option<Reading<'a>> {
        let (community, tokens) = (self.prepared.communities[post], &self.prepared.tokens[post]);
        let Post { text, created_at, .. } = &self.prepared.posts[post];
        let space = self.space().community(community)?;
        Some(Reading::new((community, space), text, tokens, *created_at))
    }

    /// The vectors of a stage that can't do without.
    pub(crate) fn vectors(&self) -> Result<&'a Arc<Vectors>, TrainError> {
        let missing = || BundleError::MissingPart { path: "".into(), part: "vectors".to_owned() };
        self.vectors.ok_or_else(|| TrainError::Bundle { source: missing() })
    }

    /// The encoder of a stage that can't do without.
    pub(crate) fn meaning(&self) -> Result<&'a Arc<Meaning>, TrainError> {
        let missing = || BundleError::MissingPart { path: "".into(), part: "encoder".to_owned() };
        self.meaning.ok_or_else(|| TrainError::Bundle { source: missing() })
    }
}

/// One of several equal parts of the posts.
#[derive(Clone, Copy, serde::Serialize)]
pub(crate) struct Fold {
    pub(crate) number: u32,
    pub(crate) of: u32,
}

impl Fold {
    /// Whether a post belongs to the fold.
    pub(crate) fn holds(self, post: &str) -> bool {
        fold_of(post, self.of, "classifier") == self.number
    }
}

/// Takes scores of posts by generators that were not fitted to them.
pub(crate) trait UnseenScores {
    /// Which posts of a community it takes scores of: positions in `posts`.
    fn wanted(&self, _posts: &[usize]) -> Vec<u32> {
        Vec::new()
    }

    /// Takes the scores of the wanted posts of a community by models without each one of them.
    fn leave_one_out(
        &mut self,
        _community: CommunityId,
        _posts: &[usize],
        _scores: &Loo<'_>,
    ) -> Result<(), TrainError> {
        Ok(())
    }

    /// Takes the scores by meaning of the wanted posts of a community, before its
    /// [`leave_one_out`](Self::leave_one_out).
    fn meaning(&mut self, _community: CommunityId, _scores: MeaningLoo) {}

    /// Takes the logits of posts by a net that was not trained on them.
    fn logits(&mut self, _posts: Vec<(usize, Vec<f32>)>) {}
}

/// No ranker learns from the scores.
pub(crate) struct Unwanted;

impl UnseenScores for Unwanted {}
