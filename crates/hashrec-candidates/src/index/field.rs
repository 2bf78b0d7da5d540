//! The inverted index of one kind of features.

use std::ops::Range;

use hashrec_storage::Table;
use hashrec_vectorize::{VocabularyView, inverse_document_frequency};

/// How many posts there can be whose numbers have 16 bits.
pub(crate) const ROOM: usize = 1 << 16;

/// Which post similarities are computed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A post of the index, for leave-one-out scores.
    #[cfg(feature = "train")]
    Member,
    /// Any other post.
    New,
}

/// A column that the asked post has, and its weight times the inverse document frequency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    pub(crate) column: u32,
    pub(crate) weight: f32,
    /// The inverse document frequency, if the column counts only because the asked post has it.
    pub(crate) rare: Option<f32>,
}

/// The inverted index of one kind of features over the posts of one community.
///
/// It stores counts instead of weights, so that one byte per posting is lossless: the weights follow
/// from the counts, the lengths of the lists and one scale per post.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FieldIndex {
    /// The two tables of the vocabulary.
    pub(crate) starts: Table<u32>,
    pub(crate) keys: Table<u32>,
    /// Where the list of each column begins; one more value than there are columns.
    pub(crate) offsets: Table<u32>,
    /// The posts of the lists, rising: here if every post of the community fits in 16 bits…
    pub(crate) narrow: Table<u16>,
    /// …otherwise here.
    pub(crate) wide: Table<u32>,
    /// How often the post at the same place has the feature, at most 255.
    pub(crate) counts: Table<u8>,
    /// For each post 1 / the length of the vector of its weighted counts; 0 if no feature counts.
    pub(crate) scales: Table<f32>,
}

/// A view of a [`FieldIndex`], or of a section of larger tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldView<'a> {
    /// The number of posts, including the asked post, that must have a feature for it to count.
    pub(crate) least: u32,
    pub(crate) vocabulary: VocabularyView<'a>,
    pub(crate) postings: Postings<'a>,
}

/// The posting lists without the vocabulary.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Postings<'a> {
    pub(crate) offsets: &'a [u32],
    pub(crate) narrow: &'a [u16],
    pub(crate) wide: &'a [u32],
    pub(crate) counts: &'a [u8],
    pub(crate) scales: &'a [f32],
}

impl FieldIndex {
    pub(crate) fn postings(&self) -> Postings<'_> {
        Postings {
            offsets: &self.offsets,
            narrow: &self.narrow,
            wide: &self.wide,
            counts: &self.counts,
            scales: &self.scales,
        }
    }

    /// `None` if the lengths of the tables do not match.
    pub(crate) fn view(&self, least: u32) -> Option<FieldView<'_>> {
        FieldView::new(least, &self.starts, &self.keys, self.postings())
    }
}

impl<'a> FieldView<'a> {
    /// `None` if the lengths of the tables do not match.
    pub(crate) fn new(
        least: u32,
        starts: &'a [u32],
        keys: &'a [u32],
        postings: Postings<'a>,
    ) -> Option<FieldView<'a>> {
        let vocabulary = VocabularyView::new(starts, keys)?;
        let Postings { offsets, narrow, wide, counts, .. } = postings;
        let whole = offsets.len() == keys.len() + 1
            && offsets.first() == Some(&0)
            && offsets.last().is_some_and(|&end| end as usize == counts.len())
            && narrow.len().max(wide.len()) == counts.len()
            && narrow.len().min(wide.len()) == 0;
        whole.then_some(Self { least, vocabulary, postings })
    }

    /// Weights the counts of a post and scales them so that its vector has length 1. Each term is then
    /// multiplied by its inverse document frequency again, which the lists leave out.
    pub(crate) fn terms(
        &self,
        counts: &[(u32, u8)],
        weights: &[f32; 256],
        asked: Asked,
        out: &mut Vec<Term>,
    ) {
        out.clear();
        // If a feature needs no second post, one that only the new post has would count too, but the
        // index cannot know it. Then the new post is not counted.
        let own = u32::from(asked == Asked::New && self.least > 1);
        let posts = u32::try_from(self.postings.scales.len()).unwrap_or(u32::MAX);
        let documents = posts.saturating_add(own);
        let mut squares = 0.0;
        for &(column, count) in counts {
            let Some(df) = self.postings.list(column).map(|list| list.len()) else { continue };
            let rare = df < self.least as usize;
            let df = u32::try_from(df).unwrap_or(u32::MAX).min(posts) + own;
            if df < self.least {
                continue;
            }
            let idf = inverse_document_frequency(documents, df);
            let weight = weights[usize::from(count)] * idf;
            squares += weight * weight;
            out.push(Term { column, weight: weight * idf, rare: rare.then_some(idf) });
        }
        if squares > 0.0 {
            let scale = squares.sqrt().recip();
            out.iter_mut().for_each(|term| term.weight *= scale);
        }
    }
}

