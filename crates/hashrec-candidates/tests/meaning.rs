//! Candidates by meaning: what odd input does, and what a part keeps.
#![cfg(feature = "train")]

use hashrec_candidates::{
    CandidatesError, MeaningInput, MeaningLoo, MeaningModel, MeaningParams, MeaningScores,
    MeaningStore, MeaningStoreBuilder,
};
use hashrec_data::{CommunityId, HashtagId};
use proptest::prelude::*;

const DIM: usize = 3;

/// The vector of a text followed by that of its title, and hashtags.
type Post = ([f32; 2 * DIM], Vec<HashtagId>);

fn post(text: [f32; DIM], title: [f32; DIM], gold: &[u32]) -> Post {
    let mut both = [0.0; 2 * DIM];
    both[..DIM].copy_from_slice(&text);
    both[DIM..].copy_from_slice(&title);
    (both, gold.iter().copied().map(HashtagId).collect())
}

const X: [f32; DIM] = [1.0, 0.0, 0.0];
const Y: [f32; DIM] = [0.0, 1.0, 0.0];
const Z: [f32; DIM] = [0.0, 0.0, 1.0];
const XY: [f32; DIM] = [0.6, 0.8, 0.0];

/// Bread, butter, and news of both.
fn bakery() -> Vec<Post> {
    vec![post(X, X, &[0]), post(XY, X, &[0]), post(Y, XY, &[1, 1]), post(Z, Z, &[2])]
}

/// Ten posts, more than there are features.
fn many() -> Vec<Post> {
    let (a, b) = (bakery(), [post(Z, Z, &[2]), post(Y, Y, &[1])]);
    a.iter().chain(&a).chain(&b).cloned().collect()
}

fn names(hashtags: usize) -> Vec<f32> {
    [X, Y, Z, XY].iter().cycle().take(hashtags).flatten().copied().collect()
}

fn inputs(posts: &[Post]) -> Vec<MeaningInput<'_>> {
    posts.iter().map(|(vector, gold)| MeaningInput { vector, gold }).collect()
}

fn fit(posts: &[Post], hashtags: usize) -> (MeaningModel, MeaningLoo) {
    let every: Vec<u32> = (0..posts.len() as u32).collect();
    let names = names(hashtags);
    let params = MeaningParams::default();
    MeaningModel::fit(&inputs(posts), (&names, hashtags), &params, &every, 1).unwrap()
}

/// Every number of the scores, which are one per hashtag of each kind.
fn numbers(scores: &MeaningScores, hashtags: usize) -> Vec<f32> {
    let kinds = [
        &scores.linear,
        &scores.nearest,
        &scores.nearest_best,
        &scores.centroid,
        &scores.text_name,
        &scores.title_name,
    ];
    assert!(kinds.iter().all(|kind| kind.len() == hashtags), "{scores:?}");
    let all = kinds.into_iter().flatten().chain(&scores.cosines).copied();
    all.chain([scores.nearest_max]).collect()
}

fn are_finite(scores: &MeaningScores, hashtags: usize) -> bool {
    numbers(scores, hashtags).iter().all(|number| number.is_finite())
}

