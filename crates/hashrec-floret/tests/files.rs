//! Whatever stands in a file, reading it gives a table that can be used, or a typed error.

use hashrec_floret::{FloretError, FloretTable};
use proptest::prelude::*;

/// Reads a part and uses what was read.
fn use_part(bytes: Vec<u8>) -> Result<(), FloretError> {
    let table = FloretTable::read(bytes.into())?;
    let mut vector = vec![0.0; table.dim()];
    for word in ["", "新機能", "word", "a much longer word than all the others"] {
        table.word_vector(word, &mut vector);
        assert!(vector.iter().all(|v| v.is_finite()), "{word}");
    }
    Ok(())
}

fn small() -> FloretTable {
    let text = "3 2 2 4 2 2166136261 < >\n0 1 -0.5\n1 0.25 1e-05\n2 3 4\n";
    FloretTable::read_text(text.as_bytes()).unwrap()
}

#[test]
fn every_truncation_and_every_flipped_bit_is_an_error_or_a_usable_table() {
    let whole = small().write().unwrap();
    use_part(whole.clone()).unwrap();
    for len in 0..whole.len() {
        assert!(use_part(whole[..len].to_vec()).is_err(), "cut at {len}");
    }
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            let _ = use_part(bytes);
        }
        let mut bytes = whole.clone();
        bytes[at] = !bytes[at];
        let _ = use_part(bytes);
    }
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    let whole = small().write().unwrap();
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e31] {
        let mut bytes = whole.clone();
        let at = bytes.len() - 4;
        bytes[at..].copy_from_slice(&bad.to_le_bytes());
        assert!(matches!(FloretTable::read(bytes.into()), Err(FloretError::Storage(_))));
    }
}

#[test]
fn a_header_that_does_not_fit_its_table_is_refused() {
    let whole = String::from_utf8_lossy(&small().write().unwrap()[..200]).into_owned();
    for (from, to) in [
        (r#"\"dim\":2"#, r#"\"dim\":3"#),
        (r#"\"bucket\":3"#, r#"\"bucket\":4"#),
        (r#"\"bucket\":3"#, r#"\"bucket\":0"#),
        (r#"\"hash_count\":2"#, r#"\"hash_count\":9"#),
    ] {
        let mut bytes = small().write().unwrap();
        let at = whole.find(from).unwrap();
        bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
        assert!(FloretTable::read(bytes.into()).is_err(), "{to}");
    }
}

fn tables() -> impl Strategy<Value = FloretTable> {
    let shape = (1usize..20, 1usize..8, 1u32..4, 0u32..4, 1u32..=4, any::<u32>());
    shape.prop_flat_map(|(bucket, dim, min_n, more, hash_count, seed)| {
        proptest::collection::vec(-1e30f32..1e30, bucket * dim).prop_map(move |values| {
            let max_n = min_n + more;
            let mut text = format!("{bucket} {dim} {min_n} {max_n} {hash_count} {seed} < >\n");
            for (i, row) in values.chunks(dim).enumerate() {
                let row: Vec<String> = row.iter().map(f32::to_string).collect();
                text.push_str(&format!("{i} {}\n", row.join(" ")));
            }
            FloretTable::read_text(text.as_bytes()).unwrap()
        })
    })
}

proptest! {
    #[test]
    fn any_string_has_a_finite_vector(table in tables(), word in any::<String>(), n in 0usize..99) {
        let mut vector = vec![f32::NAN; table.dim()];
        for word in [word.clone(), word.repeat(n)] {
            table.word_vector(&word, &mut vector);
            prop_assert!(vector.iter().all(|v| v.is_finite()));
        }
    }

    #[test]
    fn both_formats_give_back_the_same_table(table in tables()) {
        let bytes = table.write().unwrap();
        prop_assert_eq!(&bytes, &table.write().unwrap());
        prop_assert_eq!(&FloretTable::read(bytes.into()).unwrap(), &table);
        let mut text = Vec::new();
        table.write_text(&mut text).unwrap();
        prop_assert_eq!(&FloretTable::read_text(&text[..]).unwrap(), &table);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = FloretTable::read_text(&bytes[..]);
        let _ = use_part(bytes);
    }

    #[test]
    fn no_text_panics(text in "[0-9 .e<>a\n-]{0,200}") {
        let _ = FloretTable::read_text(text.as_bytes());
        let _ = FloretTable::read_text(format!("2 3 3 5 2 1 < >\n{text}").as_bytes());
    }
}
