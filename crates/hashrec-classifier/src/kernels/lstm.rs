//! A bidirectional LSTM over packed sequences.
//!
//! Per token t, with g = W·x + U·h(t−1) + b split into four gates of width H:
//! i = σ(g₀), f = σ(g₁), a = tanh(g₂), o = σ(g₃), c(t) = f·c(t−1) + i·a, h(t) = o·tanh c(t)
//! (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000). The second direction
//! runs from each post's own last token, so that it starts with a token and not with padding.
//!
//! `W·x` doesn't depend on the recurrence and is computed once for every *distinct* word of the
//! batch. In the tables below the forward direction's columns come first, then the backward one's.

use super::{
    product::{Write, mat, mat_mut, multiply},
    simd::{sigmoid, tanh, vectorized},
};
use crate::sequences::Sequences;

/// Sizes of the layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lstm {
    /// Width of a word vector, D.
    pub(crate) input: usize,
    /// Width of the hidden state per direction, H.
    pub(crate) hidden: usize,
}

/// What the backward pass needs again.
pub(crate) struct Saved {
    /// i, f, a, o of both directions: [tokens, 8H].
    gates: Vec<f32>,
    /// c of both directions: [tokens, 2H].
    cells: Vec<f32>,
    /// tanh c of both directions: [tokens, 2H].
    cell_tanh: Vec<f32>,
}

impl Lstm {
    /// The width of a row of the weights: D + H.
    pub(crate) fn row(self) -> usize {
        self.input + self.hidden
    }

    /// The rows of the weights, and the length of the bias: 8H.
    pub(crate) fn gates(self) -> usize {
        8 * self.hidden
    }

    /// U of one direction as a contiguous copy, [4H, H].
    fn recurrent(self, weight: &[f32], direction: usize) -> Vec<f32> {
        let (h, row) = (self.hidden, self.row());
        let rows = weight[direction * 4 * h * row..].chunks_exact(row).take(4 * h);
        rows.flat_map(|row| row[self.input..].iter().copied()).collect()
    }

    /// `x` [distinct words, D], `weight` [8H, D + H] (`W` and `U` side by side), `bias` `[8H]` →
    /// [tokens, 2H].
    pub(crate) fn forward(
        self,
        sequences: &Sequences,
        x: &[f32],
        weight: &[f32],
        bias: &[f32],
    ) -> (Vec<f32>, Saved) {
        let (h, width, tokens) = (self.hidden, self.gates(), sequences.tokens());
        let distinct = sequences.words().len();
        let mut projected = vec![0.0; distinct * width];
        multiply(
            mat_mut(&mut projected, distinct, width, width),
            Write::Replace,
            mat(x, distinct, self.input, self.input),
            mat(weight, width, self.input, self.row()).reversed_axes(),
        );
        let mut saved = Saved {
            gates: Vec::with_capacity(tokens * width),
            cells: vec![0.0; tokens * 2 * h],
            cell_tanh: vec![0.0; tokens * 2 * h],
        };
        for &row in sequences.rows() {
            let row = &projected[row as usize * width..][..width];
            saved.gates.extend(row.iter().zip(bias).map(|(x, b)| x + b));
        }
        drop(projected);
        let mut out = vec![0.0; tokens * 2 * h];
        for direction in 0..2 {
            self.run(
                sequences,
                direction,
                &self.recurrent(weight, direction),
                &mut saved,
                &mut out,
            );
        }
        (out, saved)
    }

    /// One direction of the recurrence; `u` is [4H, H].
    fn run(
        self,
        sequences: &Sequences,
        direction: usize,
        u: &[f32],
        saved: &mut Saved,
        out: &mut [f32],
    ) {
        let (h, gates) = (self.hidden, 4 * self.hidden);
        let posts = sequences.posts();
        let mut hidden = vec![0.0; posts * h];
        let mut cell = vec![0.0; posts * h];
        let mut recurrent = vec![0.0; posts * gates];
        for step in 0..sequences.longest() {
            let active = sequences.active(step);
            if step > 0 {
                multiply(
                    mat_mut(&mut recurrent, active, gates, gates),
                    Write::Replace,
                    mat(&hidden, active, h, h),
                    mat(u, gates, h, h).reversed_axes(),
                );
            }
            vectorized(|| {
                for post in 0..active {
                    let token = sequences.token_at(direction, post, step);
                    let column = token * 2 * h + direction * h;
                    let gate = &mut saved.gates[token * 2 * gates + direction * gates..][..gates];
                    let state = &mut hidden[post * h..][..h];
                    let cell = &mut cell[post * h..][..h];
                    forward_cell(
                        gate,
                        &recurrent[post * gates..][..gates],
                        cell,
                        &mut saved.cell_tanh[column..][..h],
                        state,
                    );
                    saved.cells[column..][..h].copy_from_slice(cell);
                    out[column..][..h].copy_from_slice(state);
                }
            });
        }
    }

