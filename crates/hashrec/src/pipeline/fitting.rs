//! What generators are fitted to, and what they talk to meanwhile.

use std::sync::Arc;

use hashrec_candidates::Loo;
use hashrec_data::{CommunityId, HashtagSpace, fold_of};
use hashrec_floret::FloretTable;
use hashrec_tokenize::TextTokenizer;

use super::vectors::Vectors;
use crate::{
    bundle::error::BundleError, error::TrainError, prepared::Prepared, reporter::Reporter,
};

/// The posts, and what earlier steps made of them.
#[derive(Clone, Copy)]
pub(crate) struct FitData<'a> {
    pub(crate) prepared: &'a Prepared<'a>,
    pub(crate) tokenizer: &'a TextTokenizer,
    /// Word vectors of the posts, if a stage starts from them.
    pub(crate) words: Option<&'a FloretTable>,
    /// Vectors of posts and hashtags, if a stage compares them.
    pub(crate) vectors: Option<&'a Arc<Vectors>>,
}

impl<'a> FitData<'a> {
    pub(crate) fn space(&self) -> &'a HashtagSpace {
        &self.prepared.space
    }

    /// The vectors of a stage that can't do without.
    pub(crate) fn vectors(&self) -> Result<&'a Arc<Vectors>, TrainError> {
        let missing = || BundleError::MissingPart { path: "".into(), part: "vectors".to_owned() };
        self.vectors.ok_or_else(|| TrainError::Bundle { source: missing() })
    }
}

/// One fit of a generator: to which posts, and who hears of it.
pub(crate) struct FitRun<'r, 'p> {
    /// Posts of this fold are left out.
    pub(crate) fold: Option<Fold>,
    pub(crate) reporter: &'r mut Reporter<'p>,
    pub(crate) checkpoint: &'r mut dyn Checkpoint,
    /// Takes the scores of posts by models without them, if they are wanted.
    pub(crate) unseen: Option<&'r mut (dyn UnseenScores + 'r)>,
}

/// One of several equal parts of the posts.
#[derive(Clone, Copy, Debug)]
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

/// Where a long fit saves its state, and finds that of an interrupted run.
pub(crate) trait Checkpoint {
    /// Whether a saved state is ever read.
    fn is_wanted(&self) -> bool;

    /// The last state that was saved.
    fn load(&mut self) -> Result<Option<Vec<u8>>, TrainError>;

    /// Saves a state in place of the last one.
    fn save(&mut self, state: &[u8]) -> Result<(), TrainError>;
}

/// Takes scores of posts by generators that were not fitted to them.
pub(crate) trait UnseenScores {
    /// Which posts of a community it takes scores of: positions in `posts`.
    fn wanted(&self, posts: &[usize]) -> Vec<u32>;

    /// Takes the scores of the wanted posts of a community by models without each one of them.
    fn leave_one_out(
        &mut self,
        community: CommunityId,
        posts: &[usize],
        scores: &Loo<'_>,
    ) -> Result<(), TrainError>;

    /// Takes the logits of posts by a net that was not trained on them.
    fn logits(&mut self, posts: Vec<(usize, Vec<f32>)>);
}
