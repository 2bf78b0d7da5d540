//! The vectors of a pipeline as they are configured.

use std::sync::Arc;

use hashrec_floret::{FloretParams, FloretTable};
use hashrec_vectorize::{FloretMean, TfIdfSvd};

#[cfg(feature = "trainer")]
use super::stage::{Parts, Run};
#[cfg(feature = "encoder")]
use super::transformer;
use super::{
    stage::{PartReader, Stage, Vectors},
    vectors::TextVectorizer,
};
use crate::{
    config::{VectorKind, VectorParams},
    error::{BundleError, ConfigError},
};
#[cfg(feature = "trainer")]
use crate::{error::TrainError, progress::Stage as Step};

/// The vectors as configured.
#[derive(Clone)]
pub(crate) struct VectorStage {
    pub(crate) params: VectorParams,
    /// How the words' vectors are trained, for [`VectorKind::Floret`].
    pub(crate) floret: FloretParams,
}

impl Stage for VectorStage {
    fn check(&self) -> Result<(), ConfigError> {
        self.params.svd.check().map_err(ConfigError::section("vectors.svd"))?;
        self.floret.check().map_err(ConfigError::section("floret"))?;
        self.params.check()
    }

    #[cfg(feature = "trainer")]
    fn settings(&self) -> Result<toml::Table, toml::ser::Error> {
        let mut vectors = toml::Table::try_from(&self.params)?;
        if self.params.kind != VectorKind::TfIdfSvd {
            vectors.remove("svd");
        }
        if !self.params.kind.is_transformer() {
            vectors.remove("transformer");
        }
        let mut settings = toml::Table::from_iter([("vectors".to_owned(), vectors.into())]);
        if self.params.kind == VectorKind::Floret {
            settings.insert("floret".to_owned(), toml::Value::try_from(&self.floret)?);
        }
        Ok(settings)
    }

    #[cfg(feature = "trainer")]
    fn word_vectors(&self) -> Option<&FloretParams> {
        (self.params.kind == VectorKind::Floret).then_some(&self.floret)
    }
}

impl VectorStage {
    /// Computes what turns texts into vectors and the vectors of all hashtags, and adds their parts.
    #[cfg(feature = "trainer")]
    pub(crate) fn fit(&self, run: &Run<'_>, parts: &mut Parts) -> Result<Arc<Vectors>, TrainError> {
        match self.params.kind {
            VectorKind::Floret => {
                if let Some(table) = run.words {
                    let bytes = table.write().map_err(TrainError::step(Step::Floret))?;
                    parts.insert("floret".to_owned(), bytes.into());
                }
            }
            VectorKind::TfIdfSvd => {
                let bytes = run.cache.step("svd", &self.params.svd, |_| self.fit_svd(run))?;
                parts.insert("svd".to_owned(), bytes.into());
            }
            #[cfg(feature = "encoder")]
            VectorKind::TransformerSeparate | VectorKind::TransformerUnified => {
                transformer::add(parts, &self.params.transformer)?;
            }
            // Reading it back says which feature is missing.
            #[cfg(not(feature = "encoder"))]
            VectorKind::TransformerSeparate | VectorKind::TransformerUnified => {}
        }
        let text = self.read_text(&PartReader::in_memory(parts))?;
        let vectors = Vectors::new(text, run.space(), run.tokenizer)
            .map_err(TrainError::step(Step::Vectors))?;
        let bytes = vectors.write().map_err(TrainError::step(Step::Vectors))?;
        parts.insert("vectors".to_owned(), bytes.into());
        Ok(Arc::new(vectors))
    }

    #[cfg(feature = "trainer")]
    fn fit_svd(&self, run: &Run<'_>) -> Result<Vec<u8>, TrainError> {
        let failed = || TrainError::step::<hashrec_vectorize::VectorizeError>(Step::Vectors);
        let posts = run.prepared.posts.len();
        run.reporter.step(Step::Vectors, 0, posts)?;
        let svd = TfIdfSvd::fit(&run.prepared.tokens, &self.params.svd).map_err(failed())?;
        let explained = svd.explained_variance_ratio().iter().sum::<f32>();
        tracing::info!(explained, "reduced the TF-IDF space");
        run.reporter.step(Step::Vectors, posts, posts)?;
        svd.write().map_err(failed())
    }

    fn read_text(&self, parts: &PartReader<'_>) -> Result<TextVectorizer, BundleError> {
        Ok(match self.params.kind {
            VectorKind::Floret => {
                let table = parts.read("floret", FloretTable::read)?;
                TextVectorizer::Tokens(Arc::new(FloretMean::new(table)))
            }
            VectorKind::TfIdfSvd => {
                TextVectorizer::Tokens(Arc::new(parts.read("svd", TfIdfSvd::read)?))
            }
            #[cfg(feature = "encoder")]
            VectorKind::TransformerSeparate | VectorKind::TransformerUnified => {
                transformer::read(parts, &self.params.transformer)?
            }
            #[cfg(not(feature = "encoder"))]
            VectorKind::TransformerSeparate | VectorKind::TransformerUnified => {
                return Err(BundleError::Feature { part: "transformer", feature: "encoder" });
            }
        })
    }

    /// Reads the vectors of a bundle.
    pub(crate) fn read(&self, parts: &PartReader<'_>) -> Result<Vectors, BundleError> {
        let text = self.read_text(parts)?;
        parts.read("vectors", |bytes| Vectors::read(text, bytes))
    }
}