    /// The gradients of `x`, `weight` and `bias`, given that of the output; `out` is what
    /// [`forward`](Self::forward) returned.
    #[cfg(feature = "train")]
    pub(crate) fn backward(
        self,
        sequences: &Sequences,
        x: &[f32],
        weight: &[f32],
        out: &[f32],
        grad: &[f32],
        saved: &Saved,
    ) -> [Vec<f32>; 3] {
        let (h, width, tokens) = (self.hidden, self.gates(), sequences.tokens());
        let (distinct, row) = (sequences.words().len(), self.row());
        let mut dgates = vec![0.0; tokens * width];
        let mut dweight = vec![0.0; width * row];
        for direction in 0..2 {
            let u = self.recurrent(weight, direction);
            self.run_back(sequences, direction, &u, grad, saved, &mut dgates);
            let before = self.states_before(sequences, direction, out);
            multiply(
                mat_mut(&mut dweight[direction * 4 * h * row + self.input..], 4 * h, h, row),
                Write::Replace,
                mat(&dgates[direction * 4 * h..], tokens, 4 * h, width).reversed_axes(),
                mat(&before, tokens, h, h),
            );
        }
        let dbias = super::linear::column_sums(&dgates, width);
        let mut dprojected = vec![0.0; distinct * width];
        for (token, &word) in dgates.chunks_exact(width).zip(sequences.rows()) {
            let sum = &mut dprojected[word as usize * width..][..width];
            sum.iter_mut().zip(token).for_each(|(sum, value)| *sum += value);
        }
        drop(dgates);
        let dprojected = mat(&dprojected, distinct, width, width);
        multiply(
            mat_mut(&mut dweight, width, self.input, row),
            Write::Replace,
            dprojected.reversed_axes(),
            mat(x, distinct, self.input, self.input),
        );
        let mut dx = vec![0.0; distinct * self.input];
        multiply(
            mat_mut(&mut dx, distinct, self.input, self.input),
            Write::Replace,
            dprojected,
            mat(weight, width, self.input, row),
        );
        [dx, dweight, dbias]
    }

    /// One direction of the recurrence, from its last step to its first; fills the direction's
    /// columns of `dgates`.
    #[cfg(feature = "train")]
    fn run_back(
        self,
        sequences: &Sequences,
        direction: usize,
        u: &[f32],
        grad: &[f32],
        saved: &Saved,
        dgates: &mut [f32],
    ) {
        let (h, gates) = (self.hidden, 4 * self.hidden);
        let posts = sequences.posts();
        let mut dhidden = vec![0.0; posts * h];
        let mut dcell = vec![0.0; posts * h];
        let mut dgate = vec![0.0; posts * gates];
        let zeros = vec![0.0; h];
        for step in (0..sequences.longest()).rev() {
            let active = sequences.active(step);
            vectorized(|| {
                for post in 0..active {
                    let token = sequences.token_at(direction, post, step);
                    let column = token * 2 * h + direction * h;
                    let before = if step == 0 {
                        &zeros
                    } else {
                        let token = sequences.token_at(direction, post, step - 1);
                        &saved.cells[token * 2 * h + direction * h..][..h]
                    };
                    let dgate = &mut dgate[post * gates..][..gates];
                    let at = token * 2 * gates + direction * gates;
                    backward_cell(
                        &saved.gates[at..][..gates],
                        before,
                        &saved.cell_tanh[column..][..h],
                        &grad[column..][..h],
                        &dhidden[post * h..][..h],
                        &mut dcell[post * h..][..h],
                        dgate,
                    );
                    dgates[at..][..gates].copy_from_slice(dgate);
                }
            });
            if step > 0 {
                multiply(
                    mat_mut(&mut dhidden, active, h, h),
                    Write::Replace,
                    mat(&dgate, active, gates, gates),
                    mat(u, gates, h, h),
                );
            }
        }
    }

