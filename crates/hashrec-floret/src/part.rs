//! The binary form: one part whose table is mapped, not copied.

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
    /// The table as one binary part. The same table gives the same bytes.
    ///
    /// # Errors
    /// [`FloretError::Storage`] if it can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, FloretError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&Header { dim: self.dim() as u32, subwords: self.subwords().clone() })?;
        writer.table(ROWS, self.rows())?;
        Ok(writer.to_bytes()?)
    }

    /// Reads what [`write`](Self::write) wrote. The numbers stay where they are in `bytes`, which
    /// may be a memory map (`hashrec_storage::map_file`); each is looked at once.
    ///
    /// # Errors
    /// [`FloretError::Storage`] if it isn't such a part, [`FloretError::Parameter`] if a setting
    /// is out of range. Never panics, whatever the bytes.
    pub fn read(bytes: Bytes) -> Result<Self, FloretError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let Header { dim, subwords } = part.header()?;
        subwords.check()?;
        let dim = dim as usize;
        let rows = part.table_of::<f32>(ROWS, size(subwords.bucket, dim)?)?;
        Self::new(subwords, dim, rows).ok_or_else(|| {
            part.wrong(ROWS, "holds a number that is not finite or absurdly large".into()).into()
        })
    }
}
