//! Vectors in one byte a number.

use hashrec_storage::Table;

use crate::simd::widest;

/// The largest number of a quantized vector.
const MOST: f32 = 127.0;

/// A vector as whole numbers between -127 and 127, and what one of them stands for.
pub(crate) struct Quantized {
    pub(crate) values: Vec<i8>,
    pub(crate) scale: f32,
}

/// What is not finite as 0.
pub(super) fn finite(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}

impl Quantized {
    /// The nearest quantized vector; what is not finite counts as 0.
    pub(crate) fn of(vector: &[f32]) -> Self {
        let largest = vector.iter().map(|&value| finite(value).abs()).fold(0.0, f32::max);
        let scale = largest / MOST;
        let inverse = if scale > 0.0 { scale.recip() } else { 0.0 };
        // A scale so small that its inverse overflows makes infinite numbers, which are cut.
        let narrow = |&value: &f32| (finite(value) * inverse).round().clamp(-MOST, MOST) as i8;
        Self { values: vector.iter().map(narrow).collect(), scale }
    }
}

/// Quantized vectors of one length, one after another.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct QuantizedRows {
    pub(crate) values: Table<i8>,
    /// One number per vector.
    pub(crate) scales: Table<f32>,
}

impl QuantizedRows {
    /// Quantizes vectors.
    #[cfg(feature = "train")]
    pub(crate) fn of<'a>(vectors: impl IntoIterator<Item = &'a [f32]>) -> Self {
        let (mut values, mut scales) = (Vec::new(), Vec::new());
        for vector in vectors {
            let row = Quantized::of(vector);
            values.extend(row.values);
            scales.push(row.scale);
        }
        Self { values: values.into(), scales: scales.into() }
    }

    pub(crate) fn view(&self) -> RowsView<'_> {
        RowsView { values: &self.values, scales: &self.scales }
    }
}

/// The same, read in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowsView<'a> {
    pub(crate) values: &'a [i8],
    pub(crate) scales: &'a [f32],
}

impl RowsView<'_> {
    pub(crate) fn len(&self) -> usize {
        self.scales.len()
    }

    /// The length of every vector.
    pub(crate) fn width(&self) -> usize {
        self.values.len().checked_div(self.scales.len()).unwrap_or(0)
    }

    /// The dot product of each vector with another.
    pub(crate) fn products(&self, other: &Quantized) -> Vec<f32> {
        let mut products = vec![0.0; self.len()];
        // Widened once, not once for each row.
        let values: Vec<i16> = other.values.iter().map(|&value| i16::from(value)).collect();
        widest(
            #[inline(always)]
            || {
                let rows = self.values.chunks_exact(self.width().max(1)).zip(self.scales);
                for (product, (row, &scale)) in products.iter_mut().zip(rows) {
                    *product = dot(row, &values) as f32 * (scale * other.scale);
                }
            },
        );
        products
    }

    /// The dot product of two of the vectors.
    #[cfg(feature = "train")]
    pub(crate) fn product(&self, one: usize, other: usize) -> f32 {
        let width = self.width();
        let row = |place: usize| {
            let values = self.values.get(place * width..(place + 1) * width).unwrap_or_default();
            (values, self.scales.get(place).copied().unwrap_or(0.0))
        };
        let ((a, a_scale), (b, b_scale)) = (row(one), row(other));
        dot(a, b) as f32 * (a_scale * b_scale)
    }

    /// Writes a vector times a number; zeros if there is none at that place.
    #[cfg(feature = "train")]
    pub(crate) fn restore(&self, place: usize, times: f32, out: &mut [f32]) {
        let width = self.width();
        out.fill(0.0);
        let scale = self.scales.get(place).map_or(0.0, |&scale| scale * times);
        let row = self.values.get(place * width..(place + 1) * width).unwrap_or_default();
        out.iter_mut().zip(row).for_each(|(out, &value)| *out = f32::from(value) * scale);
    }
}

/// Whole numbers, so that the compiler may add them in any order, many at a time.
#[inline(always)]
fn dot<B: Copy + Into<i32>>(a: &[i8], b: &[B]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(a) * b.into()).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_finite_is_zero() {
        let row = Quantized::of(&[f32::NAN, 2.0, f32::NEG_INFINITY, -1.0]);
        assert_eq!(row.values, [0, 127, 0, -64]);
        assert_eq!(Quantized::of(&[0.0, 0.0]).values, [0, 0]);
        assert!(Quantized::of(&[1e-44, 0.0]).scale.is_finite());
    }

    #[cfg(feature = "train")]
    proptest! {
        #[test]
        fn products_are_close(pairs in prop::collection::vec((-1.0f32..1.0, -1.0f32..1.0), 1..300)) {
            let (a, b): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let rows = QuantizedRows::of([&a[..], &b]);
            let exact = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>();
            let found = rows.view().products(&Quantized::of(&b));
            // A number is off by half of what one stands for, at most.
            let step = |v: &[f32]| v.iter().fold(0.0, |most: f32, x| most.max(x.abs())) / 254.0;
            let sum = |v: &[f32]| v.iter().map(|x| x.abs()).sum::<f32>();
            let off = |x: &[f32], y: &[f32]| {
                let both = step(x) * step(y) * x.len() as f32;
                sum(x) * step(y) + sum(y) * step(x) + both + 1e-4
            };
            prop_assert!((found[0] - exact(&a, &b)).abs() < off(&a, &b));
            prop_assert!((found[1] - exact(&b, &b)).abs() < off(&b, &b));
            for (place, product) in found.into_iter().enumerate() {
                prop_assert_eq!(rows.view().product(place, 1), product);
                prop_assert_eq!(rows.view().product(1, place), product);
            }
            let mut restored = vec![0.0; a.len()];
            rows.view().restore(0, 2.0, &mut restored);
            prop_assert!(a.iter().zip(restored).all(|(x, r)| (2.0 * x - r).abs() < 0.01));
        }
    }
}
