//! Nearness at any time from that at a few moments.

use crate::{RecencyParams, nearness::nearness};

/// How the nearness at one time follows from that at the knots around it.
pub(crate) struct Between<'a> {
    params: &'a RecencyParams,
    knots: &'a [i64],
    /// Knots and what the nearness at each counts.
    parts: [Option<(usize, f32)>; 2],
    /// The knots between which posts are not described by `parts`.
    gap: Option<(i64, i64)>,
}

impl<'a> Between<'a> {
    pub(crate) fn new(params: &'a RecencyParams, knots: &'a [i64], time: i64) -> Self {
        let after = knots.partition_point(|&knot| knot <= time);
        let near = |a, b| nearness(params, a, b);
        let (parts, gap) = match (after.checked_sub(1), knots.get(after)) {
            (Some(before), Some(_)) if knots[before] == time => ([Some((before, 1.0)), None], None),
            (Some(before), Some(&end)) => {
                let start = knots[before];
                // a = sinh(v − t) / sinh(v − u), written with nearnesses, which can't overflow.
                let (whole, left, right) = (near(start, end), near(start, time), near(time, end));
                let scale = (1.0 - whole * whole).max(f32::MIN_POSITIVE).recip();
                let parts = [
                    Some((before, (left - whole * right) * scale)),
                    Some((after, (right - whole * left) * scale)),
                ];
                (parts, Some((start, end)))
            }
            // Before the first knot or after the last one, nearness only falls.
            (Some(last), None) => ([Some((last, near(knots[last], time))), None], None),
            (None, Some(&first)) => ([Some((0, near(first, time))), None], None),
            (None, None) => ([None, None], None),
        };
        Self { params, knots, parts, gap }
    }

    /// The knots, and what the nearness at each counts.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (usize, f32)> {
        self.parts.into_iter().flatten()
    }

    /// Whether posts of a time are not described by the knots.
    pub(crate) fn misses(&self, time: i64) -> bool {
        self.gap.is_some_and(|(start, end)| start < time && time < end)
    }

    /// The nearness of a post as it follows from the knots.
    pub(crate) fn nearness(&self, time: i64) -> f32 {
        let part = |(knot, factor)| {
            let knot = self.knots.get(knot).copied();
            knot.map_or(0.0, |knot| factor * nearness(self.params, knot, time))
        };
        self.parts().map(part).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    #[test]
    fn posts_outside_of_the_gap_are_as_near_as_they_are() {
        let params = RecencyParams { scale_days: 100.0, ..RecencyParams::default() };
        for knots in [&[][..], &[70 * DAY], &[0, 70 * DAY], &[0, 70 * DAY, 71 * DAY, 3000 * DAY]] {
            for asked in [-90, 0, 5, 69, 70, 71, 500, 2999, 3000, 3001, 9000].map(|day| day * DAY) {
                let between = Between::new(&params, knots, asked);
                let mut missed = 0;
                for post in (-10..310).map(|day| 10 * day * DAY) {
                    let inside = knots.first() <= Some(&post) && Some(&post) <= knots.last();
                    if !inside || between.misses(post) {
                        missed += usize::from(inside);
                        continue;
                    }
                    let (found, is) = (between.nearness(post), nearness(&params, asked, post));
                    assert!((found - is).abs() < 1e-5, "{knots:?} {asked} {post}: {found} {is}");
                }
                assert!(missed == 0 || (knots[0] < asked && Some(&asked) < knots.last()));
            }
        }
    }
}
