//! Invariants of the losses: definitions, padding, weights, stability.

use candle_core::{Device, Var};
use proptest::prelude::*;

use super::*;

/// A strategy for each kind of term, with parameters that switch on all of its parts.
const LOSSES: [Loss; 7] = [
    Loss::Plain,
    Loss::Asymmetric { gamma_pos: 0.5, gamma_neg: 2.0, clip: 0.05 },
    Loss::Asymmetric { gamma_pos: 1.0, gamma_neg: 2.0, clip: 0.0 },
    Loss::Asymmetric { gamma_pos: 0.5, gamma_neg: 0.5, clip: 0.2 },
    Loss::DistributionBalanced { alpha: 0.0, beta: 0.0, mu: 0.0, kappa: 0.0, lambda: 1.0 },
    Loss::DistributionBalanced { alpha: 0.0, beta: 0.0, mu: 0.0, kappa: 0.0, lambda: 5.0 },
    Loss::Listwise,
];

fn tolerant(lambda: f64) -> Loss {
    Loss::DistributionBalanced { alpha: 0.0, beta: 0.0, mu: 0.0, kappa: 0.0, lambda }
}

fn labels(width: usize, carried: &[bool]) -> Labels {
    Labels {
        width,
        mask: vec![1; carried.len()],
        carried: carried.iter().map(|&yes| f32::from(u8::from(yes))).collect(),
        weights: vec![1.0; carried.len()],
        shifts: Vec::new(),
    }
}

/// The loss and its gradient by every logit.
fn run(loss: Loss, labels: &Labels, logits: &[f32]) -> (f32, Vec<f32>) {
    let shape = (logits.len() / labels.width, labels.width);
    let logits = Var::from_slice(logits, shape, &Device::Cpu).unwrap();
    let value = masked_loss(loss, logits.as_tensor(), labels).unwrap();
    let grads = value.backward().unwrap();
    let grad = grads.get(logits.as_tensor()).unwrap().flatten_all().unwrap();
    (value.to_scalar().unwrap(), grad.to_vec1().unwrap())
}

/// One row of logits and labels.
fn row(loss: Loss, logits: &[f32], carried: &[bool]) -> (f32, Vec<f32>) {
    run(loss, &labels(carried.len(), carried), logits)
}

#[test]
fn cross_entropy_is_the_definition_where_that_is_stable() {
    for x in [-5.0f32, -1.0, 0.0, 0.3, 4.0] {
        let p = 1.0 / (1.0 + (-x).exp());
        let (yes, grad) = row(Loss::Plain, &[x], &[true]);
        assert!((yes + p.ln()).abs() < 1e-5 && (grad[0] - (p - 1.0)).abs() < 1e-6);
        let (no, grad) = row(Loss::Plain, &[x], &[false]);
        assert!((no + (1.0 - p).ln()).abs() < 1e-5 && (grad[0] - p).abs() < 1e-6);
    }
}

#[test]
fn asymmetric_is_the_definition_where_that_is_stable() {
    let loss = Loss::Asymmetric { gamma_pos: 1.5, gamma_neg: 3.0, clip: 0.05 };
    for x in [-2.0f32, 0.0, 0.3, 4.0] {
        let p = 1.0 / (1.0 + (-x).exp());
        let (yes, _) = row(loss, &[x], &[true]);
        assert!((yes + (1.0 - p).powf(1.5) * p.ln()).abs() < 1e-5, "{x}: {yes}");
        let (no, _) = row(loss, &[x], &[false]);
        let q = p - 0.05;
        assert!((no + q.powf(3.0) * (1.0 - q).ln()).abs() < 1e-5, "{x}: {no}");
    }
}

#[test]
fn an_absent_hashtag_within_the_clip_is_left_alone() {
    let loss = Loss::Asymmetric { gamma_pos: 0.0, gamma_neg: 2.0, clip: 0.05 };
    assert_eq!(row(loss, &[-3.0], &[false]), (0.0, vec![0.0]));
    let (value, grad) = row(loss, &[-2.9], &[false]);
    assert!(value > 0.0 && grad[0] > 0.0);
}

#[test]
fn strategies_without_their_parameters_are_cross_entropy() {
    let none = Loss::Asymmetric { gamma_pos: 0.0, gamma_neg: 0.0, clip: 0.0 };
    for other in [none, tolerant(1.0)] {
        for x in [-200.0, -3.0, 0.0, 0.5, 200.0] {
            for carried in [true, false] {
                let (a, b) = (row(other, &[x], &[carried]).0, row(Loss::Plain, &[x], &[carried]).0);
                assert!((a - b).abs() <= 1e-6 * (1.0 + b), "{other:?} {x}: {a} {b}");
            }
        }
    }
}

#[test]
fn listwise_is_the_definition_where_that_is_stable() {
    let (x, carried) = ([0.5f32, -1.0, 2.0, 0.0], [true, false, true, false]);
    let sum: f32 = x.iter().map(|x| x.exp()).sum();
    let p: Vec<f32> = x.iter().map(|x| x.exp() / sum).collect();
    let (value, grads) = row(Loss::Listwise, &x, &carried);
    assert!((value + 0.5 * (p[0].ln() + p[2].ln())).abs() < 1e-6);
    for (i, share) in [0.5, 0.0, 0.5, 0.0].into_iter().enumerate() {
        assert!((grads[i] - (p[i] - share)).abs() < 1e-6, "{grads:?}");
    }
    assert_eq!(row(Loss::Listwise, &x, &[false; 4]), (0.0, vec![0.0; 4]));
}

