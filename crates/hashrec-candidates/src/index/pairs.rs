//! The similarities of the posts of an index to one another.
//!
//! The terms of a post follow from the index itself: they are the columns that list it. A worker takes
//! posts in rising order and keeps, for each column, how much of its list lies before the current post,
//! so it finds the rest of the list without a search.

use hashrec_vectorize::inverse_document_frequency;

use super::{
    field::{FieldView, Postings},
    scratch::term_weights,
};
use crate::features::FIELDS;

/// The posts of an index, ready to be compared with one another.
pub(crate) struct Pairs<'a> {
    fields: [PairedField<'a>; FIELDS],
    /// The weight for each number of occurrences.
    term_weights: [f32; 256],
}

/// What one thread keeps from post to post.
pub(crate) struct PairsWorker {
    /// For each column, where the posts begin that were not passed yet.
    cursors: [Vec<u32>; FIELDS],
    /// The cosines of one kind of features.
    cosines: Vec<f32>,
}

impl<'a> Pairs<'a> {
    pub(crate) fn new(fields: &[FieldView<'a>; FIELDS]) -> Self {
        Self { fields: fields.map(PairedField::new), term_weights: term_weights() }
    }

    pub(crate) fn worker(&self) -> PairsWorker {
        let cursors = self.fields.each_ref().map(|field| field.postings.offsets.to_vec());
        PairsWorker { cursors, cosines: Vec::new() }
    }

    /// Replaces the content of `out` with the similarities of `post` to itself and to the posts after
    /// it. A worker must be asked for rising posts.
    pub(crate) fn column(&self, worker: &mut PairsWorker, post: usize, out: &mut [f32]) {
        out.fill(0.0);
        let PairsWorker { cursors, cosines } = worker;
        for (field, cursors) in self.fields.iter().zip(cursors) {
            cosines.clear();
            cosines.resize(out.len(), 0.0);
            field.add(&self.term_weights, cursors, post, cosines);
            let scales = field.postings.scales.get(post..).unwrap_or_default();
            let share = 1.0 / FIELDS as f32;
            for ((o, cosine), scale) in out.iter_mut().zip(cosines.iter()).zip(scales) {
                *o += cosine * scale * share;
            }
        }
    }
}

struct PairedField<'a> {
    postings: Postings<'a>,
    /// The inverse document frequency of each column; 0 where too few posts have the feature.
    idf: Vec<f32>,
    /// Where the columns of each post begin; one more value than there are posts.
    starts: Vec<usize>,
    /// The columns that list each post, rising.
    columns: Vec<u32>,
}

impl<'a> PairedField<'a> {
    fn new(field: FieldView<'a>) -> Self {
        let postings = field.postings;
        let posts = postings.scales.len();
        let documents = u32::try_from(posts).unwrap_or(u32::MAX);
        let lengths = postings.offsets.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
        let idf: Vec<f32> = lengths
            .map(|df| match df < field.least {
                true => 0.0,
                false => inverse_document_frequency(documents, df),
            })
            .collect();
        let counting = |column: &u32| idf[*column as usize] > 0.0;
        let columns = || (0..idf.len() as u32).filter(counting);
        let mut starts = vec![0; posts + 1];
        for column in columns() {
            postings.each(column, |post, _| starts[post + 1] += 1);
        }
        (0..posts).for_each(|post| starts[post + 1] += starts[post]);
        let mut next = starts.clone();
        let mut listed = vec![0; starts[posts]];
        for column in columns() {
            postings.each(column, |post, _| {
                listed[next[post]] = column;
                next[post] += 1;
            });
        }
        Self { postings, idf, starts, columns: listed }
    }

    /// Adds, for each post from `post` on, the products of its weights and those of `post`.
    fn add(&self, weights: &[f32; 256], cursors: &mut [u32], post: usize, out: &mut [f32]) {
        let scale = self.postings.scales[post];
        for &column in &self.columns[self.starts[post]..self.starts[post + 1]] {
            let cursor = &mut cursors[column as usize];
            let end = self.postings.offsets[column as usize + 1];
            let rest = self.postings.skip(*cursor as usize..end as usize, post);
            *cursor = rest.start as u32;
            let Some(&count) = self.postings.counts.get(rest.start) else { continue };
            let idf = self.idf[column as usize];
            let weight = weights[usize::from(count)] * idf * idf * scale;
            self.postings.add_list(rest, weight, weights, post, out);
        }
    }
}
