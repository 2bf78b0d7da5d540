//! The linear classifier of one community: ridge regression on the posts' similarity, one output
//! per hashtag.
//!
//! Let K be the similarities of the n posts and Y their hashtags (n × hashtags, 1 or 0). The dual
//! weights are α = (K + 1 + λI)⁻¹ Y; adding 1 to the kernel gives each hashtag a bias. The score of a
//! post x is Σ α_i (k(x, i) + 1).

#[cfg(feature = "train")]
mod dense;
#[cfg(feature = "train")]
mod exact;
#[cfg(feature = "train")]
mod landmarks;
#[cfg(feature = "train")]
mod primal;
#[cfg(feature = "train")]
mod ridge;
#[cfg(feature = "train")]
#[cfg(test)]
mod tests;
mod view;

#[cfg(feature = "train")]
pub(crate) use exact::fit as fit_exactly;
#[cfg(feature = "train")]
pub(crate) use landmarks::fit as fit_through;
#[cfg(feature = "train")]
pub(crate) use primal::{Features, fit as fit_features};
#[cfg(feature = "train")]
pub(crate) use ridge::{Gram, Kernel, Reweigh, Ridge, RidgeInput};
pub(crate) use view::LinearView;
