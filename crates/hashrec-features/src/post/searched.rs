//! What hashtags are searched for in.

use super::{
    compact::{Compact, SEARCHED_CHARS},
    stemmed::Stemmed,
    view::{PostView, title},
};

/// A post as it is searched for hashtags: its stems, and its letters and digits.
#[derive(Clone, Debug)]
pub struct Searched {
    pub(crate) words: Stemmed,
    /// The letters and digits of the title, then of the body.
    pub(crate) compact: Compact,
    /// How many bytes of the compact text belong to the title.
    pub(crate) compact_title: usize,
}

impl Searched {
    /// Reads a post, in time linear in its length and bounded: its first 800 tokens and 3,000
    /// characters.
    pub fn new(post: &PostView<'_>) -> Self {
        let mut compact = Compact::default();
        let title = title(post.text);
        let read = compact.extend(title, SEARCHED_CHARS);
        let compact_title = compact.len();
        compact.extend(post.text.get(title.len()..).unwrap_or_default(), SEARCHED_CHARS - read);
        Self { words: Stemmed::new(post), compact, compact_title }
    }
}
