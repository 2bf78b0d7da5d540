//! Building the index of a community.

use hashrec_vectorize::{
    TfIdfParams, Vocabulary, VocabularyBuilder, inverse_document_frequency, term_weight,
};

use super::field::{FieldIndex, Postings};
use crate::{
    CandidatesError,
    features::{FIELDS, PostFeatures},
    share::share_out,
};

/// Posts whose features are looked up together.
const BLOCK: usize = 256;

/// The counts of the features of one post, by kind.
type Counts = [Vec<(u32, u8)>; FIELDS];

/// Builds the indexes of all kinds of features over `posts` posts. `least` posts must have a feature
/// for it to count. `features` gives the features of one post; it is called twice for each post.
pub(crate) fn build(
    posts: usize,
    features: impl Fn(usize, &mut PostFeatures) + Sync,
    params: &TfIdfParams,
    least: u32,
    threads: usize,
) -> Result<[FieldIndex; FIELDS], CandidatesError> {
    // A word that one post too few has may count when a new post has it too. Character n-grams of
    // that kind would be most of the index and add little to words.
    let kept = [least.saturating_sub(1).max(1), least];
    let mut fillers: Vec<Filler> = vocabularies(posts, &features, threads)
        .into_iter()
        .zip(kept)
        .map(|(builder, kept)| Filler::new(builder.finish(kept, params.max_features), posts, least))
        .collect::<Result<_, _>>()?;
    let mut block: Vec<Counts> = vec![Counts::default(); BLOCK.min(posts)];
    for from in (0..posts).step_by(BLOCK) {
        let block = &mut block[..BLOCK.min(posts - from)];
        let vocabularies =
            fillers.iter().map(|filler| filler.vocabulary.view()).collect::<Vec<_>>();
        share_out(
            (from..).zip(&mut *block),
            threads,
            PostFeatures::default,
            |post, (at, counts)| {
                features(at, post);
                for ((vocabulary, features), counts) in
                    vocabularies.iter().zip(&post.fields).zip(counts)
                {
                    vocabulary.count(features, counts);
                }
            },
        );
        for (position, counts) in (from..).zip(block) {
            fillers.iter_mut().zip(counts).for_each(|(filler, c)| filler.add(position, c));
        }
    }
    let mut fillers = fillers.into_iter().map(Filler::finish);
    Ok(std::array::from_fn(|_| fillers.next().unwrap_or_default()))
}

/// Counts the features of all posts, an equal part of the posts on each thread.
fn vocabularies(
    posts: usize,
    features: impl Fn(usize, &mut PostFeatures) + Sync,
    threads: usize,
) -> [VocabularyBuilder; FIELDS] {
    let part = posts.div_ceil(threads).max(1);
    let mut parts: Vec<[VocabularyBuilder; FIELDS]> = Vec::new();
    parts.resize_with(posts.div_ceil(part), Default::default);
    share_out(
        parts.iter_mut().enumerate(),
        threads,
        PostFeatures::default,
        |post, (at, builders)| {
            for position in at * part..posts.min((at + 1) * part) {
                features(position, post);
                builders.iter_mut().zip(&post.fields).for_each(|(builder, f)| builder.add(f));
            }
            builders.iter_mut().for_each(VocabularyBuilder::merge);
        },
    );
    let absorb = |mut all: [VocabularyBuilder; FIELDS], part: [VocabularyBuilder; FIELDS]| {
        all.iter_mut().zip(part).for_each(|(all, part)| all.absorb(part));
        all
    };
    parts.into_iter().reduce(absorb).unwrap_or_default()
}

/// Fills the lists of one kind of features, post by post.
struct Filler {
    vocabulary: Vocabulary,
    documents: u32,
    /// The number of posts that must have a feature for it to count.
    least: u32,
    offsets: Vec<u32>,
    /// Where the next posting of each column goes.
    next: Vec<u32>,
    posts: Posts,
    counts: Vec<u8>,
    scales: Vec<f32>,
}

enum Posts {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl Posts {
    /// Zeros, as narrow as `posts` allow.
    fn zeros(posts: usize, len: usize) -> Self {
        if posts <= 1 << 16 { Self::Narrow(vec![0; len]) } else { Self::Wide(vec![0; len]) }
    }

