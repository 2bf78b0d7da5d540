//! What models say of the posts they were not fitted on, for the posts of the fit.

use hashrec_data::HashtagId;

use crate::{CommunityModel, IndexScores, PostFeatures, PostInput, Scratch, index::Asked, nearest};

/// For each post that a fit was asked for, the scores of a model fitted without it (leave one out):
/// exact for the linear classifiers, by leaving the post out of its own vote for the nearest posts.
///
/// What posts look like (vocabulary and rarity) is learned from all of them; only hashtags are
/// left out. A post that is served is counted as one of them too, but for character n-grams that a
/// single post has.
pub struct Loo<'a> {
    pub(crate) posts: &'a [PostInput<'a>],
    /// The posts there are scores of, by position, rising.
    pub(crate) asked: Vec<u32>,
    pub(crate) model: CommunityModel,
    /// Asked posts × hashtags.
    pub(crate) linear: Vec<f32>,
    /// The same of the classifier in which posts close in time count more; empty without one.
    pub(crate) recent: Vec<f32>,
}

impl Loo<'_> {
    /// How many posts the fit had.
    pub fn len(&self) -> usize {
        self.posts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.posts.is_empty()
    }

    /// What the linear classifier fitted without `post` says of it: one score per hashtag; empty
    /// if there is no such post, or it was not asked for.
    pub fn linear(&self, post: usize) -> &[f32] {
        self.row(&self.linear, post)
    }

    /// Which row is a post's, if it was asked for.
    fn row_of(&self, post: usize) -> Option<usize> {
        self.asked.binary_search(&u32::try_from(post).ok()?).ok()
    }

    /// The row of a post.
    fn row<'s>(&self, scores: &'s [f32], post: usize) -> &'s [f32] {
        let hashtags = self.model.view().hashtags();
        let row = self.row_of(post);
        row.and_then(|row| scores.get(row * hashtags..(row + 1) * hashtags)).unwrap_or_default()
    }

    /// What the generators fitted without `post` say of it; zeros if there is no such post, or it
    /// was not asked for.
    ///
    /// `chosen` are hashtags that its author is taken to have chosen already.
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
        nearest::score(similarities, view.gold, Some(post), view.nearest, &mut scores);
        let skip = Some(post);
        scores.cooccurrence =
            nearest::cooccurrence(similarities, view.gold, skip, chosen, view.nearest);
        scores.make_finite();
        scores
    }
}
