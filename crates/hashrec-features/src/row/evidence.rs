//! Everything known about one post in one community, and the rows computed from it.

use std::borrow::Cow;

use hashrec_data::HashtagId;

use super::{
    groups::{FeatureGroup, FeatureGroups},
    schema::{FEATURES, Feature, Row, blank},
    scores::{GeneratorScores, Ranked, ScoreColumns},
};
use crate::{
    community::CommunityFeatures,
    error::FeatureError,
    history::{
        cooccurrence::{Chosen, Cooccurrence, LIKELIEST},
        statistics::{HitRates, Statistics},
        timeline::Moment,
    },
    literal::{edit::Similarity, matches::Matches},
    post::{analysis::Analysis, compact::is_japanese},
};

/// Everything known about one post in one community: computed once, then asked about any hashtag.
///
/// Returned by [`CommunityFeatures::evidence`] when serving and by
/// [`FittedCommunity::evidence`](crate::FittedCommunity::evidence) when training.
pub struct Evidence<'a> {
    community: &'a CommunityFeatures,
    post: &'a Analysis,
    moment: Moment,
    pub(crate) statistics: Cow<'a, Statistics>,
    /// Hashtags that count as never used.
    hidden: Vec<HashtagId>,
    pub(crate) matches: Matches,
    pub(crate) scores: ScoreColumns<'a>,
    pub(crate) chosen: Chosen,
    pub(crate) cooccurrence: Cooccurrence,
    pub(crate) frequency: Ranked<'static>,
    pub(crate) rates: HitRates,
    pub(crate) without: FeatureGroups,
    title_literals: usize,
    text_literals: usize,
}

impl<'a> Evidence<'a> {
    /// Gathers the evidence. `statistics` are those of the posts that this post may see: all posts
    /// when serving, those outside its fold when training.
    pub(crate) fn gather(
        community: &'a CommunityFeatures,
        statistics: Cow<'a, Statistics>,
        moment: Moment,
        post: &'a Analysis,
        scores: &GeneratorScores<'a>,
        chosen: &[HashtagId],
    ) -> Result<Self, FeatureError> {
        let without = scores.without;
        let scores = ScoreColumns::new(scores, statistics.hashtags())?;
        let matches = match without.contains(FeatureGroup::Literal) {
            false => community.literal().find(&post.searched),
            true => Matches::default(),
        };
        let likely = if scores.linear.max().is_nan() { &scores.nearest } else { &scores.linear };
        let counts: Vec<f32> = statistics.counts().iter().map(|&count| count as f32).collect();
        Ok(Self {
            cooccurrence: match without.contains(FeatureGroup::Cooccurrence) {
                false => Cooccurrence::of(&likely.best(LIKELIEST, 0.0), &statistics),
                true => Cooccurrence::default(),
            },
            chosen: Chosen::new(chosen, &statistics),
            frequency: Ranked::new(counts),
            rates: statistics.rates(community.hit_rates()),
            title_literals: matches.iter().filter(|(_, found)| found.in_title()).count(),
            text_literals: matches.iter().filter(|(_, found)| found.in_text()).count(),
            community,
            post,
            moment,
            statistics,
            matches,
            scores,
            without,
            hidden: Vec::new(),
        })
    }

    /// The same with hashtags that count as never used in time; scores and statistics must be so
    /// already.
    pub(crate) fn hiding(self, hidden: &[HashtagId]) -> Self {
        Self { hidden: hidden.to_vec(), ..self }
    }

    /// Which hashtags the post names, and how. It also explains to users why one is recommended.
    pub fn matches(&self) -> &Matches {
        &self.matches
    }

    /// Appends one row of [`FEATURES`]`.len()` numbers per hashtag, in the order given. A row
    /// depends only on the post and its hashtag, not on the other rows. A hashtag outside the
    /// community's space gets the row of one that is never used and never named.
    pub fn rows(&self, hashtags: &[HashtagId], out: &mut Vec<f32>) {
        let start = out.len();
        out.resize(start + hashtags.len() * FEATURES.len(), f32::NAN);
        let rows = out.get_mut(start..).unwrap_or_default().chunks_exact_mut(FEATURES.len());
        let meaning = &self.scores.meaning;
        let spreads = [meaning.text_name.spread(), meaning.title_name.spread()];
        for (hashtag, row) in hashtags.iter().zip(rows) {
            let mut row = Row::new(row);
            let tag = hashtag.index();
            let share = self.usage(tag, &mut row);
            self.literal(*hashtag, &mut row);
            self.similarity(tag, &mut row);
            self.cooccurrence(tag, share, &mut row);
            self.time(tag, &mut row);
            self.generators(tag, &mut row);
            self.meaning(tag, spreads, &mut row);
        }
        blank(self.without, out.get_mut(start..).unwrap_or_default());
    }

