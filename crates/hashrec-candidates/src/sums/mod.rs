//! What common features add to the scores of the linear classifiers, summed up ahead.
//!
//! The score of a hashtag is Σ α_i k_i over the posts i, and the similarity k_i to a post is a sum
//! over the features that the asked post has: k_i = Σ w_f x_if. In a large community nearly every
//! post is a little similar to any other, because some features are everywhere, and going through
//! all posts for all hashtags is most of the work. But Σ w_f (Σ α_i x_if) is the same number, and
//! the inner sums, a row of one number per hashtag for each feature, don't depend on the asked
//! post. They are kept for features of many posts; the others lead to few posts, which are added
//! one by one.
//!
//! In the second classifier a similarity also counts by the nearness e_i(t) = exp(−|t − t_i|/s) of
//! the asked post's time t. For all posts i outside of the time between two moments u and v, and
//! any t between them, e_i(t) = a e_i(u) + b e_i(v) with the same a and b. So there are sums for
//! e_i at a few moments, the knots, and only posts between the two knots around t are added one by
//! one. A post newer than all others is after the last knot, where nothing is left to add.

mod knots;
mod view;

#[cfg(feature = "train")]
mod fit;

#[cfg(feature = "train")]
pub(crate) use fit::{Summing, sum_up};
pub(crate) use knots::Between;
pub(crate) use view::{Sums, SumsView};
