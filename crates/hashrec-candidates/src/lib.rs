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
mod index;
mod linear;
#[cfg(feature = "train")]
mod loo;
mod model;
mod nearest;
mod params;
mod recent;
mod scores;
mod sections;
mod simple;
mod store;

pub use candidate::{Candidate, Source};
pub use community::{CommunityModel, CommunityView};
pub use error::CandidatesError;
pub use features::{FeatureExtractor, PostFeatures};
#[cfg(feature = "train")]
pub use fit::{CommunityFit, PostInput};
pub use index::Scratch;
#[cfg(feature = "train")]
pub use loo::Loo;
pub use params::{CandidateParams, LinearParams, NearestParams, RecencyParams, SimpleParams};
pub use scores::Scores;
pub use simple::{SimpleStore, SimpleStoreBuilder, SimpleView, TagInput, fuse};
pub use store::{CandidateStore, CandidateStoreBuilder};
