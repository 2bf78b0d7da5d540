//! What is read from a post, whatever the community.

pub(crate) mod analysis;
pub(crate) mod compact;
pub(crate) mod grams;
pub(crate) mod rarity;
pub(crate) mod searched;
pub(crate) mod stem;
pub(crate) mod stemmed;
pub(crate) mod view;
pub(crate) mod words;
