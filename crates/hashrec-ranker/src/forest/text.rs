//! LightGBM's model text: the head, followed by a block of lines per tree.

use hashrec_storage::Table;

use super::{
    layout::{Forest, Link, Tables},
    lines::Lines,
    node::MAX_FEATURES,
    tree,
};
use crate::{
    RankerError,
    error::{ModelDefect, excerpt},
};

/// The most lines of a head; real models have about a dozen.
const MAX_HEAD: usize = 64;

impl Forest {
    /// Reads a model in LightGBM's text format (version `v4`, as written by LightGBM 4).
    ///
    /// Supports models with one score per row (objectives `binary`, `lambdarank`, `rank_xendcg` and
    /// `regression`, or none), with numerical and categorical splits, all kinds of missing values,
    /// trees of one leaf, and averaged (`rf`) forests.
    ///
    /// # Errors
    /// [`RankerError::Model`] or [`RankerError::Tree`] for a malformed model;
    /// [`RankerError::Unsupported`] for several classes, linear trees or another objective.
    pub fn from_lightgbm(text: &str) -> Result<Self, RankerError> {
        let mut lines = Lines::new(text);
        let head = Head::read(&mut lines)?;
        let (features, link) = head.meaning()?;
        let (mut tables, mut sizes) = (Tables::new(), Vec::new());
        loop {
            let before = lines.left();
            let line = lines.next().ok_or_else(|| wrong("end of trees", ModelDefect::Missing))?;
            if line == "end of trees" {
                break;
            }
            let position = sizes.len();
            if line.strip_prefix("Tree=").and_then(|n| n.parse().ok()) != Some(position) {
                return Err(wrong("Tree", unexpected(&format!("\"Tree={position}\""), line)));
            }
            tree::parse(&mut lines, position, features, &mut tables)?;
            // The empty lines between two trees count to the tree before them.
            lines.skip_empty();
            sizes.push(before - lines.left());
        }
        if sizes.is_empty() {
            return Err(wrong("Tree", ModelDefect::Missing));
        }
        head.check_sizes(&sizes)?;
        let forest = Self {
            features,
            link,
            average: head.get("average_output").is_some(),
            starts: Table::from(tables.starts),
            nodes: Table::from(tables.nodes),
            output: Table::from(tables.output),
            category_starts: Table::from(tables.category_starts),
            categories: Table::from(tables.categories),
            plain: Vec::new(),
            sweep: None,
        };
        Ok(forest.prepared())
    }
}

fn wrong(field: &'static str, defect: ModelDefect) -> RankerError {
    RankerError::Model { field, defect }
}

fn unexpected(expected: &str, line: &str) -> ModelDefect {
    ModelDefect::Line { expected: expected.to_owned(), line: excerpt(line) }
}

/// The `key=value` lines before the first tree.
#[derive(Default)]
struct Head<'a> {
    fields: Vec<(&'a str, &'a str)>,
}

impl<'a> Head<'a> {
    fn read(lines: &mut Lines<'a>) -> Result<Self, RankerError> {
        match lines.next() {
            Some("tree") => {}
            line => return Err(wrong("tree", unexpected("\"tree\"", line.unwrap_or_default()))),
        }
        let mut head = Self::default();
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            if head.get(key).is_some() {
                return Err(wrong("head", ModelDefect::Twice { key: excerpt(key) }));
            }
            if head.fields.len() == MAX_HEAD {
                return Err(wrong("head", unexpected("the end of the head", line)));
            }
            head.fields.push((key, value));
        }
        lines.skip_empty();
        Ok(head)
    }

    fn get(&self, field: &str) -> Option<&'a str> {
        self.fields.iter().find(|(key, _)| *key == field).map(|(_, value)| *value)
    }

    fn required(&self, field: &'static str) -> Result<&'a str, RankerError> {
        self.get(field).ok_or_else(|| wrong(field, ModelDefect::Missing))
    }

    fn number(&self, field: &'static str) -> Result<usize, RankerError> {
        let value = self.required(field)?;
        let number = || ModelDefect::Number { position: 0, value: excerpt(value) };
        value.trim().parse().map_err(|_| wrong(field, number()))
    }

    /// The number of features and the link function.
    fn meaning(&self) -> Result<(usize, Link), RankerError> {
        let version = self.required("version")?;
        if version != "v4" {
            let what = format!("model format {:?}", excerpt(version));
            return Err(RankerError::Unsupported { what, advice: "train with LightGBM 4" });
        }
        for field in ["num_class", "num_tree_per_iteration"] {
            let classes = self.number(field)?;
            if classes != 1 {
                let what = format!("{field}={classes}");
                return Err(RankerError::Unsupported { what, advice: "train one score per row" });
            }
        }
        let last = self.number("max_feature_idx")?;
        if last >= MAX_FEATURES {
            let value = i64::try_from(last).unwrap_or(i64::MAX);
            let maximum = MAX_FEATURES as i64 - 1;
            let defect = ModelDefect::Range { position: 0, value, minimum: 0, maximum };
            return Err(wrong("max_feature_idx", defect));
        }
        let expected = last + 1;
        let found = self.required("feature_names")?.split_ascii_whitespace().count();
        if found != expected {
            return Err(wrong("feature_names", ModelDefect::Length { expected, found }));
        }
        Ok((expected, self.link()?))
    }

    fn link(&self) -> Result<Link, RankerError> {
        let Some(objective) = self.get("objective") else { return Ok(Link::Identity) };
        let mut words = objective.split_ascii_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("lambdarank" | "rank_xendcg" | "regression"), None, None) => Ok(Link::Identity),
            (Some("binary"), Some(sigmoid), None) => {
                let slope = sigmoid.strip_prefix("sigmoid:").and_then(|s| s.parse().ok());
                let number = || ModelDefect::Number { position: 1, value: excerpt(sigmoid) };
                match slope.ok_or_else(|| wrong("objective", number()))? {
                    slope if f64::is_finite(slope) && slope > 0.0 => Ok(Link::Sigmoid { slope }),
                    value => Err(wrong("objective", ModelDefect::NotPositive { value })),
                }
            }
            _ => Err(RankerError::Unsupported {
                what: format!("objective {:?}", excerpt(objective)),
                advice: "use binary, lambdarank, rank_xendcg or regression",
            }),
        }
    }

    /// Checks the sizes of the trees' texts. LightGBM finds trees by them, so a model with wrong sizes
    /// means something else to LightGBM than to this reader.
    fn check_sizes(&self, sizes: &[usize]) -> Result<(), RankerError> {
        let Some(field) = self.get("tree_sizes") else { return Ok(()) };
        let found = field.split_ascii_whitespace().count();
        if found != sizes.len() {
            let expected = sizes.len();
            return Err(wrong("tree_sizes", ModelDefect::Length { expected, found }));
        }
        for (tree, (&bytes, expected)) in
            sizes.iter().zip(field.split_ascii_whitespace()).enumerate()
        {
            if expected.parse() != Ok(bytes) {
                let expected = excerpt(expected);
                return Err(wrong("tree_sizes", ModelDefect::TreeSize { tree, bytes, expected }));
            }
        }
        Ok(())
    }
}
