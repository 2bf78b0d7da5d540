//! All of a tree for a block of rows at once.
//!
//! Each node has a word whose bits say which rows come to it. The children's words follow from
//! their parent's and the answer to its question, without a branch.

use super::{
    block::{BLOCK, Block},
    codes::{self, LEAVES},
    node::LEFT,
    questions::Questions,
};

/// A forest laid out for sweeping.
#[derive(Debug)]
pub(super) struct Sweep {
    questions: Questions,
    /// Of all trees in turn, parents before children.
    splits: Vec<Split>,
    /// Number of splits of each tree, one less than its leaves.
    trees: Vec<u8>,
    /// Of the leaves of all trees in turn, and then [`LEAVES`] more, so that as many follow each
    /// tree's first leaf.
    output: Vec<f64>,
}

/// A split and the places of its children among a tree's words: first come the splits, then, from
/// [`LEAVES`] on, the leaves.
#[derive(Debug, Clone, Copy)]
struct Split {
    answer: u32,
    children: [u8; 2],
}

impl Sweep {
    /// Lays out a forest of these tables, unless it has a tree with too many leaves.
    pub(super) fn of(starts: &[u32], nodes: &[u64], outputs: &[f64]) -> Option<Self> {
        let (nodes, _) = nodes.as_chunks::<2>();
        let (mut inner, mut output) = (Vec::new(), Vec::new());
        let (mut children, mut trees) = (Vec::new(), Vec::new());
        for span in starts.windows(2) {
            let span = span[0] as usize..span[1] as usize;
            if span.len() > 2 * LEAVES - 1 {
                return None;
            }
            let nodes = &nodes[span.clone()];
            let splits = || nodes.iter().enumerate().filter(|(at, node)| left(node) != *at);
            let places = places(nodes);
            children.extend(splits().map(|(_, node)| [places[left(node)], places[left(node) + 1]]));
            inner.extend(splits().map(|(_, node)| *node));
            let values = outputs[span].iter().zip(places);
            output.extend(values.filter(|(_, place)| is_leaf(*place)).map(|(value, _)| *value));
            trees.push((nodes.len() / 2) as u8);
        }
        output.extend([0.0; LEAVES]);
        let (questions, answers) = Questions::of(&inner);
        let splits = answers.into_iter().zip(children);
        let splits = splits.map(|(answer, children)| Split { answer, children }).collect();
        Some(Self { questions, splits, trees, output })
    }

    /// Adds the scores of a block's rows to `out`, one per row. `answers` is a work buffer.
    pub(super) fn add(
        &self,
        block: Block<'_>,
        in_set: impl Fn(usize, f64) -> bool,
        answers: &mut Vec<u64>,
        out: &mut [f64],
    ) {
        self.questions.answer(block, in_set, answers);
        let all = u64::MAX.checked_shr((BLOCK - out.len()) as u32).unwrap_or(0);
        let mut words = [0; 2 * LEAVES];
        let mut sums = [0.0; BLOCK];
        let (mut splits, mut output) = (&self.splits[..], &self.output[..]);
        for &count in &self.trees {
            let own;
            (own, splits) = splits.split_at(count.into());
            descend(own, answers, all, &mut words);
            if let (Some(leaves), Some(values)) = (words.last_chunk(), output.first_chunk()) {
                codes::add(leaves, values, &mut sums);
            }
            output = &output[own.len() + 1..];
        }
        for (row, score) in out.iter_mut().enumerate() {
            *score += sums[codes::place(row)];
        }
    }
}

/// The left child of a node, counted from the root; a leaf's is itself.
fn left(node: &[u64; 2]) -> usize {
    (node[1] >> LEFT) as usize
}

/// The places of a tree's nodes among its words.
fn places(nodes: &[[u64; 2]]) -> [u8; 2 * LEAVES] {
    let mut places = [0; 2 * LEAVES];
    let (mut splits, mut leaves) = (0, LEAVES as u8);
    for (at, (node, place)) in nodes.iter().zip(&mut places).enumerate() {
        let next = if left(node) == at { &mut leaves } else { &mut splits };
        *place = *next;
        *next += 1;
    }
    places
}

fn is_leaf(place: u8) -> bool {
    usize::from(place) >= LEAVES
}

/// Writes which rows come to each split and leaf of a tree: all of the block's come to the root.
#[inline(always)]
fn descend(splits: &[Split], answers: &[u64], all: u64, words: &mut [u64; 2 * LEAVES]) {
    // The root is the first split or the only leaf.
    words[0] = all;
    words[LEAVES] = all;
    words[LEAVES + splits.len() + 1..].fill(0);
    for (at, split) in splits.iter().enumerate() {
        let rows = words[at % LEAVES];
        let answer = answers[split.answer as usize];
        let [left, right] = split.children.map(|child| usize::from(child) % (2 * LEAVES));
        words[left] = rows & answer;
        words[right] = rows & !answer;
    }
}
