//! The columns a ranker knows, among those that are computed.

/// Which columns of wider rows are a ranker's, in its order; see
/// [`Ranker::columns_among`](crate::Ranker::columns_among).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// `None` if rows are the ranker's as they are.
    picked: Option<Vec<usize>>,
    /// Columns of a whole row.
    width: usize,
}

impl Columns {
    /// Finds the columns `own` among `computed`, or gives the position of the first that isn't.
    pub(crate) fn find(own: &[String], computed: &[&str]) -> Result<Self, usize> {
        let width = computed.len();
        if own.iter().eq(computed) {
            return Ok(Self { picked: None, width });
        }
        let place = |(position, name): (usize, &String)| {
            computed.iter().position(|other| other == name).ok_or(position)
        };
        let picked = own.iter().enumerate().map(place).collect::<Result<_, _>>()?;
        Ok(Self { picked: Some(picked), width })
    }

    /// The ranker's columns of whole rows: the rows themselves where there are no others, or else
    /// copied to `buffer`.
    pub fn pick<'a>(&self, rows: &'a [f32], buffer: &'a mut Vec<f32>) -> &'a [f32] {
        let Some(picked) = &self.picked else { return rows };
        buffer.clear();
        for row in rows.chunks_exact(self.width.max(1)) {
            buffer.extend(picked.iter().map(|&at| row.get(at).copied().unwrap_or(f32::NAN)));
        }
        buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(own: &[&str], computed: &[&str]) -> Result<Columns, usize> {
        let own: Vec<String> = own.iter().map(|&name| name.to_owned()).collect();
        Columns::find(&own, computed)
    }

    #[test]
    fn columns_are_picked_by_name_in_the_rankers_order() {
        let rows = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let mut buffer = vec![9.0];
        let two = find(&["c", "a"], &["a", "b", "c"]).unwrap();
        assert_eq!(two.pick(&rows, &mut buffer), [3.0, 1.0, 6.0, 4.0]);
        assert!(two.pick(&[], &mut buffer).is_empty());
    }

    #[test]
    fn equal_lists_copy_nothing() {
        let rows = [1.0, 2.0, 3.0, 4.0];
        let same = find(&["a", "b"], &["a", "b"]).unwrap();
        let mut buffer = Vec::new();
        assert_eq!(same.pick(&rows, &mut buffer).as_ptr(), rows.as_ptr());
        assert!(buffer.is_empty());
    }

    #[test]
    fn a_column_that_is_not_computed_is_named() {
        assert_eq!(find(&["a", "x", "b"], &["a", "b"]), Err(1));
        assert!(find(&[], &["a"]).unwrap().pick(&[1.0], &mut Vec::new()).is_empty());
    }
}
