//! Training several systems on the same posts and comparing them: runs that are kept in a folder, what
//! they gave, the measures over seeds, and tables.

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
