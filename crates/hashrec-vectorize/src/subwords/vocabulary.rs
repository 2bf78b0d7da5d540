//! The pieces that words are cut into.

use super::trie::Trie;

/// The pieces of a model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vocabulary<'a> {
    /// From a piece's text to its token.
    pub(super) trie: Trie<'a>,
    /// How likely each token is; empty for models that don't ask.
    pub(super) scores: &'a [f64],
    /// The token of what no piece spells.
    pub(super) unknown: u32,
}
