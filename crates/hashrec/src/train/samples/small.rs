//! Posts of synthetic communities: posts as they would be served if their community had only a few
//! others, or none.

use hashrec_candidates::CandidateParams;
use hashrec_data::{CommunityId, CommunitySpace};
use hashrec_features::{Analysis, HitRates, Rarity, RarityBuilder};
use hashrec_ranker::RankingRows;
use rand::{SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use super::{
    rows::PostRows,
    synthetic::{Buffers, Known, Synthetic},
};
use crate::{
    error::TrainError,
    pipeline::{fitting::FitData, samples::FeatureSamples},
    progress::Stage,
    reporter::Reporter,
};

/// A synthetic community is only drawn if at least so many posts are left to be new.
const LEFT: usize = 5;

/// Streams of random numbers: which communities, and the draws from one community.
const CHOICE: u64 = 0x736d_616c;
const DRAW: u64 = 0x6472_6177;

/// Communities that are worked on together: their rows are held in memory.
const TOGETHER: usize = 16;

/// What the rows of synthetic communities are computed from.
#[derive(Clone, Copy)]
pub(super) struct Small<'a> {
    pub(super) samples: &'a FeatureSamples,
    pub(super) data: FitData<'a>,
    /// The rarity of words, and for each community the hit rates of all others.
    pub(super) known: (&'a Rarity, &'a [HitRates]),
}

impl<'a> Small<'a> {
    /// Adds the rows of all synthetic communities.
    pub(super) fn push_rows(
        &self,
        table: &mut RankingRows,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), TrainError> {
        let by_community = self.data.prepared.by_community();
        let chosen = self.chosen(&by_community);
        for (done, together) in chosen.chunks(TOGETHER).enumerate() {
            let others: Vec<Rarity> =
                together.par_iter().map(|&id| self.rarity_of_others(&by_community[id])).collect();
            let repetitions = self.samples.small_communities.repetitions;
            let jobs: Vec<(usize, usize, &Rarity)> = (together.iter().zip(&others))
                .flat_map(|(&id, rarity)| (0..repetitions).map(move |rep| (id, rep, rarity)))
                .collect();
            let rows: Vec<Result<Vec<PostRows>, TrainError>> = jobs
                .into_par_iter()
                .map(|(id, repetition, rarity)| {
                    let Some(draw) = self.draw(id, repetition, &by_community[id], rarity) else {
                        return Ok(Vec::new());
                    };
                    draw.rows()
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

    /// The communities that are drawn from.
    fn chosen(&self, by_community: &[Vec<usize>]) -> Vec<usize> {
        let mut chosen: Vec<usize> =
            (0..by_community.len()).filter(|&id| by_community[id].len() >= LEFT).collect();
        chosen.shuffle(&mut Pcg64Mcg::seed_from_u64(self.samples.seed ^ CHOICE));
        chosen.truncate(self.samples.small_communities.communities);
        chosen.sort_unstable();
        chosen
    }

    /// How rare words are in the posts of all other communities.
    fn rarity_of_others(&self, own: &[usize]) -> Rarity {
        let mut builder = RarityBuilder::default();
        own.iter().for_each(|&post| builder.add(&self.data.prepared.labelled(post).analysis()));
        self.known.0.without(&builder)
    }

    /// The posts of a community in a random order.
    fn draw(
        &self,
        id: usize,
        repetition: usize,
        posts: &[usize],
        rarity: &'a Rarity,
    ) -> Option<Draw<'a>> {
        let space = self.data.space().community(CommunityId(id as u32))?;
        let mut posts = posts.to_vec();
        let seed = self.samples.seed ^ DRAW ^ ((id as u64) << 32) ^ repetition as u64;
        posts.shuffle(&mut Pcg64Mcg::seed_from_u64(seed));
        let known = Known { rarity, rates: self.known.1[id] };
        // One thread: every draw has a thread already.
        let params = self.samples.candidates.clone().with_threads(1);
        Some(Draw { samples: self.samples, data: self.data, space, posts, known, params })
    }
}

/// The posts of a community in a random order: the first of them are all that a synthetic
/// community has, the last of them are new.
struct Draw<'a> {
    samples: &'a FeatureSamples,
    data: FitData<'a>,
    space: &'a CommunitySpace,
    posts: Vec<usize>,
    known: Known<'a>,
    params: CandidateParams,
}

impl Draw<'_> {
    /// The rows of the new posts at every size.
    fn rows(&self) -> Result<Vec<PostRows>, TrainError> {
        let params = &self.samples.small_communities;
        let most = self.posts.len().saturating_sub(LEFT);
        let first_new = self.posts.len().saturating_sub(params.posts);
        let read = |&post: &usize| (post, self.data.prepared.labelled(post).analysis());
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

    /// The rows of new posts if the community has `size` posts.
    fn push_rows(
        &self,
        size: usize,
        new: &[(usize, Analysis)],
        rows: &mut Vec<PostRows>,
    ) -> Result<(), TrainError> {
        let (posts, params) = (&self.posts[..size], &self.params);
        let community =
            Synthetic::new(self.samples, self.data, self.space, posts, self.known, params)?;
        let Some(community) = community else { return Ok(()) };
        let mut buffers = Buffers::default();
        for (post, analysis) in new {
            // A net knows a community with all its posts, or not at all.
            rows.push(community.rows(*post, analysis, None, &mut buffers)?);
        }
        Ok(())
    }
}
