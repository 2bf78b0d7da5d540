//! The posts of the paper's experiment, and its runs.

use std::{error::Error, path::Path};

use hashrec::{Config, Split, TimeSplit};
use hashrec_quality::{Outcome, Runs};

use crate::plan::{Run, Side};

/// The posts, and where everything is kept.
pub(crate) struct Workshop {
    base: Config,
    runs: Runs,
    given: Split,
    by_time: Split,
}

impl Workshop {
    /// A workshop in a folder, which may hold what earlier starts left.
    pub(crate) fn open(folder: &Path, base: Config, given: Split) -> Result<Self, Box<dyn Error>> {
        let all = given.train.iter().chain(&given.test).cloned();
        let by_time = Split::by_time(all, &TimeSplit::default())?;
        let runs = Runs::open(folder, &given)?;
        Ok(Self { base, runs, given, by_time })
    }

    /// The posts of a side.
    pub(crate) fn split(&self, side: Side) -> &Split {
        match side {
            Side::AsGiven => &self.given,
            Side::ByTime => &self.by_time,
        }
    }

    /// What a run gives: from its file, or by training and recommending now.
    pub(crate) fn outcome(&self, run: &Run) -> Result<Outcome, Box<dyn Error>> {
        self.runs.outcome(&run.name(), run.config(&self.base), self.split(run.side))
    }
}
