//! How rare words are.

use super::fixtures::count;
use crate::{Rarity, RarityBuilder, post::stem::Stems};

#[test]
fn rare_words_weigh_more() {
    let mut left = RarityBuilder::default();
    let mut right = RarityBuilder::default();
    for index in 0..12 {
        let text = if index < 3 { "bread oven" } else { "bread" };
        let half = if index % 2 == 0 { &mut left } else { &mut right };
        count(half, text);
    }
    left.merge(right);
    let rarity = left.finish();
    let mut stems = Stems::default();
    assert_eq!(rarity.posts(), 12);
    assert_eq!(rarity.weight(stems.hash("bread")), 0.0);
    assert!((rarity.weight(stems.hash("ovens")) - (13.0f32 / 4.0).ln()).abs() < 1e-6);
    assert!((rarity.weight(stems.hash("sourdough")) - 13.0f32.ln()).abs() < 1e-6);
}

#[test]
fn without_some_posts_the_others_count_alone() {
    let count = |texts: &[&str]| {
        let mut builder = RarityBuilder::default();
        texts.iter().for_each(|text| count(&mut builder, text));
        builder
    };
    let kept = ["bread oven", "bread", "oven tray", "rye", "bread rye"];
    let gone = ["bread oven", "tray", "rye", "sourdough", "sourdough"];
    let alone = count(&kept).finish();
    let mut all = count(&kept);
    all.merge(count(&gone));
    let rest = all.finish().without(&count(&gone));
    assert_eq!(rest.posts(), alone.posts());
    let mut stems = Stems::default();
    for word in ["bread", "oven", "tray", "rye", "sourdough", "unseen"] {
        let word = stems.hash(word);
        assert_eq!(rest.weight(word), alone.weight(word));
    }
}

#[test]
fn an_empty_corpus_gives_every_word_the_same_weight() {
    let rarity = Rarity::default();
    assert_eq!(rarity.weight(1), 11.0f32.ln());
    assert_eq!(rarity.weight(2), 11.0f32.ln());
}
