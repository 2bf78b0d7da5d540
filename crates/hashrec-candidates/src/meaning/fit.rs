//! Fitting the candidates by meaning of one community.

use std::f32::consts::FRAC_1_SQRT_2;

use hashrec_data::HashtagId;

use super::{
    loo::MeaningLoo,
    model::MeaningModel,
    params::MeaningParams,
    quantized::{QuantizedRows, RowsView},
};
use crate::{
    CandidatesError,
    fit::check_size,
    gold::GoldTables,
    linear::{self, Features, Gram, Reweigh, Ridge, RidgeInput},
    share::share_out,
};

/// Posts whose features one thread writes at a time.
const ROWS: usize = 32;

/// A post to fit on.
#[derive(Clone, Copy, Debug)]
pub struct MeaningInput<'a> {
    /// The vector of its text followed by that of its title, each of length 1 or all zeros.
    pub vector: &'a [f32],
    /// Its hashtags, by position in the hashtag space of its community.
    pub gold: &'a [HashtagId],
}

impl MeaningModel {
    /// Fits the candidates on the posts of one community. `names` holds the vectors of its hashtags'
    /// names, one after another, each half as long as a post's. `asked` holds the positions of the
    /// posts that get leave-one-out scores. The result doesn't depend on the number of threads.
    ///
    /// # Errors
    /// [`CandidatesError::Parameter`] if a parameter is out of range, [`CandidatesError::NameVectors`]
    /// if the names' vectors are not of one length, [`CandidatesError::PostVector`] if a post's vector
    /// is not twice as long, [`CandidatesError::Hashtag`] if a post has a hashtag outside the
    /// community's space, [`CandidatesError::TooLarge`] if the community is too large, and
    /// [`CandidatesError::NotPositiveDefinite`] if the linear system has no solution.
    pub fn fit(
        posts: &[MeaningInput<'_>],
        (names, hashtags): (&[f32], usize),
        params: &MeaningParams,
        asked: &[u32],
        threads: usize,
    ) -> Result<(Self, MeaningLoo), CandidatesError> {
        params.check()?;
        check_size(posts.len(), hashtags)?;
        let dim = check_lengths(posts, names, hashtags)?;
        let mut asked = asked.to_vec();
        asked.retain(|&post| (post as usize) < posts.len());
        asked.sort_unstable();
        asked.dedup();
        let gold = posts.iter().map(|post| post.gold);
        let mut model = Self {
            posts: QuantizedRows::of(posts.iter().map(|post| post.vector)),
            names: QuantizedRows::of(names.chunks_exact(dim.max(1))),
            gold: GoldTables::collect(gold, hashtags)?,
            weights: Vec::new().into(),
            bias: vec![0.0; hashtags].into(),
            primal: posts.len() > 2 * dim,
            params: params.clone(),
        };
        let mut leave_one_out = vec![0.0; asked.len() * hashtags];
        if posts.len() > 1 && dim > 0 {
            let view = model.view();
            let (gold, penalty) = (view.gold, params.penalty);
            let input = RidgeInput { gold, asked: &asked, penalty, threads };
            let ridge = fit_linear(view.posts, model.primal, &input)?;
            model.weights = ridge.narrow(threads).into();
            model.bias = ridge.bias.into();
            leave_one_out = ridge.leave_one_out;
        }
        let loo = MeaningLoo { model: model.clone(), asked, linear: leave_one_out };
        Ok((model, loo))
    }
}

/// The length of a hashtag's vector; 0 if there is no hashtag.
fn check_lengths(
    posts: &[MeaningInput<'_>],
    names: &[f32],
    hashtags: usize,
) -> Result<usize, CandidatesError> {
    let dim = names.len().checked_div(hashtags).unwrap_or(0);
    if names.len() != dim * hashtags || (dim == 0 && hashtags > 0) {
        return Err(CandidatesError::NameVectors { found: names.len(), hashtags });
    }
    let mut lengths = posts.iter().map(|post| post.vector.len());
    let first = lengths.clone().next().unwrap_or(0);
    let expected = if hashtags > 0 { 2 * dim } else { first };
    match lengths.find(|&found| found != expected) {
        Some(found) => Err(CandidatesError::PostVector { found, expected }),
        None => Ok(dim),
    }
}

/// The linear classifier with weights for features or for posts: both give the same scores, and the
/// smaller system is faster to solve.
pub(super) fn fit_linear(
    rows: RowsView<'_>,
    primal: bool,
    input: &RidgeInput<'_>,
) -> Result<Ridge, CandidatesError> {
    if primal {
        let features = Halves { rows, threads: input.threads };
        return Ok(linear::fit_features(&features, input)?.into_ridge());
    }
    Ok(linear::fit_exactly(Cosines { rows }, None::<&Same>, input)?.0)
}

/// The features of posts: both vectors, scaled so that a dot product is the mean of two cosines.
struct Halves<'a> {
    rows: RowsView<'a>,
    threads: usize,
}

impl Features for Halves<'_> {
    fn count(&self) -> usize {
        self.rows.width()
    }

    fn fill(&self, post: impl Fn(usize) -> usize + Sync, rows: &mut [f32]) {
        let (count, width) = (self.count(), self.count() + 1);
        share_out(
            rows.chunks_mut(width * ROWS).enumerate(),
            self.threads,
            || (),
            |(), (chunk, rows)| {
                for (i, row) in rows.chunks_exact_mut(width).enumerate() {
                    self.rows.restore(post(chunk * ROWS + i), FRAC_1_SQRT_2, &mut row[..count]);
                }
            },
        );
    }
}

/// The mean of two posts' cosines.
struct Cosines<'a> {
    rows: RowsView<'a>,
}

impl Gram for Cosines<'_> {
    type Worker = (Vec<f32>, Vec<f32>);

    fn worker(&self) -> Self::Worker {
        let row = vec![0.0; self.rows.width()];
        (row.clone(), row)
    }

    fn column(&self, (own, other): &mut Self::Worker, post: usize, out: &mut [f32]) {
        self.rows.restore(post, 0.5, own);
        for (place, out) in (post..).zip(out) {
            self.rows.restore(place, 1.0, other);
            *out = own.iter().zip(other.iter()).map(|(a, b)| a * b).sum();
        }
    }
}

/// There is no second classifier.
struct Same;

impl Reweigh for Same {
    fn reweigh(&self, _: usize, _: &mut [f32]) {}
}
