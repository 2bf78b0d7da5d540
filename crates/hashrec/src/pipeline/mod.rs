//! What is trained and served: generators of candidates, a ranking, and the vectors they compare.

mod encoder_files;
#[cfg(feature = "learn")]
mod encoding;
#[cfg(feature = "trainer")]
pub(crate) mod fitting;
pub(crate) mod generators;
#[cfg(feature = "learn")]
pub(crate) mod joined;
pub(crate) mod meaning;
pub(crate) mod meaning_stage;
pub(crate) mod parts;
pub(crate) mod ranking;
pub(crate) mod reading;
pub(crate) mod stage;
#[cfg(feature = "encoder")]
pub(crate) mod transformer;
pub(crate) mod vector_stage;
pub(crate) mod vectors;

use std::sync::Arc;

use hashrec_vectorize::TextEncoder;

/// A recommender as it is configured. Presets make it; see `config/presets.rs`.
pub(crate) struct Pipeline {
    pub(crate) generators: Vec<Box<dyn stage::Generator>>,
    pub(crate) ranking: Box<dyn stage::Ranking>,
    /// Vectors of posts and hashtags, if a stage compares them.
    pub(crate) vectors: Option<vector_stage::VectorStage>,
    /// What texts mean, if a stage wants to know.
    pub(crate) meaning: Option<meaning_stage::MeaningStage>,
}

impl Pipeline {
    /// Every stage, in the order of training.
    pub(crate) fn stages(&self) -> impl Iterator<Item = &dyn stage::Stage> {
        let vectors = self.vectors.iter().map(|stage| stage as &dyn stage::Stage);
        let generators = self.generators.iter().map(|stage| &**stage as &dyn stage::Stage);
        let meaning = self.meaning.iter().map(|stage| stage as &dyn stage::Stage);
        vectors.chain(meaning).chain(generators).chain([&*self.ranking as &dyn stage::Stage])
    }

    /// This pipeline with the encoder of the program around.
    pub(crate) fn with_encoder(mut self, encoder: Option<&Arc<dyn TextEncoder>>) -> Self {
        self.meaning.iter_mut().for_each(|stage| stage.host = encoder.cloned());
        self
    }
}
