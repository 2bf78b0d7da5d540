//! The vectors of a pipeline as they are configured.

use hashrec_floret::{FloretParams, FloretTable};
use hashrec_vectorize::{FloretMean, TfIdfSvd};

#[cfg(feature = "encoder")]
use super::transformer;
use super::{parts::PartReader, stage::Stage, text::TextVectorizer, vectors::Vectors};
use crate::{
    bundle::error::BundleError,
    config::{VectorKind, VectorParams},
    error::ConfigError,
};

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
    /// Reads what turns texts into vectors.
    pub(crate) fn read_text(&self, parts: &PartReader<'_>) -> Result<TextVectorizer, BundleError> {
        match self.params.kind {
            VectorKind::Floret => {
                let table = parts.read("floret", FloretTable::read)?;
                Ok(TextVectorizer::Floret(FloretMean::new(table)))
            }
            VectorKind::TfIdfSvd => Ok(TextVectorizer::Svd(parts.read("svd", TfIdfSvd::read)?)),
            #[cfg(feature = "encoder")]
            VectorKind::TransformerSeparate | VectorKind::TransformerUnified => {
                let text = transformer::read(parts.parts, &self.params.transformer)?;
                parts.require("transformer", text)
            }
            #[cfg(not(feature = "encoder"))]
            VectorKind::TransformerSeparate | VectorKind::TransformerUnified => {
                Err(BundleError::Feature { part: "transformer", feature: "encoder" })
            }
        }
    }

    /// Reads the vectors of a bundle.
    pub(crate) fn read(&self, parts: &PartReader<'_>) -> Result<Vectors, BundleError> {
        let text = self.read_text(parts)?;
        parts.read("vectors", |bytes| Vectors::read(text, bytes))
    }
}
