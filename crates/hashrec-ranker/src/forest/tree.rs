//! One tree of LightGBM's model text.
//!
//! LightGBM numbers inner nodes from 0 (the root) and names leaf `l` as child `−1 − l`. Bits of
//! `decision_type`: 1 categorical, 2 missing goes left, 4 and 8 together the missing type (0 none,
//! 4 zero, 8 NaN).

use std::collections::BTreeMap;

use super::{
    layout::Tables,
    lines::Lines,
    node::{CATEGORICAL, LEFT, MAX_LEAVES, MAX_OUTPUT, MISSING_RIGHT, ZERO, ZERO_IS_MISSING},
};
use crate::{
    RankerError,
    error::{ModelDefect, excerpt},
};

/// A defect and its field. The number of the tree is added by [`parse`].
type Fault = (&'static str, ModelDefect);

/// The arrays of one tree, as LightGBM writes them: `leaves` outputs, `leaves − 1` splits.
struct Raw {
    leaf_value: Vec<f64>,
    /// Twice the feature of each split.
    column: Vec<u64>,
    threshold: Vec<f64>,
    decision: Vec<u8>,
    left: Vec<i64>,
    right: Vec<i64>,
    /// First category set of this tree in the forest's table.
    first_set: usize,
    sets: usize,
}

/// Reads the lines of tree number `position`, up to the next empty line, and adds the tree.
pub(super) fn parse(
    lines: &mut Lines<'_>,
    position: usize,
    features: usize,
    tables: &mut Tables,
) -> Result<(), RankerError> {
    let located = |(field, defect)| RankerError::Tree { tree: position, field, defect };
    let fields = Fields::collect(lines).map_err(located)?;
    if fields.map.get("is_linear").is_some_and(|v| *v != "0") {
        return Err(RankerError::Unsupported {
            what: format!("a linear tree (tree {position})"),
            advice: "train with linear_tree=false",
        });
    }
    let raw = Raw::read(&fields, features, tables).map_err(located)?;
    raw.plant(tables).map_err(located)
}

/// The `key=value` lines of a tree.
struct Fields<'a> {
    map: BTreeMap<&'a str, &'a str>,
}

impl<'a> Fields<'a> {
    fn collect(lines: &mut Lines<'a>) -> Result<Self, Fault> {
        let mut map = BTreeMap::new();
        for line in lines.take_while(|line| !line.is_empty()) {
            let defect = || ModelDefect::Line { expected: "key=value".into(), line: excerpt(line) };
            let (key, value) = line.split_once('=').ok_or_else(|| ("Tree", defect()))?;
            if map.insert(key, value).is_some() {
                let known = KNOWN.iter().find(|k| **k == key).copied().unwrap_or("Tree");
                return Err((known, ModelDefect::Twice { key: excerpt(key) }));
            }
        }
        Ok(Self { map })
    }

    fn get(&self, field: &'static str) -> Result<&'a str, Fault> {
        self.map.get(field).copied().ok_or((field, ModelDefect::Missing))
    }

    fn one(&self, field: &'static str, minimum: i64, maximum: i64) -> Result<usize, Fault> {
        let values = self.integers(field, 1, minimum, maximum)?;
        Ok(values.first().map_or(0, |&v| v as usize))
    }

    /// Exactly `len` integers within the range given.
    fn integers(
        &self,
        field: &'static str,
        len: usize,
        minimum: i64,
        maximum: i64,
    ) -> Result<Vec<i64>, Fault> {
        let values: Vec<i64> = self.numbers(field, len)?;
        match values.iter().position(|v| !(minimum..=maximum).contains(v)) {
            Some(position) => {
                let value = values[position];
                Err((field, ModelDefect::Range { position, value, minimum, maximum }))
            }
            None => Ok(values),
        }
    }

    /// Exactly `len` floats, all of which are `fine`.
    fn floats(
        &self,
        field: &'static str,
        len: usize,
        fine: fn(&f64) -> bool,
    ) -> Result<Vec<f64>, Fault> {
        let values: Vec<f64> = self.numbers(field, len)?;
        match values.iter().position(|v| !fine(v)) {
            Some(position) => Err((field, ModelDefect::NotFinite { position })),
            None => Ok(values),
        }
    }

    /// The values of an array, which must be exactly `len`.
    fn values(
        &self,
        field: &'static str,
        len: usize,
    ) -> Result<impl Iterator<Item = &'a str>, Fault> {
        let text = self.get(field)?;
        let found = text.split_ascii_whitespace().count();
        if found != len {
            return Err((field, ModelDefect::Length { expected: len, found }));
        }
        Ok(text.split_ascii_whitespace())
    }