fn best(scores: &[f32]) -> usize {
    (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap()
}

#[test]
fn a_post_gets_the_hashtags_of_what_means_the_same() {
    for posts in [bakery(), many()] {
        let (model, _) = fit(&posts, 4);
        let asked = [X, Y, Z].map(|vector| model.view().scores(&post(vector, vector, &[]).0));
        for (tag, scores) in asked.iter().enumerate() {
            assert_eq!((best(&scores.text_name), best(&scores.title_name)), (tag, tag));
            for (other, others) in asked.iter().enumerate().filter(|&(other, _)| other != tag) {
                assert!(scores.linear[tag] > others.linear[tag], "{tag} and {other}");
                assert!(scores.nearest_best[tag] > others.nearest_best[tag]);
                assert!(scores.centroid[tag] > others.centroid[tag]);
            }
            // No post has it.
            let unused = [scores.linear[3], scores.nearest[3], scores.centroid[3]];
            assert_eq!(unused, [0.0; 3]);
            assert_eq!(scores.cosines.len(), posts.len());
        }
    }
}

#[test]
fn names_are_enough_where_there_are_no_posts() {
    for posts in [vec![], vec![post(Y, Y, &[1])]] {
        let (model, loo) = fit(&posts, 3);
        let (asked, _) = post(XY, Z, &[]);
        let scores = model.view().scores(&asked);
        assert!((scores.text_name[0] - 0.6).abs() < 0.01 && scores.text_name[2] == 0.0);
        assert!((scores.title_name[2] - 1.0).abs() < 0.01 && scores.title_name[0] == 0.0);
        assert_eq!(scores.linear, [0.0; 3]);
        assert_eq!((scores.cosines.len(), model.view().hashtags()), (posts.len(), 3));
        assert_eq!(loo.scores(posts.len()), None);
    }
    // One post alone knows its own name, and nobody else votes.
    let (_, loo) = fit(&[post(Y, Y, &[1])], 3);
    let alone = loo.scores(0).unwrap();
    assert!((alone.text_name[1] - 1.0).abs() < 0.01);
    assert_eq!((alone.linear, alone.nearest), (vec![0.0; 3], vec![0.0; 3]));
    assert_eq!((alone.centroid, alone.nearest_max), (vec![0.0; 3], 0.0));
    let (nothing, _) = MeaningModel::fit(&[], (&[], 0), &MeaningParams::default(), &[], 1).unwrap();
    assert!(numbers(&nothing.view().scores(&[]), 0) == [0.0]);
}

#[test]
fn vectors_and_hashtags_that_do_not_fit_are_refused() {
    let fit = |posts: &[MeaningInput<'_>], names: &[f32], hashtags, params: &MeaningParams| {
        MeaningModel::fit(posts, (names, hashtags), params, &[], 1).err().unwrap()
    };
    let params = MeaningParams::default();
    let posts = bakery();
    let mut given = inputs(&posts);
    let short = [1.0; 2 * DIM - 1];
    given[2].vector = &short;
    let error = fit(&given, &names(3), 3, &params);
    assert!(matches!(error, CandidatesError::PostVector { found: 5, expected: 6 }), "{error}");
    let error = fit(&given, &[], 0, &params);
    assert!(matches!(error, CandidatesError::PostVector { found: 5, expected: 6 }), "{error}");
    // Floats that are not as many for each hashtag, though they would do for four.
    for (names, hashtags) in [(names(3)[..8].to_vec(), 3), (vec![0.0; 2], 3), (vec![1.0], 0)] {
        let error = fit(&[], &names, hashtags, &params);
        let found = names.len();
        assert!(
            matches!(error, CandidatesError::NameVectors { found: f, hashtags: h } if (f, h) == (found, hashtags)),
            "{error}"
        );
    }
    let error = fit(&inputs(&posts), &names(2), 2, &params);
    assert!(
        matches!(error, CandidatesError::Hashtag { post: 3, hashtag: 2, hashtags: 2 }),
        "{error}"
    );
    let error = fit(&inputs(&posts), &names(3), 3, &params.with_neighbors(0));
    assert!(matches!(error, CandidatesError::Parameter { name: "meaning.neighbors", .. }));
}

#[test]
fn a_vector_of_zeros_says_nothing() {
    let mut posts = bakery();
    posts.push(post([0.0; DIM], [0.0; DIM], &[0]));
    let (model, loo) = fit(&posts, 3);
    let (asked, _) = post([0.0; DIM], [0.0; DIM], &[]);
    let scores = model.view().scores(&asked);
    assert_eq!(scores.cosines, [0.0; 5]);
    assert_eq!((&scores.text_name, &scores.title_name), (&vec![0.0; 3], &vec![0.0; 3]));
    // Every post is as far away: the most used wins.
    assert_eq!(best(&scores.nearest), 0);
    assert!(are_finite(&scores, 3) && are_finite(&loo.scores(4).unwrap(), 3));
    let (_, of_none) = fit(&[post([0.0; DIM], [0.0; DIM], &[0]), posts[4].clone()], 2);
    assert!(are_finite(&of_none.scores(1).unwrap(), 2));
}

#[test]
fn what_is_not_a_number_counts_as_zero() {
    for posts in [bakery(), many()] {
        let (model, _) = fit(&posts, 3);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let ((asked, _), (zero, _)) =
                (post([bad, 0.6, 0.8], Y, &[]), post([0.0, 0.6, 0.8], Y, &[]));
            assert_eq!(model.view().scores(&asked), model.view().scores(&zero), "{bad}");
            // Nor do such vectors spoil those of the others.
            let (mut damaged, mut cut) = (posts.clone(), posts.clone());
            damaged[1].0[0] = bad;
            cut[1].0[0] = 0.0;
            let ((damaged, loo), (cut, _)) = (fit(&damaged, 3), fit(&cut, 3));
            assert_eq!(damaged, cut);
            assert!(are_finite(&loo.scores(1).unwrap(), 3));
        }
    }
}

#[test]
fn a_vector_of_another_length_says_nothing() {
    for posts in [bakery(), many(), vec![]] {
        let (model, _) = fit(&posts, 3);
        let nothing = model.view().scores(&[0.0; 2 * DIM]);
        for wrong in [&[][..], &[1.0; 2 * DIM - 1], &[1.0; 2 * DIM + 2], &[1.0; DIM]] {
            assert_eq!(model.view().scores(wrong), nothing, "{} floats", wrong.len());
        }
    }
}

fn store() -> (Vec<u8>, Vec<(CommunityId, MeaningModel)>) {
    // Weights for posts, for features, and none.
    let models = [(9, bakery(), 4), (1, vec![], 2), (4, many(), 3), (7, bakery()[..1].to_vec(), 1)];
    let models = models.map(|(id, posts, hashtags)| (CommunityId(id), fit(&posts, hashtags).0));
    let mut builder = MeaningStoreBuilder::new(DIM, &MeaningParams::default());
    for (id, model) in &models {
        builder.add(*id, model.clone()).unwrap();
    }
    (builder.write().unwrap(), models.to_vec())
}

