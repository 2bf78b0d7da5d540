//! Which ranker serves the posts best.

use hashrec_ranker::{Comparison, Objective, Ranker, RankingRows};

use super::{ranker, report::RankerChoice};
use crate::{
    config::RankerSource,
    error::TrainError,
    pipeline::ranking::FeatureRanking,
    progress::{Detail, Stage},
    reporter::Reporter,
};

/// From so many posts on, their own ranker is taken unasked. It was better on every corpus tried, and
/// a trial on a part of the posts would make too little of it.
const MANY: usize = 2_000;

/// The trainings that a comparison has at most: of two rankers, with each of four parts held out.
const TRIALS: usize = 8;

/// The ranker that is taken for so many posts, unless it is the built-in one; and why.
pub(super) fn rank(
    ranking: &FeatureRanking,
    rows: RankingRows,
    posts: usize,
    reporter: Reporter<'_>,
) -> Result<(Option<Ranker>, RankerChoice), TrainError> {
    let failed = || TrainError::step(Stage::Ranker);
    let built_in = || Ranker::built_in().map_err(failed());
    // The built-in ranker orders the candidates of a post, and adds nothing to probabilities.
    let comparable = ranking.ranker.objective == Objective::LambdaRank
        && (1..MANY).contains(&posts)
        && rows.posts() > 0;
    let choice = match ranking.source() {
        RankerSource::Best if comparable => {
            choose(&compare(ranking, &rows, &built_in()?, reporter)?)
        }
        RankerSource::Best => RankerChoice::forced(RankerSource::Posts),
        forced => RankerChoice::forced(forced),
    };
    tracing::info!(%choice, "chose the ranker");
    let ranker = match choice.source {
        RankerSource::BuiltIn => None,
        RankerSource::Further => {
            Some(ranker::train(Some(&built_in()?), rows, &ranking.ranker, reporter)?)
        }
        _ => Some(ranker::train(None, rows, &ranking.ranker, reporter)?),
    };
    Ok((ranker, choice))
}

fn compare(
    ranking: &FeatureRanking,
    rows: &RankingRows,
    built_in: &Ranker,
    reporter: Reporter<'_>,
) -> Result<Comparison, TrainError> {
    // Trials have fewer trees, but no more than the ranker.
    let total = ranking.ranker.trees as usize * TRIALS;
    let mut done = 0;
    rows.compare(built_in, &ranking.ranker, |_| {
        done += 1;
        reporter.report(Stage::Choice, done, total.max(done), Detail::None)
    })
    .map_err(ranker::error(Stage::Choice))
}

/// The built-in ranker, unless one that was trained on the posts is better by more than the standard
/// error of the difference.
fn choose(compared: &Comparison) -> RankerChoice {
    let Comparison { given, own, further, .. } = *compared;
    let ndcg = vec![
        (RankerSource::BuiltIn, given),
        (RankerSource::Posts, own),
        (RankerSource::Further, further),
    ];
    let source = if own > given + compared.own_error && own >= further {
        RankerSource::Posts
    } else if further > given + compared.further_error {
        RankerSource::Further
    } else {
        RankerSource::BuiltIn
    };
    RankerChoice { source, held_out: compared.posts, ndcg }
}
