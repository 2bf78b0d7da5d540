//! The encoder of a folder as parts of a bundle.

use std::sync::Arc;

use hashrec_vectorize::TextEncoder;

#[cfg(feature = "learn")]
use super::parts::Parts;
use super::stage::PartReader;
#[cfg(feature = "encoder")]
use super::transformer;
#[cfg(feature = "learn")]
use crate::error::LearnError;
use crate::{config::EncoderParams, error::BundleError};

/// The part of a static table.
const TABLE: &str = "encoder-table";

/// The encoder among the parts.
pub(crate) fn read(
    parts: &PartReader<'_>,
    params: &EncoderParams,
) -> Result<Arc<dyn TextEncoder>, BundleError> {
    #[cfg(feature = "encoder")]
    return Ok(transformer::read_encoder(parts, params)?);
    #[cfg(not(feature = "encoder"))]
    {
        let _ = params;
        Err(BundleError::Feature { part: "encoder", feature: "encoder" })
    }
}

/// Adds what the encoder needs to the parts.
#[cfg(feature = "learn")]
pub(crate) fn add(parts: &mut Parts, params: &EncoderParams) -> Result<(), LearnError> {
    #[cfg(feature = "encoder")]
    return transformer::add_encoder(parts, params);
    #[cfg(not(feature = "encoder"))]
    {
        let _ = (parts, params);
        let (what, feature) = ("the encoder of a folder", "encoder");
        Err(crate::error::ConfigError::Feature { what, feature }.into())
    }
}

/// A hash of everything that the vectors of a text depend on.
#[cfg(feature = "learn")]
pub(crate) fn identity(parts: &Parts, params: &EncoderParams) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let mut field = |bytes: &[u8]| {
        hasher.update(bytes).update(&(bytes.len() as u64).to_le_bytes());
    };
    for (name, bytes) in parts.iter().filter(|(name, _)| name.starts_with("encoder")) {
        field(name.as_bytes());
        field(bytes);
    }
    for prefix in [&params.post_prefix, &params.hashtag_prefix] {
        field(prefix.as_deref().unwrap_or("\0").as_bytes());
    }
    field(&params.max_tokens.to_le_bytes());
    hasher.finalize()
}
