//! Features to columns, from tables that may be mapped.

use std::ops::Range;

use hashrec_storage::Table;

/// The number of features per bucket that the layout aims at.
const PER_BUCKET: usize = 4;

/// The most bits that select a bucket; 2^28 buckets serve 10^9 features.
const MAX_BITS: u32 = 28;

/// A vocabulary of so many bits that select a bucket, or fewer, keeps [`SHORT_KEY`] in place of all 32
/// bits of a key.
const SHORT_BITS: u32 = 12;

/// The bits of a key that a small vocabulary keeps. A bucket has four keys or so: of 250,000 look-ups
/// of other features one finds a column by chance.
const SHORT_KEY: u32 = !0 << 12;

/// How many features are looked up together.
const AHEAD: usize = 32;

/// How many features the builder collects before it counts them.
const BUFFER: usize = 16 << 20;

/// Counts in how many posts each feature occurs.
#[derive(Default)]
pub struct VocabularyBuilder {
    documents: u32,
    /// Counted features in rising order, each with its number of posts.
    counts: Vec<(u64, u32)>,
    /// Features of posts not yet counted, each once a post.
    pending: Vec<u64>,
    post: Vec<u64>,
}

impl VocabularyBuilder {
    /// Counts the features of one post; repeats count once.
    pub fn add(&mut self, features: &[u64]) {
        self.post.clear();
        self.post.extend_from_slice(features);
        self.post.sort_unstable();
        self.post.dedup();
        self.pending.extend_from_slice(&self.post);
        self.documents = self.documents.saturating_add(1);
        if self.pending.len() >= BUFFER {
            self.merge();
        }
    }

    /// Adds the counts of another builder: parts of a corpus can be counted on several threads.
    pub fn absorb(&mut self, mut other: Self) {
        self.merge();
        other.merge();
        self.counts.append(&mut other.counts);
        self.documents = self.documents.saturating_add(other.documents);
        self.unite();
    }

    /// The number of posts counted.
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// Counts the pending features.
    pub fn merge(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        self.pending.sort_unstable();
        let runs = self.pending.chunk_by(|a, b| a == b);
        let count = |run: &[u64]| u32::try_from(run.len()).unwrap_or(u32::MAX);
        self.counts.extend(runs.map(|run| (run[0], count(run))));
        self.pending.clear();
        self.unite();
    }

    /// Joins the counts of each feature.
    fn unite(&mut self) {
        // Two rising runs, which a stable sort only merges.
        self.counts.sort_by_key(|&(feature, _)| feature);
        self.counts.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 = kept.1.saturating_add(next.1);
            }
            is_same
        });
    }

    /// The vocabulary of the features that occur in at least `min_df` posts, the most frequent
    /// `max_features` of them (ties: the smaller hash), and in how many posts each occurs. The
    /// order in which posts were added doesn't matter.
    pub fn finish(mut self, min_df: u32, max_features: Option<usize>) -> (Vocabulary, Vec<u32>) {
        self.merge();
        let Self { counts: mut kept, .. } = self;
        kept.retain(|&(_, count)| count >= min_df);
        if let Some(max) = max_features.filter(|&max| max < kept.len()) {
            kept.sort_unstable_by_key(|&(feature, count)| (std::cmp::Reverse(count), feature));
            kept.truncate(max);
            kept.sort_unstable();
        }
        Vocabulary::of_sorted(kept)
    }
}

/// Features and their columns: 0, 1, 2… in rising order of the hashes.
///
/// On disk and in memory two flat tables: where each bucket of features starts, and 32 bits of
/// each feature, those below the bits that name its bucket; in a small vocabulary only 20 of them
/// count, and the rest are 0. Two features that agree in bucket and in these bits (20 to 60 bits in
/// all, growing with the vocabulary) share a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Vocabulary {
    starts: Table<u32>,
    keys: Table<u32>,
}

impl Default for Vocabulary {
    /// The empty vocabulary.
    fn default() -> Self {
        Self { starts: vec![0, 0].into(), keys: Table::default() }
    }
}

