//! All of a tree for a block of rows at once.
//!
//! Each node has a word whose bits say which rows come to it. The children's words follow from their
//! parent's and the answer to its question, without a branch.

use super::{
    codes::{self, LEAVES},
    layout::{Forest, LEFT},
    questions::{BLOCK, Questions},
};

/// A forest laid out for sweeping.
#[derive(Debug)]
pub(super) struct Sweep {
    questions: Questions,
    /// Of all trees in turn, parents before children.
    splits: Vec<Split>,
    /// Number of splits of each tree, one less than its leaves.
    trees: Vec<u8>,
    /// Of the leaves of all trees in turn, and [`LEAVES`] more.
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
    /// Lays out a forest, unless it has a tree with too many leaves.
    pub(super) fn of(forest: &Forest) -> Option<Self> {
        let (nodes, _) = forest.nodes.as_chunks::<2>();
        let mut inner = Vec::new();
        let (mut children, mut trees, mut output) = (Vec::new(), Vec::new(), Vec::new());
        for span in forest.starts.windows(2) {
            let span = span[0] as usize..span[1] as usize;
            if span.len() > 2 * LEAVES - 1 {
                return None;
            }
            let first = (inner.len(), output.len());
            let mut places = [0; 2 * LEAVES];
            for (at, (node, value)) in
                nodes[span.clone()].iter().zip(&forest.output[span.clone()]).enumerate()
            {
                if left(node) == at {
                    places[at] = (LEAVES + output.len() - first.1) as u8;
                    output.push(*value);
                } else {
                    places[at] = (inner.len() - first.0) as u8;
                    inner.push(*node);
                }
            }
            trees.push((inner.len() - first.0) as u8);
            children.extend(
                inner[first.0..].iter().map(|node| [places[left(node)], places[left(node) + 1]]),
            );
        }
        output.extend([0.0; LEAVES]);
        let (questions, answers) = Questions::of(&inner);
        let splits =
            answers.into_iter().zip(children).map(|(answer, children)| Split { answer, children });
        Some(Self { questions, splits: splits.collect(), trees, output })
    }

    /// Adds the scores of at most [`BLOCK`] rows to `out`.
    pub(super) fn add(
        &self,
        rows: &[f32],
        width: usize,
        in_set: impl Fn(usize, f64) -> bool,
        answers: &mut Vec<u64>,
        out: &mut [f64],
    ) {
        self.questions.answer(rows, width, in_set, answers);
        let all = u64::MAX >> (BLOCK - out.len());
        let mut sums = [0.0; BLOCK];
        let mut words = [0; 2 * LEAVES];
        let (mut splits, mut output) = (&self.splits[..], &self.output[..]);
        for &count in &self.trees {
            let own;
            (own, splits) = splits.split_at(count.into());
            descend(own, answers, all, &mut words);
            let Some((values, _)) = output.split_first_chunk::<LEAVES>() else { return };
            let (_, leaves) = words.split_at(LEAVES);
            if let Some(leaves) = leaves.first_chunk() {
                codes::add(leaves, values, &mut sums);
            }
            output = &output[own.len() + 1..];
        }
        for (row, score) in out.iter_mut().enumerate() {
            *score += sums[codes::place(row)];
        }
    }
}

fn left(node: &[u64; 2]) -> usize {
    (node[1] >> LEFT) as usize
}

/// Fills in which rows come to each split and leaf of a tree.
#[inline(always)]
fn descend(splits: &[Split], answers: &[u64], all: u64, words: &mut [u64; 2 * LEAVES]) {
    words[LEAVES + splits.len() + 1..].fill(0);
    words[0] = all;
    // For a tree of one leaf; others overwrite it.
    words[LEAVES] = all;
    for (at, split) in splits.iter().enumerate() {
        let rows = words[at % LEAVES];
        let answer = answers[split.answer as usize];
        let [left, right] = split.children.map(|child| usize::from(child) % (2 * LEAVES));
        words[left] = rows & answer;
        words[right] = rows & !answer;
    }
}
