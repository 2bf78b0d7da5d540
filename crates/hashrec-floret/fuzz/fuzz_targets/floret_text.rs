//! Any `.floret` text is refused, or gives finite vectors that survive both formats.
#![no_main]

use hashrec_floret::FloretTable;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(table) = FloretTable::read_text(bytes) else { return };
    let mut text = Vec::new();
    table.write_text(&mut text).unwrap();
    let tables = [
        FloretTable::read_text(text.as_slice()).unwrap(),
        FloretTable::read(table.write().unwrap().into()).unwrap(),
    ];
    for words in [&["", "新機能"][..], &["a", "longer word", "\u{0}\u{301}"]] {
        let mean = table.mean_vector(words);
        assert!(mean.iter().all(|value| value.is_finite()), "{mean:?}");
        tables.iter().for_each(|other| assert_eq!(other.mean_vector(words), mean));
        assert!(table.sentence_vector(words).iter().all(|value| value.is_finite()));
    }
});
