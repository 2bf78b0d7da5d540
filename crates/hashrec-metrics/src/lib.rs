#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod accumulator;
mod bootstrap;
mod error;
mod post_metrics;
mod report;

pub use accumulator::Accumulator;
pub use bootstrap::{Bootstrap, Comparison, mean_interval, paired};
pub use error::MetricsError;
pub use post_metrics::{
    PostMetrics, average_precision, gold_reached, ndcg, precision, recall, reciprocal_rank,
};
pub use report::{CommunityReport, Report, SizeReport};
