//! Bundles of every system, with right hashes and wrong contents, are refused or answer.
//!
//! The input chooses a system and the changes. The bundles lie in `bundles`, which the test `hostile`
//! makes: `cargo test -p hashrec --features net,train --test hostile -- --ignored`.
#![no_main]

#[path = "../../tests/common/mutate.rs"]
mod mutate;
mod started;

use std::sync::LazyLock;

use hashrec::Recommender;
use libfuzzer_sys::fuzz_target;
use mutate::{Bundle, ask};

static BUNDLES: LazyLock<Vec<Bundle>> =
    LazyLock::new(|| started::folders().iter().map(|folder| Bundle::read(folder)).collect());
static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

fuzz_target!(|input: &[u8]| {
    let mut source = started::numbers(input);
    let bundle = &BUNDLES[source() as usize % BUNDLES.len()];
    bundle.changed(&mut source).write(FOLDER.path());
    if let Ok(recommender) = Recommender::load(FOLDER.path()) {
        ask(&recommender, &mut source);
    }
});
