//! What a training tells about its result.

use std::fmt;

use hashrec_data::CorpusReport;

use crate::config::RankerSource;

/// What a [`Trainer`](crate::Trainer) trained on and made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrainReport {
    /// The posts.
    pub corpus: CorpusReport,
    /// Which ranker the system `hashrec` got; `None` for other systems.
    pub ranker: Option<RankerChoice>,
}

/// Which ranker was taken, and why. [`Display`](fmt::Display) says it in a line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RankerChoice {
    /// Where the ranker comes from; never [`RankerSource::Best`].
    pub source: RankerSource,
    /// The posts that were held out to compare; 0 if there were none, or if
    /// [`Config::ranker_source`](crate::Config::ranker_source) left no choice.
    pub held_out: usize,
    /// NDCG@10 on them of each ranker that could be taken.
    pub ndcg: Vec<(RankerSource, f64)>,
}

impl RankerChoice {
    /// The configuration chose.
    pub(crate) fn forced(source: RankerSource) -> Self {
        Self { source, held_out: 0, ndcg: Vec::new() }
    }
}

impl fmt::Display for RankerChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ranker: {}", self.source)?;
        if self.held_out > 0 {
            write!(f, " (NDCG@10 on {} held-out posts:", self.held_out)?;
            for (at, (source, ndcg)) in self.ndcg.iter().enumerate() {
                write!(f, "{} {source} {ndcg:.3}", if at > 0 { "," } else { "" })?;
            }
            write!(f, ")")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_says_why() {
        let ndcg = vec![(RankerSource::BuiltIn, 0.8), (RankerSource::Posts, 0.85)];
        let choice = RankerChoice { source: RankerSource::Posts, held_out: 500, ndcg };
        let text = "ranker: posts (NDCG@10 on 500 held-out posts: built-in 0.800, posts 0.850)";
        assert_eq!(choice.to_string(), text);
        let forced = RankerChoice::forced(RankerSource::BuiltIn);
        assert_eq!(forced.to_string(), "ranker: built-in");
    }
}
