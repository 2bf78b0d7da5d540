//! The numbers of the net: which tables there are and how long each is.

use std::ops::Range;

use hashrec_storage::{Part, PartWriter, StorageError, Table};
use serde::{Deserialize, Serialize};

use crate::kernels::lstm::Lstm;

/// The sizes of a net's layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layers {
    /// Width of a word vector.
    pub(crate) dim: usize,
    /// Width of the LSTM per direction.
    pub(crate) hidden: usize,
    /// Attention heads.
    pub(crate) heads: usize,
    /// Width of a community's vector.
    pub(crate) community_dim: usize,
    /// Words of a post that are read.
    pub(crate) max_words: usize,
}

impl Layers {
    /// The recurrent layer.
    pub(crate) fn lstm(self) -> Lstm {
        Lstm { input: self.dim, hidden: self.hidden }
    }

    /// The width of a token behind the LSTM: both directions.
    pub(crate) fn token(self) -> usize {
        2 * self.hidden
    }

    /// The width of what an output layer reads: mean, maximum and community.
    pub(crate) fn joint(self) -> usize {
        2 * self.token() + self.community_dim
    }

    /// Whether the sizes are those of a net this release can make; keeps the lengths computed from
    /// them far from overflow.
    pub(crate) fn plausible(self) -> bool {
        let within = |value: usize, high: usize| (1..=high).contains(&value);
        within(self.dim, 4096)
            && within(self.hidden, 1024)
            && within(self.heads, 64)
            && self.token().is_multiple_of(self.heads)
            && within(self.community_dim, 1024)
            && within(self.max_words, 4096)
    }
}

/// Every community's range of rows in the stacked output layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spaces {
    /// Where every community's rows start, and the end of the last: communities + 1 entries.
    starts: Vec<usize>,
}

impl Spaces {
    /// From the number of hashtags of every community.
    pub(crate) fn new(tags: impl IntoIterator<Item = usize>) -> Self {
        let mut starts = vec![0usize];
        starts.extend(tags.into_iter().scan(0usize, |sum, tags| {
            *sum = sum.saturating_add(tags);
            Some(*sum)
        }));
        Self { starts }
    }

    /// The number of communities.
    pub(crate) fn communities(&self) -> usize {
        self.starts.len() - 1
    }

    /// The number of hashtags of all communities together.
    pub(crate) fn tags(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// The rows of a community, `None` if there is no such community.
    pub(crate) fn rows(&self, community: usize) -> Option<Range<usize>> {
        let end = *self.starts.get(community.checked_add(1)?)?;
        Some(self.starts[community]..end)
    }

    /// The number of hashtags of every community.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = usize> + '_ {
        self.starts.windows(2).map(|pair| pair[1] - pair[0])
    }
}

/// The weights, or as many numbers that belong to them (an optimizer's moments).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weights {
    /// Word vectors, the unknown word's first: [words + 1, dim].
    pub(crate) words: Table<f32>,
    /// Community vectors: [communities, community_dim].
    pub(crate) communities: Table<f32>,
    /// What all posts go through, in the order of [`SHARED`].
    pub(crate) shared: [Table<f32>; SHARED.len()],
    /// Output layers, one community below the other: [tags, joint].
    pub(crate) heads: Table<f32>,
    /// Their biases: [tags].
    pub(crate) head_biases: Table<f32>,
}

/// The names of the shared tables. In order: the LSTM's weights and bias, queries, keys and values,
/// the attention's output layer, layer normalisation.
pub(crate) const SHARED: [&str; 8] = [
    "lstm.weight",
    "lstm.bias",
    "attention.qkv.weight",
    "attention.qkv.bias",
    "attention.out.weight",
    "attention.out.bias",
    "norm.scale",
    "norm.shift",
];

/// The shapes of the shared tables: (rows, columns); a vector is one column wide.
pub(crate) fn shared_shapes(layers: Layers) -> [(usize, usize); SHARED.len()] {
    let (lstm, d) = (layers.lstm(), layers.token());
    [
        (lstm.gates(), lstm.row()),
        (lstm.gates(), 1),
        (3 * d, d),
        (3 * d, 1),
        (d, d),
        (d, 1),
        (d, 1),
        (d, 1),
    ]
}

impl Weights {
    /// Adds all tables, their names after `prefix`.
    pub(crate) fn write(&self, writer: &mut PartWriter, prefix: &str) -> Result<(), StorageError> {
        writer
            .table(&format!("{prefix}words"), &self.words)?
            .table(&format!("{prefix}communities"), &self.communities)?
            .table(&format!("{prefix}heads.weight"), &self.heads)?
            .table(&format!("{prefix}heads.bias"), &self.head_biases)?;
        for (name, table) in SHARED.iter().zip(&self.shared) {
            writer.table(&format!("{prefix}{name}"), table)?;
        }
        Ok(())
    }

    /// The position of the first negative number in the first table that has one.
    #[cfg(feature = "train")]
    pub(crate) fn negative(&self) -> Option<usize> {
        let tables = [&self.words, &self.communities, &self.heads, &self.head_biases];
        let mut tables = tables.into_iter().chain(&self.shared);
        tables.find_map(|table| table.iter().position(|&value| value < 0.0))
    }

    /// Reads what [`write`](Self::write) wrote: every table must have the length that the sizes
    /// ask for and hold finite numbers.
    pub(crate) fn read(
        part: &Part,
        prefix: &str,
        layers: Layers,
        words: usize,
        spaces: &Spaces,
    ) -> Result<Self, StorageError> {
        let table = |name: &str, rows: usize, columns: usize| {
            let name = format!("{prefix}{name}");
            let length = rows
                .checked_mul(columns)
                .ok_or_else(|| part.wrong(&name, "would be longer than memory".into()))?;
            let table = part.table_of::<f32>(&name, length)?;
            match table.iter().position(|value| !value.is_finite()) {
                Some(at) => Err(part.wrong(&name, format!("holds {} at {at}", table[at]))),
                None => Ok(table),
            }
        };
        let mut shared: [Table<f32>; SHARED.len()] = Default::default();
        let shapes = shared_shapes(layers);
        for ((slot, name), (rows, columns)) in shared.iter_mut().zip(SHARED).zip(shapes) {
            *slot = table(name, rows, columns)?;
        }
        Ok(Self {
            words: table("words", words + 1, layers.dim)?,
            communities: table("communities", spaces.communities(), layers.community_dim)?,
            shared,
            heads: table("heads.weight", spaces.tags(), layers.joint())?,
            head_biases: table("heads.bias", spaces.tags(), 1)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_follow_each_other() {
        let spaces = Spaces::new([3, 0, 2]);
        assert_eq!((spaces.communities(), spaces.tags()), (3, 5));
        assert_eq!(spaces.rows(0), Some(0..3));
        assert_eq!(spaces.rows(1), Some(3..3));
        assert_eq!(spaces.rows(2), Some(3..5));
        assert_eq!((spaces.rows(3), spaces.rows(usize::MAX)), (None, None));
        assert_eq!(spaces.sizes().collect::<Vec<_>>(), [3, 0, 2]);
    }
}
