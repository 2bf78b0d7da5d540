//! The generators of all communities in one part.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use hashrec_data::CommunityId;
use hashrec_storage::{
    Bytes, Column, Part, PartWriter, SectionWriter, Sections, SectionsWriter, StorageError, Table,
};
use serde::{Deserialize, Serialize};

use crate::{
    CandidateParams, CandidatesError, CommunityView, FeatureExtractor, MixtureParams,
    NearestParams, PackedModel, RecencyParams,
    features::FIELDS,
    gold::GoldColumns,
    index::{FieldIndex, FieldView, Postings},
    linear::LinearView,
    packed,
    recent::RecentView,
    sums::SumsView,
};

const KIND: &str = "candidates";
const VERSION: u32 = 1;

/// The columns' names, for each kind of features.
const FIELD_NAMES: [FieldNames; FIELDS] = [
    FieldNames {
        starts: "word.starts",
        keys: "word.keys",
        offsets: "word.offsets",
        narrow: "word.posts",
        wide: "word.wide_posts",
        counts: "word.counts",
        scales: "word.scales",
    },
    FieldNames {
        starts: "character.starts",
        keys: "character.keys",
        offsets: "character.offsets",
        narrow: "character.posts",
        wide: "character.wide_posts",
        counts: "character.counts",
        scales: "character.scales",
    },
];

/// The names of the columns that have sums, for each kind of features.
const SUMMED_NAMES: [&str; FIELDS] = ["sums.words", "sums.characters"];

/// The names of the columns of one kind of features.
struct FieldNames {
    starts: &'static str,
    keys: &'static str,
    offsets: &'static str,
    narrow: &'static str,
    wide: &'static str,
    counts: &'static str,
    scales: &'static str,
}

/// The columns of one kind of features.
#[derive(Clone, Debug)]
struct FieldColumns {
    starts: Column<u32>,
    keys: Column<u32>,
    offsets: Column<u32>,
    narrow: Column<u16>,
    wide: Column<u32>,
    counts: Column<u8>,
    scales: Column<f32>,
}

/// The columns of the part, by what they are.
#[derive(Clone, Debug)]
struct Columns {
    least: Column<u32>,
    packed: Column<u8>,
    fields: [FieldColumns; FIELDS],
    gold: GoldColumns,
    support: Column<u32>,
    weights: Column<u16>,
    bias: Column<f32>,
    recent_times: Column<i64>,
    recent_mixed: Column<u8>,
    recent_weights: Column<u16>,
    recent_bias: Column<f32>,
    summed: [Column<u32>; FIELDS],
    sums_linear: Column<u16>,
    sums_recent: Column<u16>,
    sums_knots: Column<i64>,
    sums_near: Column<f32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    nearest: NearestParams,
    recency: RecencyParams,
    mixture: MixtureParams,
    extractor: FeatureExtractor,
}

/// Collects fitted communities.
pub struct CandidateStoreBuilder {
    header: Header,
    /// Communities 0, 1, 2…, written already.
    written: u32,
    sections: SectionsWriter,
    /// The others.
    models: BTreeMap<CommunityId, PackedModel>,
}

impl CandidateStoreBuilder {
    /// For models fitted with `params`.
    pub fn new(params: &CandidateParams) -> Self {
        let header = Header {
            nearest: params.nearest.clone(),
            recency: params.recency.clone(),
            mixture: params.mixture.clone(),
            extractor: FeatureExtractor::new(params),
        };
        let (written, sections, models) = (0, SectionsWriter::default(), BTreeMap::new());
        Self { header, written, sections, models }
    }

    /// Adds a community. The order doesn't matter, but takes the least memory if it is that of the ids.
    ///
    /// # Errors
    /// [`CandidatesError::Twice`] if the store has it already.
    pub fn add(
        &mut self,
        community: CommunityId,
        model: impl Into<PackedModel>,
    ) -> Result<(), CandidatesError> {
        if community.0 < self.written || self.models.contains_key(&community) {
            return Err(CandidatesError::Twice { community });
        }
        self.models.insert(community, model.into());
        while let Some(model) = self.models.remove(&CommunityId(self.written)) {
            push(&model, &mut self.sections.section());
            self.written += 1;
        }
        Ok(())
    }

