//! A transformer as the vectors of the paper's systems, from its folder to the bundle and back.
#![cfg(all(feature = "train", feature = "encoder"))]

mod common;

use std::path::{Path, PathBuf};

use hashrec::{Config, Recommender, System, TrainError, Trainer, VectorKind};

/// A tiny model with random weights, which another crate's tests compare with Python's.
fn model() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    crates.join("hashrec-vectorize/tests/golden/transformer/bert")
}

fn config(system: System, kind: VectorKind) -> Config {
    let mut config = common::config(system);
    config.vectors.kind = kind;
    config.vectors.transformer.folder = Some(model());
    config
}

#[test]
fn both_forms_train_save_and_answer_the_same_after_loading() {
    for (system, kind) in [
        (System::LightGbm, VectorKind::TransformerSeparate),
        (System::LightGbm, VectorKind::TransformerUnified),
        (System::LightGbmSimple, VectorKind::TransformerSeparate),
    ] {
        let trainer = Trainer::new(config(system, kind)).unwrap();
        let (trained, _) = trainer.train(&common::posts(24)).unwrap();
        let vector = trained.text_vector("クッキーの型抜き").unwrap().unwrap();
        assert!(vector.iter().any(|&value| value != 0.0), "{kind:?}");
        assert!(trained.manifest().config.vectors.transformer.folder.is_none());

        let folder = tempfile::tempdir().unwrap();
        let bundle = folder.path().join("bundle");
        trained.save(&bundle).unwrap();
        let loaded = Recommender::load(&bundle).unwrap();
        assert_eq!(loaded.text_vector("クッキーの型抜き").unwrap().unwrap(), vector);
        let answer = |of: &Recommender| of.recommend("baking", "パンを焼きました", 5).unwrap();
        assert_eq!(answer(&loaded), answer(&trained));
        assert_eq!(answer(&loaded).len(), 5);
    }
}

#[test]
fn a_folder_that_is_missing_or_wrong_is_named() {
    let train = |folder: Option<PathBuf>| {
        let mut config = config(System::LightGbm, VectorKind::TransformerSeparate);
        config.vectors.transformer.folder = folder;
        Trainer::new(config).unwrap().train(&common::posts(24)).unwrap_err()
    };
    let error = train(None);
    assert!(matches!(error, TrainError::NoTransformer), "{error}");
    let empty = tempfile::tempdir().unwrap();
    let error = train(Some(empty.path().to_owned()));
    let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    assert!(cause.contains("config.json"), "{error}: {cause}");
}
