//! LightGBM's model text: the head, then one block of lines per tree.

use hashrec_storage::Table;

use super::{Forest, Link, MAX_FEATURES, Tables, check, tree};
use crate::{RankerError, error::excerpt};

/// The lines before the first tree.
#[derive(Default)]
struct Head<'a> {
    fields: Vec<(&'a str, &'a str)>,
}

impl<'a> Head<'a> {
    fn get(&self, field: &str) -> Option<&'a str> {
        self.fields.iter().find(|(key, _)| *key == field).map(|(_, value)| *value)
    }

    fn required(&self, field: &'static str) -> Result<&'a str, RankerError> {
        self.get(field).ok_or_else(|| wrong(field, "is missing"))
    }

    fn number(&self, field: &'static str) -> Result<usize, RankerError> {
        let value = self.required(field)?;
        value
            .trim()
            .parse()
            .map_err(|_| wrong(field, format!("is {:?}, expected a number", excerpt(value))))
    }
}

fn wrong(field: &'static str, problem: impl Into<String>) -> RankerError {
    RankerError::Model { field, problem: problem.into() }
}

pub(super) fn parse(text: &str) -> Result<Forest, RankerError> {
    let mut lines = Lines { rest: text };
    let head = head(&mut lines)?;
    let (features, link) = meaning(&head)?;

    let mut tables = Tables::new();
    let mut sizes = Vec::new();
    loop {
        let before = lines.rest.len();
        let line =
            lines.next().ok_or_else(|| wrong("end of trees", "is missing: the model was cut"))?;
        if line == "end of trees" {
            break;
        }
        let position = sizes.len();
        if line.strip_prefix("Tree=").and_then(|n| n.parse().ok()) != Some(position) {
            let problem = format!("expected \"Tree={position}\", found {:?}", excerpt(line));
            return Err(wrong("Tree", problem));
        }
        tree::parse(&mut lines, position, features, &mut tables)?;
        // Between two trees stand empty lines, which count to the tree before them.
        lines.skip_empty();
        sizes.push(before - lines.rest.len());
    }
    if sizes.is_empty() {
        return Err(wrong("Tree", "the model has no trees"));
    }
    check_sizes(&head, &sizes)?;
    let plain = check::plain(&tables.starts, &tables.nodes);
    Ok(Forest {
        features,
        link,
        average: head.get("average_output").is_some(),
        starts: Table::from(tables.starts),
        nodes: Table::from(tables.nodes),
        output: Table::from(tables.output),
        category_starts: Table::from(tables.category_starts),
        categories: Table::from(tables.categories),
        plain,
    })
}

fn head<'a>(lines: &mut Lines<'a>) -> Result<Head<'a>, RankerError> {
    if lines.next() != Some("tree") {
        return Err(wrong("tree", "the text doesn't begin like a LightGBM model"));
    }
    let mut head = Head::default();
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        if head.get(key).is_some() {
            return Err(wrong("head", format!("{:?} is there twice", excerpt(key))));
        }
        // A few dozen fields at most in any real model; the search above stays cheap.
        if head.fields.len() == 64 {
            return Err(wrong("head", "has more than 64 lines"));
        }
        head.fields.push((key, value));
    }
    lines.skip_empty();
    Ok(head)
}

/// What the head says about columns and scores.
fn meaning(head: &Head<'_>) -> Result<(usize, Link), RankerError> {
    let unsupported = |what: String, advice| Err(RankerError::Unsupported { what, advice });
    let version = head.required("version")?;
    if version != "v4" {
        let what = format!("model format {:?}", excerpt(version));
        return unsupported(what, "train with LightGBM 4");
    }
    for field in ["num_class", "num_tree_per_iteration"] {
        let classes = head.number(field)?;
        if classes != 1 {
            let what = format!("{field}={classes}");
            return unsupported(what, "train one score per row");
        }
    }
    let features = head
        .number("max_feature_idx")?
        .checked_add(1)
        .filter(|&n| n <= MAX_FEATURES)
        .ok_or_else(|| wrong("max_feature_idx", format!("is beyond {}", MAX_FEATURES - 1)))?;
    let names = head.required("feature_names")?.split_ascii_whitespace().count();
    if names != features {
        let problem = format!("has {names} names, expected {features} as max_feature_idx says");
        return Err(wrong("feature_names", problem));
    }
    let link = match head.get("objective") {
        None => Link::Identity,
        Some(objective) => {
            let mut words = objective.split_ascii_whitespace();
            match (words.next(), words.next(), words.next()) {
                (Some("lambdarank" | "rank_xendcg" | "regression"), None, None) => Link::Identity,
                (Some("binary"), Some(sigmoid), None) => {
                    let slope = sigmoid.strip_prefix("sigmoid:").and_then(|s| s.parse().ok());
                    match slope {
                        Some(slope) if f64::is_finite(slope) && slope > 0.0 => {
                            Link::Sigmoid { slope }
                        }
                        _ => {
                            return Err(wrong("objective", format!("is {:?}", excerpt(objective))));
                        }
                    }
                }
                _ => {
                    let what = format!("objective {:?}", excerpt(objective));
                    return unsupported(what, "use binary, lambdarank, rank_xendcg or regression");
                }
            }
        }
    };
    Ok((features, link))
}

/// LightGBM finds trees by their sizes in bytes: a model whose sizes are wrong means something
/// else to LightGBM than to us.
fn check_sizes(head: &Head<'_>, sizes: &[usize]) -> Result<(), RankerError> {
    let Some(field) = head.get("tree_sizes") else { return Ok(()) };
    let mut told = field.split_ascii_whitespace();
    for (tree, &size) in sizes.iter().enumerate() {
        let found = told.next().and_then(|s| s.parse::<usize>().ok());
        if found != Some(size) {
            let problem = format!("tree {tree} has {size} bytes, the head says {found:?}");
            return Err(wrong("tree_sizes", problem));
        }
    }
    match told.count() {
        0 => Ok(()),
        more => Err(wrong("tree_sizes", format!("names {more} trees that are not there"))),
    }
}

/// Lines without their ends, and how much is left after them.
pub(super) struct Lines<'a> {
    rest: &'a str,
}

impl Lines<'_> {
    fn skip_empty(&mut self) {
        self.rest = self.rest.trim_start_matches('\n');
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        Some(line)
    }
}
