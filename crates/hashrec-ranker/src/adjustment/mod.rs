//! A ranker's scores, adjusted to each community.
//!
//! A ranker that knows no community weighs its features as they deserve on average. How much time
//! says, or how far a linear model can be trusted, differs from one community to the next. An
//! adjustment is a weighted sum of the ranker's score and some features. Much of what differs holds for
//! all communities of a service, so their posts decide the weights together first. Then the community's
//! own posts move them.

mod column;
mod derivatives;
mod fit;
mod samples;
mod solve;
mod store;

pub use column::{AdjustmentColumn, AdjustmentScale};
pub use fit::Adjustment;
pub use samples::AdjustmentSamples;
pub use store::Adjustments;
