//! Checks and settings of a whole configuration: loops over the stages of its pipelines.

use super::Config;
#[cfg(feature = "trainer")]
use super::EncoderKind;
use crate::error::ConfigError;

impl Config {
    /// Checks every value, also of stages that the system doesn't have.
    ///
    /// # Errors
    /// [`ConfigError::Value`], [`ConfigError::Range`] or [`ConfigError::Feature`] for the first
    /// value that can't be used.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.tokenizer.check().map_err(ConfigError::section("tokenizer"))?;
        self.candidates.check().map_err(ConfigError::section("candidates"))?;
        ConfigError::range(self.threads <= 1024, "threads", "0 to 1024")?;
        let mut pipelines = self.pipelines();
        pipelines.try_for_each(|pipeline| pipeline.stages().try_for_each(|stage| stage.check()))
    }

    /// The settings that the system is trained with, as TOML. Sections that it doesn't use are
    /// left out, so two configurations that train the same recommender give the same text.
    ///
    /// # Errors
    /// [`ConfigError::Write`], as for [`Config::to_toml`].
    #[cfg(feature = "trainer")]
    pub fn to_toml_of_system(&self) -> Result<String, ConfigError> {
        self.used_settings()
            .and_then(|table| toml::to_string_pretty(&table))
            .map_err(|source| ConfigError::Write { source: Box::new(source) })
    }

    /// The top level without any stage's sections, then those of the system's own stages.
    #[cfg(feature = "trainer")]
    fn used_settings(&self) -> Result<toml::Table, toml::ser::Error> {
        let mut table = toml::Table::try_from(self)?;
        // With an encoder the pipelines have every stage that there is.
        let encoder = self.encoder.clone().with_kind(EncoderKind::Host);
        for pipeline in self.clone().with_encoder(encoder).pipelines() {
            for stage in pipeline.stages() {
                for (section, _) in stage.settings()? {
                    table.remove(&section);
                }
            }
        }
        for stage in self.pipeline().stages() {
            table.extend(stage.settings()?);
        }
        Ok(table)
    }
}

#[cfg(feature = "trainer")]
#[cfg(test)]
mod tests {
    use super::{super::System, *};

    #[test]
    fn what_a_system_has_no_use_for_is_not_said() {
        let said = |system, change: fn(&mut Config)| {
            let mut config = Config::default().with_system(system);
            change(&mut config);
            config.to_toml_of_system().unwrap()
        };
        type Change = fn(&mut Config);
        let changes: [(Change, &[System]); 4] = [
            (|c| c.ranker.trees += 1, &[System::Hashrec, System::HashrecMultiLabel]),
            (
                |c| c.paper_ranker.trees += 1,
                &[System::LightGbm, System::LightGbmSimple, System::LightGbmMultiLabel],
            ),
            (
                |c| c.classifier.epochs += 1,
                &[System::MultiLabel, System::LightGbmMultiLabel, System::HashrecMultiLabel],
            ),
            (|c| c.min_posts += 1, &System::ALL),
        ];
        for (change, concerned) in changes {
            for system in System::ALL {
                let same = said(system, |_| {}) == said(system, change);
                assert_eq!(same, !concerned.contains(&system), "{system:?}");
            }
        }
        let mut svd = Config::default().with_system(System::Simple);
        svd.vectors.svd.seed += 1;
        assert_eq!(svd.to_toml_of_system().unwrap(), said(System::Simple, |_| {}));
        let full = Config::default().with_system(System::HashrecMultiLabel);
        let back = Config::from_toml(&full.to_toml_of_system().unwrap()).unwrap();
        assert_eq!(back, full);
    }

    #[test]
    fn a_value_out_of_range_names_its_section() {
        let error = Config::from_toml("threads = 5000").unwrap_err();
        assert!(error.to_string().contains("threads"), "{error}");
        let error = Config::from_toml("newest_share = 0.6").unwrap_err();
        assert!(error.to_string().contains("newest_share"), "{error}");
        let error = Config::from_toml("ranker_posts = 0").unwrap_err();
        assert!(error.to_string().contains("ranker_posts"), "{error}");
        let error = Config::from_toml("[floret]\ndim = 0\n").unwrap_err();
        assert!(error.to_string().contains("floret"), "{error}");
    }
}
