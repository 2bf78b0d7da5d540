//! Many owners' columns in one part: each column is one table in which the owners' runs follow
//! each other.
//!
//! A bundle serves thousands of communities, and each has a few dozen arrays. As tables of their
//! own they would fill the part with names; here the part has one table per column, and one more
//! table says where each section's runs begin. Reading a bundle copies nothing and builds nothing.

use std::ops::Range;

use bytes::Bytes;
use safetensors::Dtype;

use crate::{Element, Part, StorageError, Table, TableDefect, offsets::are_offsets, part::Entry};

/// The table of starts: section by section, where the section's run begins in each column, columns
/// in the order of their names; after the last section the columns' lengths.
pub(crate) const STARTS: &str = "sections";
/// What the names of the columns' tables begin with.
pub(crate) const PREFIX: &str = "sections.";

/// The sections of a part, in the order they were written.
///
/// Cloning is cheap: the numbers are shared.
#[derive(Clone)]
pub struct Sections {
    kind: String,
    starts: Table<u64>,
    /// By name.
    columns: Vec<(String, RawColumn)>,
    len: usize,
}

/// One column of all sections.
#[derive(Clone)]
struct RawColumn {
    dtype: Dtype,
    /// Aligned for its elements.
    bytes: Bytes,
}

impl RawColumn {
    /// How many bytes an element has.
    fn width(&self) -> usize {
        self.dtype.bitsize() / 8
    }

    fn new(entry: &Entry) -> Self {
        // In a file every table is aligned for its own elements, and for no wider ones.
        let width = (entry.dtype.bitsize() / 8).max(1);
        let aligned = (entry.bytes.as_ptr() as usize).is_multiple_of(width);
        let bytes = if aligned { entry.bytes.clone() } else { realigned(&entry.bytes) };
        Self { dtype: entry.dtype, bytes }
    }
}

/// A copy that is aligned for every element type. Only bytes that aren't a map need it.
fn realigned(bytes: &Bytes) -> Bytes {
    let mut copy = vec![0u64; bytes.len().div_ceil(size_of::<u64>())];
    if let Some(start) = bytemuck::cast_slice_mut(&mut copy).get_mut(..bytes.len()) {
        start.copy_from_slice(bytes);
    }
    Table::from(copy).into_bytes().slice(..bytes.len())
}

impl Sections {
    /// The sections of `part`.
    ///
    /// # Errors
    /// [`StorageError::Table`] if the runs don't make up the columns.
    pub fn read(part: &Part) -> Result<Self, StorageError> {
        let starts: Table<u64> = part.table(STARTS)?;
        let columns: Vec<(String, RawColumn)> = part
            .entries(PREFIX)
            .map(|(name, entry)| (name.to_owned(), RawColumn::new(entry)))
            .collect();
        let rows = starts.len().checked_div(columns.len()).unwrap_or(0);
        let len = rows.saturating_sub(1);
        let sections = Self { kind: part.kind().to_owned(), starts, columns, len };
        match sections.fit() {
            true => Ok(sections),
            false => Err(part.defect(STARTS, TableDefect::Runs)),
        }
    }

    /// Whether the runs of each column follow each other from its beginning to its end.
    fn fit(&self) -> bool {
        let width = self.columns.len();
        let whole = |column: &RawColumn| {
            column.width() > 0 && column.bytes.len().is_multiple_of(column.width())
        };
        let ends = self.columns.iter().map(|(_, c)| (c.bytes.len() / c.width().max(1)) as u64);
        let below = self.starts.get(width..).unwrap_or_default();
        self.starts.len() == if width == 0 { 0 } else { (self.len + 1) * width }
            && self.columns.iter().all(|(_, column)| whole(column))
            && self.starts.iter().take(width).all(|&start| start == 0)
            && self.starts.iter().zip(below).all(|(start, end)| start <= end)
            && self.starts.iter().rev().take(width).copied().eq(ends.rev())
    }

    /// How many sections there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The section at `index`, counted from 0.
    pub fn get(&self, index: usize) -> Option<Section<'_>> {
        (index < self.len).then_some(Section { sections: self, index })
    }

    /// All sections, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Section<'_>> {
        (0..self.len).map(|index| Section { sections: self, index })
    }

    /// Column `name` of all sections, for look-ups by section while serving: the name is resolved
    /// once.
    ///
    /// # Errors
    /// [`StorageError::Table`] if there is no such column, or it has another element type.
    pub fn column<T: Element>(&self, name: &str) -> Result<Column<T>, StorageError> {
        if self.is_empty() {
            // Without a section nothing was pushed, so the part has no columns.
            let (values, starts) = (Table::default(), Table::default());
            return Ok(Column { values, starts, place: 0, width: 0 });
        }
        let (place, column) = self.find::<T>(name)?;
        let values = Table::view(column.bytes.clone()).unwrap_or_default();
        let (starts, width) = (self.starts.clone(), self.columns.len());
        Ok(Column { values, starts, place, width })
    }

    /// A column and its place among the columns.
    fn find<T: Element>(&self, name: &str) -> Result<(usize, &RawColumn), StorageError> {
        let place = self.columns.binary_search_by(|(other, _)| other.as_str().cmp(name));
        let missing = || self.defect(name, TableDefect::Missing);
        let place = place.map_err(|_| missing())?;
        let (_, column) = self.columns.get(place).ok_or_else(missing)?;
        match column.dtype == T::DTYPE {
            true => Ok((place, column)),
            false => Err(self.defect(name, TableDefect::element::<T>(column.dtype))),
        }
    }

    /// Where the run of section `index` lies in the column at `place`, in elements.
    fn range(&self, place: usize, index: usize) -> Range<usize> {
        range(&self.starts, self.columns.len(), place, index)
    }

    fn defect(&self, name: &str, defect: TableDefect) -> StorageError {
        StorageError::Table { kind: self.kind.clone(), table: format!("{PREFIX}{name}"), defect }
    }
}

