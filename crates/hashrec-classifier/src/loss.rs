//! What training minimises.

use serde::{Deserialize, Serialize};

use crate::ClassifierError;

/// The loss of training, and how much each community weighs in it.
///
/// Every strategy sums a term over the hashtags of a post's own community; columns that only pad a
/// batch to its widest community have no loss and exactly no gradient. x is a hashtag's logit,
/// p = 1 / (1 + e^−x), y = 1 if the post carries the hashtag.
///
/// | strategy | what it changes |
/// |---|---|
/// | `plain` | binary cross-entropy, every post and hashtag alike |
/// | `community-balanced` | a post of a small community weighs more, by the effective number of posts |
/// | `dynamic` | a community weighs more while its validation loss falls more slowly than the others' |
/// | `asymmetric` | hashtags that are clearly absent weigh less than those present |
/// | `distribution-balanced` | rare hashtags of a community weigh more, absent ones push less |
/// | `listwise` | the post's hashtags compete for one distribution over the community's |
///
/// In a configuration file the strategy is named and its parameters may be left out:
///
/// ```
/// use hashrec_classifier::{ClassifierParams, Loss};
///
/// let json = r#"{"loss": {"strategy": "asymmetric", "gamma_neg": 2.0}}"#;
/// let params: ClassifierParams = serde_json::from_str(json)?;
/// assert_eq!(params.loss, Loss::Asymmetric { gamma_pos: 0.0, gamma_neg: 2.0, clip: 0.05 });
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// With any strategy but `plain`, `community-balanced` and `dynamic`, 1 / (1 + e^−logit) orders the
/// hashtags of a post but is no estimate of a probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "strategy", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Loss {
    /// Masked binary cross-entropy: −y ln p − (1 − y) ln(1 − p).
    #[default]
    Plain,
    /// [`Plain`](Self::Plain) times a weight for the post's community: (1 − β) / (1 − βⁿ) for a
    /// community with n posts to train on (Cui et al. 2019, "Class-balanced loss based on effective
    /// number of samples"), scaled so that the mean over posts is 1.
    CommunityBalanced {
        /// β: 0 weighs all posts alike; towards 1 all communities alike. 0 ≤ β < 1.
        #[serde(default = "defaults::beta")]
        beta: f64,
    },
    /// [`Plain`](Self::Plain) times a weight for the post's community that follows its validation
    /// loss, as training rates balance tasks in Chen et al. 2018 ("GradNorm").
    ///
    /// After every epoch, a community's loss on its held-out posts is divided by what it was
    /// before the first step, and the quotient drawn to that of all posts together as if five more
    /// of them stood beside the community's own: one post says little. With s the moving average of
    /// these quotients and s̄ its mean over posts, the weight is (s / s̄)^`strength`, held within
    /// 1 / `limit` and `limit`, then scaled so that the mean over posts is 1.
    ///
    /// The quotient needs posts of each community: with this strategy `validation` is drawn from
    /// every community by itself, at least one post where there are ten. A community without any,
    /// and every community with `validation` = 0, follows the mean. (Its training loss would be no
    /// substitute: a small community's falls fastest, because the net learns its posts by heart.)
    Dynamic {
        /// The exponent; 0 weighs all communities alike. 0–10.
        #[serde(default = "defaults::strength")]
        strength: f64,
        /// What remains of the moving average after an epoch. 0 ≤ s < 1.
        #[serde(default = "defaults::smoothing")]
        smoothing: f64,
        /// The largest weight, and 1 / the smallest, before scaling. 1–100.
        #[serde(default = "defaults::limit")]
        limit: f64,
    },
    /// Asymmetric loss (Ridnik et al. 2021, "Asymmetric loss for multi-label classification"):
    /// −y (1 − p)^`gamma_pos` ln p − (1 − y) q^`gamma_neg` ln(1 − q), where q = max(p − `clip`, 0).
    Asymmetric {
        /// How fast the loss of a hashtag that is present fades as its p rises. 0–10.
        #[serde(default = "defaults::gamma_pos")]
        gamma_pos: f64,
        /// How fast the loss of a hashtag that is absent fades as its p falls. 0–10.
        #[serde(default = "defaults::gamma_neg")]
        gamma_neg: f64,
        /// Absent hashtags with p up to this have no loss. 0–0.5.
        #[serde(default = "defaults::clip")]
        clip: f64,
    },
    /// Distribution-balanced loss (Wu et al. 2020, "Distribution-balanced loss for multi-label
    /// classification in long-tailed datasets"), inside each community.
    ///
    /// Hashtag k of a post weighs w = `alpha` + σ(`beta` · (rₖ − `mu`)), where rₖ = (1 / nₖ) /
    /// Σ 1 / nᵢ over the hashtags i of the post and n counts posts to train on (at least 1). With
    /// z = x + `kappa` · ln(πₖ / (1 − πₖ)), πₖ the hashtag's share of its community's posts, the
    /// term is −w y ln σ(z) − (w / `lambda`) (1 − y) ln σ(−`lambda` z).
    DistributionBalanced {
        /// The weight below which no hashtag falls. 0–10.
        #[serde(default = "defaults::db_alpha")]
        alpha: f64,
        /// How sharply rare hashtags are told from frequent ones. 0–100.
        #[serde(default = "defaults::db_beta")]
        beta: f64,
        /// The rₖ in the middle. 0–1.
        #[serde(default = "defaults::db_mu")]
        mu: f64,
        /// How far logits are shifted by the hashtag's frequency. 0–1.
        #[serde(default = "defaults::db_kappa")]
        kappa: f64,
        /// How soon an absent hashtag's loss fades. 1–20.
        #[serde(default = "defaults::db_lambda")]
        lambda: f64,
    },
    /// Cross-entropy of the softmax over the community's hashtags: −(1 / |Y|) Σ ln softmax(x)ₖ over
    /// the post's hashtags Y, after ListNet's top-one probabilities (Cao et al. 2007). It compares
    /// hashtags instead of judging each alone.
    Listwise,
}

