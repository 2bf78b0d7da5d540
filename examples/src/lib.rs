//! What the examples share: progress bars, exit codes, arguments, experiments that go on after a
//! kill, and the sample data's generator.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod experiment;
pub mod sample;

mod bars;
mod exit;
mod posts;
mod settings;

pub use bars::Bars;
pub use exit::exit;
pub use posts::{SAMPLE_POSTS, read_posts};
pub use settings::Settings;
