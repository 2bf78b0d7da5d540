//! The buffers that similarities are computed in.

use hashrec_vectorize::term_weight;

use super::field::{Asked, FieldView, Postings, ROOM, Term};
use crate::features::{FIELDS, PostFeatures};

/// The buffers of one thread; reuse them for many posts.
#[derive(Clone, Debug)]
pub struct Scratch {
    /// The columns of the features of a post, and how often each occurs.
    counts: Vec<(u32, u8)>,
    terms: [Vec<Term>; FIELDS],
    /// The cosines of one kind of features.
    cosines: Vec<f32>,
    /// Terms of one kind that have a row of sums.
    with_row: Vec<Term>,
    /// Posts whose squared length grows by rare features that they share with the asked post, and
    /// by how much.
    longer: Vec<(usize, f32)>,
    /// The weight for each number of occurrences.
    term_weights: [f32; 256],
    /// The similarities of the asked post to all posts.
    pub(crate) similarities: Vec<f32>,
    /// What of them the features without a row in [`SummedColumns`] make up.
    pub(crate) rest: Vec<f32>,
    /// The rows of the other features, and how much each counts.
    pub(crate) summed: Vec<(u32, f32)>,
}

/// For each kind of features the columns, rising, that have a row of sums each. The rows are
/// counted through all kinds.
pub(crate) type SummedColumns<'a> = [&'a [u32]; FIELDS];

/// The weight for each number of occurrences.
pub(crate) fn term_weights() -> [f32; 256] {
    std::array::from_fn(|count| term_weight(count as u8))
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            counts: Vec::new(),
            terms: Default::default(),
            cosines: Vec::new(),
            with_row: Vec::new(),
            longer: Vec::new(),
            term_weights: term_weights(),
            similarities: Vec::new(),
            rest: Vec::new(),
            summed: Vec::new(),
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
            add_longer(postings, terms, &self.term_weights, &mut self.longer, |post, longer| {
                let Some(place) = post.checked_sub(from).filter(|&at| at < out.len()) else {
                    return;
                };
                let Some(&scale) = scales.get(place) else { return };
                out[place] += self.cosines[place] * (longer(scale) - scale) * share;
            });
        }
    }

    /// Fills [`similarities`](Self::similarities), [`rest`](Self::rest) and
    /// [`summed`](Self::summed) for the post that was looked up last and `posts` posts.
    pub(crate) fn split(
        &mut self,
        postings: &[Postings<'_>; FIELDS],
        summed: &SummedColumns<'_>,
        posts: usize,
    ) {
        self.clear(posts);
        let share = 1.0 / FIELDS as f32;
        let mut first_row = 0;
        for ((postings, terms), &columns) in postings.iter().zip(&self.terms).zip(summed) {
            // Room for posts that a narrow list could name, though they aren't there.
            self.cosines.resize(posts.max(ROOM), 0.0);
            self.cosines[..posts].fill(0.0);
            let first = self.summed.len();
            let mut before = 0;
            self.with_row.clear();
            for term in terms {
                let rest = columns.get(before..).unwrap_or_default();
                before += rest.partition_point(|&column| column < term.column);
                if columns.get(before) == Some(&term.column) {
                    self.summed.push((first_row + before as u32, term.weight * share));
                    self.with_row.push(*term);
                } else {
                    postings.add(
                        std::slice::from_ref(term),
                        &self.term_weights,
                        0,
                        &mut self.cosines,
                    );
                }
            }
            let all = self.rest.iter_mut().zip(&self.cosines).zip(postings.scales);
            if self.summed.len() > first {
                all.for_each(|((rest, cosine), scale)| *rest += cosine * scale * share);
                postings.add(&self.with_row, &self.term_weights, 0, &mut self.cosines);
                let all = self.similarities.iter_mut().zip(&self.cosines).zip(postings.scales);
                all.for_each(|((similarity, cosine), scale)| *similarity += cosine * scale * share);
            } else {
                all.zip(&mut self.similarities).for_each(
                    |(((rest, cosine), scale), similarity)| {
                        let added = cosine * scale * share;
                        *rest += added;
                        *similarity += added;
                    },
                );
            }
            add_longer(postings, terms, &self.term_weights, &mut self.longer, |post, longer| {
                let Some(&scale) = postings.scales.get(post).filter(|_| post < posts) else {
                    return;
                };
                let added = self.cosines[post] * (longer(scale) - scale) * share;
                self.rest[post] += added;
                self.similarities[post] += added;
            });
            first_row += columns.len() as u32;
        }
    }

    /// Makes the asked post similar to none of `posts` posts.
    pub(crate) fn clear(&mut self, posts: usize) {
        self.summed.clear();
        for similarities in [&mut self.rest, &mut self.similarities] {
            similarities.clear();
            similarities.resize(posts, 0.0);
        }
    }
}

/// Calls `longer` with each post whose length grows by rare features that it shares with the asked
/// post, and with a function that gives 1 / its new length for 1 / its old length.
fn add_longer(
    postings: &Postings<'_>,
    terms: &[Term],
    weights: &[f32; 256],
    longer: &mut Vec<(usize, f32)>,
    mut each: impl FnMut(usize, &dyn Fn(f32) -> f32),
) {
    postings.rare(terms, weights, longer);
    longer.sort_unstable_by_key(|&(post, _)| post);
    for posts in longer.chunk_by(|a, b| a.0 == b.0) {
        let squares: f32 = posts.iter().map(|&(_, square)| square).sum();
        each(posts[0].0, &|scale| lengthened(scale, squares));
    }
}

/// 1 / the length of a post whose squared length grows by `squares`; `scale` is 1 / its old length.
fn lengthened(scale: f32, squares: f32) -> f32 {
    let before = if scale > 0.0 { (scale * scale).recip() } else { 0.0 };
    if before + squares > 0.0 { (before + squares).sqrt().recip() } else { 0.0 }
}
