//! The systems that can be trained: the paper's rows, their parts, and the default.

use hashrec_candidates::Source;
use serde::{Deserialize, Serialize};

/// What is trained and shipped. Every system is a configuration of the same crates, and every one
/// gives a [`Recommender`](crate::Recommender).
///
/// | system | candidates | ranked by | score |
/// |---|---|---|---|
/// | `Hashrec` (default) | all generators without a net | LightGBM over features and generator scores | 0 to 1, see [`Recommendation`](crate::Recommendation) |
/// | `HashrecMultiLabel` | the same and the net's | the same, with the net's out-of-fold score | the same |
/// | `Popular` | most frequent | their share of the posts | share of posts |
/// | `Simple` | edit distance, popularity, nearest hashtags | reciprocal rank fusion | fused rank |
/// | `MultiLabel` | the net | the net | probability |
/// | `Linear` | every hashtag | ridge regression, one-vs-rest | regression output, around 0 to 1 |
/// | `NearestPosts` | hashtags of the nearest posts | similarity-weighted vote | share of the vote |
/// | `LightGbm` | every hashtag | LightGBM over vectors, as in the paper | probability against a random negative |
/// | `LightGbmSimple` | those of `Simple` | the same | the same |
/// | `LightGbmMultiLabel` | those of `MultiLabel` | the same: the paper's final system | the same |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum System {
    /// The default: every generator that needs no net, and a ranker that sees all their scores.
    #[default]
    Hashrec,
    /// The default with the paper's net beside the other generators.
    HashrecMultiLabel,
    /// The community's most frequent hashtags, whatever the post says.
    Popular,
    /// The paper's Simple Candidate Generator alone (section 4.2).
    Simple,
    /// The paper's multi-label classifier alone (section 3.1).
    MultiLabel,
    /// One ridge regression a hashtag over words, word pairs and character n-grams.
    Linear,
    /// A vote of the most similar posts.
    NearestPosts,
    /// The paper's ranker over every hashtag of the community (section 3.2).
    LightGbm,
    /// The paper's ranker over the candidates of `Simple`.
    LightGbmSimple,
    /// The paper's ranker over the candidates of `MultiLabel`: its final system.
    LightGbmMultiLabel,
}

/// Which ranker a system has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ranking {
    /// None: the generator's order stands.
    None,
    /// The paper's rows: post vector, hashtag vector, a few numbers.
    Vectors,
    /// Features of literal occurrence, statistics, time and every generator's score.
    Features,
}

/// Where a system's candidates come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generator {
    Everything,
    Popular,
    Simple,
    MultiLabel,
    Linear,
    NearestPosts,
    Shortlist,
}

impl Generator {
    /// What a recommendation says of where it comes from, in systems with one generator.
    pub(crate) fn source(self) -> Source {
        match self {
            Self::Simple => Source::Edit,
            Self::MultiLabel => Source::Classifier,
            Self::Linear => Source::Linear,
            Self::NearestPosts => Source::NearestPost,
            Self::Everything | Self::Popular | Self::Shortlist => Source::Popular,
        }
    }
}

impl System {
    /// Every system, in the order of the paper's table, then ours.
    pub const ALL: [Self; 10] = [
        Self::Popular,
        Self::Simple,
        Self::MultiLabel,
        Self::LightGbm,
        Self::LightGbmSimple,
        Self::LightGbmMultiLabel,
        Self::NearestPosts,
        Self::Linear,
        Self::HashrecMultiLabel,
        Self::Hashrec,
    ];

    pub(crate) fn ranking(self) -> Ranking {
        match self {
            Self::Hashrec | Self::HashrecMultiLabel => Ranking::Features,
            Self::LightGbm | Self::LightGbmSimple | Self::LightGbmMultiLabel => Ranking::Vectors,
            _ => Ranking::None,
        }
    }

    pub(crate) fn generator(self) -> Generator {
        match self {
            Self::Hashrec | Self::HashrecMultiLabel => Generator::Shortlist,
            Self::Popular => Generator::Popular,
            Self::Simple | Self::LightGbmSimple => Generator::Simple,
            Self::MultiLabel | Self::LightGbmMultiLabel => Generator::MultiLabel,
            Self::Linear => Generator::Linear,
            Self::NearestPosts => Generator::NearestPosts,
            Self::LightGbm => Generator::Everything,
        }
    }

    /// Whether the system needs the paper's simple generator.
    pub(crate) fn has_simple(self) -> bool {
        self.generator() == Generator::Simple
    }

    /// Whether the system needs the neural classifier.
    pub(crate) fn has_classifier(self) -> bool {
        self == Self::HashrecMultiLabel || self.generator() == Generator::MultiLabel
    }

    /// Whether serving needs vectors of posts and hashtags. The net has word vectors of its own.
    pub(crate) fn has_vectors(self) -> bool {
        self.generator() == Generator::Simple || self.ranking() == Ranking::Vectors
    }

    /// Whether the system needs the posts' index: linear and nearest posts.
    pub(crate) fn has_index(self) -> bool {
        matches!(
            self.generator(),
            Generator::Linear | Generator::NearestPosts | Generator::Shortlist
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stable() {
        let names: Vec<_> = System::ALL.iter().map(|s| serde_json::to_value(s).unwrap()).collect();
        assert_eq!(
            serde_json::Value::from(names),
            serde_json::json!([
                "popular",
                "simple",
                "multi-label",
                "light-gbm",
                "light-gbm-simple",
                "light-gbm-multi-label",
                "nearest-posts",
                "linear",
                "hashrec-multi-label",
                "hashrec"
            ])
        );
    }
}
