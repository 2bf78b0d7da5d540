//! Alternatives measured in turn, so that a busy machine slows all of them alike.

use std::{
    fmt,
    time::{Duration, Instant},
};

/// Alternatives that do the same work, or parts of it.
#[derive(Default)]
pub struct Alternatives<'a> {
    runs: Vec<(String, Box<dyn FnMut() + 'a>)>,
}

impl<'a> Alternatives<'a> {
    /// Adds an alternative; the first added is what the others are compared with.
    pub fn with(mut self, name: impl Into<String>, run: impl FnMut() + 'a) -> Self {
        self.runs.push((name.into(), Box::new(run)));
        self
    }

    /// Runs every alternative once to warm up, then all in turn, `rounds` times (at least once).
    pub fn compare(mut self, rounds: usize) -> Comparison {
        self.runs.iter_mut().for_each(|(_, run)| run());
        let mut fastest = vec![Duration::MAX; self.runs.len()];
        for _ in 0..rounds.max(1) {
            for ((_, run), fastest) in self.runs.iter_mut().zip(&mut fastest) {
                let start = Instant::now();
                run();
                *fastest = start.elapsed().min(*fastest);
            }
        }
        let names = self.runs.into_iter().map(|(name, _)| name);
        Comparison { fastest: names.zip(fastest).collect() }
    }
}

/// The fastest round of each alternative; shown as a table with ratios to the first.
///
/// The fastest, because what other programs take from the machine only ever adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    fastest: Vec<(String, Duration)>,
}

impl Comparison {
    /// Name and shortest time of each alternative, in the order they were added.
    pub fn fastest(&self) -> &[(String, Duration)] {
        &self.fastest
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.fastest.first().map_or(0.0, |(_, time)| time.as_secs_f64());
        for (name, time) in &self.fastest {
            let ms = time.as_secs_f64() * 1e3;
            writeln!(f, "{name:28} {ms:10.3} ms {:8.2} x", ms / 1e3 / base)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn alternatives_take_turns() {
        let order = RefCell::new(String::new());
        let comparison = Alternatives::default()
            .with("a", || order.borrow_mut().push('a'))
            .with("b", || order.borrow_mut().push('b'))
            .compare(2);
        assert_eq!(*order.borrow(), "ababab");
        let names: Vec<_> = comparison.fastest().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn ratios_are_to_the_first() {
        let ms = Duration::from_millis;
        let fastest = vec![("one".to_owned(), ms(4)), ("two".to_owned(), ms(10))];
        let shown = Comparison { fastest }.to_string();
        assert!(shown.contains("1.00 x") && shown.contains("2.50 x"), "{shown}");
    }

    #[test]
    fn no_alternatives_are_harmless_and_no_rounds_are_one() {
        assert!(Alternatives::default().compare(3).fastest().is_empty());
        let mut runs = 0;
        Alternatives::default().with("a", || runs += 1).compare(0);
        assert_eq!(runs, 2);
    }
}
