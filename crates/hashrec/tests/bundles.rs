//! Bundles: what is saved is what is loaded, and nothing else is.
#![cfg(all(feature = "train", feature = "net"))]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use hashrec::{BundleError, Recommender, System, Trainer};
use rayon::prelude::*;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in files(from) {
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

/// Every system: trained, saved, loaded, the same answers.
#[test]
fn every_system_survives_its_bundle() {
    let dir = tempfile::tempdir().unwrap();
    for system in System::ALL {
        let trained = common::train(system, 24);
        let folder = dir.path().join("bundle");
        trained.save(&folder).unwrap();
        let loaded = Recommender::load(&folder).unwrap();
        assert_eq!(loaded.manifest(), trained.manifest());
        for post in common::posts(8) {
            let expected = trained.recommend(&post.community, &post.text, 5).unwrap();
            let found = loaded.recommend(&post.community, &post.text, 5).unwrap();
            assert_eq!(found, expected, "{system:?}");
            assert_eq!(found.len(), 5, "{system:?}");
        }
    }
}

/// Same posts, configuration, seed and threads: the same bytes on disk.
#[test]
fn training_is_deterministic() {
    let dir = tempfile::tempdir().unwrap();
    for system in [System::Hashrec, System::HashrecMultiLabel, System::LightGbmSimple] {
        let folders = ["one", "two"].map(|name| dir.path().join(name));
        for folder in &folders {
            common::train(system, 24).save(folder).unwrap();
        }
        let [one, two] = folders.each_ref().map(|folder| files(folder).len());
        assert_eq!(one, two, "{system:?}");
        for (one, two) in files(&folders[0]).iter().zip(files(&folders[1])) {
            assert!(fs::read(one).unwrap() == fs::read(&two).unwrap(), "{system:?}: {one:?}");
        }
    }
}

/// Flips every byte of every file of a small bundle, and cuts every file at every length.
#[test]
fn every_flipped_byte_and_every_truncation_is_a_typed_error() {
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole");
    common::train(System::Linear, 11).save(&whole).unwrap();
    let total: u64 = files(&whole).iter().map(|f| fs::metadata(f).unwrap().len()).sum();
    assert!(total < 200_000, "{total} bytes are too many to flip them all");
    for file in files(&whole) {
        let bytes = fs::read(&file).unwrap();
        let name = file.file_name().unwrap();
        let chunk = bytes.len().div_ceil(8).max(1);
        (0..bytes.len()).collect::<Vec<_>>().par_chunks(chunk).enumerate().for_each(
            |(worker, positions)| {
                let folder = dir.path().join(format!("{}-{worker}", name.display()));
                copy(&whole, &folder);
                let damaged = folder.join(name);
                for &at in positions {
                    let mut changed = bytes.clone();
                    changed[at] ^= 1 << (at % 8);
                    fs::write(&damaged, &changed).unwrap();
                    let error = Recommender::load(&folder).expect_err("a byte was flipped");
                    assert!(
                        matches!(
                            error,
                            BundleError::Mismatch { .. } | BundleError::Manifest { .. }
                        ),
                        "{name:?}, byte {at}: {error}"
                    );
                    fs::write(&damaged, &bytes[..at]).unwrap();
                    assert!(Recommender::load(&folder).is_err(), "{name:?} cut at {at}");
                }
            },
        );
    }
}

#[test]
fn missing_and_foreign_parts_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    common::train(System::Hashrec, 24).save(&one).unwrap();
    let mut other = common::config(System::Hashrec);
    other.tokenizer.max_chars = 1_000;
    let (other, _) = Trainer::new(other).unwrap().train(&common::posts(28)).unwrap();
    other.save(&two).unwrap();
    for part in ["space", "tokenizer", "candidates", "features", "ranker"] {
        let folder = dir.path().join(format!("mixed-{part}"));
        copy(&one, &folder);
        let file = format!("{part}.part");
        fs::copy(two.join(&file), folder.join(&file)).unwrap();
        let error = Recommender::load(&folder).unwrap_err();
        assert!(matches!(error, BundleError::Mismatch { .. }), "{error}");
        assert!(error.to_string().contains(part), "{error}");
        fs::remove_file(folder.join(&file)).unwrap();
        let error = Recommender::load(&folder).unwrap_err();
        assert!(matches!(&error, BundleError::MissingPart { part: p, .. } if p == part), "{error}");
    }
    let nowhere = Recommender::load(dir.path().join("nowhere")).unwrap_err();
    assert!(matches!(nowhere, BundleError::NotABundle { .. }));
}

/// A save that fails leaves the bundle that was there, and nothing beside it.
#[test]
fn a_failed_save_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let recommender = common::train(System::Popular, 11);
    let file = dir.path().join("file");
    fs::write(&file, "not a folder").unwrap();
    assert!(recommender.save(file.join("bundle")).is_err());
    assert_eq!(fs::read_to_string(&file).unwrap(), "not a folder");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}
