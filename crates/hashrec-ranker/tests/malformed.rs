//! What happens when a model was damaged: a typed error that names tree and field, or a forest
//! that still answers; never a panic, a hang or a huge allocation.

use hashrec_ranker::{
    Forest, ModelDefect, Ranker, RankerError,
    ndarray::{Array2, ArrayView2},
};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    model: String,
}

/// A real model's text without the sizes of its trees, so that edits reach the trees.
fn model(name: &str) -> String {
    let path = format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let case: Case = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (head, rest) = case.model.split_once("tree_sizes=").unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    let (trees, _) = rest.split_once("end of trees").unwrap();
    format!("{head}{trees}end of trees\n")
}

/// Changes the value of a field, the first time it appears in tree `tree`.
fn edit(model: &str, tree: usize, field: &str, change: impl Fn(&str) -> String) -> String {
    let start = model.find(&format!("\nTree={tree}\n")).unwrap();
    let at = start + model[start..].find(&format!("\n{field}=")).unwrap() + field.len() + 2;
    let end = at + model[at..].find('\n').unwrap();
    format!("{}{}{}", &model[..at], change(&model[at..end]), &model[end..])
}

/// Replaces value number `position` of an array.
fn put(position: usize, value: &str) -> impl Fn(&str) -> String {
    let value = value.to_owned();
    move |array| {
        let mut values: Vec<&str> = array.split(' ').collect();
        values[position] = &value;
        values.join(" ")
    }
}

fn drop_line(model: &str, tree: usize, field: &str) -> String {
    let marked = edit(model, tree, field, |_| "\u{1}".into());
    let line = format!("{field}=\u{1}\n");
    marked.replacen(&line, "", 1)
}

/// Expects an error in that tree and field and returns the defect.
fn defect(text: &str, tree: usize, field: &str) -> ModelDefect {
    match Forest::from_lightgbm(text) {
        Err(RankerError::Tree { tree: t, field: f, defect }) => {
            assert_eq!((t, f), (tree, field), "{defect}");
            defect
        }
        Err(other) => panic!("{field}: {other}"),
        Ok(_) => panic!("{field}: accepted"),
    }
}

const NEEDED: [&str; 8] = [
    "num_leaves",
    "num_cat",
    "split_feature",
    "threshold",
    "decision_type",
    "left_child",
    "right_child",
    "leaf_value",
];

#[test]
fn the_models_are_fine_before_anything_is_changed() {
    for name in ["binary", "categorical", "one_leaf"] {
        Forest::from_lightgbm(&model(name)).unwrap();
    }
}

#[test]
fn a_missing_or_repeated_field_is_named() {
    let model = model("binary");
    for field in NEEDED {
        let text = drop_line(&model, 2, field);
        assert_eq!(defect(&text, 2, field), ModelDefect::Missing);
        let text = edit(&model, 2, field, |v| format!("{v}\n{field}={v}"));
        assert_eq!(defect(&text, 2, field), ModelDefect::Twice { key: field.to_owned() });
    }
}

#[test]
fn a_wrong_length_is_named() {
    let model = model("binary");
    for field in [
        "split_feature",
        "threshold",
        "decision_type",
        "left_child",
        "right_child",
        "leaf_value",
        "split_gain",
        "internal_value",
        "internal_weight",
        "internal_count",
        "leaf_weight",
        "leaf_count",
    ] {
        let longer = edit(&model, 1, field, |v| format!("{v} 0"));
        assert!(matches!(defect(&longer, 1, field), ModelDefect::Length { .. }));
        let shorter = edit(&model, 1, field, |v| v.split_once(' ').unwrap().1.into());
        assert!(matches!(defect(&shorter, 1, field), ModelDefect::Length { .. }));
        let empty = edit(&model, 1, field, |_| String::new());
        assert!(matches!(defect(&empty, 1, field), ModelDefect::Length { found: 0, .. }));
    }
    let text = edit(&model, 1, "num_leaves", |_| "14".into());
    assert!(matches!(defect(&text, 1, "leaf_value"), ModelDefect::Length { expected: 14, .. }));
}

#[test]
fn what_is_no_number_is_named() {
    let model = model("binary");
    for field in NEEDED {
        let text = edit(&model, 0, field, put(0, "x1"));
        assert!(matches!(defect(&text, 0, field), ModelDefect::Number { position: 0, .. }));
    }
}

