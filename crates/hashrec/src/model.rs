//! Everything that a bundle holds, in memory.

use std::{path::Path, sync::Arc};

use hashrec_tokenize::TextTokenizer;
use hashrec_vectorize::TextEncoder;

use crate::{
    bundle::{error::BundleError, manifest::Manifest},
    config::Config,
    error::ConfigError,
    pipeline::{Pipeline, meaning::Meaning, parts::Parts, stage::PartReader, vectors::Vectors},
    segments::{Segment, Segments},
};

/// A bundle's parts, read. A trained system goes through its bytes too, so that what was trained
/// and what is loaded later are the same thing.
pub(crate) struct Model {
    pub(crate) manifest: Manifest,
    pub(crate) tokenizer: TextTokenizer,
    pub(crate) vectors: Option<Arc<Vectors>>,
    /// What texts mean, if a stage wants to know.
    pub(crate) meaning: Option<Arc<Meaning>>,
    pub(crate) segments: Segments,
}

impl Model {
    /// Checks the configuration as a trainer does, and reads the parts of a bundle in `folder`, and
    /// of its segments, which are verified already.
    pub(crate) fn read(
        manifest: Manifest,
        parts: Parts,
        segments: Vec<Parts>,
        folder: &Path,
        encoder: Option<&Arc<dyn TextEncoder>>,
    ) -> Result<Self, BundleError> {
        match manifest.config.check() {
            // What this build lacks, reading the part says.
            Ok(()) | Err(ConfigError::Feature { .. }) => {}
            Err(source) => {
                let (path, source) = (folder.to_owned(), Box::new(source));
                return Err(BundleError::Config { path, source });
            }
        }
        let pipeline = manifest.config.pipeline().with_encoder(encoder);
        let mut model = Self::read_pipeline(&pipeline, manifest, parts, folder)?;
        for (segment, parts) in (1..).zip(segments) {
            let damaged = |source| BundleError::Segment { segment, source: Box::new(source) };
            let meaning = model.meaning.as_ref();
            let reader = PartReader { parts: &parts, folder, vectors: None, meaning };
            let ranking = model.segments.first().ranking.for_segment(&reader);
            let segment = ranking.and_then(|ranking| Segment::read(&pipeline, &reader, ranking));
            model.segments.push(segment.map_err(damaged)?);
        }
        Ok(model)
    }

    /// Reads the parts of a pipeline.
    pub(crate) fn read_pipeline(
        pipeline: &Pipeline,
        manifest: Manifest,
        parts: Parts,
        folder: &Path,
    ) -> Result<Self, BundleError> {
        let reader = PartReader { parts: &parts, folder, vectors: None, meaning: None };
        let vectors = pipeline.vectors.as_ref().map(|stage| stage.read(&reader));
        let vectors = vectors.transpose()?.map(Arc::new);
        let meaning = pipeline.meaning.as_ref().map(|stage| stage.read(&reader));
        let meaning = meaning.transpose()?.map(Arc::new);
        let reader = PartReader { vectors: vectors.as_ref(), meaning: meaning.as_ref(), ..reader };
        let tokenizer = reader.read("tokenizer", TextTokenizer::read)?;
        let segment = Segment::read(pipeline, &reader, pipeline.ranking.read(&reader)?)?;
        vectors.iter().try_for_each(|vectors| vectors.check_space(&segment.space))?;
        Ok(Self { manifest, tokenizer, vectors, meaning, segments: Segments::new(segment) })
    }

    /// The parts of the training, then those of each segment.
    #[cfg(feature = "learn")]
    pub(crate) fn parts(&self) -> Vec<&Parts> {
        self.segments.iter().map(|segment| &segment.parts).collect()
    }

    /// The hash in the manifest's file.
    #[cfg(feature = "learn")]
    pub(crate) fn manifest_hash(&self) -> Result<String, BundleError> {
        let written = self.manifest.to_bytes();
        let (_, hash) = written.map_err(|source| BundleError::Manifest {
            path: PartReader::IN_MEMORY.into(),
            source: source.into(),
        })?;
        Ok(hash)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.manifest.config
    }
}
