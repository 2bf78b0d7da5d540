//! Multi-head self-attention inside every text: softmax(Q · Kᵀ / √width) · V, head by head.

use std::ops::Range;

use super::kernels::{Strided, multiply_into, multiply_transposed, softmax, vectorized};

/// Queries that are computed together: bounds the buffer of a long text.
const BLOCK: usize = 128;

/// The shape of an attention layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heads {
    /// Floats of a token; `heads` divides it.
    pub(super) width: usize,
    pub(super) heads: usize,
    /// How far to either side a token sees; the whole text without.
    pub(super) window: Option<usize>,
}

impl Heads {
    /// `qkv` [tokens, 3 · width] (queries, keys, values side by side, each split into heads) →
    /// [tokens, width]. A token sees tokens of its own text only.
    pub(super) fn apply(&self, texts: &[Range<usize>], qkv: &[f32]) -> Vec<f32> {
        let width = self.width;
        let mut out = vec![0.0; qkv.len() / 3];
        let mut scores = Vec::new();
        for text in texts {
            for head in 0..self.heads {
                for first in text.clone().step_by(BLOCK) {
                    let block = first..text.end.min(first + BLOCK);
                    let keys =
                        self.seen(block.start, text).start..self.seen(block.end - 1, text).end;
                    let part = |rows: &Range<usize>, which: usize| Strided {
                        data: &qkv
                            [rows.start * 3 * width + which * width + head * self.head_width()..],
                        rows: rows.len(),
                        cols: self.head_width(),
                        stride: 3 * width,
                    };
                    scores.resize(block.len() * keys.len(), 0.0);
                    multiply_transposed(&mut scores, part(&block, 0), part(&keys, 1));
                    self.weigh(&mut scores, &block, &keys, text);
                    let weights = Strided {
                        data: &scores,
                        rows: block.len(),
                        cols: keys.len(),
                        stride: keys.len(),
                    };
                    let out = &mut out[block.start * width + head * self.head_width()..];
                    multiply_into(out, width, weights, part(&keys, 2));
                }
            }
        }
        out
    }

    fn head_width(&self) -> usize {
        self.width / self.heads
    }

    /// The tokens that one token of a text sees.
    fn seen(&self, token: usize, text: &Range<usize>) -> Range<usize> {
        match self.window {
            Some(window) => {
                let (first, last) = (token.saturating_sub(window), token.saturating_add(window));
                first.max(text.start)..last.saturating_add(1).min(text.end)
            }
            None => text.clone(),
        }
    }

    /// Turns the scores of a block of queries into weights; 0 for what a query doesn't see.
    fn weigh(
        &self,
        scores: &mut [f32],
        block: &Range<usize>,
        keys: &Range<usize>,
        text: &Range<usize>,
    ) {
        let scale = 1.0 / (self.head_width() as f32).sqrt();
        vectorized(|| {
            for (query, row) in block.clone().zip(scores.chunks_exact_mut(keys.len())) {
                let seen = self.seen(query, text);
                let (before, rest) = row.split_at_mut(seen.start - keys.start);
                let (row, after) = rest.split_at_mut(seen.len());
                before.fill(0.0);
                after.fill(0.0);
                softmax(row, scale);
            }
        });
    }
}

/// Rotary position embedding (Su et al., 2021): pairs of coordinates, half a head apart, are turned
/// by an angle that grows with the token's position.
pub(super) struct Rotary {
    /// cos and sin for each position and pair.
    cos: Vec<f32>,
    sin: Vec<f32>,
    pairs: usize,
}

impl Rotary {
    /// The angles of positions up to `positions` in heads of `head_width` floats.
    pub(super) fn new(theta: f32, head_width: usize, positions: usize) -> Self {
        let pairs = head_width / 2;
        let frequency = |pair: usize| 1.0 / theta.powf((2 * pair) as f32 / head_width as f32);
        let angles = (0..positions)
            .flat_map(|position| (0..pairs).map(move |pair| position as f32 * frequency(pair)));
        let (sin, cos) = angles.map(f32::sin_cos).unzip();
        Self { cos, sin, pairs }
    }

