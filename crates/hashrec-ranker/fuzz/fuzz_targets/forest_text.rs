//! Any model text is refused, or gives finite scores that survive the binary format.
#![no_main]

use hashrec_ranker::Forest;
use libfuzzer_sys::fuzz_target;
use ndarray::Array2;

/// Values that thresholds and categories stumble over.
const VALUES: [f32; 11] =
    [0.0, -0.0, 1.0, -1.0, 31.5, 1e-36, 1e10, f32::MAX, f32::NEG_INFINITY, f32::INFINITY, f32::NAN];

fuzz_target!(|text: &str| {
    let Ok(forest) = Forest::from_lightgbm(text) else { return };
    if forest.features() > 4_096 {
        return;
    }
    let rows = Array2::from_shape_fn((11, forest.features()), |(row, column)| {
        VALUES[(row + 3 * column) % VALUES.len()]
    });
    let again = Forest::read(forest.write().unwrap().into()).unwrap();
    let [first, second] = [forest, again].map(|forest| {
        let mut scores = vec![0.0; rows.nrows()];
        forest.predict(rows.view(), &mut scores).unwrap();
        forest.transform(&mut scores);
        scores
    });
    assert!(first.iter().all(|score| score.is_finite()), "{first:?}");
    assert_eq!(first, second);
});
