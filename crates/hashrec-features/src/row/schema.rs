//! The named list of features.

use super::groups::{FeatureGroup, FeatureGroups};

/// The version of the features. It changes whenever a feature is removed, renamed or computed
/// differently, and a ranker trained on another version must be trained again. Adding a feature
/// doesn't change it, because a ranker gets its columns by name.
pub const SCHEMA_VERSION: u32 = 1;

macro_rules! schema {
    ($([$group:ident] $($feature:ident $name:literal $meaning:literal)*)*) => {
        /// The features of a row, in order. Logarithms are of 1 + the number; NaN is "missing".
        ///
        /// | feature | meaning |
        /// |---|---|
        $($(#[doc = concat!("| `", $name, "` | ", $meaning, " |")])*)*
        pub const FEATURES: &[&str] = &[$($($name),*),*];

        /// The group of each feature.
        pub(crate) const GROUPS: &[FeatureGroup] =
            &[$($({ let _ = $name; FeatureGroup::$group }),*),*];

        /// A feature's place in a row.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Feature {
            $($($feature),*),*
        }
    };
}

// A name in brackets begins features of that group; a group may have several stretches.
schema! {
    [Sizes]
    LogPosts "log_posts" "posts of the community (logarithm)"
    LogHashtags "log_hashtags" "hashtags of the community (logarithm)"
    LogWords "log_words" "tokens of the post (logarithm)"
    LogTitleWords "log_title_words" "tokens of its title (logarithm)"
    [Literal]
    TitleLiterals "title_literals" "hashtags named in the title"
    TextLiterals "text_literals" "hashtags named in the text"
    [Frequency]
    LogCount "log_count" "posts that carry the hashtag (logarithm)"
    Share "share" "share of the community's posts that carry it"
    FrequencyRank "frequency_rank" "hashtags carried by more posts, at most 64"
    [Form]
    HashtagWords "hashtag_words" "distinct words of the hashtag"
    HashtagChars "hashtag_chars" "letters and digits of the hashtag"
    HashtagJapanese "hashtag_japanese" "share of them in Japanese script"
    RaritySum "rarity_sum" "rarity of its words, ln((N + 1) / (n + 1)), summed"
    RarityMax "rarity_max" "rarity of its rarest word"
    [Literal]
    TitlePhrases "title_phrases" "how often its words appear in the title, in order and ignoring endings"
    TextPhrases "text_phrases" "the same in the text, title included"
    Position "position" "where the first of them is: 0 at the start, 1 if there is none"
    Longest "longest" "its length in words as a share of the longest hashtag that overlaps it in the title; 0 if not in the title"
    TitleRuns "title_runs" "how often its letters and digits appear in the title, whatever separates them"
    BodyRuns "body_runs" "the same in the body"
    RunPosition "run_position" "where the first run is, as a share of the text; 1 if there is none"
    LongestRun "longest_run" "like `longest`, in bytes of compact text"
    Clean "clean" "how many ends (0, .5, 1) of its cleanest run are a change of script or a separator"
    Variant "variant" "another kana spelling of it is in the title (1) or the body (.5)"
    Acronym "acronym" "1 if its initials are a word of the post; .5 if it is spelled by the first letters of the first words"
    TitleCover "title_cover" "share of its words that are in the title, weighted by rarity"
    TextCover "text_cover" "the same in the text"
    TitleGrams "title_grams" "share of its character n-grams that are in the title"
    TextGrams "text_grams" "the same in the text"
    [Reliability]
    TitleRate "title_rate" "how often it is right when a title names it"
    TextRate "text_rate" "how often it is right when a text names it"
    Named "named" "how often posts that carry it name it"
    [Edit]
    TitleEdit "title_edit" "highest Levenshtein similarity to a word, or two adjacent ones, of the title"
    TextEdit "text_edit" "highest Levenshtein similarity to one of the first 150 words"
    TitleJaro "title_jaro" "highest Jaro–Winkler similarity to a word, or two adjacent ones, of the title"
    [Cooccurrence]
    Cooccurrence "cooccurrence" "P(hashtag \\| o) times the score of o, summed over the five likeliest o"
    FirstCooccurrence "first_cooccurrence" "P(hashtag \\| the likeliest)"
    FirstLift "first_lift" "logarithm of that over the hashtag's share"
    [Chosen]
    ChosenCount "chosen_count" "hashtags that the author has chosen"
    ChosenCoocMax "chosen_cooc_max" "highest P(hashtag \\| chosen)"
    ChosenCoocMean "chosen_cooc_mean" "mean P(hashtag \\| chosen)"
    ChosenLift "chosen_lift" "logarithm of that mean over the hashtag's share"
    [Time]
    RecentUse "recent_use" "moving average of its use over about 20 earlier posts"
    SteadyUse "steady_use" "moving average of its use over about 200 earlier posts"
    Trend "trend" "`recent_use` minus `steady_use`"
    PostsSinceUse "posts_since_use" "posts after its last use (logarithm); 20 if never used"
    DaysSinceUse "days_since_use" "days since its last use (logarithm); 20 if never used"
    PostsSinceFirst "posts_since_first" "posts after its first use (logarithm); -1 if never used"
    Previous "previous" "whether the community's previous post carries it"
    [Linear]
    Linear "linear" "score of the linear model"
    LinearRank "linear_rank" "hashtags it scores higher, at most 64"
    LinearGap "linear_gap" "score less the highest score"
    LinearMax "linear_max" "highest score"
    LinearSum "linear_sum" "scores, cut to 0…1, summed"
    [Nearest]
    Nearest "nearest" "vote of the nearest posts"
    NearestRank "nearest_rank" "hashtags with more votes, at most 64"
    NearestGap "nearest_gap" "vote less the highest vote"
    NearestBest "nearest_best" "highest similarity to a post that carries the hashtag"
    NearestBestRank "nearest_best_rank" "hashtags of which that is higher, at most 64"
    NearestBestGap "nearest_best_gap" "that less the highest similarity to any post"
    NearestMax "nearest_max" "highest similarity to any post"
    Centroid "centroid" "mean similarity to the posts that carry the hashtag"
    CentroidRank "centroid_rank" "hashtags of which that is higher, at most 64"
    CentroidGap "centroid_gap" "that less the highest"
    [Classifier]
    Classifier "classifier" "score of the multi-label classifier"
    ClassifierRank "classifier_rank" "hashtags it scores higher, at most 64"
    ClassifierGap "classifier_gap" "score less the highest score"
    ClassifierMax "classifier_max" "highest score"
    ClassifierSum "classifier_sum" "scores, cut to 0…1, summed"
    [Linear]
    Recent "recent" "score of the linear model in which posts close in time count more"
    RecentRank "recent_rank" "hashtags it scores higher, at most 64"
    RecentGap "recent_gap" "score less the highest score"
    [Chosen]
    NearestChosen "nearest_chosen" "vote of the nearest posts that carry a chosen hashtag"
    NearestChosenRank "nearest_chosen_rank" "hashtags with more of those votes, at most 64"
    NearestChosenGap "nearest_chosen_gap" "vote less the highest of those votes"
    [Meaning]
    MeaningLinear "meaning_linear" "score of the linear model of the vectors"
    MeaningLinearRank "meaning_linear_rank" "hashtags it scores higher, at most 64"
    MeaningLinearGap "meaning_linear_gap" "score less the highest score"
    MeaningNearest "meaning_nearest" "vote of the posts that mean about the same"
    MeaningNearestRank "meaning_nearest_rank" "hashtags with more of those votes, at most 64"
    MeaningNearestGap "meaning_nearest_gap" "vote less the highest of those votes"
    MeaningBest "meaning_best" "highest weight of such a post that carries the hashtag"
    MeaningBestRank "meaning_best_rank" "hashtags of which that is higher, at most 64"
    MeaningBestGap "meaning_best_gap" "that less the highest weight of any post"
    MeaningMax "meaning_max" "highest weight of any post"
    MeaningCentroid "meaning_centroid" "mean weight of the posts that carry the hashtag"
    MeaningCentroidRank "meaning_centroid_rank" "hashtags of which that is higher, at most 64"
    MeaningCentroidGap "meaning_centroid_gap" "that less the highest"
    TextName "text_name" "cosine of the text and the hashtag's name"
    TextNameRank "text_name_rank" "hashtags of which that is higher, at most 64"
    TextNameDeviation "text_name_deviation" "how many standard deviations that is above the mean of the community's hashtags"
    TitleName "title_name" "cosine of the title and the hashtag's name"
    TitleNameRank "title_name_rank" "hashtags of which that is higher, at most 64"
    TitleNameDeviation "title_name_deviation" "how many standard deviations that is above the mean of the community's hashtags"
}

impl FeatureGroup {
    /// The names of its features, in the order of [`FEATURES`].
    pub fn features(self) -> impl Iterator<Item = &'static str> {
        let all = FEATURES.iter().zip(GROUPS);
        all.filter_map(move |(&name, &group)| (group == self).then_some(name))
    }
}

