//! The default ranker: LightGBM over features of how a hashtag stands to a post.

use hashrec_candidates::{IndexScores, Source};
#[cfg(feature = "learn")]
use hashrec_data::CommunityId;
use hashrec_data::{HashtagId, HashtagSpace};
#[cfg(feature = "learn")]
use hashrec_features::Rarity;
use hashrec_features::{
    Evidence, FEATURES, FeatureGroup, FeatureStore, GeneratorScores, SCHEMA_VERSION,
};
use hashrec_ranker::{Columns, Ranker};

#[cfg(feature = "learn")]
use super::adjust::Adjuster;
#[cfg(feature = "train")]
use super::samples::Samples;
use super::{
    adjusted::Adjusted,
    samples::{FeatureRanking, generator_scores},
    vectors::{bound, gains, matrix},
};
#[cfg(feature = "learn")]
use crate::config::RankerSource;
#[cfg(feature = "learn")]
use crate::{
    error::LearnError,
    pipeline::{
        ranking::community::fit_features,
        stage::{Joined, Origin, Parts},
    },
};
use crate::{
    error::{BundleError, ConfigError, RecommendError},
    pipeline::stage::{
        Asked, Buffers, FittedGenerator, FittedRanking, PartReader, Ranking, Reading, RowScores,
        Scored, Stage, same_hashtags,
    },
};

const PART: &str = "features";

/// A recommendation names a generator as its source if the hashtag is among its so many best.
const NAMED: usize = 10;

impl Stage for FeatureRanking {
    fn check(&self) -> Result<(), ConfigError> {
        self.shortlist.check().map_err(ConfigError::section("shortlist"))?;
        self.small_communities.check()?;
        self.ranker.check().map_err(ConfigError::section("ranker"))?;
        let share_up_to = |most, share| (0.0..=most).contains(&share);
        ConfigError::range(self.ranker_posts > 0, "ranker_posts", "at least 1")?;
        ConfigError::range(share_up_to(1.0, self.chosen_share), "chosen_share", "0 to 1")?;
        ConfigError::range(share_up_to(0.5, self.newest_share), "newest_share", "0 to 0.5")?;
        ConfigError::range(share_up_to(0.5, self.hidden_share), "hidden_share", "0 to 0.5")
    }

    #[cfg(feature = "trainer")]
    fn settings(&self) -> Result<toml::Table, toml::ser::Error> {
        toml::Table::try_from(self)
    }

    #[cfg(feature = "trainer")]
    fn missing_feature(&self) -> Option<&'static str> {
        let trained = self.source() != Some(RankerSource::BuiltIn);
        (trained && !cfg!(feature = "train")).then_some("train")
    }
}

impl Ranking for FeatureRanking {
    fn read(&self, parts: &PartReader<'_>) -> Result<Box<dyn FittedRanking>, BundleError> {
        let store = parts.read(PART, FeatureStore::read)?;
        let ranker = parts.read("ranker", Ranker::read)?;
        let wrong = || BundleError::part("ranker");
        ranker.expect_schema_version(SCHEMA_VERSION).map_err(wrong())?;
        let columns = ranker.columns_among(FEATURES).map_err(wrong())?;
        let adjusted = Adjusted::read_if_there(parts)?;
        Ok(Box::new(FittedFeatures { params: self.clone(), store, ranker, columns, adjusted }))
    }

    #[cfg(feature = "learn")]
    fn source(&self) -> Option<RankerSource> {
        (!self.has_net).then_some(self.ranker_source)
    }

    #[cfg(feature = "train")]
    fn samples(&self) -> Option<Samples<'_>> {
        Some(Samples::Features(self))
    }
}

struct FittedFeatures {
    params: FeatureRanking,
    store: FeatureStore,
    ranker: Ranker,
    /// The ranker's columns among those that are computed.
    columns: Columns,
    /// If the ranker wasn't trained on these communities.
    adjusted: Option<Adjusted>,
}

impl FittedRanking for FittedFeatures {
    fn rank(
        &self,
        post: &Reading<'_>,
        generators: &[Box<dyn FittedGenerator>],
        asked: &Asked,
        buffers: &mut Buffers,
    ) -> Result<Vec<Scored>, RecommendError> {
        let mut scores = RowScores::default();
        for generator in generators {
            generator.add_row_scores(post, &asked.chosen, buffers, &mut scores)?;
        }
        let without = self.params.features.without;
        let (index, logits) = (scores.index.as_ref(), scores.logits.as_deref());
        let given = generator_scores(without, index, logits, scores.meaning.as_ref());
        let community = self.store.community(post.community).ok_or_else(|| post.missing(PART))?;
        let evidence = community
            .evidence(post.analysis(), post.created_at, &given, &asked.chosen)
            .map_err(RecommendError::score)?;
        let shortlist = match &asked.allowed {
            Some(allowed) => allowed.clone(),
            None => evidence.shortlist(&self.params.shortlist),
        };
        if shortlist.is_empty() {
            return Ok(Vec::new());
        }
        buffers.rows.clear();
        evidence.rows(&shortlist, &mut buffers.rows);
        let rows = matrix(&buffers.rows, shortlist.len())?;
        let own = self.columns.pick(rows, &mut buffers.picked);
        self.ranker
            .score_with(own, &mut buffers.forest, &mut buffers.scores)
            .map_err(RecommendError::score)?;
        if let Some(adjusted) = &self.adjusted {
            adjusted.apply(post.community, rows, &mut buffers.picked, &mut buffers.scores)?;
        }
        bound(self.params.ranker.objective, &mut buffers.scores);
        let best = Best::of(&given);
        let scored = |(&hashtag, &score): (&HashtagId, &f64)| Scored {
            hashtag,
            score: score as f32,
            sources: best.sources(&evidence, hashtag),
        };
        Ok(shortlist.iter().zip(&buffers.scores).map(scored).collect())
    }

