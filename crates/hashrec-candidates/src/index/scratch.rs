//! The buffers that similarities are computed in.

use hashrec_vectorize::term_weight;

use super::field::{Asked, FieldView, Postings, Term};
use crate::features::{FIELDS, PostFeatures};

/// The buffers of one thread; reuse them for many posts.
#[derive(Clone, Debug)]
pub struct Scratch {
    /// The columns of the features of a post, and how often each occurs.
    counts: Vec<(u32, u8)>,
    terms: [Vec<Term>; FIELDS],
    /// The cosines of one kind of features.
    cosines: Vec<f32>,
    /// Posts whose squared length grows by rare features that they share with the asked post, and
    /// by how much.
    longer: Vec<(usize, f32)>,
    /// The weight for each number of occurrences.
    term_weights: [f32; 256],
    pub(crate) similarities: Vec<f32>,
}

/// The weight for each number of occurrences.
pub(super) fn term_weights() -> [f32; 256] {
    std::array::from_fn(|count| term_weight(count as u8))
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            counts: Vec::new(),
            terms: Default::default(),
            cosines: Vec::new(),
            longer: Vec::new(),
            term_weights: term_weights(),
            similarities: Vec::new(),
        }
    }
}

impl Scratch {
    /// Looks up the features of a post in the vocabularies of the community.
    pub(crate) fn look_up(
        &mut self,
        fields: &[FieldView<'_>; FIELDS],
        post: &PostFeatures,
        asked: Asked,
    ) {
        for ((field, features), terms) in fields.iter().zip(&post.fields).zip(&mut self.terms) {
            field.vocabulary.count(features, &mut self.counts);
            field.terms(&self.counts, &self.term_weights, asked, terms);
        }
    }

    /// Replaces the content of `out` with the similarities of the post that was looked up last to the
    /// posts `from`, `from + 1`, … of `postings`; `out` is as long as there are posts from there on.
    pub(crate) fn similarities(
        &mut self,
        postings: &[Postings<'_>; FIELDS],
        from: usize,
        out: &mut [f32],
    ) {
        out.fill(0.0);
        for (postings, terms) in postings.iter().zip(&self.terms) {
            self.cosines.clear();
            self.cosines.resize(out.len(), 0.0);
            postings.add(terms, &self.term_weights, from, &mut self.cosines);
            let scales = postings.scales.get(from..).unwrap_or_default();
            let share = 1.0 / FIELDS as f32;
            for ((o, cosine), scale) in out.iter_mut().zip(&self.cosines).zip(scales) {
                *o += cosine * scale * share;
            }
            postings.rare(terms, &self.term_weights, &mut self.longer);
            self.longer.sort_unstable_by_key(|&(post, _)| post);
            for posts in self.longer.chunk_by(|a, b| a.0 == b.0) {
                let Some(place) = posts[0].0.checked_sub(from).filter(|&at| at < out.len()) else {
                    continue;
                };
                let Some(&scale) = scales.get(place) else { continue };
                let squares: f32 = posts.iter().map(|&(_, square)| square).sum();
                let longer = lengthened(scale, squares);
                out[place] += self.cosines[place] * (longer - scale) * share;
            }
        }
    }
}

/// 1 / the length of a post whose squared length grows by `squares`; `scale` is 1 / its old length.
fn lengthened(scale: f32, squares: f32) -> f32 {
    let before = if scale > 0.0 { (scale * scale).recip() } else { 0.0 };
    if before + squares > 0.0 { (before + squares).sqrt().recip() } else { 0.0 }
}
