//! Some posts of many, evenly.

/// Posts picked evenly from a stream whose length isn't known. Holds at most twice as many as are
/// wanted.
pub(super) struct Sample {
    most: usize,
    /// Every so many posts, one is kept.
    step: usize,
    seen: usize,
    kept: Vec<String>,
}

impl Sample {
    /// Will pick at most `most` posts.
    pub(super) fn new(most: usize) -> Self {
        Self { most, step: 1, seen: 0, kept: Vec::new() }
    }

    /// Offers the next post.
    pub(super) fn offer(&mut self, post: &str) {
        if self.most > 0 && self.seen.is_multiple_of(self.step) {
            if self.kept.len() == 2 * self.most {
                let mut keep = false;
                self.kept.retain(|_| {
                    keep = !keep;
                    keep
                });
                self.step *= 2;
            }
            self.kept.push(post.to_owned());
        }
        self.seen += 1;
    }

    /// The posts, in their order.
    pub(super) fn posts(self) -> Vec<String> {
        let (most, found) = (self.most, self.kept.len());
        if found <= most {
            return self.kept;
        }
        // The n-th of `most` steps over `found` posts ends where the quotient changes.
        let is_picked = |n: usize| n * most / found != (n + 1) * most / found;
        let numbered = self.kept.into_iter().enumerate();
        numbered.filter(|&(n, _)| is_picked(n)).map(|(_, post)| post).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(posts: usize, most: usize) -> Vec<usize> {
        let mut sample = Sample::new(most);
        for post in 0..posts {
            sample.offer(&post.to_string());
            assert!(sample.kept.len() <= 2 * most);
        }
        sample.posts().iter().map(|post| post.parse().unwrap()).collect()
    }

    #[test]
    fn posts_are_picked_evenly() {
        assert_eq!(picked(3, 5), [0, 1, 2]);
        assert_eq!(picked(5, 5), [0, 1, 2, 3, 4]);
        assert_eq!(picked(9, 0), [0; 0]);
        for (posts, most) in [(6, 5), (10, 5), (11, 5), (1000, 7), (1024, 1), (12_345, 100)] {
            let found = picked(posts, most);
            assert_eq!(found.len(), most, "{posts}");
            let mean = posts as f64 / most as f64;
            let gaps = found.windows(2).map(|pair| (pair[1] - pair[0]) as f64);
            assert!(gaps.clone().all(|gap| gap > 0.0 && gap <= 2.0 * mean), "{found:?}");
            assert!((found[0] as f64) < 2.0 * mean, "{found:?}");
            assert!(found[most - 1] as f64 > posts as f64 - 2.0 * mean, "{found:?}");
        }
    }
}
