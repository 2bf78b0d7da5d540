//! The adjustments of all communities, as one part of a bundle.

use hashrec_storage::{Bytes, Part, PartWriter, Table};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::{column::AdjustmentColumn, fit::Adjustment};
use crate::{Columns, RankerError, error::expect_equal};

const KIND: &str = "adjustments";
const VERSION: u32 = 2;

/// The [`Adjustment`] of every community, by its number.
#[derive(Clone, Debug, PartialEq)]
pub struct Adjustments {
    columns: Vec<AdjustmentColumn>,
    /// What they have in common.
    shared: Adjustment,
    /// Communities × (1 + columns).
    weights: Table<f32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    columns: Vec<AdjustmentColumn>,
}

impl Adjustments {
    /// The adjustments of communities, in order, and what they [share](Adjustment::shared).
    ///
    /// # Errors
    /// [`RankerError::Shape`] if one is not for these columns.
    pub fn new(
        columns: Vec<AdjustmentColumn>,
        shared: Adjustment,
        communities: impl IntoIterator<Item = Adjustment>,
    ) -> Result<Self, RankerError> {
        expect_equal("weights of an adjustment", columns.len() + 1, shared.weights.len())?;
        let mut weights = Vec::new();
        for Adjustment { weights: own } in communities {
            expect_equal("weights of an adjustment", columns.len() + 1, own.len())?;
            weights.extend(own);
        }
        Ok(Self { columns, shared, weights: weights.into() })
    }

    /// The features that are weighed.
    pub fn columns(&self) -> &[AdjustmentColumn] {
        &self.columns
    }

    /// What the communities have in common.
    pub fn shared(&self) -> &Adjustment {
        &self.shared
    }

    /// How many communities there are.
    pub fn communities(&self) -> usize {
        self.weights.len() / self.width()
    }

    /// The adjustment of a community.
    pub fn of(&self, community: usize) -> Option<Adjustment> {
        let weights = self.row(community)?;
        Some(Adjustment { weights: weights.to_vec() })
    }

    /// Finds the columns in rows of these features.
    ///
    /// # Errors
    /// [`RankerError::Features`] with the first feature that is missing in `names`.
    pub fn columns_among(&self, names: &[&str]) -> Result<Columns, RankerError> {
        let own: Vec<String> = self.columns.iter().map(|column| column.feature().into()).collect();
        Columns::find(&own, names).map_err(|position| RankerError::Features {
            position,
            expected: own.get(position).cloned(),
            found: None,
        })
    }

    /// Replaces the ranker's scores of a post's candidates by those of its community. `features` has
    /// shape `[candidates, columns]`. A community that is not there keeps the ranker's scores.
    ///
    /// # Errors
    /// [`RankerError::Shape`].
    pub fn apply(
        &self,
        community: usize,
        features: ArrayView2<'_, f32>,
        scores: &mut [f64],
    ) -> Result<(), RankerError> {
        expect_equal("rows of a post", scores.len(), features.nrows())?;
        expect_equal("columns of a row", self.columns.len(), features.ncols())?;
        let Some((own, weights)) = self.row(community).and_then(|row| row.split_first()) else {
            return Ok(());
        };
        for (score, row) in scores.iter_mut().zip(features.rows()) {
            let weighed = self.columns.iter().zip(row).zip(weights);
            let sum: f64 = weighed.map(|((c, &v), &weight)| c.value(v) * f64::from(weight)).sum();
            *score = *score * f64::from(*own) + sum;
        }
        Ok(())
    }

