//! The forest against LightGBM itself, through the independent crate `lightgbm3`, on rows and on models
//! that nobody chose.

use hashrec_ranker::{Forest, ndarray::ArrayView2};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    model: String,
    features: usize,
}

/// Values that are near, at or far beyond the places where comparisons are delicate.
const DELICATE: [f32; 16] = [
    f32::NAN,
    0.0,
    -0.0,
    1e-35,
    -1e-35,
    1e-40,
    -1e-40,
    1e30,
    -1e30,
    -0.5,
    -1.0,
    39.5,
    40.0,
    64.0,
    2e9,
    f32::INFINITY,
];

/// Rows of ordinary values on very different scales, categories and delicate values, row-major.
fn rows(rng: &mut Pcg64Mcg, count: usize, features: usize) -> Vec<f32> {
    let value = |at: usize| match rng.random_range(0..10) {
        0..3 => DELICATE[rng.random_range(0..DELICATE.len())],
        3..5 => rng.random_range(0..70_u8).into(),
        _ => (rng.random::<f32>() - 0.5) * 10_f32.powi((at % features) as i32 % 9 - 4),
    };
    (0..count * features).map(value).collect()
}

/// Compares raw and transformed scores of the model with LightGBM's.
fn assert_agrees(name: &str, model: &str, rows: &[f32], features: usize) {
    let forest = Forest::from_lightgbm(model).unwrap_or_else(|error| panic!("{name}: {error}"));
    let lightgbm = lightgbm3::Booster::from_string(model).unwrap();
    let (raw, predicted) = (
        lightgbm.raw_scores_with_params(rows, features as i32, true, "num_threads=1").unwrap(),
        lightgbm.predict_with_params(rows, features as i32, true, "num_threads=1").unwrap(),
    );
    let rows = ArrayView2::from_shape((rows.len() / features, features), rows).unwrap();
    let mut scores = vec![f64::NAN; rows.nrows()];
    let close = |what, ours: &[f64], theirs: &[f64]| {
        assert_eq!(ours.len(), theirs.len());
        for (row, (a, b)) in ours.iter().zip(theirs).enumerate() {
            let difference = (a - b).abs() / b.abs().max(1.0);
            assert!(difference <= 1e-12, "{name}, {what}, row {row}: {a} for {b}");
        }
    };
    forest.predict(rows, &mut scores).unwrap();
    close("raw", &scores, &raw);
    forest.transform(&mut scores);
    close("predicted", &scores, &predicted);
}

#[test]
fn trained_models_agree_on_random_rows() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let mut models = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let case: Case = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let rows = rows(&mut rng, 1003, case.features);
            assert_agrees(&path.display().to_string(), &case.model, &rows, case.features);
            models += 1;
        }
    }
    assert!(models >= 13, "only {models} golden files");
}

/// Text of a model whose trees have random shapes and splits of every kind.
fn random_model(rng: &mut Pcg64Mcg, features: usize) -> String {
    let trees = (0..rng.random_range(1..8)).map(|number| random_tree(rng, number, features));
    let trees = trees.collect::<String>();
    let list = |value: fn(usize) -> String| (0..features).map(value).collect::<Vec<_>>().join(" ");
    format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n\
         max_feature_idx={}\nobjective={}\n{}feature_names={}\nfeature_infos={}\n\n\
         {trees}end of trees\n",
        features - 1,
        ["binary sigmoid:0.7", "lambdarank", "regression"][rng.random_range(0..3)],
        ["", "average_output\n"][rng.random_range(0..2)],
        list(|column| format!("f{column}")),
        list(|_| "[-1e30:1e30]".to_owned()),
    )
}

fn random_tree(rng: &mut Pcg64Mcg, number: usize, features: usize) -> String {
    let splits = rng.random_range(1..40);
    // Children start as leaves; each new split takes the place of a random leaf.
    let mut children = vec![[-1_i32, -2]];
    for node in 1..splits {
        let leaf = -1 - rng.random_range(0..=node);
        let place = children.iter_mut().flatten().find(|child| **child == leaf).unwrap();
        *place = node;
        children.push([leaf, -2 - node]);
    }
    let (mut thresholds, mut decisions) = (Vec::new(), Vec::new());
    let (mut bounds, mut words) = (vec![0], Vec::new());
    for _ in 0..splits {
        if rng.random_range(0..4) == 0 {
            thresholds.push((bounds.len() - 1).to_string());
            decisions.push("1".to_owned());
            words.extend((0..rng.random_range(1..4)).map(|_| rng.random::<u32>().to_string()));
            bounds.push(words.len());
        } else {
            let scale = 10_f64.powi(rng.random_range(-38..5));
            let threshold =
                [0.0, 1e-36, -1e-36, f64::INFINITY, (rng.random::<f64>() - 0.5) * scale]
                    [rng.random_range(0..5)];
            thresholds.push(threshold.to_string());
            // Missing type (none, zero, NaN) and default direction.
            decisions.push((4 * rng.random_range(0..3) + 2 * rng.random_range(0..2)).to_string());
        }
    }
    let join = |values: &[String]| values.join(" ");
    let child =
        |side: usize| join(&children.iter().map(|c| c[side].to_string()).collect::<Vec<_>>());
    let columns: Vec<String> =
        (0..splits).map(|_| rng.random_range(0..features).to_string()).collect();
    let values: Vec<String> = (0..=splits).map(|_| rng.random::<f64>().to_string()).collect();
    let sets = match bounds.len() - 1 {
        0 => String::new(),
        _ => {
            let bounds: Vec<String> = bounds.iter().map(usize::to_string).collect();
            format!("cat_boundaries={}\ncat_threshold={}\n", join(&bounds), join(&words))
        }
    };
    format!(
        "Tree={number}\nnum_leaves={}\nnum_cat={}\nsplit_feature={}\nthreshold={}\n\
         decision_type={}\nleft_child={}\nright_child={}\nleaf_value={}\n{sets}is_linear=0\n\
         shrinkage=1\n\n\n",
        splits + 1,
        bounds.len() - 1,
        join(&columns),
        join(&thresholds),
        join(&decisions),
        child(0),
        child(1),
        join(&values),
    )
}

#[test]
fn random_models_agree_on_random_rows() {
    for seed in 0..300 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let features = rng.random_range(1..12);
        let model = random_model(&mut rng, features);
        let rows = rows(&mut rng, 203, features);
        assert_agrees(&format!("seed {seed}"), &model, &rows, features);
    }
}
