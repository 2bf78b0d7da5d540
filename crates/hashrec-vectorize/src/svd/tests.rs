use hashrec_tokenize::Tokens;
use proptest::prelude::*;

use super::*;

fn tokens(words: &[&str]) -> Tokens {
    let mut tokens = Tokens::default();
    words.iter().for_each(|word| tokens.push(word, 0..0));
    tokens
}

fn numbered(posts: &[Vec<u8>]) -> Vec<Tokens> {
    posts
        .iter()
        .map(|words| {
            let mut tokens = Tokens::default();
            words.iter().for_each(|word| tokens.push(&word.to_string(), 0..0));
            tokens
        })
        .collect()
}

fn fit(posts: &[Tokens], dim: usize) -> TfIdfSvd {
    TfIdfSvd::fit(posts, &TfIdfSvdParams::default().with_dim(dim)).unwrap()
}

fn small() -> Vec<Tokens> {
    [&["a", "b", "b"][..], &["a", "c"], &["c", "d", "a"], &["d", "e"], &["b", "e"]]
        .map(tokens)
        .to_vec()
}

/// Many posts of three topics, each word of its topic more or less often.
fn topics() -> Vec<Tokens> {
    let posts: Vec<Vec<u8>> = (0..120u32)
        .map(|post| (0..15).map(|i| ((post % 3) * 20 + (post * 7 + i * i) % 23) as u8).collect())
        .collect();
    numbered(&posts)
}

