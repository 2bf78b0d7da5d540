//! What the benches share: choosing posts, timing calls, comparing alternatives, reading memory.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod alternate;
mod memory;
mod posts;
mod timing;

pub use alternate::{Alternatives, Comparison};
pub use memory::peak_rss_mib;
pub use posts::evenly_spaced;
pub use timing::{Percentiles, Timer, Timings};