    fn set(&mut self, at: usize, post: usize) {
        match self {
            Self::Narrow(posts) => posts[at] = post as u16,
            Self::Wide(posts) => posts[at] = post as u32,
        }
    }
}

impl Filler {
    fn new(
        (vocabulary, df): (Vocabulary, Vec<u32>),
        posts: usize,
        least: u32,
    ) -> Result<Self, CandidatesError> {
        let total: u64 = df.iter().map(|&n| u64::from(n)).sum();
        if total > u64::from(u32::MAX) {
            let (found, limit) = (total as usize, u32::MAX as usize);
            let what = "occurrences of features";
            return Err(CandidatesError::TooLarge { what, found, limit });
        }
        let mut offsets = Vec::with_capacity(df.len() + 1);
        let mut sum = 0;
        offsets.push(0);
        offsets.extend(df.iter().map(|&n| {
            sum += n;
            sum
        }));
        let next = offsets[..df.len()].to_vec();
        let total = total as usize;
        Ok(Self {
            vocabulary,
            documents: u32::try_from(posts).unwrap_or(u32::MAX),
            least,
            offsets,
            next,
            posts: Posts::zeros(posts, total),
            counts: vec![0; total],
            scales: Vec::with_capacity(posts),
        })
    }

    fn add(&mut self, position: usize, counts: &[(u32, u8)]) {
        let mut squares = 0.0;
        for &(column, count) in counts {
            let column = column as usize;
            let (start, end) = (self.offsets[column], self.offsets[column + 1]);
            if end - start >= self.least {
                let weight =
                    term_weight(count) * inverse_document_frequency(self.documents, end - start);
                squares += weight * weight;
            }
            if self.next[column] < end {
                self.posts.set(self.next[column] as usize, position);
                self.counts[self.next[column] as usize] = count;
                self.next[column] += 1;
            }
        }
        self.scales.push(if squares > 0.0 { squares.sqrt().recip() } else { 0.0 });
    }

    fn finish(mut self) -> FieldIndex {
        // If two features share a column, a post that has both is listed once, and the list is shorter
        // than planned. The rest holds the last post with a count, and so a weight, of 0.
        let last = self.scales.len().saturating_sub(1);
        for (&next, &end) in self.next.iter().zip(&self.offsets[1..]) {
            (next..end).for_each(|at| self.posts.set(at as usize, last));
        }
        let (narrow, wide) = match self.posts {
            Posts::Narrow(posts) => (posts, Vec::new()),
            Posts::Wide(posts) => (Vec::new(), posts),
        };
        FieldIndex {
            starts: self.vocabulary.view().starts().to_vec().into(),
            keys: self.vocabulary.view().keys().to_vec().into(),
            offsets: self.offsets.into(),
            narrow: narrow.into(),
            wide: wide.into(),
            counts: self.counts.into(),
            scales: self.scales.into(),
        }
    }
}

/// The lists of the posts in `kept` (rising positions), renumbered 0, 1, 2…, without the vocabulary:
/// for terms that were looked up in the whole index.
pub(crate) fn subset(whole: &Postings<'_>, kept: &[u32]) -> FieldIndex {
    let mut offsets = Vec::with_capacity(whole.offsets.len());
    let (mut wide, mut counts) = (Vec::new(), Vec::new());
    offsets.push(0);
    for column in 1..whole.offsets.len() {
        let range = whole.list(column as u32 - 1).unwrap_or_default();
        for at in range {
            let narrow = whole.narrow.get(at).map(|&post| u32::from(post));
            let post = narrow.or_else(|| whole.wide.get(at).copied());
            if let Some(Ok(renumbered)) = post.map(|post| kept.binary_search(&post)) {
                wide.push(renumbered as u32);
                counts.push(whole.counts[at]);
            }
        }
        offsets.push(counts.len() as u32);
    }
    let scales: Vec<f32> = kept.iter().map(|&post| whole.scales[post as usize]).collect();
    FieldIndex {
        offsets: offsets.into(),
        wide: wide.into(),
        counts: counts.into(),
        scales: scales.into(),
        ..FieldIndex::default()
    }
}
