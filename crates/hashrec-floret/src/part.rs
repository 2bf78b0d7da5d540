//! The binary format: one part, whose table can be memory-mapped.

use hashrec_storage::{Bytes, Part, PartWriter};
use serde::{Deserialize, Serialize};

use crate::{FloretError, FloretTable, subwords::Subwords, table::size};

const KIND: &str = "floret";
const VERSION: u32 = 1;
const ROWS: &str = "rows";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    dim: u32,
    subwords: Subwords,
}

impl FloretTable {
    /// Encodes the table as one binary part. Equal tables give equal bytes.
    ///
    /// # Errors
    /// [`FloretError::Storage`] if it can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, FloretError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&Header { dim: self.dim() as u32, subwords: self.subwords().clone() })?;
        writer.table(ROWS, self.rows())?;
        Ok(writer.to_bytes()?)
    }

    /// Reads what [`write`](Self::write) wrote. Values are checked but not copied out of `bytes`,
    /// which may be a memory map (`hashrec_storage::map_file`).
    ///
    /// # Errors
    /// [`FloretError::Storage`] if the bytes aren't such a part; [`FloretError::Parameter`] if a
    /// setting is out of range. Never panics, whatever the bytes.
    pub fn read(bytes: Bytes) -> Result<Self, FloretError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let Header { dim, subwords } = part.header()?;
        subwords.check()?;
        let dim = dim as usize;
        let rows = part.table_of::<f32>(ROWS, size(subwords.bucket, dim)?)?;
        // Folding whole blocks instead of searching keeps the loop free of branches: it vectorises.
        let sane = |block: &[f32]| block.iter().fold(true, |all, &v| all & Self::is_sane(v));
        if !rows.chunks(4096).all(sane) {
            return Err(part
                .wrong(ROWS, "contains a value that is not finite or too large".into())
                .into());
        }
        Ok(Self::new(subwords, dim, rows))
    }
}
