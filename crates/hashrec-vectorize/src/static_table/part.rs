//! The binary format: one part, whose tables can be memory-mapped.

use hashrec_storage::{Bytes, Part, PartWriter};
use serde::{Deserialize, Serialize};

use super::{Precision, Rows, StaticTable, check_dim};
use crate::{
    VectorizeError,
    subwords::{Settings, Subwords},
};

const KIND: &str = "static-table";
const VERSION: u32 = 1;
const WEIGHTS: &str = "weights";
const ROW_OF: &str = "row_of";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<S> {
    dim: usize,
    rows: usize,
    precision: Precision,
    max_tokens: usize,
    max_characters: Option<usize>,
    drops_unknown: bool,
    is_weighted: bool,
    is_shared: bool,
    subwords: S,
}

impl StaticTable {
    /// Encodes the table as one binary part. Equal tables give equal bytes.
    ///
    /// # Errors
    /// [`VectorizeError::Storage`] if it can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, VectorizeError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&Header {
            dim: self.dim,
            rows: self.row_count,
            precision: self.precision(),
            max_tokens: self.max_tokens,
            max_characters: self.max_characters,
            drops_unknown: self.drops_unknown,
            is_weighted: self.weights.is_some(),
            is_shared: self.row_of.is_some(),
            subwords: self.subwords.settings(),
        })?;
        self.subwords.write(&mut writer)?;
        self.rows.write(&mut writer)?;
        if let Some(weights) = &self.weights {
            writer.table(WEIGHTS, weights)?;
        }
        if let Some(row_of) = &self.row_of {
            writer.table(ROW_OF, row_of)?;
        }
        Ok(writer.to_bytes()?)
    }

    /// Reads what [`write`](Self::write) wrote. The tables stay in `bytes`, which may be a memory
    /// map (`hashrec_storage::map_file`): nothing is copied and nothing built, so that this takes
    /// the same short time for any vocabulary.
    ///
    /// # Errors
    /// [`VectorizeError::Storage`] if the bytes aren't such a part; [`VectorizeError::Parameter`] if
    /// its vectors are longer than supported. Never panics, whatever the bytes.
    pub fn read(bytes: Bytes) -> Result<Self, VectorizeError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let header: Header<Settings> = part.header()?;
        check_dim(header.dim)?;
        let subwords = Subwords::read(&part, header.subwords)?;
        let rows = Rows::read(&part, header.precision, header.rows, header.dim)?;
        let tokens = subwords.tokens();
        let weights = match header.is_weighted {
            true => Some(part.table_of(WEIGHTS, tokens)?),
            false => None,
        };
        let row_of = match header.is_shared {
            true => Some(part.table_of(ROW_OF, tokens)?),
            false => None,
        };
        Ok(Self {
            dim: header.dim,
            row_count: header.rows,
            max_tokens: header.max_tokens,
            max_characters: header.max_characters,
            drops_unknown: header.drops_unknown,
            subwords,
            rows,
            weights,
            row_of,
        })
    }
}
