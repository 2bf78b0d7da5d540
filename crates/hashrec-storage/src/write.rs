//! Writing a part.

use std::borrow::Cow;

use safetensors::{Dtype, View, tensor::TensorView};
use serde::Serialize;

use crate::{
    Element, StorageError, TableDefect,
    part::{Envelope, KEY},
};

struct Pending {
    dtype: Dtype,
    len: usize,
    bytes: Vec<u8>,
}

impl View for Pending {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        std::slice::from_ref(&self.len)
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.bytes.as_slice().into()
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// Collects a header and tables and writes them as one file; the same content gives the same
/// bytes.
pub struct PartWriter {
    envelope: Envelope,
    tables: Vec<(String, Pending)>,
}

impl PartWriter {
    /// An empty part of `kind` at format version `version`.
    pub fn new(kind: &str, version: u32) -> Self {
        let header = serde_json::Value::Null;
        Self { envelope: Envelope { kind: kind.to_owned(), version, header }, tables: Vec::new() }
    }

    /// Sets the header. Use types that serialize in a fixed order (structs, `BTreeMap`).
    ///
    /// # Errors
    /// [`StorageError::Header`] if it cannot be written as JSON.
    pub fn header<H: Serialize>(&mut self, header: &H) -> Result<&mut Self, StorageError> {
        self.envelope.header =
            serde_json::to_value(header).map_err(|source| self.bad_header(source))?;
        Ok(self)
    }

    /// Adds a table.
    ///
    /// # Errors
    /// [`StorageError::Table`] if the part already has a table of that name.
    pub fn table<T: Element>(
        &mut self,
        name: &str,
        values: &[T],
    ) -> Result<&mut Self, StorageError> {
        self.push(name, T::DTYPE, values.len(), bytemuck::cast_slice(values).to_vec())
    }

    /// Adds a table of `len` elements that are bytes already.
    pub(crate) fn push(
        &mut self,
        name: &str,
        dtype: Dtype,
        len: usize,
        bytes: Vec<u8>,
    ) -> Result<&mut Self, StorageError> {
        if self.tables.iter().any(|(other, _)| other == name) {
            return Err(self.defect(name, TableDefect::Twice));
        }
        self.tables.push((name.to_owned(), Pending { dtype, len, bytes }));
        Ok(self)
    }

    pub(crate) fn defect(&self, table: &str, defect: TableDefect) -> StorageError {
        let kind = self.envelope.kind.clone();
        StorageError::Table { kind, table: table.to_owned(), defect }
    }

    /// The whole part.
    ///
    /// # Errors
    /// [`StorageError::Header`] or [`StorageError::Layout`] if it cannot be encoded.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StorageError> {
        let views: Result<Vec<_>, _> = (self.tables.iter())
            .map(|(name, table)| {
                Ok((name, TensorView::new(table.dtype, vec![table.len], &table.bytes)?))
            })
            .collect();
        self.encoded(views.map_err(|source| self.bad_layout(source))?)
    }

    /// [`to_bytes`](Self::to_bytes), which frees each table once it is written: a large part takes
    /// little more memory than its bytes.
    ///
    /// # Errors
    /// Those of [`to_bytes`](Self::to_bytes).
    pub fn into_bytes(mut self) -> Result<Vec<u8>, StorageError> {
        let tables = std::mem::take(&mut self.tables);
        self.encoded(tables)
    }

    fn encoded<S: AsRef<str> + Ord + std::fmt::Display, V: View>(
        &self,
        tables: impl IntoIterator<Item = (S, V)>,
    ) -> Result<Vec<u8>, StorageError> {
        let envelope = serde_json::to_string(&self.envelope).map_err(|e| self.bad_header(e))?;
        // The type of the map depends on the features of safetensors.
        let metadata = [(KEY.to_owned(), envelope)].into_iter().collect();
        safetensors::serialize(tables, Some(metadata)).map_err(|source| self.bad_layout(source))
    }

    fn bad_layout(&self, source: safetensors::SafeTensorError) -> StorageError {
        StorageError::Layout { kind: self.envelope.kind.clone(), source }
    }

    fn bad_header(&self, source: serde_json::Error) -> StorageError {
        StorageError::Header { kind: self.envelope.kind.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Part;

    fn small() -> Vec<u8> {
        let mut writer = PartWriter::new("test", 3);
        writer.header(&vec!["a", "b"]).unwrap();
        writer.table("ids", &[1u32, 2, 3]).unwrap();
        writer.table("weights", &[0.5f32, -1.0]).unwrap();
        writer.table("none", &[0u64; 0]).unwrap();
        writer.to_bytes().unwrap()
    }

    /// Reads everything a caller could read.
    fn use_it(bytes: Vec<u8>) -> Result<usize, StorageError> {
        let part = Part::parse(bytes.into(), "test", 3)?;
        let header: Vec<String> = part.header()?;
        let ids = part.table::<u32>("ids")?;
        let weights = part.table_of::<f32>("weights", 2)?;
        Ok(header.len()
            + ids.iter().filter(|&&i| i > 1).count()
            + weights.len()
            + part.table::<u64>("none")?.len())
    }

    #[test]
    fn round_trips_and_is_deterministic() {
        assert_eq!(use_it(small()).unwrap(), 6);
        assert_eq!(small(), small());
    }

    #[test]
    fn both_ways_to_encode_give_the_same() {
        let writer = || {
            let mut writer = PartWriter::new("test", 1);
            writer.table("b", &[1u32, 2]).unwrap().table("a", &[7u8]).unwrap();
            writer
        };
        assert_eq!(writer().to_bytes().unwrap(), writer().into_bytes().unwrap());
    }

    #[test]
    fn wrong_kind_version_type_and_length_are_named() {
        let parse = |kind, version| Part::parse(small().into(), kind, version);
        assert!(matches!(parse("other", 3), Err(StorageError::Kind { .. })));
        assert!(matches!(
            parse("test", 2),
            Err(StorageError::Version { found: 3, supported: 2, .. })
        ));
        let part = parse("test", 4).unwrap();
        assert!(part.table::<f32>("ids").unwrap_err().to_string().contains("ids"));
        assert!(part.table_of::<u32>("ids", 4).unwrap_err().to_string().contains("expected 4"));
        assert!(part.table::<u32>("gone").unwrap_err().to_string().contains("missing"));
    }

    #[test]
    fn every_truncation_and_every_flipped_byte_is_an_error_or_still_reads() {
        let whole = small();
        for len in 0..whole.len() {
            assert!(use_it(whole[..len].to_vec()).is_err(), "cut at {len}");
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            let _ = use_it(bytes);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = use_it(bytes);
        }
    }
}
