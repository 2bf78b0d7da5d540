//! The built-in ranker's forest as a model of LightGBM, and rows for it.

use std::{error::Error, fmt::Write};

use hashrec_ranker::{Ranker, ndarray::Array2};
use hashrec_storage::Part;
use rand::RngExt;
use rand_pcg::Pcg64;

/// The thresholds of each feature, ascending.
pub(crate) type Thresholds = Vec<Vec<f64>>;

/// A node of the part's tables: its threshold, its feature, whether missing values go right, and
/// its left child, next to the right one.
struct Node {
    threshold: f64,
    feature: usize,
    missing_right: bool,
    left: usize,
}

impl Node {
    fn of([threshold, word]: [u64; 2]) -> Result<Self, Box<dyn Error>> {
        // Categories, and zero as a missing value.
        if word >> 30 & 3 != 0 {
            return Err("the built-in forest has splits that this benchmark can't write".into());
        }
        Ok(Self {
            threshold: f64::from_bits(threshold),
            feature: (word as u32 >> 1) as usize,
            missing_right: word & 1 == 1,
            left: (word >> 32) as usize,
        })
    }
}

/// The model as LightGBM writes it, and its thresholds.
pub(crate) fn read(ranker: &Ranker) -> Result<(String, Thresholds), Box<dyn Error>> {
    let part = Part::parse(ranker.write()?.into(), "ranker", 1)?;
    let (starts, output) = (part.table::<u32>("starts")?, part.table::<f64>("output")?);
    let words = part.table::<u64>("nodes")?;
    let (words, _) = words.as_chunks::<2>();
    let features = ranker.forest().features();
    let list = |item: &dyn Fn(usize) -> String| join((0..features).map(item));
    let mut text = format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n\
         max_feature_idx={}\nobjective=lambdarank\nfeature_names={}\nfeature_infos={}\n\n",
        features - 1,
        list(&|feature| format!("f{feature}")),
        list(&|_| "[-1e30:1e30]".to_owned()),
    );
    let mut thresholds = vec![Vec::new(); features];
    for (number, span) in starts.windows(2).enumerate() {
        let span = span[0] as usize..span[1] as usize;
        let nodes = words[span.clone()].iter().map(|&words| Node::of(words));
        let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
        write_tree(number, &nodes, &output[span], &mut text)?;
        for (_, node) in nodes.iter().enumerate().filter(|(at, node)| node.left != *at) {
            thresholds[node.feature].push(node.threshold);
        }
    }
    text.push_str("end of trees\n");
    thresholds.iter_mut().for_each(|of| of.sort_by(f64::total_cmp));
    Ok((text, thresholds))
}

/// LightGBM numbers splits and leaves apart, and leaf `l` as child `−1 − l`.
fn write_tree(
    number: usize,
    nodes: &[Node],
    output: &[f64],
    text: &mut String,
) -> std::fmt::Result {
    let (mut splits, mut leaves) = (Vec::new(), Vec::new());
    let mut children = Vec::new();
    for (at, (node, value)) in nodes.iter().zip(output).enumerate() {
        if node.left == at {
            leaves.push(value);
            children.push(-(leaves.len() as i64));
        } else {
            children.push(splits.len() as i64);
            splits.push(node);
        }
    }
    let list = |item: &dyn Fn(&Node) -> String| join(splits.iter().map(|node| item(node)));
    writeln!(text, "Tree={number}\nnum_leaves={}\nnum_cat=0", leaves.len())?;
    writeln!(text, "split_feature={}", list(&|node| node.feature.to_string()))?;
    writeln!(text, "threshold={}", list(&|node| node.threshold.to_string()))?;
    // NaN is missing, and by default goes left (2) or right.
    writeln!(text, "decision_type={}", list(&|n| if n.missing_right { "8" } else { "10" }.into()))?;
    writeln!(text, "left_child={}", list(&|node| children[node.left].to_string()))?;
    writeln!(text, "right_child={}", list(&|node| children[node.left + 1].to_string()))?;
    let values = join(leaves.iter().map(|value| value.to_string()));
    writeln!(text, "leaf_value={values}\nis_linear=0\nshrinkage=1\n\n")
}

fn join(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(" ")
}

/// Rows whose values lie between the thresholds of their features; one in ten is missing.
pub(crate) fn rows(rng: &mut Pcg64, count: usize, thresholds: &Thresholds) -> Array2<f32> {
    Array2::from_shape_fn((count, thresholds.len()), |(_, feature)| {
        let of = &thresholds[feature];
        if of.is_empty() || rng.random_range(0..10) == 0 {
            return f32::NAN;
        }
        let low = rng.random_range(0..of.len());
        let high = (low + 1).min(of.len() - 1);
        (of[low] + (of[high] - of[low]) * rng.random::<f64>()) as f32
    })
}
