//! Scores the hashtags of a community for a post, for many communities with one neural net.
//!
//! One encoder reads the posts of all communities. Each community has its own output layer over its
//! own closed set of hashtags, so no post can be given another community's hashtag:
//!
//! ```text
//! words ─ embedding ─ BiLSTM ─┬─ self-attention ─(+)─ layer norm ─ mean ⊕ maximum ─┐
//!                             └───────────────────┘                                ├─ output layer
//! community ─ embedding ───────────────────────────────────────────────────────────┘  of the community
//! ```
//!
//! The tokens of a batch are packed, not padded, so a post has the same scores alone and in any
//! batch. Labels are padded to the widest community of the batch; the loss (masked binary
//! cross-entropy, or another [`Loss`]) ignores the padding.
//!
//! Training needs the feature `train`: the net is written in candle and runs on the CPU or, with
//! the feature `cuda` or `metal`, on a GPU ([`TrainingDevice`]). Serving is pure Rust without
//! candle and reads the weights from the mapped file.
//!
//! # Example
//!
#![cfg_attr(feature = "train", doc = "```")]
#![cfg_attr(not(feature = "train"), doc = "```ignore")]
//! use std::ops::ControlFlow;
//! use hashrec_classifier::{Classifier, ClassifierParams, ClassifierPost};
//! use hashrec_data::{CommunityId, HashtagId};
//!
//! // Two communities: pets (0) has the hashtags 0 = cats and 1 = dogs, food (1) has 0 = recipes.
//! let (cats, dogs, recipes) = ([HashtagId(0)], [HashtagId(1)], [HashtagId(0)]);
//! let mut posts = Vec::new();
//! for _ in 0..20 {
//!     let mut add = |words: &[&'static str], community, gold| {
//!         posts.push(ClassifierPost { words: words.to_vec(), community: CommunityId(community), gold });
//!     };
//!     add(&["my", "cat", "sleeps"], 0, &cats[..]);
//!     add(&["walking", "the", "dog"], 0, &dogs[..]);
//!     add(&["soup", "in", "ten", "minutes"], 1, &recipes[..]);
//! }
//! let params = ClassifierParams::default()
//!     .with_embedding_dim(16)
//!     .with_hidden(8)
//!     .with_epochs(30)
//!     .with_validation(0.0);
//! let classifier = Classifier::train(&posts, &[2, 1], None, &params, &mut |progress| {
//!     assert!(progress.loss.is_finite());
//!     ControlFlow::Continue(())
//! })?;
//!
//! let scores = classifier.logits(CommunityId(0), ["the", "cat"])?;
//! assert_eq!(scores.len(), 2);
//! assert!(scores[0] > scores[1]);
//!
//! let bytes = classifier.write()?;
//! let again = Classifier::read(bytes.into())?;
//! assert_eq!(again.logits(CommunityId(0), ["the", "cat"])?, scores);
//! # Ok::<(), hashrec_classifier::ClassifierError>(())
//! ```

#![deny(missing_docs)]
#![deny(unsafe_code)]

mod classifier;
mod device;
mod encoder;
mod error;
mod kernels;
mod loss;
mod params;
mod part;
mod sequences;
#[cfg(feature = "train")]
mod train;
mod vocabulary;
mod weights;

pub use classifier::{Classifier, ClassifierSummary};
pub use device::TrainingDevice;
pub use error::ClassifierError;
pub use loss::Loss;
pub use params::ClassifierParams;
#[cfg(feature = "train")]
pub use train::{ClassifierPost, ClassifierProgress, OnProgress, TrainingSession, WordVectors};

#[cfg(all(doctest, feature = "train"))]
#[doc = include_str!("../README.md")]
struct Readme;
