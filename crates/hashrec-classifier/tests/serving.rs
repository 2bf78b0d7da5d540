//! Serving: scores alone and in company, and files that can't do harm.

#![cfg(feature = "train")]

mod common;

use common::{SPACES, classifier};
use hashrec_classifier::{Classifier, ClassifierError};
use hashrec_data::CommunityId;
use proptest::prelude::*;

/// Sums of f32 may be rounded differently in another batch; nothing else may differ.
const TOLERANCE: f32 = 1e-5;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_post_scores_the_same_alone_and_in_any_batch(
        posts in prop::collection::vec(
            (0u32..4, prop::collection::vec(0usize..7, 0..90)), 0..40,
        ),
    ) {
        let known = ["release", "新機能", "the", "c++", "never seen", "", "説明会"];
        let trained = trained();
        let words: Vec<Vec<&str>> = posts
            .iter()
            .map(|(_, words)| words.iter().map(|&i| known[i]).collect())
            .collect();
        let batch: Vec<(CommunityId, &[&str])> = posts
            .iter()
            .zip(&words)
            .map(|((community, _), words)| (CommunityId(*community), words.as_slice()))
            .collect();
        let together = trained.logits_batch(&batch).unwrap();
        prop_assert_eq!(together.len(), posts.len());
        for ((community, words), scores) in batch.iter().zip(&together) {
            let alone = trained.logits(*community, words.iter().copied()).unwrap();
            prop_assert_eq!(scores.len(), SPACES[community.index()]);
            prop_assert_eq!(scores.len(), alone.len());
            for (a, b) in alone.iter().zip(scores) {
                prop_assert!((a - b).abs() <= TOLERANCE * (1.0 + b.abs()), "{} {}", a, b);
            }
        }
    }
}

fn trained() -> &'static Classifier {
    static TRAINED: std::sync::LazyLock<Classifier> = std::sync::LazyLock::new(classifier);
    &TRAINED
}

#[test]
fn only_the_first_words_count_and_no_words_are_one_unknown_word() {
    let trained = trained();
    let long: Vec<&str> = (0..64).map(|i| ["bug", "camp"][i % 2]).collect();
    let longer: Vec<&str> = long.iter().copied().chain(["release"; 500]).collect();
    let of = |words: &[&str]| trained.logits(CommunityId(0), words.iter().copied()).unwrap();
    assert_eq!(of(&long), of(&longer));
    assert_eq!(of(&[]), of(&["word that nobody used"]));
    assert!(of(&[]).iter().all(|score| score.is_finite()));
}

#[test]
fn unknown_communities_are_an_error() {
    let trained = trained();
    assert_eq!(trained.communities(), 4);
    assert_eq!(trained.tags(CommunityId(2)), Some(1));
    for community in [CommunityId(4), CommunityId(u32::MAX)] {
        assert_eq!(trained.tags(community), None);
        let alone = trained.logits(community, ["bug"]).unwrap_err();
        assert!(matches!(alone, ClassifierError::UnknownCommunity { known: 4, .. }), "{alone}");
        let posts: [(CommunityId, &[&str]); 2] =
            [(CommunityId(0), &["bug"]), (community, &["bug"])];
        assert!(trained.logits_batch(&posts).is_err());
    }
    assert!(trained.logits_batch::<&str>(&[]).unwrap().is_empty());
}

#[test]
fn is_shared_between_threads() {
    let want = trained().logits(CommunityId(0), ["bug", "camp"]).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let scores = trained().logits(CommunityId(0), ["bug", "camp"]).unwrap();
                    assert_eq!(scores, want);
                }
            });
        }
    });
}

#[test]
fn a_part_round_trips() {
    let trained = trained();
    let bytes = trained.write().unwrap();
    let again = Classifier::read(bytes.clone().into()).unwrap();
    assert_eq!(again.write().unwrap(), bytes);
    assert_eq!(again.summary(), trained.summary());
    for community in 0..4 {
        let of = |c: &Classifier| c.logits(CommunityId(community), ["bug", "新機能"]).unwrap();
        assert_eq!(of(&again), of(trained));
    }
}

/// Reads and, where that succeeds, uses what was read.
fn read_and_use(bytes: Vec<u8>) -> Result<(), ClassifierError> {
    let read = Classifier::read(bytes.into())?;
    for community in 0..read.communities() as u32 {
        let scores = read.logits(CommunityId(community), ["bug", "新機能", "unseen"])?;
        assert_eq!(Some(scores.len()), read.tags(CommunityId(community)));
    }
    Ok(())
}

#[test]
fn damaged_parts_are_errors_or_still_score() {
    let corpus = common::Corpus::new(20);
    let params = common::params()
        .with_embedding_dim(2)
        .with_hidden(1)
        .with_heads(1)
        .with_community_dim(1)
        .with_epochs(1);
    let small =
        Classifier::train(&corpus.posts(), &SPACES, None, &params, &mut common::silent).unwrap();
    let whole = small.write().unwrap();
    read_and_use(whole.clone()).unwrap();
    for len in 0..whole.len() {
        assert!(read_and_use(whole[..len].to_vec()).is_err(), "cut at {len}");
    }
    for at in 0..whole.len() {
        for mask in [0xff, 0x80, 0x01] {
            let mut bytes = whole.clone();
            bytes[at] ^= mask;
            let _ = read_and_use(bytes);
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read_and_use(bytes).is_err());
    }
}
