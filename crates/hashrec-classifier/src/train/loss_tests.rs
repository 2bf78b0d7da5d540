//! Invariants of the loss: padding, weights, stability.

use proptest::prelude::*;

use super::*;

const TERMS: [Term; 4] = [
    Term::Cross,
    Term::Asymmetric { gamma_pos: 0.5, gamma_neg: 2.0, clip: 0.05 },
    Term::Tolerant { lambda: 5.0 },
    Term::Listwise,
];

fn targets(width: usize, labels: &[Label]) -> Targets {
    let weights = vec![1.0; labels.len()];
    Targets { width, labels: labels.to_vec(), weights, shifts: Vec::new() }
}

fn run(term: Term, targets: Targets, logits: &[f32]) -> (f32, Vec<f32>) {
    let op = MaskedLoss { term, targets, posts: 1 };
    let (out, ..) = op.forward(&[logits]).unwrap();
    let grads = op.backward(&[logits], &out, &[1.0], &()).unwrap();
    (out[0], grads[0].clone())
}

/// One row of logits and labels.
fn loss(term: Term, logits: &[f32], labels: &[Label]) -> (f32, Vec<f32>) {
    run(term, targets(labels.len(), labels), logits)
}

#[test]
fn cross_entropy_is_the_definition_where_that_is_stable() {
    for x in [-5.0f32, -1.0, 0.0, 0.3, 4.0] {
        let p = 1.0 / (1.0 + (-x).exp());
        let (yes, grad) = loss(Term::Cross, &[x], &[Label::Yes]);
        assert!((yes + p.ln()).abs() < 1e-5 && (grad[0] - (p - 1.0)).abs() < 1e-6);
        let (no, grad) = loss(Term::Cross, &[x], &[Label::No]);
        assert!((no + (1.0 - p).ln()).abs() < 1e-5 && (grad[0] - p).abs() < 1e-6);
    }
}

#[test]
fn listwise_is_the_definition_where_that_is_stable() {
    let (x, labels) = ([0.5f32, -1.0, 2.0, 0.0], [Label::Yes, Label::No, Label::Yes, Label::No]);
    let sum: f32 = x.iter().map(|x| x.exp()).sum();
    let p: Vec<f32> = x.iter().map(|x| x.exp() / sum).collect();
    let (value, grads) = loss(Term::Listwise, &x, &labels);
    assert!((value + 0.5 * (p[0].ln() + p[2].ln())).abs() < 1e-6);
    for (i, share) in [0.5, 0.0, 0.5, 0.0].into_iter().enumerate() {
        assert!((grads[i] - (p[i] - share)).abs() < 1e-6, "{grads:?}");
    }
    assert_eq!(loss(Term::Listwise, &x, &[Label::No; 4]), (0.0, vec![0.0; 4]));
}

#[test]
fn far_logits_are_finite_and_nan_is_not() {
    assert_eq!(loss(Term::Cross, &[200.0], &[Label::No]).0, 200.0);
    assert_eq!(loss(Term::Cross, &[-200.0], &[Label::Yes]).0, 200.0);
    assert_eq!(loss(Term::Cross, &[3e38, -3e38], &[Label::Yes, Label::No]).0, 0.0);
    let labels = [Label::Yes, Label::No];
    for term in TERMS {
        for x in [[200.0, -200.0], [-200.0, 200.0], [200.0, 200.0], [-200.0, -200.0]] {
            let (value, grads) = loss(term, &x, &labels);
            assert!(value.is_finite() && value >= 0.0, "{term:?} {x:?}: {value}");
            assert!(grads.iter().all(|g| g.is_finite()), "{term:?} {x:?}: {grads:?}");
        }
        for x in [[f32::NAN, 0.0], [0.0, f32::NAN]] {
            assert!(loss(term, &x, &labels).0.is_nan(), "{term:?} {x:?}");
        }
    }
}

#[test]
fn weights_and_shifts_are_their_positions_own() {
    let labels = [Label::Yes, Label::No];
    for term in [Term::Cross, Term::Tolerant { lambda: 2.0 }] {
        let mut of = targets(2, &labels);
        (of.weights, of.shifts) = (vec![2.0, 0.25], vec![0.5, 0.0]);
        let (value, grads) = run(term, of, &[0.5, 1.0]);
        let yes = loss(term, &[1.0], &[Label::Yes]);
        let no = loss(term, &[1.0], &[Label::No]);
        assert!((value - 2.0 * yes.0 - 0.25 * no.0).abs() < 1e-6);
        if term != Term::Cross {
            assert!((grads[0] - 2.0 * yes.1[0]).abs() < 1e-6);
        }
        assert!((grads[1] - 0.25 * no.1[0]).abs() < 1e-6);
    }
    let mut row = targets(2, &labels);
    row.weights = vec![3.0; 2];
    let (value, grads) = run(Term::Listwise, row, &[0.5, 1.0]);
    let plain = loss(Term::Listwise, &[0.5, 1.0], &labels);
    assert!((value - 3.0 * plain.0).abs() < 1e-6 && (grads[1] - 3.0 * plain.1[1]).abs() < 1e-6);
}

#[test]
fn a_list_of_another_length_is_refused() {
    let op = MaskedLoss { term: Term::Cross, targets: targets(2, &[Label::No; 2]), posts: 1 };
    assert!(op.forward(&[&[1.0]]).is_err());
    assert!(op.backward(&[&[1.0]], &[0.0], &[1.0], &()).is_err());
}

/// Logits with the labels and weights of one row.
type Row = Vec<(f32, bool, f32)>;

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let cell = (-220f32..220.0, any::<bool>(), 0f32..3.0);
    prop::collection::vec(prop::collection::vec(cell, 1..6), 1..5)
}

/// Rows padded to `width` by columns with logit `filler`.
fn padded(rows: &[Row], width: usize, filler: f32) -> (Targets, Vec<f32>) {
    let mut of = Targets { width, ..Targets::default() };
    let mut logits = Vec::new();
    for row in rows {
        for column in 0..width {
            let (x, label, weight) = match row.get(column) {
                Some(&(x, true, weight)) => (x, Label::Yes, weight),
                Some(&(x, false, weight)) => (x, Label::No, weight),
                None => (filler, Label::Pad, 7.0),
            };
            logits.push(x);
            of.labels.push(label);
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
        for term in TERMS {
            let (of, logits) = padded(&rows, widest, 0.0);
            let (value, grads) = run(term, of, &logits);
            let (of, logits) = padded(&rows, widest + more, filler);
            let (wide_value, wide_grads) = run(term, of, &logits);
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
        for term in TERMS {
            let (_, grads) = run(term, of.clone(), &logits);
            let moved = |by: f32| {
                let mut logits = logits.clone();
                logits[at] += by;
                f64::from(run(term, of.clone(), &logits).0)
            };
            let wanted = (moved(0.01) - moved(-0.01)) / 0.02;
            // A corner of the clipped loss may lie between.
            prop_assert!((f64::from(grads[at]) - wanted).abs() < 0.02, "{term:?} {} {wanted}", grads[at]);
        }
    }
}
