//! A forest of random trees, and the obvious way through it: row by row, each tree a list of nodes
//! that is followed from the root to a leaf.

use std::fmt::Write;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

pub(crate) const COLUMNS: usize = 100;
pub(crate) const TREES: usize = 300;
const LEAVES: usize = 63;

/// Negative children are leaves: −1 is leaf 0.
struct Split {
    column: usize,
    threshold: f64,
    children: [i32; 2],
}

pub(crate) struct Tree {
    splits: Vec<Split>,
    values: Vec<f64>,
}

impl Tree {
    /// Splits a random leaf until there are [`LEAVES`], which gives the lopsided trees that
    /// leaf-wise growth gives.
    fn random(rng: &mut Pcg64) -> Self {
        let mut splits: Vec<Split> = Vec::new();
        // Where each leaf hangs: split and side.
        let mut parents: Vec<(usize, usize)> = Vec::new();
        for new in 0..LEAVES - 1 {
            let old = rng.random_range(0..=new);
            if let Some(&(split, side)) = parents.get(old) {
                splits[split].children[side] = new as i32;
            }
            splits.push(Split {
                column: rng.random_range(0..COLUMNS),
                threshold: rng.random_range(0.1..0.9),
                children: [!(old as i32), !(new as i32 + 1)],
            });
            match parents.get_mut(old) {
                Some(parent) => *parent = (new, 0),
                None => parents.push((new, 0)),
            }
            parents.push((new, 1));
        }
        let values = (0..LEAVES).map(|_| rng.random_range(-0.1..0.1)).collect();
        Self { splits, values }
    }

    pub(crate) fn score(&self, row: &[f32]) -> f64 {
        let mut at = 0;
        while at >= 0 {
            let split = &self.splits[at as usize];
            let right = f64::from(row[split.column]) > split.threshold;
            at = split.children[usize::from(right)];
        }
        self.values[!at as usize]
    }

    /// The tree as LightGBM writes it.
    fn write(&self, number: usize, text: &mut String) -> std::fmt::Result {
        let list = |value: &dyn Fn(&Split) -> String| {
            self.splits.iter().map(value).collect::<Vec<_>>().join(" ")
        };
        let values: Vec<_> = self.values.iter().map(f64::to_string).collect();
        writeln!(text, "Tree={number}\nnum_leaves={LEAVES}\nnum_cat=0")?;
        writeln!(text, "split_feature={}", list(&|s| s.column.to_string()))?;
        writeln!(text, "threshold={}", list(&|s| s.threshold.to_string()))?;
        writeln!(text, "decision_type={}", list(&|_| "8".to_owned()))?;
        writeln!(text, "left_child={}", list(&|s| s.children[0].to_string()))?;
        writeln!(text, "right_child={}", list(&|s| s.children[1].to_string()))?;
        writeln!(text, "leaf_value={}\nis_linear=0\nshrinkage=1\n\n", values.join(" "))
    }
}

/// A model of these trees, as LightGBM writes it.
pub(crate) fn model_text(trees: &[Tree]) -> Result<String, std::fmt::Error> {
    let columns =
        |value: &dyn Fn(usize) -> String| (0..COLUMNS).map(value).collect::<Vec<_>>().join(" ");
    let mut text = format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n\
         max_feature_idx={}\nobjective=binary sigmoid:1\nfeature_names={}\nfeature_infos={}\n\n",
        COLUMNS - 1,
        columns(&|column| format!("c{column}")),
        columns(&|_| "[0:1]".to_owned()),
    );
    for (number, tree) in trees.iter().enumerate() {
        tree.write(number, &mut text)?;
    }
    text.push_str("end of trees\n");
    Ok(text)
}

/// [`TREES`] of them.
pub(crate) fn trees() -> Vec<Tree> {
    let mut rng = Pcg64::seed_from_u64(1);
    (0..TREES).map(|_| Tree::random(&mut rng)).collect()
}