impl Vocabulary {
    /// From distinct features in rising order.
    fn of_sorted(features: Vec<(u64, u32)>) -> (Self, Vec<u32>) {
        let buckets = features.len().div_ceil(PER_BUCKET).next_power_of_two();
        let bits = buckets.trailing_zeros().min(MAX_BITS);
        let mut starts = vec![0u32; (1 << bits) + 1];
        let mut keys: Vec<u32> = Vec::with_capacity(features.len());
        let mut counts: Vec<u32> = Vec::with_capacity(features.len());
        let mut last = None;
        for (feature, count) in features {
            let place = split(feature, bits);
            match counts.last_mut().filter(|_| last == Some(place)) {
                Some(shared) => *shared = shared.saturating_add(count),
                None => {
                    starts[place.0 + 1] += 1;
                    keys.push(place.1);
                    counts.push(count);
                }
            }
            last = Some(place);
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        (Self { starts: starts.into(), keys: keys.into() }, counts)
    }

    /// From the two tables of a [`view`](Self::view); `None` if they do not fit each other.
    pub fn from_tables(starts: Table<u32>, keys: Table<u32>) -> Option<Self> {
        VocabularyView::new(&starts, &keys)?;
        Some(Self { starts, keys })
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are no columns.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The vocabulary as a view.
    pub fn view(&self) -> VocabularyView<'_> {
        VocabularyView {
            starts: &self.starts,
            keys: &self.keys,
            bits: (self.starts.len() - 1).trailing_zeros(),
        }
    }
}

/// A feature's bucket and key.
fn split(feature: u64, bits: u32) -> (usize, u32) {
    // `bits` is at most MAX_BITS; `checked_shr` covers 0, where a shift by 64 is meant.
    let bucket = feature.checked_shr(64 - bits).unwrap_or(0);
    let kept = if bits <= SHORT_BITS { SHORT_KEY } else { !0 };
    (bucket as usize, ((feature << bits) >> 32) as u32 & kept)
}

/// A vocabulary that borrows its tables, for example from a section of a larger table.
///
/// A lookup in damaged tables finds nothing or a wrong column, and never panics.
#[derive(Clone, Copy, Debug)]
pub struct VocabularyView<'a> {
    starts: &'a [u32],
    keys: &'a [u32],
    bits: u32,
}

impl<'a> VocabularyView<'a> {
    /// A view of the tables of one vocabulary; `None` if their lengths do not fit each other.
    pub fn new(starts: &'a [u32], keys: &'a [u32]) -> Option<Self> {
        let buckets = starts.len().checked_sub(1)?;
        let bits = buckets.trailing_zeros();
        let whole = *starts.last()? as usize == keys.len() && starts.first() == Some(&0);
        (buckets.is_power_of_two() && bits <= MAX_BITS && whole).then_some(Self {
            starts,
            keys,
            bits,
        })
    }

