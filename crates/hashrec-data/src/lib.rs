#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

#[cfg(feature = "corpus")]
mod corpus;
mod duplicates;
mod error;
#[cfg(feature = "serde")]
mod form;
mod ids;
mod names;
#[cfg(feature = "serde")]
mod nothing;
#[cfg(feature = "serde")]
mod number;
mod post;
#[cfg(feature = "corpus")]
mod read;
mod space;
#[cfg(feature = "corpus")]
mod split;
#[cfg(feature = "serde")]
mod time;
#[cfg(feature = "corpus")]
mod write;

#[cfg(feature = "corpus")]
pub use corpus::{Corpus, CorpusParams, CorpusReport, Dropped};
pub use duplicates::Duplicates;
pub use error::{ColumnProblem, DataError, Place, PostProblem};
pub use hashrec_storage::{Bytes, StorageError};
pub use ids::{CommunityId, HashtagId};
pub use names::{
    LongVowels, NameFolding, fold_hashtag, long_vowels, normalize_community, normalize_hashtag,
};
pub use post::Post;
#[cfg(feature = "corpus")]
pub use read::{CsvParams, Format, LineProblem, PostReader, ReadParams, ReadReport};
pub use space::{CommunitySpace, HashtagSpace, HashtagSpaceBuilder, MergedHashtag};
#[cfg(feature = "corpus")]
pub use split::{HashSplit, Split, SplitReport, TimeSplit, fold_of};
#[cfg(feature = "corpus")]
pub use write::{PostWriter, WriteParams, write_posts};
