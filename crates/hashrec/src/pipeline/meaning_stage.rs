//! The encoder of a pipeline as it is configured.

use std::sync::Arc;

use hashrec_candidates::MeaningParams;
#[cfg(feature = "learn")]
use hashrec_data::HashtagSpace;
#[cfg(feature = "learn")]
use hashrec_storage::Table;
use hashrec_vectorize::TextEncoder;
#[cfg(feature = "learn")]
use hashrec_vectorize::VectorizeError;

use super::{
    encoder_files,
    meaning::{Meaning, PART},
    stage::{PartReader, Stage},
};
#[cfg(feature = "learn")]
use super::{encoding::mean, meaning::center_all, parts::Parts};
use crate::{
    config::{EncoderKind, EncoderParams},
    error::{BundleError, ConfigError},
};
#[cfg(feature = "learn")]
use crate::{
    error::LearnError, notes::Notes, prepared::Encoded, progress::Stage as Step,
    reporter::Reporter, vector_cache::VectorCache,
};

/// The longest vectors.
#[cfg(feature = "learn")]
const MOST_DIM: usize = 1 << 16;

/// The encoder as configured.
#[derive(Clone)]
pub(crate) struct MeaningStage {
    pub(crate) encoder: EncoderParams,
    pub(crate) meaning: MeaningParams,
    /// The encoder of the program around, for [`EncoderKind::Host`].
    pub(crate) host: Option<Arc<dyn TextEncoder>>,
}

impl Stage for MeaningStage {
    fn check(&self) -> Result<(), ConfigError> {
        self.meaning.check().map_err(ConfigError::section("meaning"))?;
        self.encoder.check()
    }

    #[cfg(feature = "trainer")]
    fn settings(&self) -> Result<toml::Table, toml::ser::Error> {
        let encoder = toml::Value::try_from(&self.encoder)?;
        let meaning = toml::Value::try_from(&self.meaning)?;
        Ok([("encoder".to_owned(), encoder), ("meaning".to_owned(), meaning)].into_iter().collect())
    }
}

impl MeaningStage {
    /// Reads the encoder of a bundle.
    pub(crate) fn read(&self, parts: &PartReader<'_>) -> Result<Meaning, BundleError> {
        let encoder = self.read_encoder(parts)?;
        parts.read(PART, |bytes| Meaning::read(encoder, self.encoder.titles_only, bytes))
    }

    fn read_encoder(&self, parts: &PartReader<'_>) -> Result<Arc<dyn TextEncoder>, BundleError> {
        match self.encoder.source() {
            EncoderKind::Host => self.host.clone().ok_or(BundleError::NoEncoder),
            EncoderKind::Folder | EncoderKind::None => encoder_files::read(parts, &self.encoder),
        }
    }

    /// Adds the encoder to the parts, and encodes posts and the names of all hashtags.
    #[cfg(feature = "learn")]
    pub(crate) fn fit(
        &self,
        texts: &[&str],
        (space, notes): (&HashtagSpace, &Notes),
        parts: &mut Parts,
        reporter: Reporter<'_>,
    ) -> Result<(Arc<Meaning>, Encoded), LearnError> {
        let failed = || LearnError::step::<VectorizeError>(Step::Vectors);
        if self.encoder.source() == EncoderKind::Folder {
            encoder_files::add(parts, &self.encoder)?;
        }
        let encoder = self.read_encoder(&PartReader::in_memory(parts))?;
        let dim = encoder.dim();
        if !(1..=MOST_DIM).contains(&dim) {
            let (name, found) = ("the length of the encoder's vectors", dim.to_string());
            let error = VectorizeError::Parameter { name, found, expected: "1 to 65536" };
            return Err(failed()(error));
        }
        let zeros: Table<f32> = vec![0.0; dim].into();
        let titles_only = self.encoder.titles_only;
        let raw = Meaning { encoder, titles_only, posts: zeros.clone(), names: zeros };
        let identity = match raw.encoder.identity() {
            Some(name) => Some(blake3::hash(name.as_bytes())),
            None if self.encoder.source() == EncoderKind::Host => None,
            None => Some(encoder_files::identity(parts, &self.encoder)),
        };
        let mut cache = match (&self.encoder.cache, identity) {
            (Some(folder), Some(identity)) => Some(VectorCache::open(folder, identity, dim)?),
            _ => None,
        };
        let mut posts = raw.encode_posts(texts, cache.as_mut(), reporter)?;
        if let Some(cache) = cache {
            cache.save()?;
        }
        let names = space.communities().map(|(_, space)| raw.names(space, notes));
        let mut names = names.collect::<Result<Vec<_>, _>>().map_err(failed())?;
        let name_mean = mean(&names.concat(), dim);
        let meaning = Meaning { posts: mean(&posts, dim).into(), names: name_mean.into(), ..raw };
        center_all(&mut posts, &meaning.posts);
        names.iter_mut().for_each(|names| center_all(names, &meaning.names));
        let bytes = meaning.write().map_err(LearnError::part(PART))?;
        parts.insert(PART.to_owned(), bytes.into());
        Ok((Arc::new(meaning), Encoded { posts, names, dim }))
    }
}
