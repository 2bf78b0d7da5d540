//! Which ranker serves the posts best.

use std::ops::ControlFlow;

use hashrec_data::{HashtagSpaceBuilder, Post, fold_of};
use hashrec_metrics::ndcg;
use hashrec_ranker::Objective;

use super::{report::RankerChoice, train};
use crate::{
    config::{Config, RankerSource},
    error::TrainError,
    evaluate::request_of,
    learn::fit::fit,
    progress::{Detail, Stage},
    recommender::Recommender,
    reporter::Reporter,
    request::Request,
};

/// From so many posts on, their own ranker is taken unasked. It was better on every corpus tried, and
/// a trial on a part of the posts would make too little of it.
const MANY: usize = 2_000;

/// Fewer posts than so many are too few to ask, and too few for a ranker of their own.
const FEW: usize = 100;

/// By how many standard errors of the difference another ranker must be better than the built-in.
const SURE: f64 = 2.0;

/// The parts that the posts are divided into. Each is held out in turn, until enough posts were.
const FOLDS: u32 = 4;

/// So many held-out posts are enough.
const ENOUGH: usize = 500;

/// How many times as fast the rankers of trials learn, with as many times fewer trees.
const FASTER: u32 = 3;

/// The positions that count.
const K: usize = 10;

/// What can be taken; the first stays unless another is better by more than chance.
const SOURCES: [RankerSource; 3] =
    [RankerSource::BuiltIn, RankerSource::Posts, RankerSource::Further];

/// Chooses a ranker for posts, with a configuration that has shared its threads and seed. In each
/// trial everything is fitted to a part of the posts, and asked about the others.
pub(crate) fn choose(
    config: &Config,
    posts: &[Post],
    reporter: Reporter<'_>,
) -> Result<RankerChoice, TrainError> {
    // The built-in ranker orders the candidates of a post, and adds nothing to probabilities.
    if posts.len() >= MANY || config.ranker.objective != Objective::LambdaRank {
        return Ok(RankerChoice::forced(RankerSource::Posts));
    }
    if posts.len() < FEW {
        return Ok(RankerChoice::forced(RankerSource::BuiltIn));
    }
    let folds = FOLDS.min(ENOUGH.div_ceil(posts.len() / FOLDS as usize) as u32);
    let trials =
        Trials { config: &faster(config), reporter, total: folds as usize * SOURCES.len() };
    let mut results: [Vec<f64>; SOURCES.len()] = Default::default();
    for fold in 0..folds {
        let is_held = |post: &&Post| fold_of(&post.id, FOLDS, "ranker") == fold;
        let (held, rest): (Vec<&Post>, Vec<&Post>) = posts.iter().partition(is_held);
        let rest: Vec<Post> = rest.into_iter().cloned().collect();
        for (number, (source, results)) in SOURCES.into_iter().zip(&mut results).enumerate() {
            match trials.run(fold as usize * SOURCES.len() + number, source, &held, &rest) {
                Ok(ndcg) => results.extend(ndcg),
                Err(TrainError::Cancelled { .. }) => {
                    return Err(TrainError::Cancelled { stage: Stage::Choice });
                }
                // Where a trial fails, training says why.
                Err(error) => {
                    tracing::warn!(%error, %source, "a trial failed");
                    return Ok(RankerChoice::forced(RankerSource::Posts));
                }
            }
        }
    }
    let choice = best(&results);
    tracing::info!(%choice, "chose the ranker");
    Ok(choice)
}

fn faster(config: &Config) -> Config {
    let ranker = &config.ranker;
    let (trees, rate) = (ranker.trees.div_ceil(FASTER), ranker.learning_rate * f64::from(FASTER));
    let ranker = ranker.clone().with_trees(trees).with_learning_rate(rate.min(1.0));
    Config { ranker, ..config.clone() }
}

/// What all trials have in common.
struct Trials<'a> {
    config: &'a Config,
    reporter: Reporter<'a>,
    /// How many there are.
    total: usize,
}

