//! The fitted generators of one community.

use hashrec_data::HashtagId;
use hashrec_storage::Table;

use crate::{
    FeatureExtractor, IndexScores, MixtureParams, NearestParams, PostFeatures, RecencyParams,
    Scratch,
    features::FIELDS,
    gold::{Gold, GoldTables},
    index::{Asked, FieldIndex, FieldView},
    linear::LinearView,
    nearest,
    recent::{RecentModel, RecentView},
    sums::{Sums, SumsView},
};

/// The fitted generators of one community: the index of its posts, their hashtags, and the linear
/// classifiers. Cloning is cheap because clones share the tables.
#[derive(Clone, Debug, PartialEq)]
pub struct CommunityModel {
    /// The number of posts that must have a feature for it to count; at least 1.
    pub(crate) least: u32,
    pub(crate) fields: [FieldIndex; FIELDS],
    pub(crate) gold: GoldTables,
    pub(crate) support: Table<u32>,
    pub(crate) weights: Table<u16>,
    pub(crate) bias: Table<f32>,
    pub(crate) recent: RecentModel,
    pub(crate) sums: Sums,
    pub(crate) nearest: NearestParams,
    pub(crate) recency: RecencyParams,
    pub(crate) mixture: MixtureParams,
    pub(crate) extractor: FeatureExtractor,
}

impl CommunityModel {
    /// The view that answers questions about posts.
    pub fn view(&self) -> CommunityView<'_> {
        let [words, characters] = &self.fields;
        CommunityView {
            fields: words
                .view(self.least)
                .zip(characters.view(self.least))
                .map(|(words, chars)| [words, chars]),
            gold: self.gold.view(),
            linear: LinearView { support: &self.support, weights: &self.weights, bias: &self.bias },
            recent: RecentView {
                times: &self.recent.times,
                mixed: self.recent.mixed,
                linear: LinearView {
                    support: &self.support,
                    weights: &self.recent.weights,
                    bias: &self.recent.bias,
                },
                params: &self.recency,
                mixture: &self.mixture,
            },
            sums: self.sums.view(),
            nearest: &self.nearest,
            extractor: &self.extractor,
        }
    }
}

/// The generators of one community, read in place: only the needed pages of a mapped file are loaded.
#[derive(Clone, Copy, Debug)]
pub struct CommunityView<'a> {
    /// `None` only in a damaged file; then no post is similar.
    pub(crate) fields: Option<[FieldView<'a>; FIELDS]>,
    pub(crate) gold: Gold<'a>,
    pub(crate) linear: LinearView<'a>,
    pub(crate) recent: RecentView<'a>,
    pub(crate) sums: SumsView<'a>,
    pub(crate) nearest: &'a NearestParams,
    pub(crate) extractor: &'a FeatureExtractor,
}

impl<'a> CommunityView<'a> {
    /// The number of posts that the community was fitted on.
    pub fn posts(&self) -> usize {
        self.gold.posts()
    }

    /// The number of hashtags of the community.
    pub fn hashtags(&self) -> usize {
        self.gold.uses.len()
    }

    /// The hashtags of one of its posts, as rising positions in its space.
    pub fn gold(&self, post: usize) -> &'a [u32] {
        self.gold.of(post)
    }

    /// The extractor of the features that [`scores`](Self::scores) expects.
    pub fn extractor(&self) -> &'a FeatureExtractor {
        self.extractor
    }

    /// The similarities, 0 to 1, of a new post to each post of the community.
    pub fn similarities<'s>(&self, post: &PostFeatures, scratch: &'s mut Scratch) -> &'s [f32] {
        self.similarities_of(Asked::New, post, scratch)
    }

    pub(crate) fn similarities_of<'s>(
        &self,
        asked: Asked,
        post: &PostFeatures,
        scratch: &'s mut Scratch,
    ) -> &'s [f32] {
        let mut similarities = std::mem::take(&mut scratch.similarities);
        similarities.clear();
        similarities.resize(self.posts(), 0.0);
        if let Some(fields) = &self.fields {
            scratch.look_up(fields, post, asked);
            scratch.similarities(&fields.map(|f| f.postings), 0, &mut similarities);
        }
        scratch.similarities = similarities;
        &scratch.similarities
    }

    /// The similarities of a new post, by features with and without sums.
    fn split(&self, post: &PostFeatures, scratch: &mut Scratch) {
        let Some(fields) = &self.fields else { return scratch.clear(self.posts()) };
        scratch.look_up(fields, post, Asked::New);
        scratch.split(&fields.map(|field| field.postings), &self.sums.columns, self.posts());
    }

    /// The scores that the generators give a new post. They are zeros in a community of fewer than
    /// two posts, for which leave-one-out scores do not exist.
    ///
    /// `created_at` is the time of the post in Unix seconds; `None` means the time of the community's
    /// newest post. `cosines` say how nearly the post means what each of the community's posts means;
    /// where an encoder was at hand in the fit, the second classifier needs them. `chosen` holds the hashtags that the author has already chosen.
    pub fn scores(
        &self,
        post: &PostFeatures,
        created_at: Option<i64>,
        cosines: Option<&[f32]>,
        chosen: &[HashtagId],
        scratch: &mut Scratch,
    ) -> IndexScores {
        let mut scores = IndexScores::zeros(self.hashtags());
        if self.posts() < 2 {
            return scores;
        }
        self.split(post, scratch);
        self.linear.begin(&mut scores.linear);
        self.sums.add_linear(&scratch.summed, &mut scores.linear);
        self.linear.add(&scratch.rest, &mut scores.linear);
        let similarities = &scratch.similarities;
        scores.set_votes(nearest::votes(similarities, self.gold, None, self.nearest));
        scores.cooccurrence =
            nearest::cooccurrence(similarities, self.gold, None, chosen, self.nearest);
        let cosines = cosines.filter(|cosines| cosines.len() == self.posts());
        if self.recent.is_fitted() && (cosines.is_some() || !self.recent.mixed) {
            let recent = scores.recent.insert(vec![0.0; self.gold.uses.len()]);
            let cosines = cosines.unwrap_or_default();
            self.recent.score(created_at, cosines, &self.sums, scratch, recent);
        }
        scores.make_finite();
        scores
    }
}
