//! Parameters of a tokenizer.

use serde::{Deserialize, Serialize};

use crate::TokenizeError;

/// What finds words between spaces and punctuation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// A MeCab dictionary if one is given for training, Unicode segmentation otherwise.
    #[default]
    Auto,
    /// A MeCab dictionary through vibrato; best for Japanese.
    Vibrato,
    /// Unicode word segmentation with embedded dictionaries; for any language, without files.
    Unicode,
}

impl Backend {
    /// The name in configuration files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Vibrato => "vibrato",
            Self::Unicode => "unicode",
        }
    }
}

/// Parameters of a tokenizer.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `backend` | `auto` | what finds words | `auto`, `vibrato`, `unicode` |
/// | `max_chars` | 4,000 | characters of a text that are read, before and after normalization; the rest is ignored | 1 to 1,000,000 |
/// | `keep_hashtags` | `true` | whether adjacent words that spell a known hashtag become one token | |
/// | `hashtag_parts` | `false` | whether the words in such a token, and in a `#tag` of the text, follow it as tokens | |
/// | `base_forms` | `false` | whether tokens are dictionary forms (食べ → 食べる); `vibrato` only | |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenizerParams {
    /// What finds words.
    pub backend: Backend,
    /// Characters of a text that are read; the rest is ignored.
    pub max_chars: usize,
    /// Whether adjacent words that spell a known hashtag become one token.
    pub keep_hashtags: bool,
    /// Whether the words in such a token, and in a `#tag` of the text, follow it as tokens.
    pub hashtag_parts: bool,
    /// Whether tokens are dictionary forms, which only MeCab dictionaries have.
    pub base_forms: bool,
}

impl Default for TokenizerParams {
    fn default() -> Self {
        Self {
            backend: Backend::Auto,
            max_chars: 4_000,
            keep_hashtags: true,
            hashtag_parts: false,
            base_forms: false,
        }
    }
}

impl TokenizerParams {
    /// The largest `max_chars`; limits the cost of one text.
    pub const MAX_CHARS: usize = 1_000_000;

    hashrec_storage::setters! {
        with_backend: backend, Backend;
        with_max_chars: max_chars, usize;
        with_keep_hashtags: keep_hashtags, bool;
        with_hashtag_parts: hashtag_parts, bool;
        with_base_forms: base_forms, bool;
    }

    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`TokenizeError::Parameter`].
    pub fn check(&self) -> Result<(), TokenizeError> {
        if !(1..=Self::MAX_CHARS).contains(&self.max_chars) {
            return Err(TokenizeError::Parameter {
                name: "max_chars",
                found: self.max_chars.to_string(),
                expected: "1 to 1,000,000",
            });
        }
        Ok(())
    }

    /// Checks every parameter, and that the requested backend is `built` or `auto`.
    pub(crate) fn check_for(&self, built: Backend) -> Result<(), TokenizeError> {
        self.check()?;
        if self.backend != Backend::Auto && self.backend != built {
            return Err(TokenizeError::Parameter {
                name: "backend",
                found: self.backend.name().to_owned(),
                expected: match built {
                    Backend::Vibrato => "`auto` or `vibrato`, because a dictionary is given",
                    _ => "`auto` or `unicode`, because no dictionary is given",
                },
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_partial_settings_and_refuses_unknown_ones() {
        let params: TokenizerParams = serde_json::from_str(r#"{"backend":"unicode"}"#).unwrap();
        assert_eq!(params, TokenizerParams::default().with_backend(Backend::Unicode));
        assert!(serde_json::from_str::<TokenizerParams>(r#"{"max_char":1}"#).is_err());
    }

    #[test]
    fn checks_ranges() {
        for bad in [0, TokenizerParams::MAX_CHARS + 1] {
            let error = TokenizerParams::default().with_max_chars(bad).check().unwrap_err();
            assert!(error.to_string().contains("max_chars"), "{error}");
        }
        let params = TokenizerParams::default().with_backend(Backend::Vibrato);
        assert!(params.check_for(Backend::Unicode).is_err());
        assert!(params.check_for(Backend::Vibrato).is_ok());
    }
}
