//! How a transformer reads texts.

use serde::{Deserialize, Serialize};

use crate::VectorizeError;

/// How a transformer reads texts.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `max_tokens` | 512 | tokens of a text that are read, special tokens included; a smaller limit of the model holds | 8 to 8192 |
/// | `batch` | 16 | texts that are computed together, at most | 1 to 1024 |
/// | `post_prefix` | `文章: ` | what stands before a post | |
/// | `hashtag_prefix` | `クエリ: ` | what stands before a hashtag | |
/// | `threads` | 1 | batches that are computed at the same time; the vectors don't depend on it | 1 to 256 |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransformerParams {
    /// Tokens of a text that are read, special tokens included.
    pub max_tokens: usize,
    /// Texts that are computed together, at most.
    pub batch: usize,
    /// What stands before a post.
    pub post_prefix: String,
    /// What stands before a hashtag.
    pub hashtag_prefix: String,
    /// Batches that are computed at the same time.
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
    /// Sets how many tokens of a text are read.
    pub fn with_max_tokens(mut self, max_tokens: usize) -> Self {
        self.max_tokens = max_tokens;
        self
    }

    /// Sets how many texts are computed together.
    pub fn with_batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Sets what stands before a post.
    pub fn with_post_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.post_prefix = prefix.into();
        self
    }

    /// Sets what stands before a hashtag.
    pub fn with_hashtag_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.hashtag_prefix = prefix.into();
        self
    }

    /// Sets how many batches are computed at the same time.
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Checks every parameter's range.
    ///
    /// # Errors
    /// [`VectorizeError::Parameter`].
    pub fn check(&self) -> Result<(), VectorizeError> {
        let ranges = [
            ("max_tokens", self.max_tokens, 8..=8192, "8 to 8192"),
            ("batch", self.batch, 1..=1024, "1 to 1024"),
            ("threads", self.threads, 1..=256, "1 to 256"),
        ];
        for (name, found, range, expected) in ranges {
            if !range.contains(&found) {
                return Err(VectorizeError::Parameter { name, found: found.to_string(), expected });
            }
        }
        Ok(())
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
