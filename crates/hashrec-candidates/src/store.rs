//! The generators of all communities in one part.

use std::collections::BTreeMap;

use hashrec_data::CommunityId;
use hashrec_storage::{Bytes, Element, Part, PartWriter, StorageError, Table};
use serde::{Deserialize, Serialize};

use crate::{
    CandidateParams, CandidatesError, CommunityModel, CommunityView, FeatureExtractor,
    NearestParams, RecencyParams,
    features::FIELDS,
    index::{FieldIndex, FieldView, Postings},
    linear::LinearView,
    nearest::Gold,
    recent::{RecentModel, RecentView},
    sections::Sections,
};

const KIND: &str = "candidates";
/// 2 added the classifier in which posts close in time count more, 3 features that count only with
/// the asked post.
const VERSION: u32 = 3;

/// Tables of one kind of features.
const PER_FIELD: usize = 7;

/// Tables with sections: those of the fields, then gold (3) and linear (3).
const TABLES: usize = FIELDS * PER_FIELD + 6;
const GOLD_OFFSETS: usize = FIELDS * PER_FIELD;
const GOLD_HASHTAGS: usize = GOLD_OFFSETS + 1;
const USES: usize = GOLD_OFFSETS + 2;
const SUPPORT: usize = GOLD_OFFSETS + 3;
const WEIGHTS: usize = GOLD_OFFSETS + 4;
const BIAS: usize = GOLD_OFFSETS + 5;

const NAMES: [&str; TABLES] = [
    "word_starts",
    "word_keys",
    "word_offsets",
    "word_posts",
    "word_wide_posts",
    "word_counts",
    "word_scales",
    "character_starts",
    "character_keys",
    "character_offsets",
    "character_posts",
    "character_wide_posts",
    "character_counts",
    "character_scales",
    "gold_offsets",
    "gold_hashtags",
    "uses",
    "support",
    "weights",
    "bias",
];

/// Tables of the classifier in which posts close in time count more, which have sections of their
/// own.
const RECENT_TABLES: usize = 3;
const RECENT_NAMES: [&str; RECENT_TABLES] = ["recent_times", "recent_weights", "recent_bias"];

/// Posts that a feature needs to count in each community.
const LEAST: &str = "least_posts";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    nearest: NearestParams,
    #[serde(default)]
    recency: RecencyParams,
    extractor: FeatureExtractor,
}

/// Collects fitted communities.
pub struct CandidateStoreBuilder {
    header: Header,
    models: BTreeMap<CommunityId, CommunityModel>,
}

impl CandidateStoreBuilder {
    /// For models fitted with `params`.
    pub fn new(params: &CandidateParams) -> Self {
        let header = Header {
            nearest: params.nearest.clone(),
            recency: params.recency.clone(),
            extractor: FeatureExtractor::new(params),
        };
        Self { header, models: BTreeMap::new() }
    }

    /// Adds a community. The order doesn't matter.
    ///
    /// # Errors
    /// [`CandidatesError::Twice`] if it is there already.
    pub fn add(
        &mut self,
        community: CommunityId,
        model: CommunityModel,
    ) -> Result<(), CandidatesError> {
        if self.models.contains_key(&community) {
            return Err(CandidatesError::Twice { community });
        }
        self.models.insert(community, model);
        Ok(())
    }

