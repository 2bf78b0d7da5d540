//! Which vectors the paper's ranker and simple generator compare posts and hashtags by.

use std::path::PathBuf;

use hashrec_vectorize::TfIdfSvdParams;
use serde::{Deserialize, Serialize};

use crate::error::ConfigError;

/// What turns texts into vectors, in systems that compare them (the paper's section 4.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum VectorKind {
    /// The mean of the words' floret vectors.
    #[default]
    Floret,
    /// TF-IDF reduced by truncated singular value decomposition.
    TfIdfSvd,
    /// A transformer that reads post and hashtag apart (the paper's *separate*). Needs feature
    /// `encoder`.
    TransformerSeparate,
    /// A transformer that reads post and hashtag as one text (the paper's *unified*): the ranker
    /// sees one vector a pair. Needs feature `encoder`.
    TransformerUnified,
}

impl VectorKind {
    /// Whether it is a transformer.
    pub(crate) fn is_transformer(self) -> bool {
        matches!(self, Self::TransformerSeparate | Self::TransformerUnified)
    }

    /// Whether the ranker sees one vector for post and hashtag together.
    pub(crate) fn is_of_pairs(self) -> bool {
        self == Self::TransformerUnified
    }
}

/// How texts become vectors.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `kind` | `floret` | see [`VectorKind`] | |
/// | `svd` | | see [`TfIdfSvdParams`] | |
/// | `transformer` | | see [`TransformerSource`] | |
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VectorParams {
    /// What turns texts into vectors.
    pub kind: VectorKind,
    /// How the TF-IDF space is reduced.
    pub svd: TfIdfSvdParams,
    /// The transformer, if one is used.
    pub transformer: TransformerSource,
}

/// A transformer in the Hugging Face layout. The bundle holds a copy of the files that it needs.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `folder` | none | the folder of the model: `config.json`, weights as safetensors, the tokenizer's files | a path |
/// | `dictionary` | none | a compiled MeCab dictionary, for models whose tokenizer begins with MeCab (UniDic for ruri-small) | a path |
/// | `post_prefix` | `文章: ` | text put before a post | |
/// | `hashtag_prefix` | `クエリ: ` | text put before a hashtag | |
/// | `max_tokens` | 512 | most tokens read of a text; the model may read fewer | 8 to 8192 |
/// | `batch` | 16 | texts encoded together | 1 to 1024 |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransformerSource {
    /// The folder of the model.
    pub folder: Option<PathBuf>,
    /// A compiled MeCab dictionary, for models whose tokenizer begins with MeCab.
    pub dictionary: Option<PathBuf>,
    /// Text put before a post.
    pub post_prefix: String,
    /// Text put before a hashtag.
    pub hashtag_prefix: String,
    /// The most tokens that are read of a text.
    pub max_tokens: usize,
    /// Texts that are encoded together.
    pub batch: usize,
}

impl Default for TransformerSource {
    fn default() -> Self {
        Self {
            folder: None,
            dictionary: None,
            post_prefix: "文章: ".to_owned(),
            hashtag_prefix: "クエリ: ".to_owned(),
            max_tokens: 512,
            batch: 16,
        }
    }
}

impl VectorParams {
    /// Checks the ranges.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let fits = (8..=8192).contains(&self.transformer.max_tokens);
        ConfigError::range(fits, "vectors.transformer.max_tokens", "8 to 8192")?;
        let fits = (1..=1024).contains(&self.transformer.batch);
        ConfigError::range(fits, "vectors.transformer.batch", "1 to 1024")?;
        if self.kind.is_transformer() && cfg!(not(feature = "encoder")) {
            let (what, feature) = ("vectors of a transformer", "encoder");
            return Err(ConfigError::Feature { what, feature });
        }
        Ok(())
    }
}
