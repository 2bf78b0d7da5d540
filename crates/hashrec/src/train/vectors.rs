//! Vectors of words, posts and hashtags.

use std::sync::Arc;

use hashrec_floret::{FloretError, FloretParams, FloretTable};
use hashrec_vectorize::{TfIdfSvd, TfIdfSvdParams, VectorizeError};

use super::cache::Cache;
use crate::{
    config::VectorKind,
    error::TrainError,
    fingerprint::canonical_bytes,
    pipeline::{
        fitting::FitData,
        parts::{PartReader, Parts},
        vector_stage::VectorStage,
        vectors::Vectors,
    },
    progress::{Detail, Stage},
    reporter::Reporter,
};

/// Word vectors of the posts.
pub(super) fn words(
    params: &FloretParams,
    data: FitData<'_>,
    cache: &Cache,
    reporter: &mut Reporter<'_>,
) -> Result<FloretTable, TrainError> {
    let bytes = cache
        .step("floret", &canonical_bytes(params)?, |_| train_floret(params, data, reporter))?;
    FloretTable::read(bytes.into()).map_err(TrainError::step(Stage::Floret))
}

fn train_floret(
    params: &FloretParams,
    data: FitData<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<Vec<u8>, TrainError> {
    let sentences = data.prepared.tokens.iter().map(|tokens| tokens.texts());
    let table = hashrec_floret::train(sentences, params, &mut |progress| {
        let (done, total) = (progress.tokens as usize, progress.total as usize);
        let (epoch, epochs, loss) = (progress.epoch, progress.epochs, progress.loss);
        reporter.report(Stage::Floret, done, total, Detail::Floret { epoch, epochs, loss })
    });
    table.and_then(|table| table.write()).map_err(|error| match error {
        FloretError::Cancelled { .. } => TrainError::Cancelled { stage: Stage::Floret },
        error => TrainError::step(Stage::Floret)(error),
    })
}

/// Vectors of posts and hashtags; adds their parts.
pub(super) fn all(
    stage: &VectorStage,
    data: FitData<'_>,
    cache: &Cache,
    parts: &mut Parts,
    reporter: &mut Reporter<'_>,
) -> Result<Arc<Vectors>, TrainError> {
    match stage.params.kind {
        VectorKind::Floret => {
            if let Some(table) = data.words {
                let bytes = table.write().map_err(TrainError::step(Stage::Floret))?;
                parts.insert("floret".to_owned(), bytes.into());
            }
        }
        VectorKind::TfIdfSvd => {
            let params = &stage.params.svd;
            let bytes = cache
                .step("svd", &canonical_bytes(params)?, |_| fit_svd(params, data, reporter))?;
            parts.insert("svd".to_owned(), bytes.into());
        }
        #[cfg(feature = "encoder")]
        VectorKind::TransformerSeparate | VectorKind::TransformerUnified => {
            crate::pipeline::transformer::add(parts, &stage.params.transformer)?;
        }
        // Reading it back says which feature is missing.
        #[cfg(not(feature = "encoder"))]
        VectorKind::TransformerSeparate | VectorKind::TransformerUnified => {}
    }
    let text = stage.read_text(&PartReader::in_memory(parts))?;
    let vectors = Vectors::new(text, data.space(), data.tokenizer)
        .map_err(TrainError::step(Stage::Vectors))?;
    let bytes = vectors.write().map_err(TrainError::step(Stage::Vectors))?;
    parts.insert("vectors".to_owned(), bytes.into());
    Ok(Arc::new(vectors))
}

fn fit_svd(
    params: &TfIdfSvdParams,
    data: FitData<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<Vec<u8>, TrainError> {
    let failed = || TrainError::step::<VectorizeError>(Stage::Vectors);
    let posts = data.prepared.posts.len();
    reporter.step(Stage::Vectors, 0, posts)?;
    let svd = TfIdfSvd::fit(&data.prepared.tokens, params).map_err(failed())?;
    let explained = svd.explained_variance_ratio().iter().sum::<f32>();
    tracing::info!(explained, "reduced the TF-IDF space");
    reporter.step(Stage::Vectors, posts, posts)?;
    svd.write().map_err(failed())
}
