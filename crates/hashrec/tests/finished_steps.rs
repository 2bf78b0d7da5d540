//! Saved steps: the same bundle with and without them, stopped or not.
#![cfg(all(feature = "train", feature = "net"))]
#![allow(clippy::print_stderr, reason = "the figures of the long run")]

mod common;

use std::{
    env, fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

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

/// The files that hold finished steps, by step.
fn steps(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn steps_of_another_run_under_this_name_are_not_used() {
    let config = common::config(System::LightGbmMultiLabel);
    let [mine, theirs] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (expected, _) = train(config.clone(), Some(mine.path()));
    train(config.clone().with_seed(9), Some(theirs.path()));
    let (mine_steps, their_steps) = (steps(mine.path()), steps(theirs.path()));
    assert_eq!(mine_steps.len(), their_steps.len());
    for (mine, theirs) in mine_steps.iter().zip(&their_steps) {
        fs::copy(theirs, mine).unwrap();
    }
    let (found, stages) = train(config, Some(mine.path()));
    assert_eq!(found, expected);
    assert!(stages.contains(&Stage::Floret) && stages.contains(&Stage::Classifier));
}

/// The variable that makes a child process of this program: `STEPS BUNDLE`.
const CHILD: &str = "HASHREC_TEST_TRAINER";

#[test]
#[ignore = "is what the other tests start as a process"]
fn child() {
    let Ok(line) = env::var(CHILD) else { return };
    let (steps, bundle) = line.split_once(' ').unwrap();
    let trainer = Trainer::new(common::config(System::HashrecMultiLabel)).unwrap();
    let trainer = trainer.with_finished_steps(steps);
    trainer.train(&common::posts(24)).unwrap().0.save(bundle).unwrap();
}

/// Kills trainings until so many were hit; each that gets to its end must give the bundle of one
/// that was left alone.
fn killed(kills: u32) {
    let dir = tempfile::tempdir().unwrap();
    let (expected, bundle) = (dir.path().join("expected"), dir.path().join("bundle"));
    common::train(System::HashrecMultiLabel, 24).save(&expected).unwrap();
    let run = |steps: &Path, limit: Duration| {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--ignored", "--exact", "child"])
            .env(CHILD, format!("{} {}", steps.display(), bundle.display()))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while start.elapsed() < limit && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        // It may have ended of itself between the last look and the kill.
        let status = child.wait().unwrap();
        assert!(status.success() || status.code().is_none(), "{status}");
        !status.success()
    };
    let start = Instant::now();
    assert!(!run(&dir.path().join("alone"), Duration::MAX));
    let whole = start.elapsed();
    let (mut hits, mut ends) = (0, 0);
    for round in 0.. {
        let steps = dir.path().join(format!("steps-{round}"));
        let mut attempt = 0;
        // Moments that differ from kill to kill; at last it is left alone.
        while run(&steps, if attempt < 8 { whole * (hits * 37 % 100) / 100 } else { Duration::MAX })
        {
            (hits, attempt) = (hits + 1, attempt + 1);
        }
        ends += 1;
        let content = |folder: &Path| -> Vec<_> {
            self::steps(folder).iter().map(|file| fs::read(file).unwrap()).collect()
        };
        assert!(content(&bundle) == content(&expected), "after {attempt} kills");
        assert!(self::steps(&steps).iter().all(|path| path.extension().unwrap() == "step"));
        if hits >= kills {
            break;
        }
    }
    eprintln!("{hits} kills of {ends} trainings, {whole:?} each");
}

#[test]
fn a_killed_training_goes_on_to_the_same_bundle() {
    killed(6);
}

#[test]
#[ignore = "takes minutes"]
fn a_training_killed_a_hundred_times_goes_on_to_the_same_bundle() {
    killed(100);
}
