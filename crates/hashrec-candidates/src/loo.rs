//! Leave-one-out scores.

use hashrec_data::HashtagId;

use crate::{CommunityModel, IndexScores, PostFeatures, PostInput, Scratch, index::Asked, nearest};

/// Leave-one-out scores: for a post that the model was fitted on, the scores of a model fitted
/// without it. They are exact and need no refit. A ranker trained on them sees the scores that it
/// will see when serving.
///
/// For the linear classifiers the scores follow from a closed form. In the vote of the nearest posts,
/// a post does not vote for itself. The vocabulary and the rarity of features come from all posts;
/// only the hashtags of the post are left out. Serving counts a new post among the others in the same
/// way, except for character n-grams that only one post has.
pub struct Loo<'a> {
    pub(crate) posts: &'a [PostInput<'a>],
    /// The positions of the posts that have scores, rising.
    pub(crate) asked: Vec<u32>,
    pub(crate) model: CommunityModel,
    /// Asked posts × hashtags.
    pub(crate) linear: Vec<f32>,
    /// The same for the classifier in which posts close in time count more; empty without it.
    pub(crate) recent: Vec<f32>,
}

impl Loo<'_> {
    /// The number of posts that the model was fitted on.
    pub fn len(&self) -> usize {
        self.posts.len()
    }

    /// Whether the model was fitted on no posts.
    pub fn is_empty(&self) -> bool {
        self.posts.is_empty()
    }

    /// The scores of the linear classifier for a post, one per hashtag; empty if the post does not
    /// exist or its scores were not requested.
    pub fn linear(&self, post: usize) -> &[f32] {
        self.row(&self.linear, post)
    }

    /// The row of a post, if its scores were requested.
    fn row_of(&self, post: usize) -> Option<usize> {
        self.asked.binary_search(&u32::try_from(post).ok()?).ok()
    }

    /// The scores in the row of a post.
    fn row<'s>(&self, scores: &'s [f32], post: usize) -> &'s [f32] {
        let hashtags = self.model.view().hashtags();
        let row = self.row_of(post);
        row.and_then(|row| scores.get(row * hashtags..(row + 1) * hashtags)).unwrap_or_default()
    }

    /// The scores of all generators for a post; zeros if the post does not exist or its scores were
    /// not requested.
    ///
    /// `chosen` holds hashtags that the author is assumed to have chosen already.
    pub fn scores(&self, post: usize, chosen: &[HashtagId], scratch: &mut Scratch) -> IndexScores {
        let view = self.model.view();
        let mut scores = IndexScores::zeros(view.hashtags());
        let asked = |_: &&PostInput<'_>| self.row_of(post).is_some() && self.posts.len() > 1;
        let Some(input) = self.posts.get(post).filter(asked) else {
            return scores;
        };
        scores.linear.copy_from_slice(self.linear(post));
        scores.recent = view.recent.is_fitted().then(|| self.row(&self.recent, post).to_vec());
        let mut features = PostFeatures::default();
        view.extractor.extract(input.tokens, input.text, &mut features);
        let similarities = view.similarities_of(Asked::Member, &features, scratch);
        scores.set_votes(nearest::votes(similarities, view.gold, Some(post), view.nearest));
        let skip = Some(post);
        scores.cooccurrence =
            nearest::cooccurrence(similarities, view.gold, skip, chosen, view.nearest);
        scores.make_finite();
        scores
    }
}