/// The defaults of the strategies' parameters, as the functions that serde asks for.
macro_rules! defaults {
    ($($parameter:ident $value:literal;)*) => {
        mod defaults {$(
            pub(super) fn $parameter() -> f64 {
                $value
            }
        )*}
    };
}

defaults! {
    beta 0.99;
    strength 1.0;
    smoothing 0.5;
    limit 4.0;
    gamma_pos 0.0;
    gamma_neg 4.0;
    clip 0.05;
    db_alpha 0.1;
    db_beta 10.0;
    db_mu 0.2;
    db_kappa 0.05;
    db_lambda 5.0;
}

impl Loss {
    /// [`CommunityBalanced`](Self::CommunityBalanced) with its default parameter.
    pub fn community_balanced() -> Self {
        Self::CommunityBalanced { beta: defaults::beta() }
    }

    /// [`Dynamic`](Self::Dynamic) with its default parameters.
    pub fn dynamic() -> Self {
        let (strength, smoothing) = (defaults::strength(), defaults::smoothing());
        Self::Dynamic { strength, smoothing, limit: defaults::limit() }
    }

    /// [`Asymmetric`](Self::Asymmetric) with its default parameters.
    pub fn asymmetric() -> Self {
        let (gamma_pos, gamma_neg) = (defaults::gamma_pos(), defaults::gamma_neg());
        Self::Asymmetric { gamma_pos, gamma_neg, clip: defaults::clip() }
    }

    /// [`DistributionBalanced`](Self::DistributionBalanced) with its default parameters.
    pub fn distribution_balanced() -> Self {
        Self::DistributionBalanced {
            alpha: defaults::db_alpha(),
            beta: defaults::db_beta(),
            mu: defaults::db_mu(),
            kappa: defaults::db_kappa(),
            lambda: defaults::db_lambda(),
        }
    }

