//! A training run: one line per step, each step's result going into the next.

#[cfg(feature = "train")]
pub(crate) mod choice;
#[cfg(feature = "train")]
mod features;
mod generators;
#[cfg(test)]
mod own_generator_tests;
#[cfg(feature = "train")]
mod ranker;
mod report;
#[cfg(feature = "train")]
mod samples;
mod words;

use std::{path::Path, sync::Arc};

use hashrec_data::{HashtagSpaceBuilder, Post};
#[cfg(feature = "train")]
use hashrec_ranker::Ranker;
use hashrec_tokenize::TextTokenizer;
#[cfg(feature = "train")]
use hashrec_vectorize::TextEncoder;

pub use self::report::{RankerChoice, TrainReport};
use crate::{
    bundle::manifest::{FORMAT_VERSION, Manifest, WRITTEN_BY, entries},
    cache::Cache,
    config::Config,
    error::TrainError,
    fingerprint::{canonical_bytes, posts_hasher},
    model::Model,
    notes::Notes,
    pipeline::{
        Pipeline,
        fitting::{Run, Unwanted},
        meaning::Meaning,
        parts::Parts,
        stage::PartReader,
    },
    prepared::{Prepared, all_tokens},
    progress::Stage,
    reporter::Reporter,
    tokenizer::tokenizer,
};
#[cfg(feature = "train")]
use crate::{
    config::RankerSource,
    pipeline::ranking::{FeatureRanking, Samples, VectorRanking},
    train::samples::{leave_one_out::FeatureRows, table::FeatureTable},
};

/// Trains a pipeline on posts. `config` chooses the tokenizer and goes into the manifest.
pub(crate) fn train(
    config: &Config,
    pipeline: &Pipeline,
    (posts, notes): (&[Post], &Notes),
    finished_steps: Option<&Path>,
    reporter: Reporter<'_>,
) -> Result<Model, TrainError> {
    let mut parts = Parts::new();
    let (tokenizer, mut prepared) = prepare(config, posts, reporter)?;
    prepared.notes = notes.clone();
    let tokenizer_part = tokenizer.write().map_err(TrainError::step(Stage::Tokens))?;
    let cache = &Cache::new(finished_steps, &common(config, (posts, notes), &tokenizer_part))?;
    parts.insert("tokenizer".to_owned(), tokenizer_part.into());
    let space = prepared.space.write().map_err(TrainError::step(Stage::Tokens))?;
    parts.insert("space".to_owned(), space.into());
    let meaning = encode(pipeline, &mut prepared, &mut parts, reporter)?;
    let (prepared, tokenizer, meaning) = (&prepared, &tokenizer, meaning.as_ref());
    let (words, vectors, fold) = (None, None, None);
    let run = Run { prepared, tokenizer, cache, reporter, words, vectors, meaning, fold };

    let words = pipeline.stages().find_map(|stage| stage.word_vectors());
    let words = words.map(|params| words::train(params, &run)).transpose()?;
    let run = Run { words: words.as_ref(), ..run };
    let vectors = pipeline.vectors.as_ref().map(|stage| stage.fit(&run, &mut parts)).transpose()?;
    let run = Run { vectors: vectors.as_ref(), ..run };

    #[cfg(feature = "train")]
    match pipeline.ranking.samples() {
        Some(Samples::Features(ranking)) => {
            let further = pipeline.ranking.source() == Some(RankerSource::Further);
            let has_meaning = pipeline.meaning.is_some();
            let built_in = if has_meaning { Ranker::built_in_by_meaning } else { Ranker::built_in };
            let base = further.then(built_in).transpose();
            let base = base.map_err(TrainError::step(Stage::Ranker))?;
            let table = FeatureTable::new(base.as_ref(), has_meaning, &ranking.ranker);
            let table = by_features(pipeline, ranking, &run, &mut parts, table)?.into_rows();
            let ranker = ranker::train(base.as_ref(), table, &ranking.ranker, reporter)?;
            parts.insert("ranker".to_owned(), written(&ranker)?.into());
        }
        Some(Samples::Vectors(ranking)) => by_vectors(pipeline, ranking, &run, &mut parts)?,
        None => generators::fit(pipeline, &run, &mut parts, &mut Unwanted)?,
    }
    // Without LightGBM only pipelines without a ranker get here.
    #[cfg(not(feature = "train"))]
    generators::fit(pipeline, &run, &mut parts, &mut Unwanted)?;
    let (manifest, folder) = (manifest(config, (posts, notes), &parts)?, PartReader::IN_MEMORY);
    Ok(Model::read_pipeline(pipeline, manifest, parts, Path::new(folder))?)
}

