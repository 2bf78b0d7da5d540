//! The features by which posts are compared.

use hashrec_tokenize::Tokens;
use hashrec_vectorize::{Analyzer, CharacterNgrams, Words};

use crate::CandidateParams;

/// The number of kinds of features.
pub(crate) const FIELDS: usize = 2;

/// The features of one post, of both kinds. They do not depend on the community.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostFeatures {
    /// Words and word pairs, then character n-grams.
    pub(crate) fields: [Vec<u64>; FIELDS],
}

impl PostFeatures {
    /// The hashed words and word pairs.
    pub fn words(&self) -> &[u64] {
        &self.fields[0]
    }

    /// The hashed character n-grams.
    pub fn characters(&self) -> &[u64] {
        &self.fields[1]
    }
}

/// Extracts the features of posts.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureExtractor {
    words: Words,
    characters: CharacterNgrams,
}

impl FeatureExtractor {
    /// An extractor with the feature parameters of `params`.
    pub fn new(params: &CandidateParams) -> Self {
        Self { words: params.words.clone(), characters: params.characters.clone() }
    }

    /// Replaces the content of `out` with the features of a post.
    pub fn extract(&self, tokens: &Tokens, text: &str, out: &mut PostFeatures) {
        let [words, characters] = &mut out.fields;
        self.words.features(tokens, text, words);
        self.characters.features(tokens, text, characters);
    }

    pub(crate) fn is_valid(&self) -> bool {
        self.characters.check().is_ok()
    }
}
