//! Bundles whose hashes fit wrong contents: refused with an error, or answers all the same.
#![cfg(all(feature = "train", feature = "net"))]

mod common;
#[path = "common/mutate.rs"]
mod mutate;

use std::path::Path;

use hashrec::{BundleError, NewCommunity, Recommender, Request, System};
use mutate::{Bundle, ask, numbers};
use rayon::prelude::*;

/// Changes to the bundle of each system.
const CHANGES: u64 = 300;

#[test]
fn every_system_refuses_wrong_contents_or_answers() {
    let dir = tempfile::tempdir().unwrap();
    System::ALL.par_iter().for_each(|&system| {
        let whole = dir.path().join(format!("{system:?}"));
        // With a segment, where the system can have any.
        let trained = common::train(system, 24);
        let community = NewCommunity::new("tea", ["green", "black"]);
        trained.with_community(&community).unwrap_or(trained).save(&whole).unwrap();
        let bundle = Bundle::read(&whole);
        let copy = dir.path().join(format!("{system:?}-again"));
        bundle.write(&copy);
        let answers = |folder: &Path| {
            let posts = common::posts(4).into_iter();
            let requests: Vec<Request> = posts.map(|p| Request::new(p.community, p.text)).collect();
            let recommender = Recommender::load(folder).unwrap();
            requests.iter().map(|r| recommender.recommend_for(r).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(answers(&copy), answers(&whole));
        ask(&Recommender::load(&copy).unwrap(), &mut numbers(0));
        let mut answered = 0;
        for change in 0..CHANGES {
            let mut source = numbers(change << 8 | system as u64);
            bundle.changed(&mut source).write(&copy);
            if let Ok(recommender) = Recommender::load(&copy) {
                ask(&recommender, &mut source);
                answered += 1;
            }
        }
        assert!(answered > CHANGES / 20 && answered < CHANGES, "{system:?}: {answered} answered");
    });
}

#[test]
fn a_configuration_out_of_range_is_named() {
    let dir = tempfile::tempdir().unwrap();
    common::train(System::Linear, 11).save(dir.path().join("whole")).unwrap();
    let mut bundle = Bundle::read(&dir.path().join("whole"));
    bundle.manifest["config"]["threads"] = 5_000.into();
    let copy = dir.path().join("copy");
    bundle.write(&copy);
    match Recommender::load(&copy).unwrap_err() {
        BundleError::Config { source, .. } => assert!(source.to_string().contains("threads")),
        other => panic!("{other}"),
    }
}

/// `cargo test -p hashrec --features net,train --test hostile -- --ignored`
#[test]
#[ignore = "writes the bundles that the fuzz targets start from"]
fn bundles_for_the_fuzz_targets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/bundles");
    for system in System::ALL {
        let name = format!("{system:?}");
        let trained = common::train(system, 12);
        let community = NewCommunity::new("tea", ["green", "black"]);
        trained.with_community(&community).unwrap_or(trained).save(folder.join(name)).unwrap();
    }
}
