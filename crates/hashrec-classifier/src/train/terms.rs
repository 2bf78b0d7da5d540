//! What one hashtag of one post adds to the loss, and its derivative by the logit.

use crate::{Loss, kernels::simd};

/// A loss of single positions, or of whole rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Term {
    /// −y ln p − (1 − y) ln(1 − p).
    Cross,
    /// See [`Loss::Asymmetric`].
    Asymmetric { gamma_pos: f64, gamma_neg: f64, clip: f64 },
    /// See [`Loss::DistributionBalanced`]; weights and shifts are the positions' own.
    Tolerant { lambda: f64 },
    /// See [`Loss::Listwise`]: rows, not positions.
    Listwise,
}

impl From<Loss> for Term {
    fn from(loss: Loss) -> Self {
        match loss {
            Loss::Plain | Loss::CommunityBalanced { .. } | Loss::Dynamic { .. } => Self::Cross,
            Loss::Asymmetric { gamma_pos, gamma_neg, clip } => {
                Self::Asymmetric { gamma_pos, gamma_neg, clip }
            }
            Loss::DistributionBalanced { lambda, .. } => Self::Tolerant { lambda },
            Loss::Listwise => Self::Listwise,
        }
    }
}

/// ln(1 + eˣ) = −ln σ(−x), without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    // `x.max(0.0)` would turn NaN into 0 and hide a diverged net.
    let positive = if x < 0.0 { 0.0 } else { x };
    positive + (-x.abs()).exp().ln_1p()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

impl Term {
    /// The loss of a position with logit `x`.
    pub(super) fn value(self, carried: bool, x: f64) -> f64 {
        match (self, carried) {
            (Self::Cross, true) => softplus(-x),
            (Self::Cross, false) => softplus(x),
            (Self::Asymmetric { gamma_pos, .. }, true) => {
                sigmoid(-x).powf(gamma_pos) * softplus(-x)
            }
            (Self::Asymmetric { gamma_neg, clip, .. }, false) => {
                let absent = Absent::new(x, clip);
                absent.q.powf(gamma_neg) * absent.cross
            }
            (Self::Tolerant { .. }, true) => softplus(-x),
            (Self::Tolerant { lambda }, false) => softplus(lambda * x) / lambda,
            (Self::Listwise, _) => 0.0,
        }
    }

    /// The derivative of the loss of a position with logit `x` + `shift`, by the logit.
    pub(super) fn slope(self, carried: bool, x: f32, shift: f32) -> f32 {
        match (self, carried) {
            (Self::Cross, true) => simd::sigmoid(x) - 1.0,
            (Self::Cross, false) => simd::sigmoid(x),
            (term, carried) => term.derivative(carried, f64::from(x) + f64::from(shift)) as f32,
        }
    }

    fn derivative(self, carried: bool, x: f64) -> f64 {
        match (self, carried) {
            (Self::Cross | Self::Tolerant { .. }, true) => -sigmoid(-x),
            (Self::Cross, false) => sigmoid(x),
            (Self::Asymmetric { gamma_pos, .. }, true) => {
                let (p, rest) = (sigmoid(x), sigmoid(-x));
                -rest.powf(gamma_pos) * (gamma_pos * p * softplus(-x) + rest)
            }
            (Self::Asymmetric { gamma_neg, clip, .. }, false) => {
                let absent = Absent::new(x, clip);
                if absent.q == 0.0 {
                    return 0.0;
                }
                let steep = gamma_neg * absent.cross / absent.q * absent.turn;
                absent.q.powf(gamma_neg) * (steep + absent.pull)
            }
            (Self::Tolerant { lambda }, false) => sigmoid(lambda * x),
            (Self::Listwise, _) => 0.0,
        }
    }
}

/// What the asymmetric loss of an absent hashtag is made of.
struct Absent {
    /// max(p − clip, 0).
    q: f64,
    /// −ln(1 − q).
    cross: f64,
    /// dp/dx = p (1 − p).
    turn: f64,
    /// The derivative of `cross` by x, where q isn't 0.
    pull: f64,
}

