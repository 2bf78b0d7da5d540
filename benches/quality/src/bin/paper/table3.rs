//! Table 3: what the ranker's vectors are made by.

use hashrec::VectorKind;
use hashrec_quality::{Table, spread};
use serde_json::{Value, json};

use crate::plan::{Measured, kebab};

/// The rows, in order.
pub(crate) const KINDS: [VectorKind; 4] = [
    VectorKind::TfIdfSvd,
    VectorKind::Floret,
    VectorKind::TransformerUnified,
    VectorKind::TransformerSeparate,
];

/// What the table calls a vectorizer.
fn title(kind: VectorKind) -> &'static str {
    match kind {
        VectorKind::TfIdfSvd => "TF-IDF with SVD",
        VectorKind::Floret => "floret",
        VectorKind::TransformerUnified => "transformer, unified",
        VectorKind::TransformerSeparate => "transformer, separate",
        _ => "another vectorizer",
    }
}

const MISSING: &str = "not measured here";

/// The table; `rows` are those that were measured.
pub(crate) fn markdown(rows: &[Measured]) -> String {
    let mut table = Table::new(["Vectorizer", "NDCG@10", "macro", "ms a text"], 1);
    for kind in KINDS {
        let row = rows.iter().find(|row| row.run.vectors == kind);
        let cell = |of: &dyn Fn(&Measured) -> Option<String>| {
            row.and_then(of).unwrap_or_else(|| MISSING.to_owned())
        };
        table.row([
            title(kind).to_owned(),
            cell(&|row| Some(spread(row.over_seeds(|report| report.ndcg)))),
            cell(&|row| Some(spread(row.over_seeds(|report| report.ndcg_macro)))),
            cell(&|row| row.facts.vector_ms.map(|ms| format!("{ms:.3}"))),
        ]);
    }
    format!(
        "# Table 3: vectorizers of LightGBM + MultiLabel Classifier\n\nThe last column is the mean \
         CPU time from a text of 400 characters to its vector, tokenising included. A transformer needs a folder with its weights (`--transformer`).\n\n{table}"
    )
}

/// The same as JSON; `null` where nothing was measured.
pub(crate) fn json(rows: &[Measured]) -> Value {
    let row = |kind: VectorKind| {
        let row = rows.iter().find(|row| row.run.vectors == kind);
        json!({
            "vectors": kebab(kind),
            "ndcg": row.map(|row| row.over_seeds(|report| report.ndcg)),
            "ndcg_macro": row.map(|row| row.over_seeds(|report| report.ndcg_macro)),
            "vector_ms": row.and_then(|row| row.facts.vector_ms),
            "seeds": row.map(|row| &row.reports),
        })
    };
    json!(KINDS.map(row))
}
