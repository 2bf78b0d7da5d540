//! The sample data: synthetic posts, composed from hand-written parts.
//!
//! Every community is one file under `data/parts/`: topics with their hashtags, titles and
//! sentences, moods (a question, an announcement), words to fill in. [`compose()`] draws from them
//! with a seed, so the same parts and the same seed give the same posts, byte for byte.

mod compose;
mod noise;
mod parts;

pub use compose::compose;
pub use parts::{Community, Mood, Topic, read_parts};

/// The seed of the posts in `data/posts.jsonl`.
pub const SEED: u64 = 20_250_401;

/// The communities in `data/posts.csv`, the table that the tutorial trains on.
pub const TUTORIAL: [&str; 5] = ["camping", "cats", "gardening", "local-events", "parenting"];
