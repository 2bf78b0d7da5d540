//! Hashes of what something was made from. Their bytes are only ever compared, never read back:
//! nothing on disk depends on the encoding.

use hashrec_data::Post;
#[cfg(feature = "trainer")]
use serde::Serialize;

#[cfg(feature = "trainer")]
use crate::error::TrainError;

/// Parameters are a few kilobytes at most. The limit is for whoever reads such bytes; nothing here does.
#[cfg(feature = "trainer")]
const LIMIT: usize = 1 << 20;

/// The same values give the same bytes, different values give different ones.
#[cfg(feature = "trainer")]
pub(crate) fn canonical_bytes(value: &impl Serialize) -> Result<Vec<u8>, TrainError> {
    let config = bincode::config::standard().with_limit::<LIMIT>();
    bincode::serde::encode_to_vec(value, config)
        .map_err(|source| TrainError::Fingerprint { source: Box::new(source) })
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

#[cfg(feature = "trainer")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, System};

    #[test]
    fn every_setting_counts() {
        let plain = canonical_bytes(&Config::default()).unwrap();
        assert_eq!(canonical_bytes(&Config::default()).unwrap(), plain);
        let text = |text: &str| canonical_bytes(&Config::from_toml(text).unwrap()).unwrap();
        let others = [
            text("seed = 2"),
            text("[features]\nwithout = [\"time\"]"),
            text("[features]\nwithout = [\"linear\"]"),
            text("[ranker]\ntrees = 3"),
            text("[small_communities]\nsizes = [1]"),
            canonical_bytes(&Config::default().with_system(System::Linear)).unwrap(),
        ];
        for (number, other) in others.iter().enumerate() {
            assert_ne!(other, &plain);
            assert!(!others[..number].contains(other), "{number}");
        }
    }

    #[test]
    fn what_has_no_canonical_bytes_is_an_error() {
        // A map whose length isn't known beforehand can't be told from a longer one.
        struct Endless;
        impl Serialize for Endless {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                serde::ser::SerializeMap::end(to.serialize_map(None)?)
            }
        }
        assert!(matches!(canonical_bytes(&Endless), Err(TrainError::Fingerprint { .. })));
    }
}
