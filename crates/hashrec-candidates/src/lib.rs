#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod bf16;
mod candidate;
mod community;
mod error;
mod features;
#[cfg(feature = "train")]
mod fit;
mod gold;
mod index;
#[cfg(feature = "train")]
mod kernels;
mod linear;
#[cfg(feature = "train")]
mod loo;
mod meaning;
mod model;
mod nearest;
mod nearness;
mod packed;
mod params;
#[cfg(feature = "train")]
mod post;
mod recent;
mod scores;
#[cfg(feature = "train")]
mod share;
mod simd;
mod simple;
mod store;
mod sums;

pub use candidate::{Candidate, Source};
pub use community::{CommunityModel, CommunityView};
pub use error::CandidatesError;
pub use features::{FeatureExtractor, PostFeatures};
pub use index::Scratch;
#[cfg(feature = "train")]
pub use loo::Loo;
#[cfg(feature = "train")]
pub use meaning::{MeaningInput, MeaningLoo};
pub use meaning::{
    MeaningModel, MeaningParams, MeaningScores, MeaningStore, MeaningStoreBuilder, MeaningView,
};
pub use packed::PackedModel;
pub use params::{
    CandidateParams, LinearParams, MixtureParams, NearestParams, RecencyParams, SimpleParams,
};
#[cfg(feature = "train")]
pub use post::PostInput;
pub use scores::IndexScores;
pub use simple::{SimpleStore, SimpleStoreBuilder, SimpleView, TagInput, fuse};
pub use store::{CandidateStore, CandidateStoreBuilder};