    /// Writes one part.
    ///
    /// # Errors
    /// [`CandidatesError::Storage`] if it can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, CandidatesError> {
        let mut output = Output {
            writer: PartWriter::new(KIND, VERSION),
            sections: vec![0; (self.models.len() + 1) * TABLES],
            recent_sections: vec![0; (self.models.len() + 1) * RECENT_TABLES],
            models: self.models.values().collect(),
        };
        output.writer.header(&self.header)?;
        let communities: Vec<u32> = self.models.keys().map(|community| community.0).collect();
        output.writer.table("communities", &communities)?;
        let least: Vec<u32> = self.models.values().map(|model| model.least).collect();
        output.writer.table(LEAST, &least)?;
        for field in 0..FIELDS {
            let base = field * PER_FIELD;
            output.join(base, |model| &model.fields[field].starts)?;
            output.join(base + 1, |model| &model.fields[field].keys)?;
            output.join(base + 2, |model| &model.fields[field].offsets)?;
            output.join(base + 3, |model| &model.fields[field].narrow)?;
            output.join(base + 4, |model| &model.fields[field].wide)?;
            output.join(base + 5, |model| &model.fields[field].counts)?;
            output.join(base + 6, |model| &model.fields[field].scales)?;
        }
        output.join(GOLD_OFFSETS, |model| &model.gold_offsets)?;
        output.join(GOLD_HASHTAGS, |model| &model.gold_hashtags)?;
        output.join(USES, |model| &model.uses)?;
        output.join(SUPPORT, |model| &model.support)?;
        output.join(WEIGHTS, |model| &model.weights)?;
        output.join(BIAS, |model| &model.bias)?;
        output.join_recent(0, |model| &model.recent.times)?;
        output.join_recent(1, |model| &model.recent.weights)?;
        output.join_recent(2, |model| &model.recent.bias)?;
        let Output { mut writer, sections, recent_sections, .. } = output;
        writer.table("sections", &sections)?;
        writer.table("recent_sections", &recent_sections)?;
        Ok(writer.to_bytes()?)
    }
}

struct Output<'a> {
    writer: PartWriter,
    sections: Vec<u64>,
    recent_sections: Vec<u64>,
    models: Vec<&'a CommunityModel>,
}

impl Output<'_> {
    /// Writes one table of all communities, one after another.
    fn join<T: Element>(
        &mut self,
        table: usize,
        of: impl Fn(&CommunityModel) -> &Table<T>,
    ) -> Result<(), StorageError> {
        let joined = joined(&self.models, &mut self.sections[TABLES + table..], TABLES, of);
        self.writer.table(NAMES[table], &joined)?;
        Ok(())
    }

    /// The same for a table of the classifier in which posts close in time count more.
    fn join_recent<T: Element>(
        &mut self,
        table: usize,
        of: impl Fn(&CommunityModel) -> &Table<T>,
    ) -> Result<(), StorageError> {
        let ends = &mut self.recent_sections[RECENT_TABLES + table..];
        let joined = joined(&self.models, ends, RECENT_TABLES, of);
        self.writer.table(RECENT_NAMES[table], &joined)?;
        Ok(())
    }
}

/// One table of all communities; where each one's stretch ends goes to every `step`th of `ends`.
fn joined<T: Element>(
    models: &[&CommunityModel],
    ends: &mut [u64],
    step: usize,
    of: impl Fn(&CommunityModel) -> &Table<T>,
) -> Vec<T> {
    let total = models.iter().map(|&model| of(model).len()).sum();
    let mut joined: Vec<T> = Vec::with_capacity(total);
    for (&model, end) in models.iter().zip(ends.iter_mut().step_by(step)) {
        joined.extend_from_slice(of(model));
        *end = joined.len() as u64;
    }
    joined
}

/// The generators of all communities, mapped: serving one community touches only its own pages.
///
/// Reading checks what is cheap to check for thousands of communities: the layout, and the
/// hashtags of the posts. The posting lists and weights stay untouched until they are used; if
/// they are damaged, scores are wrong but finite, and only hashtags of the asked community appear.
#[derive(Clone, Debug)]
pub struct CandidateStore {
    header: std::sync::Arc<Header>,
    communities: Table<u32>,
    least: Table<u32>,
    sections: Sections<TABLES>,
    recent_sections: Sections<RECENT_TABLES>,
    recent: RecentModel,
    fields: [FieldIndex; FIELDS],
    gold_offsets: Table<u32>,
    gold_hashtags: Table<u32>,
    uses: Table<u32>,
    support: Table<u32>,
    weights: Table<u16>,
    bias: Table<f32>,
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Header").finish_non_exhaustive()
    }
}