    /// Checks the strategy's parameters against their ranges.
    pub(crate) fn check(self) -> Result<(), ClassifierError> {
        let within = |name, value: f64, low: f64, high: f64, expected| {
            let error = || ClassifierError::Parameter { name, value: value.to_string(), expected };
            (low..=high).contains(&value).then_some(()).ok_or_else(error)
        };
        // The largest f64 below 1.
        let below_one = 1.0 - f64::EPSILON / 2.0;
        match self {
            Self::Plain | Self::Listwise => Ok(()),
            Self::CommunityBalanced { beta } => {
                within("loss.beta", beta, 0.0, below_one, "0 to less than 1")
            }
            Self::Dynamic { strength, smoothing, limit } => {
                within("loss.strength", strength, 0.0, 10.0, "0 to 10")?;
                within("loss.smoothing", smoothing, 0.0, below_one, "0 to less than 1")?;
                within("loss.limit", limit, 1.0, 100.0, "1 to 100")
            }
            Self::Asymmetric { gamma_pos, gamma_neg, clip } => {
                within("loss.gamma_pos", gamma_pos, 0.0, 10.0, "0 to 10")?;
                within("loss.gamma_neg", gamma_neg, 0.0, 10.0, "0 to 10")?;
                within("loss.clip", clip, 0.0, 0.5, "0 to 0.5")
            }
            Self::DistributionBalanced { alpha, beta, mu, kappa, lambda } => {
                within("loss.alpha", alpha, 0.0, 10.0, "0 to 10")?;
                within("loss.beta", beta, 0.0, 100.0, "0 to 100")?;
                within("loss.mu", mu, 0.0, 1.0, "0 to 1")?;
                within("loss.kappa", kappa, 0.0, 1.0, "0 to 1")?;
                within("loss.lambda", lambda, 1.0, 20.0, "1 to 20")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strategies_are_named_and_their_parameters_may_be_left_out() {
        let named = [
            ("plain", Loss::Plain),
            ("community-balanced", Loss::community_balanced()),
            ("dynamic", Loss::dynamic()),
            ("asymmetric", Loss::asymmetric()),
            ("distribution-balanced", Loss::distribution_balanced()),
            ("listwise", Loss::Listwise),
        ];
        for (name, loss) in named {
            loss.check().unwrap();
            let short = format!(r#"{{"strategy": "{name}"}}"#);
            assert_eq!(serde_json::from_str::<Loss>(&short).unwrap(), loss);
            let long = serde_json::to_string(&loss).unwrap();
            assert_eq!(serde_json::from_str::<Loss>(&long).unwrap(), loss, "{long}");
        }
        for wrong in [
            r#"{"strategy": "fair"}"#,
            r#"{"strategy": "dynamic", "gamma": 1}"#,
            r#"{"beta": 0.5}"#,
        ] {
            assert!(serde_json::from_str::<Loss>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bad_parameters_are_named() {
        let dynamic = |strength, smoothing, limit| Loss::Dynamic { strength, smoothing, limit };
        let asymmetric =
            |gamma_pos, gamma_neg, clip| Loss::Asymmetric { gamma_pos, gamma_neg, clip };
        let balanced = |alpha, beta, mu, kappa, lambda| Loss::DistributionBalanced {
            alpha,
            beta,
            mu,
            kappa,
            lambda,
        };
        for (loss, expected) in [
            (Loss::CommunityBalanced { beta: 1.0 }, "loss.beta"),
            (Loss::CommunityBalanced { beta: f64::NAN }, "loss.beta"),
            (dynamic(-1.0, 0.5, 4.0), "loss.strength"),
            (dynamic(1.0, 1.0, 4.0), "loss.smoothing"),
            (dynamic(1.0, 0.5, 0.5), "loss.limit"),
            (asymmetric(f64::INFINITY, 4.0, 0.05), "loss.gamma_pos"),
            (asymmetric(0.0, -4.0, 0.05), "loss.gamma_neg"),
            (asymmetric(0.0, 4.0, 0.6), "loss.clip"),
            (balanced(-0.1, 10.0, 0.2, 0.05, 5.0), "loss.alpha"),
            (balanced(0.1, 101.0, 0.2, 0.05, 5.0), "loss.beta"),
            (balanced(0.1, 10.0, 1.2, 0.05, 5.0), "loss.mu"),
            (balanced(0.1, 10.0, 0.2, f64::NAN, 5.0), "loss.kappa"),
            (balanced(0.1, 10.0, 0.2, 0.05, 0.0), "loss.lambda"),
        ] {
            let error = loss.check().unwrap_err();
            assert!(
                matches!(error, ClassifierError::Parameter { name, .. } if name == expected),
                "{error}"
            );
        }
    }
}
