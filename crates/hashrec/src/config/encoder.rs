//! The encoder that says what texts mean.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::ConfigError;

/// Where the encoder comes from that says what texts mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EncoderKind {
    /// There is none: posts are compared by their words alone.
    #[default]
    None,
    /// From [`EncoderParams::folder`]. The bundle holds a copy of what it needs.
    Folder,
    /// From the program around, which gives it to `Trainer`, `Learner` and
    /// [`Recommender::load_with_encoder`](crate::Recommender::load_with_encoder).
    Host,
}

/// The encoder that says what texts mean: a model trained elsewhere that turns texts into vectors.
///
/// With one, the default system also finds hashtags that a post means but doesn't name. See
/// `docs/encoders.md` for which folder suits which language, and what it gives and costs.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `kind` | `none` | where it comes from, see [`EncoderKind`]; a `folder` makes it `folder` | `none`, `folder`, `host` |
/// | `folder` | none | the model's folder as on Hugging Face: a static table (Model2Vec, `StaticEmbedding`), or with the feature `encoder` a transformer | a path |
/// | `dictionary` | none | a compiled MeCab dictionary, for transformers whose tokenizer begins with MeCab | a path |
/// | `post_prefix` | the folder's | text put before a post, for transformers | |
/// | `hashtag_prefix` | the folder's | text put before a hashtag, for transformers | |
/// | `max_tokens` | 96 | most tokens read of a text, for transformers; their time grows with it | 8 to 8192 |
/// | `titles_only` | false | reads the title of a post alone, its first line, which takes a transformer a fraction of the time | |
/// | `cache` | none | a folder that keeps the vectors of posts from one run to the next; it is made if it isn't there. An encoder of your own needs a [`TextEncoder::identity`](crate::TextEncoder::identity) for it | a path |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EncoderParams {
    /// Where it comes from.
    pub kind: EncoderKind,
    /// The model's folder.
    pub folder: Option<PathBuf>,
    /// A compiled MeCab dictionary, for transformers whose tokenizer begins with MeCab.
    pub dictionary: Option<PathBuf>,
    /// Text put before a post.
    pub post_prefix: Option<String>,
    /// Text put before a hashtag.
    pub hashtag_prefix: Option<String>,
    /// The most tokens that are read of a text.
    pub max_tokens: usize,
    /// Reads the title of a post alone.
    pub titles_only: bool,
    /// A folder that keeps the vectors of posts from one run to the next.
    pub cache: Option<PathBuf>,
}

impl Default for EncoderParams {
    fn default() -> Self {
        Self {
            kind: EncoderKind::default(),
            folder: None,
            dictionary: None,
            post_prefix: None,
            hashtag_prefix: None,
            max_tokens: 96,
            titles_only: false,
            cache: None,
        }
    }
}

impl EncoderParams {
    hashrec_storage::setters! {
        with_kind: kind, EncoderKind;
        with_max_tokens: max_tokens, usize;
        with_titles_only: titles_only, bool;
    }

    /// Sets the model's folder.
    #[must_use]
    pub fn with_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Sets the folder that keeps vectors from one run to the next.
    #[must_use]
    pub fn with_cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = Some(folder.into());
        self
    }

    /// Where the encoder comes from: a folder that is given counts.
    pub(crate) fn source(&self) -> EncoderKind {
        match self.kind {
            EncoderKind::None if self.folder.is_some() => EncoderKind::Folder,
            kind => kind,
        }
    }

    /// As a bundle says it: without paths, because what lies there is in the bundle.
    #[cfg(feature = "learn")]
    pub(crate) fn without_paths(&self) -> Self {
        Self { kind: self.source(), folder: None, dictionary: None, cache: None, ..self.clone() }
    }

    /// Checks the ranges.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let fits = (8..=8192).contains(&self.max_tokens);
        ConfigError::range(fits, "encoder.max_tokens", "8 to 8192")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_where_the_encoder_comes_from_unless_told_otherwise() {
        let folder = EncoderParams::default().with_folder("table");
        assert_eq!(EncoderParams::default().source(), EncoderKind::None);
        assert_eq!(folder.source(), EncoderKind::Folder);
        assert_eq!(folder.clone().with_kind(EncoderKind::Host).source(), EncoderKind::Host);
    }

    #[cfg(feature = "learn")]
    #[test]
    fn a_bundle_names_no_paths() {
        let given = EncoderParams::default().with_folder("table").with_cache("cache");
        let stored = given.with_max_tokens(64).without_paths();
        assert_eq!(stored.source(), EncoderKind::Folder);
        assert_eq!((&stored.folder, &stored.cache, stored.max_tokens), (&None, &None, 64));
    }

    #[test]
    fn texts_have_some_tokens_and_not_too_many() {
        for (tokens, fits) in [(7, false), (8, true), (8192, true), (8193, false)] {
            let checked = EncoderParams::default().with_max_tokens(tokens).check();
            assert_eq!(checked.is_ok(), fits, "{tokens}");
        }
    }
}
