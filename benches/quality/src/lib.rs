//! What the measurements of quality share: training several systems on the same posts and comparing
//! them (runs stored in a folder, their outcomes, measures over seeds, tables), and the generator of
//! the sample posts.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod sample;

mod arguments;
mod markdown;
mod measure;
mod outcome;
mod runs;

pub use arguments::ExperimentArguments;
pub use markdown::{Table, interval, share, spread};
pub use measure::{K, Measured, OverSeeds, over_seeds};
pub use outcome::{Answer, Facts, Outcome, write_whole};
pub use runs::{DEPTH, Runs};
