//! Wall time and CPU time of single calls.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

/// Percentiles of some durations, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Percentiles {
    /// The median.
    pub p50: f64,
    /// What 99 of 100 calls stay below.
    pub p99: f64,
}

impl Percentiles {
    /// Linear interpolation between the two nearest ranks, as numpy's `percentile` does; `None`
    /// without durations.
    pub fn of(durations: &[Duration]) -> Option<Self> {
        let mut sorted: Vec<f64> = durations.iter().map(|d| d.as_secs_f64() * 1e3).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| -> Option<f64> {
            let rank = share * sorted.len().checked_sub(1)? as f64;
            let below = *sorted.get(rank.floor() as usize)?;
            let above = *sorted.get(rank.ceil() as usize)?;
            Some(below + (above - below) * rank.fract())
        };
        Some(Self { p50: at(0.50)?, p99: at(0.99)? })
    }
}

/// What a [`Timer`] has measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Timings {
    /// How many calls.
    pub calls: usize,
    /// Time on the clock.
    pub wall_ms: Option<Percentiles>,
    /// Time on the processor, where the system tells it for a thread: it hardly changes when
    /// other programs want the same processor.
    pub cpu_ms: Option<Percentiles>,
}

/// Times calls on the calling thread one by one.
#[derive(Debug, Default)]
pub struct Timer {
    wall: Vec<Duration>,
    cpu: Vec<Duration>,
}

impl Timer {
    /// Runs and times one call.
    pub fn time<T>(&mut self, call: impl FnOnce() -> T) -> T {
        let (cpu, wall) = (thread_cpu(), Instant::now());
        let result = black_box(call());
        self.wall.push(wall.elapsed());
        if let (Some(before), Some(after)) = (cpu, thread_cpu()) {
            self.cpu.push(after.saturating_sub(before));
        }
        result
    }

    /// The percentiles of all calls so far.
    pub fn timings(&self) -> Timings {
        Timings {
            calls: self.wall.len(),
            wall_ms: Percentiles::of(&self.wall),
            cpu_ms: Percentiles::of(&self.cpu),
        }
    }
}

/// CPU time of this process since its start, all threads together; `None` where the system doesn't
/// tell.
pub fn process_cpu() -> Option<Duration> {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Duration::try_from(time).ok()
    }
    #[cfg(not(unix))]
    None
}

/// CPU time of the calling thread since its start.
#[cfg(unix)]
fn thread_cpu() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).ok()
}

/// CPU time of the calling thread since its start.
#[cfg(not(unix))]
fn thread_cpu() -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_between_ranks() {
        let durations: Vec<_> = (1..=5).rev().map(Duration::from_millis).collect();
        let percentiles = Percentiles::of(&durations).unwrap();
        assert!((percentiles.p50 - 3.0).abs() < 1e-9);
        assert!((percentiles.p99 - 4.96).abs() < 1e-9);
    }

    #[test]
    fn one_duration_is_every_percentile_and_none_has_none() {
        let one = Percentiles::of(&[Duration::from_millis(2)]).unwrap();
        assert_eq!((one.p50, one.p99), (2.0, 2.0));
        assert_eq!(Percentiles::of(&[]), None);
    }

    #[test]
    fn a_timer_counts_calls_and_passes_results_on() {
        let mut timer = Timer::default();
        assert_eq!(timer.timings().calls, 0);
        assert_eq!(timer.time(|| 3), 3);
        let timings = timer.timings();
        assert_eq!(timings.calls, 1);
        assert!(timings.wall_ms.is_some());
        assert_eq!(timings.cpu_ms.is_some(), cfg!(unix));
    }
}
