//! What both targets start from: the bundles, and the input as numbers.
#![allow(dead_code)] // Each target uses some of it.

use std::path::{Path, PathBuf};

/// The bundles that the test `hostile` made.
pub fn folders() -> Vec<PathBuf> {
    let bundles = Path::new(env!("CARGO_MANIFEST_DIR")).join("bundles");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&bundles)
        .unwrap_or_else(|error| panic!("{}: {error}; see the target's head", bundles.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

/// The input, eight bytes or fewer at a time; zeros after its end.
pub fn numbers(input: &[u8]) -> impl FnMut() -> u64 {
    let mut rest = input;
    move || {
        // Small numbers cost one byte: most choices are between few.
        let (&first, left) = rest.split_first().unwrap_or((&0, &[]));
        rest = left;
        if first < 0xF0 {
            return first.into();
        }
        let (taken, left) = rest.split_at(rest.len().min(8));
        rest = left;
        taken.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte))
    }
}
