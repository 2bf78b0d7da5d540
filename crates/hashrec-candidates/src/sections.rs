//! Many communities' arrays in one set of tables: which stretch of each table belongs to whom.

use hashrec_storage::Table;

/// Where each section starts in each of `N` tables.
///
/// Flat, section by section; after the last section, the tables' whole lengths.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sections<const N: usize> {
    starts: Table<u64>,
}

impl<const N: usize> Sections<N> {
    /// From the table as written; `None` unless there are `sections` of them, every stretch is
    /// in order and all of them together make up tables of the given `lengths`.
    pub(crate) fn new(starts: Table<u64>, sections: usize, lengths: [usize; N]) -> Option<Self> {
        let expected = sections.checked_add(1)?.checked_mul(N)?;
        let ordered = |column: usize| {
            let at = |row: usize| starts[row * N + column];
            at(0) == 0
                && at(sections) == lengths[column] as u64
                && (0..sections).all(|row| at(row) <= at(row + 1))
        };
        (starts.len() == expected && (0..N).all(ordered)).then_some(Self { starts })
    }

    /// The stretch of `table` that belongs to `section`. Both must be in range.
    pub(crate) fn of<'a, T>(&self, values: &'a [T], table: usize, section: usize) -> &'a [T] {
        let bound = |row: usize| self.starts.get(row * N + table).map_or(0, |&at| at as usize);
        values.get(bound(section)..bound(section + 1)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_follow_each_other() {
        let starts: Vec<u64> = vec![0, 0, 2, 1, 2, 4];
        let sections = Sections::<2>::new(starts.clone().into(), 2, [2, 4]).unwrap();
        assert_eq!(sections.of(&[7, 8], 0, 0), [7, 8]);
        assert!(sections.of(&[7, 8], 0, 1).is_empty());
        assert_eq!(sections.of(&[1, 2, 3, 4], 1, 1), [2, 3, 4]);
        assert!(sections.of(&[1, 2, 3, 4], 1, 9).is_empty());
        assert!(Sections::<2>::new(starts.clone().into(), 2, [2, 5]).is_none());
        assert!(Sections::<2>::new(starts.clone().into(), 3, [2, 4]).is_none());
        assert!(Sections::<2>::new(starts.into(), usize::MAX, [2, 4]).is_none());
        assert!(Sections::<2>::new(vec![0, 0, 3, 1, 2, 4].into(), 2, [2, 4]).is_none());
        assert!(Sections::<1>::new(vec![0].into(), 0, [0]).is_some());
    }
}
