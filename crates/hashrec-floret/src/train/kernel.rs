//! The inner loops, written to vectorise.
//!
//! Vectors are padded with zeros to a multiple of [`LANES`], and sums use `LANES` separate
//! accumulators, so results don't depend on the width of the machine's registers. The functions are
//! not inlined: only as arguments of a function are their slices known not to overlap, and the cost
//! of a call is small beside the work on a row.

use std::hint::black_box;

/// Values per block: a cache line.
pub(super) const LANES: usize = 16;

/// The dot product.
#[inline(never)]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let mut four = [0f32; 4];
    for quarter in sums.as_chunks::<4>().0 {
        for (sum, part) in four.iter_mut().zip(quarter) {
            *sum += part;
        }
    }
    (four[0] + four[1]) + (four[2] + four[3])
}

/// Reads one value per block, so that rows outside the cache are fetched together before their
/// first use.
#[inline]
pub(super) fn touch(row: &[f32]) {
    let read = row.as_chunks::<LANES>().0.iter().fold(0, |all, block| all | block[0].to_bits());
    black_box(read);
}

/// `to += from`.
#[inline(never)]
pub(super) fn add(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from;
    }
}

/// `sum += step`, `to += factor * step`.
#[inline(never)]
pub(super) fn advance(sum: &mut [f32], to: &mut [f32], factor: f32, step: &[f32]) {
    for ((sum, to), step) in sum.iter_mut().zip(to).zip(step) {
        *sum += step;
        *to += factor * step;
    }
}

/// `vector *= factor`.
#[inline(never)]
pub(super) fn scale(vector: &mut [f32], factor: f32) {
    for value in vector {
        *value *= factor;
    }
}

/// One step of negative sampling in one pass: `gradient += step * row`, `row += step * hidden`, both
/// with the old `row`.
#[inline(never)]
pub(super) fn exchange(row: &mut [f32], hidden: &[f32], gradient: &mut [f32], step: f32) {
    for ((row, hidden), gradient) in row.iter_mut().zip(hidden).zip(gradient) {
        *gradient += step * *row;
        *row += step * hidden;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(start: f32) -> Vec<f32> {
        (0..3 * LANES).map(|i| start + i as f32 * 0.25).collect()
    }

    #[test]
    fn loops_do_what_they_say() {
        let (a, b) = (ramp(1.0), ramp(-4.0));
        let plain: f32 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
        assert!((dot(&a, &b) - plain).abs() < 1e-3);

        let (mut sum, mut moved) = (a.clone(), a.clone());
        add(&mut sum, &b);
        advance(&mut sum, &mut moved, 2.0, &b);
        scale(&mut sum, 0.5);
        let (mut row, mut gradient) = (a.clone(), vec![1.0; a.len()]);
        exchange(&mut row, &b, &mut gradient, 0.5);
        for i in 0..a.len() {
            assert_eq!(sum[i], (a[i] + 2.0 * b[i]) * 0.5);
            assert_eq!(moved[i], a[i] + 2.0 * b[i]);
            assert_eq!(gradient[i], 1.0 + 0.5 * a[i]);
            assert_eq!(row[i], a[i] + 0.5 * b[i]);
        }
    }
}
