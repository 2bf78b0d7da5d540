//! The paper's ranker: LightGBM over the vectors of post and hashtag.
//!
//! Its rows (section 4.1) are the post's vector, the hashtag's vector, and a few numbers. With
//! vectors of pairs (section 4.5.2, *unified*) they are the pair's vector and the same numbers.

use std::sync::Arc;

use hashrec_candidates::Source;
use hashrec_data::HashtagId;
use hashrec_ranker::{Objective, Ranker};
use ndarray::ArrayView2;

#[cfg(feature = "train")]
use super::samples::Samples;
use super::samples::VectorRanking;
use crate::{
    config::VectorKind,
    error::{BundleError, ConfigError, RecommendError},
    pipeline::stage::{
        Asked, Buffers, FittedGenerator, FittedRanking, PartReader, Ranking, Reading, Scored,
        Stage, Vectors,
    },
};

const COSINE: &str = "cosine";
const NUMBERS: [&str; 5] = ["log_count", "share", "log_posts", "log_hashtags", "log_words"];

impl Stage for VectorRanking {
    fn check(&self) -> Result<(), ConfigError> {
        self.paper_ranker.check().map_err(ConfigError::section("paper_ranker"))
    }

    #[cfg(feature = "trainer")]
    fn settings(&self) -> Result<toml::Table, toml::ser::Error> {
        toml::Table::try_from(self)
    }

    #[cfg(feature = "trainer")]
    fn missing_feature(&self) -> Option<&'static str> {
        (!cfg!(feature = "train")).then_some("train")
    }
}

impl Ranking for VectorRanking {
    fn read(&self, parts: &PartReader<'_>) -> Result<Box<dyn FittedRanking>, BundleError> {
        let vectors = parts.vectors()?;
        let ranker = parts.read("ranker", Ranker::read)?;
        let names = column_names(self.kind, vectors.dim());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        ranker.expect_features(&names).map_err(BundleError::part("ranker"))?;
        Ok(Box::new(FittedVectorRanking { params: self.clone(), vectors, ranker }))
    }

    #[cfg(feature = "train")]
    fn samples(&self) -> Option<Samples<'_>> {
        Some(Samples::Vectors(self))
    }
}

struct FittedVectorRanking {
    params: VectorRanking,
    vectors: Arc<Vectors>,
    ranker: Ranker,
}

impl FittedRanking for FittedVectorRanking {
    fn rank(
        &self,
        post: &Reading<'_>,
        generators: &[Box<dyn FittedGenerator>],
        asked: &Asked,
        buffers: &mut Buffers,
    ) -> Result<Vec<Scored>, RecommendError> {
        let mut candidates: Vec<(HashtagId, Source)> = Vec::new();
        for generator in generators {
            let source = generator.source();
            let own = match &asked.allowed {
                Some(allowed) => allowed.clone(),
                None => generator.candidates(post, buffers)?,
            };
            candidates.extend(own.into_iter().map(|tag| (tag, source)));
        }
        candidates.sort_by_key(|&(tag, _)| tag);
        candidates.dedup_by_key(|&mut (tag, _)| tag);
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let hashtags: Vec<HashtagId> = candidates.iter().map(|&(tag, _)| tag).collect();
        buffers.rows.clear();
        push_rows(self.params.kind, &self.vectors, post, &hashtags, &mut buffers.rows)?;
        let rows = matrix(&buffers.rows, hashtags.len())?;
        self.ranker
            .score_with(rows, &mut buffers.forest, &mut buffers.scores)
            .map_err(RecommendError::score)?;
        bound(self.params.paper_ranker.objective, &mut buffers.scores);
        let scored = |(&(hashtag, source), &score): (&(HashtagId, Source), &f64)| Scored {
            hashtag,
            score: score as f32,
            sources: vec![source],
        };
        Ok(candidates.iter().zip(&buffers.scores).map(scored).collect())
    }

    fn importance(&self) -> Vec<(String, f64)> {
        gains(&self.ranker)
    }
}

/// The rows of `count` hashtags, one after another.
pub(super) fn matrix(rows: &[f32], count: usize) -> Result<ArrayView2<'_, f32>, RecommendError> {
    let width = rows.len().checked_div(count).unwrap_or(0);
    ArrayView2::from_shape((count, width), rows).map_err(RecommendError::score)
}

/// LambdaRank's scores have no bounds: between 0 and 1 they stay above the score of hashtags that
/// nothing ranked.
pub(super) fn bound(objective: Objective, scores: &mut [f64]) {
    if objective == Objective::LambdaRank {
        scores.iter_mut().for_each(|score| *score = 1.0 / (1.0 + (-*score).exp()));
    }
}

/// The gain of each of a ranker's columns.
pub(super) fn gains(ranker: &Ranker) -> Vec<(String, f64)> {
    ranker.importance().iter().map(|column| (column.feature.clone(), column.gain)).collect()
}

/// The names of the rows' columns, for vectors of `dim` numbers.
pub(crate) fn column_names(kind: VectorKind, dim: usize) -> Vec<String> {
    let numbered = |name: &'static str| (0..dim).map(move |i| format!("{name}_{i}"));
    let numbers = NUMBERS.iter().map(|&name| name.to_owned());
    if kind.is_of_pairs() {
        return numbered("pair").chain(numbers).collect();
    }
    let vectors = numbered("post").chain(numbered("hashtag"));
    vectors.chain([COSINE.to_owned()]).chain(numbers).collect()
}

/// Appends a row for each hashtag.
pub(crate) fn push_rows(
    kind: VectorKind,
    vectors: &Vectors,
    post: &Reading<'_>,
    hashtags: &[HashtagId],
    rows: &mut Vec<f32>,
) -> Result<(), RecommendError> {
    if kind.is_of_pairs() {
        let names: Vec<&str> =
            hashtags.iter().map(|&id| post.space.hashtag(id).unwrap_or_default()).collect();
        let pairs = vectors.text().pairs(post.text, &names).map_err(RecommendError::score)?;
        for (&hashtag, pair) in hashtags.iter().zip(pairs.chunks_exact(vectors.dim().max(1))) {
            rows.extend_from_slice(pair);
            rows.extend(numbers(post, hashtag));
        }
        return Ok(());
    }
    let vector = post.vector(vectors)?;
    for &hashtag in hashtags {
        let other = vectors.hashtag(post.community, hashtag);
        rows.extend_from_slice(vector);
        rows.extend_from_slice(other);
        rows.push(vector.iter().zip(other).map(|(a, b)| a * b).sum());
        rows.extend(numbers(post, hashtag));
    }
    Ok(())
}

/// The columns of [`NUMBERS`].
fn numbers(post: &Reading<'_>, hashtag: HashtagId) -> [f32; NUMBERS.len()] {
    let (count, posts) = (post.space.count(hashtag) as f32, post.space.posts() as f32);
    [
        count.ln_1p(),
        count / posts.max(1.0),
        posts.ln_1p(),
        (post.space.len() as f32).ln_1p(),
        (post.tokens.len() as f32).ln_1p(),
    ]
}
