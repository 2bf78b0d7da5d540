//! The candidates by meaning of all communities in one part.

use std::collections::BTreeMap;

use hashrec_data::CommunityId;
use hashrec_storage::{
    Bytes, Column, Part, PartWriter, Sections, SectionsWriter, StorageError, Table,
};
use serde::{Deserialize, Serialize};

use super::{
    model::{MeaningModel, MeaningView},
    params::MeaningParams,
    quantized::{QuantizedRows, RowsView},
};
use crate::{
    CandidatesError,
    gold::{GoldColumns, GoldTables},
    linear::LinearView,
};

const KIND: &str = "meaning";
const VERSION: u32 = 1;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    /// Floats in an encoder's vector.
    dim: usize,
    params: MeaningParams,
}

/// Collects fitted communities.
pub struct MeaningStoreBuilder {
    header: Header,
    models: BTreeMap<CommunityId, MeaningModel>,
}

impl MeaningStoreBuilder {
    /// For models fitted with `params` to vectors of `dim` floats.
    pub fn new(dim: usize, params: &MeaningParams) -> Self {
        let header = Header { dim, params: params.clone() };
        Self { header, models: BTreeMap::new() }
    }

    /// Adds a community. The order doesn't matter.
    ///
    /// # Errors
    /// [`CandidatesError::Twice`] if the store has it already.
    pub fn add(
        &mut self,
        community: CommunityId,
        model: MeaningModel,
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
    /// [`CandidatesError::Storage`] if it cannot be encoded.
    pub fn write(&self) -> Result<Vec<u8>, CandidatesError> {
        let communities: Vec<u32> = self.models.keys().map(|community| community.0).collect();
        let mut sections = SectionsWriter::default();
        for model in self.models.values() {
            let mut out = sections.section();
            out.push("posts", &model.posts.values)
                .push("posts.scales", &model.posts.scales)
                .push("names", &model.names.values)
                .push("names.scales", &model.names.scales)
                .push("linear.primal", &[u8::from(model.primal)])
                .push("linear.weights", &model.weights)
                .push("linear.bias", &model.bias);
            model.gold.push(&mut out);
        }
        let mut part = PartWriter::new(KIND, VERSION);
        part.header(&self.header)?;
        part.table("communities", &communities)?;
        sections.finish(&mut part)?;
        Ok(part.to_bytes()?)
    }
}

/// The candidates by meaning of all communities, mapped: serving one community touches only its own
/// pages. What is damaged in weights and vectors makes wrong scores, but finite ones.
#[derive(Clone, Debug)]
pub struct MeaningStore {
    header: Header,
    communities: Table<u32>,
    columns: Columns,
}

/// The columns of the part, by what they are.
#[derive(Clone, Debug)]
struct Columns {
    posts: Column<i8>,
    post_scales: Column<f32>,
    names: Column<i8>,
    name_scales: Column<f32>,
    gold: GoldColumns,
    primal: Column<u8>,
    weights: Column<u16>,
    bias: Column<f32>,
}

impl MeaningStore {
    /// Reads a part; its tables stay in `bytes`.
    ///
    /// # Errors
    /// [`CandidatesError::Storage`] if it is not a whole part of this kind, or
    /// [`CandidatesError::Parameter`] if its parameters are out of range.
    pub fn read(bytes: Bytes) -> Result<Self, CandidatesError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let header: Header = part.header()?;
        header.params.check()?;
        let sections = Sections::read(&part)?;
        let communities: Table<u32> = part.table_of("communities", sections.len())?;
        if !communities.is_sorted_by(|a, b| a < b) {
            return Err(part.wrong("communities", "are not in rising order".into()).into());
        }
        let columns = Columns::find(&sections)?;
        for (index, section) in sections.iter().enumerate() {
            check(&columns.view(&header, index), header.dim)
                .map_err(|(name, problem)| section.wrong(name, problem))?;
        }
        Ok(Self { header, communities, columns })
    }

    /// Floats in an encoder's vector.
    pub fn dim(&self) -> usize {
        self.header.dim
    }

    /// The candidates of a community, if it was fitted.
    pub fn community(&self, community: CommunityId) -> Option<MeaningView<'_>> {
        let index = self.communities.binary_search(&community.0).ok()?;
        Some(self.columns.view(&self.header, index))
    }

    /// A copy of the candidates of a community, for another store; `None` if the community is not in
    /// this one.
    pub fn model(&self, community: CommunityId) -> Option<MeaningModel> {
        let view = self.community(community)?;
        let rows = |rows: RowsView<'_>| QuantizedRows {
            values: rows.values.to_vec().into(),
            scales: rows.scales.to_vec().into(),
        };
        Some(MeaningModel {
            posts: rows(view.posts),
            names: rows(view.names),
            gold: GoldTables::copy(view.gold),
            weights: view.linear.weights.to_vec().into(),
            bias: view.linear.bias.to_vec().into(),
            primal: view.primal,
            params: view.params.clone(),
        })
    }
}

impl Columns {
    fn find(sections: &Sections) -> Result<Self, StorageError> {
        Ok(Self {
            posts: sections.column("posts")?,
            post_scales: sections.column("posts.scales")?,
            names: sections.column("names")?,
            name_scales: sections.column("names.scales")?,
            gold: GoldColumns::find(sections)?,
            primal: sections.column("linear.primal")?,
            weights: sections.column("linear.weights")?,
            bias: sections.column("linear.bias")?,
        })
    }

    /// The candidates of the community in the section at `index`.
    fn view<'a>(&'a self, header: &'a Header, index: usize) -> MeaningView<'a> {
        let rows = |values: &'a Column<i8>, scales: &'a Column<f32>| RowsView {
            values: values.run(index),
            scales: scales.run(index),
        };
        MeaningView {
            posts: rows(&self.posts, &self.post_scales),
            names: rows(&self.names, &self.name_scales),
            gold: self.gold.run(index),
            linear: LinearView {
                support: &[],
                weights: self.weights.run(index),
                bias: self.bias.run(index),
            },
            primal: self.primal.run(index) == [1],
            params: &header.params,
        }
    }
}

/// Names the first column that doesn't belong to those beside it, and says why.
fn check(view: &MeaningView<'_>, dim: usize) -> Result<(), (&'static str, &'static str)> {
    let (posts, hashtags, linear) = (view.gold.posts(), view.hashtags(), view.linear);
    let require = |holds: bool, name, problem| if holds { Ok(()) } else { Err((name, problem)) };
    view.gold.check()?;
    let finite = |numbers: &[f32]| numbers.iter().all(|number| number.is_finite());
    let width = dim.saturating_mul(2);
    for (rows, [name, scales], count, width) in [
        (view.posts, ["posts", "posts.scales"], posts, width),
        (view.names, ["names", "names.scales"], hashtags, dim),
    ] {
        let whole = rows.len() == count && finite(rows.scales);
        require(whole, scales, "are not one finite number per vector")?;
        let whole = Some(rows.values.len()) == count.checked_mul(width);
        require(whole, name, "are not one vector of the encoder's length each")?;
    }
    let whole = linear.bias.len() == hashtags && finite(linear.bias);
    require(whole, "linear.bias", "are not one finite number per hashtag")?;
    let rows = if view.primal { width } else { posts };
    let whole = Some(linear.weights.len()) == rows.checked_mul(hashtags);
    require(whole || linear.weights.is_empty(), "linear.weights", "are not one per hashtag and row")
}
