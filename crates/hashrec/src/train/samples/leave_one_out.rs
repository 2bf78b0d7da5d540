//! Every post with the scores of generators that were fitted to all posts except it.

use std::collections::BTreeMap;

use hashrec_candidates::{IndexScores, Loo, MeaningLoo, MeaningScores, Scratch};
use hashrec_data::{CommunityId, HashtagId};
use hashrec_features::{FeatureError, FittedCommunity, simulate_chosen, simulate_hidden};
use rand::{SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use super::{newest, small, synthetic::Known, table::FeatureTable};
use crate::{
    error::TrainError,
    pipeline::{
        fitting::{Run, UnseenScores},
        ranking::{FeatureRanking, PostRows, generator_scores},
    },
    prepared::{CHUNK, Prepared},
    progress::Stage,
    train::features::Fits,
};

/// The stream of random numbers that draws the posts the ranker learns from.
const SAMPLE: u64 = 0x7465_6163;

/// Communities with fewer posts show no hashtag as if no post carried it.
const MANY: usize = 100;

/// Collects the rows of a ranker of features while the generators are fitted.
pub(in crate::train) struct FeatureRows<'a> {
    ranking: &'a FeatureRanking,
    run: &'a Run<'a>,
    fits: Fits,
    /// The posts that the ranker learns from.
    sampled: Vec<bool>,
    /// For each post, the logits of a net that was not trained on it; empty without a net.
    logits: Vec<Option<Vec<f32>>>,
    /// The scores by meaning of each community's posts, until they are used.
    meaning: BTreeMap<CommunityId, MeaningLoo>,
    table: FeatureTable,
}

impl<'a> FeatureRows<'a> {
    /// Adds to the rows of a table.
    pub(in crate::train) fn new(
        ranking: &'a FeatureRanking,
        run: &'a Run<'a>,
        table: FeatureTable,
    ) -> Result<Self, TrainError> {
        let (fits, sampled) = (Fits::new(run)?, sampled(run.prepared, ranking));
        let (logits, meaning) = (Vec::new(), BTreeMap::new());
        Ok(Self { ranking, run, fits, sampled, logits, meaning, table })
    }

    /// Adds the rows of newest posts and of synthetic communities. Returns the features' part and
    /// all rows.
    pub(in crate::train) fn finish(mut self) -> Result<(Vec<u8>, FeatureTable), TrainError> {
        let (rarity, rates) = (&self.fits.rarity, &self.fits.rates_of_others());
        let known = Known { ranking: self.ranking, run: self.run, rarity, rates };
        newest::push_rows(known, &self.sampled, &self.logits, &mut self.table)?;
        small::push_rows(known, &mut self.table)?;
        Ok((self.fits.into_part()?, self.table))
    }

    /// The rows of one post, which is the community's `number`th: as it is, with some of its hashtags
    /// already chosen, and with some as if no post carried them.
    fn rows_of(
        &self,
        (fit, scores, meaning): (&FittedCommunity, &Loo<'_>, Option<&MeaningLoo>),
        (number, post): (usize, usize),
        scratch: &mut Scratch,
    ) -> Result<Vec<PostRows>, FeatureError> {
        let prepared = self.run.prepared;
        let (id, gold) = (&prepared.posts[post].id, &prepared.gold[post]);
        let chosen = simulate_chosen(id, gold, self.ranking.chosen_share, self.ranking.seed);
        let mut index = scores.scores(number, &chosen, scratch);
        // Only the rows with chosen hashtags know what occurs together with them.
        let cooccurrence = index.cooccurrence.take();
        let logits = self.logits.get(post).and_then(Option::as_deref);
        let meaning = meaning.and_then(|meaning| meaning.scores(number));
        let analysis = prepared.labelled(post).analysis();
        let rows = |index: &IndexScores, chosen: &[HashtagId]| {
            let without = self.ranking.features.without;
            let given = generator_scores(without, Some(index), logits, meaning.as_ref());
            let evidence = fit.evidence(number, &analysis, &given, chosen)?;
            Ok::<_, FeatureError>(PostRows::of(&evidence, gold, &self.ranking.shortlist))
        };
        let mut all = vec![rows(&index, &[])?];
        if !chosen.is_empty() {
            index.cooccurrence = cooccurrence;
            all.push(rows(&index, &chosen)?);
        }
        let (hashtags, seed) = (fit.features().hashtags(), self.ranking.seed);
        // What hashtags without posts are like in small communities, the synthetic ones teach.
        let share = if fit.posts() < MANY { 0.0 } else { self.ranking.hidden_share };
        let hidden = simulate_hidden(id, hashtags, gold, share, seed);
        if !hidden.is_empty() {
            index.cooccurrence = None;
            forget_index(&mut index, &hidden);
            let mut meaning = meaning.clone();
            meaning.iter_mut().for_each(|meaning| forget_meaning(meaning, &hidden));
            let without = self.ranking.features.without;
            let logits = logits.map(|logits| unlikely(logits, &hidden));
            let logits = logits.as_deref();
            let given = generator_scores(without, Some(&index), logits, meaning.as_ref());
            let evidence = fit.evidence_hiding(number, &analysis, &given, &[], &hidden)?;
            all.push(PostRows::of(&evidence, gold, &self.ranking.shortlist));
        }
        Ok(all)
    }

    /// The sampled ones of a community's posts, each with its number among them.
    fn numbered(&self, posts: &[usize]) -> Vec<(usize, usize)> {
        let numbered = posts.iter().copied().enumerate();
        numbered.filter(|&(_, post)| self.sampled[post]).collect()
    }
}

impl UnseenScores for FeatureRows<'_> {
    fn wanted(&self, posts: &[usize]) -> Vec<u32> {
        self.numbered(posts).into_iter().map(|(number, _)| number as u32).collect()
    }

