//! Ranking hashtag candidates: training with LightGBM, and a validated pure-Rust forest for serving.
//!
//! * `RankingRows` (feature `train`) collects rows of features with their gold labels, and
//!   `Ranker::train` trains on them with LightGBM.
//! * [`Ranker`] scores rows, and is stored as one part of a bundle.
//! * [`Adjustments`] adjust its scores to each community.
//! * [`Forest`] computes a ranker's scores. It also works on its own, for any LightGBM model with one
//!   score per row, and needs no C++.
//!
//! Matrices are [`ndarray`] views of shape `[rows, features]`.
//!
//! ```
//! use hashrec_ranker::{Forest, ndarray::array};
//!
//! // What LightGBM writes for one split on the first of two features.
//! let text = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n\
//!     max_feature_idx=1\nobjective=binary sigmoid:1\nfeature_names=linear nearest\n\
//!     feature_infos=[0:1] [0:1]\n\n\
//!     Tree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nthreshold=0.5\ndecision_type=8\n\
//!     left_child=-1\nright_child=-2\nleaf_value=-0.25 0.75\nis_linear=0\nshrinkage=1\n\n\n\
//!     end of trees\n";
//! let forest = Forest::from_lightgbm(text)?;
//! let mut scores = [0.0; 3];
//! forest.predict(array![[0.5, 0.0], [0.6, 0.0], [f32::NAN, 0.0]].view(), &mut scores)?;
//! assert_eq!(scores, [-0.25, 0.75, 0.75]);
//! # Ok::<(), hashrec_ranker::RankerError>(())
//! ```

#![deny(missing_docs)]
#![deny(unsafe_code)]

mod adjustment;
mod built_in;
mod columns;
mod error;
mod forest;
#[cfg(feature = "train")]
mod lightgbm;
mod params;
mod ranker;
#[cfg(feature = "train")]
mod rows;
#[cfg(feature = "train")]
mod train;

pub use ndarray;

pub use adjustment::{
    Adjustment, AdjustmentColumn, AdjustmentSamples, AdjustmentScale, Adjustments,
};
pub use columns::Columns;
pub use error::{ModelDefect, RankerError};
pub use forest::{Forest, ForestScratch};
#[cfg(feature = "train")]
pub use lightgbm::TreeProgress;
pub use params::{Negatives, Objective, RankerParams};
pub use ranker::{Importance, Ranker, RankerSummary};
#[cfg(feature = "train")]
pub use rows::RankingRows;

/// Runs the README's example.
#[cfg(all(doctest, feature = "train"))]
#[doc = include_str!("../README.md")]
struct Readme;
