//! The similarity of the words of a post to the names of hashtags.

use std::collections::BTreeSet;

use hashrec_tokenize::Tokens;
use rapidfuzz::distance::levenshtein;

use crate::SimpleParams;

/// Longer names and words are not compared.
const LONGEST: usize = 64;

/// The name of a hashtag of a community; entries are ordered by length, shortest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Entry {
    /// Which of 64 classes of characters occur in it, as bits.
    pub(crate) classes: u64,
    pub(crate) hashtag: u32,
    /// Where the characters of the name begin.
    pub(crate) start: u32,
    pub(crate) length: u32,
}

/// The classes of the characters of a word. One edit removes at most one class and adds at most one,
/// so two words are at least half as many edits apart as they differ in classes.
pub(crate) fn classes(word: &[u32]) -> u64 {
    // Multiplicative hashing puts neighbouring kana and letters into different classes.
    word.iter().fold(0, |all, &c| all | 1 << (c.wrapping_mul(0x9e37_79b1) >> 26))
}

/// The lower-cased characters of the names, shortest name first, and an entry for each name.
pub(super) fn entries<'a>(names: impl Iterator<Item = &'a str>) -> (Vec<u32>, Vec<Entry>) {
    let mut names: Vec<(Vec<u32>, u32)> = names
        .zip(0..)
        .map(|(name, hashtag)| {
            (name.chars().flat_map(char::to_lowercase).map(u32::from).collect(), hashtag)
        })
        .collect();
    names.sort_by_key(|(name, hashtag)| (name.len(), *hashtag));
    let mut characters: Vec<u32> = Vec::new();
    let entries = names
        .into_iter()
        .map(|(name, hashtag)| {
            let start = characters.len() as u32;
            characters.extend_from_slice(&name);
            Entry { classes: classes(&name), hashtag, start, length: name.len() as u32 }
        })
        .collect();
    (characters, entries)
}

/// Writes the highest similarity of each hashtag to a word of the post, where it is at least
/// `edit_similarity`.
pub(super) fn score(
    characters: &[u32],
    entries: &[Entry],
    tokens: &Tokens,
    params: &SimpleParams,
    scores: &mut [f32],
) {
    let words: BTreeSet<&str> = tokens.texts().collect();
    let mut word: Vec<u32> = Vec::new();
    for text in words {
        word.clear();
        word.extend(text.chars().take(LONGEST + 1).map(u32::from));
        let compared = word.len() >= params.edit_min_length || !text.is_ascii();
        if !compared || word.is_empty() || word.len() > LONGEST {
            continue;
        }
        let length = word.len();
        let edits_of = |name: usize| edits(length.max(name), params.edit_similarity);
        let word_classes = classes(&word);
        let first = entries.partition_point(|entry| {
            let name = entry.length as usize;
            name < length && name + edits_of(name) < length
        });
        for entry in &entries[first..] {
            let name_length = entry.length as usize;
            let allowed = edits_of(name_length);
            if name_length > length + allowed || name_length > LONGEST {
                break;
            }
            if (entry.classes ^ word_classes).count_ones() as usize > 2 * allowed {
                continue;
            }
            let start = entry.start as usize;
            let Some(name) = characters.get(start..start.saturating_add(name_length)) else {
                continue;
            };
            let Some(edits) = distance(&word, name, allowed) else { continue };
            let similarity = 1.0 - edits as f32 / length.max(name_length) as f32;
            if let Some(score) = scores.get_mut(entry.hashtag as usize) {
                *score = score.max(similarity);
            }
        }
    }
}

/// How many edits two words may be apart if the longer has `length` characters.
fn edits(length: usize, similarity: f32) -> usize {
    // The small term keeps rounding from making less than one edit of 0.2 · 5.
    ((1.0 - similarity) * length as f32 + 1e-4) as usize
}

/// The Levenshtein distance of two words, if it is at most `limit`.
fn distance(a: &[u32], b: &[u32], limit: usize) -> Option<usize> {
    let args = levenshtein::Args::default().score_cutoff(limit);
    levenshtein::distance_with_args(a.iter().copied(), b.iter().copied(), &args)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn characters(word: &str) -> Vec<u32> {
        word.chars().map(u32::from).collect()
    }

    fn plain_distance(a: &[u32], b: &[u32]) -> usize {
        match (a, b) {
            ([], rest) | (rest, []) => rest.len(),
            ([x, a_rest @ ..], [y, b_rest @ ..]) => {
                let replace = plain_distance(a_rest, b_rest) + usize::from(x != y);
                let delete = plain_distance(a_rest, b) + 1;
                replace.min(delete).min(plain_distance(a, b_rest) + 1)
            }
        }
    }

    #[test]
    fn distances_of_known_words() {
        let within = |a: &str, b: &str, limit| distance(&characters(a), &characters(b), limit);
        assert_eq!(within("kitten", "sitting", 3), Some(3));
        assert_eq!(within("kitten", "sitting", 2), None);
        assert_eq!(within("新機能", "新機能", 0), Some(0));
        assert_eq!(within("rust", "rusty", 1), Some(1));
    }

    #[test]
    fn allowed_edits_grow_with_length() {
        let allowed: Vec<usize> = [3, 4, 5, 9, 10, 15].map(|n| edits(n, 0.8)).to_vec();
        assert_eq!(allowed, [0, 0, 1, 1, 2, 3]);
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(a in "[abあ]{0,6}", b in "[abあ]{0,6}", limit in 0usize..8) {
            let (a, b) = (characters(&a), characters(&b));
            let expected = plain_distance(&a, &b);
            let found = distance(&a, &b, limit);
            prop_assert_eq!(found, (expected <= limit).then_some(expected));
            let apart = (classes(&a) ^ classes(&b)).count_ones() as usize;
            prop_assert!(apart <= 2 * expected);
        }

        #[test]
        fn the_filters_lose_nothing(
            words in prop::collection::vec("[a-d]{1,9}", 0..6),
            names in prop::collection::vec("[a-d]{1,9}", 0..8),
            similarity in 0.3f32..1.0,
        ) {
            let mut tokens = Tokens::default();
            words.iter().for_each(|word| tokens.push(word, 0..0));
            let params = SimpleParams {
                edit_similarity: similarity, edit_min_length: 1, ..SimpleParams::default()
            };
            let (all, entries) = entries(names.iter().map(String::as_str));
            let mut scores = vec![0.0; names.len()];
            score(&all, &entries, &tokens, &params, &mut scores);
            for (name, found) in names.iter().zip(scores) {
                let best = words.iter().map(|word| {
                    let (a, b) = (characters(word), characters(name));
                    let longer = a.len().max(b.len());
                    let distance = plain_distance(&a, &b);
                    let within = distance <= edits(longer, similarity);
                    if within { 1.0 - distance as f32 / longer as f32 } else { 0.0 }
                }).fold(0.0, f32::max);
                prop_assert!((best - found).abs() < 1e-6, "{} {} {}", name, best, found);
            }
        }
    }
}
