//! The paper's samples: each post's own hashtags, and some others for contrast.

use hashrec_data::HashtagId;
use hashrec_ranker::RankingRows;
use rayon::prelude::*;

use super::rows::PostRows;
use crate::{
    error::{RecommendError, TrainError},
    pipeline::{
        fitting::FitData,
        ranking::{column_names, push_rows},
        reading::Reading,
        samples::VectorSamples,
        vectors::Vectors,
    },
    prepared::CHUNK,
    progress::Stage,
    reporter::Reporter,
};

/// The rows of all posts.
pub(in crate::train) fn rows(
    samples: &VectorSamples,
    data: FitData<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<RankingRows, TrainError> {
    let vectors = data.vectors()?;
    let names = column_names(samples.kind, vectors.dim());
    let mut table = RankingRows::new(names, &samples.ranker);
    let total = data.prepared.posts.len();
    let posts: Vec<usize> = (0..total).collect();
    let mut done = 0;
    for chunk in posts.chunks(CHUNK) {
        let computed: Vec<Result<PostRows, RecommendError>> =
            chunk.par_iter().map(|&post| post_rows(samples, data, vectors, post)).collect();
        for post in computed {
            post.map_err(TrainError::step(Stage::Rows))?.push_to(&mut table)?;
        }
        done += chunk.len();
        reporter.step(Stage::Rows, done, total)?;
    }
    Ok(table)
}

fn post_rows(
    samples: &VectorSamples,
    data: FitData<'_>,
    vectors: &Vectors,
    post: usize,
) -> Result<PostRows, RecommendError> {
    let (community, gold) = (data.prepared.communities[post], &data.prepared.gold[post]);
    let Some(space) = data.space().community(community) else {
        return Ok(PostRows::new(&[], gold, Vec::new()));
    };
    let (text, tokens) = (&data.prepared.posts[post].text, &data.prepared.tokens[post]);
    let reading = Reading::new((community, space), text, tokens, None);
    let all = (0..space.len() as u32).map(HashtagId);
    let is_gold: Vec<bool> = all.map(|tag| gold.contains(&tag)).collect();
    let picked = samples.ranker.rows_to_learn_from(post as u32, &is_gold);
    let picked: Vec<HashtagId> = picked.into_iter().map(|tag| HashtagId(tag as u32)).collect();
    let mut rows = Vec::new();
    push_rows(samples.kind, vectors, &reading, &picked, &mut rows)?;
    Ok(PostRows::new(&picked, gold, rows))
}
