//! Groups of features, and leaving some of them out.

use serde::{Deserialize, Serialize};

macro_rules! groups {
    ($($group:ident $name:literal $meaning:literal)*) => {
        /// What a feature is about.
        ///
        /// | name | what it is |
        /// |---|---|
        $(#[doc = concat!("| `", $name, "` | ", $meaning, " |")])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum FeatureGroup {
            $(#[doc = concat!($meaning, ".")] $group),*
        }

        impl FeatureGroup {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$group),*];

            /// The name, as configurations spell it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$group => $name),*
                }
            }
        }
    };
}

groups! {
    Sizes "sizes" "how large community and post are"
    Form "form" "how long, how rare and in which script the hashtag is"
    Frequency "frequency" "how often the hashtag is used"
    Literal "literal" "whether and how the hashtag stands in the text"
    Reliability "reliability" "how often hashtags that stand in texts are right"
    Edit "edit" "how similar the hashtag's spelling is to a word's"
    Cooccurrence "cooccurrence" "how often the hashtag is used together with the likeliest ones"
    Chosen "chosen" "how often the hashtag is used together with those the author has chosen"
    Time "time" "when the hashtag was used"
    Linear "linear" "the linear model"
    Nearest "nearest" "the nearest posts"
    Classifier "classifier" "the multi-label classifier"
    Meaning "meaning" "what post and hashtag mean, by an encoder's vectors"
}

/// A set of groups. Written as the list of their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<FeatureGroup>", into = "Vec<FeatureGroup>")]
pub struct FeatureGroups(u32);

impl FeatureGroups {
    /// No group.
    pub const NONE: Self = Self(0);

    /// Whether a group is in the set.
    pub fn contains(self, group: FeatureGroup) -> bool {
        self.0 & Self::bit(group) != 0
    }

    /// Whether no group is.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The groups of the set.
    pub fn iter(self) -> impl Iterator<Item = FeatureGroup> {
        FeatureGroup::ALL.iter().copied().filter(move |&group| self.contains(group))
    }

    fn bit(group: FeatureGroup) -> u32 {
        1 << group as u32
    }
}

impl FromIterator<FeatureGroup> for FeatureGroups {
    fn from_iter<I: IntoIterator<Item = FeatureGroup>>(groups: I) -> Self {
        Self(groups.into_iter().fold(0, |set, group| set | Self::bit(group)))
    }
}

impl From<Vec<FeatureGroup>> for FeatureGroups {
    fn from(groups: Vec<FeatureGroup>) -> Self {
        groups.into_iter().collect()
    }
}

impl From<FeatureGroups> for Vec<FeatureGroup> {
    fn from(groups: FeatureGroups) -> Self {
        groups.iter().collect()
    }
}

/// Which features a ranker gets.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `without` | none | groups to leave out: their columns are missing in training and in serving, and what they are computed from nominates no candidate | names of [`FeatureGroup`]s |
///
/// ```
/// use hashrec_features::{FeatureGroup, FeatureParams};
///
/// let params = FeatureParams::default().with_without([FeatureGroup::Time, FeatureGroup::Linear]);
/// assert_eq!(params, serde_json::from_str(r#"{"without": ["linear", "time"]}"#)?);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeatureParams {
    /// Groups that are left out.
    pub without: FeatureGroups,
}

impl FeatureParams {
    /// Sets the groups that are left out.
    pub fn with_without(mut self, groups: impl IntoIterator<Item = FeatureGroup>) -> Self {
        self.without = groups.into_iter().collect();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_the_list_of_its_names() {
        for &group in FeatureGroup::ALL {
            let set: FeatureGroups = [group].into_iter().collect();
            assert_eq!(serde_json::to_string(&set).unwrap(), format!("[{:?}]", group.name()));
            assert!(set.contains(group) && set.iter().eq([group]));
        }
        let all: FeatureGroups = FeatureGroup::ALL.iter().copied().collect();
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<FeatureGroups>(&text).unwrap(), all);
        assert!(serde_json::from_str::<FeatureGroups>("[]").unwrap().is_empty());
    }

    #[test]
    fn an_unknown_name_is_told_which_there_are() {
        let error = serde_json::from_str::<FeatureParams>(r#"{"without": ["tme"]}"#).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("tme"), "{text}");
        assert!(FeatureGroup::ALL.iter().all(|group| text.contains(group.name())), "{text}");
    }
}
