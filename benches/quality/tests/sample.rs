//! The sample posts in the repository are what the generator makes of the parts beside them.

use std::path::Path;

use hashrec_examples::{SAMPLE_POSTS, read_posts};
use hashrec_quality::sample::{SEED, TUTORIAL, compose, read_parts};

#[test]
fn the_sample_posts_are_the_generators() {
    let parts = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/parts"));
    let composed = compose(&read_parts(parts).unwrap(), SEED);
    assert!(read_posts(Path::new(SAMPLE_POSTS)).unwrap() == composed);
}

#[test]
fn the_tutorials_table_has_the_posts_of_some_communities() {
    let mut posts = read_posts(Path::new(SAMPLE_POSTS)).unwrap();
    posts.retain(|post| TUTORIAL.contains(&post.community.as_str()));
    let table = Path::new(SAMPLE_POSTS).with_extension("csv");
    assert!(read_posts(&table).unwrap() == posts);
}
