//! Vectors of words and texts: the floret table, the reduced TF-IDF space.

use hashrec_floret::{FloretError, FloretTable};
use hashrec_vectorize::{FloretMean, TfIdfSvd, VectorizeError};

use super::{Reporter, run::Run};
#[cfg(feature = "encoder")]
use crate::vectors::transformer;
use crate::{
    Stage, TrainError, VectorKind,
    model::Parts,
    vectors::{TextVectorizer, Vectors},
};

/// The floret table of the posts.
pub(super) fn floret(
    run: &Run<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<FloretTable, TrainError> {
    let bytes = run.kept.get_or_make("floret", &run.config.floret, || {
        let params = run.config.floret.clone().with_seed(run.config.seed).with_threads(run.threads);
        let sentences = run.tokens.iter().map(|tokens| tokens.texts());
        let table = hashrec_floret::train(sentences, &params, &mut |progress| {
            let (done, total) = (progress.tokens as usize, progress.total as usize);
            reporter.report(Stage::Floret, done, total, || {
                format!("epoch {}/{}, loss {:.3}", progress.epoch, progress.epochs, progress.loss)
            })
        });
        let table = table.map_err(|error| match error {
            FloretError::Cancelled { .. } => TrainError::Cancelled { stage: Stage::Floret.name() },
            error => TrainError::step(Stage::Floret)(error),
        })?;
        table.write().map_err(TrainError::step(Stage::Floret))
    })?;
    FloretTable::read(bytes.into()).map_err(TrainError::step(Stage::Floret))
}

/// Adds what turns texts into vectors to the parts, and the vectors of all hashtags.
pub(super) fn add(
    run: &Run<'_>,
    table: Option<&FloretTable>,
    parts: &mut Parts,
    reporter: &mut Reporter<'_>,
) -> Result<Vectors, TrainError> {
    let failed = || TrainError::step::<VectorizeError>(Stage::Vectors);
    let text = match (run.config.vectors.kind, table) {
        #[cfg(feature = "encoder")]
        (kind, _) if kind.is_transformer() => {
            let source = &run.config.vectors.transformer;
            transformer::add(parts, source)?;
            transformer::read(parts, source)?.ok_or(TrainError::NoTransformer)?
        }
        (VectorKind::Floret, Some(table)) => {
            let bytes = table.write().map_err(TrainError::step(Stage::Floret))?;
            parts.insert("floret".to_owned(), bytes.into());
            TextVectorizer::Floret(FloretMean::new(table.clone()))
        }
        _ => {
            reporter.step(Stage::Vectors, 0, run.posts.len())?;
            let bytes = run.kept.get_or_make("svd", &run.config.vectors.svd, || {
                let params = run.config.vectors.svd.clone().with_seed(run.config.seed);
                let svd = TfIdfSvd::fit(&run.tokens, &params).map_err(failed())?;
                tracing::info!(
                    explained = svd.explained_variance_ratio().iter().sum::<f32>(),
                    "reduced the TF-IDF space"
                );
                svd.write().map_err(failed())
            })?;
            let svd = TfIdfSvd::read(bytes.clone().into()).map_err(failed())?;
            parts.insert("svd".to_owned(), bytes.into());
            reporter.step(Stage::Vectors, run.posts.len(), run.posts.len())?;
            TextVectorizer::Svd(svd)
        }
    };
    let vectors = Vectors::new(text, &run.space, &run.tokenizer).map_err(failed())?;
    let bytes = vectors.write().map_err(TrainError::step(Stage::Vectors))?;
    parts.insert("vectors".to_owned(), bytes.into());
    Ok(vectors)
}
