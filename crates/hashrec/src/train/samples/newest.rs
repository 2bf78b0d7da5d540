//! Each community's newest posts as future posts: scored by generators that were fitted to the
//! older ones alone.
//!
//! A post to be served is newer than everything that is known. Leave-one-out scores are better
//! than that: they know what was written after the post, about the same things and with the same
//! hashtags.

use hashrec_data::Post;
use rayon::prelude::*;

use super::{
    synthetic::{Known, Synthetic},
    table::FeatureTable,
};
use crate::{error::TrainError, pipeline::stage::Buffers, prepared::CHUNK, progress::Stage};

/// A community with fewer posts has too few older ones to learn from.
const POSTS: usize = 10;

/// Adds the rows of the newest posts among the `sampled` ones, for communities whose posts have
/// times. With a net they get its out-of-fold logits: nets fitted to the older posts would cost as
/// much again.
pub(super) fn push_rows(
    known: Known<'_>,
    sampled: &[bool],
    logits: &[Option<Vec<f32>>],
    table: &mut FeatureTable,
) -> Result<(), TrainError> {
    let share = known.ranking.newest_share;
    if share == 0.0 {
        return Ok(());
    }
    let prepared = known.run.prepared;
    for ((id, _), posts) in prepared.space.communities().zip(prepared.by_community()) {
        let (older, mut newest) = split(prepared.posts, posts, share);
        newest.retain(|&post| sampled[post]);
        let community = match newest.is_empty() {
            true => None,
            false => Synthetic::new(known, id, &older, &known.ranking.candidates)?,
        };
        for chunk in newest.chunks(CHUNK) {
            let Some(community) = &community else { break };
            let rows: Vec<_> = chunk
                .par_iter()
                .map_init(Buffers::default, |buffers, &post| {
                    let analysis = prepared.labelled(post).analysis();
                    let logits = logits.get(post).and_then(Option::as_deref);
                    community.rows(post, &analysis, logits, buffers)
                })
                .collect();
            rows.into_iter().try_for_each(|rows| table.push(&rows?))?;
        }
        known.run.reporter.step(Stage::Rows, id.index() + 1, prepared.space.len())?;
    }
    Ok(())
}

/// The posts of a community that have a time, older and newest. Posts of the same second keep
/// their order. There are no newest if there are too few posts.
fn split(all: &[Post], mut posts: Vec<usize>, share: f64) -> (Vec<usize>, Vec<usize>) {
    posts.retain(|&post| all[post].created_at.is_some());
    if posts.len() < POSTS {
        return (posts, Vec::new());
    }
    posts.sort_by_key(|&post| all[post].created_at);
    let newest = (posts.len() as f64 * share) as usize;
    let newest = posts.split_off(posts.len() - newest);
    (posts, newest)
}
