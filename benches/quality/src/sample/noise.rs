//! Chance, and the small accidents of real posts.

use rand::Rng;
use rand_pcg::Pcg64Mcg;

/// The generator's only source of chance.
pub(super) struct Dice(Pcg64Mcg);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::new(u128::from(seed) << 64 | 0x9e37_79b9_7f4a_7c15))
    }

    /// A whole number below `n`.
    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.0.next_u64() >> 11) as usize % n.max(1)
    }

    /// True with probability `p`.
    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A number in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.below(items.len())) }
    }

    /// An index drawn by weight.
    pub(super) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

const EMOJI: [&str; 12] = ["😊", "🙏", "✨", "😭", "💪", "🎉", "👏", "🤔", "☀️", "🔥", "🙇", "👍"];
const NAMES: [&str; 8] =
    ["みほ", "takeshi", "ゆーすけ", "sakura_m", "ケン", "nori", "あおい", "hiro99"];
const SITES: [&str; 4] = [
    "https://example.com/blog",
    "https://example.jp/info",
    "http://example.org/photo",
    "https://example.net/event",
];

/// What happens to text on its way from a head to a community.
pub(super) fn roughen(text: String, dice: &mut Dice) -> String {
    let mut text = text;
    if dice.chance(0.06) {
        text = full_width(&text);
    }
    if dice.chance(0.05) {
        text = drop_a_letter(&text, dice);
    }
    if dice.chance(0.25)
        && let Some(emoji) = dice.pick(&EMOJI)
    {
        text.push_str(emoji);
    }
    if dice.chance(0.06)
        && let Some(name) = dice.pick(&NAMES)
    {
        text = format!("@{name} {text}");
    }
    if dice.chance(0.07)
        && let Some(site) = dice.pick(&SITES)
    {
        text = format!("{text}\n{site}/{}", 100 + dice.below(900));
    }
    text
}

/// Digits and Latin letters as a Japanese keyboard may leave them.
fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0'..='9' | 'A'..='Z' | 'a'..='z' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// A slip of the finger.
fn drop_a_letter(text: &str, dice: &mut Dice) -> String {
    let letters = text.chars().count();
    let at = dice.below(letters);
    text.chars().enumerate().filter(|&(i, c)| i != at || c == '\n').map(|(_, c)| c).collect()
}
