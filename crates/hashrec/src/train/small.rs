//! Rows of simulated small communities: posts of a community as they would be served if it had
//! only a few others, or none.

use hashrec_data::{CommunityId, CommunitySpace};
use hashrec_features::{Analysis, HitRates, Rarity, RarityBuilder};
use hashrec_ranker::RankingRows;
use rand::{SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use super::{
    Reporter,
    rows::PostRows,
    run::Run,
    simulated::{Buffers, Known, Simulated},
};
use crate::{Stage, TrainError};

/// A community gives a simulated one only if at least so many posts are left to be new.
const LEFT: usize = 5;

/// Streams of random numbers: which communities, and the draws of one community.
const CHOICE: u64 = 0x736d_616c;
const DRAW: u64 = 0x6472_6177;

/// Communities that are worked on together: what they give is held in memory.
const TOGETHER: usize = 16;

/// Adds the rows of all simulated communities.
pub(super) fn push_rows(
    run: &Run<'_>,
    rarity: &Rarity,
    rates: &[HitRates],
    table: &mut RankingRows,
    reporter: &mut Reporter<'_>,
) -> Result<(), TrainError> {
    let params = &run.config.small_communities;
    let by_community = run.by_community();
    let mut chosen: Vec<usize> =
        (0..by_community.len()).filter(|&id| by_community[id].len() >= LEFT).collect();
    chosen.shuffle(&mut Pcg64Mcg::seed_from_u64(run.config.seed ^ CHOICE));
    chosen.truncate(params.communities);
    chosen.sort_unstable();
    for (done, together) in chosen.chunks(TOGETHER).enumerate() {
        let others: Vec<Rarity> = together
            .par_iter()
            .map(|&id| rarity_of_others(run, rarity, &by_community[id]))
            .collect();
        let jobs: Vec<(usize, usize, &Rarity)> = (together.iter().zip(&others))
            .flat_map(|(&id, rarity)| (0..params.repetitions).map(move |rep| (id, rep, rarity)))
            .collect();
        let rows: Vec<Result<Vec<PostRows>, TrainError>> = jobs
            .into_par_iter()
            .map(|(id, repetition, rarity)| {
                let community = CommunityId(id as u32);
                let Some(space) = run.space.community(community) else { return Ok(Vec::new()) };
                let mut posts = by_community[id].clone();
                let seed = run.config.seed ^ DRAW ^ ((id as u64) << 32) ^ repetition as u64;
                posts.shuffle(&mut Pcg64Mcg::seed_from_u64(seed));
                let known = Known { rarity, rates: rates[id] };
                Draw { run, space, posts, known }.rows()
            })
            .collect();
        for rows in rows {
            rows?.iter().try_for_each(|rows| rows.push_to(table))?;
        }
        let done = (done + 1) * TOGETHER;
        reporter.step(Stage::Rows, done.min(chosen.len()), chosen.len())?;
    }
    Ok(())
}

/// How rare words are in the posts of all other communities.
fn rarity_of_others(run: &Run<'_>, all: &Rarity, own: &[usize]) -> Rarity {
    let mut builder = RarityBuilder::default();
    own.iter().for_each(|&post| builder.add(&run.labelled(post).analysis()));
    all.without(&builder)
}

/// The posts of a community in an order drawn at random: the first of them are all that a
/// simulated community has, the last of them are new.
struct Draw<'a> {
    run: &'a Run<'a>,
    space: &'a CommunitySpace,
    posts: Vec<usize>,
    /// What is known of the other communities.
    known: Known<'a>,
}

impl Draw<'_> {
    /// The rows of the new posts at every size.
    fn rows(&self) -> Result<Vec<PostRows>, TrainError> {
        let params = &self.run.config.small_communities;
        let most = self.posts.len().saturating_sub(LEFT);
        let first_new = self.posts.len().saturating_sub(params.posts);
        let read = |&post: &usize| (post, self.run.labelled(post).analysis());
        let sizes = || params.sizes.iter().copied().filter(|&size| size <= most);
        let Some(smallest) = sizes().min() else { return Ok(Vec::new()) };
        let from = first_new.max(smallest);
        let new: Vec<(usize, Analysis)> = self.posts[from..].iter().map(read).collect();
        let mut rows = Vec::new();
        for size in sizes() {
            let new = &new[first_new.max(size) - from..];
            self.push_rows(size, new, &mut rows)?;
        }
        Ok(rows)
    }

    /// The rows of new posts where the community has `size` posts.
    fn push_rows(
        &self,
        size: usize,
        new: &[(usize, Analysis)],
        rows: &mut Vec<PostRows>,
    ) -> Result<(), TrainError> {
        // One thread: there is a job for each of them already.
        let posts = &self.posts[..size];
        let Some(community) = Simulated::new(self.run, self.space, posts, self.known, 1)? else {
            return Ok(());
        };
        let mut buffers = Buffers::default();
        for (post, analysis) in new {
            // A net knows a community with all its posts, or not at all.
            rows.push(community.rows(*post, analysis, None, &mut buffers)?);
        }
        Ok(())
    }
}
