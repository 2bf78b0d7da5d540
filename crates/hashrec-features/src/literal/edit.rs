//! The spelling similarity of a hashtag and the words of a post.

use std::cell::OnceCell;

use rapidfuzz::distance::{jaro_winkler, levenshtein};

use crate::post::words::{Word, Words, letters};

/// Lower similarities count as 0.
const LOWEST_EDIT: f32 = 0.5;
const LOWEST_JARO: f32 = 0.6;

/// The highest similarities of one hashtag to a post's words: 1 for equal, 0 for dissimilar.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Similarity {
    /// Levenshtein, to a word of the title or two adjacent ones.
    pub(crate) title_edit: f32,
    /// Levenshtein, to one of the first words of the text.
    pub(crate) text_edit: f32,
    /// Jaro–Winkler, to a word of the title or two adjacent ones.
    pub(crate) title_jaro: f32,
}

impl Similarity {
    /// Compares a compact hashtag with words.
    ///
    /// The Levenshtein similarity is 1 − edits / length of the longer; Jaro–Winkler has the usual
    /// prefix weight of .1.
    pub(crate) fn of(hashtag: &[char], title: &Words, text: &Words) -> Self {
        if hashtag.is_empty() {
            return Self::default();
        }
        let word = Word { chars: hashtag, letters: letters(hashtag) };
        // Few words get past the bounds, so what takes memory is made when one does.
        let edit = OnceCell::new();
        let new_edit = || levenshtein::BatchComparator::new(hashtag.iter().copied());
        let edit = |words: &Words| {
            highest(word, words, LOWEST_EDIT, edit_bound, |chars, lowest| {
                let args = levenshtein::Args::default().score_cutoff(lowest);
                let edit = edit.get_or_init(new_edit);
                edit.normalized_similarity_with_args(chars.iter().copied(), &args)
            })
        };
        let jaro = OnceCell::new();
        let new_jaro = || jaro_winkler::BatchComparator::new(hashtag.iter().copied());
        Self {
            title_edit: edit(title),
            text_edit: edit(text),
            title_jaro: highest(word, title, LOWEST_JARO, jaro_bound, |chars, lowest| {
                let args = jaro_winkler::Args::default().score_cutoff(lowest);
                let jaro = jaro.get_or_init(new_jaro);
                jaro.normalized_similarity_with_args(chars.iter().copied(), &args)
            }),
        }
    }
}

/// The highest similarity, or 0 if it is below `lowest`. Calls `exact` only where `bound` allows
/// more than the highest so far.
fn highest(
    hashtag: Word<'_>,
    words: &Words,
    lowest: f32,
    bound: impl Fn(Word<'_>, Word<'_>) -> f32,
    exact: impl Fn(&[char], f64) -> Option<f64>,
) -> f32 {
    let mut best = 0.0f32;
    for word in words.iter() {
        let cutoff = best.max(lowest);
        // A hair of slack: the bound is computed in another order than the similarity.
        if best < 1.0 && bound(hashtag, word) + 1e-4 >= cutoff {
            let found = exact(word.chars, f64::from(cutoff) - 1e-6);
            best = best.max(found.unwrap_or(0.0) as f32);
        }
    }
    if best < lowest { 0.0 } else { best }
}

/// How many distinct letters of `a` the word `b` lacks (at least).
fn missing(a: Word<'_>, b: Word<'_>) -> usize {
    (a.letters & !b.letters).count_ones() as usize
}

/// No Levenshtein similarity is higher: every missing letter is an edit, and so is every letter
/// that one word is longer by.
fn edit_bound(a: Word<'_>, b: Word<'_>) -> f32 {
    let (left, right) = (a.chars.len(), b.chars.len());
    let edits = left.abs_diff(right).max(missing(a, b)).max(missing(b, a));
    1.0 - edits as f32 / left.max(right) as f32
}

/// No Jaro–Winkler similarity is higher: missing letters can't match.
fn jaro_bound(a: Word<'_>, b: Word<'_>) -> f32 {
    let (left, right) = (a.chars.len(), b.chars.len());
    let common = (left - missing(a, b).min(left)).min(right - missing(b, a).min(right)) as f32;
    let jaro = (common / left as f32 + common / right as f32 + 1.0) / 3.0;
    let prefix = a.chars.iter().zip(b.chars).take(4).take_while(|(a, b)| a == b).count();
    jaro + 0.1 * prefix as f32 * (1.0 - jaro)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(texts: &[String]) -> Words {
        let mut words = Words::default();
        texts.iter().for_each(|text| words.push(text));
        words.distinct()
    }

    fn compare(hashtag: &str, title: &[&str]) -> Similarity {
        let hashtag: Vec<char> = hashtag.chars().collect();
        let title: Vec<String> = title.iter().map(|&word| word.to_owned()).collect();
        Similarity::of(&hashtag, &words(&title), &words(&title))
    }

    #[test]
    fn one_typo_in_eight_letters() {
        let found = compare("sourdogh", &["bake", "sourdough"]);
        assert!((found.title_edit - 8.0 / 9.0).abs() < 1e-6);
        assert!(found.title_jaro > 0.97);
        assert_eq!(found.text_edit, found.title_edit);
    }

    #[test]
    fn the_same_is_one_and_the_unlike_zero() {
        assert_eq!(compare("新機能", &["新機能"]).title_edit, 1.0);
        assert_eq!(compare("rust", &["猫", "zzz"]), Similarity::default());
        assert_eq!(compare("", &["rust"]), Similarity::default());
        assert_eq!(compare("rust", &[]), Similarity::default());
    }

    proptest! {
        /// What the bounds rule out would not have been the highest.
        #[test]
        fn bounds_never_hide_the_highest(
            hashtag in "[a-dあ-う]{1,9}",
            texts in proptest::collection::vec("[a-eあ-え]{1,10}", 0..9),
        ) {
            let chars: Vec<char> = hashtag.chars().collect();
            let found = Similarity::of(&chars, &words(&texts), &Words::default());
            let highest = |similarity: &dyn Fn(&str) -> f64, lowest: f32| {
                let best = texts.iter().map(|text| similarity(text)).fold(0.0, f64::max) as f32;
                if best < lowest { 0.0 } else { best }
            };
            let edit = |text: &str| {
                levenshtein::normalized_similarity(hashtag.chars(), text.chars())
            };
            let jaro = |text: &str| {
                jaro_winkler::normalized_similarity(hashtag.chars(), text.chars())
            };
            prop_assert!((found.title_edit - highest(&edit, LOWEST_EDIT)).abs() < 1e-5);
            prop_assert!((found.title_jaro - highest(&jaro, LOWEST_JARO)).abs() < 1e-5);
            prop_assert_eq!(found.text_edit, 0.0);
        }
    }
}
