//! The generators of all communities in one part.

use std::collections::BTreeMap;

use hashrec_data::CommunityId;
use hashrec_storage::{Bytes, Element, Part, PartWriter, StorageError, Table};
use serde::{Deserialize, Serialize};

use crate::{
    CandidateParams, CandidatesError, CommunityModel, CommunityView, FeatureExtractor,
    NearestParams,
    features::FIELDS,
    index::{FieldIndex, FieldView, Postings},
    linear::LinearView,
    nearest::Gold,
    sections::Sections,
};

const KIND: &str = "candidates";
const VERSION: u32 = 1;

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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    nearest: NearestParams,
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
        let header =
            Header { nearest: params.nearest.clone(), extractor: FeatureExtractor::new(params) };
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
            models: self.models.values().collect(),
        };
        output.writer.header(&self.header)?;
        let communities: Vec<u32> = self.models.keys().map(|community| community.0).collect();
        output.writer.table("communities", &communities)?;
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
        let Output { mut writer, sections, .. } = output;
        writer.table("sections", &sections)?;
        Ok(writer.to_bytes()?)
    }
}

struct Output<'a> {
    writer: PartWriter,
    sections: Vec<u64>,
    models: Vec<&'a CommunityModel>,
}

impl Output<'_> {
    /// Writes one table of all communities, one after another.
    fn join<T: Element>(
        &mut self,
        table: usize,
        of: impl Fn(&CommunityModel) -> &Table<T>,
    ) -> Result<(), StorageError> {
        let total = self.models.iter().map(|&model| of(model).len()).sum();
        let mut joined: Vec<T> = Vec::with_capacity(total);
        for (section, &model) in self.models.iter().enumerate() {
            joined.extend_from_slice(of(model));
            self.sections[(section + 1) * TABLES + table] = joined.len() as u64;
        }
        self.writer.table(NAMES[table], &joined)?;
        Ok(())
    }
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
    sections: Sections<TABLES>,
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
        if !header.extractor.is_valid() {
            return Err(part.wrong("header", "bad n-gram lengths".into()).into());
        }
        let communities: Table<u32> = part.table("communities")?;
        if !communities.is_sorted_by(|a, b| a < b) {
            return Err(part.wrong("communities", "are not in rising order".into()).into());
        }
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
        let store = Self {
            header: std::sync::Arc::new(header),
            communities,
            sections,
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
            FieldView::new(starts, of.of(&field.keys, base + 1, section), postings)
        };
        CommunityView {
            fields: field(0).zip(field(1)).map(|(words, characters)| [words, characters]),
            gold: Gold {
                offsets: of.of(&self.gold_offsets, GOLD_OFFSETS, section),
                hashtags: of.of(&self.gold_hashtags, GOLD_HASHTAGS, section),
                uses: of.of(&self.uses, USES, section),
            },
            linear: LinearView {
                support: of.of(&self.support, SUPPORT, section),
                weights: of.of(&self.weights, WEIGHTS, section),
                bias: of.of(&self.bias, BIAS, section),
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
        )
    }
}
