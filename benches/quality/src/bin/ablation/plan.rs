//! Which groups are left out in which run.

use std::collections::BTreeMap;

use hashrec::{Config, EncoderParams, FeatureGroup, FeatureGroups};

/// A run's outcomes, measured.
pub(crate) type Measured = hashrec_quality::Measured<Run>;

/// What a system is built up from, before the groups of [`BUILD_UP`].
const GROUND: [FeatureGroup; 4] =
    [FeatureGroup::Sizes, FeatureGroup::Form, FeatureGroup::Frequency, FeatureGroup::Linear];

/// In which order the other groups come.
const BUILD_UP: [FeatureGroup; 9] = [
    FeatureGroup::Literal,
    FeatureGroup::Edit,
    FeatureGroup::Reliability,
    FeatureGroup::Nearest,
    FeatureGroup::Cooccurrence,
    FeatureGroup::Time,
    FeatureGroup::Chosen,
    FeatureGroup::Classifier,
    FeatureGroup::Meaning,
];

/// The groups that are generators' scores, or come from them.
const GENERATORS: [FeatureGroup; 5] = [
    FeatureGroup::Linear,
    FeatureGroup::Nearest,
    FeatureGroup::Cooccurrence,
    FeatureGroup::Classifier,
    FeatureGroup::Meaning,
];

/// The default with some groups left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Run {
    /// What the tables call it.
    pub(crate) title: String,
    /// What is left out.
    pub(crate) out: FeatureGroups,
    /// Whether the encoder is left out whole, also where linear models mix in what it says.
    pub(crate) without_encoder: bool,
}

impl Run {
    /// Leaves groups out.
    fn without(title: String, groups: impl IntoIterator<Item = FeatureGroup>) -> Self {
        Self { title, out: groups.into_iter().collect(), without_encoder: false }
    }

    /// Leaves out the encoder and whatever uses it.
    fn without_encoder() -> Self {
        let out = [FeatureGroup::Meaning].into_iter().collect();
        Self { title: "without the encoder".to_owned(), out, without_encoder: true }
    }

    /// The name of its file.
    pub(crate) fn name(&self, seed: u64) -> String {
        match self.out.is_empty() {
            _ if self.without_encoder => format!("without-encoder-seed{seed}"),
            true => format!("whole-seed{seed}"),
            false => format!("without-{}-seed{seed}", names(self.out.iter(), "+")),
        }
    }

    /// The configuration it is trained with.
    pub(crate) fn config(&self, base: &Config, seed: u64) -> Config {
        let mut config = base.clone().with_seed(seed);
        let out = base.features.without.iter().chain(self.out.iter());
        config.features = config.features.with_without(out);
        match self.without_encoder {
            true => config.with_encoder(EncoderParams::default()),
            false => config,
        }
    }
}

/// The names of groups.
pub(crate) fn names(groups: impl Iterator<Item = FeatureGroup>, between: &str) -> String {
    groups.map(FeatureGroup::name).collect::<Vec<_>>().join(between)
}

/// The gain of a group, of `gain`, what each column was worth.
pub(crate) fn group_gain(gain: &BTreeMap<String, f64>, group: FeatureGroup) -> f64 {
    group.features().filter_map(|name| gain.get(name)).sum()
}

/// The runs besides the default itself.
pub(crate) struct Plan {
    /// Each group left out, then all that generators give.
    pub(crate) without: Vec<Run>,
    /// From little to everything.
    pub(crate) built_up: Vec<Run>,
    /// Groups that the system has no values for.
    pub(crate) unused: Vec<FeatureGroup>,
}

impl Plan {
    /// The runs for a system whose ranker's columns were worth `gain`.
    pub(crate) fn new(base: &Config, gain: &BTreeMap<String, f64>) -> Self {
        // Nobody has chosen a hashtag in most posts, and a system has no scores of generators that
        // it hasn't got: what no tree splits on can't be missed.
        let is_used = |group: &FeatureGroup| {
            !base.features.without.contains(*group) && group_gain(gain, *group) > 0.0
        };
        let (used, unused): (Vec<_>, Vec<_>) = FeatureGroup::ALL.iter().copied().partition(is_used);
        let mut without: Vec<Run> = used
            .iter()
            .map(|&group| Run::without(format!("without {}", group.name()), [group]))
            .collect();
        if is_used(&FeatureGroup::Meaning) {
            without.push(Run::without_encoder());
        }
        let generators = || GENERATORS.into_iter().filter(is_used);
        if generators().count() > 1 {
            let title = format!("without {}", names(generators(), ", "));
            without.push(Run::without(title, generators()));
        }
        let later: Vec<FeatureGroup> = BUILD_UP.into_iter().filter(is_used).collect();
        let mut built_up = vec![Run::without(
            names(GROUND.into_iter().filter(is_used), ", "),
            later.iter().copied(),
        )];
        for (at, group) in later.iter().enumerate() {
            let rest = later.iter().copied().skip(at + 1);
            built_up.push(Run::without(format!("+ {}", group.name()), rest));
        }
        Self { without, built_up, unused }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain(columns: &[&str]) -> BTreeMap<String, f64> {
        columns.iter().map(|&name| (name.to_owned(), 1.0)).collect()
    }

    #[test]
    fn groups_of_use_are_left_out_one_by_one_and_added_one_by_one() {
        let gain = gain(&["linear_rank", "share", "title_runs", "nearest", "log_posts"]);
        let plan = Plan::new(&Config::default(), &gain);
        let titles = |runs: &[Run]| runs.iter().map(|run| run.title.clone()).collect::<Vec<_>>();
        assert_eq!(
            titles(&plan.without),
            [
                "without sizes",
                "without frequency",
                "without literal",
                "without linear",
                "without nearest",
                "without linear, nearest"
            ]
        );
        assert_eq!(titles(&plan.built_up), ["sizes, frequency, linear", "+ literal", "+ nearest"]);
        assert_eq!(plan.built_up[0].name(1), "without-literal+nearest-seed1");
        // The last one is the default itself, and needs no training of its own.
        assert_eq!(plan.built_up[2].name(1), Run::default().name(1));
        assert!(plan.unused.contains(&FeatureGroup::Classifier));
        assert_eq!(plan.unused.len() + 5, FeatureGroup::ALL.len());
    }

    #[test]
    fn the_encoder_is_left_out_whole_too() {
        let base = Config::default().with_encoder(EncoderParams::default().with_folder("table"));
        let plan = Plan::new(&base, &gain(&["linear_rank", "meaning_linear"]));
        let [_, group, encoder, _] = plan.without.as_slice() else { panic!("{:?}", plan.without) };
        assert_eq!((group.title.as_str(), group.name(1).as_str()), GROUP);
        assert_eq!(group.config(&base, 1).encoder, base.encoder);
        assert_eq!(encoder.name(1), "without-encoder-seed1");
        assert_eq!(encoder.config(&base, 1).encoder, EncoderParams::default());
        assert_eq!(plan.built_up[1].title, "+ meaning");
    }

    const GROUP: (&str, &str) = ("without meaning", "without-meaning-seed1");

    #[test]
    fn what_the_configuration_leaves_out_stays_out() {
        let mut base = Config::default();
        base.features = base.features.with_without([FeatureGroup::Linear]);
        let plan = Plan::new(&base, &gain(&["nearest", "title_runs"]));
        let config = plan.without[0].config(&base, 3);
        assert_eq!(config.seed, 3);
        assert_eq!(names(config.features.without.iter(), ","), "literal,linear");
    }
}