    /// For every token the hidden state its direction came from, zero at the first: [tokens, H].
    #[cfg(feature = "train")]
    fn states_before(self, sequences: &Sequences, direction: usize, out: &[f32]) -> Vec<f32> {
        let h = self.hidden;
        let mut before = vec![0.0; sequences.tokens() * h];
        for post in 0..sequences.posts() {
            for step in 1..sequences.tokens_of(post).len() {
                let token = sequences.token_at(direction, post, step);
                let from = sequences.token_at(direction, post, step - 1);
                before[token * h..][..h].copy_from_slice(&out[from * 2 * h + direction * h..][..h]);
            }
        }
        before
    }
}

/// One token of one direction. `gates` holds W·x + b and becomes the activations; `recurrent` is
/// U·h(t−1); `cell` and `state` are replaced by c(t) and h(t).
#[inline(always)]
fn forward_cell(
    gates: &mut [f32],
    recurrent: &[f32],
    cell: &mut [f32],
    cell_tanh: &mut [f32],
    state: &mut [f32],
) {
    let h = cell.len();
    let (input, rest) = gates.split_at_mut(h);
    let (forget, rest) = rest.split_at_mut(h);
    let (candidate, output) = rest.split_at_mut(h);
    let (ui, rest) = recurrent.split_at(h);
    let (uf, rest) = rest.split_at(h);
    let (ua, uo) = rest.split_at(h);
    // Slices of one known length: without bounds checks the loop becomes vector code.
    let (output, uo, cell_tanh, state) =
        (&mut output[..h], &uo[..h], &mut cell_tanh[..h], &mut state[..h]);
    for j in 0..h {
        let i = sigmoid(input[j] + ui[j]);
        let f = sigmoid(forget[j] + uf[j]);
        let a = tanh(candidate[j] + ua[j]);
        let o = sigmoid(output[j] + uo[j]);
        let c = f * cell[j] + i * a;
        let t = tanh(c);
        (input[j], forget[j], candidate[j], output[j]) = (i, f, a, o);
        (cell[j], cell_tanh[j], state[j]) = (c, t, o * t);
    }
}

/// The way back through one token of one direction: `grad` and `dhidden` together are the gradient
/// of h(t); `dcell` comes as that of c(t) and leaves as that of c(t−1); `dgates` is overwritten.
#[cfg(feature = "train")]
#[inline(always)]
fn backward_cell(
    gates: &[f32],
    cell_before: &[f32],
    cell_tanh: &[f32],
    grad: &[f32],
    dhidden: &[f32],
    dcell: &mut [f32],
    dgates: &mut [f32],
) {
    let h = dcell.len();
    let (input, rest) = gates.split_at(h);
    let (forget, rest) = rest.split_at(h);
    let (candidate, output) = rest.split_at(h);
    let (dinput, rest) = dgates.split_at_mut(h);
    let (dforget, rest) = rest.split_at_mut(h);
    let (dcandidate, doutput) = rest.split_at_mut(h);
    let (output, doutput, cell_before, cell_tanh, grad, dhidden) = (
        &output[..h],
        &mut doutput[..h],
        &cell_before[..h],
        &cell_tanh[..h],
        &grad[..h],
        &dhidden[..h],
    );
    for j in 0..h {
        let (i, f, a, o, t) = (input[j], forget[j], candidate[j], output[j], cell_tanh[j]);
        let dh = grad[j] + dhidden[j];
        let dc = dcell[j] + dh * o * (1.0 - t * t);
        dinput[j] = dc * a * i * (1.0 - i);
        dforget[j] = dc * cell_before[j] * f * (1.0 - f);
        dcandidate[j] = dc * i * (1.0 - a * a);
        doutput[j] = dh * t * o * (1.0 - o);
        dcell[j] = dc * f;
    }
}
