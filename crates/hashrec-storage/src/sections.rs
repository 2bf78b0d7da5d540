//! Many owners' columns in one part: each column is one table in which the owners' runs follow
//! each other.
//!
//! A bundle serves thousands of communities, and each has a few dozen arrays. As tables of their
//! own they would fill the part with names; here the part has one table per column, and one more
//! table says where each section's runs begin. Reading a bundle copies nothing and builds nothing.

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
    columns: Vec<(String, Column)>,
    len: usize,
}

/// One column of all sections.
#[derive(Clone)]
struct Column {
    dtype: Dtype,
    /// Aligned for the elements.
    bytes: Bytes,
}

impl Column {
    /// How many bytes an element has.
    fn width(&self) -> usize {
        self.dtype.bitsize() / 8
    }

    fn new(entry: &Entry) -> Self {
        let aligned = (entry.bytes.as_ptr() as usize).is_multiple_of(size_of::<u64>());
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
        let columns: Vec<(String, Column)> = part
            .entries(PREFIX)
            .map(|(name, entry)| (name.to_owned(), Column::new(entry)))
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
        let whole = |column: &Column| {
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

    fn defect(&self, name: &str, defect: TableDefect) -> StorageError {
        StorageError::Table { kind: self.kind.clone(), table: format!("{PREFIX}{name}"), defect }
    }
}

impl std::fmt::Debug for Sections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sections[{}]", self.len)
    }
}

/// One section: a run of each column.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    sections: &'a Sections,
    index: usize,
}

impl<'a> Section<'a> {
    /// The section's run of a column, and the bytes of it.
    fn run<T: Element>(&self, name: &str) -> Result<(&'a Bytes, [usize; 2]), StorageError> {
        let Sections { columns, starts, .. } = self.sections;
        let place = columns.binary_search_by(|(other, _)| other.as_str().cmp(name));
        let place = place.map_err(|_| self.sections.defect(name, TableDefect::Missing))?;
        let found = columns.get(place).map(|(_, column)| column).filter(|c| c.dtype == T::DTYPE);
        let Some(column) = found else {
            let found = columns.get(place).map_or(T::DTYPE, |(_, column)| column.dtype);
            return Err(self.sections.defect(name, TableDefect::element::<T>(found)));
        };
        // `read` has checked them: they lie inside the column, so nothing overflows.
        let at = |row: usize| starts.get(row * columns.len() + place).map_or(0, |&at| at as usize);
        Ok((&column.bytes, [self.index, self.index + 1].map(|row| at(row) * size_of::<T>())))
    }

    /// The run of column `name`, where it lies.
    ///
    /// # Errors
    /// [`StorageError::Table`] if there is no such column, or it has another element type.
    pub fn values<T: Element>(&self, name: &str) -> Result<&'a [T], StorageError> {
        let (bytes, [start, end]) = self.run::<T>(name)?;
        match bytes.get(start..end) {
            None | Some([]) => Ok(&[]),
            Some(run) => Ok(bytemuck::cast_slice(run)),
        }
    }

    /// The run of column `name` as a table of its own, without copying.
    ///
    /// # Errors
    /// Those of [`values`](Self::values).
    pub fn table<T: Element>(&self, name: &str) -> Result<Table<T>, StorageError> {
        let (bytes, [start, end]) = self.run::<T>(name)?;
        Ok(Table::view(bytes.slice(start..end)).unwrap_or_default())
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
