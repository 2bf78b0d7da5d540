//! The features' part of a bundle.

use hashrec_data::CommunityId;
use hashrec_storage::{Bytes, Part, PartWriter, Sections, SectionsWriter};
use serde::{Deserialize, Serialize};

use crate::{
    community::CommunityFeatures, error::FeatureError, history::statistics::HitRates,
    post::rarity::Rarity, row::schema::SCHEMA_VERSION,
};

const KIND: &str = "features";
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    schema: u32,
}

/// The data of all communities that the features are computed from: one part of a bundle.
///
/// After [`read`](Self::read) all tables stay in the file's bytes and nothing has to be built, so
/// serving a community touches only its own pages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureStore {
    rarity: Rarity,
    communities: Vec<CommunityFeatures>,
}

impl FeatureStore {
    /// A store of `communities`, in the order of their ids.
    pub fn new(rarity: Rarity, communities: Vec<CommunityFeatures>) -> Self {
        Self { rarity, communities }
    }

    /// One community.
    pub fn community(&self, id: CommunityId) -> Option<&CommunityFeatures> {
        self.communities.get(id.index())
    }

    /// How many communities there are.
    pub fn len(&self) -> usize {
        self.communities.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.communities.is_empty()
    }

    /// The prior for the hit rates of a community.
    pub fn hit_rates(&self) -> HitRates {
        self.communities.first().map(CommunityFeatures::hit_rates).unwrap_or_default()
    }

    /// How rare words are in the corpus, for indexing the hashtags of a new community.
    pub fn rarity(&self) -> &Rarity {
        &self.rarity
    }

    /// The part as bytes: the same content gives the same bytes.
    ///
    /// # Errors
    /// [`FeatureError::Storage`] if it cannot be encoded.
    pub fn write(&self) -> Result<Vec<u8>, FeatureError> {
        let mut sections = SectionsWriter::default();
        for community in &self.communities {
            community.write(&mut sections.section());
        }
        let mut part = PartWriter::new(KIND, VERSION);
        part.header(&Header { schema: SCHEMA_VERSION })?;
        self.rarity.write(&mut part)?;
        sections.finish(&mut part)?;
        Ok(part.to_bytes()?)
    }

    /// Reads a part made by [`write`](Self::write). It checks every value that later code relies
    /// on, and no bytes make it panic.
    ///
    /// # Errors
    /// [`FeatureError::Storage`] if the bytes are not such a part,
    /// [`FeatureError::Schema`] if it belongs to another version of the features.
    pub fn read(bytes: Bytes) -> Result<Self, FeatureError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let header: Header = part.header()?;
        if header.schema != SCHEMA_VERSION {
            let supported = SCHEMA_VERSION;
            return Err(FeatureError::Schema { found: header.schema, supported });
        }
        let rarity = Rarity::read(&part)?;
        let sections = Sections::read(&part)?;
        let communities = sections.iter().map(CommunityFeatures::read).collect::<Result<_, _>>()?;
        Ok(Self { rarity, communities })
    }
}
