//! Hashes of posts: two bundles have one fingerprint only if they come from the same posts.

use hashrec_data::Post;

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
