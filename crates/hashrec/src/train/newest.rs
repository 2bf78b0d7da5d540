//! Rows of each community's newest posts as posts to come: scored by generators fitted on the older
//! ones alone.
//!
//! A post to be served is newer than all that is known. Leave-one-out scores are better than that:
//! they know what was written after the post, about the same things and with the same hashtags.

use hashrec_features::{HitRates, Rarity};
use hashrec_ranker::RankingRows;
use rayon::prelude::*;

use super::{
    Reporter,
    run::Run,
    simulated::{Buffers, Known, Simulated},
};
use crate::{Stage, TrainError, fit::CHUNK};

/// A community with fewer posts has too few older ones to learn from.
const POSTS: usize = 10;

/// Adds the rows of the `teaching` ones among the newest posts of all communities whose posts have
/// times, with the out-of-fold logits of the net if there is one: a net of each community's older
/// posts would cost as much again.
pub(super) fn push_rows(
    run: &Run<'_>,
    teaching: &[bool],
    classifier: Option<&[Vec<f32>]>,
    rarity: &Rarity,
    rates: &[HitRates],
    table: &mut RankingRows,
    reporter: &mut Reporter<'_>,
) -> Result<(), TrainError> {
    if run.config.newest_share == 0.0 {
        return Ok(());
    }
    let communities = run.space.len();
    for ((id, space), posts) in run.space.communities().zip(run.by_community()) {
        let (older, mut newest) = cut(run, posts);
        newest.retain(|&post| teaching[post]);
        let known = Known { rarity, rates: rates[id.index()] };
        if !newest.is_empty()
            && let Some(community) = Simulated::new(run, space, &older, known, run.threads)?
        {
            for chunk in newest.chunks(CHUNK) {
                let rows: Vec<_> = chunk
                    .par_iter()
                    .map_init(Buffers::default, |buffers, &post| {
                        let logits = classifier.and_then(|all| all.get(post)).map(Vec::as_slice);
                        community.rows(post, &run.labelled(post).analysis(), logits, buffers)
                    })
                    .collect();
                rows.into_iter().try_for_each(|rows| rows?.push_to(table))?;
            }
        }
        reporter.step(Stage::Rows, id.index() + 1, communities)?;
    }
    Ok(())
}

/// The posts of a community that have a time, older and newest; posts of one second keep their
/// order. Without enough of them there are no newest.
fn cut(run: &Run<'_>, mut posts: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
    posts.retain(|&post| run.posts[post].created_at.is_some());
    if posts.len() < POSTS {
        return (posts, Vec::new());
    }
    posts.sort_by_key(|&post| run.posts[post].created_at);
    let newest = (posts.len() as f64 * run.config.newest_share) as usize;
    let newest = posts.split_off(posts.len() - newest);
    (posts, newest)
}
