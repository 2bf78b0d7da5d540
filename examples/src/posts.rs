//! Posts from a file.

use std::{error::Error, path::Path};

use hashrec::{Post, PostReader, ReadParams};

/// The sample data in this repository.
pub const SAMPLE_POSTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/posts.jsonl");

/// All posts of a file (JSON lines or CSV, plain, .gz or .zst); a bad line is an error that says
/// where it is and what was expected.
///
/// # Errors
/// What the reader finds.
pub fn read_posts(path: &Path) -> Result<Vec<Post>, Box<dyn Error>> {
    Ok(PostReader::open(path, &ReadParams::default())?.collect::<Result<Vec<_>, _>>()?)
}