    /// Where each bucket starts.
    pub fn starts(&self) -> &'a [u32] {
        self.starts
    }

    /// The keys, bucket by bucket.
    pub fn keys(&self) -> &'a [u32] {
        self.keys
    }

    /// The column of a feature.
    pub fn find(&self, feature: u64) -> Option<u32> {
        self.find_in(self.bucket(feature))
    }

    /// The columns of the bucket of a feature, and the feature's key.
    fn bucket(&self, feature: u64) -> (Range<u32>, u32) {
        let (bucket, key) = split(feature, self.bits);
        let ends = self.starts.get(bucket..).and_then(|rest| rest.first_chunk());
        let columns = ends.map_or(0..0, |&[start, end]| start..end);
        (columns, key)
    }

    fn find_in(&self, (columns, key): (Range<u32>, u32)) -> Option<u32> {
        // A bucket has a few keys: looking at all takes less time than guessing where to look.
        let keys = self.keys.get(columns.start as usize..columns.end as usize)?;
        let within = keys.iter().position(|&other| other == key)?;
        u32::try_from(within).ok()?.checked_add(columns.start)
    }

    /// Replaces the content of `out` with the known features' columns, in rising order, and how
    /// often each occurs, up to 255 times.
    pub fn count(&self, features: &[u64], out: &mut Vec<(u32, u8)>) {
        out.clear();
        out.reserve(features.len());
        // The tables are larger than the processor's caches: buckets are looked up ahead, so that
        // many loads are under way at a time.
        let mut buckets: [(Range<u32>, u32); AHEAD] = std::array::from_fn(|_| (0..0, 0));
        for features in features.chunks(AHEAD) {
            let buckets = &mut buckets[..features.len()];
            for (bucket, &feature) in buckets.iter_mut().zip(features) {
                *bucket = self.bucket(feature);
            }
            out.extend(
                buckets.iter().filter_map(|bucket| Some((self.find_in(bucket.clone())?, 1))),
            );
        }
        out.sort_unstable();
        out.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = kept.1.saturating_add(1);
            }
            same
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn build(posts: &[Vec<u64>], min_df: u32, max: Option<usize>) -> (Vocabulary, Vec<u32>) {
        let mut builder = VocabularyBuilder::default();
        posts.iter().for_each(|post| builder.add(post));
        builder.finish(min_df, max)
    }

    /// Spreads small numbers over all 64 bits.
    fn feature(n: u64) -> u64 {
        word(n)
    }

    fn word(n: u64) -> u64 {
        crate::word_feature(&n.to_string())
    }

    #[test]
    fn rare_features_are_left_out() {
        let posts = vec![vec![word(1), word(1), word(2)], vec![word(1), word(3)], vec![word(3)]];
        let (vocabulary, df) = build(&posts, 2, None);
        assert_eq!((vocabulary.len(), &df[..]), (2, &[2, 2][..]));
        assert!(vocabulary.view().find(word(2)).is_none());
        let (all, _) = build(&posts, 1, None);
        assert_eq!(all.len(), 3);
        let (one, df) = build(&[posts, vec![vec![word(1)]]].concat(), 1, Some(1));
        assert!(one.view().find(word(1)).is_some());
        assert_eq!(df, [3]);
    }

    #[test]
    fn counts_saturate() {
        let (vocabulary, _) = build(&[vec![word(1), word(2)]], 1, None);
        let mut counts = Vec::new();
        let text = [vec![word(1); 300], vec![word(2), word(9)]].concat();
        vocabulary.view().count(&text, &mut counts);
        counts.sort_by_key(|&(_, n)| n);
        assert_eq!(counts.iter().map(|&(_, n)| n).collect::<Vec<_>>(), [1, 255]);
    }

    #[test]
    fn the_empty_vocabulary_knows_nothing() {
        assert_eq!(build(&[], 1, None).0, Vocabulary::default());
        assert!(Vocabulary::default().is_empty());
        assert!(Vocabulary::default().view().find(5).is_none());
    }

    #[test]
    fn merging_in_steps_counts_the_same() {
        let posts: Vec<Vec<u64>> =
            (0..50u64).map(|p| (0..20).map(|i| word(p * i % 37)).collect()).collect();
        let mut stepwise = VocabularyBuilder::default();
        for post in &posts {
            stepwise.add(post);
            stepwise.merge();
        }
        assert_eq!(stepwise.finish(2, None), build(&posts, 2, None));
        let mut parts = VocabularyBuilder::default();
        for half in posts.chunks(30) {
            let mut part = VocabularyBuilder::default();
            half.iter().for_each(|post| part.add(post));
            parts.absorb(part);
        }
        assert_eq!(parts.documents(), 50);
        assert_eq!(parts.finish(2, None), build(&posts, 2, None));
    }

    #[test]
    fn features_of_one_bucket_that_differ_in_twenty_bits_have_two_columns() {
        let features = [1 << 43, 1 << 44, 2 << 44];
        let (vocabulary, df) = build(&[features.to_vec()], 1, None);
        let columns = features.map(|feature| vocabulary.view().find(feature));
        assert_eq!((columns, &df[..]), ([Some(0), Some(1), Some(2)], &[1, 1, 1][..]));
    }

    proptest! {
        #[test]
        fn every_feature_has_its_column(
            mut posts in prop::collection::vec(prop::collection::vec(0u64..5000, 0..60), 1..40),
        ) {
            for post in &mut posts {
                post.iter_mut().for_each(|n| *n = feature(*n));
            }
            let (vocabulary, df) = build(&posts, 1, None);
            prop_assert_eq!(vocabulary.len(), df.len());
            for post in &posts {
                for &f in post {
                    let column = vocabulary.view().find(f).unwrap();
                    // Features that agree in all bits that are kept share a column.
                    let place = split(f, vocabulary.view().bits);
                    let expected: usize = posts.iter().map(|post| {
                        let mut sharing: Vec<u64> = post.clone();
                        sharing.retain(|&g| split(g, vocabulary.view().bits) == place);
                        sharing.sort_unstable();
                        sharing.dedup();
                        sharing.len()
                    }).sum();
                    prop_assert_eq!(df[column as usize] as usize, expected);
                }
            }
            posts.reverse();
            prop_assert_eq!(build(&posts, 1, None), (vocabulary, df));
        }

        #[test]
        fn damaged_tables_never_panic(
            starts in prop::collection::vec(any::<u32>(), 0..20),
            keys in prop::collection::vec(any::<u32>(), 0..20),
            features in prop::collection::vec(any::<u64>(), 0..20),
        ) {
            let mut starts = starts;
            if let Some(last) = starts.last_mut() { *last = keys.len() as u32; }
            if let Some(first) = starts.first_mut() { *first = 0; }
            if let Some(view) = VocabularyView::new(&starts, &keys) {
                view.count(&features, &mut Vec::new());
            }
        }
    }
}