fn vector(svd: &TfIdfSvd, tokens: &Tokens) -> Vec<f32> {
    let mut out = vec![f32::NAN; svd.dim()];
    svd.vectorize(tokens, &mut out);
    out
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

fn component(svd: &TfIdfSvd, index: usize) -> Vec<f32> {
    (0..svd.tfidf().dim()).map(|column| svd.loadings(column as u32)[index]).collect()
}

fn check_orthonormal(svd: &TfIdfSvd) {
    for i in 0..svd.components() {
        let a = component(svd, i);
        for j in 0..=i {
            let expected = f64::from(u8::from(i == j));
            assert!((dot(&a, &component(svd, j)) - expected).abs() < 1e-5, "{i}, {j}");
        }
        // The first among equals: `max_by` returns the last.
        let largest = a.iter().rev().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap();
        assert!(largest > 0.0);
    }
}

#[test]
fn a_whole_space_keeps_the_angles() {
    let posts = small();
    let svd = fit(&posts, 5);
    assert_eq!((svd.dim(), svd.components()), (5, 5));
    let tfidf = |tokens: &Tokens| {
        let features: Vec<u64> = tokens.texts().map(word_feature).collect();
        let mut vector = SparseVector::default();
        svd.tfidf().transform(&features, &mut vector);
        vector
    };
    for a in &posts {
        for b in &posts {
            let expected = f64::from(tfidf(a).dot(&tfidf(b)));
            assert!((dot(&vector(&svd, a), &vector(&svd, b)) - expected).abs() < 1e-5);
        }
    }
    // The squares of the singular values add up to the squares of the matrix: a one for each post.
    assert!((dot(svd.singular_values(), svd.singular_values()) - 5.0).abs() < 1e-4);
    let explained: f32 = svd.explained_variance_ratio().iter().sum();
    assert!((explained - 1.0).abs() < 1e-4, "{explained}");
}

#[test]
fn a_vector_is_the_scaled_projection() {
    let svd = fit(&topics(), 10);
    let text = tokens(&["1", "2", "2", "25", "unknown"]);
    let features: Vec<u64> = text.texts().map(word_feature).collect();
    let mut tfidf = SparseVector::default();
    svd.tfidf().transform(&features, &mut tfidf);
    let projection: Vec<f32> = (0..svd.components())
        .map(|k| tfidf.iter().map(|(column, w)| w * svd.loadings(column)[k]).sum())
        .collect();
    let length = dot(&projection, &projection).sqrt();
    for (found, p) in vector(&svd, &text).iter().zip(&projection) {
        assert!((f64::from(*found) - f64::from(*p) / length).abs() < 1e-6);
    }
}

#[test]
fn the_order_of_posts_and_the_seed_hardly_matter() {
    let posts = topics();
    let mut turned = posts.clone();
    turned.reverse();
    let svd = fit(&posts, 3);
    assert_eq!(svd.write().unwrap(), fit(&posts, 3).write().unwrap());
    let params = TfIdfSvdParams::default().with_dim(3).with_iterations(30);
    let reference = TfIdfSvd::fit(&posts, &params).unwrap();
    let seeded = TfIdfSvd::fit(&posts, &params.clone().with_seed(9)).unwrap();
    let reversed = TfIdfSvd::fit(&turned, &params).unwrap();
    for other in [&svd, &seeded, &reversed] {
        for post in &posts {
            for (a, b) in vector(&reference, post).iter().zip(vector(other, post)) {
                assert!((a - b).abs() < 1e-3, "{a} {b}");
            }
        }
    }
}

#[test]
fn directions_that_a_small_collection_lacks_are_zero() {
    let two = [tokens(&["a", "b"]), tokens(&["a", "b"]), tokens(&["c"])];
    let svd = fit(&two, 300);
    assert_eq!((svd.dim(), svd.components()), (300, 2));
    check_orthonormal(&svd);
    let vector = vector(&svd, &two[0]);
    assert!((dot(&vector, &vector) - 1.0).abs() < 1e-6);
    assert!(vector[2..].iter().all(|&v| v == 0.0));
}

#[test]
fn an_empty_collection_gives_zeros() {
    for posts in [&[][..], &[Tokens::default()], &[Tokens::default(), Tokens::default()]] {
        let svd = fit(posts, 4);
        assert_eq!(svd.components(), 0);
        assert!(svd.explained_variance_ratio().is_empty() && svd.loadings(0).is_empty());
        assert_eq!(vector(&svd, &tokens(&["a"])), [0.0; 4]);
        assert_eq!(TfIdfSvd::read(svd.write().unwrap().into()).unwrap(), svd);
    }
    let equal = [tokens(&["a"]), tokens(&["a"])];
    assert_eq!(fit(&equal, 4).explained_variance_ratio(), [0.0]);
}

#[test]
fn unknown_words_become_zeros_and_any_length_is_filled() {
    let svd = fit(&topics(), 4);
    assert_eq!(vector(&svd, &tokens(&["unknown"])), [0.0; 4]);
    assert_eq!(vector(&svd, &Tokens::default()), [0.0; 4]);
    let text = tokens(&["1", "2"]);
    let whole = vector(&svd, &text);
    let (mut long, mut short) = ([f32::NAN; 6], [f32::NAN; 2]);
    svd.vectorize(&text, &mut long);
    svd.vectorize(&text, &mut short);
    assert_eq!((&long[..4], &long[4..]), (&whole[..], &[0.0; 2][..]));
    assert_eq!(short, whole[..2]);
    assert!(svd.loadings(u32::MAX).is_empty());
}

#[test]
fn survives_writing_and_any_damage() {
    let svd = fit(&small(), 3);
    let whole = svd.write().unwrap();
    assert_eq!(TfIdfSvd::read(whole.clone().into()).unwrap(), svd);
    for len in 0..whole.len() {
        assert!(TfIdfSvd::read(whole[..len].to_vec().into()).is_err());
    }
    let text = tokens(&["a", "b", "d"]);
    for at in 0..whole.len() {
        for flip in [0x01, 0x55, 0x80] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            if let Ok(svd) = TfIdfSvd::read(bytes.into()) {
                let vector = vector(&svd, &text);
                assert!(vector.iter().all(|v| v.is_finite()));
                assert!(dot(&vector, &vector) < 1.0 + 1e-5);
            }
        }
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    let svd = fit(&small(), 2);
    let with = |values: [f32; 2]| Table::from(values.to_vec());
    let mut components = svd.components.to_vec();
    components[3] = f32::NAN;
    for (broken, table) in [
        (TfIdfSvd { components: components.into(), ..svd.clone() }, "components"),
        (TfIdfSvd { singular_values: with([1.0, -1.0]), ..svd.clone() }, "singular_values"),
        (
            TfIdfSvd { singular_values: with([f32::INFINITY, 1.0]), ..svd.clone() },
            "singular_values",
        ),
        (
            TfIdfSvd { explained_variance_ratio: with([0.1, 2.0]), ..svd.clone() },
            "explained_variance_ratio",
        ),
        (TfIdfSvd { dim: 1, ..svd.clone() }, "singular_values"),
        (TfIdfSvd { dim: usize::MAX, ..svd.clone() }, "singular_values"),
    ] {
        let VectorizeError::Storage { source } =
            TfIdfSvd::read(broken.write().unwrap().into()).unwrap_err()
        else {
            panic!("expected a storage error");
        };
        assert!(source.to_string().contains(table), "{source}");
    }
}

#[test]
fn parameters_are_checked_first() {
    let params = TfIdfSvdParams::default().with_dim(0);
    assert!(matches!(
        TfIdfSvd::fit(&small(), &params),
        Err(VectorizeError::Parameter { name: "dim", .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_collection_gives_an_orthonormal_space(
        posts in prop::collection::vec(prop::collection::vec(0u8..60, 0..12), 0..70),
        dim in 1usize..40,
        iterations in 0usize..4,
    ) {
        let posts = numbered(&posts);
        let params = TfIdfSvdParams::default().with_dim(dim).with_iterations(iterations);
        let svd = TfIdfSvd::fit(&posts, &params).unwrap();
        prop_assert!(svd.components() <= dim.min(posts.len()).min(svd.tfidf().dim()));
        check_orthonormal(&svd);
        prop_assert!(svd.singular_values().is_sorted_by(|a, b| a >= b));
        prop_assert!(svd.explained_variance_ratio().iter().sum::<f32>() < 1.0 + 1e-4);
        for post in &posts {
            let vector = vector(&svd, post);
            let length = dot(&vector, &vector);
            prop_assert!(length == 0.0 || (length - 1.0).abs() < 1e-5);
        }
        prop_assert_eq!(TfIdfSvd::read(svd.write().unwrap().into()).unwrap(), svd);
    }
}