#[test]
fn thresholds_must_be_numbers_and_leaves_finite() {
    let model = model("binary");
    let values = ["nan", "-NaN", "inf", "-inf", "1e999"];
    for (field, values) in [("threshold", &values[..2]), ("leaf_value", &values[..])] {
        for value in values {
            let text = edit(&model, 0, field, put(3, value));
            assert_eq!(defect(&text, 0, field), ModelDefect::NotFinite { position: 3 });
        }
    }
}

#[test]
fn absurd_sizes_are_refused_before_anything_is_allocated() {
    let model = model("binary");
    for value in ["0", "-1", "131073", "9223372036854775807"] {
        let text = edit(&model, 0, "num_leaves", |_| value.into());
        assert!(matches!(defect(&text, 0, "num_leaves"), ModelDefect::Range { .. }), "{value}");
    }
    let text = edit(&model, 0, "num_cat", |_| "2000000000".into());
    assert!(matches!(defect(&text, 0, "num_cat"), ModelDefect::Range { .. }));
    let text = model.replacen("max_feature_idx=7", "max_feature_idx=18446744073709551615", 1);
    assert!(matches!(
        Forest::from_lightgbm(&text),
        Err(RankerError::Model { field: "max_feature_idx", .. })
    ));
}

#[test]
fn features_beyond_the_columns_are_refused() {
    let model = model("binary");
    for value in ["8", "-1", "16777216", "4294967296"] {
        let text = edit(&model, 3, "split_feature", put(2, value));
        assert!(matches!(
            defect(&text, 3, "split_feature"),
            ModelDefect::Range { position: 2, minimum: 0, maximum: 7, .. }
        ));
    }
    let text = model.replacen("max_feature_idx=7", "max_feature_idx=6", 1);
    assert!(matches!(
        Forest::from_lightgbm(&text),
        Err(RankerError::Model { field: "feature_names", .. })
    ));
}

#[test]
fn unknown_decision_and_missing_types_are_refused() {
    let model = model("binary");
    for value in ["12", "14", "16", "64", "-1", "128"] {
        let text = edit(&model, 0, "decision_type", put(1, value));
        assert!(matches!(
            defect(&text, 0, "decision_type"),
            ModelDefect::Decision { position: 1, .. }
        ));
    }
}

#[test]
fn children_must_make_a_tree() {
    let model = model("binary");
    for field in ["left_child", "right_child"] {
        for value in ["14", "-16", "2147483647", "-2147483648"] {
            let text = edit(&model, 0, field, put(0, value));
            assert!(matches!(defect(&text, 0, field), ModelDefect::Range { position: 0, .. }));
        }
    }
    // The root below itself.
    let text = edit(&model, 0, "left_child", put(5, "0"));
    assert!(matches!(defect(&text, 0, "left_child"), ModelDefect::Shared { child: 0, .. }));
    // A node below itself, which cuts off what it led to.
    let text = edit(&model, 0, "right_child", put(4, "4"));
    assert!(matches!(defect(&text, 0, "right_child"), ModelDefect::Shared { child: 4, .. }));
    // One leaf twice, another never.
    let text = edit(&edit(&model, 0, "left_child", put(13, "-1")), 0, "right_child", put(13, "-1"));
    let error = Forest::from_lightgbm(&text).unwrap_err();
    assert!(matches!(
        error,
        RankerError::Tree { tree: 0, defect: ModelDefect::Shared { child: -1, .. }, .. }
    ));
    // A cycle apart from the root: a root of two leaves, and nodes that lead to each other.
    let text = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\n\
                feature_names=a\n\nTree=0\nnum_leaves=4\nnum_cat=0\nsplit_feature=0 0 0\n\
                threshold=1 2 3\ndecision_type=8 8 8\nleft_child=-1 2 1\nright_child=-2 -3 -4\n\
                leaf_value=1 2 3 4\n\nend of trees\n";
    assert!(matches!(
        defect(text, 0, "left_child"),
        ModelDefect::Unreachable { what: "node", position: 1 }
    ));
}

