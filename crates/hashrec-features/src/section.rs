//! One part for all communities: each column of all communities in one table, and a table of
//! lengths that says which run of it belongs to whom.

use std::collections::BTreeMap;

use hashrec_storage::{Element, Part, PartWriter, Table};

use crate::{column::Column, error::FeatureError};

/// The name of the table of lengths.
const LENGTHS: &str = "lengths";

/// The values of one table while it is collected.
pub(crate) enum Values {
    U8(Vec<u8>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    I64(Vec<i64>),
    F32(Vec<f32>),
}

/// An element type that columns are made of.
pub(crate) trait Kind: Element {
    fn empty() -> Values;
    fn of(values: &mut Values) -> Option<&mut Vec<Self>>;
}

macro_rules! kinds {
    ($($element:ty => $variant:ident),*) => {$(
        impl Kind for $element {
            fn empty() -> Values {
                Values::$variant(Vec::new())
            }
            fn of(values: &mut Values) -> Option<&mut Vec<Self>> {
                match values {
                    Values::$variant(values) => Some(values),
                    _ => None,
                }
            }
        }
    )*};
}
kinds!(u8 => U8, u32 => U32, u64 => U64, i64 => I64, f32 => F32);

/// Collects columns. The reader takes them in the same order.
#[derive(Default)]
pub(crate) struct SectionWriter {
    tables: BTreeMap<&'static str, Values>,
    lengths: Vec<u64>,
}

impl SectionWriter {
    /// Appends the values of one column of one community to the table `name`.
    pub(crate) fn push<T: Kind>(&mut self, name: &'static str, values: &[T]) {
        self.lengths.push(values.len() as u64);
        let table = self.tables.entry(name).or_insert_with(T::empty);
        if let Some(table) = T::of(table) {
            table.extend_from_slice(values);
        }
    }

    /// Hands the tables to a part.
    pub(crate) fn finish(&self, part: &mut PartWriter) -> Result<(), FeatureError> {
        part.table(LENGTHS, &self.lengths)?;
        for (name, values) in &self.tables {
            match values {
                Values::U8(values) => part.table(name, values)?,
                Values::U32(values) => part.table(name, values)?,
                Values::U64(values) => part.table(name, values)?,
                Values::I64(values) => part.table(name, values)?,
                Values::F32(values) => part.table(name, values)?,
            };
        }
        Ok(())
    }
}

/// Takes columns apart again.
pub(crate) struct SectionReader<'a> {
    part: &'a Part,
    lengths: Table<u64>,
    next: usize,
    used: BTreeMap<&'static str, usize>,
}

impl<'a> SectionReader<'a> {
    /// Starts at the first column of a part.
    pub(crate) fn new(part: &'a Part) -> Result<Self, FeatureError> {
        let lengths = part.table(LENGTHS)?;
        Ok(Self { part, lengths, next: 0, used: BTreeMap::new() })
    }

    /// Whether at least one more column follows.
    pub(crate) fn has_more(&self) -> bool {
        self.next < self.lengths.len()
    }

    /// The next column, which must be of table `name`.
    pub(crate) fn take<T: Element>(
        &mut self,
        name: &'static str,
    ) -> Result<Column<T>, FeatureError> {
        let table = self.part.table::<T>(name)?;
        let length = self.lengths.get(self.next).copied().and_then(|len| usize::try_from(len).ok());
        let used = self.used.entry(name).or_default();
        let column = length
            .and_then(|length| used.checked_add(length))
            .and_then(|end| Column::of(&table, *used..end));
        let Some(column) = column else {
            return Err(self.wrong(name, "is shorter than the lengths say".into()));
        };
        *used += column.len();
        self.next += 1;
        Ok(column)
    }

    /// The next column, which must hold `len` values.
    pub(crate) fn take_of<T: Element>(
        &mut self,
        name: &'static str,
        len: usize,
    ) -> Result<Column<T>, FeatureError> {
        let column = self.take(name)?;
        if column.len() != len {
            let problem = format!("has a column of {} values, expected {len}", column.len());
            return Err(self.wrong(name, problem));
        }
        Ok(column)
    }

    /// The next column, which must hold one value.
    pub(crate) fn one<T: Element>(&mut self, name: &'static str) -> Result<T, FeatureError> {
        let column = self.take_of::<T>(name, 1)?;
        column.first().copied().ok_or_else(|| self.wrong(name, "is empty".into()))
    }

    /// The next column, which must hold `len` finite numbers.
    pub(crate) fn finite(
        &mut self,
        name: &'static str,
        len: usize,
    ) -> Result<Column<f32>, FeatureError> {
        let column: Column<f32> = self.take_of(name, len)?;
        match column.iter().all(|value| value.is_finite()) {
            true => Ok(column),
            false => Err(self.wrong(name, "holds a number that is not finite".into())),
        }
    }

    /// An error about the values of table `name`.
    pub(crate) fn wrong(&self, name: &'static str, problem: String) -> FeatureError {
        FeatureError::Storage(self.part.wrong(name, problem))
    }
}
