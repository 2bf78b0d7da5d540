//! The loss over padded labels, as one operation of the graph.

use candle_core::{Result, Shape, bail};

use super::{objective::Targets, operation::Kernel, terms::Term};

/// What a post says about one column of its row of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// The column belongs to no hashtag of the post's community.
    Pad,
    /// The post doesn't carry the hashtag.
    No,
    /// It does.
    Yes,
}

/// The sum of a term over all unpadded positions, each times its weight, divided by `posts`. Padded
/// positions add nothing, whatever stands there, and their gradient is exactly zero.
pub(super) struct MaskedLoss {
    pub(super) term: Term,
    pub(super) targets: Targets,
    /// The divisor: posts of the whole step, which may be more than those of this tensor.
    pub(super) posts: usize,
}

impl MaskedLoss {
    /// Logit, label, weight and shift of every position of some rows.
    fn positions<'a>(
        &'a self,
        logits: &'a [f32],
    ) -> Result<impl Iterator<Item = (f32, Label, f32, f32)> + 'a> {
        let Targets { labels, weights, shifts, .. } = &self.targets;
        if logits.len() != labels.len() || logits.len() != weights.len() {
            bail!("{} logits, but {} labels", logits.len(), labels.len());
        }
        let shifts = shifts.iter().copied().chain(std::iter::repeat(0.0));
        let told = labels.iter().zip(weights).zip(shifts);
        Ok(logits
            .iter()
            .zip(told)
            .map(|(&x, ((&label, &weight), shift))| (x, label, weight, shift)))
    }

    /// The rows of logits with their labels and their weight, which is that of the first column: a
    /// loss of rows has none for single columns.
    fn rows<'a>(
        &'a self,
        logits: &'a [f32],
    ) -> impl Iterator<Item = (&'a [f32], &'a [Label], f32)> {
        let width = self.targets.width.max(1);
        let Targets { labels, weights, .. } = &self.targets;
        let told = labels.chunks_exact(width).zip(weights.chunks_exact(width));
        logits.chunks_exact(width).zip(told).map(|(x, (labels, weights))| (x, labels, weights[0]))
    }
}

/// Cross-entropy of the softmax over a row's unpadded positions against equal shares for the
/// hashtags the post carries, and its derivative by every logit.
fn listwise(logits: &[f32], labels: &[Label]) -> (f64, Vec<f64>) {
    let of = |wanted: fn(Label) -> bool| {
        let chosen = logits.iter().zip(labels).filter(move |(_, label)| wanted(**label));
        chosen.map(|(&x, _)| f64::from(x))
    };
    let carried = of(|label| label == Label::Yes).count();
    if carried == 0 {
        return (0.0, vec![0.0; logits.len()]);
    }
    // `max` ignores NaN, the sum of exponentials doesn't.
    let highest = of(|label| label != Label::Pad).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = of(|label| label != Label::Pad).map(|x| (x - highest).exp()).sum();
    let share = 1.0 / carried as f64;
    let of_carried: f64 = of(|label| label == Label::Yes).map(|x| highest - x).sum();
    let slope = |(&x, &label): (&f32, &Label)| match label {
        Label::Pad => 0.0,
        Label::No => (f64::from(x) - highest).exp() / sum,
        Label::Yes => (f64::from(x) - highest).exp() / sum - share,
    };
    (of_carried * share + sum.ln(), logits.iter().zip(labels).map(slope).collect())
}

impl Kernel for MaskedLoss {
    type Saved = ();
    const NAME: &'static str = "masked-loss";

    fn forward(&self, inputs: &[&[f32]]) -> Result<(Vec<f32>, Shape, ())> {
        let [logits] = inputs else { bail!("expected one input") };
        let positions = self.positions(logits)?;
        let loss: f64 = match self.term {
            Term::Listwise => self
                .rows(logits)
                .map(|(x, labels, weight)| listwise(x, labels).0 * f64::from(weight))
                .sum(),
            term => positions
                .map(|(x, label, weight, shift)| match label {
                    Label::Pad => 0.0,
                    label => {
                        let x = f64::from(x) + f64::from(shift);
                        term.value(label == Label::Yes, x) * f64::from(weight)
                    }
                })
                .sum(),
        };
        Ok((vec![(loss / self.posts as f64) as f32], Shape::from(()), ()))
    }

    fn backward(
        &self,
        inputs: &[&[f32]],
        _: &[f32],
        grad: &[f32],
        (): &(),
    ) -> Result<Vec<Vec<f32>>> {
        let ([logits], [grad]) = (inputs, grad) else { bail!("expected one input") };
        let grad = grad / self.posts as f32;
        let positions = self.positions(logits)?;
        let grads = match self.term {
            Term::Listwise => self
                .rows(logits)
                .flat_map(|(x, labels, weight)| {
                    let (_, slopes) = listwise(x, labels);
                    slopes.into_iter().zip(labels).map(move |(slope, &label)| match label {
                        Label::Pad => 0.0,
                        _ => slope as f32 * grad * weight,
                    })
                })
                .collect(),
            term => positions
                .map(|(x, label, weight, shift)| match label {
                    Label::Pad => 0.0,
                    label => term.slope(label == Label::Yes, x, shift) * grad * weight,
                })
                .collect(),
        };
        Ok(vec![grads])
    }
}

#[cfg(test)]
#[path = "loss_tests.rs"]
mod tests;