impl Absent {
    fn new(x: f64, clip: f64) -> Self {
        let (p, rest) = (sigmoid(x), sigmoid(-x));
        let turn = p * rest;
        if clip == 0.0 {
            // 1 − p may underflow where −ln(1 − p) is still an ordinary number.
            return Self { q: p, cross: softplus(x), turn, pull: p };
        }
        // Written so that NaN stays NaN.
        let q = if p <= clip { 0.0 } else { p - clip };
        Self { q, cross: -(-q).ln_1p(), turn, pull: turn / (1.0 - q) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: [Term; 7] = [
        Term::Cross,
        Term::Asymmetric { gamma_pos: 0.0, gamma_neg: 4.0, clip: 0.05 },
        Term::Asymmetric { gamma_pos: 1.0, gamma_neg: 2.0, clip: 0.0 },
        Term::Asymmetric { gamma_pos: 0.5, gamma_neg: 0.5, clip: 0.2 },
        Term::Asymmetric { gamma_pos: 0.0, gamma_neg: 0.0, clip: 0.0 },
        Term::Tolerant { lambda: 1.0 },
        Term::Tolerant { lambda: 5.0 },
    ];

    #[test]
    fn slopes_are_those_of_the_values() {
        for term in TERMS {
            for carried in [true, false] {
                // Away from 0.2 and 0.05, where the clipped loss has a corner.
                for x in [-9.0, -4.1, -2.0, -0.7, 0.0, 0.4, 1.9, 5.0, 11.0] {
                    let h = 1e-5;
                    let (low, high) = (term.value(carried, x - h), term.value(carried, x + h));
                    let wanted = (high - low) / (2.0 * h);
                    let found = term.derivative(carried, x);
                    assert!(
                        (found - wanted).abs() < 1e-8,
                        "{term:?} {carried} {x}: {found} {wanted}"
                    );
                    let single = f64::from(term.slope(carried, x as f32, 0.0));
                    assert!((single - wanted).abs() < 1e-5, "{term:?} {carried} {x}: {single}");
                }
            }
        }
    }

    #[test]
    fn far_logits_have_finite_losses_and_slopes_and_nan_stays() {
        for term in TERMS {
            for carried in [true, false] {
                for x in [200.0f32, -200.0, 800.0, -800.0, 3e38, -3e38] {
                    let value = term.value(carried, f64::from(x));
                    assert!(value.is_finite() && value >= 0.0, "{term:?} {carried} {x}: {value}");
                    let slope = term.slope(carried, x, 0.0);
                    assert!(slope.is_finite(), "{term:?} {carried} {x}: {slope}");
                }
                assert!(term.value(carried, f64::NAN).is_nan(), "{term:?} {carried}");
                assert!(term.slope(carried, f32::NAN, 0.0).is_nan(), "{term:?} {carried}");
            }
        }
    }

    #[test]
    fn strategies_without_their_parameters_are_cross_entropy() {
        let none = Term::Asymmetric { gamma_pos: 0.0, gamma_neg: 0.0, clip: 0.0 };
        for other in [none, Term::Tolerant { lambda: 1.0 }] {
            for x in [-200.0, -3.0, 0.0, 0.5, 200.0] {
                for carried in [true, false] {
                    let (a, b) = (other.value(carried, x), Term::Cross.value(carried, x));
                    assert!((a - b).abs() <= 1e-12 * (1.0 + b), "{other:?} {x}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn an_absent_hashtag_within_the_clip_is_left_alone() {
        let term = Term::Asymmetric { gamma_pos: 0.0, gamma_neg: 2.0, clip: 0.05 };
        assert_eq!((term.value(false, -3.0), term.slope(false, -3.0, 0.0)), (0.0, 0.0));
        assert!(term.value(false, -2.9) > 0.0 && term.slope(false, -2.9, 0.0) > 0.0);
    }
}
