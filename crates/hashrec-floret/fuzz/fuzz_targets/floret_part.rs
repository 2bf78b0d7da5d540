//! Any part is refused, or gives finite vectors.
#![no_main]

use hashrec_floret::FloretTable;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(table) = FloretTable::read(bytes.to_vec().into()) else { return };
    let mut vector = vec![0.0; table.dim()];
    for word in ["", "新機能", "a longer word than the others"] {
        table.word_vector(word, &mut vector);
        assert!(vector.iter().all(|value| value.is_finite()), "{word}");
    }
});
