#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod bootstrap;
mod error;
mod evaluation;
mod report;
mod scores;

pub use bootstrap::{Bootstrap, Comparison, mean_interval, paired};
pub use error::MetricsError;
pub use evaluation::Evaluation;
pub use report::{CommunityReport, Report, SizeReport};
pub use scores::{
    Scores, average_precision, gold_reached, ndcg, precision, recall, reciprocal_rank,
};
