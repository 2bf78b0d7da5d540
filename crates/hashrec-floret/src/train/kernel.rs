//! The inner loops, written so that they vectorise.
//!
//! Vectors are padded with zeros to whole blocks of [`LANES`], and sums run in `LANES` separate
//! accumulators: the result is the same however wide the machine's registers are. Every function
//! is inlined into its caller so that it is compiled for the caller's instruction set.

/// Numbers a block.
pub(super) const LANES: usize = 16;

/// The sum of products.
#[inline(always)]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}

/// `to += from`.
#[inline(always)]
pub(super) fn add(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.as_chunks_mut::<LANES>().0.iter_mut().zip(from.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            to[lane] += from[lane];
        }
    }
}

/// `to += factor * from`.
#[inline(always)]
pub(super) fn add_scaled(to: &mut [f32], factor: f32, from: &[f32]) {
    for (to, from) in to.as_chunks_mut::<LANES>().0.iter_mut().zip(from.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            to[lane] += factor * from[lane];
        }
    }
}

/// `vector *= factor`.
#[inline(always)]
pub(super) fn scale(vector: &mut [f32], factor: f32) {
    for block in vector.as_chunks_mut::<LANES>().0 {
        for value in block {
            *value *= factor;
        }
    }
}

/// One step of negative sampling in one pass: `gradient += step * row`, `row += step * hidden`,
/// both from the old row.
#[inline(always)]
pub(super) fn exchange(row: &mut [f32], hidden: &[f32], gradient: &mut [f32], step: f32) {
    let rows = row.as_chunks_mut::<LANES>().0;
    let gradients = gradient.as_chunks_mut::<LANES>().0;
    for ((row, hidden), gradient) in
        rows.iter_mut().zip(hidden.as_chunks::<LANES>().0).zip(gradients)
    {
        for lane in 0..LANES {
            gradient[lane] += step * row[lane];
            row[lane] += step * hidden[lane];
        }
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

        let mut sum = a.clone();
        add(&mut sum, &b);
        add_scaled(&mut sum, 2.0, &b);
        scale(&mut sum, 0.5);
        let (mut row, mut gradient) = (a.clone(), vec![1.0; a.len()]);
        exchange(&mut row, &b, &mut gradient, 0.5);
        for i in 0..a.len() {
            assert_eq!(sum[i], (a[i] + 3.0 * b[i]) * 0.5);
            assert_eq!(gradient[i], 1.0 + 0.5 * a[i]);
            assert_eq!(row[i], a[i] + 0.5 * b[i]);
        }
    }
}