    /// Whether a group of features is left out.
    pub fn is_without(&self, group: FeatureGroup) -> bool {
        self.without.contains(group)
    }

    /// Sizes, use and reliability. Returns the hashtag's share.
    fn usage(&self, tag: usize, row: &mut Row<'_>) -> f32 {
        let usage = self.statistics.usage(tag, self.rates);
        // All of them, in training too: a fold's number would name the fold.
        row.set(Feature::LogPosts, (self.community.statistics().posts() as f32).ln_1p());
        row.set(Feature::LogHashtags, (self.statistics.hashtags() as f32).ln_1p());
        row.set(Feature::LogWords, (self.post.tokens as f32).ln_1p());
        row.set(Feature::LogTitleWords, (self.post.title_tokens as f32).ln_1p());
        row.set(Feature::TitleLiterals, self.title_literals as f32);
        row.set(Feature::TextLiterals, self.text_literals as f32);
        row.set(Feature::LogCount, usage.count.ln_1p());
        row.set(Feature::Share, usage.share);
        row.set(Feature::FrequencyRank, self.frequency.rank(tag));
        row.set(Feature::TitleRate, usage.title_rate);
        row.set(Feature::TextRate, usage.text_rate);
        row.set(Feature::Named, usage.named);
        usage.share
    }

    fn literal(&self, hashtag: HashtagId, row: &mut Row<'_>) {
        let found = self.matches.get(hashtag);
        row.set(Feature::TitlePhrases, found.title_phrases as f32);
        row.set(Feature::TextPhrases, found.text_phrases as f32);
        row.set(Feature::Position, found.position);
        row.set(Feature::Longest, found.longest);
        row.set(Feature::TitleRuns, found.title_runs as f32);
        row.set(Feature::BodyRuns, found.body_runs as f32);
        row.set(Feature::RunPosition, found.run_position);
        row.set(Feature::LongestRun, found.longest_run);
        row.set(Feature::Clean, found.clean);
        row.set(Feature::Variant, found.variant);
        row.set(Feature::TitleCover, found.title_cover);
        row.set(Feature::TextCover, found.text_cover);

        let literal = self.community.literal();
        let tag = hashtag.index();
        let at = |column: &[f32]| column.get(tag).copied().unwrap_or(0.0);
        let words = literal.word_counts.get(tag).copied().unwrap_or(0);
        row.set(Feature::HashtagWords, words as f32);
        row.set(Feature::RaritySum, at(&literal.rarity_sums));
        row.set(Feature::RarityMax, at(&literal.rarity_maxima));
        row.set(Feature::Acronym, self.acronym(tag));
        let (title, text) = self.post.grams.shares(literal.folded_form(tag));
        row.set(Feature::TitleGrams, title);
        row.set(Feature::TextGrams, text);
    }

    /// 1 if the hashtag's initials are a word of the post; .5 if the first letters of adjacent
    /// words near the start spell a short hashtag.
    fn acronym(&self, tag: usize) -> f32 {
        let literal = self.community.literal();
        let acronym = literal.acronyms.get(tag).copied().filter(|&hash| hash != 0);
        if acronym
            .is_some_and(|hash| self.post.searched.words.text_words.binary_search(&hash).is_ok())
        {
            return 1.0;
        }
        let form = literal.form(tag);
        let short = (3..=5).contains(&form.len()) && form.bytes().all(|b| b.is_ascii_alphabetic());
        if short && self.post.initials.contains(form) { 0.5 } else { 0.0 }
    }

    fn similarity(&self, tag: usize, row: &mut Row<'_>) {
        let form: Vec<char> = self.community.literal().form(tag).chars().collect();
        if !self.is_without(FeatureGroup::Edit) {
            let (title, text) = (&self.post.title_spellings, &self.post.text_spellings);
            let found = Similarity::of(&form, title, text);
            row.set(Feature::TitleEdit, found.title_edit);
            row.set(Feature::TextEdit, found.text_edit);
            row.set(Feature::TitleJaro, found.title_jaro);
        }
        let japanese = form.iter().filter(|&&c| is_japanese(c)).count();
        row.set(Feature::HashtagChars, form.len() as f32);
        row.set(Feature::HashtagJapanese, japanese as f32 / form.len().max(1) as f32);
    }

