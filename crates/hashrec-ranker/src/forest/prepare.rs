//! A forest made ready to predict.

use std::sync::Arc;

#[cfg(feature = "train")]
use hashrec_storage::Table;

#[cfg(feature = "train")]
use super::layout::Link;
use super::{check, layout::Forest, sweep::Sweep};

impl Forest {
    /// One tree of one leaf: every row has the same score, `value` through the link.
    #[cfg(feature = "train")]
    pub(crate) fn constant(features: usize, binary: bool, value: f64) -> Self {
        Self {
            features,
            link: if binary { Link::Sigmoid { slope: 1.0 } } else { Link::Identity },
            average: false,
            starts: Table::from(vec![0, 1]),
            nodes: Table::from(vec![f64::INFINITY.to_bits(), 0]),
            output: Table::from(vec![value]),
            category_starts: Table::from(vec![0]),
            categories: Table::from(Vec::new()),
            plain: Vec::new(),
            sweep: None,
        }
        .prepared()
    }

    /// Derives from valid tables what prediction needs beside them.
    pub(super) fn prepared(mut self) -> Self {
        self.plain = check::plain(&self.starts, &self.nodes);
        self.sweep = Sweep::of(&self.starts, &self.nodes, &self.output).map(Arc::new);
        self
    }
}