#[test]
fn a_store_answers_as_its_models_do_and_gives_them_back() {
    let (bytes, models) = store();
    assert_eq!(store().0, bytes, "the same posts give the same bytes");
    let store = MeaningStore::read(bytes.clone().into()).unwrap();
    assert_eq!(store.dim(), DIM);
    let (asked, _) = post(XY, Z, &[]);
    let mut again = MeaningStoreBuilder::new(DIM, &MeaningParams::default());
    for (id, model) in models {
        let view = store.community(id).unwrap();
        assert_eq!(view.scores(&asked), model.view().scores(&asked));
        assert_eq!(view.hashtags(), model.view().hashtags());
        let copy = store.model(id).unwrap();
        assert_eq!(copy, model);
        again.add(id, copy).unwrap();
    }
    assert_eq!(again.write().unwrap(), bytes);
    assert!(store.community(CommunityId(2)).is_none() && store.model(CommunityId(2)).is_none());
    let twice = again.add(CommunityId(4), fit(&[], 1).0).unwrap_err();
    assert!(matches!(twice, CandidatesError::Twice { community: CommunityId(4) }));
}

#[test]
fn a_model_of_another_encoder_makes_no_store() {
    for dim in [0, 1, 2, 4, 6, usize::MAX] {
        let mut builder = MeaningStoreBuilder::new(dim, &MeaningParams::default());
        builder.add(CommunityId(0), fit(&bakery(), 3).0).unwrap();
        let error = MeaningStore::read(builder.write().unwrap().into()).err().unwrap();
        assert!(matches!(error, CandidatesError::Storage { .. }), "{error}");
    }
    let bad = MeaningParams::default().with_penalty(0.0);
    let bytes = MeaningStoreBuilder::new(DIM, &bad).write().unwrap();
    let error = MeaningStore::read(bytes.into()).err().unwrap();
    assert!(matches!(error, CandidatesError::Parameter { name: "meaning.penalty", .. }), "{error}");
}

/// Asks every community; only its own hashtags and finite scores may come back.
fn use_store(bytes: Vec<u8>) {
    let Ok(store) = MeaningStore::read(bytes.into()) else { return };
    for id in (0..10).map(CommunityId) {
        let (Some(view), Some(model)) = (store.community(id), store.model(id)) else { continue };
        for asked in [post(XY, Z, &[]).0, post(X, [-1.0, 0.0, 0.0], &[]).0] {
            let scores = view.scores(&asked);
            assert!(are_finite(&scores, view.hashtags()), "{scores:?}");
            assert_eq!(model.view().scores(&asked), scores);
        }
    }
}

#[test]
fn every_truncation_and_every_flipped_byte_is_harmless() {
    let (whole, _) = store();
    for len in 0..whole.len() {
        assert!(MeaningStore::read(whole[..len].to_vec().into()).is_err(), "cut at {len}");
    }
    for at in 0..whole.len() {
        for mask in [0xff, 0x40, 0x01] {
            let mut bytes = whole.clone();
            bytes[at] ^= mask;
            use_store(bytes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_posts_can_be_fitted_and_asked(
        posts in prop::collection::vec(
            (prop::array::uniform6(-1.0f32..1.0), prop::collection::vec(0u32..4, 0..3)), 0..12,
        ),
        odd in prop::collection::vec((any::<prop::sample::Index>(), any::<f32>()), 0..4),
        asked in prop::collection::vec(any::<f32>(), 0..9),
        at in any::<prop::sample::Index>(), mask in 1u8..,
    ) {
        let mut posts: Vec<Post> = posts
            .into_iter()
            .map(|(vector, gold)| (vector, gold.into_iter().map(HashtagId).collect()))
            .collect();
        // Numbers that no encoder should give.
        for (place, value) in odd {
            if posts.is_empty() { continue }
            let place = place.index(posts.len() * 2 * DIM);
            posts[place / (2 * DIM)].0[place % (2 * DIM)] = value;
        }
        let (names, params) = (names(4), MeaningParams::default());
        let every: Vec<u32> = (0..posts.len() as u32).collect();
        let Ok((model, loo)) = MeaningModel::fit(&inputs(&posts), (&names, 4), &params, &every, 1)
        else {
            // Only sums that overflow have no solution.
            prop_assert!(posts.iter().flat_map(|post| post.0).any(|value| value.abs() > 1e3));
            return Ok(());
        };
        prop_assert!(are_finite(&model.view().scores(&asked), 4));
        for (number, (vector, _)) in posts.iter().enumerate() {
            prop_assert!(are_finite(&model.view().scores(vector), 4));
            let scores = loo.scores(number).unwrap();
            prop_assert!(are_finite(&scores, 4));
            // Shares of the votes for a hashtag: no more than all of them.
            prop_assert!(scores.nearest.iter().all(|share| (0.0..=1.0001).contains(share)));
            prop_assert!(scores.nearest_best.iter().all(|best| *best <= scores.nearest_max));
        }
        let mut builder = MeaningStoreBuilder::new(DIM, &params);
        builder.add(CommunityId(0), model).unwrap();
        let mut bytes = builder.write().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= mask;
        use_store(bytes);
    }
}
