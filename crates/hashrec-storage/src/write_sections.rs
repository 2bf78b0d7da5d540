//! Writing sections.

use std::collections::BTreeMap;

use safetensors::Dtype;

use crate::{
    Element, PartWriter, StorageError, TableDefect,
    sections::{PREFIX, STARTS},
};

/// Collects sections, each with a run of every column. The example on the crate's front page writes
/// and reads some.
#[derive(Debug, Default)]
pub struct SectionsWriter {
    len: usize,
    columns: BTreeMap<&'static str, Column>,
    /// The first thing that went wrong.
    defect: Option<(&'static str, TableDefect)>,
}

#[derive(Debug)]
struct Column {
    dtype: Dtype,
    bytes: Vec<u8>,
    elements: u64,
    /// How many elements the column had after each section, up to the last one with a run.
    ends: Vec<u64>,
}

/// The section that is being written.
#[derive(Debug)]
pub struct SectionWriter<'a> {
    sections: &'a mut SectionsWriter,
}

impl SectionsWriter {
    /// Begins the next section. In columns it doesn't push to, its run is empty.
    pub fn section(&mut self) -> SectionWriter<'_> {
        self.len += 1;
        SectionWriter { sections: self }
    }

    /// Hands the columns to a part.
    ///
    /// # Errors
    /// [`StorageError::Table`] if a section pushed to a column twice, if sections pushed elements of
    /// different types to one column, or if the part has a table of that name.
    pub fn finish(self, part: &mut PartWriter) -> Result<(), StorageError> {
        if let Some((name, defect)) = self.defect {
            return Err(part.defect(&format!("{PREFIX}{name}"), defect));
        }
        let mut starts = vec![0u64; self.columns.len()];
        for section in 0..if self.columns.is_empty() { 0 } else { self.len } {
            let end = |column: &Column| *column.ends.get(section).unwrap_or(&column.elements);
            starts.extend(self.columns.values().map(end));
        }
        part.table(STARTS, &starts)?;
        for (name, column) in self.columns {
            let len = column.elements as usize;
            part.push(&format!("{PREFIX}{name}"), column.dtype, len, column.bytes)?;
        }
        Ok(())
    }
}

impl SectionWriter<'_> {
    /// Writes this section's run of column `name`.
    pub fn push<T: Element>(&mut self, name: &'static str, values: &[T]) -> &mut Self {
        let before = self.sections.len - 1;
        let column = self.sections.columns.entry(name).or_insert_with(|| Column {
            dtype: T::DTYPE,
            bytes: Vec::new(),
            elements: 0,
            ends: Vec::new(),
        });
        let defect = match (column.dtype == T::DTYPE, column.ends.len() <= before) {
            (false, _) => Some(TableDefect::element::<T>(column.dtype)),
            (_, false) => Some(TableDefect::Twice),
            _ => None,
        };
        if let Some(defect) = defect {
            self.sections.defect.get_or_insert((name, defect));
            return self;
        }
        column.ends.resize(before, column.elements);
        column.bytes.extend_from_slice(bytemuck::cast_slice(values));
        column.elements += values.len() as u64;
        column.ends.push(column.elements);
        self
    }
}
