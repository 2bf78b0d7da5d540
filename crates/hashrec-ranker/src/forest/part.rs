//! The binary format of a forest: a small header and five tables.

use hashrec_storage::{Bytes, Part, PartWriter};
use serde::{Deserialize, Serialize};

use super::{
    check,
    layout::{Forest, Link},
    node::MAX_FEATURES,
};
use crate::{RankerError, error::ModelDefect};

/// Kind and format version of a part that contains only a forest.
const KIND: &str = "forest";
const VERSION: u32 = 1;

/// Everything except the tables.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForestHeader {
    features: usize,
    link: Link,
    average: bool,
}

impl Forest {
    /// Encodes the forest as one part. Equal forests give equal bytes.
    ///
    /// # Errors
    /// [`RankerError::Storage`] if it can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, RankerError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&self.header())?;
        self.write_tables(&mut writer)?;
        Ok(writer.to_bytes()?)
    }

    /// Reads what [`Forest::write`] wrote. Values are checked but not copied out of `bytes`.
    ///
    /// # Errors
    /// [`RankerError::Storage`], [`RankerError::Model`] or [`RankerError::Tree`].
    pub fn read(bytes: Bytes) -> Result<Self, RankerError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        Self::read_tables(&part, part.header()?)
    }

    pub(crate) fn header(&self) -> ForestHeader {
        ForestHeader { features: self.features, link: self.link, average: self.average }
    }

    pub(crate) fn write_tables(&self, writer: &mut PartWriter) -> Result<(), RankerError> {
        writer
            .table("starts", &self.starts)?
            .table("nodes", &self.nodes)?
            .table("output", &self.output)?
            .table("category_starts", &self.category_starts)?
            .table("categories", &self.categories)?;
        Ok(())
    }

    pub(crate) fn read_tables(part: &Part, header: ForestHeader) -> Result<Self, RankerError> {
        let ForestHeader { features, link, average } = header;
        if !(1..=MAX_FEATURES).contains(&features) {
            let value = i64::try_from(features).unwrap_or(i64::MAX);
            let maximum = MAX_FEATURES as i64;
            let defect = ModelDefect::Range { position: 0, value, minimum: 1, maximum };
            return Err(RankerError::Model { field: "features", defect });
        }
        let output = part.table::<f64>("output")?;
        let forest = Self {
            features,
            link,
            average,
            starts: part.table("starts")?,
            nodes: part.table_of("nodes", output.len().saturating_mul(2))?,
            category_starts: part.table("category_starts")?,
            categories: part.table("categories")?,
            output,
            plain: Vec::new(),
            sweep: None,
        };
        if forest.output.is_empty() {
            return Err(RankerError::Model { field: "starts", defect: ModelDefect::Missing });
        }
        check::check(&forest)?;
        Ok(forest.prepared())
    }
}

#[cfg(test)]
mod tests {
    use hashrec_storage::Table;
    use ndarray::array;

    use super::*;
    use crate::forest::layout::Tables;
    use crate::forest::node::{CATEGORICAL, LEFT};

    const TEXT: &str = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\n\
        max_feature_idx=1\nfeature_names=a b\n\n\
        Tree=0\nnum_leaves=1\nnum_cat=0\nsplit_feature=\nthreshold=\ndecision_type=\n\
        left_child=\nright_child=\nleaf_value=0.5\n\n\n\
        Tree=1\nnum_leaves=3\nnum_cat=1\nsplit_feature=0 1\nthreshold=0.25 0\ndecision_type=8 1\n\
        left_child=1 -1\nright_child=-3 -2\nleaf_value=1 2 4\ncat_boundaries=0 1\n\
        cat_threshold=6\n\n\nend of trees\n";

    fn forest() -> Forest {
        Forest::from_lightgbm(TEXT).unwrap()
    }

    /// Reads the forest back after a change to its tables.
    fn reread(change: impl Fn(&mut Forest, &mut Tables)) -> Result<Forest, RankerError> {
        let mut forest = forest();
        let mut tables = Tables {
            starts: forest.starts.to_vec(),
            nodes: forest.nodes.to_vec(),
            output: forest.output.to_vec(),
            category_starts: forest.category_starts.to_vec(),
            categories: forest.categories.to_vec(),
        };
        change(&mut forest, &mut tables);
        forest.starts = Table::from(tables.starts);
        forest.nodes = Table::from(tables.nodes);
        forest.output = Table::from(tables.output);
        forest.category_starts = Table::from(tables.category_starts);
        forest.categories = Table::from(tables.categories);
        Forest::read(forest.write().unwrap().into())
    }

