//! The part on disk.

use hashrec_data::CommunityId;

use super::rows::{POSTS, fit, fit_with};
use crate::{
    FEATURES, FeatureError, FeatureStore, GeneratorScores, RarityBuilder, ShortlistParams,
    tests::fixtures::{analyse, count, index},
};

fn store() -> FeatureStore {
    let mut rarity = RarityBuilder::default();
    POSTS.iter().for_each(|(_, text, _)| count(&mut rarity, text));
    let communities = vec![
        fit(POSTS).into_features(),
        fit_with(index(&[]), &[]).into_features(),
        fit_with(index(&["猫", "サーバー"]), &[("x", "サーバ", &[1])]).into_features(),
    ];
    FeatureStore::new(rarity.finish(), communities)
}

/// Reads a part and does everything with it that can be done.
fn use_it(bytes: Vec<u8>) -> Result<Vec<f32>, FeatureError> {
    let store = FeatureStore::read(bytes.into())?;
    let mut rows = Vec::new();
    for id in 0..store.len() as u32 {
        let Some(community) = store.community(CommunityId(id)) else { continue };
        let post = analyse("新機能のお知らせ\nNLP, JavaScript and サーバ");
        let scores = vec![0.5; community.hashtags()];
        let scores = GeneratorScores::default().with_linear(&scores);
        for created_at in [None, Some(86_400 * 3)] {
            let evidence = community.evidence(&post, created_at, &scores, &[])?;
            let params = ShortlistParams::default().with_whole_space(2);
            evidence.rows(&evidence.shortlist(&params), &mut rows);
        }
    }
    Ok(rows)
}

#[test]
fn round_trips_to_the_same_bytes_and_rows() {
    let bytes = store().write().unwrap();
    assert_eq!(bytes, store().write().unwrap());
    let read = FeatureStore::read(bytes.clone().into()).unwrap();
    assert_eq!(read, store());
    assert_eq!(read.write().unwrap(), bytes);
    assert_eq!((read.len(), read.rarity().posts()), (3, 4));
    assert!(read.community(CommunityId(3)).is_none());
    let rows = use_it(bytes).unwrap();
    assert!(!rows.is_empty() && rows.len().is_multiple_of(FEATURES.len()));
}

#[test]
fn an_empty_store_is_fine() {
    let bytes = FeatureStore::default().write().unwrap();
    assert!(FeatureStore::read(bytes.into()).unwrap().is_empty());
}

#[test]
fn every_truncation_is_an_error_and_no_flipped_byte_panics() {
    let whole = store().write().unwrap();
    for len in 0..whole.len() {
        assert!(use_it(whole[..len].to_vec()).is_err(), "cut at {len}");
    }
    for at in 0..whole.len() {
        for flip in [0x01, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            let _ = use_it(bytes);
        }
    }
}

#[test]
fn another_schema_is_named() {
    let bytes = store().write().unwrap();
    let text = b"\\\"schema\\\":1";
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    let mut bytes = bytes;
    bytes[at + text.len() - 1] = b'7';
    let read = FeatureStore::read(bytes.into());
    assert!(matches!(read, Err(FeatureError::Schema { found: 7, supported: 1 })));
}