    fn numbers<T: std::str::FromStr>(
        &self,
        field: &'static str,
        len: usize,
    ) -> Result<Vec<T>, Fault> {
        self.values(field, len)?
            .enumerate()
            .map(|(position, value)| {
                let number = || (field, ModelDefect::Number { position, value: excerpt(value) });
                value.parse().map_err(|_| number())
            })
            .collect()
    }
}

/// The fields of a tree that matter for prediction.
const KNOWN: [&str; 11] = [
    "num_leaves",
    "num_cat",
    "split_feature",
    "threshold",
    "decision_type",
    "left_child",
    "right_child",
    "leaf_value",
    "cat_boundaries",
    "cat_threshold",
    "is_linear",
];

impl Raw {
    /// Reads and checks each field by itself. Category sets go straight to the forest's table.
    fn read(fields: &Fields<'_>, features: usize, tables: &mut Tables) -> Result<Self, Fault> {
        let leaves = fields.one("num_leaves", 1, MAX_LEAVES as i64)?;
        let splits = leaves - 1;
        let sets = fields.one("num_cat", 0, splits as i64)?;
        let leaf_value = fields.floats("leaf_value", leaves, |v| v.abs() <= MAX_OUTPUT)?;
        let feature = fields.integers("split_feature", splits, 0, features as i64 - 1)?;
        // An infinite threshold separates missing values from all others.
        let threshold = fields.floats("threshold", splits, |v| !v.is_nan())?;
        let decision = fields.integers("decision_type", splits, i64::MIN, i64::MAX)?;
        if let Some(position) = decision.iter().position(|&d| !(0..12).contains(&d)) {
            return Err((
                "decision_type",
                ModelDefect::Decision { position, bits: decision[position] },
            ));
        }
        let (lowest, highest) = (-(leaves as i64), splits as i64 - 1);
        let left = fields.integers("left_child", splits, lowest, highest)?;
        let right = fields.integers("right_child", splits, lowest, highest)?;
        // Statistics of training aren't used, but a wrong length means a damaged model. A tree of one
        // leaf has none.
        if splits > 0 {
            for (field, len) in [
                ("split_gain", splits),
                ("internal_value", splits),
                ("internal_weight", splits),
                ("internal_count", splits),
                ("leaf_weight", leaves),
                ("leaf_count", leaves),
            ] {
                if fields.map.contains_key(field) {
                    fields.values(field, len)?.for_each(drop);
                }
            }
        }
        let first_set = tables.category_starts.len() - 1;
        read_sets(fields, sets, tables)?;
        Ok(Self {
            leaf_value,
            column: feature.into_iter().map(|f| 2 * f as u64).collect(),
            threshold,
            decision: decision.into_iter().map(|d| d as u8).collect(),
            left,
            right,
            first_set,
            sets,
        })
    }

    /// Traverses the tree level by level, checks that it is a tree, and adds its nodes.
    fn plant(&self, tables: &mut Tables) -> Result<(), Fault> {
        let splits = self.column.len();
        let count = splits + self.leaf_value.len();
        let end = tables.output.len() + count;
        let end = u32::try_from(end).map_err(|_| {
            ("num_leaves", ModelDefect::Length { expected: u32::MAX as usize, found: end })
        })?;
        let mut sets = vec![false; self.sets];
        let mut seen = vec![false; count];
        let mut seen_before = |child: i64, place: usize| {
            if std::mem::replace(&mut seen[place], true) { Err(self.shared(child)) } else { Ok(()) }
        };
        // Nodes and leaves level by level, numbered as in the fields.
        let mut order = Vec::with_capacity(count);
        order.push(if splits == 0 { -1 } else { 0 });
        let mut at = 0;
        while let Some(&child) = order.get(at) {
            let (threshold, word, left, output) = match usize::try_from(child) {
                Err(_) => {
                    let leaf = (-1 - child) as usize;
                    seen_before(child, splits + leaf)?;
                    (f64::INFINITY.to_bits(), 0, at, self.leaf_value[leaf])
                }
                Ok(node) => {
                    seen_before(child, node)?;
                    let (threshold, word) = self.decision(node, &mut sets)?;
                    order.extend([self.left[node], self.right[node]]);
                    (threshold, word, order.len() - 2, 0.0)
                }
            };
            tables.nodes.extend([threshold, word | (left as u64) << LEFT]);
            tables.output.push(output);
            at += 1;
        }
        // If every node is reached, so is every leaf: there are as many children as places.
        if let Some(position) = seen.iter().position(|s| !s) {
            return Err(("left_child", ModelDefect::Unreachable { what: "node", position }));
        }
        if let Some(set) = sets.iter().position(|used| !used) {
            return Err(("num_cat", ModelDefect::UnusedSet { set }));
        }
        tables.starts.push(end);
        Ok(())
    }

