//! Which ranker serves the posts best.

use std::{ops::ControlFlow, sync::Arc};

use hashrec_data::{HashtagSpaceBuilder, Post, fold_of};
use hashrec_metrics::{Accumulator, Bootstrap, MetricsError};
use hashrec_ranker::Objective;
use hashrec_vectorize::TextEncoder;

use super::{report::RankerChoice, train};
use crate::{
    config::{Config, RankerSource},
    error::TrainError,
    evaluate::Evaluation,
    learn::fit::fit,
    notes::Notes,
    progress::{Detail, Stage},
    recommender::Recommender,
    reporter::Reporter,
};

/// From so many posts on, their own ranker is taken unasked. It was better on every corpus tried, and
/// a trial on a part of the posts would make too little of it.
const MANY: usize = 2_000;

/// Fewer posts than so many are too few to ask, and too few for a ranker of their own.
const FEW: usize = 100;

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
    encoder: Option<&Arc<dyn TextEncoder>>,
    notes: &Notes,
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
    let failed = || TrainError::step::<MetricsError>(Stage::Choice);
    let folds = FOLDS.min(ENOUGH.div_ceil(posts.len() / FOLDS as usize) as u32);
    let trials = Trials {
        config: &faster(config),
        encoder,
        notes,
        reporter,
        total: folds as usize * SOURCES.len(),
    };
    let mut results = SOURCES.map(|_| Accumulator::new(K));
    for fold in 0..folds {
        let is_held = |post: &Post| fold_of(&post.id, FOLDS, "ranker") == fold;
        let (held, rest): (Vec<Post>, Vec<Post>) = posts.iter().cloned().partition(is_held);
        for (number, (source, results)) in SOURCES.into_iter().zip(&mut results).enumerate() {
            match trials.run(fold as usize * SOURCES.len() + number, source, &held, &rest) {
                Ok(measured) => results.merge(measured).map_err(failed())?,
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
    let choice = best(&results).map_err(failed())?;
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
    encoder: Option<&'a Arc<dyn TextEncoder>>,
    notes: &'a Notes,
    reporter: Reporter<'a>,
    /// How many there are.
    total: usize,
}

impl Trials<'_> {
    /// The held-out posts as they are answered by what the rest teaches, with a ranker of that
    /// source.
    fn run(
        &self,
        number: usize,
        source: RankerSource,
        held: &[Post],
        rest: &[Post],
    ) -> Result<Accumulator, TrainError> {
        let report = |_: &_| self.reporter.report(Stage::Choice, number, self.total, Detail::None);
        let quiet = Reporter(&report);
        let config = &self.config.clone().with_ranker_source(source);
        let model = if source == RankerSource::BuiltIn {
            let space = HashtagSpaceBuilder::new(config.names).posts(rest).build();
            fit(config, None, self.encoder, (space, self.notes.clone()), rest, quiet)?
        } else {
            let pipeline = config.pipeline().with_encoder(self.encoder);
            train(config, &pipeline, (rest, self.notes), None, quiet)?
        };
        let recommender = Recommender::new(model)?;
        let mut evaluation = Evaluation::new(&recommender, K);
        evaluation.add(held).map_err(TrainError::step(Stage::Choice))?;
        match self.reporter.report(Stage::Choice, number + 1, self.total, Detail::None) {
            ControlFlow::Continue(()) => Ok(evaluation.into_metrics()),
            ControlFlow::Break(()) => Err(TrainError::Cancelled { stage: Stage::Choice }),
        }
    }
}

/// The built-in ranker, unless one that was trained on the posts is better by more than chance: the
/// 95 % interval of the difference is above 0. Of several the best.
fn best(results: &[Accumulator; SOURCES.len()]) -> Result<RankerChoice, MetricsError> {
    let reports = results.each_ref().map(Accumulator::report);
    let mut best = 0;
    for at in 1..SOURCES.len() {
        let compared = results[at].compare(&results[0], &Bootstrap::default())?;
        let wins = compared.is_some_and(|compared| compared.interval[0] > 0.0);
        if wins && reports[at].ndcg > reports[best].ndcg {
            best = at;
        }
    }
    let ndcg = SOURCES.into_iter().zip(reports.iter().map(|report| report.ndcg)).collect();
    Ok(RankerChoice { source: SOURCES[best], held_out: reports[0].posts, ndcg })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The gold hashtag of each post stands at this position.
    fn measured(positions: &[usize]) -> Accumulator {
        let mut metrics = Accumulator::new(K);
        for &position in positions {
            metrics.add("c", 0..K, [position]);
        }
        metrics
    }

    #[test]
    fn the_built_in_ranker_stays_unless_another_wins_by_more_than_chance() {
        let taken = |own: &[usize], further: &[usize]| {
            let built_in = measured(&vec![3; own.len()]);
            best(&[built_in, measured(own), measured(further)]).unwrap().source
        };
        assert_eq!(taken(&[0, 7, 3], &[3, 3, 4]), RankerSource::BuiltIn);
        assert_eq!(taken(&[2, 1, 2], &[3, 3, 2]), RankerSource::Posts);
        assert_eq!(taken(&[2, 1, 2], &[1, 1, 1]), RankerSource::Further);
        assert_eq!(taken(&[2, 0, 3], &[3, 3, 3]), RankerSource::BuiltIn);
        assert_eq!(taken(&[], &[]), RankerSource::BuiltIn);
    }
}
