//! Any part is refused, or gives finite scores.
#![no_main]

use hashrec_ranker::Forest;
use libfuzzer_sys::fuzz_target;
use ndarray::Array2;

fuzz_target!(|bytes: &[u8]| {
    let Ok(forest) = Forest::read(bytes.to_vec().into()) else { return };
    if forest.features() > 4_096 {
        return;
    }
    let values = [0.0, 1.0, -1.0, f32::MAX, f32::NEG_INFINITY, f32::INFINITY, f32::NAN];
    let rows = Array2::from_shape_fn((7, forest.features()), |(row, column)| {
        values[(row + 3 * column) % values.len()]
    });
    let mut scores = vec![0.0; rows.nrows()];
    forest.predict(rows.view(), &mut scores).unwrap();
    forest.transform(&mut scores);
    assert!(scores.iter().all(|score| score.is_finite()), "{scores:?}");
});
