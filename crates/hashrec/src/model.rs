//! Everything that a bundle holds, in memory.

use std::{path::Path, sync::Arc};

use hashrec_data::HashtagSpace;
use hashrec_tokenize::TextTokenizer;

use crate::{
    bundle::{error::BundleError, manifest::Manifest},
    config::Config,
    error::ConfigError,
    pipeline::{
        Pipeline,
        parts::Parts,
        stage::{FittedGenerator, FittedRanking, PartReader},
        vectors::Vectors,
    },
};

/// A bundle's parts, read. A trained system goes through its bytes too, so that what was trained
/// and what is loaded later are the same thing.
pub(crate) struct Model {
    pub(crate) manifest: Manifest,
    #[cfg(feature = "learn")]
    pub(crate) parts: Parts,
    pub(crate) space: HashtagSpace,
    pub(crate) tokenizer: TextTokenizer,
    pub(crate) vectors: Option<Arc<Vectors>>,
    pub(crate) generators: Vec<Box<dyn FittedGenerator>>,
    pub(crate) ranking: Box<dyn FittedRanking>,
}

impl Model {
    /// Checks the configuration as a trainer does, and reads the parts of a bundle in `folder`, which
    /// are verified already.
    pub(crate) fn read(
        manifest: Manifest,
        parts: Parts,
        folder: &Path,
    ) -> Result<Self, BundleError> {
        match manifest.config.check() {
            // What this build lacks, reading the part says.
            Ok(()) | Err(ConfigError::Feature { .. }) => {}
            Err(source) => {
                let (path, source) = (folder.to_owned(), Box::new(source));
                return Err(BundleError::Config { path, source });
            }
        }
        let pipeline = manifest.config.pipeline();
        Self::read_pipeline(&pipeline, manifest, parts, folder)
    }

    /// Reads the parts of a pipeline.
    pub(crate) fn read_pipeline(
        pipeline: &Pipeline,
        manifest: Manifest,
        parts: Parts,
        folder: &Path,
    ) -> Result<Self, BundleError> {
        let reader = PartReader { parts: &parts, folder, vectors: None };
        let vectors = pipeline.vectors.as_ref().map(|stage| stage.read(&reader));
        let vectors = vectors.transpose()?.map(Arc::new);
        let reader = PartReader { vectors: vectors.as_ref(), ..reader };
        let generators = pipeline.generators.iter();
        let model = Self {
            space: reader.read("space", HashtagSpace::read)?,
            tokenizer: reader.read("tokenizer", TextTokenizer::read)?,
            generators: generators.map(|stage| stage.read(&reader)).collect::<Result<_, _>>()?,
            ranking: pipeline.ranking.read(&reader)?,
            vectors,
            manifest,
            #[cfg(feature = "learn")]
            parts,
        };
        model.check_space()?;
        Ok(model)
    }

    /// Checks that all stages have the communities and hashtags of the space.
    pub(crate) fn check_space(&self) -> Result<(), BundleError> {
        self.vectors.iter().try_for_each(|vectors| vectors.check_space(&self.space))?;
        self.generators.iter().try_for_each(|generator| generator.check_space(&self.space))?;
        self.ranking.check_space(&self.space)
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
