//! Reading a part.

use std::collections::BTreeMap;

use bytes::Bytes;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Element, StorageError, Table, TableDefect};

/// The one metadata key of the safetensors file: more than one would be written in hash order.
pub(crate) const KEY: &str = "hashrec";

/// What stands under [`KEY`].
#[derive(Serialize, Deserialize)]
pub(crate) struct Envelope {
    pub(crate) kind: String,
    pub(crate) version: u32,
    pub(crate) header: serde_json::Value,
}

/// A table as it lies in the file.
pub(crate) struct Entry {
    pub(crate) dtype: Dtype,
    pub(crate) bytes: Bytes,
}

/// A part that has been read: its header and its tables.
pub struct Part {
    kind: String,
    header: serde_json::Value,
    tables: BTreeMap<String, Entry>,
}

impl Part {
    /// Checks the layout of a part of `kind`, written at format version `supported` or an earlier
    /// one. The tables stay views into `bytes`.
    ///
    /// # Errors
    /// [`StorageError::Layout`], [`StorageError::Kind`], [`StorageError::Version`] or
    /// [`StorageError::Header`].
    pub fn parse(bytes: Bytes, kind: &str, supported: u32) -> Result<Self, StorageError> {
        let layout = |source| StorageError::Layout { kind: kind.to_owned(), source };
        let other =
            |found: &str| StorageError::Kind { expected: kind.to_owned(), found: found.to_owned() };
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(layout)?;
        let envelope =
            metadata.metadata().as_ref().and_then(|m| m.get(KEY)).ok_or_else(|| other(""))?;
        let envelope: Envelope = serde_json::from_str(envelope)
            .map_err(|source| StorageError::Header { kind: kind.to_owned(), source })?;
        if envelope.kind != kind {
            return Err(other(&envelope.kind));
        }
        if envelope.version > supported {
            return Err(StorageError::Version {
                kind: envelope.kind,
                found: envelope.version,
                supported,
            });
        }
        let tensors = SafeTensors::deserialize(&bytes).map_err(layout)?;
        let entry = |view: &TensorView<'_>| Entry {
            dtype: view.dtype(),
            bytes: bytes.slice_ref(view.data()),
        };
        let tables = tensors.iter().map(|(name, view)| (name.to_owned(), entry(&view))).collect();
        Ok(Self { kind: envelope.kind, header: envelope.header, tables })
    }

    /// The header, as the type that its owner wrote.
    ///
    /// # Errors
    /// [`StorageError::Header`] if it is not of that type.
    pub fn header<H: DeserializeOwned>(&self) -> Result<H, StorageError> {
        H::deserialize(&self.header)
            .map_err(|source| StorageError::Header { kind: self.kind.clone(), source })
    }

    /// The table of that name, without copying.
    ///
    /// # Errors
    /// [`StorageError::Table`] if it is missing or has another element type.
    pub fn table<T: Element>(&self, name: &str) -> Result<Table<T>, StorageError> {
        let entry = self.tables.get(name).ok_or_else(|| self.defect(name, TableDefect::Missing))?;
        if entry.dtype != T::DTYPE {
            return Err(self.defect(name, TableDefect::element::<T>(entry.dtype)));
        }
        Table::view(entry.bytes.clone()).ok_or_else(|| self.defect(name, TableDefect::Partial))
    }

    /// The table of that name, which must hold exactly `len` elements.
    ///
    /// # Errors
    /// [`StorageError::Table`] if it is missing, or has another element type or length.
    pub fn table_of<T: Element>(&self, name: &str, len: usize) -> Result<Table<T>, StorageError> {
        let table = self.table::<T>(name)?;
        if table.len() != len {
            let defect = TableDefect::Length { found: table.len(), expected: len };
            return Err(self.defect(name, defect));
        }
        Ok(table)
    }

    /// An error about a table's values, for owners that find one out of range.
    pub fn wrong(&self, table: &str, problem: String) -> StorageError {
        self.defect(table, TableDefect::Content(problem))
    }

    pub(crate) fn defect(&self, table: &str, defect: TableDefect) -> StorageError {
        StorageError::Table { kind: self.kind.clone(), table: table.to_owned(), defect }
    }

    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    /// The tables whose names begin with `prefix`, by name, without it.
    pub(crate) fn entries(&self, prefix: &str) -> impl Iterator<Item = (&str, &Entry)> {
        self.tables
            .iter()
            .filter_map(move |(name, entry)| Some((name.strip_prefix(prefix)?, entry)))
    }
}
