//! How near two times are.

use crate::RecencyParams;

/// The time of a post whose time is unknown; it is near no other post.
pub(crate) const UNKNOWN: i64 = i64::MIN;

const SECONDS_PER_DAY: f32 = 86_400.0;

/// 1 for posts of the same time, falling to 0.
pub(crate) fn nearness(params: &RecencyParams, a: i64, b: i64) -> f32 {
    if a == UNKNOWN || b == UNKNOWN {
        return 0.0;
    }
    let days = a.abs_diff(b) as f32 / SECONDS_PER_DAY;
    (-days / params.scale_days).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    #[test]
    fn nearness_falls_with_the_days() {
        let params = RecencyParams { scale_days: 10.0, ..RecencyParams::default() };
        assert_eq!(nearness(&params, 5, 5), 1.0);
        let ten = nearness(&params, 20 * DAY, 10 * DAY);
        assert!((ten - (-1.0f32).exp()).abs() < 1e-6);
        assert_eq!(ten, nearness(&params, 10 * DAY, 20 * DAY));
        assert_eq!(nearness(&params, UNKNOWN, UNKNOWN), 0.0);
        assert_eq!(nearness(&params, i64::MIN + 1, i64::MAX), 0.0);
    }
}