impl Trials<'_> {
    /// NDCG@10 of each held-out post that can be measured, by what the rest teaches with a ranker
    /// of that source.
    fn run(
        &self,
        number: usize,
        source: RankerSource,
        held: &[&Post],
        rest: &[Post],
    ) -> Result<Vec<f64>, TrainError> {
        let report = |_: &_| self.reporter.report(Stage::Choice, number, self.total, Detail::None);
        let quiet = Reporter(&report);
        let config = &self.config.clone().with_ranker_source(source);
        let model = if source == RankerSource::BuiltIn {
            let space = HashtagSpaceBuilder::new(config.names).posts(rest).build();
            fit(config, None, space, rest, quiet)?
        } else {
            train(config, &config.pipeline(), rest, None, quiet)?
        };
        let recommender = Recommender::new(model)?;
        let requests: Vec<Request> = held.iter().map(|post| request_of(post, K)).collect();
        let mut measured = Vec::with_capacity(held.len());
        for (post, answer) in held.iter().zip(recommender.recommend_batch(&requests)) {
            let Some(space) = recommender.space(&post.community) else { continue };
            let answer = answer.map_err(TrainError::step(Stage::Choice))?;
            let gold = post.hashtags.iter().filter_map(|tag| space.hashtag(space.id(tag)?));
            let gold: Vec<&str> = gold.collect();
            let answer: Vec<&str> = answer.iter().map(|hit| hit.hashtag.as_str()).collect();
            measured.extend(ndcg(&answer, &gold, K));
        }
        match self.reporter.report(Stage::Choice, number + 1, self.total, Detail::None) {
            ControlFlow::Continue(()) => Ok(measured),
            ControlFlow::Break(()) => Err(TrainError::Cancelled { stage: Stage::Choice }),
        }
    }
}

/// The built-in ranker, unless one that was trained on the posts is better by more than chance; of
/// several the best.
fn best(results: &[Vec<f64>; SOURCES.len()]) -> RankerChoice {
    let ndcg: Vec<(RankerSource, f64)> =
        SOURCES.into_iter().zip(results.iter().map(|results| mean(results))).collect();
    let built_in = &results[0];
    let wins = |at: &usize| {
        let differences: Vec<f64> =
            results[*at].iter().zip(built_in).map(|(own, other)| own - other).collect();
        mean(&differences) > SURE * standard_error(&differences)
    };
    let chosen = (1..SOURCES.len()).filter(wins).max_by(|&a, &b| ndcg[a].1.total_cmp(&ndcg[b].1));
    RankerChoice { source: SOURCES[chosen.unwrap_or(0)], held_out: built_in.len(), ndcg }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The standard error of a mean.
fn standard_error(values: &[f64]) -> f64 {
    let (middle, count) = (mean(values), values.len().max(1) as f64);
    let spread: f64 = values.iter().map(|value| (value - middle).powi(2)).sum();
    (spread / (count - 1.0).max(1.0) / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_ranker_stays_unless_another_wins_by_more_than_chance() {
        let taken = |own: &[f64], further: &[f64]| {
            let built_in = vec![0.5; own.len()];
            best(&[built_in, own.to_vec(), further.to_vec()]).source
        };
        assert_eq!(taken(&[0.9, 0.2, 0.5], &[0.5, 0.5, 0.4]), RankerSource::BuiltIn);
        assert_eq!(taken(&[0.6, 0.7, 0.6], &[0.5, 0.6, 0.6]), RankerSource::Posts);
        assert_eq!(taken(&[0.6, 0.7, 0.6], &[0.7, 0.7, 0.6]), RankerSource::Further);
        assert_eq!(taken(&[0.6, 0.9, 0.5], &[0.5, 0.5, 0.5]), RankerSource::BuiltIn);
        assert_eq!(taken(&[], &[]), RankerSource::BuiltIn);
    }
}
