//! Which systems are trained, how often, on which posts.

use hashrec::{Config, System, VectorKind};
use serde::{Deserialize, Serialize};

/// Which posts are trained on and which are measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Side {
    /// As the files say, or by a hash of the id.
    AsGiven,
    /// The oldest four fifths of each community to train on, the newest fifth to measure on.
    ByTime,
}

impl Side {
    /// What it is called in the names of files.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::AsGiven => "",
            Self::ByTime => "-by-time",
        }
    }
}

/// A system's runs, measured.
pub(crate) type Measured = hashrec_quality::Measured<Run>;

/// One system, trained once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// On which posts.
    pub(crate) side: Side,
    /// The system.
    pub(crate) system: System,
    /// What it compares posts and hashtags by.
    pub(crate) vectors: VectorKind,
    /// Whether hashtags stay whole in the text, or are split as the dictionary does.
    pub(crate) whole_hashtags: bool,
    /// The seed of everything random.
    pub(crate) seed: u64,
}

impl Run {
    /// A row of Table 1.
    pub(crate) fn row(side: Side, system: System, seed: u64) -> Self {
        Self { side, system, vectors: VectorKind::Floret, whole_hashtags: true, seed }
    }

    /// Whether another seed could give anything else.
    pub(crate) fn is_random(&self) -> bool {
        !matches!(self.system, System::Popular | System::Linear | System::NearestPosts)
    }

    /// The name of its file.
    pub(crate) fn name(&self) -> String {
        let vectors = match self.vectors {
            VectorKind::Floret => String::new(),
            other => format!("+{}", kebab(other)),
        };
        let whole = if self.whole_hashtags { "" } else { "+split-hashtags" };
        let side = self.side.suffix();
        format!("{}{vectors}{whole}{side}-seed{}", kebab(self.system), self.seed)
    }

    /// The configuration it is trained with.
    pub(crate) fn config(&self, base: &Config) -> Config {
        let mut config = base.clone().with_system(self.system).with_seed(self.seed);
        config.vectors.kind = self.vectors;
        config.tokenizer.keep_hashtags &= self.whole_hashtags;
        config
    }
}

/// The name of a system or a kind of vectors, as configurations spell it.
pub(crate) fn kebab(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// What the tables call a system.
pub(crate) fn title(system: System) -> &'static str {
    match system {
        System::Popular => "Most frequent hashtags",
        System::Simple => "Simple Candidate Generator",
        System::MultiLabel => "MultiLabel Classifier",
        System::LightGbm => "LightGBM",
        System::LightGbmSimple => "LightGBM + Simple Candidate Generator",
        System::LightGbmMultiLabel => "LightGBM + MultiLabel Classifier",
        System::NearestPosts => "Nearest posts' vote",
        System::Linear => "Linear one-vs-rest (ridge)",
        System::HashrecMultiLabel => "hashrec with the net's score",
        System::Hashrec => "hashrec (default)",
        _ => "another system",
    }
}

/// Whether the system puts candidates forward by itself, without a ranker.
pub(crate) fn is_generator(system: System) -> bool {
    matches!(
        system,
        System::Popular
            | System::Simple
            | System::MultiLabel
            | System::NearestPosts
            | System::Linear
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_has_a_name_of_its_own() {
        let base = Run::row(Side::AsGiven, System::LightGbmMultiLabel, 1);
        let others = [
            Run { seed: 2, ..base },
            Run { side: Side::ByTime, ..base },
            Run { vectors: VectorKind::TfIdfSvd, ..base },
            Run { whole_hashtags: false, ..base },
            Run { system: System::MultiLabel, ..base },
        ];
        assert_eq!(base.name(), "lightgbm-multi-label-seed1");
        let mut names: Vec<String> = others.iter().chain([&base]).map(Run::name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 6);
    }
}