#[test]
fn category_sets_must_fit_the_splits() {
    let model = model("categorical");
    let text = edit(&model, 0, "num_cat", |_| "0".into());
    assert!(matches!(defect(&text, 0, "threshold"), ModelDefect::NoSet { sets: 0, .. }));
    let text = edit(&model, 0, "num_cat", |_| "1".into());
    assert!(matches!(defect(&text, 0, "cat_boundaries"), ModelDefect::Length { .. }));
    for value in ["2", "-1", "0.5", "1", "1e300"] {
        let text = edit(&model, 0, "threshold", put(0, value));
        let found = defect(&text, 0, "threshold");
        let known = match value {
            "1" => matches!(found, ModelDefect::SharedSet { set: 1, .. }),
            _ => matches!(found, ModelDefect::NoSet { position: 0, .. }),
        };
        assert!(known, "{value}: {found}");
    }
    for value in ["1 3 6", "0 0 6", "0 6 3"] {
        let text = edit(&model, 0, "cat_boundaries", |_| value.into());
        assert_eq!(defect(&text, 0, "cat_boundaries"), ModelDefect::Offsets);
    }
    let text = edit(&model, 0, "cat_boundaries", |_| "0 3 5000000000".into());
    assert!(matches!(defect(&text, 0, "cat_boundaries"), ModelDefect::Range { .. }));
    let text = edit(&model, 0, "cat_boundaries", |_| "0 3 4000000000".into());
    assert!(matches!(defect(&text, 0, "cat_threshold"), ModelDefect::Length { .. }));
    let text = edit(&model, 0, "cat_threshold", put(0, "4294967296"));
    assert!(matches!(defect(&text, 0, "cat_threshold"), ModelDefect::Range { .. }));
    // A set without a split: node 0 turns numerical.
    let text = edit(&model, 0, "decision_type", put(0, "8"));
    assert_eq!(defect(&text, 0, "num_cat"), ModelDefect::UnusedSet { set: 0 });
}