    /// Changes one word of the tables; expects an error in tree 1.
    fn defect(change: impl Fn(&mut Tables)) -> ModelDefect {
        match reread(|_, tables| change(tables)) {
            Err(RankerError::Tree { tree: 1, defect, .. }) => defect,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn unchanged_tables_read_back_and_score_alike() {
        let rows = array![[0.0, 1.0], [0.0, 5.0], [0.3, 1.0], [f32::NAN, 2.0], [0.0, f32::NAN]];
        let mut scores = [0.0; 5];
        for forest in [forest(), reread(|_, _| {}).unwrap()] {
            forest.predict(rows.view(), &mut scores).unwrap();
            assert_eq!(scores, [1.5, 2.5, 4.5, 4.5, 2.5]);
            assert_eq!((forest.trees(), forest.leaves(), forest.features()), (2, 4, 2));
        }
    }

    // Tree 1 begins at node 1: its root, the categorical split on its left, leaf 2 on its right, then
    // leaves 0 and 1. Words 2n and 2n + 1 belong to node n.
    #[test]
    fn nodes_that_lead_elsewhere_are_refused() {
        for left in [1_u64, 2, 3, 4, 7, u64::from(u32::MAX)] {
            let change = |t: &mut Tables| t.nodes[5] = (t.nodes[5] & 0xffff_ffff) | (left << LEFT);
            if left != 3 {
                let found = defect(change);
                let known =
                    matches!(found, ModelDefect::Range { .. } | ModelDefect::Decision { .. });
                assert!(known, "{left}: {found:?}");
            }
        }
        // The root turned into a leaf: what stood below it can't be reached.
        let found = defect(|t| (t.nodes[2], t.nodes[3]) = (f64::INFINITY.to_bits(), 0));
        assert_eq!(found, ModelDefect::Unreachable { what: "node", position: 1 });
    }

    #[test]
    fn words_out_of_range_are_refused() {
        let decision = |found| assert!(matches!(found, ModelDefect::Decision { .. }), "{found:?}");
        decision(defect(|t| t.nodes[3] |= 1 << 27));
        decision(defect(|t| t.output[1] = 1.0));
        decision(defect(|t| t.nodes[6] = 1.0_f64.to_bits()));
        let range = |found| assert!(matches!(found, ModelDefect::Range { .. }), "{found:?}");
        range(defect(|t| t.nodes[3] |= 4));
        let finite = |found| assert!(matches!(found, ModelDefect::NotFinite { .. }), "{found:?}");
        finite(defect(|t| t.nodes[2] = f64::NAN.to_bits()));
        finite(defect(|t| t.output[3] = f64::NEG_INFINITY));
        let set = defect(|t| t.nodes[4] = 1);
        assert!(matches!(set, ModelDefect::NoSet { .. }), "{set:?}");
        assert_eq!(forest().nodes[5] & CATEGORICAL, CATEGORICAL);
    }

    #[test]
    fn bounds_and_head_are_checked() {
        let field = |result: Result<Forest, RankerError>| match result {
            Err(RankerError::Model { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(field(reread(|_, t| t.starts[1] = 0)), "starts");
        assert_eq!(field(reread(|_, t| t.starts[2] = 7)), "starts");
        assert_eq!(field(reread(|_, t| t.starts.clear())), "starts");
        assert_eq!(field(reread(|_, t| t.category_starts[1] = 2)), "category_starts");
        assert_eq!(field(reread(|f, _| f.features = 0)), "features");
        assert_eq!(field(reread(|f, _| f.features = usize::MAX)), "features");
        assert_eq!(field(reread(|f, _| f.link = Link::Sigmoid { slope: -1.0 })), "link");
        let none = |t: &mut Tables| (t.starts, t.nodes, t.output) = (vec![0], vec![], vec![]);
        assert_eq!(field(reread(|_, t| none(t))), "starts");
        let odd = reread(|_, t| t.nodes.truncate(3));
        assert!(matches!(odd, Err(RankerError::Storage(_))));
    }
}
