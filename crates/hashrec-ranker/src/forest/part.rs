//! The forest on disk: a small header and six tables.

use hashrec_storage::{Bytes, Part, PartWriter};
use serde::{Deserialize, Serialize};

use super::{Forest, Link, MAX_FEATURES, check};
use crate::RankerError;

/// Kind and format version of a part that holds nothing but a forest.
const KIND: &str = "forest";
const VERSION: u32 = 1;

/// What stands beside the tables.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForestHeader {
    features: usize,
    link: Link,
    average: bool,
}

impl Forest {
    /// The forest as one part; the same forest gives the same bytes.
    ///
    /// # Errors
    /// [`RankerError::Storage`] if it can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, RankerError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&self.header())?;
        self.write_tables(&mut writer)?;
        Ok(writer.to_bytes()?)
    }

    /// Reads what [`Forest::write`] wrote. The tables stay where they are, in `bytes`; every
    /// value is checked, whoever wrote them.
    ///
    /// # Errors
    /// [`RankerError::Storage`], [`RankerError::Model`] or [`RankerError::Tree`].
    pub fn read(bytes: Bytes) -> Result<Self, RankerError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        Self::read_tables(&part, part.header()?)
    }

    pub(crate) fn header(&self) -> ForestHeader {
        ForestHeader { features: self.features, link: self.link, average: self.average }
    }

    pub(crate) fn write_tables(&self, writer: &mut PartWriter) -> Result<(), RankerError> {
        writer
            .table("starts", &self.starts)?
            .table("value", &self.value)?
            .table("split", &self.split)?
            .table("children", &self.children)?
            .table("category_starts", &self.category_starts)?
            .table("categories", &self.categories)?;
        Ok(())
    }

    pub(crate) fn read_tables(part: &Part, header: ForestHeader) -> Result<Self, RankerError> {
        let ForestHeader { features, link, average } = header;
        if !(1..=MAX_FEATURES).contains(&features) {
            let problem = format!("is {features}, expected 1 to {MAX_FEATURES}");
            return Err(RankerError::Model { field: "features", problem });
        }
        let value = part.table::<f64>("value")?;
        let mut forest = Self {
            features,
            link,
            average,
            starts: part.table("starts")?,
            split: part.table_of("split", value.len())?,
            children: part.table_of("children", value.len().saturating_mul(2))?,
            category_starts: part.table("category_starts")?,
            categories: part.table("categories")?,
            value,
            plain: Vec::new(),
        };
        if forest.value.is_empty() {
            let problem = "the forest has no trees".to_owned();
            return Err(RankerError::Model { field: "starts", problem });
        }
        check::check(&forest)?;
        forest.plain = check::plain(&forest.starts, &forest.split);
        Ok(forest)
    }
}
