//! Hashes of what something was made from. Their bytes are only ever compared, never read back:
//! nothing on disk depends on the encoding.

use hashrec_data::Post;
#[cfg(feature = "trainer")]
use serde::Serialize;

/// Parameters are a few kilobytes at most.
#[cfg(feature = "trainer")]
const LIMIT: usize = 1 << 20;

/// The same values give the same bytes, different values give different ones.
#[cfg(feature = "trainer")]
pub(crate) fn canonical_bytes(value: &impl Serialize) -> Vec<u8> {
    let config = bincode::config::standard().with_limit::<LIMIT>();
    // Plain structs of numbers and texts have no encoding that can fail.
    bincode::serde::encode_to_vec(value, config).unwrap_or_default()
}

/// A hash of the posts, each field ended by its length.
pub(crate) fn posts_hasher(posts: &[Post]) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    let mut field = |bytes: &[u8]| {
        hasher.update(bytes);
        hasher.update(&(bytes.len() as u64).to_le_bytes());
    };
    for post in posts {
        field(post.id.as_bytes());
        field(post.community.as_bytes());
        field(post.text.as_bytes());
        post.hashtags.iter().for_each(|hashtag| field(hashtag.as_bytes()));
        field(&post.created_at.unwrap_or(i64::MIN).to_le_bytes());
    }
    hasher
}
