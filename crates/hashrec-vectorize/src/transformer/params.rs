//! How a transformer reads texts.

use serde::{Deserialize, Serialize};

use crate::{VectorizeError, parameters::within};

/// How a transformer reads texts.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `max_tokens` | 512 | most tokens of a text, special tokens included; the model's own limit applies if it is lower | 8 to 8192 |
/// | `batch` | 16 | most texts per batch | 1 to 1024 |
/// | `post_prefix` | `文章: ` | text put before each post | |
/// | `hashtag_prefix` | `クエリ: ` | text put before each hashtag | |
/// | `threads` | 1 | threads; vectors do not depend on their number | 1 to 256 |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransformerParams {
    /// Most tokens of a text, special tokens included.
    pub max_tokens: usize,
    /// Most texts per batch.
    pub batch: usize,
    /// Text put before each post.
    pub post_prefix: String,
    /// Text put before each hashtag.
    pub hashtag_prefix: String,
    /// Threads.
    pub threads: usize,
}

impl Default for TransformerParams {
    fn default() -> Self {
        Self {
            max_tokens: 512,
            batch: 16,
            post_prefix: "文章: ".to_owned(),
            hashtag_prefix: "クエリ: ".to_owned(),
            threads: 1,
        }
    }
}

impl TransformerParams {
    hashrec_storage::setters! {
        with_max_tokens: max_tokens, usize;
        with_batch: batch, usize;
        with_threads: threads, usize;
    }

    /// Sets the text put before each post.
    #[must_use]
    pub fn with_post_prefix(self, prefix: impl Into<String>) -> Self {
        Self { post_prefix: prefix.into(), ..self }
    }

    /// Sets the text put before each hashtag.
    #[must_use]
    pub fn with_hashtag_prefix(self, prefix: impl Into<String>) -> Self {
        Self { hashtag_prefix: prefix.into(), ..self }
    }

    /// Checks every parameter's range.
    ///
    /// # Errors
    /// [`VectorizeError::Parameter`].
    pub fn check(&self) -> Result<(), VectorizeError> {
        within("max_tokens", self.max_tokens, 8..=8192, "8 to 8192")?;
        within("batch", self.batch, 1..=1024, "1 to 1024")?;
        within("threads", self.threads, 1..=256, "1 to 256")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_is_checked() {
        assert!(TransformerParams::default().check().is_ok());
        for (params, name) in [
            (TransformerParams::default().with_max_tokens(7), "max_tokens"),
            (TransformerParams::default().with_max_tokens(8193), "max_tokens"),
            (TransformerParams::default().with_batch(0), "batch"),
            (TransformerParams::default().with_threads(0), "threads"),
        ] {
            let error = params.check().unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
