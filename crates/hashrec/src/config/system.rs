//! The systems that can be trained, by name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A preset: what is trained and served. Every system is a pipeline of the same stages, and every
/// one gives a [`Recommender`](crate::Recommender).
///
/// | name | candidates | ranked by | score |
/// |---|---|---|---|
/// | `hashrec` (default) | all generators but the net | LightGBM over features and generator scores | 0 to 1, see [`Recommendation`](crate::Recommendation) |
/// | `hashrec-multi-label` | the same and the net's | the same, with the net's score | the same |
/// | `popular` | most frequent | their share of the posts | share of posts |
/// | `simple` | edit distance, popularity, nearest hashtags | reciprocal rank fusion | fused rank |
/// | `multi-label` | the net | the net | probability |
/// | `linear` | every hashtag | ridge regression, one-vs-rest | regression output, around 0 to 1 |
/// | `nearest-posts` | hashtags of the nearest posts | similarity-weighted vote | share of the vote |
/// | `lightgbm` | every hashtag | LightGBM over vectors, as in the paper | probability against a random negative |
/// | `lightgbm-simple` | those of `simple` | the same | the same |
/// | `lightgbm-multi-label` | those of `multi-label` | the same: the paper's final system | the same |
///
/// Names are read with [`FromStr`] and written with [`Display`](fmt::Display):
///
/// ```
/// use hashrec::System;
///
/// assert_eq!("lightgbm-simple".parse(), Ok(System::LightGbmSimple));
/// assert_eq!(System::LightGbmSimple.to_string(), "lightgbm-simple");
/// assert!("light-gbm".parse::<System>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
#[non_exhaustive]
pub enum System {
    /// The default: every generator except the net, and a ranker that sees all their scores.
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
    /// One ridge regression per hashtag over words, word pairs and character n-grams.
    Linear,
    /// A vote of the most similar posts.
    NearestPosts,
    /// The paper's ranker over every hashtag of the community (section 3.2).
    LightGbm,
    /// The paper's ranker over the candidates of `simple`.
    LightGbmSimple,
    /// The paper's ranker over the candidates of `multi-label`: its final system.
    LightGbmMultiLabel,
}

/// Every system with its name, in the order of the paper's table, then ours.
const NAMES: [(System, &str); 10] = [
    (System::Popular, "popular"),
    (System::Simple, "simple"),
    (System::MultiLabel, "multi-label"),
    (System::LightGbm, "lightgbm"),
    (System::LightGbmSimple, "lightgbm-simple"),
    (System::LightGbmMultiLabel, "lightgbm-multi-label"),
    (System::NearestPosts, "nearest-posts"),
    (System::Linear, "linear"),
    (System::HashrecMultiLabel, "hashrec-multi-label"),
    (System::Hashrec, "hashrec"),
];

impl System {
    /// Every system, in the order of the paper's table, then ours.
    pub const ALL: [Self; 10] = {
        let mut all = [Self::Hashrec; NAMES.len()];
        let mut at = 0;
        while at < NAMES.len() {
            all[at] = NAMES[at].0;
            at += 1;
        }
        all
    };

    /// The name, as in configurations and bundles.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(system, _)| *system == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that no system has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no system is called {name:?}; the systems are {}", System::ALL.map(System::name).join(", "))]
pub struct UnknownSystem {
    /// The name that was given.
    pub name: String,
}

impl FromStr for System {
    type Err = UnknownSystem;

    fn from_str(name: &str) -> Result<Self, UnknownSystem> {
        let found = NAMES.iter().find(|(_, known)| *known == name);
        found.map(|(system, _)| *system).ok_or_else(|| UnknownSystem { name: name.to_owned() })
    }
}

impl TryFrom<String> for System {
    type Error = UnknownSystem;

    fn try_from(name: String) -> Result<Self, UnknownSystem> {
        name.parse()
    }
}

impl From<System> for &'static str {
    fn from(system: System) -> Self {
        system.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_is_found_by_its_name() {
        for system in System::ALL {
            assert_eq!(system.to_string().parse(), Ok(system));
            let json = serde_json::to_string(&system).unwrap();
            assert_eq!(json, format!("\"{system}\""));
            assert_eq!(serde_json::from_str::<System>(&json).unwrap(), system);
        }
    }

    #[test]
    fn names_are_stable() {
        let expected = "popular simple multi-label lightgbm lightgbm-simple lightgbm-multi-label \
                        nearest-posts linear hashrec-multi-label hashrec";
        assert_eq!(System::ALL.map(System::name).join(" "), expected);
    }

    #[test]
    fn an_unknown_name_is_answered_with_those_that_exist() {
        let error = "light-gbm".parse::<System>().unwrap_err().to_string();
        assert!(error.contains("\"light-gbm\""), "{error}");
        assert!(System::ALL.iter().all(|system| error.contains(system.name())), "{error}");
    }
}