/// Makes the columns of `groups` missing in whole rows.
pub(crate) fn blank(groups: FeatureGroups, rows: &mut [f32]) {
    if groups.is_empty() {
        return;
    }
    for row in rows.chunks_exact_mut(GROUPS.len()) {
        for (value, &group) in row.iter_mut().zip(GROUPS) {
            if groups.contains(group) {
                *value = f32::NAN;
            }
        }
    }
}

/// One row while it is filled; what is not set is missing.
pub(crate) struct Row<'a> {
    values: &'a mut [f32],
}

impl<'a> Row<'a> {
    /// A row over [`FEATURES`]`.len()` values.
    pub(crate) fn new(values: &'a mut [f32]) -> Self {
        values.fill(f32::NAN);
        Self { values }
    }

    pub(crate) fn set(&mut self, feature: Feature, value: f32) {
        if let Some(place) = self.values.get_mut(feature as usize) {
            *place = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_the_names() {
        assert_eq!(FEATURES[Feature::LogPosts as usize], "log_posts");
        assert_eq!(FEATURES[Feature::ChosenCount as usize], "chosen_count");
        assert_eq!(FEATURES[Feature::RecentGap as usize], "recent_gap");
        assert_eq!(FEATURES[Feature::NearestChosenGap as usize], "nearest_chosen_gap");
        assert_eq!(FEATURES[Feature::TitleNameDeviation as usize], "title_name_deviation");
        assert_eq!(FEATURES.len(), Feature::TitleNameDeviation as usize + 1);
    }

    #[test]
    fn every_feature_belongs_to_one_group_and_every_group_has_features() {
        let all: usize = FeatureGroup::ALL.iter().map(|group| group.features().count()).sum();
        assert_eq!((all, GROUPS.len()), (FEATURES.len(), FEATURES.len()));
        assert!(FeatureGroup::ALL.iter().all(|group| group.features().count() > 0));
        let reliability: Vec<_> = FeatureGroup::Reliability.features().collect();
        assert_eq!(reliability, ["title_rate", "text_rate", "named"]);
        assert!(FeatureGroup::Literal.features().any(|name| name == "text_literals"));
        assert!(FeatureGroup::Nearest.features().any(|name| name == "centroid_gap"));
    }

    #[test]
    fn names_are_unique_identifiers() {
        let mut names = FEATURES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FEATURES.len());
        assert!(names.iter().all(|n| n.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
    }
}
