//! Posts of synthetic communities: posts as they would be served if their community had only a few
//! others, or none.

use hashrec_data::CommunityId;
use hashrec_features::{Analysis, Rarity, RarityBuilder};
use rand::{SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use super::{
    synthetic::{Known, Synthetic},
    table::FeatureTable,
};
use crate::{
    error::TrainError,
    pipeline::{
        ranking::{FeatureRanking, PostRows},
        stage::Buffers,
    },
    progress::Stage,
};

/// A synthetic community is only drawn if at least so many posts are left to be new.
const LEFT: usize = 5;

/// Streams of random numbers: which communities, and the draws from one community.
const CHOICE: u64 = 0x736d_616c;
const DRAW: u64 = 0x6472_6177;

/// Communities that are worked on together: their rows are held in memory.
const TOGETHER: usize = 16;

/// Adds the rows of all synthetic communities.
pub(super) fn push_rows(known: Known<'_>, table: &mut FeatureTable) -> Result<(), TrainError> {
    let by_community = known.run.prepared.by_community();
    let chosen = chosen(known.ranking, &by_community);
    for (done, together) in chosen.chunks(TOGETHER).enumerate() {
        let others: Vec<Rarity> =
            together.par_iter().map(|&id| rarity_of_others(known, &by_community[id])).collect();
        let repetitions = known.ranking.small_communities.repetitions;
        let jobs: Vec<(usize, usize, &Rarity)> = (together.iter().zip(&others))
            .flat_map(|(&id, rarity)| (0..repetitions).map(move |rep| (id, rep, rarity)))
            .collect();
        let rows: Vec<Result<Vec<PostRows>, TrainError>> = jobs
            .into_par_iter()
            .map(|(id, repetition, rarity)| {
                rows_of_draw(Known { rarity, ..known }, id, repetition, &by_community[id])
            })
            .collect();
        for rows in rows {
            rows?.iter().try_for_each(|rows| table.push(rows))?;
        }
        let done = (done + 1) * TOGETHER;
        known.run.reporter.step(Stage::Rows, done.min(chosen.len()), chosen.len())?;
    }
    Ok(())
}

/// The communities that are drawn from.
fn chosen(ranking: &FeatureRanking, by_community: &[Vec<usize>]) -> Vec<usize> {
    let mut chosen: Vec<usize> =
        (0..by_community.len()).filter(|&id| by_community[id].len() >= LEFT).collect();
    chosen.shuffle(&mut Pcg64Mcg::seed_from_u64(ranking.seed ^ CHOICE));
    chosen.truncate(ranking.small_communities.communities);
    chosen.sort_unstable();
    chosen
}

/// How rare words are in the posts of all other communities.
fn rarity_of_others(known: Known<'_>, own: &[usize]) -> Rarity {
    let mut builder = RarityBuilder::default();
    own.iter().for_each(|&post| builder.add(&known.run.prepared.labelled(post).view()));
    known.rarity.without(&builder)
}

/// Puts the posts of a community in a random order: the first of them are all that a synthetic
/// community has, the last of them are new. Gives the rows of the new posts at every size.
fn rows_of_draw(
    known: Known<'_>,
    id: usize,
    repetition: usize,
    posts: &[usize],
) -> Result<Vec<PostRows>, TrainError> {
    let mut posts = posts.to_vec();
    let seed = known.ranking.seed ^ DRAW ^ ((id as u64) << 32) ^ repetition as u64;
    posts.shuffle(&mut Pcg64Mcg::seed_from_u64(seed));
    let params = &known.ranking.small_communities;
    let most = posts.len().saturating_sub(LEFT);
    let first_new = posts.len().saturating_sub(params.posts);
    let sizes = || params.sizes.iter().copied().filter(|&size| size <= most);
    let Some(smallest) = sizes().min() else { return Ok(Vec::new()) };
    let from = first_new.max(smallest);
    let read = |&post: &usize| (post, known.run.prepared.labelled(post).analysis());
    let new: Vec<(usize, Analysis)> = posts[from..].iter().map(read).collect();
    // One thread: every draw has a thread already.
    let params = known.ranking.candidates.clone().with_threads(1);
    let mut buffers = Buffers::default();
    let mut rows = Vec::new();
    for size in sizes() {
        let community = Synthetic::new(known, CommunityId(id as u32), &posts[..size], &params)?;
        let Some(community) = community else { continue };
        for (post, analysis) in &new[first_new.max(size) - from..] {
            // A net knows a community with all its posts, or not at all.
            rows.push(community.rows(*post, analysis, None, &mut buffers)?);
        }
    }
    Ok(rows)
}