    /// The two words of inner node `n`, without its left child.
    fn decision(&self, n: usize, used: &mut [bool]) -> Result<(u64, u64), Fault> {
        let (bits, threshold) = (self.decision[n], self.threshold[n]);
        if bits & 1 != 0 {
            let set = threshold as usize;
            if threshold < 0.0 || threshold.fract() != 0.0 || set >= self.sets {
                let defect = ModelDefect::NoSet { position: n, value: threshold, sets: self.sets };
                return Err(("threshold", defect));
            }
            if std::mem::replace(&mut used[set], true) {
                return Err(("threshold", ModelDefect::SharedSet { position: n, set }));
            }
            return Ok((
                (self.first_set + set) as u64,
                self.column[n] | MISSING_RIGHT | CATEGORICAL,
            ));
        }
        // LightGBM rounds values within ZERO of zero to zero. Moving a threshold inside that interval to
        // its border, or just below it, treats all those values like zero without rounding them.
        let threshold = match threshold {
            t if (-ZERO..0.0).contains(&t) => (-ZERO).next_down(),
            t if (0.0..ZERO).contains(&t) => ZERO,
            t => t,
        };
        let default_left = bits & 2 != 0;
        let (missing_left, zero) = match bits >> 2 {
            // Where training saw no missing values, NaN counts as zero.
            0 => (0.0 <= threshold, 0),
            1 => (default_left, ZERO_IS_MISSING),
            _ => (default_left, 0),
        };
        let missing = if missing_left { 0 } else { MISSING_RIGHT };
        Ok((threshold.to_bits(), self.column[n] | missing | zero))
    }

    /// Finds the second parent of a child: the last node that leads to it, because nodes are numbered
    /// in the order in which they were split.
    fn shared(&self, child: i64) -> Fault {
        let find = |children: &[i64]| children.iter().rposition(|&c| c == child);
        match (find(&self.left), find(&self.right)) {
            (l, Some(r)) if l.is_none_or(|l| l <= r) => {
                ("right_child", ModelDefect::Shared { parent: r, child })
            }
            (l, _) => ("left_child", ModelDefect::Shared { parent: l.unwrap_or(0), child }),
        }
    }
}

/// Reads the category sets of a tree into the forest's table.
fn read_sets(fields: &Fields<'_>, sets: usize, tables: &mut Tables) -> Result<(), Fault> {
    if sets == 0 {
        return Ok(());
    }
    let most = i64::from(u32::MAX);
    let bounds = fields.integers("cat_boundaries", sets + 1, 0, most)?;
    if bounds.first() != Some(&0) || bounds.windows(2).any(|b| b[0] >= b[1]) {
        return Err(("cat_boundaries", ModelDefect::Offsets));
    }
    let words = bounds.last().map_or(0, |&b| b as usize);
    let bits = fields.integers("cat_threshold", words, 0, most)?;
    let offset = tables.categories.len();
    for &bound in &bounds[1..] {
        let end = offset + bound as usize;
        let end = u32::try_from(end).map_err(|_| {
            let found = offset + words;
            ("cat_boundaries", ModelDefect::Length { expected: u32::MAX as usize, found })
        })?;
        tables.category_starts.push(end);
    }
    tables.categories.extend(bits.into_iter().map(|b| b as u32));
    Ok(())
}