impl Postings<'_> {
    /// The range of the list of a column.
    pub(crate) fn list(&self, column: u32) -> Option<Range<usize>> {
        let column = column as usize;
        let (&start, &end) = (self.offsets.get(column)?, self.offsets.get(column + 1)?);
        (start <= end && end as usize <= self.counts.len()).then_some(start as usize..end as usize)
    }

    /// Collects what terms that count only because of the asked post add to the squared lengths of
    /// other posts. A post can occur more than once, in any order.
    pub(crate) fn rare(&self, terms: &[Term], weights: &[f32; 256], out: &mut Vec<(usize, f32)>) {
        out.clear();
        for term in terms {
            let (Some(idf), Some(range)) = (term.rare, self.list(term.column)) else { continue };
            for at in range {
                let narrow = self.narrow.get(at).map(|&post| usize::from(post));
                let post = narrow.or_else(|| self.wide.get(at).map(|&post| post as usize));
                let weight = weights[usize::from(self.counts[at])] * idf;
                out.extend(post.map(|post| (post, weight * weight)));
            }
        }
    }

    /// Adds, for each post from `from` on, the products of the terms and the weights of the post. Posts
    /// past the end, which only a damaged index has, are ignored.
    pub(crate) fn add(&self, terms: &[Term], weights: &[f32; 256], from: usize, out: &mut [f32]) {
        for term in terms {
            let Some(range) = self.list(term.column) else { continue };
            let range = if from == 0 { range } else { self.after(range, from) };
            self.add_list(range, term.weight, weights, from, out);
        }
    }

    /// The part of a list that begins at post `from`, by binary search.
    fn after(&self, range: Range<usize>, from: usize) -> Range<usize> {
        let narrow = self.narrow.get(range.clone());
        let wide = self.wide.get(range.clone()).unwrap_or_default();
        let before = match narrow {
            Some(posts) => posts.partition_point(|&post| usize::from(post) < from),
            None => wide.partition_point(|&post| (post as usize) < from),
        };
        range.start + before..range.end
    }

    /// The part of a list that begins at post `from`, step by step: for one that begins close before.
    #[cfg(feature = "train")]
    pub(crate) fn skip(&self, range: Range<usize>, from: usize) -> Range<usize> {
        let narrow = self.narrow.get(range.clone());
        let wide = self.wide.get(range.clone()).unwrap_or_default();
        let before = match narrow {
            Some(posts) => posts.iter().take_while(|&&post| usize::from(post) < from).count(),
            None => wide.iter().take_while(|&&post| (post as usize) < from).count(),
        };
        range.start + before..range.end
    }

    /// Calls `visit` with each post that has the feature of a column, and how often it has it.
    #[cfg(feature = "train")]
    pub(crate) fn each(&self, column: u32, mut visit: impl FnMut(usize, u8)) {
        for at in self.list(column).unwrap_or_default() {
            let narrow = self.narrow.get(at).map(|&post| usize::from(post));
            let post = narrow.or_else(|| self.wide.get(at).map(|&post| post as usize));
            let count = self.counts[at];
            if let Some(post) = post.filter(|_| count > 0) {
                visit(post, count);
            }
        }
    }

    /// [`add`](Self::add) for a part of one list that begins no earlier than post `from`.
    pub(crate) fn add_list(
        &self,
        range: Range<usize>,
        weight: f32,
        weights: &[f32; 256],
        from: usize,
        out: &mut [f32],
    ) {
        let counts = self.counts.get(range.clone()).unwrap_or_default();
        if let Some(posts) = self.narrow.get(range.clone()) {
            if from == 0
                && let Some(out) = out.first_chunk_mut()
            {
                return add_narrow(posts, counts, weight, weights, out);
            }
            add(posts, counts, usize::from, weight, weights, from, out);
        } else if let Some(posts) = self.wide.get(range) {
            add(posts, counts, |post| post as usize, weight, weights, from, out);
        }
    }
}

/// [`Postings::add_list`] for posts of 16 bits. Where there is room for all such numbers, no post
/// needs a check.
fn add_narrow(
    posts: &[u16],
    counts: &[u8],
    weight: f32,
    weights: &[f32; 256],
    out: &mut [f32; ROOM],
) {
    for (&post, &count) in posts.iter().zip(counts) {
        out[usize::from(post)] += weight * weights[usize::from(count)];
    }
}

#[inline]
fn add<P: Copy>(
    posts: &[P],
    counts: &[u8],
    index: impl Fn(P) -> usize,
    weight: f32,
    weights: &[f32; 256],
    from: usize,
    out: &mut [f32],
) {
    for (&post, &count) in posts.iter().zip(counts) {
        if let Some(sum) = out.get_mut(index(post).wrapping_sub(from)) {
            *sum += weight * weights[usize::from(count)];
        }
    }
}
