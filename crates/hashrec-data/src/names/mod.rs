//! When two names are the same: one folding for every way in.

mod fold;
mod long_vowels;
mod marks;
mod trim;

pub use fold::{NameFolding, fold_hashtag};
pub use long_vowels::{LongVowels, long_vowels};
pub(crate) use trim::trim;
pub use trim::{normalize_community, normalize_hashtag};