    fn importance(&self) -> Vec<(String, f64)> {
        gains(&self.ranker)
    }

    fn check_space(&self, space: &HashtagSpace) -> Result<(), BundleError> {
        same_hashtags(PART, space, |id| Some(self.store.community(id)?.hashtags()))?;
        self.adjusted.as_ref().map_or(Ok(()), |adjusted| adjusted.check_space(space))
    }

    fn for_segment(&self, parts: &PartReader<'_>) -> Result<Box<dyn FittedRanking>, BundleError> {
        let adjusted = self.adjusted.as_ref().map(|_| Adjusted::read(parts)).transpose()?;
        Ok(Box::new(Self {
            params: self.params.clone(),
            store: parts.read(PART, FeatureStore::read)?,
            ranker: self.ranker.clone(),
            columns: self.columns.clone(),
            adjusted,
        }))
    }

    /// The ranker stays as it is: no feature names a community. So do the rarity of words, which
    /// only the first segment's part has, and the hit rates of other communities.
    #[cfg(feature = "learn")]
    fn join(
        &self,
        joined: &Joined<'_>,
        parts: &mut Parts,
    ) -> Result<Option<Box<dyn FittedRanking>>, LearnError> {
        let (rarity, rates) = (self.store.rarity(), self.store.hit_rates());
        let old = joined.read(PART, FeatureStore::read)?;
        let without = self.params.features.without;
        let adjuster = self.adjusted.as_ref();
        let by_meaning = self.params.by_meaning.as_ref();
        let adjuster = adjuster
            .map(|_| Adjuster::new(&self.ranker, without, &self.params.shortlist, by_meaning));
        let (adjuster, params) =
            (adjuster.transpose()?, &self.params.candidates.clone().with_threads(1));
        let (mut communities, mut adjustments) = (Vec::new(), Vec::new());
        for (_, space, origin) in joined.communities() {
            match origin {
                Origin::Old { segment, id } => {
                    communities.extend(old[segment].community(id).cloned());
                }
                Origin::New(new) => {
                    let posts: Vec<_> = new.labelled_posts().collect();
                    let fit = fit_features(space, &posts, &new.notes, joined.tokenizer, rarity)
                        .map_err(LearnError::fit(space.name()))?
                        .with_hit_rates(rates);
                    if let (Some(adjuster), Some(adjusted)) = (&adjuster, &self.adjusted) {
                        let shared = adjusted.shared();
                        let names = new.encoded.names(CommunityId(0));
                        let one = adjuster.of(shared, &fit, (space, names), &posts, params)?;
                        adjustments.push(one);
                    }
                    communities.push(fit.into_features());
                }
            }
        }
        let rarity = if joined.is_first { rarity.clone() } else { Rarity::default() };
        let bytes = FeatureStore::new(rarity, communities).write();
        parts.insert(PART.to_owned(), bytes.map_err(LearnError::part(PART))?.into());
        if let Some(adjusted) = &self.adjusted {
            adjusted.join(joined, adjustments, parts)?;
        }
        Ok(Some(self.for_segment(&PartReader::in_memory(parts))?))
    }
}

/// The hashtags that each generator has among its best.
struct Best {
    linear: Vec<usize>,
    nearest: Vec<usize>,
    classifier: Vec<usize>,
    meaning: Vec<usize>,
}

impl Best {
    fn of(scores: &GeneratorScores<'_>) -> Self {
        let best =
            |scores: Option<&[f32]>| scores.map_or(Vec::new(), |s| IndexScores::best(s, NAMED));
        let mut nearest = best(scores.nearest);
        nearest.retain(|&tag| scores.nearest.is_some_and(|votes| votes[tag] > 0.0));
        Self {
            linear: best(scores.linear),
            nearest,
            classifier: best(scores.classifier),
            meaning: best(scores.meaning.map(|meaning| meaning.linear)),
        }
    }

    fn sources(&self, evidence: &Evidence<'_>, hashtag: HashtagId) -> Vec<Source> {
        let tag = hashtag.index();
        let found = evidence.matches().get(hashtag);
        [
            (Source::Literal, found.in_title() || found.in_text()),
            (Source::Linear, self.linear.contains(&tag)),
            (Source::NearestPost, self.nearest.contains(&tag)),
            (Source::Classifier, self.classifier.contains(&tag)),
            (Source::Meaning, self.meaning.contains(&tag)),
            (Source::Popular, tag < NAMED && !evidence.is_without(FeatureGroup::Frequency)),
        ]
        .into_iter()
        .filter_map(|(source, named)| named.then_some(source))
        .collect()
    }
}
