//! The simple generator of one community.

use hashrec_tokenize::Tokens;

use super::edit::{self, Entry};
use crate::{Candidate, SimpleParams, Source, candidate::candidates};

/// A hashtag to fit on.
#[derive(Clone, Copy, Debug)]
pub struct TagInput<'a> {
    /// Its name.
    pub name: &'a str,
    /// The number of posts of the community that have it.
    pub uses: u32,
    /// Its vector, normalized to length 1 or all zeros, from the vectorizer that will vectorize posts.
    /// All vectors have the same number of floats; 0 turns nearest hashtags off.
    pub vector: &'a [f32],
}

/// The simple generator of one community, read in place.
#[derive(Clone, Copy, Debug)]
pub struct SimpleView<'a> {
    /// The hashtags' lower-cased characters, shortest name first.
    pub(crate) characters: &'a [u32],
    /// The entries of the names, in that order.
    pub(crate) entries: &'a [Entry],
    /// The number of posts that have each hashtag.
    pub(crate) uses: &'a [u32],
    /// The hashtags' vectors.
    pub(crate) vectors: &'a [f32],
    pub(crate) dim: usize,
}

impl SimpleView<'_> {
    /// The number of hashtags of the community.
    pub fn hashtags(&self) -> usize {
        self.uses.len()
    }

    /// The number of floats of a vector.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// For each hashtag its highest similarity to a word of the post, 1 − edits / longer length; 0 if it
    /// is less than `edit_similarity`.
    pub fn edit_scores(&self, tokens: &Tokens, params: &SimpleParams) -> Vec<f32> {
        let mut scores = vec![0.0; self.hashtags()];
        edit::score(self.characters, self.entries, tokens, params, &mut scores);
        scores
    }

    /// For each hashtag the inner product of its vector and that of the post, which is the cosine
    /// because both have length 1. Zeros if `vector` does not have [`dim`](Self::dim) floats.
    pub fn cosines(&self, vector: &[f32]) -> Vec<f32> {
        let mut scores = vec![0.0; self.hashtags()];
        if self.dim > 0 && vector.len() == self.dim {
            for (score, own) in scores.iter_mut().zip(self.vectors.chunks_exact(self.dim)) {
                let cosine = dot(own, vector);
                *score = if cosine.is_finite() { cosine } else { 0.0 };
            }
        }
        scores
    }

    /// The candidates of the three sources, each best first, each with its own score: similarity
    /// for [`Source::Edit`], number of posts for [`Source::Popular`], cosine for
    /// [`Source::NearestTag`].
    pub fn candidates(
        &self,
        tokens: &Tokens,
        vector: &[f32],
        params: &SimpleParams,
    ) -> Vec<Candidate> {
        let limit = params.per_source;
        let mut found = candidates(&self.edit_scores(tokens, params), limit, 0.0, Source::Edit);
        let popular: Vec<f32> = self.uses.iter().map(|&uses| uses as f32).collect();
        found.extend(candidates(&popular, limit, -1.0, Source::Popular));
        if self.dim > 0 && vector.len() == self.dim {
            let cosines = self.cosines(vector);
            found.extend(candidates(&cosines, limit, f32::NEG_INFINITY, Source::NearestTag));
        }
        found
    }
}

/// The inner product, in lanes so that it vectorizes.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0f32; LANES];
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_and_rest_add_up() {
        let a: Vec<f32> = (0..37).map(|i| i as f32).collect();
        assert_eq!(dot(&a, &[2.0; 37]), 2.0 * 36.0 * 37.0 / 2.0);
    }
}
