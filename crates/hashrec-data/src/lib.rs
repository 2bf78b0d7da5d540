#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod corpus;
mod error;
mod ids;
mod post;
mod read;
mod space;
mod split;
mod time;
mod write;

pub use corpus::{Corpus, CorpusParams, CorpusReport, Dropped, Duplicates};
pub use error::{ColumnProblem, DataError, PostProblem};
pub use hashrec_storage::{Bytes, StorageError};
pub use ids::{CommunityId, HashtagId};
pub use post::{Post, normalize_hashtag};
pub use read::{CsvParams, Format, LineProblem, PostReader, ReadParams, ReadReport};
pub use space::{CommunitySpace, HashtagSpace, HashtagSpaceBuilder};
pub use split::{HashSplit, Split, SplitReport, TimeSplit, fold_of};
pub use write::{PostWriter, WriteParams, write_posts};
