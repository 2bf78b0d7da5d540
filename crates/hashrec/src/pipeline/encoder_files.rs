//! The encoder of a folder as parts of a bundle.

#[cfg(feature = "learn")]
use std::path::Path;
use std::sync::Arc;

#[cfg(feature = "learn")]
use hashrec_vectorize::Precision;
use hashrec_vectorize::{StaticTable, TextEncoder};

#[cfg(feature = "learn")]
use super::parts::Parts;
use super::stage::PartReader;
#[cfg(feature = "encoder")]
use super::transformer;
use crate::{config::EncoderParams, error::BundleError};
#[cfg(feature = "learn")]
use crate::{error::LearnError, progress::Stage};

/// The part of a static table.
const TABLE: &str = "encoder-table";

/// The encoder among the parts.
pub(crate) fn read(
    parts: &PartReader<'_>,
    params: &EncoderParams,
) -> Result<Arc<dyn TextEncoder>, BundleError> {
    if parts.parts.contains_key(TABLE) {
        return Ok(Arc::new(parts.read(TABLE, StaticTable::read)?));
    }
    transformer(parts, params)
}

#[cfg(feature = "encoder")]
fn transformer(
    parts: &PartReader<'_>,
    params: &EncoderParams,
) -> Result<Arc<dyn TextEncoder>, BundleError> {
    transformer::read_encoder(parts, params)
}

#[cfg(not(feature = "encoder"))]
fn transformer(_: &PartReader<'_>, _: &EncoderParams) -> Result<Arc<dyn TextEncoder>, BundleError> {
    Err(BundleError::Feature { part: "encoder", feature: "encoder" })
}

/// Adds what the encoder needs to the parts.
#[cfg(feature = "learn")]
pub(crate) fn add(parts: &mut Parts, params: &EncoderParams) -> Result<(), LearnError> {
    let folder = params.folder.as_deref().ok_or(LearnError::NoEncoderFolder)?;
    if !StaticTable::is_in(folder) {
        return add_transformer(parts, folder, params);
    }
    // A quarter of the bytes, for vectors that differ by less than 1e-4 in their cosine.
    let table = StaticTable::from_folder(folder)
        .and_then(|table| table.with_precision(Precision::Int8).write())
        .map_err(LearnError::step(Stage::Vectors))?;
    parts.insert(TABLE.to_owned(), table.into());
    Ok(())
}

#[cfg(all(feature = "learn", feature = "encoder"))]
fn add_transformer(
    parts: &mut Parts,
    folder: &Path,
    params: &EncoderParams,
) -> Result<(), LearnError> {
    transformer::add_encoder(parts, folder, params.dictionary.as_deref())
}

#[cfg(all(feature = "learn", not(feature = "encoder")))]
fn add_transformer(_: &mut Parts, _: &Path, _: &EncoderParams) -> Result<(), LearnError> {
    let (what, feature) = ("an encoder that is no static table", "encoder");
    Err(crate::error::ConfigError::Feature { what, feature }.into())
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
