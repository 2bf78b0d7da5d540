//! Vectors agree with floret's own, on a table that floret trained.

use hashrec_floret::FloretTable;

const TOLERANCE: f32 = 1e-6;

fn table() -> FloretTable {
    FloretTable::read_text(&include_bytes!("golden/table.floret")[..]).unwrap()
}

fn words() -> Vec<(String, Vec<f32>)> {
    serde_json::from_str(include_str!("golden/words.json")).unwrap()
}

fn assert_close(word: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= TOLERANCE, "{word:?}: {found} {expected}");
    }
}

#[test]
fn a_thousand_words_have_the_vectors_floret_gives_them() {
    let table = table();
    let words = words();
    assert_eq!(words.len(), 1000);
    let mut vector = vec![0.0; table.dim()];
    for (word, expected) in &words {
        table.word_vector(word, &mut vector);
        assert_close(word, &vector, expected);
        vector.fill(0.0);
        table.add_word_vector(word, 1.0, &mut vector);
        assert_close(word, &vector, expected);
    }
}

#[test]
fn the_binary_form_gives_the_same_vectors() {
    let table = FloretTable::read(table().write().unwrap().into()).unwrap();
    let mut vector = vec![0.0; table.dim()];
    for (word, expected) in &words() {
        table.word_vector(word, &mut vector);
        assert_close(word, &vector, expected);
    }
}

#[test]
fn means_are_over_words() {
    let table = table();
    let words = words();
    let some = &words[..7];
    let mean: Vec<f32> =
        (0..table.dim()).map(|i| some.iter().map(|(_, v)| v[i]).sum::<f32>() / 7.0).collect();
    assert_close("mean", &table.mean_vector(some.iter().map(|(word, _)| word)), &mean);

    let unit = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
    let mean: Vec<f32> = (0..table.dim())
        .map(|i| some.iter().map(|(_, v)| v[i] / unit(v)).sum::<f32>() / 7.0)
        .collect();
    assert_close("unit", &table.sentence_vector(some.iter().map(|(word, _)| word)), &mean);

    assert_eq!(table.mean_vector([""; 0]), vec![0.0; table.dim()]);
    assert_eq!(table.sentence_vector([""; 0]), vec![0.0; table.dim()]);
}

#[test]
fn a_vector_of_another_length_is_cut_or_filled_with_zeros() {
    let table = table();
    let mut exact = vec![0.0; table.dim()];
    table.word_vector("新機能", &mut exact);
    let (mut short, mut long) = (vec![9.0; 3], vec![9.0; table.dim() + 2]);
    table.word_vector("新機能", &mut short);
    table.word_vector("新機能", &mut long);
    assert_eq!(short, exact[..3]);
    assert_eq!(long[..table.dim()], exact);
    assert_eq!(long[table.dim()..], [0.0, 0.0]);
    table.word_vector("新機能", &mut []);
}
