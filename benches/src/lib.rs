//! What the benches share: making up and choosing posts, timing calls, comparing alternatives, reading memory.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod alternate;
mod made_up;
mod memory;
mod posts;
mod timing;

pub use alternate::{Alternatives, Comparison};
pub use made_up::MadeUp;
pub use memory::{peak_rss_mib, rss_mib};
pub use posts::evenly_spaced;
pub use timing::{Percentiles, Timer, Timings, process_cpu};
