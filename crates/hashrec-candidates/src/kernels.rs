//! The similarities that the linear classifiers are fitted on.

use crate::{
    FeatureExtractor, PostFeatures, PostInput, RecencyParams, Scratch,
    features::FIELDS,
    index::{Asked, FieldView, Postings},
    linear::Kernel,
    recent::nearness,
};

/// The similarity of two posts, looked up in the index.
#[derive(Clone, Copy)]
pub(crate) struct IndexKernel<'a> {
    pub(crate) posts: &'a [PostInput<'a>],
    pub(crate) extractor: &'a FeatureExtractor,
    pub(crate) fields: [FieldView<'a>; FIELDS],
    /// The posting lists of all posts, or of the landmarks only.
    pub(crate) columns: [Postings<'a>; FIELDS],
}

impl Kernel for IndexKernel<'_> {
    type Worker = (Scratch, PostFeatures);

    fn worker(&self) -> Self::Worker {
        Default::default()
    }

    fn row(&self, worker: &mut Self::Worker, post: usize, from: usize, out: &mut [f32]) {
        let (scratch, features) = worker;
        let input = &self.posts[post];
        self.extractor.extract(input.tokens, input.text, features);
        scratch.look_up(&self.fields, features, Asked::Member);
        scratch.similarities(&self.columns, from, out);
    }
}

/// The same similarity, weighted by how close in time the two posts are.
pub(crate) struct RecentKernel<'a> {
    pub(crate) similarity: IndexKernel<'a>,
    /// The time of each post.
    pub(crate) times: &'a [i64],
    /// The posts that make up the columns; `None` if all do.
    pub(crate) landmarks: Option<&'a [u32]>,
    pub(crate) params: &'a RecencyParams,
}

impl Kernel for RecentKernel<'_> {
    type Worker = <IndexKernel<'static> as Kernel>::Worker;

    fn worker(&self) -> Self::Worker {
        self.similarity.worker()
    }

    fn row(&self, worker: &mut Self::Worker, post: usize, from: usize, out: &mut [f32]) {
        self.similarity.row(worker, post, from, out);
        for (column, similarity) in (from..).zip(out) {
            let other = self.landmarks.map_or(column, |landmarks| landmarks[column] as usize);
            // A post is as close as can be to itself, even if its time is unknown.
            let nearness = match other == post {
                true => 1.0,
                false => nearness(self.params, self.times[post], self.times[other]),
            };
            *similarity = self.params.weigh(*similarity, nearness);
        }
    }
}