impl CandidateStore {
    /// Reads a part; its tables stay in `bytes`.
    ///
    /// # Errors
    /// [`CandidatesError::Storage`] if it is not a whole part of this kind, or
    /// [`CandidatesError::Parameter`] if its parameters are out of range.
    pub fn read(bytes: Bytes) -> Result<Self, CandidatesError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let header: Header = part.header()?;
        header.nearest.check()?;
        header.recency.check()?;
        if !header.extractor.is_valid() {
            return Err(part.wrong("header", "bad n-gram lengths".into()).into());
        }
        let communities: Table<u32> = part.table("communities")?;
        if !communities.is_sorted_by(|a, b| a < b) {
            return Err(part.wrong("communities", "are not in rising order".into()).into());
        }
        let least = match part.version() {
            // Their indexes hold features that count, and no others.
            1 | 2 => vec![1; communities.len()].into(),
            _ => part.table_of(LEAST, communities.len())?,
        };
        let field = |base: usize| -> Result<FieldIndex, StorageError> {
            Ok(FieldIndex {
                starts: part.table(NAMES[base])?,
                keys: part.table(NAMES[base + 1])?,
                offsets: part.table(NAMES[base + 2])?,
                narrow: part.table(NAMES[base + 3])?,
                wide: part.table(NAMES[base + 4])?,
                counts: part.table(NAMES[base + 5])?,
                scales: part.table(NAMES[base + 6])?,
            })
        };
        let fields = [field(0)?, field(PER_FIELD)?];
        let (gold_offsets, gold_hashtags, uses) = (
            part.table::<u32>(NAMES[GOLD_OFFSETS])?,
            part.table::<u32>(NAMES[GOLD_HASHTAGS])?,
            part.table::<u32>(NAMES[USES])?,
        );
        let (support, weights, bias) = (
            part.table::<u32>(NAMES[SUPPORT])?,
            part.table::<u16>(NAMES[WEIGHTS])?,
            part.table::<f32>(NAMES[BIAS])?,
        );
        let mut lengths = [0; TABLES];
        for (field, lengths) in fields.iter().zip(lengths.chunks_exact_mut(PER_FIELD)) {
            lengths.copy_from_slice(&[
                field.starts.len(),
                field.keys.len(),
                field.offsets.len(),
                field.narrow.len(),
                field.wide.len(),
                field.counts.len(),
                field.scales.len(),
            ]);
        }
        lengths[GOLD_OFFSETS] = gold_offsets.len();
        lengths[GOLD_HASHTAGS] = gold_hashtags.len();
        lengths[USES] = uses.len();
        lengths[SUPPORT] = support.len();
        lengths[WEIGHTS] = weights.len();
        lengths[BIAS] = bias.len();
        let sections = Sections::new(part.table("sections")?, communities.len(), lengths)
            .ok_or_else(|| part.wrong("sections", "do not fit the tables".into()))?;
        let (recent, recent_sections) = read_recent(&part, communities.len())?;
        let store = Self {
            header: std::sync::Arc::new(header),
            communities,
            least,
            sections,
            recent_sections,
            recent,
            fields,
            gold_offsets,
            gold_hashtags,
            uses,
            support,
            weights,
            bias,
        };
        for section in 0..store.communities.len() {
            store.check(section).map_err(|problem| {
                part.wrong("sections", format!("community {section}: {problem}"))
            })?;
        }
        Ok(store)
    }

    /// The generators of a community, if it was fitted.
    pub fn community(&self, community: CommunityId) -> Option<CommunityView<'_>> {
        self.communities.binary_search(&community.0).ok().map(|section| self.section(section))
    }

    /// The communities, rising.
    pub fn communities(&self) -> impl ExactSizeIterator<Item = CommunityId> + '_ {
        self.communities.iter().map(|&community| CommunityId(community))
    }

    fn section(&self, section: usize) -> CommunityView<'_> {
        let of = &self.sections;
        let least = self.least.get(section).copied().unwrap_or(1);
        let field = |number: usize| {
            let (field, base) = (&self.fields[number], number * PER_FIELD);
            let postings = Postings {
                offsets: of.of(&field.offsets, base + 2, section),
                narrow: of.of(&field.narrow, base + 3, section),
                wide: of.of(&field.wide, base + 4, section),
                counts: of.of(&field.counts, base + 5, section),
                scales: of.of(&field.scales, base + 6, section),
            };
            let starts = of.of(&field.starts, base, section);
            FieldView::new(least, starts, of.of(&field.keys, base + 1, section), postings)
        };
        let support = of.of(&self.support, SUPPORT, section);
        CommunityView {
            fields: field(0).zip(field(1)).map(|(words, characters)| [words, characters]),
            gold: Gold {
                offsets: of.of(&self.gold_offsets, GOLD_OFFSETS, section),
                hashtags: of.of(&self.gold_hashtags, GOLD_HASHTAGS, section),
                uses: of.of(&self.uses, USES, section),
            },
            linear: LinearView {
                support,
                weights: of.of(&self.weights, WEIGHTS, section),
                bias: of.of(&self.bias, BIAS, section),
            },
            recent: RecentView {
                times: self.recent_sections.of(&self.recent.times, 0, section),
                linear: LinearView {
                    support,
                    weights: self.recent_sections.of(&self.recent.weights, 1, section),
                    bias: self.recent_sections.of(&self.recent.bias, 2, section),
                },
                params: &self.header.recency,
            },
            nearest: &self.header.nearest,
            extractor: &self.header.extractor,
        }
    }

    /// Whether the tables of a section belong together.
    fn check(&self, section: usize) -> Result<(), &'static str> {
        let view = self.section(section);
        let (gold, linear) = (view.gold, view.linear);
        let (posts, hashtags) = (view.posts(), view.hashtags());
        let require = |holds: bool, problem| if holds { Ok(()) } else { Err(problem) };
        let fields = view.fields.ok_or("the index's tables differ in length")?;
        require(
            fields.iter().all(|field| field.postings.scales.len() == posts),
            "the index has another number of posts",
        )?;
        require(
            gold.offsets.first() == Some(&0)
                && gold.offsets.is_sorted()
                && gold.offsets.last().is_some_and(|&end| end as usize == gold.hashtags.len()),
            "the posts' hashtags are out of order",
        )?;
        require(
            gold.hashtags.iter().all(|&hashtag| (hashtag as usize) < hashtags),
            "a post carries an unknown hashtag",
        )?;
        require(
            linear.bias.len() == hashtags && linear.bias.iter().all(|b| b.is_finite()),
            "the biases are not one finite number a hashtag",
        )?;
        require(
            linear.support.iter().all(|&post| (post as usize) < posts),
            "a weight belongs to an unknown post",
        )?;
        let rows = if linear.support.is_empty() { posts } else { linear.support.len() };
        require(
            Some(linear.weights.len()) == rows.checked_mul(hashtags) || linear.weights.is_empty(),
            "the weights are not one a post and hashtag",
        )?;
        let recent = view.recent;
        if !recent.is_fitted() {
            let empty = recent.linear.weights.is_empty() && recent.linear.bias.is_empty();
            return require(empty, "there are weights, but no times");
        }
        require(recent.times.len() == posts, "the times are not one a post")?;
        require(
            recent.linear.bias.len() == hashtags
                && recent.linear.bias.iter().all(|b| b.is_finite()),
            "the biases of recent posts are not one finite number a hashtag",
        )?;
        require(
            Some(recent.linear.weights.len()) == rows.checked_mul(hashtags),
            "the weights of recent posts are not one a post and hashtag",
        )
    }
}

/// The classifier in which posts close in time count more; none in parts older than it.
fn read_recent(
    part: &Part,
    communities: usize,
) -> Result<(RecentModel, Sections<RECENT_TABLES>), StorageError> {
    let (model, sections) = match part.version() {
        1 => (RecentModel::default(), vec![0; (communities + 1) * RECENT_TABLES].into()),
        _ => {
            let model = RecentModel {
                times: part.table(RECENT_NAMES[0])?,
                weights: part.table(RECENT_NAMES[1])?,
                bias: part.table(RECENT_NAMES[2])?,
            };
            (model, part.table("recent_sections")?)
        }
    };
    let lengths = [model.times.len(), model.weights.len(), model.bias.len()];
    let sections = Sections::new(sections, communities, lengths)
        .ok_or_else(|| part.wrong("recent_sections", "do not fit the tables".into()))?;
    Ok((model, sections))
}