impl std::fmt::Debug for Sections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sections[{}]", self.len)
    }
}

fn range(starts: &[u64], width: usize, place: usize, index: usize) -> Range<usize> {
    let rows = starts.get(index.saturating_mul(width)..).unwrap_or_default();
    let at = |place: usize| rows.get(place).map(|&at| at as usize);
    match (at(place), at(place + width)) {
        (Some(start), Some(end)) => start..end,
        _ => 0..0,
    }
}

/// The elements of aligned bytes.
fn elements<T: Element>(bytes: &[u8]) -> &[T] {
    // An empty run may point anywhere.
    if bytes.is_empty() { &[] } else { bytemuck::cast_slice(bytes) }
}

/// One column of all sections. Cloning is cheap: the numbers are shared.
#[derive(Clone)]
pub struct Column<T> {
    values: Table<T>,
    starts: Table<u64>,
    place: usize,
    width: usize,
}

impl<T: Element> Column<T> {
    /// The run of the section at `index`; empty if there is no such section.
    pub fn run(&self, index: usize) -> &[T] {
        let range = range(&self.starts, self.width, self.place, index);
        self.values.get(range).unwrap_or_default()
    }
}

impl<T: Element> std::fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Column[{}]", self.values.len())
    }
}

/// One section: a run of each column.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    sections: &'a Sections,
    index: usize,
}

impl<'a> Section<'a> {
    /// The run of column `name`, where it lies.
    ///
    /// # Errors
    /// [`StorageError::Table`] if there is no such column, or it has another element type.
    pub fn values<T: Element>(&self, name: &str) -> Result<&'a [T], StorageError> {
        let (place, column) = self.sections.find::<T>(name)?;
        let range = self.sections.range(place, self.index);
        Ok(elements(&column.bytes).get(range).unwrap_or_default())
    }

    /// The run of column `name` as a table of its own, without copying.
    ///
    /// # Errors
    /// Those of [`values`](Self::values).
    pub fn table<T: Element>(&self, name: &str) -> Result<Table<T>, StorageError> {
        let (place, column) = self.sections.find::<T>(name)?;
        let Range { start, end } = self.sections.range(place, self.index);
        // `read` has checked them: they lie inside the column, so nothing overflows.
        let bytes = column.bytes.slice(start * size_of::<T>()..end * size_of::<T>());
        Ok(Table::view(bytes).unwrap_or_default())
    }

    /// The run of column `name`, which must hold exactly `len` elements.
    ///
    /// # Errors
    /// Those of [`values`](Self::values), or the run has another length.
    pub fn table_of<T: Element>(&self, name: &str, len: usize) -> Result<Table<T>, StorageError> {
        let run = self.table::<T>(name)?;
        match run.len() == len {
            true => Ok(run),
            false => {
                let defect = TableDefect::Length { found: run.len(), expected: len };
                Err(self.sections.defect(name, defect))
            }
        }
    }

    /// The run of column `name`, which must hold `len` finite numbers.
    ///
    /// # Errors
    /// Those of [`table_of`](Self::table_of), or a number is infinite or NaN.
    pub fn finite(&self, name: &str, len: usize) -> Result<Table<f32>, StorageError> {
        let run = self.table_of::<f32>(name, len)?;
        match run.iter().all(|value| value.is_finite()) {
            true => Ok(run),
            false => Err(self.sections.defect(name, TableDefect::NotFinite)),
        }
    }

    /// The run of column `name`, which must hold [offsets](crate::offsets) of `lists` lists with
    /// `entries` entries together.
    ///
    /// # Errors
    /// Those of [`table_of`](Self::table_of), or the numbers are no such offsets.
    pub fn offsets(
        &self,
        name: &str,
        lists: usize,
        entries: usize,
    ) -> Result<Table<u32>, StorageError> {
        let run = self.table_of::<u32>(name, lists.saturating_add(1))?;
        match are_offsets(&run, entries) {
            true => Ok(run),
            false => Err(self.sections.defect(name, TableDefect::Offsets { entries })),
        }
    }

    /// An error about the values of a column, for owners that find a number out of range.
    pub fn wrong(&self, name: &str, problem: &str) -> StorageError {
        let problem = format!("section {}: {problem}", self.index);
        self.sections.defect(name, TableDefect::Content(problem))
    }
}