    /// Turns the queries and keys of `qkv` [tokens, 3 · width]. Texts are not longer than the
    /// positions the angles were made for.
    pub(super) fn apply(&self, texts: &[Range<usize>], qkv: &mut [f32], width: usize) {
        let pairs = self.pairs;
        vectorized(|| {
            for text in texts {
                let rows = qkv[text.start * 3 * width..text.end * 3 * width]
                    .chunks_exact_mut(3 * width)
                    .zip(self.cos.chunks_exact(pairs).zip(self.sin.chunks_exact(pairs)));
                for (row, (cos, sin)) in rows {
                    for head in row[..2 * width].chunks_exact_mut(2 * pairs) {
                        let (left, right) = head.split_at_mut(pairs);
                        let turned = left.iter_mut().zip(right).zip(cos.iter().zip(sin));
                        for ((a, b), (cos, sin)) in turned {
                            (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
                        }
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, without blocks.
    fn naive(heads: Heads, texts: &[Range<usize>], qkv: &[f32]) -> Vec<f32> {
        let (width, head_width) = (heads.width, heads.head_width());
        let at = |token: usize, which: usize, i: usize| qkv[token * 3 * width + which * width + i];
        let mut out = vec![0.0; qkv.len() / 3];
        for text in texts {
            for query in text.clone() {
                for head in 0..heads.heads {
                    let columns = head * head_width..(head + 1) * head_width;
                    let seen = text.clone().filter(|key| {
                        heads.window.is_none_or(|window| key.abs_diff(query) <= window)
                    });
                    let weights: Vec<(usize, f32)> = seen
                        .map(|key| {
                            let dot: f32 =
                                columns.clone().map(|i| at(query, 0, i) * at(key, 1, i)).sum();
                            (key, (dot / (head_width as f32).sqrt()).exp())
                        })
                        .collect();
                    let total: f32 = weights.iter().map(|(_, weight)| weight).sum();
                    for i in columns.clone() {
                        out[query * width + i] =
                            weights.iter().map(|(key, w)| w / total * at(*key, 2, i)).sum();
                    }
                }
            }
        }
        out
    }

    #[test]
    fn agrees_with_the_definition() {
        let texts = [0..1, 1..301, 301..340];
        let qkv: Vec<f32> =
            (0..340 * 3 * 8).map(|i| ((i * 37 % 101) as f32 - 50.0) * 0.03).collect();
        for window in [None, Some(0), Some(5), Some(200)] {
            let heads = Heads { width: 8, heads: 2, window };
            let (got, want) = (heads.apply(&texts, &qkv), naive(heads, &texts, &qkv));
            for (got, want) in got.iter().zip(&want) {
                assert!((got - want).abs() < 1e-5, "{got} {want} {window:?}");
            }
        }
    }

    #[test]
    fn turning_keeps_lengths_and_depends_on_distance_only() {
        let rotary = Rotary::new(10_000.0, 4, 9);
        let one = [0.3f32, -0.2, 0.9, 0.4, 0.7, 0.1, -0.5, 0.2, 5.0, 6.0, 7.0, 8.0];
        let mut qkv = one.repeat(9);
        rotary.apply(std::slice::from_ref(&(0..9)), &mut qkv, 4);
        assert_eq!(qkv[..12], one);
        let dot = |q: usize, k: usize| -> f32 {
            (0..4).map(|i| qkv[q * 12 + i] * qkv[k * 12 + 4 + i]).sum()
        };
        assert!((dot(0, 3) - dot(5, 8)).abs() < 1e-5);
        assert!((dot(0, 3) - dot(0, 4)).abs() > 1e-3);
        assert_eq!(qkv[8 * 12 + 8..], one[8..]);
    }
}
