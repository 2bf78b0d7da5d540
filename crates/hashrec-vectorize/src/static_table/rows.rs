//! The vectors of a table, with more or fewer bits a number.

use hashrec_storage::{Part, PartWriter, Table};
use serde::{Deserialize, Serialize};

use super::half::{from_half, to_half};
use crate::VectorizeError;

const ROWS: &str = "rows";
const SCALES: &str = "scales";

/// With how many bits a table stores each number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats.
    Single,
    /// 16-bit floats; numbers beyond ±65504 become ±65504.
    Half,
    /// 8-bit whole numbers, with a 32-bit scale for each row.
    Int8,
}

/// Vectors of equal length, one after another.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rows {
    Single(Table<f32>),
    Half(Table<u16>),
    Int8 { values: Table<i8>, scales: Table<f32> },
}

impl Rows {
    pub(super) fn precision(&self) -> Precision {
        match self {
            Self::Single(_) => Precision::Single,
            Self::Half(_) => Precision::Half,
            Self::Int8 { .. } => Precision::Int8,
        }
    }

    /// The same vectors, rounded; each has `dim` numbers.
    pub(super) fn with_precision(self, precision: Precision, dim: usize) -> Self {
        if self.precision() == precision {
            return self;
        }
        let values = self.to_single(dim);
        match precision {
            Precision::Single => Self::Single(values.into()),
            Precision::Half => {
                Self::Half(values.into_iter().map(to_half).collect::<Vec<u16>>().into())
            }
            Precision::Int8 => {
                let largest = |row: &[f32]| row.iter().fold(0.0f32, |most, v| most.max(v.abs()));
                let scales: Vec<f32> =
                    values.chunks_exact(dim).map(|row| largest(row) / 127.0).collect();
                let rounded = values.chunks_exact(dim).zip(&scales).flat_map(|(row, &scale)| {
                    let times = if scale > 0.0 { 1.0 / scale } else { 0.0 };
                    row.iter().map(move |value| (value * times).round() as i8)
                });
                Self::Int8 { values: rounded.collect::<Vec<i8>>().into(), scales: scales.into() }
            }
        }
    }

    /// All numbers.
    pub(super) fn to_single(&self, dim: usize) -> Vec<f32> {
        match self {
            Self::Single(values) => values.to_vec(),
            Self::Half(values) => values.iter().map(|&value| from_half(value)).collect(),
            Self::Int8 { values, scales } => {
                let rows = values.chunks_exact(dim).zip(scales.iter());
                rows.flat_map(|(row, scale)| row.iter().map(move |&v| f32::from(v) * scale))
                    .collect()
            }
        }
    }

    /// Adds a row, times `weight`, to a sum of its length; nothing if there is no such row.
    #[inline]
    pub(super) fn add(&self, row: usize, weight: f32, sum: &mut [f32]) {
        let start = row.saturating_mul(sum.len());
        let span = start..start.saturating_add(sum.len());
        match self {
            Self::Single(values) => {
                let values = values.get(span).unwrap_or_default();
                sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += weight * value);
            }
            Self::Half(values) => {
                let values = values.get(span).unwrap_or_default();
                sum.iter_mut().zip(values).for_each(|(s, &value)| *s += weight * from_half(value));
            }
            Self::Int8 { values, scales } => {
                let values = values.get(span).unwrap_or_default();
                let weight = weight * scales.get(row).copied().unwrap_or(0.0);
                sum.iter_mut().zip(values).for_each(|(s, &value)| *s += weight * f32::from(value));
            }
        }
    }

    pub(super) fn write(&self, writer: &mut PartWriter) -> Result<(), VectorizeError> {
        match self {
            Self::Single(values) => writer.table(ROWS, values)?,
            Self::Half(values) => writer.table(ROWS, values)?,
            Self::Int8 { values, scales } => {
                writer.table(ROWS, values)?;
                writer.table(SCALES, scales)?
            }
        };
        Ok(())
    }

    /// Reads what [`write`](Self::write) wrote: `rows` vectors of `dim` numbers.
    pub(super) fn read(
        part: &Part,
        precision: Precision,
        rows: usize,
        dim: usize,
    ) -> Result<Self, VectorizeError> {
        let len = rows.saturating_mul(dim);
        Ok(match precision {
            Precision::Single => Self::Single(part.table_of(ROWS, len)?),
            Precision::Half => Self::Half(part.table_of(ROWS, len)?),
            Precision::Int8 => {
                let values = part.table_of(ROWS, len)?;
                Self::Int8 { values, scales: part.table_of(SCALES, rows)? }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of a bell curve, as those of real tables are.
    fn numbers(len: usize) -> Vec<f32> {
        let mut state = 1u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / (1u64 << 24) as f32
        };
        (0..len).map(|_| (0..12).map(|_| uniform()).sum::<f32>() - 6.0).collect()
    }

    fn cosine(a: &[f32], b: &[f32]) -> f64 {
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
        };
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    #[test]
    fn fewer_bits_keep_the_direction() {
        let (dim, rows) = (256, 200);
        let single = Rows::Single(numbers(dim * rows).into());
        for (precision, least) in [(Precision::Half, 0.999_999_9), (Precision::Int8, 0.9999)] {
            let rounded = single.clone().with_precision(precision, dim);
            assert_eq!(rounded.precision(), precision);
            for row in 0..rows {
                let (mut a, mut b) = (vec![0.0; dim], vec![0.0; dim]);
                single.add(row, 1.0, &mut a);
                rounded.add(row, 2.0, &mut b);
                assert!(cosine(&a, &b) > least, "{precision:?} {}", cosine(&a, &b));
            }
            let back = rounded.clone().with_precision(Precision::Single, dim);
            assert_eq!(back.clone().with_precision(precision, dim), rounded);
        }
    }

    #[test]
    fn rows_of_zeros_and_absent_rows_add_nothing() {
        for precision in [Precision::Single, Precision::Half, Precision::Int8] {
            let rows = Rows::Single(vec![0.0, 0.0, 3.0, -1.0].into()).with_precision(precision, 2);
            let mut sum = [1.0, 1.0];
            rows.add(0, 1.0, &mut sum);
            rows.add(2, 1.0, &mut sum);
            rows.add(usize::MAX, 1.0, &mut sum);
            assert_eq!(sum, [1.0, 1.0]);
            rows.add(1, 2.0, &mut sum);
            assert!((sum[0] - 7.0).abs() < 1e-6 && (sum[1] + 1.0).abs() < 0.05, "{sum:?}");
        }
    }
}
