//! The character n-grams of a post: how much of a hashtag it contains, however its words are split.

use rustc_hash::FxHashSet;
use xxhash_rust::xxh3::xxh3_64;

use super::compact::is_japanese;

/// The n-grams of one post: pairs if either character is Japanese, else triples.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grams {
    title: FxHashSet<u64>,
    body: FxHashSet<u64>,
}

impl Grams {
    /// The n-grams of a folded compact text whose first `title` bytes are the title.
    pub(crate) fn of(folded: &str, title: usize) -> Self {
        let (title, body) = folded.split_at_checked(title).unwrap_or((folded, ""));
        Self { title: each(title).collect(), body: each(body).collect() }
    }

    /// The shares of a folded compact hashtag's n-grams that appear in the title and in the whole
    /// text; 0 if the hashtag is too short to have any.
    pub(crate) fn shares(&self, hashtag: &str) -> (f32, f32) {
        let (mut all, mut title, mut text) = (0u32, 0u32, 0u32);
        for gram in each(hashtag) {
            let in_title = self.title.contains(&gram);
            all += 1;
            title += u32::from(in_title);
            text += u32::from(in_title || self.body.contains(&gram));
        }
        let all = all.max(1) as f32;
        (title as f32 / all, text as f32 / all)
    }
}

/// The n-grams of one run of text.
fn each(text: &str) -> impl Iterator<Item = u64> {
    let ends = |from: usize| {
        let mut ends =
            text[from..].char_indices().map(move |(at, c)| (from + at + c.len_utf8(), c));
        (ends.next(), ends.next(), ends.next())
    };
    text.char_indices().filter_map(move |(from, _)| {
        let (Some((_, first)), Some((second_end, second)), third) = ends(from) else {
            return None;
        };
        let end = if is_japanese(first) || is_japanese(second) { second_end } else { third?.0 };
        Some(xxh3_64(text.get(from..end)?.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_count_the_hashtags_own_grams() {
        // 新機, 機能, 能を, を公, 公開 | ...
        let text = "新機能を公開りりーす";
        let grams = Grams::of(text, "新機能を公開".len());
        assert_eq!(grams.shares("新機能"), (1.0, 1.0));
        let (title, text) = grams.shares("新機能りりーす");
        assert_eq!((title, text), (2.0 / 6.0, 5.0 / 6.0));
        assert_eq!(grams.shares("猫"), (0.0, 0.0));
    }

    #[test]
    fn latin_words_are_cut_in_triples() {
        let grams = Grams::of("javascript", 4);
        assert_eq!(grams.shares("java"), (1.0, 1.0));
        assert_eq!(grams.shares("script"), (0.0, 1.0));
        assert_eq!(each("ab").count(), 0);
    }
}