    /// Writes one part.
    ///
    /// # Errors
    /// [`CandidatesError::Storage`] if it cannot be encoded.
    pub fn write(self) -> Result<Vec<u8>, CandidatesError> {
        let Self { header, written, mut sections, models } = self;
        let mut communities: Vec<u32> = (0..written).collect();
        for (community, model) in models {
            communities.push(community.0);
            push(&model, &mut sections.section());
        }
        let mut part = PartWriter::new(KIND, VERSION);
        part.header(&header)?;
        part.table("communities", &communities)?;
        sections.finish(&mut part)?;
        Ok(part.into_bytes()?)
    }
}

fn push(PackedModel { model, bits }: &PackedModel, out: &mut SectionWriter<'_>) {
    out.push("least_posts", &[model.least]).push("packed", bits);
    for (names, field) in FIELD_NAMES.iter().zip(&model.fields) {
        out.push(names.starts, &field.starts)
            .push(names.keys, &field.keys)
            .push(names.offsets, &field.offsets)
            .push(names.narrow, &field.narrow)
            .push(names.wide, &field.wide)
            .push(names.counts, &field.counts)
            .push(names.scales, &field.scales);
    }
    model.gold.push(out);
    out.push("linear.support", &model.support)
        .push("linear.weights", &model.weights)
        .push("linear.bias", &model.bias)
        .push("recent.times", &model.recent.times)
        .push("recent.mixed", &[u8::from(model.recent.mixed)])
        .push("recent.weights", &model.recent.weights)
        .push("recent.bias", &model.recent.bias);
    let sums = &model.sums;
    for (name, columns) in SUMMED_NAMES.iter().zip(&sums.columns) {
        out.push(name, columns);
    }
    out.push("sums.linear", &sums.linear)
        .push("sums.recent", &sums.recent)
        .push("sums.knots", &sums.knots)
        .push("sums.near", &sums.near);
}

/// The generators of all communities, mapped: serving one community touches only its own pages.
///
/// Reading checks what is cheap to check for thousands of communities: the layout, and the
/// hashtags of the posts. The posting lists and weights stay untouched until they are used. If they
/// are damaged, scores are wrong but finite, and only hashtags of the asked community appear.
#[derive(Clone, Debug)]
pub struct CandidateStore {
    header: Arc<Header>,
    communities: Table<u32>,
    columns: Columns,
    /// The indexes of packed communities that were asked for; `None` if they are damaged.
    unpacked: Arc<[OnceLock<Option<[FieldIndex; FIELDS]>>]>,
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
        header.mixture.check()?;
        if !header.extractor.is_valid() {
            return Err(part.wrong("header", "has bad n-gram lengths".into()).into());
        }
        let sections = Sections::read(&part)?;
        let communities: Table<u32> = part.table_of("communities", sections.len())?;
        if !communities.is_sorted_by(|a, b| a < b) {
            return Err(part.wrong("communities", "are not in rising order".into()).into());
        }
        let columns = Columns::find(&sections)?;
        for (index, section) in sections.iter().enumerate() {
            let fields = columns.fields(index);
            let packed = !columns.packed.run(index).is_empty();
            check(&columns.view(&header, index, fields), packed)
                .and_then(|()| columns.check_scales(index))
                .map_err(|(name, problem)| section.wrong(name, problem))?;
        }
        let unpacked = communities.iter().map(|_| OnceLock::new()).collect();
        Ok(Self { header: Arc::new(header), communities, columns, unpacked })
    }

    /// The generators of a community, if it was fitted.
    pub fn community(&self, community: CommunityId) -> Option<CommunityView<'_>> {
        let index = self.communities.binary_search(&community.0).ok()?;
        let fields = match self.columns.packed.run(index) {
            [] => self.columns.fields(index),
            bits => self.unpacked(index, bits),
        };
        Some(self.columns.view(&self.header, index, fields))
    }

    /// How many hashtags a community has, if it was fitted. Nothing is unpacked for it.
    pub fn hashtags(&self, community: CommunityId) -> Option<usize> {
        let index = self.communities.binary_search(&community.0).ok()?;
        Some(self.columns.gold.run(index).uses.len())
    }

    /// The generators of a community as they are stored, without indexes that are packed; and the
    /// bits of those.
    pub(crate) fn as_stored(&self, community: CommunityId) -> Option<(CommunityView<'_>, &[u8])> {
        let index = self.communities.binary_search(&community.0).ok()?;
        let bits = self.columns.packed.run(index);
        let fields = if bits.is_empty() { self.columns.fields(index) } else { None };
        Some((self.columns.view(&self.header, index, fields), bits))
    }

    /// How many posts of a community must have a feature for it to count, and the scales of each
    /// kind of features.
    pub(crate) fn as_packed(&self, community: CommunityId) -> Option<(u32, [&[f32]; FIELDS])> {
        let index = self.communities.binary_search(&community.0).ok()?;
        Some((self.columns.least(index), self.columns.scales(index)))
    }

    /// The indexes of a packed community, which are unpacked once.
    fn unpacked(&self, index: usize, bits: &[u8]) -> Option<[FieldView<'_>; FIELDS]> {
        let unpack = || packed::unpack(bits, self.columns.scales(index));
        let [words, characters] = self.unpacked.get(index)?.get_or_init(unpack).as_ref()?;
        let least = self.columns.least(index);
        Some([words.view(least)?, characters.view(least)?])
    }

    /// The communities, in rising order.
    pub fn communities(&self) -> impl ExactSizeIterator<Item = CommunityId> + '_ {
        self.communities.iter().map(|&community| CommunityId(community))
    }
}

