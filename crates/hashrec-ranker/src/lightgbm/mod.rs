//! A thin, checked wrapper around LightGBM's C interface: what training a ranker needs of it.
//!
//! Everything is checked before it is handed over: lengths, labels, group sizes, parameters.
//! LightGBM is always told to be deterministic and silent; what it logs nevertheless goes to
//! [`tracing`] under the target `lightgbm`.
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use hashrec_ranker::lightgbm::{Booster, Dataset, Params, Source};
//!
//! let rows: Vec<f32> = (0..200).map(|i| i as f32).collect();
//! let labels: Vec<f32> = (0..200).map(|i| f32::from(i % 50 < 20)).collect();
//! let params = Params::default().with_leaves(8);
//! let data = Dataset::new(&Source::new(&rows, 1, &labels), &params, None)?;
//! let mut booster = Booster::new(data, &params)?;
//! booster.train(10, None, |_| ControlFlow::Continue(()))?;
//! assert!(booster.model_text(None)?.starts_with("tree\n"));
//! # Ok::<(), hashrec_ranker::RankerError>(())
//! ```

mod booster;
mod dataset;
mod params;
mod raw;

pub use booster::{Booster, Evaluation, ImportanceKind, Progress, Training};
pub use dataset::{Dataset, Source};
pub use params::Params;
