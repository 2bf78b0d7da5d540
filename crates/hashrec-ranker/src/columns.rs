//! The columns of a ranker within wider rows.

use ndarray::ArrayView2;

/// Which columns of wider rows a ranker uses, and in which order; see
/// [`Ranker::columns_among`](crate::Ranker::columns_among).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// `None` if the rows are used as they are.
    picked: Option<Vec<usize>>,
}

impl Columns {
    /// Finds the columns `own` among `computed`, or returns the position of the first that is
    /// missing there.
    pub(crate) fn find(own: &[String], computed: &[&str]) -> Result<Self, usize> {
        if own.iter().eq(computed) {
            return Ok(Self { picked: None });
        }
        let place = |(position, name): (usize, &String)| {
            computed.iter().position(|other| other == name).ok_or(position)
        };
        let picked = own.iter().enumerate().map(place).collect::<Result<_, _>>()?;
        Ok(Self { picked: Some(picked) })
    }

    /// The ranker's columns of `rows` (shape `[rows, columns]`): `rows` itself where it has no
    /// others, or else a copy in `buffer`. A column that `rows` lacks is NaN.
    pub fn pick<'a>(
        &self,
        rows: ArrayView2<'a, f32>,
        buffer: &'a mut Vec<f32>,
    ) -> ArrayView2<'a, f32> {
        let Some(picked) = &self.picked else { return rows };
        buffer.clear();
        for row in rows.rows() {
            buffer.extend(picked.iter().map(|&at| row.get(at).copied().unwrap_or(f32::NAN)));
        }
        ArrayView2::from_shape((rows.nrows(), picked.len()), buffer)
            .unwrap_or_else(|_| ArrayView2::from(&[[0.0; 0]; 0]))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn find(own: &[&str], computed: &[&str]) -> Result<Columns, usize> {
        let own: Vec<String> = own.iter().map(|&name| name.to_owned()).collect();
        Columns::find(&own, computed)
    }

    #[test]
    fn columns_are_picked_by_name_in_the_rankers_order() {
        let rows = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let mut buffer = vec![9.0];
        let two = find(&["c", "a"], &["a", "b", "c"]).unwrap();
        assert_eq!(two.pick(rows.view(), &mut buffer), array![[3.0, 1.0], [6.0, 4.0]]);
        assert_eq!(two.pick(rows.slice(ndarray::s![..0, ..]), &mut buffer).dim(), (0, 2));
    }

    #[test]
    fn equal_lists_copy_nothing() {
        let rows = array![[1.0, 2.0], [3.0, 4.0]];
        let same = find(&["a", "b"], &["a", "b"]).unwrap();
        let mut buffer = Vec::new();
        assert_eq!(same.pick(rows.view(), &mut buffer).as_ptr(), rows.as_ptr());
        assert!(buffer.is_empty());
    }

    #[test]
    fn a_column_that_is_not_computed_is_named() {
        assert_eq!(find(&["a", "x", "b"], &["a", "b"]), Err(1));
        let none = find(&[], &["a"]).unwrap();
        assert_eq!(none.pick(array![[1.0]].view(), &mut Vec::new()).dim(), (1, 0));
    }
}