impl FieldColumns {
    fn find(sections: &Sections, names: &FieldNames) -> Result<Self, StorageError> {
        Ok(Self {
            starts: sections.column(names.starts)?,
            keys: sections.column(names.keys)?,
            offsets: sections.column(names.offsets)?,
            narrow: sections.column(names.narrow)?,
            wide: sections.column(names.wide)?,
            counts: sections.column(names.counts)?,
            scales: sections.column(names.scales)?,
        })
    }

    fn view(&self, least: u32, index: usize) -> Option<FieldView<'_>> {
        let postings = Postings {
            offsets: self.offsets.run(index),
            narrow: self.narrow.run(index),
            wide: self.wide.run(index),
            counts: self.counts.run(index),
            scales: self.scales.run(index),
        };
        FieldView::new(least, self.starts.run(index), self.keys.run(index), postings)
    }
}

impl Columns {
    fn find(sections: &Sections) -> Result<Self, StorageError> {
        let [words, characters] = &FIELD_NAMES;
        Ok(Self {
            least: sections.column("least_posts")?,
            packed: sections.column("packed")?,
            fields: [
                FieldColumns::find(sections, words)?,
                FieldColumns::find(sections, characters)?,
            ],
            gold: GoldColumns::find(sections)?,
            support: sections.column("linear.support")?,
            weights: sections.column("linear.weights")?,
            bias: sections.column("linear.bias")?,
            recent_times: sections.column("recent.times")?,
            recent_mixed: sections.column("recent.mixed")?,
            recent_weights: sections.column("recent.weights")?,
            recent_bias: sections.column("recent.bias")?,
            summed: [sections.column(SUMMED_NAMES[0])?, sections.column(SUMMED_NAMES[1])?],
            sums_linear: sections.column("sums.linear")?,
            sums_recent: sections.column("sums.recent")?,
            sums_knots: sections.column("sums.knots")?,
            sums_near: sections.column("sums.near")?,
        })
    }

    /// The number of posts that must have a feature for it to count.
    fn least(&self, index: usize) -> u32 {
        self.least.run(index).first().copied().unwrap_or(1)
    }

    /// The scales of each kind of features.
    fn scales(&self, index: usize) -> [&[f32]; FIELDS] {
        self.fields.each_ref().map(|field| field.scales.run(index))
    }

    /// The indexes of a community that isn't packed.
    fn fields(&self, index: usize) -> Option<[FieldView<'_>; FIELDS]> {
        let (least, [words, characters]) = (self.least(index), &self.fields);
        Some([words.view(least, index)?, characters.view(least, index)?])
    }

