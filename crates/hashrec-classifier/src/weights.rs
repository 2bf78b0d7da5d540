//! The tables of the net: their names, shapes and place on disk.

use std::ops::{Deref, Range};

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

    /// The shapes of the [shared](SHARED) tables.
    pub(crate) fn shared_shapes(self) -> [(usize, usize); SHARED_TABLES] {
        let (lstm, d) = (self.lstm(), self.token());
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

    /// The community that a row belongs to.
    #[cfg(feature = "train")]
    pub(crate) fn community_of(&self, row: usize) -> usize {
        self.starts.partition_point(|&start| start <= row) - 1
    }

    /// The number of hashtags of every community.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = usize> + '_ {
        self.starts.windows(2).map(|pair| pair[1] - pair[0])
    }
}

/// The names of the tables, in the order in which they are stored.
pub(crate) const TABLES: [&str; 12] = [
    "words",
    "communities",
    "heads.weight",
    "heads.bias",
    "lstm.weight",
    "lstm.bias",
    "attention.qkv.weight",
    "attention.qkv.bias",
    "attention.out.weight",
    "attention.out.bias",
    "norm.scale",
    "norm.shift",
];

/// Word vectors, the unknown word's first: [words + 1, dim].
pub(crate) const WORDS: usize = 0;
/// Community vectors: [communities, community_dim].
pub(crate) const COMMUNITIES: usize = 1;
/// Output layers, one community below the other: [tags, joint].
pub(crate) const HEADS: usize = 2;
/// Their biases: `[tags]`.
pub(crate) const HEAD_BIASES: usize = 3;
/// The tables that every post goes through: the LSTM, the queries, keys and values of the
/// attention, its output layer, and the layer normalisation.
pub(crate) const SHARED: Range<usize> = 4..TABLES.len();
/// How many those are.
pub(crate) const SHARED_TABLES: usize = SHARED.end - SHARED.start;

/// The shapes of all tables: (rows, columns); a vector is one column wide.
pub(crate) fn shapes(
    layers: Layers,
    words: usize,
    spaces: &Spaces,
) -> [(usize, usize); TABLES.len()] {
    let own = [
        (words + 1, layers.dim),
        (spaces.communities(), layers.community_dim),
        (spaces.tags(), layers.joint()),
        (spaces.tags(), 1),
    ];
    let shared = layers.shared_shapes();
    std::array::from_fn(|table| {
        if SHARED.contains(&table) { shared[table - SHARED.start] } else { own[table] }
    })
}

/// One table for each name in [`TABLES`]: the weights of a net, or an optimizer's moments.
pub(crate) type Weights = [Table<f32>; TABLES.len()];

/// Adds all tables, their names after `prefix`.
pub(crate) fn write(
    tables: &[impl Deref<Target = [f32]>; TABLES.len()],
    writer: &mut PartWriter,
    prefix: &str,
) -> Result<(), StorageError> {
    for (name, table) in TABLES.iter().zip(tables) {
        writer.table(&format!("{prefix}{name}"), table)?;
    }
    Ok(())
}

/// Reads what [`write()`] wrote: every table must have the length of its shape and hold finite
/// numbers.
pub(crate) fn read(
    part: &Part,
    prefix: &str,
    shapes: [(usize, usize); TABLES.len()],
) -> Result<Weights, StorageError> {
    let mut tables = Weights::default();
    for ((slot, name), (rows, columns)) in tables.iter_mut().zip(TABLES).zip(shapes) {
        let name = format!("{prefix}{name}");
        let length = rows
            .checked_mul(columns)
            .ok_or_else(|| part.wrong(&name, "would be longer than memory".into()))?;
        *slot = part.table_of::<f32>(&name, length)?;
        if let Some(at) = slot.iter().position(|value| !value.is_finite()) {
            return Err(part.wrong(&name, format!("holds {} at {at}", slot[at])));
        }
    }
    Ok(tables)
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
        #[cfg(feature = "train")]
        assert_eq!([0, 2, 3, 4].map(|row| spaces.community_of(row)), [0, 0, 2, 2]);
        assert_eq!(spaces.sizes().collect::<Vec<_>>(), [3, 0, 2]);
    }
}
