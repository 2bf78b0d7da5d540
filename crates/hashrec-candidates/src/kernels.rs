//! The similarities that the linear classifiers are fitted on.

use crate::{
    FeatureExtractor, MixtureParams, PostFeatures, PostInput, RecencyParams, Scratch,
    features::FIELDS,
    index::{Asked, FieldView, Pairs, PairsWorker, Postings},
    linear::{Gram, Kernel, Reweigh},
    meaning::RowsView,
    nearness::nearness,
};

/// The similarity of a post to landmarks, looked up in the index.
#[derive(Clone, Copy)]
pub(crate) struct IndexKernel<'a> {
    pub(crate) posts: &'a [PostInput<'a>],
    pub(crate) extractor: &'a FeatureExtractor,
    pub(crate) fields: [FieldView<'a>; FIELDS],
    /// The posting lists of the landmarks.
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

impl Gram for Pairs<'_> {
    type Worker = PairsWorker;

    fn worker(&self) -> PairsWorker {
        self.worker()
    }

    fn column(&self, worker: &mut PairsWorker, post: usize, out: &mut [f32]) {
        self.column(worker, post, out);
    }
}

/// Mixes similarities with what two posts mean, and weighs them by how close in time the two are.
#[derive(Clone, Copy)]
pub(crate) struct Recency<'a> {
    /// The time of each post, if times count.
    pub(crate) times: Option<&'a [i64]>,
    pub(crate) params: &'a RecencyParams,
    /// The vectors of what each post means, if that counts.
    pub(crate) meaning: Option<RowsView<'a>>,
    pub(crate) mixture: &'a MixtureParams,
}

impl Recency<'_> {
    fn weigh(&self, similarity: &mut f32, post: usize, other: usize) {
        if let Some(meaning) = &self.meaning {
            // The dot product of two pairs of vectors: the sum of two cosines.
            *similarity = self.mixture.mix(*similarity, 0.5 * meaning.product(post, other));
        }
        let Some(times) = self.times else { return };
        // A post is as close as can be to itself, even if its time is unknown.
        let nearness = match other == post {
            true => 1.0,
            false => nearness(self.params, times[post], times[other]),
        };
        *similarity = self.params.weigh(*similarity, nearness);
    }
}

impl Reweigh for Recency<'_> {
    fn reweigh(&self, post: usize, column: &mut [f32]) {
        (post..).zip(column).for_each(|(other, similarity)| self.weigh(similarity, post, other));
    }
}

/// The similarity to landmarks, weighted by how close in time the two posts are.
pub(crate) struct RecentKernel<'a> {
    pub(crate) similarity: IndexKernel<'a>,
    pub(crate) recency: Recency<'a>,
    /// The posts that make up the columns.
    pub(crate) landmarks: &'a [u32],
}

impl Kernel for RecentKernel<'_> {
    type Worker = <IndexKernel<'static> as Kernel>::Worker;

    fn worker(&self) -> Self::Worker {
        self.similarity.worker()
    }

    fn row(&self, worker: &mut Self::Worker, post: usize, from: usize, out: &mut [f32]) {
        self.similarity.row(worker, post, from, out);
        for (&other, similarity) in self.landmarks[from..].iter().zip(out) {
            self.recency.weigh(similarity, post, other as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use hashrec_data::HashtagId;
    use hashrec_tokenize::Tokens;
    use rand_pcg::{Pcg32, rand_core::Rng};

    use super::*;
    use crate::{CandidateParams, CommunityModel};

    #[test]
    fn pairs_are_as_similar_as_posts_that_are_looked_up() {
        let mut random = Pcg32::new(1, 1);
        // Enough posts that a word must be in two, and some words in one alone.
        let texts: Vec<String> = (0..70)
            .map(|post| {
                (0..random.next_u32() % 9).fold(format!("only{post}"), |text, _| {
                    format!("{text} word{}", random.next_u32() % 25)
                })
            })
            .collect();
        let tokens = |text: &String| {
            let mut tokens = Tokens::default();
            text.split(' ').for_each(|word| tokens.push(word, 0..0));
            tokens
        };
        let tokens: Vec<Tokens> = texts.iter().map(tokens).collect();
        let gold = [HashtagId(0)];
        let posts: Vec<PostInput<'_>> = (texts.iter().zip(&tokens))
            .map(|(text, tokens)| PostInput {
                tokens,
                text,
                created_at: None,
                meaning: &[],
                gold: &gold,
            })
            .collect();
        let params = CandidateParams::default();
        let model = CommunityModel::fit(&posts, 1, &params).unwrap();
        let view = model.view();
        let fields = view.fields.unwrap();
        let columns = fields.map(|field| field.postings);
        let looked_up = IndexKernel { posts: &posts, extractor: view.extractor, fields, columns };
        let mut worker = looked_up.worker();
        let pairs = Pairs::new(&fields);
        // The second passes over posts that another thread takes.
        let mut workers = [pairs.worker(), pairs.worker()];
        for post in 0..posts.len() {
            let mut expected = vec![0.0; posts.len() - post];
            looked_up.row(&mut worker, post, post, &mut expected);
            assert!(expected[0] > 0.49);
            for worker in &mut workers[..1 + usize::from(post % 7 == 3)] {
                let mut found = vec![f32::NAN; posts.len() - post];
                pairs.column(worker, post, &mut found);
                assert_eq!(found, expected, "post {post}");
            }
        }
    }
}
