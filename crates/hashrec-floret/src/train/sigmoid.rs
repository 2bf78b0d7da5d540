//! A table of the logistic function.

const LIMIT: f32 = 8.0;
const STEPS: usize = 1024;
/// Steps per unit.
const SCALE: f32 = STEPS as f32 / (2.0 * LIMIT);

/// 1 / (1 + e⁻ˣ), interpolated between 1,024 steps from −8 to 8. The error is below 4e-6 there; the
/// function is constant outside.
pub(super) struct Sigmoid {
    values: [f32; STEPS + 2],
}

impl Sigmoid {
    pub(super) fn new() -> Self {
        let value = |i| {
            let x = (i as f64) / f64::from(SCALE) - f64::from(LIMIT);
            (1.0 / (1.0 + (-x).exp())) as f32
        };
        Self { values: std::array::from_fn(value) }
    }

    /// The value at `x`; NaN if `x` is.
    #[inline]
    pub(super) fn at(&self, x: f32) -> f32 {
        let position = (x.clamp(-LIMIT, LIMIT) + LIMIT) * SCALE;
        let index = position as usize; // 0 for NaN
        let (low, high) = (self.values[index], self.values[index + 1]);
        low + (position - index as f32) * (high - low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_logistic_function() {
        let sigmoid = Sigmoid::new();
        for i in -8000..=8000 {
            let x = i as f32 / 1000.0;
            let exact = 1.0 / (1.0 + (-x).exp());
            assert!((sigmoid.at(x) - exact).abs() < 4e-6, "{x}");
        }
        assert_eq!(sigmoid.at(100.0), sigmoid.at(8.0));
        assert_eq!(sigmoid.at(f32::NEG_INFINITY), sigmoid.at(-8.0));
        assert!(sigmoid.at(f32::NAN).is_nan());
    }
}