#[test]
fn far_logits_are_finite_and_nan_is_not() {
    assert_eq!(row(Loss::Plain, &[200.0], &[false]).0, 200.0);
    assert_eq!(row(Loss::Plain, &[-200.0], &[true]).0, 200.0);
    assert_eq!(row(Loss::Plain, &[3e38, -3e38], &[true, false]).0, 0.0);
    for loss in LOSSES {
        for x in [[200.0, -200.0], [-200.0, 200.0], [200.0, 200.0], [-200.0, -200.0]] {
            let (value, grads) = row(loss, &x, &[true, false]);
            assert!(value.is_finite() && value >= 0.0, "{loss:?} {x:?}: {value}");
            assert!(grads.iter().all(|g| g.is_finite()), "{loss:?} {x:?}: {grads:?}");
        }
        for x in [[f32::NAN, 0.0], [0.0, f32::NAN]] {
            assert!(row(loss, &x, &[true, false]).0.is_nan(), "{loss:?} {x:?}");
        }
    }
}

#[test]
fn weights_and_shifts_are_their_positions_own() {
    for loss in [Loss::Plain, tolerant(2.0)] {
        let mut of = labels(2, &[true, false]);
        (of.weights, of.shifts) = (vec![2.0, 0.25], vec![0.5, 0.0]);
        let (value, grads) = run(loss, &of, &[0.5, 1.0]);
        let (yes, no) = (row(loss, &[1.0], &[true]), row(loss, &[1.0], &[false]));
        assert!((value - 2.0 * yes.0 - 0.25 * no.0).abs() < 1e-6);
        assert!((grads[0] - 2.0 * yes.1[0]).abs() < 1e-6);
        assert!((grads[1] - 0.25 * no.1[0]).abs() < 1e-6);
    }
    let mut of = labels(2, &[true, false]);
    of.weights = vec![3.0; 2];
    let (value, grads) = run(Loss::Listwise, &of, &[0.5, 1.0]);
    let plain = row(Loss::Listwise, &[0.5, 1.0], &[true, false]);
    assert!((value - 3.0 * plain.0).abs() < 1e-6 && (grads[1] - 3.0 * plain.1[1]).abs() < 1e-6);
}

#[test]
fn a_list_of_another_length_is_refused() {
    let logits = Tensor::zeros((1, 1), candle_core::DType::F32, &Device::Cpu).unwrap();
    assert!(masked_loss(Loss::Plain, &logits, &labels(2, &[false; 2])).is_err());
}

/// Logits with the labels and weights of one row.
type Row = Vec<(f32, bool, f32)>;

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let cell = (-220f32..220.0, any::<bool>(), 0f32..3.0);
    prop::collection::vec(prop::collection::vec(cell, 1..6), 1..5)
}

/// Rows padded to `width` by columns with logit `filler`.
fn padded(rows: &[Row], width: usize, filler: f32) -> (Labels, Vec<f32>) {
    let mut of = Labels { width, ..Labels::default() };
    let mut logits = Vec::new();
    for row in rows {
        for column in 0..width {
            let known = row.get(column).copied();
            let (x, carried, weight) = known.unwrap_or((filler, false, 7.0));
            logits.push(x);
            of.mask.push(u8::from(known.is_some()));
            of.carried.push(f32::from(u8::from(carried)));
            of.weights.push(weight);
        }
    }
    (of, logits)
}

proptest! {
    /// Columns past a row's own are exactly nothing: neither what stands there nor how many there
    /// are changes the loss or another column's gradient by a bit.
    #[test]
    fn padding_has_no_loss_and_no_gradient(rows in rows(), more in 0usize..4, odd in 0usize..4) {
        let widest = rows.iter().map(Vec::len).max().unwrap();
        let filler = [0.0, 1e30, f32::INFINITY, f32::NAN][odd];
        for loss in LOSSES {
            let (of, logits) = padded(&rows, widest, 0.0);
            let (value, grads) = run(loss, &of, &logits);
            let (of, logits) = padded(&rows, widest + more, filler);
            let (wide_value, wide_grads) = run(loss, &of, &logits);
            prop_assert_eq!(value, wide_value);
            for (row, (narrow, wide)) in rows
                .iter()
                .zip(grads.chunks(widest).zip(wide_grads.chunks(widest + more)))
            {
                prop_assert_eq!(&narrow[..row.len()], &wide[..row.len()]);
                prop_assert!(narrow[row.len()..].iter().chain(&wide[row.len()..]).all(|&g| g == 0.0));
            }
        }
    }

    /// Gradients are the differences of the loss, in every strategy.
    #[test]
    fn gradients_are_differences(rows in rows(), at in 0usize..30) {
        let rows: Vec<Row> =
            rows.into_iter().map(|row| row.into_iter().map(|(x, y, w)| (x / 55.0, y, w)).collect()).collect();
        let width = rows.iter().map(Vec::len).max().unwrap();
        let (of, logits) = padded(&rows, width, 0.0);
        let at = at % logits.len();
        for loss in LOSSES {
            let (_, grads) = run(loss, &of, &logits);
            let moved = |by: f32| {
                let mut logits = logits.clone();
                logits[at] += by;
                f64::from(run(loss, &of, &logits).0)
            };
            let wanted = (moved(0.01) - moved(-0.01)) / 0.02;
            // A corner of the clipped loss may lie between.
            prop_assert!((f64::from(grads[at]) - wanted).abs() < 0.02, "{loss:?} {} {wanted}", grads[at]);
        }
    }
}