#[test]
fn what_is_not_served_is_said_to_be_unsupported() {
    let model = model("binary");
    let unsupported = |text: &str| match Forest::from_lightgbm(text) {
        Err(RankerError::Unsupported { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    assert!(unsupported(&edit(&model, 0, "is_linear", |_| "1".into())).contains("linear"));
    assert!(unsupported(&model.replacen("version=v4", "version=v3", 1)).contains("v3"));
    assert!(unsupported(&model.replacen("num_class=1", "num_class=3", 1)).contains("num_class"));
    for objective in ["multiclass num_class:3", "poisson", "regression sqrt", "cross_entropy"] {
        let text = model.replacen("binary sigmoid:1", objective, 1);
        assert!(unsupported(&text).contains(objective.split(' ').next().unwrap()));
    }
}

#[test]
fn a_wrong_head_is_named() {
    let model = model("binary");
    let field = |text: &str| match Forest::from_lightgbm(text) {
        Err(RankerError::Model { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(""), "tree");
    assert_eq!(field("tree\n"), "version");
    assert_eq!(field(&model.replacen("num_class=1", "num_class=one", 1)), "num_class");
    assert_eq!(field(&model.replacen("sigmoid:1", "sigmoid:-1", 1)), "objective");
    assert_eq!(field(&model.replacen("sigmoid:1", "sigmoid:nan", 1)), "objective");
    assert_eq!(field(&model.replacen("Tree=1", "Tree=2", 1)), "Tree");
    assert_eq!(field(&model.replacen("end of trees", "", 1)), "end of trees");
    assert_eq!(field(&model.replacen("\n\n", "\ntree_sizes=1 2\n\n", 1)), "tree_sizes");
    let head = model.split_once("\nTree=0").unwrap().0;
    assert_eq!(field(&format!("{head}\nend of trees\n")), "Tree");
    assert_eq!(field(&model.replacen("label_index=0", "label_index=0\nversion=v4", 1)), "head");
}

#[test]
fn every_truncation_of_a_text_is_an_error() {
    let model = model("stumps");
    let end = model.find("end of trees").unwrap();
    for len in (0..end + "end of trees".len()).filter(|&len| model.is_char_boundary(len)) {
        assert!(Forest::from_lightgbm(&model[..len]).is_err(), "cut at {len}");
    }
}

/// A forest that was accepted answers, whatever it is asked.
fn ask(forest: &Forest) {
    let width = forest.features().min(1 << 16);
    if width == forest.features() {
        let values = [0.0, f32::NAN, -1e30, 1e30, f32::INFINITY, 33.0, -0.5, 1e-36, 2e9];
        let rows: Vec<f32> = (0..width * 11).map(|i| values[i % values.len()]).collect();
        let rows = ArrayView2::from_shape((11, width), &rows).unwrap();
        forest.predict(rows, &mut [0.0; 11]).unwrap();
    }
}

#[test]
fn every_truncation_and_every_flipped_byte_of_a_part() {
    for name in ["categorical_onehot", "one_leaf"] {
        let forest = Forest::from_lightgbm(&model(name)).unwrap();
        let names = (0..forest.features()).map(|i| format!("f{i}")).collect();
        let ranker = Ranker::new(forest, names, 1).unwrap();
        let whole = ranker.write().unwrap();
        assert_eq!(whole, Ranker::read(whole.clone().into()).unwrap().write().unwrap());
        for len in 0..whole.len() {
            assert!(Ranker::read(whole[..len].to_vec().into()).is_err(), "cut at {len}");
        }
        for at in 0..whole.len() {
            for mask in [0xff, 0x01, 0x80] {
                let mut bytes = whole.clone();
                bytes[at] ^= mask;
                if let Ok(ranker) = Ranker::read(bytes.into()) {
                    ask(ranker.forest());
                }
            }
        }
    }
}

#[test]
fn rows_of_another_size_are_refused() {
    let forest = Forest::from_lightgbm(&model("binary")).unwrap();
    let rows = |count, columns| Array2::<f32>::zeros((count, columns));
    let mut out = [0.0; 2];
    assert!(matches!(
        forest.predict(rows(2, 7).view(), &mut out),
        Err(RankerError::Shape { expected: 8, found: 7, .. })
    ));
    assert!(matches!(
        forest.predict(rows(3, 8).view(), &mut out),
        Err(RankerError::Shape { expected: 2, found: 3, .. })
    ));
    forest.predict(rows(0, 8).view(), &mut []).unwrap();
    let names = |n| (0..n).map(|i| format!("f{i}")).collect::<Vec<_>>();
    assert!(Ranker::new(forest.clone(), names(7), 1).is_err());
    let ranker = Ranker::new(forest, names(8), 3).unwrap();
    assert!(ranker.score(rows(2, 9).view(), &mut Vec::new()).is_err());
    let mut scores = vec![1.0; 7];
    ranker.score(rows(2, 8).view(), &mut scores).unwrap();
    assert_eq!(scores.len(), 2);
}

#[test]
fn other_features_are_named() {
    let forest = Forest::from_lightgbm(&model("binary")).unwrap();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let ranker = Ranker::new(forest, names.map(str::to_owned).to_vec(), 3).unwrap();
    ranker.expect_features(&names).unwrap();
    ranker.expect_schema_version(3).unwrap();
    assert!(matches!(
        ranker.expect_schema_version(4),
        Err(RankerError::Schema { expected: 4, found: 3 })
    ));
    let first = |names: &[&str]| match ranker.expect_features(names) {
        Err(RankerError::Features { position, expected, found }) => (position, expected, found),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        first(&["a", "x", "c", "d", "e", "f", "g", "h"]),
        (1, Some("b".into()), Some("x".into()))
    );
    assert_eq!(first(&names[..7]), (7, Some("h".into()), None));
    assert_eq!(first(&[&names[..], &["i"]].concat()), (8, None, Some("i".into())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_panics(text in "(tree\n)?[ -~\n]{0,200}") {
        let _ = Forest::from_lightgbm(&text);
    }

    #[test]
    fn no_damage_to_a_text_panics(
        edits in proptest::collection::vec((0.0..1.0_f64, "[ -~\n]{0,3}", 0_usize..4), 1..6),
    ) {
        let mut text = model("categorical_onehot");
        for (place, insert, drop) in edits {
            let at = (place * text.len() as f64) as usize;
            let end = (at + drop).min(text.len());
            text.replace_range(at..end, &insert);
        }
        if let Ok(forest) = Forest::from_lightgbm(&text) {
            ask(&forest);
            ask(&Forest::read(forest.write().unwrap().into()).unwrap());
        }
    }

    #[test]
    fn no_damage_to_a_part_panics(
        edits in proptest::collection::vec((0.0..1.0_f64, any::<u8>()), 1..8),
    ) {
        let mut bytes = Forest::from_lightgbm(&model("categorical")).unwrap().write().unwrap();
        let len = bytes.len();
        for (place, byte) in edits {
            bytes[(place * len as f64) as usize] = byte;
        }
        if let Ok(forest) = Forest::read(bytes.into()) {
            ask(&forest);
        }
    }
}
