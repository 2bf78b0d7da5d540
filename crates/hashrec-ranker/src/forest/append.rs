//! Two forests as one.

use hashrec_storage::Table;

use super::layout::{Forest, Link};
use super::node::CATEGORICAL;

impl Forest {
    /// Whether its predictions are the sums of its trees.
    pub(crate) fn adds_up(&self) -> bool {
        self.link == Link::Identity && !self.average
    }

    /// The forest that scores as both together: its raw scores are the sums of theirs. They must have
    /// the same features and link, and not be averaged.
    pub(crate) fn with(&self, other: &Self) -> Self {
        let joined = |own: &[u32], others: &[u32]| {
            // Both end with the number of what they divide.
            let end = own.last().copied().unwrap_or(0);
            let starts = own[..own.len().saturating_sub(1)].iter().copied();
            Table::from(starts.chain(others.iter().map(|&start| start + end)).collect::<Vec<_>>())
        };
        let sets = self.category_starts.len().saturating_sub(1) as u64;
        let renumbered = |node: &[u64]| {
            let category = node[1] & CATEGORICAL != 0;
            [if category { node[0] + sets } else { node[0] }, node[1]]
        };
        let nodes = self.nodes.iter().copied();
        let nodes = nodes.chain(other.nodes.chunks_exact(2).flat_map(renumbered));
        let both = |own: &[f64], others: &[f64]| [own, others].concat();
        Self {
            features: self.features,
            link: self.link,
            average: self.average,
            starts: joined(&self.starts, &other.starts),
            nodes: nodes.collect::<Vec<_>>().into(),
            output: both(&self.output, &other.output).into(),
            category_starts: joined(&self.category_starts, &other.category_starts),
            categories: [&self.categories[..], &other.categories[..]].concat().into(),
            plain: Vec::new(),
            sweep: None,
        }
        .prepared()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    /// One split of each kind.
    fn forest(threshold: f64, outputs: [f64; 2]) -> Forest {
        let [left, right] = outputs;
        let text = format!(
            "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n\
             max_feature_idx=1\nobjective=lambdarank\nfeature_names=a b\nfeature_infos=[0:1] 0:1:2\n\n\
             Tree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nthreshold={threshold}\n\
             decision_type=8\nleft_child=-1\nright_child=-2\nleaf_value={left} {right}\n\
             is_linear=0\nshrinkage=1\n\n\
             Tree=1\nnum_leaves=2\nnum_cat=1\nsplit_feature=1\nthreshold=0\ndecision_type=1\n\
             left_child=-1\nright_child=-2\nleaf_value={right} {left}\ncat_boundaries=0 1\n\
             cat_threshold=2\nis_linear=0\nshrinkage=1\n\n\nend of trees\n"
        );
        Forest::from_lightgbm(&text).unwrap()
    }

    #[test]
    fn scores_add_up() {
        let (first, second) = (forest(0.5, [1.0, 2.0]), forest(0.25, [10.0, 40.0]));
        let both = first.with(&second);
        let both = Forest::read(both.write().unwrap().into()).unwrap();
        let rows = array![[0.1, 1.0], [0.3, 0.0], [0.9, 2.0], [f32::NAN, f32::NAN]];
        let scores = |forest: &Forest| {
            let mut scores = vec![0.0; 4];
            forest.predict(rows.view(), &mut scores).unwrap();
            scores
        };
        let sums = scores(&first).into_iter().zip(scores(&second)).map(|(a, b)| a + b);
        assert_eq!(scores(&both), sums.collect::<Vec<_>>());
        assert_eq!(both.trees(), 4);
    }
}
