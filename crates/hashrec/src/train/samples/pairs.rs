//! The paper's samples: each post's own hashtags, and some others for contrast.

use hashrec_data::HashtagId;
use hashrec_ranker::RankingRows;
use rayon::prelude::*;

use crate::{
    error::{RecommendError, TrainError},
    pipeline::{
        fitting::Run,
        ranking::{PostRows, VectorRanking, column_names, push_rows},
        vectors::Vectors,
    },
    prepared::CHUNK,
    progress::Stage,
};

/// The rows of all posts.
pub(in crate::train) fn rows(
    ranking: &VectorRanking,
    run: &Run<'_>,
) -> Result<RankingRows, TrainError> {
    let vectors = run.vectors()?;
    let names = column_names(ranking.kind, vectors.dim());
    let mut table = RankingRows::new(names, &ranking.paper_ranker);
    let total = run.prepared.posts.len();
    let posts: Vec<usize> = (0..total).collect();
    let mut done = 0;
    for chunk in posts.chunks(CHUNK) {
        let computed: Vec<Result<PostRows, RecommendError>> =
            chunk.par_iter().map(|&post| post_rows(ranking, run, vectors, post)).collect();
        for post in computed {
            let post = post.map_err(TrainError::step(Stage::Rows))?;
            let rows = post.matrix(table.feature_names().len());
            let rows = rows.map_err(TrainError::step(Stage::Rows))?;
            table.push_post(rows, &post.gold).map_err(TrainError::step(Stage::Rows))?;
        }
        done += chunk.len();
        run.reporter.step(Stage::Rows, done, total)?;
    }
    Ok(table)
}

fn post_rows(
    ranking: &VectorRanking,
    run: &Run<'_>,
    vectors: &Vectors,
    post: usize,
) -> Result<PostRows, RecommendError> {
    let gold = &run.prepared.gold[post];
    let Some(reading) = run.reading(post) else {
        return Ok(PostRows::new(&[], gold, Vec::new()));
    };
    let mut is_gold = vec![false; reading.space.len()];
    gold.iter().for_each(|tag| is_gold[tag.index()] = true);
    let picked = ranking.paper_ranker.rows_to_learn_from(post as u32, &is_gold);
    let picked: Vec<HashtagId> = picked.into_iter().map(|tag| HashtagId(tag as u32)).collect();
    let mut rows = Vec::new();
    push_rows(ranking.kind, vectors, &reading, &picked, &mut rows)?;
    Ok(PostRows::new(&picked, gold, rows))
}
