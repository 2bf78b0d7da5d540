//! What the examples share: progress bars, exit codes, arguments, reading posts.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod bars;
mod exit;
mod posts;
mod settings;

pub use bars::Bars;
pub use exit::exit;
pub use posts::{SAMPLE_POSTS, read_posts};
pub use settings::Settings;
