//! Bundles of every format version ever released load and answer as they did.
#![cfg(feature = "train")]

mod common;

use std::{fs, path::PathBuf};

use hashrec::{Recommendation, Recommender, System};

/// The oldest version there is, and all since.
const VERSIONS: [u32; 1] = [1];

fn folder(version: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/frozen/v{version}"))
}

fn answers(recommender: &Recommender) -> Vec<Vec<Recommendation>> {
    common::posts(8)
        .iter()
        .map(|post| recommender.recommend(&post.community, &post.text, 5).unwrap())
        .collect()
}

#[test]
fn frozen_bundles_answer_as_they_did() {
    for version in VERSIONS {
        let recommender = Recommender::load(folder(version).join("bundle")).unwrap();
        assert_eq!(recommender.manifest().format_version, version);
        let expected = fs::read_to_string(folder(version).join("answers.json")).unwrap();
        let expected: Vec<Vec<Recommendation>> = serde_json::from_str(&expected).unwrap();
        let found = answers(&recommender);
        let lengths = |answers: &[Vec<Recommendation>]| -> Vec<usize> {
            answers.iter().map(Vec::len).collect()
        };
        assert_eq!(lengths(&found), lengths(&expected));
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert_eq!((&found.hashtag, &found.sources), (&expected.hashtag, &expected.sources));
            assert!((found.score - expected.score).abs() < 1e-5, "{found:?} {expected:?}");
        }
    }
}

/// Run once when the format version grows, and commit what it writes; never again for that
/// version: `cargo test -p hashrec --features train --test frozen -- --ignored`.
#[test]
#[ignore = "writes the fixture of the newest version"]
fn freeze() {
    let folder = folder(hashrec::FORMAT_VERSION);
    let recommender = common::train(System::Hashrec, 24);
    recommender.save(folder.join("bundle")).unwrap();
    let answers = serde_json::to_string_pretty(&answers(&recommender)).unwrap();
    fs::write(folder.join("answers.json"), answers + "\n").unwrap();
}
