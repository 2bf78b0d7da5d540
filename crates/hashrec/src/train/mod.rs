//! A training run: one line per step, each step's result going into the next.

mod cache;
#[cfg(feature = "train")]
mod features;
mod generators;
#[cfg(test)]
mod own_generator_tests;
#[cfg(feature = "train")]
mod ranker;
#[cfg(feature = "train")]
mod samples;
mod tokenizer;
mod vectors;

use std::path::Path;

use hashrec_data::{HashtagSpace, Post};

use self::cache::Cache;
#[cfg(feature = "train")]
use self::samples::leave_one_out::FeatureRows;
#[cfg(feature = "train")]
use crate::pipeline::samples::{Samples, VectorSamples};
use crate::{
    bundle::manifest::{FORMAT_VERSION, Manifest, WRITTEN_BY, entries},
    config::Config,
    error::TrainError,
    fingerprint::{canonical_bytes, posts_hasher},
    model::Model,
    pipeline::{
        Pipeline,
        fitting::FitData,
        parts::{PartReader, Parts},
    },
    prepared::Prepared,
    progress::Stage,
    reporter::Reporter,
};

/// Trains a pipeline on posts. `config` chooses the tokenizer and goes into the manifest.
pub(crate) fn train(
    config: &Config,
    pipeline: &Pipeline,
    posts: &[Post],
    finished_steps: Option<&Path>,
    reporter: &mut Reporter<'_>,
) -> Result<Model, TrainError> {
    let space = HashtagSpace::from_posts(posts);
    if space.hashtags() == 0 {
        return Err(TrainError::NoPosts { min_posts: config.min_posts });
    }
    let mut parts = Parts::new();
    let mut add = |name: &str, bytes: Vec<u8>| parts.insert(name.to_owned(), bytes.into());
    let tokenizer = tokenizer::tokenizer(config, &space)?;
    let tokenizer_part = tokenizer.write().map_err(TrainError::step(Stage::Tokens))?;
    let cache = Cache::new(finished_steps, &common(config, posts, &tokenizer_part))?;
    add("tokenizer", tokenizer_part);
    add("space", space.write().map_err(TrainError::step(Stage::Tokens))?);
    let tokens = tokenizer::tokens(&tokenizer, posts, reporter)?;
    let prepared = Prepared::new(posts, space, tokens);
    let data = FitData { prepared: &prepared, tokenizer: &tokenizer, words: None, vectors: None };

    let words = pipeline.stages().find_map(|stage| stage.word_vectors());
    let words = words.map(|params| vectors::words(params, data, &cache, reporter)).transpose()?;
    let data = FitData { words: words.as_ref(), ..data };
    let vectors = pipeline.vectors.as_ref();
    let vectors = vectors.map(|stage| vectors::all(stage, data, &cache, &mut parts, reporter));
    let vectors = vectors.transpose()?;
    let data = FitData { vectors: vectors.as_ref(), ..data };

    #[cfg(feature = "train")]
    ranked(pipeline, data, &cache, &mut parts, reporter)?;
    // Without LightGBM only pipelines without a ranker get here.
    #[cfg(not(feature = "train"))]
    generators::fit(pipeline, data, &cache, &mut parts, None, reporter)?;
    let (manifest, folder) = (manifest(config, posts, &parts)?, PartReader::IN_MEMORY);
    Ok(Model::read_pipeline(pipeline, manifest, parts, Path::new(folder))?)
}

/// Adds the parts of the generators and of the ranking.
#[cfg(feature = "train")]
fn ranked(
    pipeline: &Pipeline,
    data: FitData<'_>,
    cache: &Cache,
    parts: &mut Parts,
    reporter: &mut Reporter<'_>,
) -> Result<(), TrainError> {
    match pipeline.ranking.samples() {
        Samples::None => generators::fit(pipeline, data, cache, parts, None, reporter)?,
        Samples::Vectors(samples) => {
            generators::fit(pipeline, data, cache, parts, None, reporter)?;
            let ranker = vector_ranker(samples, data, cache, parts, reporter)?;
            parts.insert("ranker".to_owned(), ranker.into());
        }
        Samples::Features(samples) => {
            let mut rows = FeatureRows::new(samples, data, reporter)?;
            generators::fit(pipeline, data, cache, parts, Some(&mut rows), reporter)?;
            let (features, table) = rows.finish(reporter)?;
            parts.insert("features".to_owned(), features.into());
            let ranker = ranker::train(table, &samples.ranker, reporter)?;
            parts.insert("ranker".to_owned(), ranker.into());
        }
    }
    Ok(())
}

/// The paper's ranker, which depends on the vectors and no generator.
#[cfg(feature = "train")]
fn vector_ranker(
    samples: &VectorSamples,
    data: FitData<'_>,
    cache: &Cache,
    parts: &Parts,
    reporter: &mut Reporter<'_>,
) -> Result<Vec<u8>, TrainError> {
    // The vectors' part stands for everything that they were made from.
    let vectors = parts.get("vectors").map(|bytes| *blake3::hash(bytes).as_bytes());
    let key = canonical_bytes(&(samples.kind, vectors, &samples.ranker))?;
    cache.step("ranker", &key, |_| {
        let table = samples::pairs::rows(samples, data, reporter)?;
        ranker::train(table, &samples.ranker, reporter)
    })
}

/// What all cached steps of a run depend on.
fn common(config: &Config, posts: &[Post], tokenizer: &[u8]) -> [u8; blake3::OUT_LEN] {
    let mut hasher = posts_hasher(posts);
    hasher.update(tokenizer).update(&config.seed.to_le_bytes());
    hasher.update(&(config.thread_count() as u64).to_le_bytes());
    *hasher.finalize().as_bytes()
}

fn manifest(config: &Config, posts: &[Post], parts: &Parts) -> Result<Manifest, TrainError> {
    // Local paths aren't stored: what lies there is in the bundle.
    let mut config = Config { dictionary: None, ..config.clone() };
    config.vectors.transformer.folder = None;
    config.vectors.transformer.dictionary = None;
    let mut fingerprint = posts_hasher(posts);
    fingerprint.update(&canonical_bytes(&config)?);
    Ok(Manifest {
        format_version: FORMAT_VERSION,
        written_by: WRITTEN_BY.to_owned(),
        fingerprint: fingerprint.finalize().to_hex().to_string(),
        train_posts: posts.len() as u64,
        config,
        parts: entries(parts),
    })
}
