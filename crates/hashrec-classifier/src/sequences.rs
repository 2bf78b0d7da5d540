//! A batch of posts as packed sequences of words.

use std::ops::Range;

/// The words of a batch, packed: the tokens of one post follow those of the post before, without
/// padding, and the posts are ordered by falling length.
///
/// Nothing pads, so nothing has to be masked: a post can't see whether or with whom it shares the
/// batch. The order lets the recurrent step `s` treat the posts that have an `s`-th token as a
/// prefix of the batch.
#[derive(Clone, Debug)]
pub(crate) struct Sequences {
    /// Where every post's tokens start, and the end of the last: posts + 1 entries.
    starts: Vec<usize>,
    /// The distinct words of the batch, rising.
    words: Vec<u32>,
    /// For every token the position of its word in `words`.
    rows: Vec<u32>,
    /// For every post its position in the slice the batch was built from.
    origin: Vec<usize>,
}

impl Sequences {
    /// Packs posts given as word ids. Every post must have at least one word, which the encoding
    /// of texts guarantees (a text without words is one unknown word); an empty one is left out.
    pub(crate) fn pack(posts: &[&[u32]]) -> Self {
        let mut origin: Vec<usize> = (0..posts.len()).filter(|&i| !posts[i].is_empty()).collect();
        origin.sort_by_key(|&i| std::cmp::Reverse(posts[i].len()));
        let mut words: Vec<u32> = posts.iter().flat_map(|post| post.iter().copied()).collect();
        words.sort_unstable();
        words.dedup();
        let mut starts = vec![0];
        let mut rows = Vec::new();
        for &i in &origin {
            let position = |word: &u32| words.partition_point(|known| known < word) as u32;
            rows.extend(posts[i].iter().map(position));
            starts.push(rows.len());
        }
        Self { starts, words, rows, origin }
    }

    /// The number of posts.
    pub(crate) fn posts(&self) -> usize {
        self.origin.len()
    }

    /// The number of tokens of all posts together.
    pub(crate) fn tokens(&self) -> usize {
        self.rows.len()
    }

    /// The tokens of the post at that position of the batch, counted in the whole batch.
    pub(crate) fn tokens_of(&self, post: usize) -> Range<usize> {
        self.starts[post]..self.starts[post + 1]
    }

    /// The token that a direction (0 forward, 1 backward) reads at its `step`-th step of a post.
    pub(crate) fn token_at(&self, direction: usize, post: usize, step: usize) -> usize {
        let tokens = self.tokens_of(post);
        if direction == 0 { tokens.start + step } else { tokens.end - 1 - step }
    }

    /// The length of the longest post.
    pub(crate) fn longest(&self) -> usize {
        if self.posts() == 0 { 0 } else { self.tokens_of(0).len() }
    }

    /// How many posts have more than `step` tokens: they are the first ones.
    pub(crate) fn active(&self, step: usize) -> usize {
        self.starts.windows(2).take_while(|pair| pair[1] - pair[0] > step).count()
    }

    /// The sum of the squared lengths: pairs of tokens of the same post.
    pub(crate) fn token_pairs(&self) -> usize {
        self.starts.windows(2).map(|pair| (pair[1] - pair[0]).pow(2)).sum()
    }

    /// The distinct words, rising.
    pub(crate) fn words(&self) -> &[u32] {
        &self.words
    }

    /// For every token the position of its word in [`words`](Self::words).
    pub(crate) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// For every post of the batch its position in the slice the batch was built from.
    pub(crate) fn origin(&self) -> &[usize] {
        &self.origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_by_falling_length_and_keeps_equal_lengths_in_order() {
        let posts: [&[u32]; 4] = [&[7], &[9, 3, 9], &[5], &[3, 7]];
        let packed = Sequences::pack(&posts);
        assert_eq!(packed.origin(), [1, 3, 0, 2]);
        assert_eq!(packed.words(), [3, 5, 7, 9]);
        assert_eq!(packed.rows(), [3, 0, 3, 0, 2, 2, 1]);
        assert_eq!((packed.posts(), packed.tokens(), packed.longest()), (4, 7, 3));
        assert_eq!([0, 1, 2, 3].map(|step| packed.active(step)), [4, 2, 1, 0]);
        assert_eq!(packed.token_pairs(), 9 + 4 + 1 + 1);
        assert_eq!(packed.tokens_of(1), 3..5);
    }

    #[test]
    fn an_empty_batch_is_empty() {
        let packed = Sequences::pack(&[]);
        assert_eq!((packed.posts(), packed.tokens(), packed.longest()), (0, 0, 0));
    }
}