    /// Names the first column of scales that don't belong to the posts.
    fn check_scales(&self, index: usize) -> Result<(), (&'static str, &'static str)> {
        let posts = self.gold.run(index).posts();
        let mut fields = self.scales(index).into_iter().zip(&FIELD_NAMES);
        match fields.find(|(scales, _)| scales.len() != posts) {
            Some((_, names)) => Err((names.scales, "are not one per post")),
            None => Ok(()),
        }
    }

    /// The generators of the community in the section at `index`, whose indexes are `fields`.
    fn view<'a>(
        &'a self,
        header: &'a Header,
        index: usize,
        fields: Option<[FieldView<'a>; FIELDS]>,
    ) -> CommunityView<'a> {
        let support = self.support.run(index);
        CommunityView {
            fields,
            gold: self.gold.run(index),
            linear: LinearView {
                support,
                weights: self.weights.run(index),
                bias: self.bias.run(index),
            },
            recent: RecentView {
                times: self.recent_times.run(index),
                mixed: self.recent_mixed.run(index) == [1],
                linear: LinearView {
                    support,
                    weights: self.recent_weights.run(index),
                    bias: self.recent_bias.run(index),
                },
                params: &header.recency,
                mixture: &header.mixture,
            },
            sums: SumsView {
                columns: self.summed.each_ref().map(|columns| columns.run(index)),
                linear: self.sums_linear.run(index),
                recent: self.sums_recent.run(index),
                knots: self.sums_knots.run(index),
                near: self.sums_near.run(index),
            },
            nearest: &header.nearest,
            extractor: &header.extractor,
        }
    }
}

/// Names the first column that doesn't belong to those beside it, and says why.
fn check(view: &CommunityView<'_>, packed: bool) -> Result<(), (&'static str, &'static str)> {
    let (linear, recent) = (view.linear, view.recent);
    let (posts, hashtags) = (view.posts(), view.hashtags());
    let require = |holds: bool, name, problem| if holds { Ok(()) } else { Err((name, problem)) };
    let finite = |bias: &[f32]| bias.len() == hashtags && bias.iter().all(|b| b.is_finite());
    let whole = packed || view.fields.is_some();
    require(whole, "word.offsets", "differ in length from the index's others")?;
    view.gold.check()?;
    require(finite(linear.bias), "linear.bias", "are not one finite number per hashtag")?;
    let known = linear.support.iter().all(|&post| (post as usize) < posts);
    require(known, "linear.support", "contain an unknown post")?;
    let rows = if linear.support.is_empty() { posts } else { linear.support.len() };
    let per_row = |weights: &[u16]| Some(weights.len()) == rows.checked_mul(hashtags);
    let whole = per_row(linear.weights) || linear.weights.is_empty();
    require(whole, "linear.weights", "are not one per post and hashtag")?;
    let (sums, rows) = (view.sums, Some(view.sums.rows()));
    let knots = sums.knots.len();
    let sets = |sets: usize| rows?.checked_mul(sets)?.checked_mul(hashtags);
    require(Some(sums.linear.len()) == sets(1), "sums.linear", "are not one per row and hashtag")?;
    let whole = sums.recent.is_empty() && knots == 0 || Some(sums.recent.len()) == sets(1 + knots);
    require(whole, "sums.recent", "are not one per knot, row and hashtag")?;
    require(sums.knots.is_sorted_by(|a, b| a < b), "sums.knots", "are not in rising order")?;
    let whole = Some(sums.near.len()) == knots.checked_mul(hashtags);
    require(whole, "sums.near", "are not one per knot and hashtag")?;
    let timed = knots == 0 || (recent.is_fitted() && recent.times.len() == posts);
    require(timed, "sums.knots", "are there without times")?;
    if !recent.is_fitted() {
        let empty = recent.linear.weights.is_empty() && recent.times.is_empty();
        return require(empty, "recent.bias", "are missing, though there are weights or times");
    }
    let whole = recent.times.len() == posts || (recent.times.is_empty() && recent.mixed);
    require(whole, "recent.times", "are not one per post")?;
    require(finite(recent.linear.bias), "recent.bias", "are not one finite number per hashtag")?;
    require(per_row(recent.linear.weights), "recent.weights", "are not one per post and hashtag")
}