    fn cooccurrence(&self, tag: usize, share: f32, row: &mut Row<'_>) {
        let (first, lift) = self.cooccurrence.first(tag, share);
        let expected = self.cooccurrence.expected.get(tag).copied().unwrap_or(0.0);
        row.set(Feature::Cooccurrence, expected);
        row.set(Feature::FirstCooccurrence, first);
        row.set(Feature::FirstLift, lift);
        let given = self.chosen.given(tag, share);
        row.set(Feature::ChosenCount, self.chosen.len() as f32);
        row.set(Feature::ChosenCoocMax, given.max);
        row.set(Feature::ChosenCoocMean, given.mean);
        row.set(Feature::ChosenLift, given.lift);
    }

    fn time(&self, tag: usize, row: &mut Row<'_>) {
        let never = self.hidden.iter().any(|hidden| hidden.index() == tag);
        let tag = if never { usize::MAX } else { tag };
        let used = self.community.timeline().before(self.moment, tag);
        row.set(Feature::RecentUse, used.recent);
        row.set(Feature::SteadyUse, used.steady);
        row.set(Feature::Trend, used.recent - used.steady);
        row.set(Feature::PostsSinceUse, used.since);
        row.set(Feature::DaysSinceUse, used.days);
        row.set(Feature::PostsSinceFirst, used.age);
        row.set(Feature::Previous, used.previous);
    }

    fn generators(&self, tag: usize, row: &mut Row<'_>) {
        use Feature::*;
        let scores = &self.scores;
        for (generator, [score, rank, gap]) in [
            (&scores.linear, [Linear, LinearRank, LinearGap]),
            (&scores.recent, [Recent, RecentRank, RecentGap]),
            (&scores.nearest, [Nearest, NearestRank, NearestGap]),
            (&scores.nearest_best, [NearestBest, NearestBestRank, NearestBestGap]),
            (&scores.nearest_chosen, [NearestChosen, NearestChosenRank, NearestChosenGap]),
            (&scores.centroid, [Centroid, CentroidRank, CentroidGap]),
            (&scores.classifier, [Classifier, ClassifierRank, ClassifierGap]),
        ] {
            row.set(score, generator.score(tag));
            row.set(rank, generator.rank(tag));
            row.set(gap, generator.gap(tag));
        }
        row.set(NearestBestGap, scores.nearest_best.score(tag) - scores.nearest_max);
        row.set(NearestMax, scores.nearest_max);
        row.set(LinearMax, scores.linear.max());
        row.set(LinearSum, scores.linear.sum());
        row.set(ClassifierMax, scores.classifier.max());
        row.set(ClassifierSum, scores.classifier.sum());
    }

    /// `spreads` are those of the cosines of text and title.
    fn meaning(&self, tag: usize, spreads: [(f32, f32); 2], row: &mut Row<'_>) {
        use Feature::*;
        let scores = &self.scores.meaning;
        for (scores, [score, rank, gap]) in [
            (&scores.linear, [MeaningLinear, MeaningLinearRank, MeaningLinearGap]),
            (&scores.nearest, [MeaningNearest, MeaningNearestRank, MeaningNearestGap]),
            (&scores.nearest_best, [MeaningBest, MeaningBestRank, MeaningBestGap]),
            (&scores.centroid, [MeaningCentroid, MeaningCentroidRank, MeaningCentroidGap]),
        ] {
            row.set(score, scores.score(tag));
            row.set(rank, scores.rank(tag));
            row.set(gap, scores.gap(tag));
        }
        row.set(MeaningBestGap, scores.nearest_best.score(tag) - scores.nearest_max);
        row.set(MeaningMax, scores.nearest_max);
        for ((scores, [score, rank, deviation]), (mean, inverse)) in [
            (&scores.text_name, [TextName, TextNameRank, TextNameDeviation]),
            (&scores.title_name, [TitleName, TitleNameRank, TitleNameDeviation]),
        ]
        .into_iter()
        .zip(spreads)
        {
            let cosine = scores.score(tag);
            row.set(score, cosine);
            row.set(rank, scores.rank(tag));
            row.set(deviation, (cosine - mean) * inverse);
        }
    }
}

impl CommunityFeatures {
    /// Gathers the evidence on a new post. `created_at` is its time in Unix seconds; without one,
    /// the post counts as newer than all posts of the community. `chosen` are the hashtags that the
    /// author has chosen already.
    ///
    /// # Errors
    /// [`FeatureError::ScoreCount`] if a generator's scores are not one per hashtag.
    pub fn evidence<'a>(
        &'a self,
        post: &'a Analysis,
        created_at: Option<i64>,
        scores: &GeneratorScores<'a>,
        chosen: &[HashtagId],
    ) -> Result<Evidence<'a>, FeatureError> {
        let moment = self.timeline().moment(created_at);
        let statistics = Cow::Borrowed(self.statistics());
        Evidence::gather(self, statistics, moment, post, scores, chosen)
    }
}