/// Trains the ranker of a pipeline on several corpora, each with a tokenizer of its own.
#[cfg(feature = "train")]
pub(crate) fn train_ranker(
    corpora: &[(Config, Vec<Post>)],
    encoder: Option<&Arc<dyn TextEncoder>>,
    pipeline: &Pipeline,
    reporter: Reporter<'_>,
) -> Result<Ranker, TrainError> {
    let Some(Samples::Features(ranking)) = pipeline.ranking.samples() else {
        let system = corpora.first().map_or_else(Default::default, |(config, _)| config.system);
        return Err(TrainError::NoRanker { system });
    };
    let has_meaning = |(config, _): &(Config, _)| config.pipeline().meaning.is_some();
    let mut table = FeatureTable::new(None, corpora.iter().any(has_meaning), &ranking.ranker);
    for (config, posts) in corpora {
        let (tokenizer, mut prepared) = prepare(config, posts, reporter)?;
        let (cache, mut parts) = (&Cache::new(None, &[])?, Parts::new());
        // Each corpus has an encoder of its own, or none.
        let threads = rayon::current_num_threads();
        let pipeline = config.clone().with_shared(threads).pipeline();
        let pipeline = &pipeline.with_encoder(encoder);
        let Some(Samples::Features(ranking)) = pipeline.ranking.samples() else { continue };
        let meaning = encode(pipeline, &mut prepared, &mut parts, reporter)?;
        let (prepared, tokenizer, meaning) = (&prepared, &tokenizer, meaning.as_ref());
        let (words, vectors, fold) = (None, None, None);
        let run = Run { prepared, tokenizer, cache, reporter, words, vectors, meaning, fold };
        table = by_features(pipeline, ranking, &run, &mut parts, table)?;
    }
    ranker::train(None, table.into_rows(), &ranking.ranker, reporter)
}

/// What the posts and hashtags of a run mean, if a stage wants to know.
fn encode(
    pipeline: &Pipeline,
    prepared: &mut Prepared<'_>,
    parts: &mut Parts,
    reporter: Reporter<'_>,
) -> Result<Option<Arc<Meaning>>, TrainError> {
    let Some(stage) = &pipeline.meaning else { return Ok(None) };
    let texts: Vec<&str> = prepared.posts.iter().map(|post| post.text.as_str()).collect();
    let (meaning, encoded) =
        stage.fit(&texts, (&prepared.space, &prepared.notes), parts, reporter)?;
    prepared.encoded = encoded;
    Ok(Some(meaning))
}

/// The tokenizer of a run, and its posts with their tokens.
fn prepare<'a>(
    config: &Config,
    posts: &'a [Post],
    reporter: Reporter<'_>,
) -> Result<(TextTokenizer, Prepared<'a>), TrainError> {
    let space = HashtagSpaceBuilder::new(config.names).posts(posts).build();
    if space.hashtags() == 0 {
        return Err(TrainError::NoPosts { min_posts: config.min_posts });
    }
    let tokenizer = tokenizer(config, &space)?;
    let report = |done| reporter.step(Stage::Tokens, done, posts.len());
    let tokens = all_tokens(&tokenizer, posts, report)?;
    Ok((tokenizer, Prepared::new(posts, space, tokens)))
}

/// The generators, and the rows that a ranker learns from their scores, after those in `table`.
#[cfg(feature = "train")]
fn by_features(
    pipeline: &Pipeline,
    ranking: &FeatureRanking,
    run: &Run<'_>,
    parts: &mut Parts,
    table: FeatureTable,
) -> Result<FeatureTable, TrainError> {
    let mut rows = FeatureRows::new(ranking, run, table)?;
    generators::fit(pipeline, run, parts, &mut rows)?;
    let (features, table) = rows.finish()?;
    parts.insert("features".to_owned(), features.into());
    Ok(table)
}

/// The generators, and the paper's ranker, which depends on the vectors and no generator.
#[cfg(feature = "train")]
fn by_vectors(
    pipeline: &Pipeline,
    ranking: &VectorRanking,
    run: &Run<'_>,
    parts: &mut Parts,
) -> Result<(), TrainError> {
    generators::fit(pipeline, run, parts, &mut Unwanted)?;
    // The vectors' part stands for everything that they were made from.
    let vectors = parts.get("vectors").map(|bytes| *blake3::hash(bytes).as_bytes());
    let ranker =
        run.cache.step("ranker", &(ranking.kind, vectors, &ranking.paper_ranker), |_| {
            let rows = samples::pairs::rows(ranking, run)?;
            written(&ranker::train(None, rows, &ranking.paper_ranker, run.reporter)?)
        })?;
    parts.insert("ranker".to_owned(), ranker.into());
    Ok(())
}

/// The part of a ranker.
#[cfg(feature = "train")]
fn written(ranker: &Ranker) -> Result<Vec<u8>, TrainError> {
    ranker.write().map_err(TrainError::step(Stage::Ranker))
}

/// What all cached steps of a run depend on.
fn common(
    config: &Config,
    (posts, notes): (&[Post], &Notes),
    tokenizer: &[u8],
) -> [u8; blake3::OUT_LEN] {
    let mut hasher = posts_hasher(posts);
    notes.update(&mut hasher);
    hasher.update(tokenizer).update(&config.seed.to_le_bytes());
    hasher.update(&(config.thread_count() as u64).to_le_bytes());
    *hasher.finalize().as_bytes()
}

fn manifest(
    config: &Config,
    (posts, notes): (&[Post], &Notes),
    parts: &Parts,
) -> Result<Manifest, TrainError> {
    // Local paths aren't stored: what lies there is in the bundle.
    let mut config = Config { dictionary: None, ..config.clone() };
    config.vectors.transformer.folder = None;
    config.vectors.transformer.dictionary = None;
    config.encoder = config.encoder.without_paths();
    let mut fingerprint = posts_hasher(posts);
    notes.update(&mut fingerprint);
    fingerprint.update(&canonical_bytes(&config)?);
    Ok(Manifest {
        format_version: FORMAT_VERSION,
        written_by: WRITTEN_BY.to_owned(),
        fingerprint: fingerprint.finalize().to_hex().to_string(),
        train_posts: posts.len() as u64,
        config,
        parts: entries(parts),
        segments: Vec::new(),
    })
}