    fn leave_one_out(
        &mut self,
        community: CommunityId,
        posts: &[usize],
        scores: &Loo<'_>,
    ) -> Result<(), TrainError> {
        let meaning = self.meaning.remove(&community);
        for chunk in self.numbered(posts).chunks(CHUNK) {
            let fit = &self.fits.communities[community.index()];
            let computed: Vec<Result<Vec<PostRows>, FeatureError>> = chunk
                .par_iter()
                .map_init(Scratch::default, |scratch, &post| {
                    self.rows_of((fit, scores, meaning.as_ref()), post, scratch)
                })
                .collect();
            for post in computed {
                for rows in post.map_err(TrainError::step(Stage::Rows))? {
                    self.table.push(&rows)?;
                }
            }
        }
        Ok(())
    }

    fn meaning(&mut self, community: CommunityId, scores: MeaningLoo) {
        self.meaning.insert(community, scores);
    }

    fn logits(&mut self, posts: Vec<(usize, Vec<f32>)>) {
        self.logits.resize(self.run.prepared.posts.len(), None);
        posts.into_iter().for_each(|(post, logits)| self.logits[post] = Some(logits));
    }
}

/// Makes scores those of hashtags without posts.
fn forget_index(scores: &mut IndexScores, hidden: &[HashtagId]) {
    let IndexScores { linear, recent, nearest, nearest_best, centroid, .. } = scores;
    for scores in [linear, nearest, nearest_best, centroid].into_iter().chain(recent) {
        forget(scores, hidden);
    }
}

/// Makes scores those of hashtags without posts: only their names mean something.
fn forget_meaning(scores: &mut MeaningScores, hidden: &[HashtagId]) {
    let MeaningScores { linear, nearest, nearest_best, centroid, .. } = scores;
    for scores in [linear, nearest, nearest_best, centroid] {
        forget(scores, hidden);
    }
}

/// The logits of a net that has seen no post with the hidden hashtags: nothing is less likely.
fn unlikely(logits: &[f32], hidden: &[HashtagId]) -> Vec<f32> {
    let least = logits.iter().copied().fold(f32::INFINITY, f32::min);
    let mut logits = logits.to_vec();
    for tag in hidden {
        logits.get_mut(tag.index()).into_iter().for_each(|logit| *logit = least);
    }
    logits
}

fn forget(scores: &mut [f32], hidden: &[HashtagId]) {
    for tag in hidden {
        scores.get_mut(tag.index()).into_iter().for_each(|score| *score = 0.0);
    }
}

/// The posts that the ranker learns from: all that carry hashtags, or a random sample of them. The
/// ranker knows no community, so the sample need not have posts of each.
fn sampled(prepared: &Prepared<'_>, ranking: &FeatureRanking) -> Vec<bool> {
    let mut sampled: Vec<bool> = prepared.gold.iter().map(|gold| !gold.is_empty()).collect();
    let mut drawn: Vec<usize> = (0..sampled.len()).filter(|&post| sampled[post]).collect();
    if drawn.len() > ranking.ranker_posts {
        drawn.shuffle(&mut Pcg64Mcg::seed_from_u64(ranking.seed ^ SAMPLE));
        drawn.drain(..ranking.ranker_posts);
        drawn.into_iter().for_each(|post| sampled[post] = false);
    }
    sampled
}
