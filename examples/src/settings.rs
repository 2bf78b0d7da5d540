//! A configuration from a command's arguments.

use std::{error::Error, path::PathBuf};

use clap::Args;
use hashrec::Config;

/// What a command says of the configuration that it trains with.
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// A TOML file; what it leaves out keeps its default.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// A compiled MeCab dictionary or a folder of MeCab sources; without one, the embedded
    /// tokenizer is used.
    #[arg(long)]
    pub dictionary: Option<PathBuf>,
}

impl Settings {
    /// The configuration.
    ///
    /// # Errors
    /// A file that can't be read, or holds no configuration.
    pub fn read(&self) -> Result<Config, Box<dyn Error>> {
        let mut config = match &self.config {
            Some(path) => Config::open(path)?,
            None => Config::default(),
        };
        if let Some(path) = &self.dictionary {
            config = config.with_dictionary(path);
        }
        Ok(config)
    }
}