    /// Encodes them as one part. Equal adjustments give equal bytes.
    ///
    /// # Errors
    /// [`RankerError::Storage`] if they can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, RankerError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&Header { columns: self.columns.clone() })?;
        writer.table("shared", &self.shared.weights)?;
        writer.table("weights", &self.weights)?;
        Ok(writer.to_bytes()?)
    }

    /// Reads what [`Adjustments::write`] wrote.
    ///
    /// # Errors
    /// [`RankerError::Storage`], [`RankerError::Shape`] or [`RankerError::NotFinite`].
    pub fn read(bytes: Bytes) -> Result<Self, RankerError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let Header { columns } = part.header()?;
        let shared = part.table::<f32>("shared")?.to_vec();
        expect_equal("weights of an adjustment", columns.len() + 1, shared.len())?;
        let shared = Adjustment { weights: shared };
        let read = Self { columns, shared, weights: part.table("weights")? };
        let whole = read.communities() * read.width();
        expect_equal("weights of all adjustments", whole, read.weights.len())?;
        let mut weights = read.shared.weights.iter().chain(read.weights.iter());
        match weights.position(|weight| !weight.is_finite()) {
            Some(at) => Err(RankerError::NotFinite { what: "weight of an adjustment", at }),
            None => Ok(read),
        }
    }

    fn width(&self) -> usize {
        self.columns.len() + 1
    }

    fn row(&self, community: usize) -> Option<&[f32]> {
        self.weights.chunks_exact(self.width()).nth(community)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::AdjustmentScale;

    fn two() -> Adjustments {
        let columns = vec![AdjustmentColumn::new("b", AdjustmentScale::Times(2.0))];
        let weighed = Adjustment { weights: vec![0.5, -1.0] };
        Adjustments::new(columns, Adjustment::none(1), [Adjustment::none(1), weighed]).unwrap()
    }

    #[test]
    fn each_community_has_its_own_weights() {
        let adjustments = two();
        let scores = |community| {
            let mut scores = [4.0, 2.0];
            adjustments.apply(community, array![[1.0], [f32::NAN]].view(), &mut scores).unwrap();
            scores
        };
        assert_eq!((scores(0), scores(1), scores(2)), ([4.0, 2.0], [0.0, 1.0], [4.0, 2.0]));
        assert!(adjustments.apply(0, array![[1.0, 2.0]].view(), &mut [1.0]).is_err());
        assert!(adjustments.apply(0, array![[1.0]].view(), &mut [1.0, 2.0]).is_err());
    }

    #[test]
    fn what_is_written_is_read() {
        let adjustments = two();
        let bytes = adjustments.write().unwrap();
        let read = Adjustments::read(bytes.into()).unwrap();
        assert_eq!(read, adjustments);
        assert_eq!((read.communities(), read.of(1), read.of(2)), (2, adjustments.of(1), None));
        assert!(
            read.shared().is_none()
                && read.of(0).unwrap().is_none()
                && !read.of(1).unwrap().is_none()
        );
    }

    #[test]
    fn columns_are_found_by_name() {
        assert!(two().columns_among(&["a", "b"]).is_ok());
        let error = two().columns_among(&["a"]).unwrap_err().to_string();
        assert!(error.contains("\"b\""), "{error}");
    }

    #[test]
    fn damaged_parts_are_refused() {
        let part_with = |shared: &[f32], weights: &[f32]| {
            let mut writer = PartWriter::new(KIND, VERSION);
            writer.header(&Header { columns: two().columns }).unwrap();
            writer.table("shared", shared).unwrap();
            writer.table("weights", weights).unwrap();
            Adjustments::read(writer.to_bytes().unwrap().into())
        };
        let part = |weights| part_with(&[1.0, 0.0], weights);
        assert!(part(&[1.0, 0.0]).is_ok());
        assert!(matches!(part_with(&[1.0], &[]), Err(RankerError::Shape { .. })));
        assert!(matches!(part(&[1.0]), Err(RankerError::Shape { .. })));
        assert!(matches!(part(&[1.0, f32::NAN]), Err(RankerError::NotFinite { at: 3, .. })));
        let none = Adjustment::none;
        assert!(Adjustments::new(two().columns, none(1), [none(2)]).is_err());
        assert!(Adjustments::new(two().columns, none(2), [none(1)]).is_err());
    }
}
