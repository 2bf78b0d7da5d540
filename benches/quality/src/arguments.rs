//! What every experiment is told: posts, where to write, the configuration.

use std::{error::Error, path::PathBuf};

use clap::Args;
use hashrec::{HashSplit, Split};

use hashrec_examples::{Settings, read_posts};

/// The arguments that experiments have in common.
#[derive(Args, Clone, Debug)]
pub struct ExperimentArguments {
    /// Posts to train on.
    #[arg(long)]
    pub train: PathBuf,
    /// Posts to measure on. Without them, a fifth of the others (by a hash of the id).
    #[arg(long)]
    pub test: Option<PathBuf>,
    /// The folder to write; after a kill, the same command goes on.
    #[arg(long)]
    pub out: PathBuf,
    /// What is trained with.
    #[command(flatten)]
    pub settings: Settings,
}

impl ExperimentArguments {
    /// The posts to train and to measure on.
    ///
    /// # Errors
    /// A file that can't be read, a line that is no post, or posts that can't be split.
    pub fn split(&self) -> Result<Split, Box<dyn Error>> {
        let train = read_posts(&self.train)?;
        Ok(match &self.test {
            Some(path) => Split { train, test: read_posts(path)?, ..Split::default() },
            None => Split::by_hash(train, &HashSplit::default())?,
        })
    }
}
