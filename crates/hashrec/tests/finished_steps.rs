//! Saved steps: the same bundle with and without them, stopped or not.
#![cfg(all(feature = "train", feature = "net"))]

mod common;

use std::{fs, ops::ControlFlow, path::Path};

use hashrec::{Config, Detail, Manifest, Stage, System, TrainError, Trainer, VectorKind};

fn train(config: Config, steps: Option<&Path>) -> (Manifest, Vec<Stage>) {
    let mut stages = Vec::new();
    let mut trainer = Trainer::new(config).unwrap();
    if let Some(steps) = steps {
        trainer = trainer.with_finished_steps(steps);
    }
    let (recommender, _) = trainer
        .with_progress(|progress| {
            stages.push(progress.stage);
            ControlFlow::Continue(())
        })
        .train(&common::posts(24))
        .unwrap();
    (recommender.manifest().clone(), stages)
}

fn svd(system: System) -> Config {
    let mut config = common::config(system);
    config.vectors.kind = VectorKind::TfIdfSvd;
    config.vectors.svd = config.vectors.svd.with_dim(8);
    config
}

#[test]
fn the_bundle_is_the_same_with_and_without_and_the_second_time() {
    for config in [
        common::config(System::LightGbmSimple),
        common::config(System::HashrecMultiLabel),
        common::config(System::Linear),
        svd(System::LightGbm),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (without, _) = train(config.clone(), None);
        let (first, _) = train(config.clone(), Some(folder.path()));
        let (second, stages) = train(config.clone(), Some(folder.path()));
        assert_eq!(without, first, "{:?}", config.system);
        assert_eq!(first, second, "{:?}", config.system);
        assert!(!stages.contains(&Stage::Floret) && !stages.contains(&Stage::Classifier));
    }
}

#[test]
fn systems_share_what_they_have_in_common() {
    let folder = tempfile::tempdir().unwrap();
    let (_, stages) = train(common::config(System::MultiLabel), Some(folder.path()));
    assert!(stages.contains(&Stage::Floret) && stages.contains(&Stage::Classifier));
    let (_, stages) = train(common::config(System::LightGbm), Some(folder.path()));
    assert!(!stages.contains(&Stage::Floret) && stages.contains(&Stage::Ranker));
    let (_, stages) = train(common::config(System::LightGbmMultiLabel), Some(folder.path()));
    assert_eq!(stages.last(), Some(&Stage::Tokens), "everything else was there");
    let (_, stages) =
        train(common::config(System::LightGbmMultiLabel).with_seed(9), Some(folder.path()));
    assert!(stages.contains(&Stage::Floret), "another seed shares nothing");
}

#[test]
fn a_stopped_net_goes_on_at_its_last_whole_epoch() {
    let config = common::config(System::MultiLabel);
    let (without, _) = train(config.clone(), None);
    let folder = tempfile::tempdir().unwrap();
    let error = Trainer::new(config.clone())
        .unwrap()
        .with_finished_steps(folder.path())
        .with_progress(|progress| match progress.detail {
            Detail::Classifier { epoch: 2, .. } => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
        .train(&common::posts(24))
        .unwrap_err();
    assert!(matches!(error, TrainError::Cancelled { stage: Stage::Classifier }), "{error}");
    let names = || {
        let entries = fs::read_dir(folder.path()).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    assert!(names().iter().any(|name| name.starts_with("unfinished-classifier-")));
    let mut epochs = Vec::new();
    let (recommender, _) = Trainer::new(config)
        .unwrap()
        .with_finished_steps(folder.path())
        .with_progress(|progress| {
            if let Detail::Classifier { epoch, .. } = progress.detail {
                epochs.push(epoch);
            }
            ControlFlow::Continue(())
        })
        .train(&common::posts(24))
        .unwrap();
    assert_eq!(*recommender.manifest(), without);
    assert!(!epochs.is_empty() && epochs.iter().all(|&epoch| epoch == 2), "{epochs:?}");
    assert!(!names().iter().any(|name| name.starts_with("unfinished-classifier-")));
}
