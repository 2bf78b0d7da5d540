//! A run of a table that belongs to one community.

use std::{
    fmt,
    ops::{Deref, Range},
};

use hashrec_storage::{Element, Table};

/// One community's run of a table that holds the same column for all communities one after
/// another; or a column of its own. Cloning is cheap; the numbers are shared.
#[derive(Clone)]
pub(crate) struct Column<T> {
    table: Table<T>,
    range: Range<usize>,
}

impl<T: Element> Column<T> {
    /// The run `range` of `table`, or `None` if the table is shorter.
    pub(crate) fn of(table: &Table<T>, range: Range<usize>) -> Option<Self> {
        table.get(range.clone())?;
        Some(Self { table: table.clone(), range })
    }
}

impl<T: Element> From<Vec<T>> for Column<T> {
    fn from(values: Vec<T>) -> Self {
        let range = 0..values.len();
        Self { table: values.into(), range }
    }
}

impl<T: Element> Default for Column<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<T: Element> Deref for Column<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.table.get(self.range.clone()).unwrap_or_default()
    }
}

impl<T: Element> fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Column[{}]", self.range.len())
    }
}

impl<T: Element + PartialEq> PartialEq for Column<T> {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

/// Whether `starts` are offsets into `entries` entries: from 0, never falling, up to the end.
pub(crate) fn are_offsets(starts: &[u32], entries: usize) -> bool {
    starts.first() == Some(&0)
        && starts.last().is_some_and(|&last| last as usize == entries)
        && starts.is_sorted()
}

/// The entries from `starts[index]` to `starts[index + 1]`; empty if there is no such index.
pub(crate) fn run<'a, T>(starts: &[u32], entries: &'a [T], index: usize) -> &'a [T] {
    entries.get(span(starts, index)).unwrap_or_default()
}

/// The positions `starts[index]..starts[index + 1]`; empty if there is no such index.
pub(crate) fn span(starts: &[u32], index: usize) -> Range<usize> {
    match starts.get(index..index + 2) {
        Some(&[start, end]) => start as usize..end as usize,
        _ => 0..0,
    }
}
